"""From a wish ("extend this by four bars") to a request: one way in, by window or command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from studio.ai.catalogue import ModelCard
from studio.ai.chord_text import chord_bars, chords_over
from studio.ai.encoder.weights import reader
from studio.ai.requests import Controls, Request, Result, Task
from studio.ai.sketch.instruments import INSTRUMENTS
from studio.ai.sketch.listen import role_of
from studio.ai.sketch.styles import STYLES
from studio.ai.vary import part_changed
from studio.ai.words import Understood, understand
from studio.core.errors import StudioError
from studio.domain.clip import NoteClip, TakeId
from studio.domain.gap import Gap, NoteSet, gathered
from studio.domain.project import Project
from studio.domain.tempo import TICKS_PER_QUARTER, MeterChange, TempoMap
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.room import with_bars_before
from studio.edit.takes import PlaceTake

DEFAULT_BARS = 8
MOTIF_BARS = 4
_LEADING_ON = {"a", "an", "and", "at", "for", "in", "of", "on", "the", "to", "with"}
_HARMONY = ("chords", "pad", "bass", "arpeggio")  # roles
PREVIEW = TakeId("preview")  # names what is heard while it is written


@dataclass(frozen=True, slots=True)
class Wish:
    """What the musician asks for, apart from where.

    Attributes:
        bars: None: what the words say, else as many turns of the chords as come near 8.
        chords: "Dm7 | G7 | Cmaj7 A7": to be followed from the gap's first bar, again and again; as
            chords in the prompt are, which these come before.
    """

    prompt: str = ""
    negative: str = ""
    bars: int | None = None
    seed: int = 0
    controls: Controls = field(default_factory=Controls)
    parents: tuple[TakeId, ...] = ()
    chords: str = ""


def compose(song: Project, card: ModelCard, wish: Wish) -> Request:
    """A song from nothing: the gap lies at the start, as long as the words or `wish.bars` say."""
    meter = _meter(song, wish)
    gap = Gap((), 0, _bars(wish, song, card) * meter.ticks_per_bar)
    return _request(Task.COMPOSE, gap, song, card, wish)


def extend(song: Project, card: ModelCard, wish: Wish, *, before: bool = False) -> Request:
    """The gap after the last bar of the song (or, with `before`, ahead of its first bar).

    Raises:
        StudioError: There is nothing to extend.
    """
    tracks = tuple(track.id for track in instruments(song))
    if not tracks or not song.end:
        raise StudioError("There is nothing to extend yet.", "Generate a song first.")
    tempo = song.tempo
    if before:
        return _extend_before(tracks, song, card, wish)
    start = tempo.next_bar(song.end)
    end = tempo.bar_start(tempo.bar_at(start) + _bars(wish, song, card))
    return _request(Task.EXTEND, Gap(tracks, start, end), song, card, wish)


def _extend_before(
    tracks: tuple[TrackId, ...], song: Project, card: ModelCard, wish: Wish
) -> Request:
    """The bars ahead of the first clip; where there are too few, the song moves later."""
    bars = _bars(wish, song, card)
    first = song.tempo.bar_at(min(clip.start for _, clip in song.clips()))
    room = max(bars - (first - 1), 0)
    moved = with_bars_before(song, room)
    start, end = (moved.tempo.bar_start(bar + room) for bar in (first - bars, first))
    request = _request(Task.EXTEND, Gap(tracks, start, end), moved, card, wish)
    return replace(request, room_bars=room)


def rewrite(song: Project, card: ModelCard, wish: Wish, gap: Gap) -> Request:
    """Fill `gap` around what is locked; an empty stretch at the song's edge is an extension.

    A gap that names notes gives others for these alone.

    Raises:
        StudioError: The gap names no instrument track, or only notes that are locked.
    """
    chosen = _on_instruments(song, gap)
    if gap.notes and not held_notes(song, chosen):
        raise StudioError("Every note there is locked.", "Unlock some to have them rewritten.")
    edge = song.end > 0 and gap.start >= song.end
    wish = replace(wish, controls=replace(wish.controls, amount=1.0))
    return _request(Task.EXTEND if edge else Task.REWRITE, chosen, song, card, wish)


def vary(song: Project, card: ModelCard, wish: Wish, gap: Gap) -> Request:
    """Other notes for the share `wish.controls.amount` of those in `gap`; the rest stay.

    What holds the music together stays longest (`vary.changed_notes`); the seed has a say too.

    Raises:
        StudioError: There are no notes to vary, or nothing is to change.
    """
    chosen = _on_instruments(song, gap)
    if not held_notes(song, chosen):
        raise StudioError("There are no notes there to vary.", "Choose bars that hold some.")
    if wish.controls.amount <= 0.0:
        raise StudioError("Nothing is to change.", "Ask for more change than none.")
    chosen = part_changed(song, chosen, wish.controls.amount, wish.seed)
    return _request(Task.REWRITE, chosen, song, card, wish)


def humanise(song: Project, card: ModelCard, wish: Wish, gap: Gap) -> Request:
    """The notes in `gap` played by hand: only velocity and timing differ.

    Raises:
        StudioError: There are no notes.
    """
    chosen = _on_instruments(song, gap)
    if not held_notes(song, chosen):
        raise StudioError("There are no notes there to humanise.", "Choose bars that hold some.")
    return _request(Task.HUMANISE, chosen, song, card, wish)


def go_on(song: Project, card: ModelCard, wish: Wish, motif: NoteSet) -> Request:
    """Develop a motif on its own track, from the beat after it, for `wish.bars` bars (else 4).

    Raises:
        StudioError: The motif's notes are gone, or not on one track.
    """
    track, start = _owner(song, motif), _start_after(song, motif)
    wish = replace(wish, bars=wish.bars or MOTIF_BARS)
    tempo = song.tempo
    end = tempo.bar_start(tempo.bar_at(start) + _bars(wish, song, card))
    return _request(Task.EXTEND, Gap((track,), start, end), song, card, _about(wish, motif))


def harmonise(song: Project, card: ModelCard, wish: Wish, melody: NoteSet) -> Request:
    """Chords that fit a melody, and new parts that play them: `wish.controls.instruments`, those
    of harmony that the words name, or one part of chords.

    Raises:
        StudioError: The melody's notes are gone, or not on one track.
    """
    _owner(song, melody)
    gap = Gap((), *_bars_of(song, melody))
    if not wish.controls.instruments:
        named = understand(wish.prompt).instruments
        players = tuple(n for n in named if n in INSTRUMENTS and INSTRUMENTS[n].role in _HARMONY)
        controls = replace(wish.controls, instruments=players or ("chords",))
        wish = replace(wish, controls=controls)
    return _request(Task.HARMONISE, gap, song, card, _about(wish, melody))


def arrange(song: Project, card: ModelCard, wish: Wish, part: NoteSet) -> Request:
    """Share a part's notes out among instruments on new tracks: those in `wish.controls`, those
    that the words name, or some that suit it. The part itself is muted.

    Raises:
        StudioError: The notes are gone, not on one track, or a drummer's.
    """
    if song.track(_owner(song, part)).is_drums:
        raise StudioError(
            "A drum part cannot be shared out among instruments.", "Choose a part with pitches."
        )
    gap = Gap((), *_bars_of(song, part))
    return _request(Task.ARRANGE, gap, song, card, _about(wish, part))


def add_part(song: Project, card: ModelCard, wish: Wish, span: tuple[int, int] | None) -> Request:
    """A new track over `span` (song ticks), or over the whole song.

    Raises:
        StudioError: The song is empty.
    """
    if not song.end:
        raise StudioError("There is no song yet to add a part to.", "Generate one first.")
    start, end = span or (0, song.tempo.next_bar(song.end))
    return _request(Task.ADD_PART, Gap((), start, end), song, card, wish)


def learn(song: Project, card: ModelCard, wish: Wish, gap: Gap) -> Request:
    """Fill `gap` in the manner of the clip in `wish.controls.learn_from`."""
    return _request(Task.LEARN, gap, song, card, wish)


def placement(take: TakeId, request: Request, result: Result, *, force: bool = True) -> PlaceTake:
    """The edit that writes a result into its gap.

    Without `force` it refuses where the contents of the gap changed since the request was made.
    A new part for which nothing was written makes no track.
    """
    return PlaceTake(
        take,
        request.gap,
        tuple(part for part in result.parts if part.track is not None or len(part.notes)),
        None if force else request.gap.contents(request.song),
        title_of(request),
        result.tempo,
        result.key,
        result.chords,
        result.sections,
        request.room_bars,
        played=request.task is Task.HUMANISE,
        muted=request.controls.source if request.task is Task.ARRANGE else (),
    )


def title_of(request: Request) -> str:
    """A short name for the clips a request makes: the first words of its prompt."""
    words = request.prompt.replace("\n", " ").split(",")[0].split()[:5]
    while words and words[-1].lower() in _LEADING_ON:
        words.pop()
    return " ".join(words)


def instruments(song: Project) -> tuple[Track, ...]:
    """Tracks that can hold notes."""
    return tuple(track for track in song.tracks if track.kind is TrackKind.INSTRUMENT)


def plays(song: Project, instrument: str) -> bool:
    """Whether a track of the song is, by name or role, what `instrument` says."""
    wanted = instrument.lower()
    return any(
        wanted == track.role or wanted in track.name.lower() or track.name.lower() in wanted
        for track in instruments(song)
    )


def role_wanted(song: Project, tracks: Sequence[TrackId], instruments: Sequence[str] = ()) -> str:
    """The role of all that is to be written, as models may be good at one: empty where it is of
    several, or unknown.

    Args:
        tracks: The tracks to write on; `instruments` the new parts asked for.
    """
    roles = {name if name not in INSTRUMENTS else INSTRUMENTS[name].role for name in instruments}
    for id in tracks:
        track = song.find_track(id)
        roles.add("" if track is None else role_of(track, ()))
    return roles.pop() if len(roles) == 1 else ""


def notes_heard(song: Project, gap: Gap) -> NoteSet:
    """The notes in `gap` that are heard, locked ones too, as a wish names its source."""
    found = []
    for id in gap.tracks:
        track = song.find_track(id)
        for clip in track.clips if track is not None else ():
            if isinstance(clip, NoteClip) and not clip.muted:
                open_ = replace(clip, notes=clip.notes.with_columns(locked=False))
                ids = clip.notes.id[gap.holds(open_) & ~clip.notes.muted]
                found += [(clip.id, tuple(sorted(ids.tolist())))] if len(ids) else []
    return tuple(found)


def held_notes(song: Project, gap: Gap) -> int:
    """How many notes the gap would replace, those in muted clips left aside."""
    clips = (c for id in gap.tracks if (t := song.find_track(id)) is not None for c in t.clips)
    return sum(
        int(gap.holds(clip).sum())
        for clip in clips
        if isinstance(clip, NoteClip) and not clip.muted
    )


def locked_notes(song: Project, gap: Gap) -> int:
    """How many locked notes the gap will be written around."""
    found = 0
    for id in gap.tracks:
        track = song.find_track(id)
        for clip in track.clips if track is not None else ():
            if isinstance(clip, NoteClip) and clip.notes.locked.any():
                open_ = replace(clip, notes=clip.notes.with_columns(locked=False))
                found += int((gap.holds(open_) & clip.notes.locked).sum())
    return found


def tempo_of(request: Request) -> TempoMap:
    """The tempo map that the bars of a request count by: of a new song, in the meter of its words
    or controls."""
    if request.task is not Task.COMPOSE:
        return request.song.tempo
    meter = _meter(request.song, Wish(request.prompt, controls=request.controls))
    return TempoMap.constant(request.song.tempo.tempo_at(0), meter.beats, meter.unit)


def _request(task: Task, gap: Gap, song: Project, card: ModelCard, wish: Wish) -> Request:
    if task not in card.tasks:
        raise StudioError(f"{card.title} cannot do this.", "Choose another model.")
    request = Request(
        task, gap, card.id, card.digest, wish.seed, song,
        prompt=wish.prompt, negative=wish.negative, controls=wish.controls, parents=wish.parents,
        reader=reader(),
    )  # fmt: skip
    chords = _chords(wish)
    if not chords or wish.controls.chords:
        return request
    spans = chords_over(chords, tempo_of(request), gap.start, gap.end)
    return replace(request, controls=replace(wish.controls, chords=spans))


def _bars(wish: Wish, song: Project, card: ModelCard) -> int:
    words = understand(wish.prompt)
    bars = wish.bars or words.bars or _lasting(wish, song, words) or _turns(wish) or DEFAULT_BARS
    if not 1 <= bars <= card.most_bars:
        raise StudioError(f"{card.title} writes 1 to {card.most_bars} bars in one go.")
    return bars


def _lasting(wish: Wish, song: Project, words: Understood) -> int | None:
    """Bars for a length in minutes and seconds: at the song's tempo, the one that was said, or
    what is usual in the style."""
    low, high = STYLES[words.style or "pop"].bpm
    usual = (low + high) / 2 * (words.pace or 1.0)
    bpm = song.tempo.tempo_at(song.end) if song.end else wish.controls.bpm or words.bpm or usual
    return words.bars_lasting(bpm, _meter(song, wish).ticks_per_bar)


def _chords(wish: Wish) -> tuple[tuple[str, ...], ...]:
    return chord_bars(wish.chords) or understand(wish.prompt).chords


def _turns(wish: Wish) -> int:
    """As many whole turns of a chord progression as come near the usual length."""
    length = len(_chords(wish))
    return length * max(round(DEFAULT_BARS / length), 1) if length else 0


def _meter(song: Project, wish: Wish) -> MeterChange:
    if song.end:
        return song.tempo.meter_at(0)
    beats, unit = wish.controls.meter or understand(wish.prompt).meter or _song_meter(song)
    return MeterChange(0, beats, unit)


def _song_meter(song: Project) -> tuple[int, int]:
    meter = song.tempo.meter_at(0)
    return meter.beats, meter.unit


def _on_instruments(song: Project, gap: Gap) -> Gap:
    """The gap on those of its tracks that can hold notes; a band of keys means no drums, where
    others play."""
    chosen = (song.find_track(id) for id in gap.tracks)
    there = [t for t in chosen if t is not None and t.kind is TrackKind.INSTRUMENT]
    if not there:
        raise StudioError("Nothing there can hold notes.", "Choose a range on an instrument track.")
    pitched = [track for track in there if not track.is_drums]
    is_band = not gap.notes and (gap.pitch_low, gap.pitch_high) != (0, 127)
    tracks = tuple(track.id for track in (is_band and pitched) or there)
    return Gap(tracks, gap.start, gap.end, gap.pitch_low, gap.pitch_high, notes=gap.notes)


def _about(wish: Wish, source: NoteSet) -> Wish:
    return replace(wish, controls=replace(wish.controls, source=source))


def _owner(song: Project, source: NoteSet) -> TrackId:
    """The one track that the notes lie on."""
    found = [song.find_clip(id) for id, _ in source]
    tracks = {entry[0].id for entry in found if entry is not None}
    if not len(gathered(song, source)):
        raise StudioError("There are no notes to start from.", "Select the notes, or their clip.")
    if len(tracks) > 1:
        raise StudioError("These notes are on several tracks.", "Select notes of one track.")
    return tracks.pop()


def _bars_of(song: Project, source: NoteSet) -> tuple[int, int]:
    """From the first to the last bar that the notes sound in, in ticks."""
    notes, tempo = gathered(song, source), song.tempo
    return tempo.bar_start(tempo.bar_at(int(notes.start.min()))), tempo.next_bar(
        int(notes.end.max())
    )


def _start_after(song: Project, source: NoteSet) -> int:
    """The first beat at or after the end of the notes; what ends a little late does not count."""
    notes = gathered(song, source)
    end = int(notes.end.max())
    meter = song.tempo.meter_at(end)
    beat = min(meter.ticks_per_beat, TICKS_PER_QUARTER)
    over = (end - meter.tick) % beat
    last = int(notes.start.max())
    return end - over if over <= beat // 16 and end - over > last else end - over + beat
