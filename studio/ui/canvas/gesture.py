"""A press, a drag and a release: what each gesture does, and the canvas that runs one at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from PySide6.QtCore import QEvent, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import QWidget

from studio.ui import theme
from studio.ui.canvas.axis import TimeAxis
from studio.ui.canvas.pointer import Modifier, Pointer
from studio.ui.canvas.scrolling import ScrollingCanvas

DRAG_PX = 3.0  # less is a click
EDGE_PX = 10.0  # how near the border a drag scrolls the view
SCROLL_MS = 16


class Gesture:
    """One press, drag and release. Nothing it shows before `finish` is part of the song.

    A press that moves less than DRAG_PX ends in `click`, any other in `finish`; a broken-off one in
    `cancel`. Exactly one of the three is called, once.
    """

    cursor: ClassVar[Qt.CursorShape] = Qt.CursorShape.ArrowCursor
    scrolls: ClassVar[bool] = True  # whether the view scrolls when the drag reaches its border
    at_once: ClassVar[bool] = False  # whether it starts with the press, not with the first movement

    def drag(self, at: Pointer) -> None:
        """The pointer moved, or the view under it, or a modifier key changed."""

    def finish(self) -> None:
        """The button was released after a drag."""

    def click(self) -> None:
        """The button was released where it was pressed."""

    def cancel(self) -> None:
        """Broken off: leave everything as it was before the press."""

    def paint(self, painter: QPainter) -> None:
        """Draw on the overlay."""


class GestureCanvas(ScrollingCanvas):
    """A canvas that runs gestures; a middle drag moves the view, and Esc breaks a gesture off."""

    def __init__(self, axis: TimeAxis, parent: QWidget | None = None) -> None:
        super().__init__(axis, parent)
        self.gesture: Gesture | None = None
        self.pointer = Pointer(0, 0)
        self._pressed = Pointer(0, 0)
        self._dragging = False
        self._space = False  # whether Space is held
        self.toggle_play: Callable[[], object] = lambda: None  # takes back what Space began
        self._scroller = QTimer(self)
        self._scroller.setInterval(SCROLL_MS)
        self._scroller.timeout.connect(self._scroll_at_border)
        self.setMouseTracking(True)

    # -- what a view answers ------------------------------------------------------------------
    def gesture_at(self, at: Pointer) -> Gesture | None:
        """The gesture that a press at `at` begins."""
        return None

    def double_click(self, at: Pointer) -> bool:
        """Whether a double click did something (else it counts as a press)."""
        return False

    def hover(self, at: Pointer) -> None:
        """The pointer moved with no button held."""

    # -- running a gesture --------------------------------------------------------------------
    def begin(self, gesture: Gesture | None, at: Pointer) -> None:
        self.gesture, self._pressed, self._dragging = gesture, at, False
        if gesture is None:
            return
        self.setCursor(gesture.cursor)
        if gesture.at_once:
            self._dragging = True
            gesture.drag(at)
        self.update()

    def cancel_gesture(self) -> bool:
        """Break off whatever is being dragged; whether there was something."""
        gesture = self._ended()
        if gesture is None:
            return False
        gesture.cancel()
        return True

    def _ended(self) -> Gesture | None:
        gesture, self.gesture = self.gesture, None
        self._scroller.stop()
        self.unsetCursor()
        self.update()
        return gesture

    def _drag(self, at: Pointer) -> None:
        if self.gesture is None:
            return
        away = max(abs(at.x - self._pressed.x), abs(at.y - self._pressed.y))
        self._dragging = self._dragging or away >= DRAG_PX
        if self._dragging:
            self.gesture.drag(at)
            self._watch_border(at)
            self.update()

    def _watch_border(self, at: Pointer) -> None:
        across, along = self._past_border(at)
        wanted = self.gesture is not None and self.gesture.scrolls and bool(across or along)
        if wanted and not self._scroller.isActive():
            self._scroller.start()
        elif not wanted:
            self._scroller.stop()

    def _past_border(self, at: Pointer) -> tuple[float, float]:
        return _past(at.x, self.width()), _past(at.y, self.height())

    def _scroll_at_border(self) -> None:
        across, along = self._past_border(self.pointer)
        self.axis.scroll_by(across * 0.4)
        self.scroll_rows(along * 0.3)
        if self.gesture is not None:
            self.gesture.drag(self.pointer)

    def paint_said(self, painter: QPainter, text: str) -> None:
        """A value beside the pointer, inside the canvas whose gesture it is."""
        if not text or self.gesture is None:
            return
        painter.setFont(theme.mono_font(theme.LABEL_PX))
        wide = painter.fontMetrics().horizontalAdvance(text) + 12
        x = min(self.pointer.x + 12, self.width() - wide - 4)
        y = max(self.pointer.y - 28, 4)
        box = QRectF(x, y, wide, 20)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("line_strong"), 1))
        painter.setBrush(theme.colour("hover"))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(theme.colour("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    # -- Qt -----------------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self.pointer = Pointer.of(event)
        self.keyed = False
        if self.gesture is not None:  # another button during a drag changes nothing
            return
        if event.button() == Qt.MouseButton.MiddleButton:
            self.begin(_Pan(self, at), at)
        elif self._space and event.button() == Qt.MouseButton.LeftButton:
            self.begin(_SpacePan(self, at), at)
        else:
            self.begin(self.gesture_at(at), at)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self.double_click(Pointer.of(event)):
            self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self.pointer = Pointer.of(event)
        if self.gesture is None:
            self.hover(at)
        else:
            self._drag(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.gesture is None or event.button() != self._pressed.button:
            return
        dragged = self._dragging
        gesture = self._ended()
        if gesture is not None:
            (gesture.finish if dragged else gesture.click)()
        self.hover(Pointer.of(event))

    def hideEvent(self, event: QHideEvent) -> None:
        self.cancel_gesture()
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.cancel_gesture():
            return
        if not self._modifiers_changed(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
        if not self._modifiers_changed(event):
            super().keyReleaseEvent(event)

    def _modifiers_changed(self, event: QKeyEvent) -> bool:
        keys = (Qt.Key.Key_Alt, Qt.Key.Key_Shift, Qt.Key.Key_Control)
        if self.gesture is None or event.key() not in keys:
            return False
        held = {
            Qt.Key.Key_Alt: Modifier.AltModifier,
            Qt.Key.Key_Shift: Modifier.ShiftModifier,
            Qt.Key.Key_Control: Modifier.ControlModifier,
        }[Qt.Key(event.key())]
        down = event.type() == QEvent.Type.KeyPress
        others = self.pointer.modifiers & ~held
        self.pointer = replace(self.pointer, modifiers=others | held if down else others)
        self._drag(self.pointer)
        return True

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() == Modifier.NoModifier
            self._space = self._space or (event.key() == Qt.Key.Key_Space and plain)
        elif event.type() == QEvent.Type.FocusOut:
            self._space = False
        if event.type() == QEvent.Type.ShortcutOverride and self.wants_key(event):
            event.accept()
            return True
        return super().event(event)

    def wants_key(self, event: QEvent) -> bool:
        """Whether the canvas takes a key before the window's shortcuts do."""
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        return is_escape and self.gesture is not None


class _Pan(Gesture):
    """The view follows the hand."""

    cursor = Qt.CursorShape.ClosedHandCursor
    scrolls = False

    def __init__(self, canvas: GestureCanvas, at: Pointer) -> None:
        self._canvas, self._last = canvas, at

    def drag(self, at: Pointer) -> None:
        self._canvas.axis.scroll_by(self._last.x - at.x)
        self._canvas.scroll_rows(self._last.y - at.y)
        self._last = at


class _SpacePan(_Pan):
    """The same with Space held, which began to play when it was pressed."""

    def __init__(self, canvas: GestureCanvas, at: Pointer) -> None:
        super().__init__(canvas, at)
        self._told = False

    def drag(self, at: Pointer) -> None:
        if not self._told:
            self._told = True
            self._canvas.toggle_play()
        super().drag(at)


def _past(at: float, size: int) -> float:
    """How far `at` reaches into the border of a side of `size` px; negative at its start."""
    border = min(EDGE_PX, size / 8)
    if at < border:
        return at - border
    return max(at - (size - border), 0.0)
