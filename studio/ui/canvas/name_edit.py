"""A name edited in its place: Return or leaving keeps it, Esc does not."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class NameEdit(QLineEdit):
    """Calls `done` once with the new name, unless it is empty or the old one, and goes away."""

    def __init__(
        self, owner: QWidget, area: QRect, name: str, said: str, done: Callable[[str], object]
    ) -> None:
        super().__init__(name, owner)
        self._name, self._done = name, done
        self._open = True
        self.setAccessibleName(said)
        self.setGeometry(area)
        self.editingFinished.connect(self._keep)
        self.show()
        self.selectAll()
        self.setFocus()

    def event(self, event: QEvent) -> bool:
        # The window's own keys (Delete, S, arrows) mean letters and editing here.
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        else:
            super().keyPressEvent(event)

    def _keep(self) -> None:
        name = self.text().strip()
        if self._open:
            self._close()
            if name and name != self._name:
                self._done(name)

    def _close(self) -> None:
        self._open = False
        self.hide()
        self.deleteLater()
        owner = self.parentWidget()
        if owner is not None:
            owner.setFocus()
