"""The lines of bars, beats and their parts, for the stretch that is in sight."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from studio.domain.tempo import TempoMap
from studio.ui import theme
from studio.ui.canvas.axis import TimeAxis
from studio.ui.rects import draw_rects, rects_of

LEAST_BAR_PX = 10.0
LEAST_BEAT_PX = 14.0


@dataclass(frozen=True, slots=True)
class GridLines:
    """Ticks of lines by weight; no tick is in two of them. Each is sorted."""

    bars: npt.NDArray[np.int64]
    beats: npt.NDArray[np.int64]
    parts: npt.NDArray[np.int64]


def bar_stride(bar_px: float, least_px: float) -> int:
    """How many bars (a power of two) lie between lines so that they are `least_px` apart."""
    stride = 1
    while bar_px * stride < least_px:
        stride *= 2
    return stride


def grid_lines(tempo: TempoMap, axis: TimeAxis, part_step: int) -> GridLines:
    """The lines in sight; `part_step` (ticks) is the grid that edges snap to."""
    start, end = axis.span
    bars, beats, parts = [], [], []
    meters = tempo.meters
    for index, meter in enumerate(meters):
        until = meters[index + 1].tick if index + 1 < len(meters) else end
        if until <= start or meter.tick >= end:
            continue
        bar, beat = meter.ticks_per_bar, meter.ticks_per_beat
        stride = bar * bar_stride(bar * axis.scale, LEAST_BAR_PX)
        section = (meter.tick, max(start, meter.tick), min(end, until))
        bars.append(_every(stride, *section))
        if beat * axis.scale >= LEAST_BEAT_PX:
            beats.append(_without(_every(beat, *section), meter.tick, bar))
        if part_step < beat and part_step * axis.scale >= LEAST_BEAT_PX:
            parts.append(_without(_every(part_step, *section), meter.tick, beat))
    return GridLines(_joined(bars), _joined(beats), _joined(parts))


def draw_grid(
    painter: QPainter,
    axis: TimeAxis,
    lines: GridLines,
    alphas: tuple[float, float, float],
    area: QRectF,
) -> None:
    """Vertical hairlines over `area`, in the opacities of bars, beats and parts.

    They are drawn once into a strip one pixel high that is laid over all rows: writing along rows
    is several times faster than down columns.
    """
    ratio = painter.device().devicePixelRatio()
    strip = QPixmap(math.ceil(area.width() * ratio), 1)
    strip.setDevicePixelRatio(ratio)
    strip.fill(Qt.GlobalColor.transparent)
    kinds = ((lines.parts, "line"), (lines.beats, "line"), (lines.bars, "line_strong"))
    with QPainter(strip) as inner:
        inner.setPen(Qt.PenStyle.NoPen)
        for (ticks, token), alpha in zip(kinds, reversed(alphas), strict=True):
            draw_lines(inner, axis, ticks, theme.colour(token, alpha), 0, 1)
    painter.drawTiledPixmap(area, strip)


def draw_lines(
    painter: QPainter,
    axis: TimeAxis,
    ticks: npt.NDArray[np.int64],
    color: QColor,
    top: float,
    height: float,
) -> None:
    """Vertical hairlines, one device pixel sharp at whole logical pixels."""
    painter.setBrush(color)
    draw_rects(painter, rects_of(np.floor(axis.xs(ticks)), top, 1.0, height))


def _every(step: int, origin: int, start: int, end: int) -> npt.NDArray[np.int64]:
    first = origin + -(-(start - origin) // step) * step
    return np.arange(first, end, step, dtype=np.int64)


def _without(ticks: npt.NDArray[np.int64], origin: int, step: int) -> npt.NDArray[np.int64]:
    kept: npt.NDArray[np.int64] = ticks[(ticks - origin) % step != 0]
    return kept


def _joined(parts: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
