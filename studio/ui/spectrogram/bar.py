"""The row over the picture: what is shown, the tools, and how sound is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QToolButton

from studio.dsp.stft import Scale, Window
from studio.ui import theme
from studio.ui.canvas.tools import SIZE
from studio.ui.spectrogram.gestures import Tool
from studio.ui.spectrogram.pictures import MAPS
from studio.ui.spectrogram.scene import Scene
from studio.ui.tr import tr
from studio.ui.widgets.boxes import ElidedLabel, label, row
from studio.ui.widgets.buttons import icon_button, text_button
from studio.ui.widgets.slider import ShareSlider

SCALES = {Scale.LOG: "Log", Scale.MEL: "Mel", Scale.LINEAR: "Linear"}
WINDOWS = {
    Window.HANN: "Hann", Window.HAMMING: "Hamming", Window.BLACKMAN_HARRIS: "Blackman-Harris",
}  # fmt: skip
SIZES = (512, 1024, 2048, 4096, 8192, 16384)
LEAST_RANGE_DB, MOST_RANGE_DB = 40, 120
_TOOLS = {
    Tool.BOX: ("box", "Select a box  ·  1"),
    Tool.LASSO: ("lasso", "Select with a lasso  ·  2"),
    Tool.BRUSH: ("paint", "Select with a brush  ·  3"),
    Tool.HARMONICS: ("harmonics", "Select a tone and its overtones  ·  4"),
}
_OVER = {
    "beats": "Bars and beats", "notes": "Notes of the song", "keys": "Lines of the keyboard",
}  # fmt: skip


class LookBar(QFrame):
    """Signals:
    tool_chosen(str): A button of a tool was pressed.
    """

    tool_chosen = Signal(str)

    def __init__(self, scene: Scene, fit: Callable[[], object]) -> None:
        super().__init__()
        self._scene = scene
        line = row(self, 0, theme.GAP)
        line.setContentsMargins(theme.PADDING, theme.SPACE, theme.GAP, theme.SPACE)
        self.name = ElidedLabel("", "strong")
        line.addWidget(self.name)
        self.tools: dict[Tool, QToolButton] = {}
        for tool, (icon, words) in _TOOLS.items():
            button = icon_button(
                icon, tr(words), partial(self.tool_chosen.emit, tool.value), checkable=True
            )
            button.setFixedSize(SIZE, SIZE)
            button.setIconSize(QSize(theme.ICON - 2, theme.ICON - 2))
            button.setStyleSheet("padding: 0;")
            self.tools[tool] = button
            line.addWidget(button)
        line.addSpacing(theme.GAP)
        self.readout = ElidedLabel("", "number")
        line.addWidget(self.readout, 1)
        line.addWidget(label(tr("Waveform"), "secondary"))
        self.waveform = ShareSlider(tr("Waveform over the spectrogram"), 0.0)
        self.waveform.setFixedWidth(72)
        self.waveform.edited.connect(lambda share: self._set(waveform=share))
        line.addWidget(self.waveform)
        line.addWidget(label(tr("Range"), "secondary"))
        self.range = ShareSlider(tr("Range in dB"), _share_of(scene.look.range_db))
        self.range.setFixedWidth(72)
        self.range.edited.connect(self._set_range)
        line.addWidget(self.range)
        self.scale = self._choice(tr("Frequency scale"), "scale", SCALES)
        line.addWidget(self.scale)
        line.addWidget(self._look_button())
        line.addWidget(icon_button("zoom_fit", tr("Fit the clip  ·  F"), fit))
        scene.looked.connect(self._show)
        self._show()

    def show_tool(self, tool: Tool) -> None:
        for other, button in self.tools.items():
            button.setChecked(other is tool)

    def _show(self) -> None:
        self.scale.setText(f"{tr(SCALES[self._scene.look.scale])}  ▾")
        self.range.set_share(_share_of(self._scene.look.range_db))
        self.waveform.set_share(self._scene.look.waveform)

    def _set(self, **parts: Any) -> None:
        self._scene.set_look(replace(self._scene.look, **parts))

    def _set_range(self, share: float) -> None:
        self._set(range_db=round(LEAST_RANGE_DB + share * (MOST_RANGE_DB - LEAST_RANGE_DB)))

    # -- menus --------------------------------------------------------------------------------
    def _choice(self, name: str, part: str, values: Mapping[Any, str]) -> QPushButton:
        menu = QMenu(self)
        menu.aboutToShow.connect(lambda: self._fill(menu, part, values))
        button = text_button("", kind="quiet", name=name)
        button.setMenu(menu)
        return button

    def _look_button(self) -> QPushButton:
        menu = QMenu(self)
        sizes = {size: tr("{size} frames", size=f"{size:,}") for size in SIZES}
        for title, part, values in (
            (tr("Window size"), "fft_size", sizes),
            (tr("Window"), "window", WINDOWS),
            (tr("Colours"), "colours", MAPS),
        ):
            inner = menu.addMenu(title)
            inner.aboutToShow.connect(partial(self._fill, inner, part, values))
        menu.addSeparator()
        for part, title in _OVER.items():
            entry = menu.addAction(tr(title))
            entry.setCheckable(True)
            entry.triggered.connect(lambda on, part=part: self._set(**{part: on}))
            menu.aboutToShow.connect(
                lambda entry=entry, part=part: entry.setChecked(getattr(self._scene.look, part))
            )
        button = text_button(f"{tr('Look')}  ▾", kind="quiet", name=tr("How sound is drawn"))
        button.setMenu(menu)
        return button

    def _fill(self, menu: QMenu, part: str, values: Mapping[Any, str]) -> None:
        menu.clear()
        group = QActionGroup(menu)
        for value, text in values.items():
            entry = menu.addAction(tr(text), partial(self._set, **{part: value}))
            entry.setCheckable(True)
            entry.setChecked(getattr(self._scene.look, part) == value)
            group.addAction(entry)


def _share_of(range_db: int) -> float:
    return (range_db - LEAST_RANGE_DB) / (MOST_RANGE_DB - LEAST_RANGE_DB)
