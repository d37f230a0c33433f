"""From a wish ("extend this by four bars") to a request: one way in, by window or command line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from studio.ai.catalogue import ModelCard
from studio.ai.requests import Controls, Request, Result, Task
from studio.ai.words import understand
from studio.core.errors import StudioError
from studio.domain.clip import NoteClip, TakeId
from studio.domain.gap import Gap
from studio.domain.project import Project
from studio.domain.tempo import MeterChange, TempoMap
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.room import with_bars_before
from studio.edit.takes import PlaceTake

DEFAULT_BARS = 8
_LEADING_ON = {"a", "an", "and", "at", "for", "in", "of", "on", "the", "to", "with"}
PREVIEW = TakeId("preview")  # names what is heard while it is written


@dataclass(frozen=True, slots=True)
class Wish:
    """What the musician asks for, apart from where."""

    prompt: str = ""
    negative: str = ""
    bars: int | None = None  # None: what the words say, else 8
    seed: int = 0
    controls: Controls = field(default_factory=Controls)
    parents: tuple[TakeId, ...] = ()


def compose(song: Project, card: ModelCard, wish: Wish) -> Request:
    """A song from nothing: the gap lies at the start, as long as the words or `wish.bars` say."""
    meter = _meter(song, wish)
    gap = Gap((), 0, _bars(wish, card) * meter.ticks_per_bar)
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
    end = tempo.bar_start(tempo.bar_at(start) + _bars(wish, card))
    return _request(Task.EXTEND, Gap(tracks, start, end), song, card, wish)


def _extend_before(
    tracks: tuple[TrackId, ...], song: Project, card: ModelCard, wish: Wish
) -> Request:
    """The bars ahead of the first clip; where there are too few, the song moves later."""
    bars = _bars(wish, card)
    first = song.tempo.bar_at(min(clip.start for _, clip in song.clips()))
    room = max(bars - (first - 1), 0)
    moved = with_bars_before(song, room)
    start, end = (moved.tempo.bar_start(bar + room) for bar in (first - bars, first))
    request = _request(Task.EXTEND, Gap(tracks, start, end), moved, card, wish)
    return replace(request, room_bars=room)


def rewrite(song: Project, card: ModelCard, wish: Wish, gap: Gap) -> Request:
    """Fill `gap` around what is locked; an empty stretch at the song's edge is an extension.

    Raises:
        StudioError: The gap names no instrument track.
    """
    tracks = tuple(id for id in gap.tracks if _is_instrument(song.find_track(id)))
    if not tracks:
        raise StudioError("Nothing there can hold notes.", "Choose a range on an instrument track.")
    chosen = Gap(tracks, gap.start, gap.end, gap.pitch_low, gap.pitch_high)
    edge = song.end > 0 and gap.start >= song.end
    return _request(Task.EXTEND if edge else Task.REWRITE, chosen, song, card, wish)


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
    """
    return PlaceTake(
        take,
        request.gap,
        result.parts,
        None if force else request.gap.contents(request.song),
        title_of(request),
        result.tempo,
        result.key,
        result.chords,
        result.sections,
        request.room_bars,
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


def locked_notes(song: Project, gap: Gap) -> int:
    """How many locked notes the gap will be written around."""
    found = 0
    for id in gap.tracks:
        track = song.find_track(id)
        for clip in track.clips if track is not None else ():
            if isinstance(clip, NoteClip):
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


def bars_text(request: Request) -> str:
    """`bar 5`, `bars 5-8` or, where it is no whole bars, `beats 5.2-8.1` of a gap."""
    tempo, gap = tempo_of(request), request.gap
    if not _whole_bars(request):
        beats = [tempo.position(tick) for tick in (gap.start, gap.end - 1)]
        words = [f"{at.bar}.{at.beat}" for at in beats]
        return f"beat {words[0]}" if words[0] == words[1] else "beats " + "\N{EN DASH}".join(words)
    first, last = tempo.bar_at(gap.start), tempo.bar_at(max(gap.end - 1, gap.start))
    return f"bar {first}" if first == last else f"bars {first}\N{EN DASH}{last}"


def _whole_bars(request: Request) -> bool:
    """Whether a gap that was selected begins and ends with bars; others are of whole bars."""
    tempo, gap = tempo_of(request), request.gap
    edges = (gap.start, gap.end)
    return request.task is not Task.REWRITE or all(tempo.next_bar(tick) == tick for tick in edges)


def sentence(request: Request) -> str:
    """What will be written, in words."""
    song, gap = request.song, request.gap
    bars = bars_text(request)
    if request.task is Task.COMPOSE:
        return f"{bars[0].upper()}{bars[1:]} of a new song"
    if request.task is Task.ADD_PART:
        return f"A new part over {bars}, to fit what is there"
    names = _names(song, gap.tracks)
    locked = locked_notes(song, gap)
    around = f", keeping your {locked} locked note{'s' * (locked != 1)}" if locked else ""
    return f"{bars[0].upper()}{bars[1:]} of {names}{around}"


def _names(song: Project, tracks: tuple[TrackId, ...]) -> str:
    names = [song.track(id).name for id in tracks if song.find_track(id) is not None]
    if len(names) > 1 and len(names) == len(instruments(song)):
        return "every instrument"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def action_words(request: Request) -> str:
    """What the button says."""
    gap, tempo = request.gap, tempo_of(request)
    count = tempo.bar_at(max(gap.end - 1, gap.start)) - tempo.bar_at(gap.start) + 1
    bars = f"{count} bar{'s' * (count != 1)}"
    return {
        Task.COMPOSE: f"Generate {bars}",
        Task.EXTEND: f"Extend by {bars}",
        Task.REWRITE: f"Rewrite {bars}" if _whole_bars(request) else "Rewrite these beats",
        Task.ADD_PART: "Add a part",
        Task.LEARN: f"Learn and write {bars}",
    }[request.task]


def _request(task: Task, gap: Gap, song: Project, card: ModelCard, wish: Wish) -> Request:
    if task not in card.tasks:
        raise StudioError(f"{card.title} cannot do this.", "Choose another model.")
    return Request(
        task, gap, card.id, card.digest, wish.seed, song,
        prompt=wish.prompt, negative=wish.negative, controls=wish.controls, parents=wish.parents,
    )  # fmt: skip


def _bars(wish: Wish, card: ModelCard) -> int:
    bars = wish.bars or understand(wish.prompt).bars or DEFAULT_BARS
    if not 1 <= bars <= card.most_bars:
        raise StudioError(f"{card.title} writes 1 to {card.most_bars} bars in one go.")
    return bars


def _meter(song: Project, wish: Wish) -> MeterChange:
    if song.end:
        return song.tempo.meter_at(0)
    beats, unit = wish.controls.meter or understand(wish.prompt).meter or _song_meter(song)
    return MeterChange(0, beats, unit)


def _song_meter(song: Project) -> tuple[int, int]:
    meter = song.tempo.meter_at(0)
    return meter.beats, meter.unit


def _is_instrument(track: Track | None) -> bool:
    return track is not None and track.kind is TrackKind.INSTRUMENT
