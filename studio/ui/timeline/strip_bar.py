"""A track's level as a bar: how loud it is set, and within it how loud it sounds."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen

from studio.ui import theme
from studio.ui.widgets.drags import Fader
from studio.ui.widgets.levels import meter_position

_BAR_PX = 5.0
_FALL = 0.06  # how far the meter falls each time nothing louder comes
_FINE = 0.1


class StripBar(Fader):
    """A small fader that lies down, with the meter in its groove."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._level = 0.0
        self._token = "good"
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def sizeHint(self) -> QSize:
        return QSize(64, 20)

    def minimumSizeHint(self) -> QSize:
        return QSize(16, 12)

    def travel(self) -> float:
        return max(self.width() - 2.0, 1.0)

    def show_level(self, db: float, *, heard: bool = False) -> None:
        """Show a peak in dB; louder at once, softer gently. `heard`: it is that of an input."""
        self._token = "record" if heard else "good"
        wanted = meter_position(db)
        level = max(wanted, self._level - _FALL) if wanted else 0.0
        if abs(level - self._level) > 0.004:
            self._level = level
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if self._from is not None:
            self._from = (event.position().x(), self._position)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            return
        x, position = self._from
        fine = _FINE if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1.0
        self._move_to(position + (event.position().x() - x) / self.travel() * fine)
        self._from = (event.position().x(), self._position)
        self.moved.emit(self.value)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            top = (self.height() - _BAR_PX) / 2
            self._paint_part(painter, top, 1.0, "line_strong")
            self._paint_part(painter, top, self._position, "text_3")
            self._paint_part(painter, top, self._level, self._token)
            if self.hasFocus() or self.underMouse():
                x = 1 + self._position * self.travel()
                painter.setBrush(theme.colour("text"))
                painter.setPen(
                    QPen(theme.colour("accent"), 1.5)
                    if self.hasFocus()
                    else QPen(Qt.PenStyle.NoPen)
                )
                painter.drawEllipse(QRectF(x - 4, self.height() / 2 - 4, 8, 8))

    def _paint_part(self, painter: QPainter, top: float, share: float, token: str) -> None:
        if share > 0.004:
            painter.setBrush(theme.colour(token))
            painter.drawRoundedRect(QRectF(1, top, share * self.travel(), _BAR_PX), 1.5, 1.5)
