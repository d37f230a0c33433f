"""Chips: the words that were understood, and dashed the words that were not."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ai.requests import Chip
from studio.ui import theme
from studio.ui.tr import tr
from studio.ui.widgets.boxes import Flow, clear

_SIDE_PX, _HEIGHT_PX = 9, 24


class ChipMark(QWidget):
    """One chip."""

    def __init__(self, chip: Chip) -> None:
        super().__init__()
        self.chip = chip
        self.setFont(theme.ui_font(12))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        said = (
            tr("Understood as {control}: {text}", control=chip.control, text=chip.text)
            if chip.control
            else tr("“{text}” was not understood; it changes nothing", text=chip.text)
        )
        self.setAccessibleName(said)
        self.setToolTip(said)

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.font()).horizontalAdvance(self.chip.text)
        return QSize(width + 2 * _SIDE_PX, _HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        known = bool(self.chip.control)
        pen = QPen(theme.colour("text_3"), 1, Qt.PenStyle.DashLine)
        painter.setPen(Qt.PenStyle.NoPen if known else pen)
        painter.setBrush(theme.colour("hover") if known else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area, _HEIGHT_PX / 2, _HEIGHT_PX / 2)
        painter.setPen(theme.colour("text" if known else "text_2"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.chip.text)
        painter.end()


class Chips(QWidget):
    """A paragraph of chips."""

    def __init__(self) -> None:
        super().__init__()
        self._flow = Flow(self)
        self._shown: tuple[Chip, ...] = ()
        self.setAccessibleName(tr("What the words were understood to say"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def chips(self) -> tuple[Chip, ...]:
        return self._shown

    def show_chips(self, chips: Sequence[Chip]) -> None:
        if tuple(chips) == self._shown:
            return
        self._shown = tuple(chips)
        clear(self._flow)
        for chip in chips:
            mark = ChipMark(chip)
            self._flow.addWidget(mark)
            mark.show()
        self.setVisible(bool(chips))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As tall as its lines: layouts ask for height by width only where it suits them."""
        self.setFixedHeight(max(self._flow.heightForWidth(self.width()), _HEIGHT_PX))
