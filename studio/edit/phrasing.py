"""Edits of how notes are phrased: where they fall, how long they last, and how loud they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from studio.core.errors import StudioError
from studio.domain.clip import ClipId
from studio.domain.notes import Notes
from studio.domain.project import Project
from studio.domain.tempo import TempoMap
from studio.domain.theory import Key
from studio.edit.command import Edit
from studio.edit.notes import note_clip, with_notes

Ints = npt.NDArray[np.int64]
SHORTEST = 30  # ticks that a note keeps
CHORD_TICKS = 60  # onsets no further apart are one chord


def swung_lines(tempo: TempoMap, ticks: Ints, grid: int, swing: float = 0.0) -> Ints:
    """The grid line next to each tick; same shape.

    Lines count from the bar (a grid of whole bars from the meter's change). Every second one is
    late by `swing` (0-1) thirds of the grid, so that 1 plays pairs as triplets.
    """
    at = np.array([meter.tick for meter in tempo.meters], dtype=np.int64)
    lasts = np.array([meter.ticks_per_bar for meter in tempo.meters], dtype=np.int64)
    row = np.maximum(np.searchsorted(at, ticks, side="right") - 1, 0)
    whole = grid % lasts[row] == 0
    origin = at[row] + np.where(whole, 0, (ticks - at[row]) // lasts[row] * lasts[row])
    step = (ticks - origin) // grid
    late = round(swing * grid / 3)
    lines = [
        np.where(
            whole | ((step + by) * grid < lasts[row]),
            origin + (step + by) * grid + (step + by) % 2 * late,
            origin + lasts[row],
        )
        for by in (-1, 0, 1)
    ]
    away = np.stack([np.abs(line - ticks) for line in lines])
    found: Ints = np.stack(lines)[np.argmin(away, axis=0), np.arange(len(ticks))]
    return found


@dataclass(frozen=True, slots=True)
class Phrasing(Edit):
    """What these edits share: they turn the picked notes of a clip into others, one for one."""

    clip: ClipId
    ids: frozenset[int]

    def apply(self, project: Project) -> Project:
        clip = note_clip(project, self.clip)
        mask = clip.notes.mask_of(self.ids)
        if not mask.any():
            return project
        columns = self.columns(clip.notes.where(mask), clip.shift, project.tempo)
        return with_notes(project, clip, clip.notes.with_columns(mask, **columns))

    def columns(self, notes: Notes, shift: int, tempo: TempoMap) -> dict[str, Any]:
        """The columns of `notes` (never empty) that change; `shift` makes song ticks of theirs."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class QuantiseNotes(Phrasing):
    """Pull onsets (with their played timing) and ends to a grid by `amount` (0-1).

    Attributes:
        grid: Ticks between lines.
        swing: How late every second line is, 0-1; 1 plays pairs as triplets.
        scatter: Ticks by which onsets may lie beside where they were pulled to, by chance.
    """

    label: ClassVar[str] = "Quantise"
    grid: int
    amount: float = 1.0
    starts: bool = True
    ends: bool = False
    swing: float = 0.0
    scatter: int = 0
    seed: int = 0

    def apply(self, project: Project) -> Project:
        if self.grid < 1:
            raise StudioError("Choose a grid to quantise to.")
        return Phrasing.apply(self, project)

    def columns(self, notes: Notes, shift: int, tempo: TempoMap) -> dict[str, Any]:
        start, end, timing = notes.start, notes.end, notes.timing
        if self.starts:
            start = self._pulled(start + shift, tempo) - shift
            timing = np.rint(timing * (1.0 - self.amount)).astype(np.int32)
        if self.scatter:
            chance = np.random.default_rng(self.seed).uniform(-1, 1, len(notes))
            start = start + np.rint(chance * self.scatter).astype(np.int64)
        start = np.maximum(start, 0)
        length = notes.length
        if self.ends:
            end = self._pulled(end + shift, tempo) - shift
            length = np.maximum(end - start, np.minimum(notes.length, SHORTEST))
        return {"start": start, "length": length, "timing": timing}

    def _pulled(self, ticks: Ints, tempo: TempoMap) -> Ints:
        target = swung_lines(tempo, ticks, self.grid, self.swing)
        pulled: Ints = np.rint(ticks + (target - ticks) * self.amount).astype(np.int64)
        return pulled


@dataclass(frozen=True, slots=True)
class HumaniseNotes(Phrasing):
    """Move onsets by up to `ticks`, and velocities by up to `velocity`; little is likelier."""

    label: ClassVar[str] = "Humanise timing and velocity"
    ticks: int = 20
    velocity: int = 10
    seed: int = 0

    def columns(self, notes: Notes, shift: int, tempo: TempoMap) -> dict[str, Any]:
        chance = np.random.default_rng(self.seed).triangular(-1, 0, 1, (2, len(notes)))
        start = notes.start + np.rint(chance[0] * self.ticks).astype(np.int64)
        velocity = notes.velocity + np.rint(chance[1] * self.velocity).astype(np.int64)
        return {"start": np.maximum(start, 0), "velocity": np.clip(velocity, 1, 127)}


@dataclass(frozen=True, slots=True)
class LegatoNotes(Phrasing):
    """Let each note last until `gap` ticks before the next onset (after it, where negative)."""

    label: ClassVar[str] = "Legato"
    gap: int = 0

    def columns(self, notes: Notes, shift: int, tempo: TempoMap) -> dict[str, Any]:
        first = _chord_starts(notes.start)
        onsets = np.unique(first)
        after = np.searchsorted(onsets, first, side="right")
        until = np.append(onsets, 0)[after] - self.gap
        length = np.maximum(until - notes.start, np.minimum(notes.length, SHORTEST))
        return {"length": np.where(after < len(onsets), length, notes.length)}


@dataclass(frozen=True, slots=True)
class StaccatoNotes(Phrasing):
    """Let each note last `share` of what it did."""

    label: ClassVar[str] = "Staccato"
    share: float = 0.5

    def columns(self, notes: Notes, shift: int, tempo: TempoMap) -> dict[str, Any]:
        length = np.rint(notes.length * self.share).astype(np.int64)
        return {"length": np.maximum(length, np.minimum(notes.length, SHORTEST))}


@dataclass(frozen=True, slots=True)
class ReverseNotes(Phrasing):
    """Play notes from last to first within the time they take."""

    label: ClassVar[str] = "Reverse"

    def columns(self, notes: Notes, shift: int, tempo: TempoMap) -> dict[str, Any]:
        return {"start": notes.start.min() + notes.end.max() - notes.end}


@dataclass(frozen=True, slots=True)
class FlipNotes(Phrasing):
    """Turn notes upside down within their range; by steps of `key`, where there is one."""

    label: ClassVar[str] = "Flip"
    key: Key | None = None

    def columns(self, notes: Notes, shift: int, tempo: TempoMap) -> dict[str, Any]:
        pitch = notes.pitch.astype(np.int64)
        if self.key is None:
            return {"pitch": pitch.min() + pitch.max() - pitch}
        scale = scale_of(self.key)
        step = degrees(scale, pitch)
        return {"pitch": scale[step.min() + step.max() - step]}


@dataclass(frozen=True, slots=True)
class StrumNotes(Phrasing):
    """Strike the notes of each chord one after the other, `ticks` apart; ends stay.

    The lowest comes first; with negative `ticks` the highest does.
    """

    label: ClassVar[str] = "Strum"
    ticks: int = 30

    def columns(self, notes: Notes, shift: int, tempo: TempoMap) -> dict[str, Any]:
        chord = _chord_starts(notes.start)
        side = 1 if self.ticks >= 0 else -1
        order = np.lexsort((side * notes.pitch.astype(np.int64), chord))
        rank = np.zeros(len(notes), dtype=np.int64)
        sorted_chord = chord[order]
        rank[order] = np.arange(len(notes)) - np.searchsorted(sorted_chord, sorted_chord)
        late = rank * abs(self.ticks)
        latest = np.maximum(notes.length - np.minimum(notes.length, SHORTEST), 0)
        late = np.minimum(late, latest)
        return {"start": notes.start + late, "length": notes.length - late}


@dataclass(frozen=True, slots=True)
class SwellNotes(Phrasing):
    """Scale velocities from `first` at the first onset to `last` at the last one (1 keeps them)."""

    label: ClassVar[str] = "Crescendo"
    first: float = 0.6
    last: float = 1.2

    def columns(self, notes: Notes, shift: int, tempo: TempoMap) -> dict[str, Any]:
        ends = [notes.start.min(), max(notes.start.max(), notes.start.min() + 1)]
        factor = np.interp(notes.start, ends, [self.first, self.last])
        return {"velocity": np.clip(np.rint(notes.velocity * factor), 1, 127).astype(np.uint8)}


@dataclass(frozen=True, slots=True)
class FlamNotes(Edit):
    """Put a softer stroke `ticks` before each note; the strokes get ids from `next_id`."""

    label: ClassVar[str] = "Flam"
    clip: ClipId
    ids: frozenset[int]
    ticks: int = 45
    share: float = 0.6

    def apply(self, project: Project) -> Project:
        clip = note_clip(project, self.clip)
        room = clip.notes.start >= self.ticks
        picked = clip.notes.where(clip.notes.mask_of(self.ids) & room)
        softer = np.clip(np.rint(picked.velocity * self.share), 1, 127)
        strokes = picked.with_columns(
            start=picked.start - self.ticks,
            length=np.clip(picked.length, 1, max(self.ticks, 1)),
            velocity=softer.astype(np.uint8),
        )
        return with_notes(project, clip, clip.notes.joined(strokes))


@dataclass(frozen=True, slots=True)
class MoveInKey(Phrasing):
    """Move notes in time, and by steps of a key; the group stops as one at the edges."""

    label: ClassVar[str] = "Move notes"
    by_ticks: int
    by_degrees: int
    key: Key

    def columns(self, notes: Notes, shift: int, tempo: TempoMap) -> dict[str, Any]:
        ticks = max(self.by_ticks, -int(notes.start.min()))
        if not self.by_degrees:
            return {"start": notes.start + ticks}
        scale = scale_of(self.key)
        step = degrees(scale, notes.pitch.astype(np.int64))
        by = min(max(self.by_degrees, -int(step.min())), len(scale) - 1 - int(step.max()))
        return {"start": notes.start + ticks, "pitch": scale[step + by]}


def scale_of(key: Key) -> Ints:
    """The pitches of a key, rising."""
    return np.array([pitch for pitch in range(128) if pitch in key], dtype=np.int64)


def degrees(scale: Ints, pitch: Ints) -> Ints:
    """For each pitch the index of the one in `scale` that is next to it; the lower of two."""
    above = np.clip(np.searchsorted(scale, pitch), 1, len(scale) - 1)
    nearer_below = pitch - scale[above - 1] <= scale[above] - pitch
    return above - nearer_below


def _chord_starts(start: Ints) -> Ints:
    """For each onset (rising) the first one of its chord; same shape."""
    firsts, first = [], -CHORD_TICKS - 1
    for tick in start.tolist():
        first = tick if tick - first > CHORD_TICKS else first
        firsts.append(first)
    return np.array(firsts, dtype=np.int64)
