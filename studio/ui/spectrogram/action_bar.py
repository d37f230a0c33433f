"""The row under the picture: what is selected, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton

from studio.ui import theme
from studio.ui.spectrogram.axes import clock, hz_text
from studio.ui.spectrogram.region import Region
from studio.ui.spectrogram.scene import Scene
from studio.ui.tr import tr
from studio.ui.widgets.boxes import ElidedLabel, row
from studio.ui.widgets.buttons import icon_button, text_button
from studio.ui.widgets.number_field import NumberField

_MOST_DB, _REST_DB = 24.0, -6.0


class ActionBar(QFrame):
    """Signals:
    asked(str): `hear`, `level`, `erase`, `heal`, `regenerate` or `deselect`.
    """

    asked = Signal(str)

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene
        self._said = ""
        self.setProperty("role", "bar")
        line = row(self, 0, theme.SPACE)
        line.setContentsMargins(theme.PADDING, theme.SPACE, theme.GAP, theme.SPACE)
        self.words = ElidedLabel("", "secondary")
        line.addWidget(self.words, 1)
        self.hear = self._button("hear", tr("Hear"), tr("Hear it alone  ·  Ctrl+Shift+Space"))
        self.gain = NumberField(
            tr("Change of level"), low=-60, high=_MOST_DB, decimals=1, step=1, unit="dB"
        )
        self.gain.set_value(_REST_DB)
        self.gain.setFixedWidth(84)
        self.level = self._button("level", tr("Change level"), tr("Make it louder or softer"))
        self.erase = self._button("erase", tr("Erase"), tr("Silence it  ·  Del"))
        self.heal = self._button("heal", tr("Heal"), "")
        self.regenerate = self._button(
            "regenerate", tr("Regenerate"), tr("Have the model write it anew")
        )
        self.regenerate.setProperty("kind", "")
        for part in (
            self.hear, self.gain, self.level, self.erase, self.heal, self.regenerate,
        ):  # fmt: skip
            line.addWidget(part)
        self.drop = icon_button(
            "close", tr("Select nothing  ·  Esc"), lambda: self.asked.emit("deselect")
        )
        line.addWidget(self.drop)
        scene.region_changed.connect(self._on_region)
        scene.looked.connect(self.show_region)
        self.show_region()

    def say(self, text: str) -> None:
        """Tell how the last change came out, until something else is selected."""
        self._said = text
        self.show_region()

    def show_region(self) -> None:
        scene = self._scene
        chosen = bool(scene.region)
        for part in (self.hear, self.gain, self.level, self.erase, self.regenerate, self.drop):
            part.setEnabled(chosen)
        self.heal.setEnabled(scene.clip is not None)
        tip = tr("Fill it from what is right beside it")
        self.heal.setToolTip(tip if chosen else tr("Find clicks and drop-outs, and fill them"))
        words = in_words(scene.region) if chosen else tr("Drag over the picture to select sound.")
        self.words.setText(f"{words}   {self._said}" if self._said else words)

    def _on_region(self) -> None:
        self._said = ""
        self.show_region()

    def _button(self, what: str, text: str, name: str) -> QPushButton:
        return text_button(text, lambda: self.asked.emit(what), kind="quiet", name=name)


def in_words(region: Region) -> str:
    """`0:01.20 – 0:02.00 (0.80 s), 430 Hz – 2.1 kHz`."""
    begin, end = region.seconds
    low, high = region.hz
    time = f"{clock(begin, 700.0)} – {clock(end, 700.0)} ({end - begin:.2f} s)"
    if region.is_all_of_its_time:
        return f"{time}, {tr('all frequencies')}"
    return f"{time}, {hz_text(low)} – {hz_text(high)}"
