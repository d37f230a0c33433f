"""How loud the whole song is: what streaming services and mastering engineers ask for."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from studio.audio.client import EngineClient, EngineState
from studio.ui.tr import tr
from studio.ui.widgets.boxes import label, restyle, row
from studio.ui.widgets.buttons import text_button
from studio.ui.widgets.levels import db_words

SILENT_LUFS = -70.0
_ROWS = (
    ("Integrated", "LUFS since the song last began to play (ITU-R BS.1770)"),
    ("Short-term", "LUFS of the last three seconds"),
    ("True peak", "dBTP since the song last began to play; above 0 it will distort"),
)


class MonitorSwitches(QWidget):
    """Mono and dim: how the mix is listened to, which is no part of the song."""

    def __init__(self, engine: EngineClient) -> None:
        super().__init__()
        self._engine = engine
        line = row(self, 0, 2)
        self.mono = text_button(
            tr("Mono"), self._tell, kind="small", name=tr("Hear the mix in mono"), checkable=True
        )
        self.dim = text_button(
            tr("Dim"), self._tell, kind="small", name=tr("Hear the mix 20 dB softer"),
            checkable=True,
        )  # fmt: skip
        for button in (self.mono, self.dim):
            line.addWidget(button, 1)

    def _tell(self) -> None:
        self._engine.monitor.choose(mono=self.mono.isChecked(), dim=self.dim.isChecked())


class LoudnessRows(QWidget):
    """Three numbers in the master's strip."""

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(0, 1)
        self.values: list[QLabel] = []
        for index, (title, words) in enumerate(_ROWS):
            value = label("-∞", "peak")
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setAccessibleName(tr(title))
            name = label(tr(title), "label")
            for part in (name, value):
                part.setToolTip(tr(words))
            grid.addWidget(name, index, 0)
            grid.addWidget(value, index, 1)
            self.values.append(value)

    def show_state(self, state: EngineState) -> None:
        peak = state.true_peak_db
        texts = (_lufs(state.integrated_lufs), _lufs(state.short_term_lufs), db_words(peak))
        for value, text in zip(self.values, texts, strict=True):
            if value.text() != text:
                value.setText(text)
        restyle(self.values[2], clipped="true" if peak > 0 else "false")


def _lufs(lufs: float) -> str:
    return f"{lufs:.1f}" if lufs > SILENT_LUFS else "-∞"
