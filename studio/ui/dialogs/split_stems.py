"""How to split recordings into stems: which, how well, by which model, and how long it takes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLayout, QWidget

from studio.ai.catalogue import ModelCard
from studio.ai.requests import STEMS, Quality
from studio.domain.clip import AudioClip
from studio.ui import theme
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, label, row
from studio.ui.widgets.buttons import text_button
from studio.ui.widgets.choice import Choice
from studio.workspace.stems import Splitting
from studio.workspace.studio import Studio

_WIDTH_PX = 440
_ALL = " ".join(STEMS)
_WHAT = {
    _ALL: "Drums, bass, vocals and other",
    "vocals": "Vocals and instrumental",
    "drums": "Drums and the rest",
    "bass": "Bass and the rest",
    "other": "Other and the rest",
}
_QUALITY = {str(Quality.FAST): "Fast", str(Quality.BEST): "Best"}


def offer(studio: Studio, window: QWidget) -> None:
    """Ask how to split the selected recordings; say so where nothing can."""
    clips = studio.stems.recordings(studio.selection.clips)
    if not clips:
        studio.notice.emit("info", tr("Select a recording first."), "")
    elif not studio.stems.models():
        studio.notice.emit(
            "info",
            tr("No model is installed that can take sound apart."),
            tr("Weights of your own go into the folder “models” of the studio."),
        )
    else:
        SplitStems(studio, window, clips).open()


class SplitStems(QDialog):
    """The work itself runs among the jobs, where it can be followed and cancelled."""

    def __init__(self, studio: Studio, parent: QWidget, clips: tuple[AudioClip, ...]) -> None:
        super().__init__(parent)
        self._studio, self._clips = studio, clips
        self.setObjectName("split_stems")
        self.setWindowTitle(tr("Split into stems"))
        self.setAccessibleName(tr("Split into stems"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(_WIDTH_PX)
        cards = {card.id: card for card in studio.stems.models()}
        self._cards: dict[str, ModelCard] = cards
        self.model = Choice(tr("Model"), {id: card.title for id, card in cards.items()})
        self.what = Choice(tr("Stems"), _WHAT)
        self.quality = Choice(tr("Quality"), _QUALITY)
        box = column(self, 2 * theme.PADDING, theme.PADDING)
        box.addWidget(label(self._title(), "title", wrap=True))
        box.addLayout(self._build_choices())
        self._sentence = label("", "secondary", wrap=True)
        box.addWidget(self._sentence)
        self._weak = label("", "small", wrap=True)
        box.addWidget(self._weak)
        box.addLayout(self._build_foot())
        for choice in (self.what, self.quality, self.model):
            choice.chosen.connect(self._show)
        self._show()
        box.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)  # as tall as its sentences need
        self.split.setFocus()

    def _title(self) -> str:
        if len(self._clips) > 1:
            return tr("Split {count} recordings into stems", count=len(self._clips))
        clip = self._clips[0]
        return tr("Split {name} into stems", name=clip.name or clip.source.name)

    def _build_choices(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        grid.setHorizontalSpacing(2 * theme.PADDING)
        grid.setVerticalSpacing(theme.GAP)
        rows = [(tr("Stems"), self.what), (tr("Quality"), self.quality)]
        rows += [(tr("Model"), self.model)] if len(self._cards) > 1 else []
        for at, (name, choice) in enumerate(rows):
            grid.addWidget(label(name, "secondary"), at, 0)
            grid.addWidget(choice, at, 1, Qt.AlignmentFlag.AlignLeft)
        self.model.setParent(self)
        self.model.setVisible(len(self._cards) > 1)
        return grid

    def _build_foot(self) -> QHBoxLayout:
        line = row()
        line.addStretch(1)
        line.addWidget(text_button(tr("Cancel"), self.reject))
        self.split = text_button(tr("Split"), self._go, kind="accent")
        self.split.setDefault(True)
        line.addWidget(self.split)
        return line

    @property
    def wanted(self) -> Splitting:
        """What the dialog says now."""
        stems = tuple(self.what.value.split())
        return Splitting(stems, Quality(self.quality.value), self.model.value)

    @property
    def sentences(self) -> str:
        """What it says below the choices."""
        return f"{self._sentence.text()} {self._weak.text()}".strip()

    def _show(self) -> None:
        wanted, card = self.wanted, self._cards[self.model.value]
        missing = [stem for stem in wanted.stems if stem not in card.stems]
        self.split.setEnabled(not missing)
        if missing:
            known = tr("{model} tells apart: {known}.", model=card.title, known=_list(card.stems))
            self._sentence.setText(known)
        else:
            self._sentence.setText(self._outlook(wanted))
        weak = [stem for stem in wanted.stems if stem in card.experimental]
        text = tr("Experimental on real music: {names}. Expect bleed.", names=_list(weak))
        self._weak.setText(text if weak else "")
        self._weak.setVisible(bool(weak))
        self.adjustSize()

    def _outlook(self, wanted: Splitting) -> str:
        sound = duration(sum(clip.seconds for clip in self._clips))
        new = tr("New tracks under the recording, which stays, muted.")
        if any(clip.warp for clip in self._clips):
            alone = tr(
                "Stretched one by one, the stems sound like the clip but do not cancel it; bounce"
                " it in place first, and they will."
            )
            new = f"{new} {alone}"
        seconds = self._studio.stems.seconds(self._clips, wanted)
        if seconds is None:
            return new
        takes = tr("{sound} of sound take about {time}.", sound=sound, time=duration(seconds))
        return f"{new} {takes}"

    def _go(self) -> None:
        wanted, clips = self.wanted, frozenset(clip.id for clip in self._clips)
        self.accept()
        self._studio.stems.split(clips, wanted)


def _list(stems: Sequence[str]) -> str:
    return ", ".join(tr(stem) for stem in stems)


def duration(seconds: float) -> str:
    """`8 s`, `3 min 20 s` or `1 h 5 min`."""
    whole = max(round(seconds), 1)
    if whole < 60:
        return tr("{seconds} s", seconds=whole)
    minutes, rest = divmod(whole, 60)
    if minutes < 10 and rest:
        return tr("{minutes} min {seconds} s", minutes=minutes, seconds=rest)
    minutes = round(whole / 60)
    if minutes < 60:
        return tr("{minutes} min", minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    return tr("{hours} h {minutes} min", hours=hours, minutes=minutes)
