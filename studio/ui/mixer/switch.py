"""Mute and solo: a click switches, the middle button does so for as long as it is held."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QPushButton

from studio.ui.tr import tr
from studio.ui.widgets.buttons import say


class Switch(QPushButton):
    """A letter that lights up.

    Signals:
        held(bool): The middle button went down (with what that switches to) or up (with what was).
    """

    held = Signal(bool)

    def __init__(self, letter: str, name: str, style: str) -> None:
        super().__init__(letter)
        self.setProperty("kind", "small")
        self.setProperty("letter", style)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)
        say(self, name, tr("{name}; hold the middle button for a moment's", name=name))
        self._before: bool | None = None  # what it was when the middle button went down

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.MiddleButton:
            self._before = self.isChecked()
            self.setChecked(not self._before)
            self.held.emit(not self._before)
        else:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.MiddleButton and self._before is not None:
            before, self._before = self._before, None
            self.setChecked(before)
            self.held.emit(before)
        else:
            super().mouseReleaseEvent(event)
