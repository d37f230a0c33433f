"""The song's tempo and meter as rows of the ruler: drawn, dragged, and written as numbers."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from studio.core.errors import StudioError
from studio.domain.tempo import MeterChange, TempoChange
from studio.edit.command import Command
from studio.edit.tempo import MoveMeter, MoveTempo, SetMeter, SetTempo
from studio.ui import theme
from studio.ui.canvas.gesture import Gesture
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.ruler import Ruler
from studio.ui.rects import draw_rects, rects_of
from studio.ui.timeline.timeline_view import TimelineView
from studio.ui.tr import tr

C = TypeVar("C", TempoChange, MeterChange)

TEMPO_HEIGHT, METER_HEIGHT = 30, 17
_HANDLE_PX = 6.0
_MARGIN = 6.0  # above and below the graph
_LEAST_BPM = 20.0  # how far apart the top and the bottom of the graph are at least
_BPM_A_PX = 0.5
_FINE = 0.1
_DOT = 3.0
_GAP = 5.0
_WORDS_FROM_PX = 16.0  # no tempo is narrower


class TempoLane:
    """Geometry and drawing of both rows, `top` px under the ruler's upper edge."""

    def __init__(self, view: TimelineView) -> None:
        self._view = view
        self.top = 0
        self._tempos: tuple[TempoChange, ...] = ()  # whose bounds are known
        self._low_high = 0.0, 0.0
        self._font = theme.mono_font(theme.LABEL_PX)
        self._metrics = QFontMetricsF(self._font)

    @property
    def height(self) -> int:
        """0 while the rows are not shown."""
        return TEMPO_HEIGHT + METER_HEIGHT if self._view.tempo_shown else 0

    def holds(self, y: float) -> bool:
        return self.top <= y < self.top + self.height

    def is_meter(self, y: float) -> bool:
        """Whether `y` is in the lower row, that of the meters."""
        return y >= self.top + TEMPO_HEIGHT

    def y(self, bpm: float) -> float:
        """Where a tempo is drawn. The scale is that of the song, which no drag changes."""
        return float(self._ys(np.array([bpm]))[0])

    def _ys(self, bpm: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        tempos = self._view.studio.song.project.tempo.tempos
        low, high = min(t.bpm for t in tempos), max(t.bpm for t in tempos)
        room = max(_LEAST_BPM - (high - low), 0.0) / 2
        share = np.clip((bpm - low + room) / (high - low + 2 * room), -0.15, 1.15)
        found: npt.NDArray[np.float64] = (
            self.top + TEMPO_HEIGHT - _MARGIN - share * (TEMPO_HEIGHT - 2 * _MARGIN)
        )
        return found

    def tempo_at(self, x: float) -> tuple[TempoChange, bool]:
        """The change of tempo in force at `x`, and whether its very beginning is there."""
        return _change_at(self._view, self._view.project.tempo.tempos, x)

    def meter_at(self, x: float) -> tuple[MeterChange, bool]:
        return _change_at(self._view, self._view.project.tempo.meters, x)

    def area(self, x: float, meter: bool) -> QRect:
        """Where a number is typed."""
        top = self.top + (TEMPO_HEIGHT - 4 if meter else 3)
        return QRect(max(round(x), 0), top, 74, 24)

    # -- drawing ------------------------------------------------------------------------------
    def paint(self, painter: QPainter, width: float) -> None:
        if not self.height:
            return
        painter.fillRect(QRectF(0, self.top, width, self.height - 1), theme.colour("panel"))
        painter.setFont(self._font)
        self._paint_tempos(painter, width)
        self._paint_meters(painter, width)
        painter.setPen(Qt.PenStyle.NoPen)

    def _paint_tempos(self, painter: QPainter, width: float) -> None:
        tempos, axis = self._view.project.tempo.tempos, self._view.axis
        first = max(bisect_right(tempos, axis.span[0], key=lambda t: t.tick) - 1, 0)
        seen = [t for t in tempos[first:] if axis.x(t.tick) <= width]
        left = np.maximum(axis.xs([t.tick for t in seen]), 0.0)
        right = np.append(left[1:], width)
        y = np.round(self._ys(np.array([t.bpm for t in seen])))
        painter.setBrush(theme.colour("accent"))
        draw_rects(painter, rects_of(left, y - 0.5, right - left + 0.5, 1.5))
        steps = np.abs(np.diff(y))
        draw_rects(painter, rects_of(left[1:] - 0.5, np.minimum(y[:-1], y[1:]), 1.5, steps))
        self._paint_dots(painter, left, y, seen[0].tick >= axis.span[0])
        painter.setPen(theme.colour("text"))
        for index in np.flatnonzero(right - left > _WORDS_FROM_PX).tolist():
            self._paint_tempo(painter, left[index], right[index], y[index], seen[index].bpm)

    def _paint_dots(
        self, painter: QPainter, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], whole: bool
    ) -> None:
        """A dot where each tempo begins, as far as they do not run together."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = np.diff(x, prepend=-np.inf, append=np.inf)
        apart = np.minimum(room[:-1], room[1:]) >= 3 * _DOT
        apart[0] &= whole
        for index in np.flatnonzero(apart).tolist():
            painter.drawEllipse(QPointF(x[index], y[index]), _DOT, _DOT)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_tempo(
        self, painter: QPainter, left: float, right: float, y: float, bpm: float
    ) -> None:
        words = bpm_words(bpm)
        if self._metrics.horizontalAdvance(words) + 2 * _GAP > right - left:
            return
        upper = y > self.top + TEMPO_HEIGHT / 2
        top = self.top + (0 if upper else TEMPO_HEIGHT / 2 - 1)
        box = QRectF(left + _GAP + 1, top, right - left, TEMPO_HEIGHT / 2)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_meters(self, painter: QPainter, width: float) -> None:
        axis, top = self._view.axis, self.top + TEMPO_HEIGHT
        meters = self._view.project.tempo.meters
        ends = [*(axis.x(meter.tick) for meter in meters[1:]), width]
        for meter, end in zip(meters, ends, strict=True):
            left = axis.x(meter.tick)
            if end < 0 or left > width:
                continue
            words = meter_words(meter)
            if left >= 0:
                painter.fillRect(QRectF(left, top, 1, METER_HEIGHT - 2), theme.colour("text_3"))
            left = max(left, 0.0) + _GAP + 1
            if self._metrics.horizontalAdvance(words) <= end - left:
                painter.setPen(theme.colour("text_2"))
                box = QRectF(left, top, end - left, METER_HEIGHT - 2)
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)

    # -- gestures -----------------------------------------------------------------------------
    def gesture(self, ruler: Ruler, at: Pointer) -> Gesture:
        if self.is_meter(at.y):
            return MeterDrag(ruler, at, *self.meter_at(at.x))
        return TempoDrag(ruler, at, *self.tempo_at(at.x))

    def hint(self, y: float) -> str:
        if self.is_meter(y):
            return tr("Double-click to write a meter, drag one to another bar")
        return tr("Drag up or down for another tempo, double-click to write one")


def _change_at(view: TimelineView, changes: tuple[C, ...], x: float) -> tuple[C, bool]:
    """The change in force at `x`, or the one whose very beginning is there; and which it is."""
    tick = view.axis.tick(x)
    index = max(bisect_right(changes, tick, key=lambda change: change.tick) - 1, 0)
    for change in changes[index : index + 2]:
        if abs(view.axis.x(change.tick) - x) <= _HANDLE_PX:
            return change, True
    return changes[index], False


class TempoDrag(Gesture):
    """Another tempo by dragging up or down; by its beginning it is also moved in time."""

    cursor = Qt.CursorShape.SizeVerCursor

    def __init__(self, ruler: Ruler, at: Pointer, change: TempoChange, at_its_start: bool) -> None:
        self._ruler, self._pressed, self._change = ruler, at, change
        self._moves = at_its_start and change.tick > 0

    def drag(self, at: Pointer) -> None:
        view, change = self._ruler.view, self._change
        up = (self._pressed.y - at.y) * _BPM_A_PX
        bpm = change.bpm + up * (_FINE if at.ctrl else 1.0)
        bpm = round(bpm, 1) if at.ctrl else float(round(bpm)) if round(up) else change.bpm
        to = change.tick
        if self._moves and not at.shift:
            to = view.land(view.axis.tick(at.x), bypass=at.alt).tick
        if view.propose(MoveTempo(change.tick, to, bpm)):
            view.said = tr("{bpm} bpm", bpm=bpm_words(view.project.tempo.tempo_at(max(to, 0))))

    def paint(self, painter: QPainter) -> None:
        self._ruler.paint_said(painter, self._ruler.view.said)

    def finish(self) -> None:
        self._ruler.view.commit()

    def click(self) -> None:
        self._ruler.seek(self._pressed)

    def cancel(self) -> None:
        self._ruler.view.drop()


class MeterDrag(Gesture):
    """A change of meter is moved from bar to bar."""

    cursor = Qt.CursorShape.SizeHorCursor

    def __init__(self, ruler: Ruler, at: Pointer, change: MeterChange, at_its_start: bool) -> None:
        self._ruler, self._pressed, self._change = ruler, at, change
        self._moves = at_its_start and change.tick > 0

    def drag(self, at: Pointer) -> None:
        if self._moves:
            view = self._ruler.view
            tempo = view.studio.song.project.tempo
            tick = view.axis.tick(at.x)
            bar = tempo.bar_at(tick + tempo.meter_at(tick).ticks_per_bar // 2)
            view.propose(MoveMeter(self._change.tick, bar))

    def finish(self) -> None:
        self._ruler.view.commit()

    def click(self) -> None:
        self._ruler.seek(self._pressed)

    def cancel(self) -> None:
        self._ruler.view.drop()


def bpm_words(bpm: float) -> str:
    """`120`, `96.5`."""
    return f"{round(bpm, 2):g}"


def meter_words(meter: MeterChange) -> str:
    return f"{meter.beats}/{meter.unit}"


def written(tick: int, text: str) -> Command:
    """The edit that a tempo ("96.5") or a meter ("6/8") makes from `tick` on.

    Raises:
        StudioError: It is neither.
    """
    plain = text.strip().removesuffix("bpm").strip().replace(",", ".")
    meter = re.fullmatch(r"(\d{1,2})\s*/\s*(\d{1,2})", plain)
    if meter:
        return SetMeter(tick, int(meter[1]), int(meter[2]))
    if not re.fullmatch(r"\d{1,3}(\.\d*)?", plain):
        hint = tr("Write a tempo like 96, or a meter like 6/8.")
        raise StudioError(tr("“{text}” is neither a tempo nor a meter.", text=text), hint)
    return SetTempo(tick, float(plain))
