"""The export dialog: what goes to other programs, how, and where to."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QWidget,
)

from studio.core import paths
from studio.domain.project import SAMPLE_RATES
from studio.io.export import Export, already_in
from studio.ui import theme
from studio.ui.dialogs.ask import Question
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, label, row
from studio.ui.widgets.buttons import text_button
from studio.ui.widgets.choice import Choice
from studio.workspace.studio import Studio

_WIDTH_PX = 560
FORMATS = {  # file ending and bits
    "wav 24": "WAV, 24 bit",
    "wav 32": "WAV, 32 bit float",
    "wav 16": "WAV, 16 bit",
    "flac 24": "FLAC, 24 bit",
    "mp3 24": "MP3",
    "ogg 24": "OGG Vorbis",
}
STEM_DEPTHS = {"32": "WAV, 32 bit float", "24": "WAV, 24 bit"}


class ExportDialog(QDialog):
    """The work itself runs among the jobs, where it can be followed and cancelled."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        super().__init__(parent)
        self._studio = studio
        self.folder = default_folder(studio)
        self.setObjectName("export")
        self.setWindowTitle(tr("Export"))
        self.setAccessibleName(tr("Export"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(_WIDTH_PX)
        self.mix = self._box(tr("Mix"), on=True)
        self.stems = self._box(tr("Stems"))
        self.midi = self._box(tr("MIDI"))
        self.dawproject = self._box(tr("DAWproject"))
        self.format = Choice(tr("Format of the mix"), FORMATS)
        self.rate = Choice(tr("Sample rate of the mix"), _rates(studio))
        self.stem_depth = Choice(tr("Depth of the stems"), STEM_DEPTHS)
        box = column(self, 2 * theme.PADDING, theme.GAP)
        self._spans = spans_of(studio)
        self.span = Choice(tr("What part"), {name: name for name in self._spans})
        box.addWidget(label(tr("Export the song"), "title"))
        box.addSpacing(theme.GAP)
        part = row(gap=theme.GAP)
        part.addWidget(label(tr("What part of it")), 1)
        part.addWidget(self.span)
        box.addLayout(part)
        box.addWidget(_line(self.mix, tr("what is heard, as one file"), self.rate, self.format))
        box.addWidget(_line(self.stems, tr("a file a track, all equally long"), self.stem_depth))
        box.addWidget(_line(self.midi, tr("notes, tempo, meter, key and markers")))
        box.addWidget(_line(self.dawproject, tr("for Bitwig, Cubase, Studio One and others")))
        box.addSpacing(theme.GAP)
        box.addLayout(self._build_folder())
        box.addLayout(self._build_foot())
        for choice in (self.mix, self.stems, self.midi, self.dawproject):
            choice.toggled.connect(self._show)
        self._show()
        self.export.setFocus()

    def _box(self, name: str, *, on: bool = False) -> QCheckBox:
        box = QCheckBox(name)
        box.setChecked(on)
        box.setAccessibleName(name)
        return box

    def _build_folder(self) -> QHBoxLayout:
        line = row()
        self._where = label("", "small", wrap=True)
        line.addWidget(self._where, 1)
        line.addWidget(text_button(tr("Change folder…"), self._choose_folder, kind="link"))
        return line

    def _build_foot(self) -> QHBoxLayout:
        line = row()
        line.addStretch(1)
        line.addWidget(text_button(tr("Cancel"), self.reject))
        self.export = text_button(tr("Export"), self._go, kind="accent")
        self.export.setDefault(True)
        line.addWidget(self.export)
        return line

    @property
    def wanted(self) -> Export:
        """What the dialog says now."""
        format, depth = self.format.value.split()
        return Export(
            mix=self.mix.isChecked(),
            stems=self.stems.isChecked(),
            midi=self.midi.isChecked(),
            dawproject=self.dawproject.isChecked(),
            format=format,
            depth=int(depth),
            stem_depth=int(self.stem_depth.value),
            sample_rate=int(self.rate.value) or None,
            span=self._spans[self.span.value],
        )

    def _choose_folder(self) -> None:
        found = QFileDialog.getExistingDirectory(self, tr("Folder to write to"), str(self.folder))
        if found:
            self.folder = Path(found)
            self._show()

    def _show(self) -> None:
        wanted = self.wanted
        self._where.setText(str(self.folder))
        self.export.setEnabled(wanted.mix or wanted.stems or wanted.midi or wanted.dawproject)
        self.format.setEnabled(wanted.mix)
        self.rate.setEnabled(wanted.mix)
        self.stem_depth.setEnabled(wanted.stems)

    def _go(self) -> None:
        there = already_in(self.folder, self.wanted)
        if not there:
            self._write(replace_there=False)
            return
        question = Question(
            self,
            tr("Replace the earlier export?"),
            tr(
                "{folder} holds {names}.",
                folder=self.folder,
                names=", ".join(p.name for p in there),
            ),
            [
                (tr("Replace"), "accent", partial(self._write, replace_there=True)),
                (tr("Cancel"), "", lambda: None),
            ],
        )
        question.open()

    def _write(self, *, replace_there: bool) -> None:
        wanted = self.wanted
        self.accept()
        self._studio.exchange.export(self.folder, wanted, replace_there=replace_there)


def spans_of(studio: Studio) -> dict[str, tuple[int, int] | None]:
    """What can be exported: the song, the loop, what is selected, and each section, by name."""
    project, playback, selection = studio.song.project, studio.playback, studio.selection
    found: dict[str, tuple[int, int] | None] = {tr("The whole song"): None}
    if playback.loop is not None:
        found[tr("The loop")] = playback.loop
    chosen = [clip for _, clip in project.clips() if clip.id in selection.clips]
    span = selection.span
    if span is None and chosen:
        end = max(project.clip_end(clip) for clip in chosen)
        span = min(clip.start for clip in chosen), end
    if span is not None:
        found[tr("The selection")] = span
    ends = [*(marker.tick for marker in project.markers[1:]), project.end]
    for number, (marker, end) in enumerate(zip(project.markers, ends, strict=False), 1):
        if end > marker.tick:
            found[f"{number}. {marker.name}"] = (marker.tick, end)
    return found


def default_folder(studio: Studio) -> Path:
    """Beside a saved song, else among the user's songs."""
    folder = studio.files.folder
    name = studio.files.name or tr("Untitled")
    return (folder.parent if folder is not None else paths.songs()) / f"{name} export"


def _rates(studio: Studio) -> dict[str, str]:
    """Rates by their number in Hz; 0 is the song's own."""
    own = studio.song.project.sample_rate
    others = {str(rate): f"{rate / 1000:g} kHz" for rate in SAMPLE_RATES if rate != own}
    return {"0": f"{own / 1000:g} kHz", **others}


def _line(choice: QCheckBox, about: str, *menus: QPushButton) -> QFrame:
    line = QFrame()
    box = row(line, 0, theme.GAP)
    choice.setMinimumWidth(100)
    box.addWidget(choice)
    box.addWidget(label(about, "small"), 1)
    for menu in menus:
        box.addWidget(menu)
    line.setMinimumHeight(theme.CONTROL_HEIGHT)
    return line
