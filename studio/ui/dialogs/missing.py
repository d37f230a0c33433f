"""The recordings that are missing, each with a way to say where it is."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QGridLayout, QLayout, QPushButton, QWidget

from studio.domain.clip import AudioSource
from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.dialogs.split_stems import duration
from studio.ui.tr import tr
from studio.ui.widgets.boxes import ElidedLabel, column, label, row
from studio.ui.widgets.buttons import text_button
from studio.workspace.studio import Studio

_WIDTH_PX = 520
_MOST_ROWS = 12  # the rest follows as these are found


class MissingDialog(QDialog):
    """Locating one also finds those that lie beside it; once nothing is missing it closes."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        super().__init__(parent)
        self._studio = studio
        self.setObjectName("missing")
        self.setWindowTitle(tr("Missing recordings"))
        self.setAccessibleName(tr("Missing recordings"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(_WIDTH_PX)
        box = column(self, 2 * theme.PADDING, theme.PADDING)
        self._title = label("", "title", wrap=True)
        box.addWidget(self._title)
        words = tr("Clips keep their places and are silent. Find one, and others beside it follow.")
        box.addWidget(label(words, "secondary", wrap=True))
        self._rows = QGridLayout()
        self._rows.setColumnStretch(0, 1)
        self._rows.setHorizontalSpacing(theme.PADDING)
        self._rows.setVerticalSpacing(theme.GAP)
        box.addLayout(self._rows)
        foot = row()
        foot.addStretch(1)
        foot.addWidget(text_button(tr("Close"), self.reject))
        box.addLayout(foot)
        box.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        self._bindings = Bindings()
        self._bindings.connect(studio.missing.changed, self._show)
        self.finished.connect(lambda _: self._bindings.release())
        self._show()

    @property
    def buttons(self) -> list[QPushButton]:
        """The ways to locate a recording, in order."""
        return [b for b in self.findChildren(QPushButton) if b.objectName() == "locate"]

    def _show(self) -> None:
        sources = self._studio.missing.sources
        if not sources:
            self.accept()
            return
        count = len(sources)
        text = (
            tr("A recording is missing")
            if count == 1
            else tr("{n} recordings are missing", n=count)
        )
        self._title.setText(text)
        while (item := self._rows.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.setObjectName("")
                old.hide()
                old.deleteLater()
        for at, source in enumerate(sources[:_MOST_ROWS]):
            self._add_row(at, source)

    def _add_row(self, at: int, source: AudioSource) -> None:
        name = source.name or tr("A recording")
        self._rows.addWidget(ElidedLabel(name), at, 0)
        length = duration(source.frames / source.sample_rate)
        self._rows.addWidget(label(length, "secondary"), at, 1)
        said = tr("Locate {name}", name=name)
        button = text_button(tr("Locate…"), partial(self._locate, source), name=said)
        button.setObjectName("locate")
        self._rows.addWidget(button, at, 2)

    def _locate(self, source: AudioSource) -> None:
        sounds = tr("Sound files (*.wav *.flac *.aif *.aiff *.ogg *.opus *.mp3);;All files (*)")
        said = tr("Where is {name}?", name=source.name)
        found, _ = QFileDialog.getOpenFileName(self, said, "", sounds)
        if found:
            self._studio.missing.locate(source, Path(found))


def offer(studio: Studio, window: QWidget) -> None:
    """Show what is missing; say so where nothing is."""
    if studio.missing.sources:
        MissingDialog(studio, window).open()
    else:
        studio.notice.emit("info", tr("Every recording of the song is there."), "")
