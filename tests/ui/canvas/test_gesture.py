"""Running one gesture at a time on a canvas."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.ui.canvas.axis import TimeAxis
from studio.ui.canvas.gesture import Gesture, GestureCanvas
from studio.ui.canvas.pointer import Pointer
from tests.ui.canvas.hands import ALT, CTRL, MIDDLE, RIGHT, SHIFT, Mouse, escape, shown

BAR = 3840


class Noting(Gesture):
    cursor = Qt.CursorShape.SizeHorCursor

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.last: Pointer | None = None

    def drag(self, at: Pointer) -> None:
        self.last = at
        if self.heard[-1:] != ["drag"]:
            self.heard.append("drag")

    def finish(self) -> None:
        self.heard.append("finish")

    def click(self) -> None:
        self.heard.append("click")

    def cancel(self) -> None:
        self.heard.append("cancel")


class Plain(GestureCanvas):
    def __init__(self) -> None:
        super().__init__(TimeAxis(100 / BAR))
        self.axis.set_end(100 * BAR)
        self.axis.set_width(400)
        self.made: list[Noting] = []
        self.rows = 0.0
        self.row_zoom = 1.0

    def gesture_at(self, at: Pointer) -> Gesture | None:
        self.made.append(Noting())
        return self.made[-1]

    def scroll_rows(self, pixels: float) -> None:
        self.rows += pixels

    def zoom_rows(self, factor: float, y: float) -> None:
        self.row_zoom *= factor


@pytest.fixture
def canvas(qtbot: QtBot) -> Plain:
    canvas = Plain()
    qtbot.addWidget(canvas)
    return shown(canvas, 400, 200)


def test_a_press_that_hardly_moves_is_a_click(canvas: Plain) -> None:
    Mouse(canvas).drag((50, 50), (52, 51))
    assert canvas.made[0].heard == ["click"]


def test_a_press_that_moves_is_a_drag(canvas: Plain) -> None:
    Mouse(canvas).drag((50, 50), (90, 50))
    assert canvas.made[0].heard == ["drag", "finish"]


def test_escape_breaks_a_drag_off_and_the_release_does_nothing(canvas: Plain) -> None:
    mouse = Mouse(canvas)
    mouse.hold((50, 50), (90, 50))
    assert canvas.cursor().shape() is Qt.CursorShape.SizeHorCursor
    escape(canvas)
    mouse.move(100, 50)
    mouse.release(100, 50)
    assert canvas.made[0].heard == ["drag", "cancel"]
    assert canvas.cursor().shape() is Qt.CursorShape.ArrowCursor


def test_another_button_during_a_drag_changes_nothing(canvas: Plain) -> None:
    mouse = Mouse(canvas)
    mouse.hold((50, 50), (90, 50))
    mouse.click(90, 50, button=RIGHT)
    assert len(canvas.made) == 1
    mouse.release(90, 50)
    assert canvas.made[0].heard == ["drag", "finish"]


def test_a_modifier_pressed_during_a_drag_counts_at_once(canvas: Plain) -> None:
    mouse = Mouse(canvas)
    mouse.hold((50, 50), (90, 50))
    QTest.keyPress(canvas, Qt.Key.Key_Alt, ALT)
    last = canvas.made[0].last
    assert last is not None
    assert last.alt
    QTest.keyRelease(canvas, Qt.Key.Key_Alt)
    last = canvas.made[0].last
    assert last is not None
    assert not last.alt
    mouse.release(90, 50)


def test_the_middle_button_moves_the_view(canvas: Plain) -> None:
    canvas.axis.scroll_to(10 * BAR)
    Mouse(canvas).drag((200, 100), (150, 70), button=MIDDLE)
    assert canvas.axis.left == pytest.approx(10.5 * BAR)
    assert canvas.rows == 30
    assert canvas.made == []


def test_wheels_scroll_and_zoom_as_everywhere(canvas: Plain) -> None:
    mouse = Mouse(canvas)
    mouse.wheel(200, 100, -1)
    assert canvas.rows > 0
    mouse.wheel(200, 100, -1, SHIFT)
    assert canvas.axis.left > 0
    under = canvas.axis.tick(300)
    mouse.wheel(300, 100, 2, CTRL)
    assert canvas.axis.x(under) == pytest.approx(300, abs=0.1)
    assert canvas.axis.scale > 100 / BAR
    mouse.wheel(300, 100, 1, CTRL | SHIFT)
    assert canvas.row_zoom > 1


def test_dragging_to_the_border_scrolls_until_the_button_is_released(
    canvas: Plain, qtbot: QtBot
) -> None:
    mouse = Mouse(canvas)
    mouse.hold((200, 100), (430, 100))
    qtbot.waitUntil(lambda: canvas.axis.left > 0)
    mouse.release(430, 100)
    rested = canvas.axis.left
    qtbot.wait(60)
    assert canvas.axis.left == rested


def test_moving_the_view_by_hand_does_not_scroll_at_the_border(canvas: Plain, qtbot: QtBot) -> None:
    canvas.axis.scroll_to(10 * BAR)
    mouse = Mouse(canvas)
    mouse.hold((200, 100), (-40, 100), button=MIDDLE)
    rested = canvas.axis.left
    qtbot.wait(60)
    assert canvas.axis.left == rested
    mouse.release(-40, 100, button=MIDDLE)


def test_two_fingers_scroll_both_ways_and_pinching_zooms(canvas: Plain) -> None:
    at, none = QPointF(200, 100), Qt.KeyboardModifier.NoModifier
    spot = QPointF(canvas.mapToGlobal(at))
    event = QWheelEvent(
        at, spot, QPoint(-30, -12), QPoint(), Qt.MouseButton.NoButton, none,
        Qt.ScrollPhase.ScrollUpdate, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)
    assert canvas.axis.left == pytest.approx(0.3 * BAR)
    assert canvas.rows == 12
    scale, under = canvas.axis.scale, canvas.axis.tick(200)
    pinch = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture, QPointingDevice.primaryPointingDevice(), 2,
        at, at, spot, 0.25, QPointF(),
    )  # fmt: skip
    QApplication.sendEvent(canvas, pinch)
    assert canvas.axis.scale == pytest.approx(1.25 * scale)
    assert canvas.axis.x(under) == pytest.approx(200, abs=0.1)


def test_a_canvas_that_is_hidden_breaks_its_drag_off(canvas: Plain) -> None:
    mouse = Mouse(canvas)
    mouse.hold((50, 50), (90, 50))
    canvas.hide()
    assert canvas.made[0].heard == ["drag", "cancel"]
    canvas.show()
    mouse.release(90, 50)
    assert canvas.made[0].heard == ["drag", "cancel"]


def test_the_focus_is_shown_once_the_keyboard_brought_it(canvas: Plain) -> None:
    canvas.clearFocus()
    canvas.setFocus(Qt.FocusReason.TabFocusReason)
    assert canvas.keyed
    Mouse(canvas).click(50, 50)
    assert not canvas.keyed
