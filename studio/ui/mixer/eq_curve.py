"""An equaliser as a curve whose bands are dragged."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from studio.dsp.biquads import equaliser_sections, response_db
from studio.render.knobs import PARAMETERS, Parameter
from studio.ui import theme
from studio.ui.tr import tr

LOW_HZ, HIGH_HZ = 20.0, 20000.0
MOST_DB = 20.0
WIDTH_PX, HEIGHT_PX = 372, 150
DOT_PX, REACH_PX = 5.0, 12.0
_RATE = 48000  # that the curve is drawn for
_POINTS = 200
_KNOBS: dict[str, Parameter] = {parameter.name: parameter for parameter in PARAMETERS["eq"]}


@dataclass(frozen=True, slots=True)
class Band:
    """One dot: the knob it moves across, and the one up and down, if any."""

    name: str
    hz: str
    db: str = ""


BANDS = (
    Band("Low cut", "low_cut_hz"),
    Band("Low", "low_hz", "low_db"),
    Band("Mid", "mid_hz", "mid_db"),
    Band("High", "high_hz", "high_db"),
)


class EqCurve(QWidget):
    """Drag a dot for frequency and gain; the wheel makes the bell wider or narrower.

    Signals:
        moved(dict): Knobs by name, while a dot is dragged or the wheel turns.
        ended(): The drag is over, or was taken back: what follows is another change.
    """

    moved = Signal(dict)
    ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.knobs = {name: parameter.default for name, parameter in _KNOBS.items()}
        self._band: Band | None = None  # under the pointer, or dragged
        self._before: dict[str, float] | None = None  # what a drag began with
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Curve of the equaliser"))
        self.setToolTip(tr("Drag a dot; the wheel sets the width of Mid; double-click resets"))

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def show_knobs(self, knobs: dict[str, float]) -> None:
        if knobs != self.knobs:
            self.knobs = dict(knobs)
            self.update()

    # -- where things are ---------------------------------------------------------------------
    def x_of(self, hz: float) -> float:
        return math.log(hz / LOW_HZ) / math.log(HIGH_HZ / LOW_HZ) * self.width()

    def y_of(self, db: float) -> float:
        return (MOST_DB - db) / (2 * MOST_DB) * self.height()

    def dot(self, band: Band) -> QPointF:
        """Where a band's dot is; that of the low cut lies on its corner, 3 dB down."""
        db = self.knobs[band.db] if band.db else -3.0 * (self.knobs[band.hz] > LOW_HZ)
        return QPointF(
            min(max(self.x_of(self.knobs[band.hz]), 1.0), self.width() - 1.0), self.y_of(db)
        )

    def band_at(self, at: QPointF) -> Band | None:
        near = min(BANDS, key=lambda band: _apart(self.dot(band), at))
        return near if _apart(self.dot(near), at) <= REACH_PX else None

    # -- drawing ------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("canvas"))
            painter.drawRoundedRect(QRectF(self.rect()), theme.RADIUS, theme.RADIUS)
            self._paint_grid(painter)
            self._paint_curve(painter)
            for band in BANDS:
                self._paint_dot(painter, band)
            if self.hasFocus():
                painter.setPen(QPen(theme.colour("accent"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
                painter.drawRoundedRect(area, theme.RADIUS, theme.RADIUS)

    def _paint_grid(self, painter: QPainter) -> None:
        painter.setFont(theme.mono_font(9))
        for db in (-12, 0, 12):
            y = round(self.y_of(db))
            line = theme.colour("line_strong" if db == 0 else "line")
            painter.fillRect(QRectF(0, y, self.width(), 1), line)
            painter.setPen(theme.colour("text_3"))
            painter.drawText(QPointF(4, y - 3), f"{db:+d}" if db else "0")
        for hz, words in ((100, "100"), (1000, "1k"), (10000, "10k")):
            x = round(self.x_of(hz))
            painter.fillRect(QRectF(x, 0, 1, self.height()), theme.colour("line"))
            painter.setPen(theme.colour("text_3"))
            painter.drawText(QPointF(x + 4, self.height() - 4), words)
        painter.setPen(Qt.PenStyle.NoPen)

    def _paint_curve(self, painter: QPainter) -> None:
        hz = np.geomspace(LOW_HZ, HIGH_HZ, _POINTS)
        every, used = equaliser_sections(_RATE, **self.knobs)
        db = np.clip(response_db(every[used], hz, _RATE), -1.2 * MOST_DB, 1.2 * MOST_DB)
        path = QPainterPath(QPointF(self.x_of(float(hz[0])), self.y_of(float(db[0]))))
        for at, level in zip(hz[1:].tolist(), db[1:].tolist(), strict=True):
            path.lineTo(self.x_of(at), self.y_of(level))
        under = QPainterPath(path)
        under.lineTo(self.width(), self.y_of(0))
        under.lineTo(0, self.y_of(0))
        painter.setBrush(theme.colour("accent", 0.14))
        painter.drawPath(under)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("accent"), 1.75))
        painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)

    def _paint_dot(self, painter: QPainter, band: Band) -> None:
        at, chosen = self.dot(band), band is self._band
        painter.setPen(QPen(theme.colour("accent" if chosen else "text_2"), 1.5))
        painter.setBrush(theme.colour("accent" if chosen else "raised"))
        painter.drawEllipse(at, DOT_PX, DOT_PX)
        if not chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            return
        words = self.words(band)
        painter.setFont(theme.mono_font(theme.LABEL_PX))
        wide = painter.fontMetrics().horizontalAdvance(words) + 10
        x = min(max(at.x() - wide / 2, 2), self.width() - wide - 2)
        y = at.y() + 10 if at.y() < 30 else at.y() - 28
        box = QRectF(x, y, wide, 18)
        painter.setPen(QPen(theme.colour("line_strong"), 1))
        painter.setBrush(theme.colour("hover"))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(theme.colour("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
        painter.setPen(Qt.PenStyle.NoPen)

    def words(self, band: Band) -> str:
        hz = self.knobs[band.hz]
        said = f"{hz / 1000:.2f} kHz" if hz >= 1000 else f"{hz:.0f} Hz"
        return f"{said}  {self.knobs[band.db]:+.1f} dB" if band.db else said

    # -- gestures -----------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._band = self.band_at(event.position())
            self._before = dict(self.knobs) if self._band is not None else None
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        band = self._band
        if self._before is None or band is None:
            found = self.band_at(event.position())
            if found is not self._band:
                self._band = found
                self.update()
            return
        at = event.position()
        share = min(max(at.x() / self.width(), 0.0), 1.0)
        knobs = {band.hz: LOW_HZ * (HIGH_HZ / LOW_HZ) ** share}
        if band.db:
            knobs[band.db] = MOST_DB - at.y() / self.height() * 2 * MOST_DB
        self._move(knobs)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._before is not None:
            self._before = None
            self.ended.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        band = self.band_at(event.position())
        if band is not None:
            names = [name for name in (band.db or band.hz,) if name]
            self._move({name: _KNOBS[name].default for name in names})
            self.ended.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = (event.angleDelta().y() or event.angleDelta().x()) / 120
        self._move({"mid_q": self.knobs["mid_q"] * 1.15**turned})
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._before is not None:
            before, self._before = self._before, None
            self._move(before)
            self.ended.emit()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        if self._before is None:
            self._band = None
            self.update()

    def _move(self, knobs: dict[str, float]) -> None:
        """Show and tell what knobs are to be, each within its range and as it is written."""
        found = {name: _within(_KNOBS[name], value) for name, value in knobs.items()}
        self.show_knobs(self.knobs | found)
        self.moved.emit(found)


def _within(parameter: Parameter, value: float) -> float:
    value = min(max(value, parameter.low), parameter.high)
    return float(round(value)) if parameter.unit == "Hz" else round(value, 2)


def _apart(a: QPointF, b: QPointF) -> float:
    return math.hypot(a.x() - b.x(), a.y() - b.y())
