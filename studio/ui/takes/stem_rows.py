"""The stems of a take: what each is called, and how far it is to be trusted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QGridLayout

from studio.ai.requests import Sound
from studio.ui import theme
from studio.ui.tr import tr
from studio.ui.widgets.boxes import label


class StemRows(QFrame):
    """A line for each stem: its name, how sure the model is, and whether it is experimental."""

    def __init__(self, sounds: Sequence[Sound]) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.GAP)
        grid.setVerticalSpacing(theme.SPACE)
        grid.setColumnStretch(2, 1)
        for at, sound in enumerate(sounds):
            grid.addWidget(label(tr(sound.name)), at, 0)
            sure = label(tr("{share:.0%} sure", share=sound.confidence), "small")
            sure.setToolTip(tr("How sure the model is that nothing else is in it"))
            grid.addWidget(sure, at, 1)
            if sound.experimental:
                grid.addWidget(label(tr("experimental"), "small"), at, 2)
        said = (_words(sound) for sound in sounds)
        self.setAccessibleName(tr("Stems: {stems}", stems=", ".join(said)))


def _words(sound: Sound) -> str:
    weak = f" ({tr('experimental')})" if sound.experimental else ""
    return f"{tr(sound.name)} {sound.confidence:.0%}{weak}"
