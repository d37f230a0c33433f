"""A slider for a share between 0 and 1."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSlider

from studio.ui import theme

_STEPS = 100
_KNOB_PX = 14
_GROOVE_PX = 4


class ShareSlider(QSlider):
    """Goes to where it is pressed, follows the drag, and resets by a double-click.

    Signals:
        edited(float): The user moved it, 0-1.
    """

    edited = Signal(float)

    def __init__(self, name: str, rest: float) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._rest = rest
        self._name = name
        self.setRange(0, _STEPS)
        self.setPageStep(10)
        self.setAccessibleName(name)
        self.set_share(rest)
        self.valueChanged.connect(self._tell)

    def set_share(self, share: float) -> None:
        """Show a value from 0 to 1; the user did not choose it, so `edited` stays quiet."""
        value = round(share * _STEPS)
        if value != self.value():
            self.blockSignals(True)
            self.setValue(value)
            self.blockSignals(False)
        self._say()

    def sizeHint(self) -> QSize:
        return QSize(120, _KNOB_PX + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle, half = self.height() / 2, _KNOB_PX / 2
        x = half + self.value() / _STEPS * (self.width() - _KNOB_PX)
        top = middle - _GROOVE_PX / 2
        painter.setBrush(theme.colour("line_strong"))
        painter.drawRoundedRect(QRectF(0, top, self.width(), _GROOVE_PX), 2, 2)
        painter.setBrush(theme.colour("accent" if self.isEnabled() else "line_strong"))
        painter.drawRoundedRect(QRectF(0, top, x, _GROOVE_PX), 2, 2)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
        painter.setBrush(theme.colour("text"))
        painter.drawEllipse(QRectF(x - half + 1, middle - half + 1, _KNOB_PX - 2, _KNOB_PX - 2))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._go_to(event.position().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_to(event.position().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.setValue(round(self._rest * _STEPS))

    def _go_to(self, at: QPoint) -> None:
        room = max(self.width() - _KNOB_PX, 1)
        self.setValue(round((at.x() - _KNOB_PX / 2) / room * _STEPS))

    def _tell(self, value: int) -> None:
        self._say()
        self.edited.emit(value / _STEPS)

    def _say(self) -> None:
        self.setToolTip(f"{self._name}: {self.value()} %")
