"""Edits of the notes in one clip."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from studio.core.errors import StudioError
from studio.domain.clip import ClipId, NoteClip
from studio.domain.notes import Automation, Mask, Notes
from studio.domain.project import Project
from studio.domain.theory import Key
from studio.edit.command import Edit


def note_clip(project: Project, id: ClipId) -> NoteClip:
    """The note clip `id`. Raises StudioError where there is none."""
    found = project.find_clip(id)
    if found is None or not isinstance(found[1], NoteClip):
        raise StudioError("That clip is no longer there.")
    return found[1]


def with_notes(project: Project, clip: NoteClip, notes: Notes) -> Project:
    """The song with other notes in a clip; the song itself where they are the same."""
    if notes == clip.notes:
        return project
    return project.with_clip(replace(clip, notes=notes))


def _picked(clip: NoteClip, ids: frozenset[int]) -> Mask:
    return clip.notes.mask_of(ids)


@dataclass(frozen=True, slots=True)
class AddNotes(Edit):
    """Add notes (content ticks); they get ids of their own, counting from the clip's `next_id`."""

    label: ClassVar[str] = "Add notes"
    clip: ClipId
    notes: Notes
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        clip = note_clip(project, self.clip)
        return with_notes(project, clip, clip.notes.joined(self.notes))


@dataclass(frozen=True, slots=True)
class DeleteNotes(Edit):
    label: ClassVar[str] = "Delete notes"
    clip: ClipId
    ids: frozenset[int]
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        clip = note_clip(project, self.clip)
        return with_notes(project, clip, clip.notes.where(~_picked(clip, self.ids)))


@dataclass(frozen=True, slots=True)
class MoveNotes(Edit):
    """Move notes in time and pitch; the group stops as one at the edges."""

    label: ClassVar[str] = "Move notes"
    clip: ClipId
    ids: frozenset[int]
    by_ticks: int = 0
    by_semitones: int = 0
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        clip = note_clip(project, self.clip)
        mask = _picked(clip, self.ids)
        if not mask.any():
            return project
        moved = clip.notes.where(mask)
        ticks = max(self.by_ticks, -int(moved.start.min()))
        low, high = -int(moved.pitch.min()), 127 - int(moved.pitch.max())
        semitones = min(max(self.by_semitones, low), high)
        notes = clip.notes.with_columns(
            mask, start=moved.start + ticks, pitch=moved.pitch.astype(np.int64) + semitones
        )
        return with_notes(project, clip, notes)


@dataclass(frozen=True, slots=True)
class CopyNotes(Edit):
    """Copy notes to another place in the same clip; the copies get ids from `next_id`."""

    label: ClassVar[str] = "Copy notes"
    clip: ClipId
    ids: frozenset[int]
    by_ticks: int = 0
    by_semitones: int = 0
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        clip = note_clip(project, self.clip)
        copied = clip.notes.where(_picked(clip, self.ids))
        if not len(copied):
            return project
        ticks = max(self.by_ticks, -int(copied.start.min()))
        pitch = copied.pitch.astype(np.int64) + self.by_semitones
        inside = (pitch >= 0) & (pitch <= 127)
        shifted = copied.with_columns(start=copied.start + ticks, pitch=np.clip(pitch, 0, 127))
        return with_notes(project, clip, clip.notes.joined(shifted.where(inside)))


@dataclass(frozen=True, slots=True)
class ResizeNotes(Edit):
    """Move the left and the right edges of notes; a note keeps at least `shortest` ticks."""

    label: ClassVar[str] = "Resize notes"
    clip: ClipId
    ids: frozenset[int]
    left_by: int = 0
    right_by: int = 0
    shortest: int = 30
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        clip = note_clip(project, self.clip)
        mask = _picked(clip, self.ids)
        picked = clip.notes.where(mask)
        shortest = np.minimum(picked.length, self.shortest)
        start = np.clip(picked.start + self.left_by, 0, picked.end - shortest)
        end = np.maximum(picked.end + self.right_by, start + shortest)
        notes = clip.notes.with_columns(mask, start=start, length=end - start)
        return with_notes(project, clip, notes)


@dataclass(frozen=True, slots=True)
class SetNotes(Edit):
    """Set columns of notes to one value each: any of `_SETTABLE`."""

    label: ClassVar[str] = "Change notes"
    clip: ClipId
    ids: frozenset[int]
    columns: tuple[tuple[str, Any], ...]
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        clip = note_clip(project, self.clip)
        unknown = {name for name, _ in self.columns} - _SETTABLE
        if unknown:
            raise StudioError(f"A note has no {', '.join(sorted(unknown))}.")
        try:
            notes = clip.notes.with_columns(_picked(clip, self.ids), **dict(self.columns))
        except (ValueError, OverflowError) as error:
            raise StudioError(
                "A note cannot be like that.",
                "Pitch is 0-127, velocity 1-127, and a note lasts at least a tick.",
            ) from error
        return with_notes(project, clip, notes)


_SETTABLE = {"velocity", "locked", "muted", "fresh", "cents", "timing", "length", "pitch"}


@dataclass(frozen=True, slots=True)
class ChangeVelocity(Edit):
    """Add to the velocity of notes, within 1-127."""

    label: ClassVar[str] = "Change velocity"
    clip: ClipId
    ids: frozenset[int]
    by: int
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        clip = note_clip(project, self.clip)
        mask = _picked(clip, self.ids)
        velocity = clip.notes.velocity[mask].astype(np.int64) + self.by
        notes = clip.notes.with_columns(mask, velocity=np.clip(velocity, 1, 127))
        return with_notes(project, clip, notes)


@dataclass(frozen=True, slots=True)
class SetVelocities(Edit):
    """Give each note its own velocity, as (id, velocity) pairs: a line drawn across the lane."""

    label: ClassVar[str] = "Draw velocities"
    clip: ClipId
    velocities: tuple[tuple[int, int], ...]
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        clip = note_clip(project, self.clip)
        given = np.array(self.velocities, dtype=np.int64).reshape(-1, 2)
        given = given[np.argsort(given[:, 0], kind="stable")]
        mask = clip.notes.mask_of(given[:, 0])
        last = np.searchsorted(given[:, 0], clip.notes.id[mask], side="right") - 1
        notes = clip.notes.with_columns(mask, velocity=np.clip(given[last, 1], 1, 127))
        return with_notes(project, clip, notes)


@dataclass(frozen=True, slots=True)
class SplitNotes(Edit):
    """Cut notes that sound at `tick` (content) in two; the right halves get ids from `next_id`."""

    label: ClassVar[str] = "Split notes"
    clip: ClipId
    ids: frozenset[int]
    tick: int

    def apply(self, project: Project) -> Project:
        clip = note_clip(project, self.clip)
        notes = clip.notes
        mask = _picked(clip, self.ids) & (notes.start < self.tick) & (notes.end > self.tick)
        cut = notes.where(mask)
        left = notes.with_columns(mask, length=self.tick - cut.start)
        right = cut.with_columns(start=self.tick, length=cut.end - self.tick)
        return with_notes(project, clip, left.joined(right))


@dataclass(frozen=True, slots=True)
class JoinNotes(Edit):
    """Make one note of all picked notes of the same pitch, from the first onset to the last end."""

    label: ClassVar[str] = "Join notes"
    clip: ClipId
    ids: frozenset[int]

    def apply(self, project: Project) -> Project:
        clip = note_clip(project, self.clip)
        notes = clip.notes
        picked = _picked(clip, self.ids)
        table = notes.table.copy()
        kept = np.ones(len(notes), dtype=bool)
        for pitch in np.unique(notes.pitch[picked]):
            same = np.flatnonzero(picked & (notes.pitch == pitch))
            end = int(notes.end[same].max())
            table["length"][same[0]] = end - int(notes.start[same[0]])
            kept[same[1:]] = False
        return with_notes(project, clip, Notes(table[kept]))


@dataclass(frozen=True, slots=True)
class FitToKey(Edit):
    """Move notes outside the key to its nearest pitch."""

    label: ClassVar[str] = "Fit to key"
    clip: ClipId
    ids: frozenset[int]
    key: Key

    def apply(self, project: Project) -> Project:
        clip = note_clip(project, self.clip)
        mask = _picked(clip, self.ids)
        nearest = np.array([self.key.nearest(pitch) for pitch in range(128)], dtype=np.uint8)
        notes = clip.notes.with_columns(mask, pitch=nearest[clip.notes.pitch[mask]])
        return with_notes(project, clip, notes)


@dataclass(frozen=True, slots=True)
class SetController(Edit):
    """Replace one controller lane of a clip; a lane without points is removed."""

    label: ClassVar[str] = "Draw controller"
    clip: ClipId
    lane: Automation
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        clip = note_clip(project, self.clip)
        others = tuple(c for c in clip.controllers if c.parameter != self.lane.parameter)
        lanes = (*others, self.lane) if len(self.lane.points) else others
        lanes = tuple(sorted(lanes, key=lambda lane: lane.parameter))
        if lanes == clip.controllers:
            return project
        return project.with_clip(replace(clip, controllers=lanes))
