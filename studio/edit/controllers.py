"""Edits of what moves in a note clip beside its notes: controllers, pitch bend, pressure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from studio.core.errors import StudioError
from studio.domain.clip import ClipId
from studio.domain.notes import HOLD, LINEAR, Automation
from studio.domain.project import Project
from studio.edit.command import Edit
from studio.edit.curves import Points, with_moved, with_stroke, without_span
from studio.edit.notes import SetController, note_clip

BEND_LIMIT = 24.0  # semitones that the pitch wheel reaches


def controller_range(parameter: str) -> tuple[float, float]:
    """The values that `cc<n>`, `pressure` or `bend` (semitones) may take."""
    return (-BEND_LIMIT, BEND_LIMIT) if parameter == "bend" else (0.0, 127.0)


@dataclass(frozen=True, slots=True)
class DrawController(Edit):
    """Write points (content tick, value) in place of all between the first and the last of them.

    Attributes:
        straight: Values go straight from point to point; else each is held until the next. The
            last one is held in any case, so that what follows stays as it was.
    """

    label: ClassVar[str] = "Draw controller"
    clip: ClipId
    parameter: str
    points: tuple[tuple[int, float], ...]
    straight: bool = False

    def apply(self, project: Project) -> Project:
        if any(tick < 0 for tick, _ in self.points):
            raise StudioError("A clip holds nothing before its content begins.")
        within = controller_range(self.parameter)
        curve = LINEAR if self.straight else HOLD
        before = lane_of(project, self.clip, self.parameter).points
        after = with_stroke(before, self.points, within, curve, HOLD)
        return _with_points(project, self.clip, self.parameter, after)


@dataclass(frozen=True, slots=True)
class EraseController(Edit):
    """Take away the points from `start` to `end` (content ticks, both included)."""

    label: ClassVar[str] = "Erase controller"
    clip: ClipId
    parameter: str
    start: int
    end: int

    def apply(self, project: Project) -> Project:
        before = lane_of(project, self.clip, self.parameter).points
        kept = without_span(before, self.start, self.end)
        return _with_points(project, self.clip, self.parameter, kept)


@dataclass(frozen=True, slots=True)
class MovePoint(Edit):
    """Move the point at `tick` to another tick, between its neighbours, and another value."""

    label: ClassVar[str] = "Move controller point"
    clip: ClipId
    parameter: str
    tick: int
    to_tick: int
    value: float

    def apply(self, project: Project) -> Project:
        before = lane_of(project, self.clip, self.parameter).points
        within = controller_range(self.parameter)
        after = with_moved(before, self.tick, self.to_tick, self.value, within)
        return _with_points(project, self.clip, self.parameter, after)


def lane_of(project: Project, clip: ClipId, parameter: str) -> Automation:
    """One lane of a clip, without points where it has none. Raises StudioError without a clip."""
    lanes = note_clip(project, clip).controllers
    empty = Automation.of(parameter, [], [])
    return next((lane for lane in lanes if lane.parameter == parameter), empty)


def _with_points(project: Project, clip: ClipId, parameter: str, points: Points) -> Project:
    lane = replace(lane_of(project, clip, parameter), points=points)
    return SetController(clip, lane).apply(project)
