"""Faders and pots: one drag, or one run of wheel turns, is one change."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.domain.track import LOUDEST_DB, SILENT_DB
from studio.ui import theme
from studio.ui.bindings import Debounced
from studio.ui.widgets.levels import db_words, fader_db, fader_position, pan_words

_FINE = 0.1
_RUN_MS = 350  # wheel turns and key presses closer than this are one change


class Dragged(QWidget):
    """A value between 0 and 1 that follows a vertical drag, the wheel and the arrow keys.

    Double-click and Shift-click reset it, Ctrl moves it finely, Escape takes a drag back.

    Signals:
        moved(float): While dragging, with the value so far.
        committed(float): Once a gesture, with the value chosen.
    """

    moved = Signal(float)
    committed = Signal(float)

    def __init__(self, name: str, travel_px: float) -> None:
        super().__init__()
        self._position = 0.0
        self._travel_px = travel_px
        self._from: tuple[float, float] | None = None  # (pointer y, position) of the drag
        self._before = 0.0
        self._run = Debounced(self._end_run, _RUN_MS, self)
        self._running = False
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeVerCursor)

    # what a subclass says of its scale
    def _value_at(self, position: float) -> float:
        raise NotImplementedError

    def _position_of(self, value: float) -> float:
        raise NotImplementedError

    def _words(self) -> str:
        raise NotImplementedError

    def _rest(self) -> float:
        """The value that a reset gives."""
        return 0.0

    @property
    def value(self) -> float:
        return self._value_at(self._position)

    def set_value(self, value: float) -> None:
        """Show `value`, unless the user is moving it."""
        if self._from is None and not self._running:
            self._move_to(self._position_of(value))

    def travel(self) -> float:
        """Px of drag from one end to the other."""
        return self._travel_px

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._reset()
            return
        self._end_run()
        self._before = self._position
        self._from = (event.position().y(), self._position)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            return
        y, position = self._from
        fine = _FINE if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1.0
        self._move_to(position + (y - event.position().y()) / self.travel() * fine)
        self._from = (event.position().y(), self._position)
        self.moved.emit(self.value)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged, self._from = self._from is not None, None
        if dragged and self._position != self._before:
            self.committed.emit(self.value)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._reset()

    def wheelEvent(self, event: QWheelEvent) -> None:
        fine = _FINE if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1.0
        self._turn(event.angleDelta().y() / 120 * 0.02 * fine)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Up: 0.01, Qt.Key.Key_Right: 0.01, Qt.Key.Key_PageUp: 0.1,
            Qt.Key.Key_Down: -0.01, Qt.Key.Key_Left: -0.01, Qt.Key.Key_PageDown: -0.1,
        }  # fmt: skip
        if event.key() in steps:
            self._turn(steps[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self._reset()
        elif event.key() == Qt.Key.Key_Escape and self._from is not None:
            self._from = None
            self._move_to(self._before)
            self.moved.emit(self.value)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._end_run()
        self.update()

    def _reset(self) -> None:
        self._end_run()
        self._from = None
        before = self._position
        self._move_to(self._position_of(self._rest()))
        if self._position != before:
            self.moved.emit(self.value)
            self.committed.emit(self.value)

    def _turn(self, by: float) -> None:
        if not self._running:
            self._before, self._running = self._position, True
        self._move_to(self._position + by)
        self.moved.emit(self.value)
        self._run.ask()

    def _end_run(self) -> None:
        self._run.cancel()
        ran, self._running = self._running, False
        if ran and self._position != self._before:
            self.committed.emit(self.value)

    def _move_to(self, position: float) -> None:
        self._position = min(max(position, 0.0), 1.0)
        self.setAccessibleDescription(self._words())
        self.setToolTip(f"{self.accessibleName()}: {self._words()}")
        self.update()


class _Loudness(Dragged):
    """A value in dB on the scale of faders."""

    def _value_at(self, position: float) -> float:
        db = fader_db(position)
        return db if db <= SILENT_DB else round(min(db, LOUDEST_DB), 1)

    def _position_of(self, value: float) -> float:
        return fader_position(value)

    def _words(self) -> str:
        return f"{db_words(self.value)} dB"


class Fader(_Loudness):
    """A vertical fader in dB, from silence to +12."""

    def __init__(self, name: str) -> None:
        super().__init__(name, travel_px=1.0)
        self._automated = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.set_value(0.0)

    def set_automated(self, on: bool) -> None:
        """Mark that a line says where it stands."""
        if on != self._automated:
            self._automated = on
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(_FADER_PX, 140)

    def minimumSizeHint(self) -> QSize:
        return QSize(_FADER_PX, 48)

    def travel(self) -> float:
        return max(self.height() - _CAP_PX, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.width() - 14
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("line_strong"))
        painter.drawRoundedRect(QRectF(middle - 2, _CAP_PX / 2, 4, self.travel()), 2, 2)
        self._paint_marks(painter, middle)
        self._paint_cap(painter, middle)
        painter.end()

    def _paint_marks(self, painter: QPainter, middle: float) -> None:
        for db in (6, 0, -6, -12, -24, -48):
            y = self._y(fader_position(db))
            half = 8 if db == 0 else 5
            painter.setBrush(theme.colour("text_3" if db == 0 else "line_strong"))
            painter.drawRect(QRectF(middle - half - 3, y - 0.5, half - 2, 1))
            painter.drawRect(QRectF(middle + 5, y - 0.5, half - 2, 1))
        self._paint_numbers(painter, middle)

    def _paint_numbers(self, painter: QPainter, middle: float) -> None:
        """The marks' levels, where there is room for them."""
        painter.setFont(theme.mono_font(theme.TINY_PX))
        painter.setPen(theme.colour("text_3"))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for db in (6, 0, -6, -12, -24, -48) if self.travel() >= _NUMBERED_PX else (0,):
            y = self._y(fader_position(db))
            painter.drawText(QRectF(0, y - 7, middle - 13, 14), flags, str(abs(db)))
        painter.setPen(Qt.PenStyle.NoPen)

    def _paint_cap(self, painter: QPainter, middle: float) -> None:
        cap = QRectF(middle - 11, self._y(self._position) - _CAP_PX / 2, 22, _CAP_PX)
        painter.setBrush(theme.colour("text_2" if self.isEnabled() else "line_strong"))
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 1.5))
        painter.drawRoundedRect(cap, 3, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("record" if self._automated else "canvas"))
        painter.drawRect(QRectF(cap.x() + 3, cap.center().y() - 0.75, cap.width() - 6, 1.5))

    def _y(self, position: float) -> float:
        return _CAP_PX / 2 + (1 - position) * self.travel()


_CAP_PX = 12
_FADER_PX = 42
_NUMBERED_PX = 130  # of travel, below which only 0 dB is named


class Pan(Dragged):
    """A pan pot, -1 (left) to 1 (right)."""

    def __init__(self, name: str) -> None:
        super().__init__(name, travel_px=120.0)
        self.setFixedSize(26, 26)
        self.set_value(0.0)

    def _value_at(self, position: float) -> float:
        return round(position * 2 - 1, 2)

    def _position_of(self, value: float) -> float:
        return (value + 1) / 2

    def _words(self) -> str:
        return pan_words(self.value)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_pot(painter, QRectF(self.rect()), self._position, 0.5, self.hasFocus())
        painter.end()


class Level(_Loudness):
    """A small pot for a level in dB, as sends have."""

    def __init__(self, name: str) -> None:
        super().__init__(name, travel_px=140.0)
        self.setFixedSize(22, 22)
        self.set_value(SILENT_DB)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_pot(painter, QRectF(self.rect()), self._position, 0.0, self.hasFocus())
        painter.end()


def paint_pot(painter: QPainter, area: QRectF, position: float, rest: float, focused: bool) -> None:
    """A pot with a 270 degree scale; the accent runs from `rest` to `position` (0-1)."""
    ring = area.adjusted(3, 3, -3, -3)
    pen = QPen(theme.colour("line_strong"), 3)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawArc(ring, (225 - 270) * 16, 270 * 16)
    pen.setColor(theme.colour("accent"))
    painter.setPen(pen)
    if abs(position - rest) > 0.004:
        painter.drawArc(ring, round((225 - 270 * rest) * 16), round(-270 * (position - rest) * 16))
    angle = math.radians(225 - 270 * position)
    centre, radius = ring.center(), ring.width() / 2
    pen.setColor(theme.colour("text" if not focused else "accent"))
    pen.setWidthF(2)
    painter.setPen(pen)
    tip = QPointF(
        centre.x() + math.cos(angle) * (radius - 3), centre.y() - math.sin(angle) * (radius - 3)
    )
    painter.drawLine(centre, tip)
