"""A widget drawn in three layers: a grid and a content that are kept as pictures, and an overlay.

While a song plays only the overlay is drawn anew, on the strip that the playhead left and entered.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from studio.ui import theme

PLAYHEAD_MARGIN = 8  # px on both sides that drawing the playhead may touch


class Canvas(QWidget):
    """Draws `paint_grid` and `paint_content` into pictures that last until invalidated.

    The pictures hold as many device pixels as the screen has, and are made again when the size or
    the device pixel ratio changes. The content's picture includes the grid, so that a repaint
    copies opaque pixels once.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._grid = QPixmap()
        self._content = QPixmap()
        self._grid_is_old = self._content_is_old = True
        self._playhead_x: int | None = None

    # -- what a view draws --------------------------------------------------------------------
    def paint_grid(self, painter: QPainter) -> None:
        """What changes with the view only: rows and lines."""

    def paint_content(self, painter: QPainter) -> None:
        """What changes with the song: clips and notes."""

    def paint_overlay(self, painter: QPainter) -> None:
        """What moves: playhead, rubber band, drag marks. Keep it cheap."""

    # -- what a view says ---------------------------------------------------------------------
    def invalidate_grid(self) -> None:
        self._grid_is_old = self._content_is_old = True
        self.update()

    def invalidate_content(self) -> None:
        self._content_is_old = True
        self.update()

    def move_playhead(self, x: float) -> None:
        """Repaint the strips where the playhead was and is."""
        now = math.floor(x)
        if now == self._playhead_x:
            return
        for at in (self._playhead_x, now):
            if at is not None:
                self.update(self.playhead_strip(at))
        self._playhead_x = now

    def playhead_strip(self, x: int) -> QRect:
        return QRect(x - PLAYHEAD_MARGIN, 0, 2 * PLAYHEAD_MARGIN + 1, self.height())

    # -- Qt -----------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        content = self._content_picture()
        with QPainter(self) as painter:
            painter.setClipRegion(event.region())
            painter.drawPixmap(0, 0, content)
            painter.setPen(Qt.PenStyle.NoPen)
            self.paint_overlay(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._grid_is_old = self._content_is_old = True
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:  # other colours are in force
            self.invalidate_grid()
        super().changeEvent(event)

    def _content_picture(self) -> QPixmap:
        grid = self._grid_picture()
        if self._content_is_old or not self._fits(self._content):
            self._content = self._as_large(self._content)
            with QPainter(self._content) as painter:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
                painter.drawPixmap(0, 0, grid)
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
                self.paint_content(painter)
            self._content_is_old = False
        return self._content

    def _grid_picture(self) -> QPixmap:
        if self._grid_is_old or not self._fits(self._grid):
            self._grid = self._as_large(self._grid)
            with QPainter(self._grid) as painter:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.fillRect(self.rect(), theme.colour("canvas"))
                self.paint_grid(painter)
            self._grid_is_old, self._content_is_old = False, True
        return self._grid

    def _fits(self, picture: QPixmap) -> bool:
        ratio = self.devicePixelRatioF()
        return picture.devicePixelRatio() == ratio and picture.size() == self._pixels(ratio)

    def _pixels(self, ratio: float) -> QSize:
        return QSize(math.ceil(self.width() * ratio), math.ceil(self.height() * ratio))

    def _as_large(self, picture: QPixmap) -> QPixmap:
        """`picture` itself where it fits, as new memory is slow; else a picture that does."""
        if self._fits(picture):
            return picture
        ratio = self.devicePixelRatioF()
        made = QPixmap(self._pixels(ratio))
        made.setDevicePixelRatio(ratio)
        made.fill(theme.colour("canvas"))
        return made
