"""Panels that lie over the window for a moment, inside it: no desktop places them wrongly."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from studio.ui import theme


class Overlay(QFrame):
    """Closes by Escape, by a press elsewhere, and when the focus goes elsewhere."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("role", "overlay")
        self._window = window
        self._before: QWidget | None = None  # what had the focus

    def open_at(self, at: QPoint) -> None:
        """Show with the upper left corner at a global position, or as near as the window allows."""
        self._before = self._window.focusWidget()
        self.adjustSize()
        wanted = self._window.mapFromGlobal(at)
        right = self._window.width() - self.width() - theme.GAP
        bottom = self._window.height() - self.height() - theme.GAP
        self.move(max(min(wanted.x(), right), theme.GAP), max(min(wanted.y(), bottom), theme.GAP))
        self.show()
        self.raise_()
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def dismiss(self) -> None:
        """Close, and give the focus back."""
        if self.isHidden():
            return
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        focused = QApplication.focusWidget()
        back = focused is None or focused is self or self.isAncestorOf(focused)
        self.hide()
        if back and self._before is not None:
            self._before.setFocus()
        self.closed()
        self.deleteLater()

    def closed(self) -> None:
        """Called once, when it is closed."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.FocusIn):
            inside = isinstance(watched, QWidget) and (
                watched is self
                or self.isAncestorOf(watched)
                or watched.window() is not self._window
            )
            if isinstance(watched, QWidget) and not inside:
                self.dismiss()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)
