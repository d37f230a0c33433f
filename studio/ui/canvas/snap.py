"""Where an edge lands: on the grid, or on something that stands nearby."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from studio.domain.clip import ClipId
from studio.domain.project import Project
from studio.domain.tempo import TICKS_PER_QUARTER, TempoMap
from studio.ui.canvas.axis import WHOLE, TimeAxis

NEAR_PX = 7.0  # how close an edge, marker or playhead must be to win over the grid
ADAPTIVE_PX = 14.0  # the narrowest adaptive grid step
BAR = -1  # grid step: one bar of whatever meter is in force
ADAPTIVE = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """A choice of the grid menu; `step` in ticks, or BAR, or ADAPTIVE."""

    id: str
    title: str
    step: int


GRIDS = (
    Grid("adaptive", "Adaptive", ADAPTIVE),
    Grid("bar", "Bar", BAR),
    *(Grid(f"1/{part}", f"1/{part}", WHOLE // part) for part in (2, 4, 8, 16, 32, 64)),
    *(
        Grid(f"1/{part}t", f"1/{part} triplet", WHOLE * 2 // 3 // part)
        for part in (2, 4, 8, 16, 32)
    ),
    *(Grid(f"1/{part}d", f"1/{part} dotted", WHOLE * 3 // 2 // part) for part in (4, 8, 16)),
)
_BY_ID = {grid.id: grid for grid in GRIDS}


@dataclass(frozen=True, slots=True)
class Landing:
    """Where something lands, and whether a line should say what it met."""

    tick: int
    snapped: bool = False
    on_element: bool = False


def adaptive_step(tempo: TempoMap, tick: int, scale: float) -> int:
    """The finest step of the meter at `tick` that is at least ADAPTIVE_PX wide on the screen."""
    meter = tempo.meter_at(tick)
    least = ADAPTIVE_PX / scale
    step = meter.ticks_per_beat
    while step // 2 >= least and step // 2 >= TICKS_PER_QUARTER // 16:
        step //= 2
    if step >= least:
        return step
    step = meter.ticks_per_bar
    while step < least:
        step *= 2
    return step


class Snap(QObject):
    """What edges snap to in one view.

    Attributes:
        on: N toggles it.
        grid: The choice of the grid menu.
        elements: Whether clip edges, the playhead and markers attract too.
        keeps_offset: Whether what is moved keeps its distance from the grid.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.on = True
        self.grid = GRIDS[0]
        self.elements = True
        self.keeps_offset = False

    def toggle(self) -> None:
        self.on = not self.on
        self.changed.emit()

    def set_grid(self, id: str) -> None:
        """Choose a grid by id; that also turns snapping on. Raises KeyError for an unknown one."""
        self.grid = _BY_ID[id]
        self.on = True
        self.changed.emit()

    def set_elements(self, on: bool) -> None:
        self.elements = on
        self.changed.emit()

    def set_keeps_offset(self, on: bool) -> None:
        self.keeps_offset = on
        self.changed.emit()

    def step(self, tempo: TempoMap, tick: int, scale: float) -> int:
        """The grid step in force at `tick`, ticks (also what a nudge moves by)."""
        if self.grid.step == ADAPTIVE:
            return adaptive_step(tempo, tick, scale)
        if self.grid.step == BAR:
            return tempo.meter_at(tick).ticks_per_bar
        return self.grid.step

    def floor(self, tempo: TempoMap, tick: int, scale: float) -> int:
        """The grid line at or before `tick`."""
        origin, step = self._origin(tempo, tick, scale)
        return origin + (tick - origin) // step * step

    def nearest_line(self, tempo: TempoMap, tick: int, scale: float) -> int:
        before = self.floor(tempo, tick, scale)
        after = before + self.step(tempo, tick, scale)
        next_bar = tempo.next_bar(tick + 1) if self.grid.step <= WHOLE else after
        after = min(after, next_bar) if next_bar > before else after
        return before if tick - before <= after - tick else after

    def land(
        self,
        tempo: TempoMap,
        tick: int,
        axis: TimeAxis,
        elements: npt.NDArray[np.int64] | None = None,
        *,
        bypass: bool = False,
    ) -> Landing:
        """Where `tick` lands; `elements` are sorted ticks that attract within NEAR_PX."""
        tick = max(tick, 0)
        if not self.on or bypass:
            return Landing(tick)
        line = self.nearest_line(tempo, tick, axis.scale)
        if self.elements and elements is not None and len(elements):
            near = _nearest(elements, tick)
            distance = abs(near - tick)
            if distance * axis.scale <= NEAR_PX and distance <= abs(line - tick):
                return Landing(near, snapped=True, on_element=True)
        return Landing(line, snapped=True)

    def _origin(self, tempo: TempoMap, tick: int, scale: float) -> tuple[int, int]:
        step = self.step(tempo, tick, scale)
        meter = tempo.meter_at(tick)
        bar = tempo.bar_start(tempo.bar_at(tick))
        # A step of whole bars counts from the meter's change, any other from the bar.
        return (meter.tick if step % meter.ticks_per_bar == 0 else bar), step


def _nearest(elements: npt.NDArray[np.int64], tick: int) -> int:
    at = int(np.searchsorted(elements, tick))
    around = elements[max(at - 1, 0) : at + 1]
    return int(around[np.argmin(np.abs(around - tick))])


def elements_of(
    project: Project, without: frozenset[ClipId] = frozenset()
) -> npt.NDArray[np.int64]:
    """Ticks that attract: markers, and edges of clips but those of `without`; sorted."""
    ticks = [marker.tick for marker in project.markers]
    for _, clip in project.clips():
        if clip.id not in without:
            ticks += (clip.start, project.clip_end(clip))
    return np.unique(np.array(ticks, dtype=np.int64))
