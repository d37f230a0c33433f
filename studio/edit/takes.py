"""Placing what a model wrote. One take is one step, and never lands on what changed meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import ClassVar

import numpy as np

from studio.core.errors import StudioError
from studio.domain.clip import ClipId, NoteClip, TakeId
from studio.domain.device import soundfont
from studio.domain.gap import Gap, NoteSet, Part, named
from studio.domain.notes import Notes
from studio.domain.project import ChordSpan, Marker, Project
from studio.domain.tempo import TempoMap
from studio.domain.theory import Key
from studio.domain.track import Send, Track, TrackId, TrackKind
from studio.edit.command import Edit
from studio.edit.giving_way import giving_way
from studio.edit.notes import note_clip
from studio.edit.room import with_bars_before
from studio.edit.tempo import replaced_chords

GAP_CHANGED = "The song changed where this take was to go."
TRACK_COLORS = 8


@dataclass(frozen=True, slots=True)
class PlaceTake(Edit):
    """Write a take's parts into its gap.

    Notes the gap holds on a part's track give way; locked ones, muted clips and all others stay.
    Where a clip covers the gap, the notes go into it, else into a clip of their own. Notes arrive
    fresh, and leave the keys to notes that stay: see `giving_way`.

    Attributes:
        expected: `Gap.contents` of the song the take was made for; None: whatever is there.
        title: Names the clips that are made; they are called as their tracks where it is empty.
        tempo, key, chords, sections: The shape the model gave an empty song; chords and sections
            are taken wherever the gap has none.
        room_bars: Empty bars to put in front of the song first; the gap counts with them.
        played: The parts hold the gap's own notes, played otherwise: each note stays, and takes
            over the velocity and the timing of the part's note with its start, length and pitch.
        muted: Notes that the parts stand in for, and that are muted.
        label: What the history calls it, which depends on what was asked for.
    """

    take: TakeId
    gap: Gap
    parts: tuple[Part, ...]
    expected: str | None
    title: str = ""
    tempo: TempoMap | None = None
    key: Key | None = None
    chords: tuple[ChordSpan, ...] = ()
    sections: tuple[tuple[int, str], ...] = ()
    room_bars: int = 0
    played: bool = False
    muted: NoteSet = ()
    label: str = "Place take"  # type: ignore[misc]  # of other edits one for the whole class

    def apply(self, project: Project) -> Project:
        project = with_bars_before(project, self.room_bars) if self.room_bars else project
        if self.expected is not None and self.gap.contents(project) != self.expected:
            raise StudioError(
                GAP_CHANGED, "It is kept among the takes; Place puts it there anyway."
            )
        placed = _shaped(project, self)
        for id in dict(self.muted):
            placed = _silenced(placed, id, self.muted)
        if self.played:
            return _played(placed, self)
        parts: list[tuple[TrackId, Part]] = []
        for part in self.parts:
            placed, track = _track_for(placed, part)
            parts.append((track, part))
        first_ids = {clip.id: clip.notes.next_id for clip in _all_note_clips(placed)}
        for track in dict.fromkeys(track for track, _ in parts):
            placed = _emptied(placed, track, self.gap)
        for track, part in parts:
            placed = _written(placed, track, self, part, first_ids)
        return placed


def _shaped(project: Project, take: PlaceTake) -> Project:
    if project.end == 0 and take.tempo is not None:
        project = replace(project, tempo=take.tempo)
    if project.key is None and take.key is not None:
        project = replace(project, key=take.key)
    start, end = take.gap.start, take.gap.end
    chords = tuple(span for span in take.chords if start <= span.start and span.end <= end)
    if chords and not any(span.start < end and span.end > start for span in project.chords):
        project = replace(project, chords=replaced_chords(project.chords, start, end, chords))
    sections = {tick: name for tick, name in take.sections if start <= tick < end}
    if sections and not any(start <= marker.tick < end for marker in project.markers):
        added = (Marker(tick, name) for tick, name in sections.items())
        markers = sorted([*project.markers, *added], key=lambda marker: marker.tick)
        project = replace(project, markers=tuple(markers))
    return project


def _silenced(project: Project, id: ClipId, notes: NoteSet) -> Project:
    found = project.find_clip(id)
    if found is None or not isinstance(found[1], NoteClip):
        raise StudioError("The notes that this take stands in for are gone.")
    clip = found[1]
    silent = clip.notes.with_columns(named(clip, notes) & ~clip.notes.locked, muted=True)
    return project.with_clip(replace(clip, notes=silent))


def _played(project: Project, take: PlaceTake) -> Project:
    """The gap's notes with the velocity and timing that the take's parts give them."""
    for part in take.parts:
        if part.track is None or project.find_track(part.track) is None:
            raise StudioError("The track this take was written for is gone.")
        rows = part.notes.table[["start", "length", "pitch", "velocity", "timing"]].tolist()
        play = {tuple(row[:3]): row[3:] for row in rows}
        for clip in _open_clips(project, part.track):
            table = clip.notes.table.copy()
            for index in np.flatnonzero(take.gap.holds(clip)):
                row = table[index]
                key = int(row["start"]) + clip.shift, int(row["length"]), int(row["pitch"])
                if key in play:
                    row["velocity"], row["timing"] = play[key]
                    row["fresh"] = True
            project = project.with_clip(replace(clip, notes=Notes(table)))
    return project


def _track_for(project: Project, part: Part) -> tuple[Project, TrackId]:
    if part.track is not None:
        found = project.find_track(part.track)
        if found is None:
            raise StudioError("The track this take was written for is gone.")
        if found.kind is not TrackKind.INSTRUMENT:
            raise StudioError(f"{found.name} cannot hold notes.")
        return project, part.track
    track = new_instrument(project, part.name, part.program, drums=part.drums, role=part.role)
    track = replace(track, volume_db=part.volume_db, pan=part.pan)
    return project.with_new_track(track), track.id


def new_instrument(
    project: Project, name: str, program: int, *, drums: bool = False, role: str = ""
) -> Track:
    """An instrument track not yet in the song: a name of its own ("Flute 2" beside a Flute), the
    next colour, and a send to the first reverb bus."""
    reverb = next((b for b in project.buses if any(d.kind == "reverb" for d in b.devices)), None)
    level = -20.0 if drums or role == "bass" else -14.0
    return Track(
        project.new_track_id(),
        TrackKind.INSTRUMENT,
        _unused(project, name or "Instrument"),
        devices=(soundfont(project.new_device_id(1), program, drums),),
        sends=(Send(reverb.id, level),) if reverb is not None else (),
        role=role,
        color=len(project.sources) % TRACK_COLORS,
    )


def _unused(project: Project, name: str) -> str:
    taken = {track.name for track in project.sources}
    numbered = (f"{name} {number}" for number in count(2))
    return next(one for one in chain((name,), numbered) if one not in taken)


def _all_note_clips(project: Project) -> list[NoteClip]:
    return [clip for _, clip in project.clips() if isinstance(clip, NoteClip)]


def _open_clips(project: Project, id: TrackId) -> list[NoteClip]:
    """The clips of a track that are heard; what is in a muted one stays as it is."""
    return [c for c in project.track(id).clips if isinstance(c, NoteClip) and not c.muted]


def _emptied(project: Project, id: TrackId, gap: Gap) -> Project:
    for clip in _open_clips(project, id):
        held = gap.holds(clip)
        if held.any():
            project = project.with_clip(replace(clip, notes=clip.notes.where(~held)))
    return project


def _written(
    project: Project, id: TrackId, take: PlaceTake, part: Part, first_ids: Mapping[ClipId, int]
) -> Project:
    """The song with a part's notes on the track, under ids that no note had before: those of the
    notes that gave way may still be named somewhere."""
    notes = giving_way(part.notes, project.track(id), take.gap).with_columns(fresh=True)
    for clip in _open_clips(project, id):
        inside = notes.starting_in(clip.start, clip.end)
        first = max(first_ids.get(clip.id, 0), clip.notes.next_id)
        project = _added(project, clip.id, notes.where(inside), first)
        notes = notes.where(~inside)
    for start, end in _uncovered(project, id, take.gap):
        inside = notes.starting_in(start, end)
        project = _new_clip(project, id, take, start, end, notes.where(inside))
    return project


def _added(project: Project, id: ClipId, notes: Notes, first_id: int) -> Project:
    if not len(notes):
        return project
    clip = note_clip(project, id)
    local = notes.with_columns(start=notes.start - clip.shift)
    joined = clip.notes.joined(local).table.copy()
    new = joined["id"] >= clip.notes.next_id
    joined["id"][new] += first_id - clip.notes.next_id
    return project.with_clip(replace(clip, notes=Notes(joined)))


def _new_clip(
    project: Project, id: TrackId, take: PlaceTake, start: int, end: int, notes: Notes
) -> Project:
    if not len(notes):
        return project
    local = notes.with_columns(start=notes.start - start, id=np.arange(len(notes)))
    title = take.title or project.track(id).name
    clip = NoteClip(project.new_clip_id(), start, end - start, local, title, take=take.take)
    return project.with_clip_on(id, clip)


def _uncovered(project: Project, id: TrackId, gap: Gap) -> list[tuple[int, int]]:
    """The stretches of the gap that no clip heard on the track covers, in order."""
    free, at = [], gap.start
    for clip in _open_clips(project, id):
        if clip.start > at and at < gap.end:
            free.append((at, min(clip.start, gap.end)))
        at = max(at, clip.end)
    if at < gap.end:
        free.append((at, gap.end))
    return free


@dataclass(frozen=True, slots=True)
class KeepNotes(Edit):
    """Accept what a model wrote: notes of these clips (those `gap` holds) are no longer fresh."""

    label: ClassVar[str] = "Keep"
    clips: frozenset[ClipId]
    gap: Gap | None = None

    def apply(self, project: Project) -> Project:
        for _, clip in project.clips():
            if clip.id not in self.clips or not isinstance(clip, NoteClip):
                continue
            kept = clip.notes.fresh & (True if self.gap is None else self.gap.holds(clip))
            if kept.any():
                notes = clip.notes.with_columns(kept, fresh=False)
                project = project.with_clip(replace(clip, notes=notes))
        return project
