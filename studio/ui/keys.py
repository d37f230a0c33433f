"""Which keys a focused control keeps for itself, before they act as shortcuts of the window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

from studio.ui.widgets.drags import Dragged

_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
_MOVES = {
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home,
    Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
}  # fmt: skip
_RESETS = {Qt.Key.Key_Backspace, Qt.Key.Key_Delete}
_COMMANDS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


def keeps(focused: QWidget | None, event: QKeyEvent) -> bool:
    """Whether `focused` needs this key: letters in a text, arrows on a slider, Enter on a button.

    Space plays from everywhere but a text.
    """
    if event.modifiers() & _COMMANDS:
        return False
    key = Qt.Key(event.key())
    if isinstance(focused, QLineEdit | QPlainTextEdit | QTextEdit):
        return not focused.isReadOnly() and not Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35
    if isinstance(focused, QAbstractButton):
        return key in _ENTER
    if isinstance(focused, QAbstractSlider | Dragged):
        return key in _MOVES or key in _RESETS
    if isinstance(focused, QAbstractItemView | QTabBar):
        return key in _MOVES or key in _ENTER
    return False


def clicks(focused: QWidget | None, event: QKeyEvent) -> bool:
    """Press the focused button by Enter; True where that was done."""
    if Qt.Key(event.key()) in _ENTER and isinstance(focused, QAbstractButton):
        focused.click()
        return True
    return False
