"""Preferences: the audio device, its buffer, autosave, the theme and a few habits of the window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QMenu, QPushButton, QWidget

from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.settings.inputs import InputRows
from studio.ui.theme import Choice
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, label, row
from studio.ui.widgets.buttons import say, text_button
from studio.ui.widgets.number_field import NumberField
from studio.workspace.studio import Studio

BLOCKS = (64, 128, 256, 512, 1024, 2048)
THEMES = {Choice.DARK: "Dark", Choice.LIGHT: "Light", Choice.SYSTEM: "Follow the system"}
_WIDTH_PX = 520


class Preferences(QDialog):
    """Every change holds at once; there is nothing to confirm."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        super().__init__(parent)
        self._studio = studio
        self.setObjectName("preferences")
        self.setWindowTitle(tr("Preferences"))
        self.setAccessibleName(tr("Preferences"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(_WIDTH_PX)
        box = column(self, 2 * theme.PADDING, theme.PADDING)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._grid.setHorizontalSpacing(2 * theme.PADDING)
        self._grid.setVerticalSpacing(theme.SPACE)
        box.addLayout(self._grid)
        self._build()
        self._sentence = label("", "small", wrap=True)
        box.addWidget(self._sentence)
        box.addStretch(1)
        foot = row()
        foot.addStretch(1)
        foot.addWidget(text_button(tr("Close"), self.accept))
        box.addLayout(foot)
        self._bindings = Bindings()
        self._bindings.connect(studio.settings_changed, self._show)
        self._bindings.connect(studio.playback.device_changed, self._show)
        self.finished.connect(lambda _result: self._release())
        studio.engine.refresh_devices()
        self._show()

    def _build(self) -> None:
        self._device = self._menu(tr("Audio device"), self._fill_devices)
        self._block = self._menu(tr("Buffer in frames"), self._fill_blocks)
        self._inputs = InputRows(self._studio, self._menu, self)
        self._autosave = NumberField(tr("Seconds between autosaves"), low=1, high=30, unit=tr("s"))
        self._autosave.setProperty("kind", "number")
        self._autosave.fit("000")
        self._autosave.edited.connect(lambda seconds: self._set(autosave_seconds=float(seconds)))
        self._theme = self._menu(tr("Theme"), self._fill_themes)
        self._follow = self._switch(tr("Follow the playhead"), "follow_playhead")
        self._audition = self._switch(tr("Hear notes while editing"), "audition_notes")
        self._metronome = self._switch(tr("Metronome on at the start"), "metronome")
        for title, rows in (
            (tr("Sound"), ((tr("Device"), self._device), (tr("Buffer"), self._block))),
            (tr("Recording"), self._inputs.rows),
            (tr("Safety"), ((tr("Autosave every"), self._autosave),)),
            (tr("Look"), ((tr("Theme"), self._theme),)),
            (
                tr("Habits"),
                (
                    (tr("Follow the playhead"), self._follow),
                    (tr("Hear notes while editing"), self._audition),
                    (tr("Metronome on at the start"), self._metronome),
                ),
            ),
        ):
            at = self._grid.rowCount()
            self._grid.setRowMinimumHeight(at, theme.CONTROL_HEIGHT)
            bottom = Qt.AlignmentFlag.AlignBottom
            self._grid.addWidget(label(title, "heading"), at, 0, bottom)
            for offset, (name, control) in enumerate(rows, 1):
                self._grid.setRowMinimumHeight(at + offset, theme.CONTROL_HEIGHT)
                self._grid.addWidget(label(name, "secondary"), at + offset, 0)
                self._grid.addWidget(control, at + offset, 1, Qt.AlignmentFlag.AlignLeft)

    def _menu(self, name: str, fill: Any) -> QPushButton:
        button = QPushButton()
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAutoDefault(False)  # else Enter in a field would open it
        say(button, name)
        menu = QMenu(button)
        menu.aboutToShow.connect(lambda: fill(menu))
        button.setMenu(menu)
        return button

    def _switch(self, name: str, setting: str) -> QPushButton:
        button = text_button("", kind="small", name=name, checkable=True)
        button.clicked.connect(lambda on: self._set(**{setting: on}))
        return button

    def _fill_devices(self, menu: QMenu) -> None:
        menu.clear()
        default = menu.addAction(tr("System default"))
        default.triggered.connect(lambda: self._set(audio_device=""))
        for output in self._studio.engine.devices():
            entry = menu.addAction(output.name)
            entry.triggered.connect(
                lambda _on=False, name=output.name: self._set(audio_device=name)
            )

    def _fill_blocks(self, menu: QMenu) -> None:
        menu.clear()
        for frames in BLOCKS:
            entry = menu.addAction(tr("{frames} frames", frames=frames))
            entry.triggered.connect(lambda _on=False, frames=frames: self._set(block_frames=frames))

    def _fill_themes(self, menu: QMenu) -> None:
        menu.clear()
        for choice, name in THEMES.items():
            entry = menu.addAction(tr(name))
            entry.triggered.connect(lambda _on=False, choice=choice: self._set(theme=str(choice)))

    def _set(self, **fields: Any) -> None:
        self._studio.set_settings(replace(self._studio.settings, **fields))

    def _release(self) -> None:
        self._bindings.release()
        self._inputs.release()

    def _show(self) -> None:
        self._inputs.show()
        settings, state = self._studio.settings, self._studio.playback.state
        self._device.setText(_opens(settings.audio_device or tr("System default")))
        self._block.setText(_opens(tr("{frames} frames", frames=settings.block_frames)))
        self._autosave.set_value(settings.autosave_seconds)
        known = settings.theme in tuple(Choice)
        self._theme.setText(_opens(tr(THEMES[Choice(settings.theme) if known else Choice.DARK])))
        for button, on in (
            (self._follow, settings.follow_playhead),
            (self._audition, settings.audition_notes),
            (self._metronome, settings.metronome),
        ):
            button.setChecked(on)
            button.setText(tr("on") if on else tr("off"))
        latency = 1000 * state.latency_frames / max(state.sample_rate, 1)
        heard = tr(
            "{device}, {rate} Hz, {latency:.1f} ms from play to ear. {message}",
            device=state.device, rate=state.device_rate, latency=latency, message=state.message,
        )  # fmt: skip
        self._sentence.setText(heard.strip() if state.device else tr("The engine is starting."))


def _opens(text: str) -> str:
    """Words of a button that opens a list."""
    return f"{text}  ▾"
