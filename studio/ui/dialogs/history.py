"""The steps of the song's history, to jump among."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, label
from studio.ui.widgets.overlay import Overlay
from studio.workspace.studio import Studio

_WIDTH_PX, _HEIGHT_PX, _TOP_PX = 280, 420, 60


class HistoryList(Overlay):
    """What was done, oldest first, and what was undone; to choose a step is to be right after it.

    It stays open, so that one can look at the song at several steps.
    """

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        super().__init__(parent)
        self._song = studio.song
        self.setAccessibleName(tr("History"))
        self.setFixedSize(_WIDTH_PX, _HEIGHT_PX)
        self._list = QListView()
        self._list.setAccessibleName(tr("Steps"))
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._model = QStandardItemModel(self)
        self._list.setModel(self._model)
        box = column(self, theme.PADDING, theme.GAP)
        box.addWidget(label(tr("History"), "heading"))
        box.addWidget(self._list)
        self._bindings = Bindings()
        self._bindings.connect(studio.song.state_changed, self._fill)
        self._fill()
        self._list.selectionModel().currentChanged.connect(lambda now, _: self._jump(now.row()))

    def open_over(self, window: QWidget) -> None:
        """At the right of `window`, where it hides little of the song."""
        self.open_at(window.mapToGlobal(QPoint(window.width(), _TOP_PX)))
        self._list.setFocus()

    def closed(self) -> None:
        self._bindings.release()

    @property
    def steps(self) -> list[str]:
        """The names on show."""
        return [self._model.item(row).text() for row in range(self._model.rowCount())]

    @property
    def at(self) -> int:
        """The row of the song as it is; 0 is the song before all steps."""
        return self._list.currentIndex().row()

    def _fill(self) -> None:
        done, undone = self._song.steps, self._song.undone
        names = [tr("Before all this"), *(tr(step.label) for step in (*done, *undone))]
        if names != self.steps:
            self._model.clear()
            for name in names:
                item = QStandardItem(name)
                item.setEditable(False)
                self._model.appendRow(item)
        for row in range(len(names)):
            token = "text" if row <= len(done) else "text_3"
            self._model.item(row).setForeground(theme.colour(token))
        index = self._model.index(len(done), 0)
        if index != self._list.currentIndex():
            self._list.setCurrentIndex(index)
        self._list.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def _jump(self, row: int) -> None:
        if row >= 0 and row != len(self._song.steps):
            self._song.jump(row - 1)
