"""Where a take stands in the song."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from studio.ai.requests import Take, Task
from studio.domain.clip import AudioClip, ClipId, NoteClip, TakeId
from studio.domain.gap import Gap, NoteSet, Part
from studio.domain.notes import Notes
from studio.domain.project import Project
from studio.domain.track import Track, TrackId


@dataclass(frozen=True)
class Placement:
    """What placing a take left in the song.

    Attributes:
        before, after: The song without and with it, as it was then.
        gap: The request's, with all tracks that were written; one that names notes, with those
            that came.
        kept: Digest of the gap in `after` once its notes were accepted; empty before that.
        created: Role or name of a new part, and its track.
        recordings: Clips of sound that came.
        in_place: Whether they are clips that were there, and only play another recording.
    """

    before: Project
    after: Project
    gap: Gap
    created: tuple[tuple[str, TrackId], ...]
    kept: str = ""
    recordings: frozenset[ClipId] = frozenset()
    in_place: bool = False

    @cached_property
    def contents(self) -> str:
        """Digest of the gap in `after`; of hours it takes long."""
        return self.gap.contents(self.after)

    def stands_in(self, project: Project) -> bool:
        """Whether the gap holds exactly what was written, or the song every recording."""
        if self.after is project:
            return True
        if self.recordings:
            return all(self._stands(project, id) for id in self.recordings)
        for id in self.gap.tracks:
            if project.find_track(id) is None and self.after.find_track(id) is not None:
                return False
        then, now = (_inside(song, self.gap) for song in (self.after, project))
        if [clip.id for clip in then] != [clip.id for clip in now]:
            return False
        if then and all(was is clip for was, clip in zip(then, now, strict=True)):
            return True
        return self.gap.contents(project) in (self.contents, self.kept)

    def _stands(self, project: Project, id: ClipId) -> bool:
        found, then = project.find_clip(id), self.after.find_clip(id)
        if found is None or then is None or not self.in_place:
            return found is not None
        now, wrote = found[1], then[1]
        is_sound = isinstance(now, AudioClip) and isinstance(wrote, AudioClip)
        return is_sound and now.source == wrote.source  # type: ignore[union-attr]


def _inside(project: Project, gap: Gap) -> list[NoteClip]:
    """The clips that hold notes of a gap."""
    tracks = (project.find_track(track) for track in gap.tracks)
    clips = (clip for track in tracks if track is not None for clip in track.clips)
    return [c for c in clips if isinstance(c, NoteClip) and gap.holds(c).any()]


def of_clips(take: Take, before: Project, after: Project) -> Placement | None:
    """Where the clips stand in `after` that a take about a recording brought; None where it has
    none, or lacks a recording of the take."""
    came = [(track, clip) for track, clip in after.clips() if clip.take == take.id]
    sounds = {clip.source for _, clip in came if isinstance(clip, AudioClip)}
    if not came or not all(sound.source in sounds for sound in take.result.sounds):
        return None
    gap = Gap(
        tuple(dict.fromkeys(track.id for track, _ in came)),
        min(clip.start for _, clip in came),
        max(after.clip_end(clip) for _, clip in came),
    )
    clips = frozenset(clip.id for _, clip in came if isinstance(clip, AudioClip))
    in_place = take.request.task is Task.PAINT
    return Placement(before, after, gap, (), recordings=clips, in_place=in_place)


def found(take: Take, project: Project) -> Placement | None:
    """Where a song that was opened holds all of a take; None where it does not."""
    gap, parts = take.request.gap, take.result.parts
    if take.request.controls.audio is not None:
        return of_clips(take, project, project)
    parts = tuple(part for part in parts if part.track is not None or len(part.notes))
    if not any(len(part.notes) for part in parts):
        return None
    tracks: list[TrackId] = []
    for part in parts:
        on = _track_of(part, take.id, project, tracks)
        if on is None or not _sounds_on(on, part.notes):
            return None
        tracks.append(on.id)
    created = tuple(
        (part.role or part.name, id)
        for part, id in zip(parts, tracks, strict=True)
        if part.track is None
    )
    gap = replace(gap, tracks=tuple(dict.fromkeys((*gap.tracks, *tracks))))
    if gap.notes:
        gap = replace(gap, notes=_written(parts, project))
    return Placement(project, project, gap, created)


def came(before: Project, after: Project, gap: Gap) -> NoteSet:
    """The notes on the gap's tracks that `after` has and `before` had not."""
    found = []
    for id in gap.tracks:
        track = after.find_track(id)
        for clip in track.clips if track is not None else ():
            there = before.find_clip(clip.id)
            old = there[1].notes.id if there and isinstance(there[1], NoteClip) else ()
            if isinstance(clip, NoteClip):
                new = clip.notes.id[~np.isin(clip.notes.id, old)]
                found += [(clip.id, tuple(new.tolist()))] if len(new) else []
    return tuple(found)


def _written(parts: Sequence[Part], project: Project) -> NoteSet:
    """The notes of a song that some parts, all on tracks of their own, consist of."""
    found = []
    for part in parts:
        track = project.find_track(part.track) if part.track is not None else None
        rows = _rows(part.notes, 0)
        for clip in track.clips if track is not None else ():
            if isinstance(clip, NoteClip):
                there = [row in rows for row in _row_list(clip.notes, clip.shift)]
                ids = clip.notes.id[np.array(there, dtype=bool)]
                found += [(clip.id, tuple(ids.tolist()))] if len(ids) else []
    return tuple(found)


def _track_of(part: Part, take: TakeId, project: Project, taken: list[TrackId]) -> Track | None:
    if part.track is not None:
        return project.find_track(part.track)
    made = (t for t in project.sources if any(clip.take == take for clip in t.clips))
    wanted = part.role or part.name
    return next((t for t in made if t.id not in taken and (t.role or t.name) == wanted), None)


def _sounds_on(track: Track, notes: Notes) -> bool:
    there = set()
    for clip in track.clips:
        if isinstance(clip, NoteClip):
            there |= _rows(clip.notes, clip.shift)
    return _rows(notes, 0) <= there


def _rows(notes: Notes, shift: int) -> set[tuple[int, ...]]:
    return set(_row_list(notes, shift))


def _row_list(notes: Notes, shift: int) -> list[tuple[int, ...]]:
    columns = (notes.start + shift, notes.length, notes.pitch, notes.velocity)
    return list(zip(*(column.tolist() for column in columns), strict=True))
