"""The ruler: bar numbers, the loop, the playhead's head; click to seek, drag to loop."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.canvas.gesture import Gesture, GestureCanvas
from studio.ui.canvas.grid import bar_stride, draw_lines, grid_lines
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.view import View
from studio.ui.tr import tr

BARS_HEIGHT = 28
BEAT_PX = 110.0  # the least room for a beat's number
NUMBER_PX = 30.0  # the least room for a bar's number
HANDLE_PX = 6.0
LOOP_LINE = 2.0


class Ruler(GestureCanvas):
    """Bars of the song over a view.

    In the upper half a drag makes, moves or resizes the loop. In the lower half a click seeks; what
    a drag does there, `lower_drag` says.
    """

    def __init__(self, view: View, parent: QWidget | None = None, *, above: int = 0) -> None:
        super().__init__(view.axis, parent)
        self.view = view
        self.playback = view.studio.playback
        self.toggle_play = lambda: self.playback.toggle()  # noqa: PLW0108 - looked up anew
        self.above = above  # px of other rows over the bars
        self.setFixedHeight(above + BARS_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(tr("Ruler"))
        self.bindings = Bindings()
        for signal in (view.axis.changed, view.snap.changed, view.shown_changed):
            self.bindings.connect(signal, self.invalidate_grid)
        self.bindings.connect(self.playback.loop_changed, self.invalidate_grid)
        self.bindings.connect(self.playback.moved, self.follow)

    def sizeHint(self) -> QSize:
        return QSize(200, self.above + BARS_HEIGHT)

    def follow(self) -> None:
        """Draw the playhead's head where it is now."""
        self.move_playhead(self.axis.x(self.playback.position_tick))

    # -- drawing ------------------------------------------------------------------------------
    def paint_grid(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), theme.colour("canvas"))
        self._paint_loop(painter)
        tempo = self.view.project.tempo
        lines = grid_lines(tempo, self.axis, self.view.grid_step(self.axis.span[0]))
        bottom = float(self.height())
        draw_lines(painter, self.axis, lines.beats, theme.colour("line"), bottom - 5, 5)
        draw_lines(painter, self.axis, lines.bars, theme.colour("line_strong"), bottom - 8, 8)
        self._paint_numbers(painter)
        self.paint_marks(painter)
        painter.fillRect(QRectF(0, bottom - 1, self.width(), 1), theme.colour("line"))

    def paint_marks(self, painter: QPainter) -> None:
        """Sections or chords."""

    def number_x(self, x: float) -> float:
        """Where a bar's number starts, whose line is at `x`."""
        return x + 5

    def _paint_numbers(self, painter: QPainter) -> None:
        tempo = self.view.project.tempo
        start, end = self.axis.span
        bar_px = tempo.meter_at(start).ticks_per_bar * self.axis.scale
        stride = bar_stride(bar_px, NUMBER_PX)
        first = (tempo.bar_at(start) - 1) // stride * stride + 1
        painter.setFont(theme.mono_font(theme.LABEL_PX))
        painter.setPen(theme.colour("text_3"))
        for bar in range(first, tempo.bar_at(end) + 1, stride):
            x = self.number_x(self.axis.x(tempo.bar_start(bar)))
            box = QRectF(x, self.above, NUMBER_PX + 20, BARS_HEIGHT)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, str(bar))
        self._paint_beats(painter, start, end)
        painter.setPen(Qt.PenStyle.NoPen)

    def _paint_beats(self, painter: QPainter, start: int, end: int) -> None:
        """Beats get numbers too once there is room: no view is without one."""
        tempo = self.view.project.tempo
        meter = tempo.meter_at(start)
        if meter.ticks_per_beat * self.axis.scale < BEAT_PX:
            return
        painter.setPen(theme.colour("text_3", 0.7))
        first = tempo.bar_start(tempo.bar_at(start))
        for tick in range(first, end, meter.ticks_per_beat):
            at = tempo.position(tick)
            if at.beat > 1 and not at.tick:
                x = self.number_x(self.axis.x(tick))
                box = QRectF(x, self.above, NUMBER_PX + 20, BARS_HEIGHT)
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, f"{at.bar}.{at.beat}")

    def _paint_loop(self, painter: QPainter) -> None:
        loop = self.loop_shown()
        if loop is None:
            return
        left, right = self.axis.x(loop[0]), self.axis.x(loop[1])
        on = self.playback.loop_on
        band = theme.colour("accent_surface" if on else "raised")
        line = theme.colour("accent" if on else "text_3")
        painter.fillRect(QRectF(left, self.above, right - left, BARS_HEIGHT), band)
        painter.fillRect(QRectF(left, self.above, right - left, LOOP_LINE), line)

    def paint_overlay(self, painter: QPainter) -> None:
        x = math.floor(self.axis.x(self.playback.position_tick)) + 0.5
        bottom = float(self.height())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.colour("text"))
        head = [QPointF(x - 5.5, self.above), QPointF(x + 5.5, self.above)]
        painter.drawPolygon(QPolygonF([*head, QPointF(x, self.above + 8)]))
        painter.fillRect(QRectF(x - 0.5, self.above, 1, bottom - self.above), theme.colour("text"))
        if self.gesture is not None:
            self.gesture.paint(painter)

    # -- the loop -----------------------------------------------------------------------------
    def loop_shown(self) -> tuple[int, int] | None:
        """The loop, or what a drag makes of it."""
        dragged = self.gesture.span if isinstance(self.gesture, LoopDrag) else None
        return dragged or self.playback.loop

    def in_upper_half(self, at: Pointer) -> bool:
        return self.above <= at.y < self.above + BARS_HEIGHT / 2

    def loop_part(self, x: float) -> str:
        """Which part of the loop is under `x`: `left`, `right`, `inside` or nothing."""
        loop = self.playback.loop
        if loop is None:
            return ""
        left, right = self.axis.x(loop[0]), self.axis.x(loop[1])
        reach = min(HANDLE_PX, max((right - left) / 4, 1.0))
        if abs(x - left) <= reach:
            return "left"
        if abs(x - right) <= reach:
            return "right"
        return "inside" if left < x < right else ""

    # -- gestures -----------------------------------------------------------------------------
    def gesture_at(self, at: Pointer) -> Gesture | None:
        if at.button is not Qt.MouseButton.LeftButton or at.y < self.above:
            return None
        if self.in_upper_half(at):
            return LoopDrag(self, at, self.loop_part(at.x))
        return self.lower_drag(at)

    def lower_drag(self, at: Pointer) -> Gesture:
        """What a press in the lower half begins."""
        return Scrub(self, at)

    def seek(self, at: Pointer) -> None:
        self.playback.seek(self.view.land(self.axis.tick(at.x), bypass=at.alt).tick)

    def hover(self, at: Pointer) -> None:
        if at.y < self.above:
            self.setCursor(Qt.CursorShape.ArrowCursor)
            self.setToolTip("")
        elif self.in_upper_half(at):
            edge = self.loop_part(at.x) in ("left", "right")
            shape = Qt.CursorShape.SizeHorCursor if edge else Qt.CursorShape.PointingHandCursor
            self.setCursor(shape)
            self.setToolTip(tr("Drag to loop a stretch"))
        else:
            self.setCursor(Qt.CursorShape.ArrowCursor)
            self.setToolTip(self.lower_hint())

    def lower_hint(self) -> str:
        return tr("Click to play from here")

    def scroll_rows(self, pixels: float) -> None:
        """A ruler has no rows: the wheel scrolls time."""
        self.axis.scroll_by(pixels)


class LoopDrag(Gesture):
    """Makes a loop, or moves the one there is, or one of its edges."""

    cursor = Qt.CursorShape.SizeHorCursor

    def __init__(self, ruler: Ruler, at: Pointer, part: str) -> None:
        self._ruler, self._part = ruler, part
        self._grabbed = ruler.axis.tick(at.x)
        self._press = at
        loop = ruler.playback.loop
        self._before = loop if loop is not None and part else (self._grabbed, self._grabbed)
        self.span: tuple[int, int] | None = None

    def drag(self, at: Pointer) -> None:
        ruler, (start, end) = self._ruler, self._before
        tick = ruler.axis.tick(at.x)
        if self._part == "inside":
            start = max(ruler.view.land(start + tick - self._grabbed, bypass=at.alt).tick, 0)
            self.span = (start, start + end - self._before[0])
        else:
            fixed = {"left": end, "right": start}.get(self._part)
            if fixed is None:
                fixed = ruler.view.land(self._grabbed, bypass=at.alt).tick
            self.span = _ordered(fixed, ruler.view.land(tick, bypass=at.alt).tick)
        ruler.invalidate_grid()

    def finish(self) -> None:
        if self.span is not None:
            self._ruler.playback.set_loop(self.span)
        self._ruler.invalidate_grid()

    def click(self) -> None:
        self._ruler.seek(self._press)

    def cancel(self) -> None:
        self._ruler.invalidate_grid()


class Scrub(Gesture):
    """Seeks to wherever the pointer is; `heard`: and plays there as long as it is held."""

    at_once = True

    def __init__(self, ruler: Ruler, at: Pointer, *, heard: bool = False) -> None:
        self._ruler, playback = ruler, ruler.playback
        self._before = playback.position_tick
        self._starts = heard and not playback.goes_on

    def drag(self, at: Pointer) -> None:
        self._ruler.seek(at)
        if self._starts and not self._ruler.playback.goes_on:
            self._ruler.playback.play()

    def finish(self) -> None:
        if self._starts:
            self._ruler.playback.stop()

    def cancel(self) -> None:
        self.finish()
        self._ruler.playback.seek(self._before)


def _ordered(a: int, b: int) -> tuple[int, int] | None:
    return (min(a, b), max(a, b)) if a != b else None
