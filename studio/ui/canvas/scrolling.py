"""A canvas that scrolls and zooms by wheel and touchpad."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QNativeGestureEvent, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from studio.ui import theme
from studio.ui.canvas.axis import TimeAxis
from studio.ui.canvas.layers import Canvas
from studio.ui.canvas.pointer import Pointer

WHEEL_STEP_PX = 60.0
ZOOM_STEP = 1.2


class ScrollingCanvas(Canvas):
    """A canvas with a time axis.

    The wheel scrolls rows, with Shift time, with Ctrl it zooms time at the mouse, with Ctrl+Shift
    rows; two fingers scroll both ways, and pinching zooms time.

    Attributes:
        keyed: Whether the keyboard brought the focus here; then it is shown.
    """

    def __init__(self, axis: TimeAxis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.axis = axis
        self.keyed = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # -- what a view answers ------------------------------------------------------------------
    def scroll_rows(self, pixels: float) -> None:
        """Scroll up and down."""

    def zoom_rows(self, factor: float, y: float) -> None:
        """Zoom up and down, around `y`."""

    def wheel(self, at: Pointer, steps: float) -> bool:
        """Whether a turn of the wheel by `steps` notches did something other than scroll."""
        return False

    # -- the focus ----------------------------------------------------------------------------
    def paint_focus(self, painter: QPainter) -> None:
        """A ring where the keyboard is, once the keyboard brought it here."""
        if self.keyed and self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
            painter.setPen(Qt.PenStyle.NoPen)

    def focusInEvent(self, event: QFocusEvent) -> None:
        reasons = Qt.FocusReason
        by_keys = (reasons.TabFocusReason, reasons.BacktabFocusReason, reasons.ShortcutFocusReason)
        self.keyed = event.reason() in by_keys
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusOutEvent(event)

    # -- wheel and touchpad -------------------------------------------------------------------
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            return self._pinched(event)
        return super().event(event)

    def _pinched(self, event: QNativeGestureEvent) -> bool:
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        self.axis.zoom(1.0 + event.value(), event.position().x())
        return True

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta()
        # Qt turns the wheel sideways while Alt is held.
        at = Pointer(event.position().x(), event.position().y(), event.modifiers())
        steps = (turned.y() or turned.x()) / 120
        event.accept()
        if self.wheel(at, steps):
            return
        if at.ctrl:
            if at.shift:
                self.zoom_rows(ZOOM_STEP**steps, at.y)
            else:
                self.axis.zoom(ZOOM_STEP**steps, at.x)
            return
        self._wheel_scrolls(event, at.shift)

    def _wheel_scrolls(self, event: QWheelEvent, sideways: bool) -> None:
        fine, coarse = event.pixelDelta(), event.angleDelta()
        scale = WHEEL_STEP_PX / 120
        dx, dy = (
            (fine.x(), fine.y()) if not fine.isNull() else (coarse.x() * scale, coarse.y() * scale)
        )
        if sideways:
            dx, dy = dx + dy, 0
        self.axis.scroll_by(-dx)
        self.scroll_rows(-dy)
