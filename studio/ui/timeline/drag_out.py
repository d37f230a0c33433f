"""Clips that are dragged out of the window: they go on as files, to a folder or another program."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QPoint, QRectF, Qt, QUrl
from PySide6.QtGui import QDrag, QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from studio.domain.clip import ClipId
from studio.jobs.queue import Job
from studio.ui import theme
from studio.ui.tr import tr
from studio.workspace.studio import Studio

_PADDING = 8


class DragOut(QObject):
    """Writes the files once the pointer leaves the window, and hands them on while it is held."""

    def __init__(self, studio: Studio, source: QWidget) -> None:
        super().__init__(source)
        self._studio, self._source = studio, source
        self._writing: Job[tuple[Path, ...]] | None = None

    @property
    def waiting(self) -> bool:
        return self._writing is not None

    def begin(self, clips: frozenset[ClipId]) -> None:
        self._source.setCursor(Qt.CursorShape.DragCopyCursor)
        self._writing = self._studio.carrying.write(clips, self._hand_on)

    def stop(self) -> None:
        """The button was let go, or the pointer came back, before the files were there."""
        if self._writing is not None:
            self._studio.carrying.stop(self._writing)
            self._end()

    def _end(self) -> None:
        self._writing = None
        self._source.unsetCursor()

    def _hand_on(self, paths: tuple[Path, ...]) -> None:
        if self._writing is None:
            return
        self._end()
        carried = QMimeData()
        carried.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        drag = QDrag(self._source)
        drag.setMimeData(carried)
        drag.setPixmap(_picture(self._source, paths))
        drag.setHotSpot(QPoint(-12, -8))
        drag.exec(Qt.DropAction.CopyAction)


def _picture(source: QWidget, paths: tuple[Path, ...]) -> QPixmap:
    """What hangs at the pointer: the name of the file, or how many there are."""
    text = paths[0].name if len(paths) == 1 else tr("{n} files", n=len(paths))
    font, ratio = theme.ui_font(theme.TEXT_PX), source.devicePixelRatioF()
    metrics = QFontMetrics(font)
    wide = metrics.horizontalAdvance(text) + 2 * _PADDING
    tall = metrics.height() + _PADDING
    made = QPixmap(round(wide * ratio), round(tall * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    with QPainter(made) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.colour("line_strong"))
        painter.setBrush(theme.colour("raised"))
        painter.drawRoundedRect(QRectF(0.5, 0.5, wide - 1, tall - 1), 5, 5)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        painter.drawText(0, 0, wide, tall, Qt.AlignmentFlag.AlignCenter, text)
    return made
