"""Level meters: peak and RMS, a held peak, and a lamp that stays on after a clip."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QLinearGradient, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui import theme
from studio.ui.widgets.levels import METER_LOW_DB, db_words, meter_position

_FALL_DB = 26.0 / 60  # a poll, at 60 polls a second
_HOLD_POLLS = 90
_CLIP_DB = 0.0


class Meter(QWidget):
    """Two channels, vertical or horizontal. Feed it with `show_levels` at about 60 Hz.

    Signals:
        clicked: The user pressed it; the clip lamp is out again.
    """

    clicked = Signal()

    def __init__(self, name: str, *, horizontal: bool = False) -> None:
        super().__init__()
        self._horizontal = horizontal
        self._peak = [METER_LOW_DB, METER_LOW_DB]
        self._rms = [METER_LOW_DB, METER_LOW_DB]
        self._held = [METER_LOW_DB, METER_LOW_DB]
        self._hold_left = [0, 0]
        self._highest = METER_LOW_DB
        self._clipped = False
        self.setAccessibleName(name)
        self.setToolTip(name)
        fixed, grows = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        self.setSizePolicy(*((grows, fixed) if horizontal else (fixed, grows)))

    def sizeHint(self) -> QSize:
        return QSize(150, 14) if self._horizontal else QSize(14, 120)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 14) if self._horizontal else QSize(14, 48)

    @property
    def highest_db(self) -> float:
        """The highest peak since the last `reset`."""
        return self._highest

    @property
    def clipped(self) -> bool:
        """Whether a peak went over full scale since the last `reset`."""
        return self._clipped

    def show_levels(self, peak_db: tuple[float, float], rms_db: tuple[float, float]) -> None:
        """Peak and RMS of both channels, dB; bars rise at once and fall slowly."""
        before = (*self._peak, *self._rms, *self._held, self._clipped)
        for channel in (0, 1):
            self._peak[channel] = max(
                peak_db[channel], self._peak[channel] - _FALL_DB, METER_LOW_DB
            )
            self._rms[channel] = max(rms_db[channel], self._rms[channel] - _FALL_DB, METER_LOW_DB)
            self._hold(channel, peak_db[channel])
        self._highest = max(self._highest, *peak_db)
        self._clipped = self._clipped or max(peak_db) > _CLIP_DB
        if before != (*self._peak, *self._rms, *self._held, self._clipped):
            self.update()

    def reset(self) -> None:
        """Forget the clip and the highest peak."""
        self._clipped, self._highest = False, METER_LOW_DB
        self._held = [METER_LOW_DB, METER_LOW_DB]
        self.update()

    def _hold(self, channel: int, peak_db: float) -> None:
        if peak_db >= self._held[channel]:
            self._held[channel], self._hold_left[channel] = peak_db, _HOLD_POLLS
        elif self._hold_left[channel]:
            self._hold_left[channel] -= 1
        else:
            self._held[channel] = max(self._held[channel] - 4 * _FALL_DB, METER_LOW_DB)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.reset()
        self.clicked.emit()
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for channel in (0, 1):
            self._paint_channel(painter, channel)
        painter.end()

    def _paint_channel(self, painter: QPainter, channel: int) -> None:
        lane = self._lane(channel)
        painter.setBrush(theme.colour("line"))
        painter.drawRoundedRect(lane, 1.5, 1.5)
        for level, alpha in ((self._peak[channel], 0.55), (self._rms[channel], 1.0)):
            bar = self._part(lane, 0.0, meter_position(level))
            painter.setBrush(self._gradient(lane, alpha))
            painter.drawRoundedRect(bar, 1.5, 1.5)
        held = meter_position(self._held[channel])
        if held > 0:
            painter.setBrush(theme.colour("record" if self._clipped else "text"))
            painter.drawRect(self._part(lane, held - 2 / self._extent(lane), held))

    def _lane(self, channel: int) -> QRectF:
        if self._horizontal:
            thick = (self.height() - 2) / 2
            return QRectF(0, channel * (thick + 2), self.width(), thick)
        thick = (self.width() - 2) / 2
        return QRectF(channel * (thick + 2), 0, thick, self.height())

    def _extent(self, lane: QRectF) -> float:
        return lane.width() if self._horizontal else lane.height()

    def _part(self, lane: QRectF, low: float, high: float) -> QRectF:
        low, high = max(low, 0.0), max(high, 0.0)
        if self._horizontal:
            return QRectF(
                lane.x() + low * lane.width(), lane.y(), (high - low) * lane.width(), lane.height()
            )
        return QRectF(
            lane.x(),
            lane.bottom() - high * lane.height(),
            lane.width(),
            (high - low) * lane.height(),
        )

    def _gradient(self, lane: QRectF, alpha: float) -> QLinearGradient:
        start, end = (
            (lane.topLeft(), lane.topRight())
            if self._horizontal
            else (lane.bottomLeft(), lane.topLeft())
        )
        made = QLinearGradient(start, end)
        for db, token in ((-60.0, "good"), (-18.0, "good"), (-5.0, "warn"), (0.0, "record")):
            made.setColorAt(meter_position(db), theme.colour(token, alpha))
        return made

    def words(self) -> str:
        """The highest peak, for the lamp above a strip."""
        return db_words(self._highest) if self._highest > METER_LOW_DB else "-∞"
