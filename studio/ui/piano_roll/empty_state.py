"""What an empty piano roll says: the next click."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from studio.ui import theme
from studio.ui.tr import tr


def paint_empty(painter: QPainter, area: QRectF) -> None:
    """Two lines in the middle of `area`."""
    middle = area.center().y()
    painter.setFont(theme.ui_font(theme.TEXT_PX, 500))
    painter.setPen(theme.colour("text_2"))
    first = QRectF(area.left(), middle - 24, area.width(), 20)
    painter.drawText(first, Qt.AlignmentFlag.AlignCenter, tr("No clip is open"))
    painter.setFont(theme.ui_font(theme.TEXT_PX))
    painter.setPen(theme.colour("text_3"))
    words = tr("Double-click a bar to make a clip, or describe what you want to hear")
    second = QRectF(area.left(), middle, area.width(), 20)
    painter.drawText(second, Qt.AlignmentFlag.AlignCenter, words)
    painter.setPen(Qt.PenStyle.NoPen)
