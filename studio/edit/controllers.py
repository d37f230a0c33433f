"""Edits of what moves in a note clip beside its notes: controllers, pitch bend, pressure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.errors import StudioError
from studio.domain.clip import ClipId
from studio.domain.notes import HOLD, LINEAR, POINT_DTYPE, Automation
from studio.domain.project import Project
from studio.edit.command import Edit
from studio.edit.notes import SetController, note_clip

Points: TypeAlias = npt.NDArray[Any]  # of POINT_DTYPE
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
        if not self.points:
            return project
        drawn = np.zeros(len(self.points), POINT_DTYPE)
        low, high = controller_range(self.parameter)
        ticks, values = zip(*sorted(dict(self.points).items()), strict=True)
        drawn = drawn[: len(ticks)]
        drawn["tick"], drawn["value"] = ticks, np.clip(values, low, high)
        if drawn["tick"][0] < 0:
            raise StudioError("A clip holds nothing before its content begins.")
        drawn["curve"] = LINEAR if self.straight else HOLD
        drawn["curve"][-1] = HOLD
        kept = points_outside(project, self.clip, self.parameter, ticks[0], ticks[-1])
        return _with_points(project, self.clip, self.parameter, np.concatenate([kept, drawn]))


@dataclass(frozen=True, slots=True)
class EraseController(Edit):
    """Take away the points from `start` to `end` (content ticks, both included)."""

    label: ClassVar[str] = "Erase controller"
    clip: ClipId
    parameter: str
    start: int
    end: int

    def apply(self, project: Project) -> Project:
        kept = points_outside(project, self.clip, self.parameter, self.start, self.end)
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
        points = lane_of(project, self.clip, self.parameter).points.copy()
        found = np.flatnonzero(points["tick"] == self.tick)
        if not len(found):
            return project
        index = int(found[0])
        least = int(points["tick"][index - 1]) + 1 if index else 0
        most = int(points["tick"][index + 1]) - 1 if index + 1 < len(points) else None
        tick = max(self.to_tick, least)
        low, high = controller_range(self.parameter)
        points["tick"][index] = tick if most is None else min(tick, most)
        points["value"][index] = min(max(self.value, low), high)
        return _with_points(project, self.clip, self.parameter, points)


def lane_of(project: Project, clip: ClipId, parameter: str) -> Automation:
    """One lane of a clip, without points where it has none. Raises StudioError without a clip."""
    lanes = note_clip(project, clip).controllers
    empty = Automation.of(parameter, [], [])
    return next((lane for lane in lanes if lane.parameter == parameter), empty)


def points_outside(project: Project, clip: ClipId, parameter: str, start: int, end: int) -> Points:
    """The points of a lane that do not lie in [start, end], `POINT_DTYPE`, shape [n]."""
    points = lane_of(project, clip, parameter).points
    return points[(points["tick"] < start) | (points["tick"] > end)]


def _with_points(project: Project, clip: ClipId, parameter: str, points: Points) -> Project:
    ordered = points[np.argsort(points["tick"], kind="stable")]
    lane = replace(lane_of(project, clip, parameter), points=ordered)
    return SetController(clip, lane).apply(project)
