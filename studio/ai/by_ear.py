"""Wishes that begin with what was heard in a recording of the song: its notes, a part that goes
with it, chords for the tune that is hummed in it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from studio.ai import sound_wishes, wishes
from studio.ai.catalogue import ModelCard
from studio.ai.listening import fit, placing
from studio.ai.listening.heard import Beats, Heard, HeardNotes
from studio.ai.phrases import recording_name
from studio.ai.requests import Controls, Excerpt, Request, Result, Take, Task
from studio.ai.wishes import Wish
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, ClipId, NoteClip, TakeId
from studio.domain.clip_time import song_ticks, source_frames
from studio.domain.gap import NoteSet, Part, gathered
from studio.domain.notes import IntColumn, Notes
from studio.domain.project import Project
from studio.domain.tempo import TICKS_PER_QUARTER, TempoMap
from studio.domain.theory import Key
from studio.domain.track import Track
from studio.edit.takes import new_instrument
from studio.edit.transcribing import PlaceBeside
from studio.media.store import MediaStore

KINDS = ("notes", "drums", "melody")  # what a recording is written down as
_LEAD = 80  # General MIDI: square lead
_WAVER_SECONDS = 0.16  # a note as short, beside one a semitone off, is the same voice wavering
_APART_SECONDS = 0.06


@dataclass(frozen=True, slots=True)
class ByEar:
    """A song in the tempo, the key and the chords that were heard in one of its recordings.

    Attributes:
        clip: The recording's. audio: What of it was listened to.
        start, end: The bars in which it has beats, in song ticks.
        own_chords: Whether the chords are the musician's.
    """

    song: Project
    clip: ClipId
    audio: Excerpt
    start: int
    end: int
    own_chords: bool = False


# -- notes of a recording ------------------------------------------------------------------------
def write_down(
    card: ModelCard, song: Project, clip: ClipId, media: MediaStore, kind: str,
    span: tuple[int, int] | None = None,
) -> Request:  # fmt: skip
    """A recording as notes of a `kind` of `KINDS`; with `span` (song ticks), only what is there.

    Raises:
        StudioError: It is gone, is no recording or does not sound there.
    """
    controls = Controls(listen_for=kind)
    return sound_wishes.about_clip(Task.TRANSCRIBE, card, song, clip, media, controls, span)


def check_written(request: Request, result: Result) -> None:
    """Raises StudioError where no note was heard in a recording that was to be written down."""
    written = request.task is not Task.TRANSCRIBE or any(len(p.notes) for p in result.parts)
    if not written:
        kind = request.controls.listen_for
        what = {"notes": "notes", "drums": "drums", "melody": "tune"}[kind]
        none = "No tune was" if kind == "melody" else f"No {what} were"
        hint = "Split it into stems first, and ask that of the drums." if kind == "drums" else ""
        raise StudioError(f"{none} heard in “{recording_name(request)}”.", hint)


# -- a song as it was heard ----------------------------------------------------------------------
def by_ear(song: Project, clip: ClipId, heard: Heard) -> ByEar:
    """The song as one of its recordings was heard.

    A recording that keeps the song's time, or was bent to it, is heard in that; for any other the
    song follows it, and leaves all notes out, as they keep another time.

    Raises:
        StudioError: The clip is gone, or neither a beat nor a chord was heard in it.
    """
    there = sound_wishes.recording_of(song, clip)[1]
    beats = placing.beats_in(heard, there)
    if not len(beats) and not heard.chords:
        raise StudioError(
            f"Neither a beat nor a chord was heard in “{there.name or there.source.name}”.",
            "A part needs one to go by.",
        )
    own_time = there.warp or len(beats) < placing.FEWEST_BEATS
    if not own_time and not placing.is_in_time(song, there, heard):
        song = _without_notes(song)
        song = placing.following(song, there, heard).apply(song)
        there = sound_wishes.recording_of(song, clip)[1]
    own = _covered(song, there)
    with suppress(StudioError):  # no chords are no hindrance
        song = song if own else placing.writing(song, there, heard).apply(song)
    audio = replace(sound_wishes.excerpt_of(there, song.sample_rate), clip=clip)
    song = replace(song, key=song.key or heard.key)
    return ByEar(song, clip, audio, *_bars(song, there, beats), own)


def _without_notes(song: Project) -> Project:
    for _, clip in song.clips():
        song = song.without_clip(clip.id) if isinstance(clip, NoteClip) else song
    return song


def _covered(song: Project, clip: AudioClip) -> bool:
    """Whether the song has chords of its own where a clip sounds."""
    end = song.clip_end(clip)
    return any(span.start < end and span.end > clip.start for span in song.chords)


def _bars(song: Project, clip: AudioClip, beats: Beats) -> tuple[int, int]:
    """From the first whole bar that beats of a clip lie in, or that the clip does, to the last."""
    tempo, start, end = song.tempo, clip.start, song.clip_end(clip)
    if len(beats) > 1:
        frames = clip.offset_frames + beats.seconds[[0, -1]] * clip.source.sample_rate
        start, end = tempo.nearest_beats(song_ticks(clip, tempo, frames)).tolist()
    first = tempo.next_bar(start)
    if first >= end:
        first = tempo.bar_start(tempo.bar_at(start))
    return first, max(tempo.next_bar(end + 1), first + 1)


# -- parts that go with it -----------------------------------------------------------------------
def add_part(
    ear: ByEar, card: ModelCard, wish: Wish, media: MediaStore, span: tuple[int, int] | None = None
) -> Request:
    """A new part over the bars of the recording, or of `span` in the ticks of `ear.song`."""
    bars = (ear.start, ear.end) if span is None else span
    if "bass" in wish.controls.instruments:
        ear = replace(ear, song=_on_roots(ear.song)) if not ear.own_chords else ear
    return _beside(wishes.add_part(ear.song, card, wish, bars), ear, media)


def _on_roots(song: Project) -> Project:
    """The song without the basses that were heard under its chords: where a bass is wanted, that
    was the lowest note of whoever else played."""
    plain = tuple(replace(s, chord=replace(s.chord, bass=None)) for s in song.chords)
    return replace(song, chords=plain)


def groove(ear: ByEar, card: ModelCard, media: MediaStore) -> Request:
    """Write down the drums of the recording, for a part to go with."""
    return write_down(card, ear.song, ear.clip, media, "drums")


def with_groove(ear: ByEar, drums: Result) -> ByEar:
    """The song with the drums of the recording on a track of their own, on sixteenths; as it is
    where there are none, or others play."""
    notes = drums.parts[0].notes
    played = any(track.is_drums and track.clips for track in ear.song.tracks)
    if played or not len(notes):
        return ear
    sixteenth = TICKS_PER_QUARTER // 4
    start = (notes.start + sixteenth // 2) // sixteenth * sixteenth
    track = new_instrument(ear.song, "Drums", 0, drums=True, role="drums")
    song = ear.song.with_new_track(track)
    clip = NoteClip(
        song.new_clip_id(), 0, int(start.max()) + sixteenth,
        notes.with_columns(start=start, length=np.full(len(notes), sixteenth)),
    )  # fmt: skip
    return replace(ear, song=song.with_clip_on(track.id, clip))


def span_in(ear: ByEar, song: Project, span: tuple[int, int]) -> tuple[int, int]:
    """Bars of the song as it is, as bars of the song as it was heard."""
    _, then = sound_wishes.recording_of(song, ear.clip)
    _, now = sound_wishes.recording_of(ear.song, ear.clip)
    ticks = song_ticks(now, ear.song.tempo, source_frames(then, song.tempo, list(span)))
    start, end = ear.song.tempo.nearest_beats(ticks).tolist()
    return start, max(end, start + 1)


def tune(ear: ByEar, card: ModelCard, media: MediaStore) -> Request:
    """Write down what is sung, hummed or whistled, in the time that was heard."""
    return write_down(card, ear.song, ear.clip, media, "melody")


def harmonise(
    ear: ByEar, card: ModelCard, wish: Wish, media: MediaStore, sung: Take, *, parts: int = 4
) -> Request:  # fmt: skip
    """Chords and parts for a tune that was sung, moved into the key and (`parts` of a beat; 0: not)
    onto the grid.

    Args:
        sung: What came of `tune`.

    Raises:
        StudioError: No tune was heard.
    """
    check_written(sung.request, sung.result)
    notes = tidied(sung.result.parts[0].notes, ear.song.tempo, ear.song.key, parts)
    song, source = _with_tune(ear, notes, recording_name(sung.request))
    return _beside(wishes.harmonise(song, card, wish, source), replace(ear, song=song), media)


def _with_tune(ear: ByEar, notes: Notes, name: str) -> tuple[Project, NoteSet]:
    """The song with a tune on a track of its own, and with no chords but the musician's, as a
    voice alone tells few."""
    song = ear.song if ear.own_chords else replace(ear.song, chords=())
    track = new_instrument(song, f"{name} melody", _LEAD, role="melody")
    song = song.with_new_track(track)
    start = song.tempo.bar_start(song.tempo.bar_at(int(notes.start.min())))
    local = notes.with_columns(start=notes.start - start)
    end = song.tempo.next_bar(int(notes.end.max()))
    clip = NoteClip(song.new_clip_id(), start, end - start, local, name)
    return song.with_clip_on(track.id, clip), ((clip.id, tuple(notes.id.tolist())),)


def _beside(request: Request, ear: ByEar, media: MediaStore) -> Request:
    controls = replace(request.controls, audio=ear.audio)
    return replace(request, controls=controls, media=media)


# -- placing -------------------------------------------------------------------------------------
def placement(take: TakeId, request: Request, result: Result, *, force: bool = True) -> PlaceBeside:
    """The edit that puts what was written by a recording on tracks under it.

    Without `force` it refuses where the recording is gone.
    """
    audio, gap, song = request.controls.audio, request.gap, request.song
    if audio is None or audio.clip is None or song.find_clip(audio.clip) is None:
        raise StudioError("This take belongs to no recording of the song.")
    track = song.track_of(audio.clip)
    if request.task is Task.TRANSCRIBE:
        kind, name = request.controls.listen_for, recording_name(request)
        parts = tuple(_named(part, kind, track) for part in result.parts)
        return PlaceBeside(
            take, song, audio.clip, gap.start, gap.end, parts, f"{name} {kind}", sure=not force
        )
    tune = _tune_part(song, request.controls.source)
    return PlaceBeside(
        take, song, audio.clip, gap.start, gap.end, (*tune, *result.parts),
        wishes.title_of(request) or recording_name(request), True, result.key, result.chords,
        bool(tune), sure=not force,
    )  # fmt: skip


def _named(part: Part, kind: str, track: Track) -> Part:
    program = _LEAD if kind == "melody" else 0
    named = "notes" if track.name.lower().endswith(kind) else kind
    return replace(part, name=f"{track.name} {named}", program=program)


def _tune_part(song: Project, source: NoteSet) -> tuple[Part, ...]:
    notes = gathered(song, source)
    if not len(notes):
        return ()
    track = song.track_of(source[0][0])
    return (Part(None, notes, track.name, track.role, _LEAD),)


# -- a tune --------------------------------------------------------------------------------------
def tidied(notes: Notes, tempo: TempoMap, key: Key | None, parts: int = 4) -> Notes:
    """A sung line as it was meant: one note at a time, of the key, on `parts` of a beat (0: where
    it was sung). A voice that wavers between two keys is one note.

    Args:
        notes: In song ticks.
    """
    rows = _steady(notes, tempo)
    start, end, pitch, velocity = np.array(rows, np.int64).reshape(-1, 4).T
    quarters = start / TICKS_PER_QUARTER, end / TICKS_PER_QUARTER
    last = int(quarters[1].max(initial=0)) + 2
    grid = Beats(np.arange(last, dtype=np.float64)) if parts else Beats()
    moved = fit.in_key(HeardNotes(*quarters, pitch, velocity), grid, key, parts or 1)
    return _one_at_a_time(moved)


def _steady(notes: Notes, tempo: TempoMap) -> list[tuple[int, int, int, int]]:
    """(start, end, pitch, velocity) rows, with notes that a wavering voice was cut into joined at
    the pitch it held longest."""
    groups: list[list[tuple[int, int, int, int]]] = []
    begin, end = tempo.seconds(notes.start), tempo.seconds(notes.end)
    short = end - begin <= _WAVER_SECONDS
    follows = (short[1:] | short[:-1]) & (begin[1:] - end[:-1] <= _APART_SECONDS)
    columns = (notes.start, notes.end, notes.pitch, notes.velocity)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for row, near in zip(rows, [False, *follows.tolist()], strict=False):
        if near and _is_semitone({row[2], *(one[2] for one in groups[-1])}):
            groups[-1].append(row)
        else:
            groups.append([row])
    return [_joined(group) for group in groups]


def _is_semitone(pitches: set[int]) -> bool:
    return max(pitches) - min(pitches) == 1


def _joined(group: list[tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
    held: dict[int, int] = {}
    for start, end, pitch, _ in group:
        held[pitch] = held.get(pitch, 0) + end - start
    pitch = max(sorted(held), key=lambda one: held[one])
    return group[0][0], group[-1][1], pitch, max(row[3] for row in group)


def _one_at_a_time(heard: HeardNotes) -> Notes:
    """Notes in ticks; of several that begin together the longest stays, and each ends where the
    next begins."""
    start: IntColumn = np.rint(heard.start * TICKS_PER_QUARTER).astype(np.int64)
    end: IntColumn = np.rint(heard.end * TICKS_PER_QUARTER).astype(np.int64)
    longest = np.lexsort((-end, start))
    first = longest[np.unique(start[longest], return_index=True)[1]]
    start, end = start[first], end[first]
    end = np.minimum(end, np.append(start[1:], end[-1:]))
    return Notes.of(
        start, np.maximum(end - start, 1), heard.pitch[first], velocity=heard.velocity[first]
    )
