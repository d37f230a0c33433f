"""A slot of the chain: pressed it opens its effect, dragged it takes another place."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QPushButton, QSizePolicy

from studio.ui import theme
from studio.ui.widgets.boxes import restyle


class SlotButton(QPushButton):
    """Signals:
    shifted(int): It was dragged, or moved with Alt+Up and Alt+Down, by so many places.
    """

    shifted = Signal(int)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setProperty("kind", "slot")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFont(theme.ui_font(theme.LABEL_PX))
        self.setToolTip(text)
        self._pressed: QPointF | None = None
        self._places = 0  # by which the drag has come so far
        self._dragging = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._places = event.globalPosition(), 0
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            super().mouseMoveEvent(event)
            return
        away = event.globalPosition().y() - self._pressed.y()
        if not self._dragging and abs(away) >= QApplication.startDragDistance() // 2:
            self._dragging = True
            self.setDown(False)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._dragging:
            self._places = round(away / max(self.height() + 2, 1))
            restyle(self, dragged="true" if self._places else "false")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged, places = self._dragging, self._places
        self._end()
        if not dragged:
            super().mouseReleaseEvent(event)
        elif places:
            self.shifted.emit(places)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        places = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self._dragging:
            self._end()
        elif places is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.shifted.emit(places)
        else:
            super().keyPressEvent(event)

    def _end(self) -> None:
        """The drag is over, or taken back."""
        self._pressed, self._dragging, self._places = None, False, 0
        self.unsetCursor()
        restyle(self, dragged="false")
