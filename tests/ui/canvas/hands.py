"""A mouse and keys to use a widget with, and eyes to look at it."""

from __future__ import annotations

from typing import TypeVar, cast

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from studio.ui import theme

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
MIDDLE = Qt.MouseButton.MiddleButton
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
W = TypeVar("W", bound=QWidget)


def shown(widget: W, width: int, height: int) -> W:
    """`widget` on the screen at a size, dressed as in the studio."""
    app = cast(QApplication, QApplication.instance())
    theme.apply(app)
    widget.resize(width, height)
    widget.show()
    widget.activateWindow()
    QTest.qWaitForWindowActive(widget)
    QApplication.processEvents()
    return widget


class Mouse:
    """Presses, drags and turns the wheel over one widget, with modifier keys held."""

    def __init__(self, widget: QWidget) -> None:
        self.widget = widget

    def press(
        self,
        x: float,
        y: float,
        modifiers: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        QTest.mousePress(self.widget, button, modifiers, QPoint(round(x), round(y)))

    def move(
        self,
        x: float,
        y: float,
        modifiers: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        at = QPointF(round(x), round(y))
        spot = QPointF(self.widget.mapToGlobal(at))
        event = QMouseEvent(
            QEvent.Type.MouseMove, at, spot, Qt.MouseButton.NoButton, button, modifiers
        )
        QApplication.sendEvent(self.widget, event)

    def release(
        self,
        x: float,
        y: float,
        modifiers: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        QTest.mouseRelease(self.widget, button, modifiers, QPoint(round(x), round(y)))

    def hover(self, x: float, y: float) -> None:
        self.move(x, y, button=Qt.MouseButton.NoButton)

    def click(
        self,
        x: float,
        y: float,
        modifiers: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        self.press(x, y, modifiers, button)
        self.release(x, y, modifiers, button)

    def double_click(self, x: float, y: float) -> None:
        QTest.mouseDClick(self.widget, LEFT, NONE, QPoint(round(x), round(y)))
        QTest.mouseRelease(self.widget, LEFT, NONE, QPoint(round(x), round(y)))

    def drag(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        modifiers: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        self.hold(start, end, modifiers, button)
        self.release(*end, modifiers, button)

    def hold(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        modifiers: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        """A drag whose button is still down."""
        self.press(*start, modifiers, button)
        for step in (0.25, 0.5, 0.75, 1.0):
            x = start[0] + (end[0] - start[0]) * step
            y = start[1] + (end[1] - start[1]) * step
            self.move(x, y, modifiers, button)

    def wheel(
        self, x: float, y: float, notches: float, modifiers: Qt.KeyboardModifier = NONE
    ) -> None:
        at = QPointF(x, y)
        turned = QPoint(0, round(120 * notches))
        spot = QPointF(self.widget.mapToGlobal(at))
        event = QWheelEvent(
            at,
            spot,
            QPoint(),
            turned,
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.widget, event)


def escape(widget: QWidget) -> None:
    QTest.keyClick(widget, Qt.Key.Key_Escape)


def pixel(widget: QWidget, x: float, y: float) -> QColor:
    """The colour on the screen at a logical position of `widget`."""
    picture = widget.grab().toImage()
    ratio = picture.devicePixelRatio()
    return picture.pixelColor(int(x * ratio), int(y * ratio))


def differs(a: QColor, b: QColor) -> int:
    """How far two colours are apart: the largest difference of a channel, 0-255."""
    return max(abs(a.red() - b.red()), abs(a.green() - b.green()), abs(a.blue() - b.blue()))
