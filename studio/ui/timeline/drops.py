"""Files let go over the lanes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
)
from PySide6.QtWidgets import QWidget

from studio.ui import theme
from studio.ui.canvas.gesture import GestureCanvas
from studio.ui.canvas.pointer import Pointer
from studio.ui.timeline.timeline_view import TimelineView

MUSIC_FILES = (".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3", ".mid", ".midi")


class DropCanvas(GestureCanvas):
    """Takes music files at a track and tick; the place is shown while they hover.

    Signals:
        dropped(list[Path], TrackId | None, int): Files were let go at a track and tick.
    """

    dropped = Signal(list, object, int)

    def __init__(self, view: TimelineView, parent: QWidget | None = None) -> None:
        super().__init__(view.axis, parent)
        self.view = view
        self._drop_at: Pointer | None = None
        self.setAcceptDrops(True)

    def paint_drop(self, painter: QPainter) -> None:
        """Show the row and the tick where the files would land."""
        if self._drop_at is None:
            return
        track = self.view.track_at(self._drop_at.y)
        rows = self.view.rows
        index = rows.rows if track is None else rows.row(self._drop_at.y)
        top = float(rows.y(index))
        x = self.axis.x(self._drop_tick(self._drop_at))
        painter.fillRect(QRectF(0, top, self.width(), rows.row_height), theme.colour("accent", 0.1))
        painter.fillRect(QRectF(x, top, 2, rows.row_height), theme.colour("accent"))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _music_in(event):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._drop_at = Pointer(event.position().x(), event.position().y(), event.modifiers())
        event.acceptProposedAction()
        self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_at = None
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        at = Pointer(event.position().x(), event.position().y(), event.modifiers())
        self._drop_at = None
        track = self.view.track_at(at.y)
        self.dropped.emit(_music_in(event), track.id if track else None, self._drop_tick(at))
        event.acceptProposedAction()
        self.update()

    def _drop_tick(self, at: Pointer) -> int:
        return self.view.land(self.axis.tick(at.x), bypass=at.alt).tick


def _music_in(event: QDropEvent) -> list[Path]:
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in MUSIC_FILES]
