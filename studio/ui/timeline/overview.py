"""The whole song in a strip: drag the frame to go elsewhere, drag its edges to zoom."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.canvas.axis import WHOLE
from studio.ui.canvas.gesture import Gesture, GestureCanvas
from studio.ui.canvas.pointer import Pointer
from studio.ui.rects import draw_rects, rects_of
from studio.ui.timeline.timeline_view import TimelineView
from studio.ui.tr import tr

HEIGHT = 22
EDGE_PX = 5.0
LEAST_FRAME_PX = 12.0


class Overview(GestureCanvas):
    """Every clip of the song, and what of it is in sight."""

    def __init__(self, view: TimelineView, parent: QWidget | None = None) -> None:
        super().__init__(view.axis, parent)
        self.view = view
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(tr("Overview of the song"))
        self.setToolTip(tr("Drag to go elsewhere in the song; drag an edge to zoom"))
        self.bindings = Bindings()
        self.bindings.connect(view.shown_changed, self.invalidate_content)
        self.bindings.connect(view.axis.changed, self._on_axis)

    @property
    def end(self) -> float:
        """The tick at the right border."""
        shown = self.axis.left + self.axis.ticks(self.axis.width)
        return max(float(self.view.end), shown, 4.0 * WHOLE)

    def px(self, tick: float) -> float:
        return tick / self.end * self.width()

    def tick(self, x: float) -> float:
        return x / max(self.width(), 1) * self.end

    def frame(self) -> QRectF:
        """What is in sight, as a frame."""
        left = self.px(self.axis.left)
        wide = max(self.px(self.axis.ticks(self.axis.width)), LEAST_FRAME_PX)
        return QRectF(left, 0, wide, self.height())

    def _on_axis(self) -> None:
        self.invalidate_content()

    # -- drawing ------------------------------------------------------------------------------
    def paint_grid(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), theme.colour("panel"))
        painter.fillRect(QRectF(0, 0, self.width(), 1), theme.colour("line"))

    def paint_content(self, painter: QPainter) -> None:
        tracks = self.view.project.sources
        if not tracks:
            return
        step = (HEIGHT - 6) / len(tracks)
        scale = self.width() / self.end
        for row, track in enumerate(tracks):
            shapes = self.view.shapes(track)
            wide = np.maximum((shapes.end - shapes.start) * scale - 0.5, 1.0)
            painter.setBrush(theme.track_colour(track.color, 0.75))
            rects = rects_of(shapes.start * scale, 3 + row * step, wide, max(step - 0.75, 0.75))
            draw_rects(painter, rects)

    def paint_overlay(self, painter: QPainter) -> None:
        frame = self.frame()
        shade = theme.colour("canvas", 0.55)
        painter.fillRect(QRectF(0, 1, frame.left(), HEIGHT), shade)
        painter.fillRect(QRectF(frame.right(), 1, self.width() - frame.right(), HEIGHT), shade)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("text_3"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(frame.adjusted(0.5, 1.5, -0.5, -0.5), 3, 3)
        painter.setPen(Qt.PenStyle.NoPen)

    # -- gestures -----------------------------------------------------------------------------
    def _edge(self, x: float) -> str:
        frame = self.frame()
        if abs(x - frame.left()) <= EDGE_PX:
            return "left"
        return "right" if abs(x - frame.right()) <= EDGE_PX else ""

    def gesture_at(self, at: Pointer) -> Gesture | None:
        if at.button is not Qt.MouseButton.LeftButton:
            return None
        edge = self._edge(at.x)
        return _ZoomDrag(self, edge) if edge else _GoDrag(self, at)

    def double_click(self, at: Pointer) -> bool:
        self.axis.show(0, self.view.end)
        return True

    def hover(self, at: Pointer) -> None:
        edge = bool(self._edge(at.x))
        self.setCursor(Qt.CursorShape.SizeHorCursor if edge else Qt.CursorShape.OpenHandCursor)

    def scroll_rows(self, pixels: float) -> None:
        self.axis.scroll_by(pixels)


class _GoDrag(Gesture):
    """What is in sight follows the pointer."""

    cursor = Qt.CursorShape.ClosedHandCursor
    scrolls = False
    at_once = True

    def __init__(self, overview: Overview, at: Pointer) -> None:
        self._overview = overview
        frame = overview.frame()
        inside = frame.left() <= at.x <= frame.right()
        self._offset = at.x - frame.left() if inside else frame.width() / 2
        self._before = overview.axis.left
        self._end = overview.end

    def drag(self, at: Pointer) -> None:
        overview = self._overview
        overview.axis.scroll_to((at.x - self._offset) / max(overview.width(), 1) * self._end)

    def cancel(self) -> None:
        self._overview.axis.scroll_to(self._before)


class _ZoomDrag(Gesture):
    """One edge of what is in sight follows the pointer, the other one stays."""

    cursor = Qt.CursorShape.SizeHorCursor
    scrolls = False

    def __init__(self, overview: Overview, edge: str) -> None:
        self._overview, self._edge = overview, edge
        axis = overview.axis
        self._span = (axis.left, axis.left + axis.ticks(axis.width))
        self._per_px = overview.end / max(overview.width(), 1)

    def drag(self, at: Pointer) -> None:
        start, end = self._span
        tick = max(at.x * self._per_px, 0.0)
        if self._edge == "left":
            start = min(tick, end - 1)
        else:
            end = max(tick, start + 1)
        axis = self._overview.axis
        axis.zoom(axis.width / (end - start) / axis.scale, 0.0)
        axis.scroll_to(start)

    def cancel(self) -> None:
        start, end = self._span
        axis = self._overview.axis
        axis.zoom(axis.width / (end - start) / axis.scale, 0.0)
        axis.scroll_to(start)
