"""The status bar: what plays the sound, how well, what writes, and whether the song is safe."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame

from studio.ai import registry
from studio.audio.client import EngineState
from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.tr import tr
from studio.ui.widgets.boxes import ElidedLabel, label, restyle, row
from studio.workspace.recording import State
from studio.workspace.studio import Studio

HEIGHT_PX = 28
_LOOK_MS = 1000


class StatusBar(QFrame):
    """Looks once a second, and at once when something happened."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._saved_at: float | None = None
        self.setProperty("role", "bar")
        self.setProperty("edge", "top")
        self.setFixedHeight(HEIGHT_PX)
        self.setAccessibleName(tr("Status"))
        line = row(self, 0, 6 * theme.SPACE)
        line.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        self._device = ElidedLabel("", "status")
        self._dropouts = label("", "status")
        self._load = label("", "status")
        self._model = label("", "status")
        self._saved = label("", "status")
        self._lamp = label("●", "status")
        self._lamp.setAccessibleName(tr("Engine"))
        for shown in (self._lamp, self._device, self._dropouts, self._load, self._model):
            line.addWidget(shown)
        line.addStretch(1)
        line.addWidget(self._saved)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._show)
        self._timer.start()
        self._bindings = Bindings()
        bindings = self._bindings
        bindings.connect(studio.playback.device_changed, self._show)
        bindings.connect(studio.recording.changed, self._show_lamp)
        bindings.connect(studio.files.saved, self._on_saved)
        bindings.connect(studio.song.replaced, self._on_replaced)
        bindings.connect(studio.song.state_changed, self._show_saved)
        bindings.connect(studio.generation.settings_changed, self._show_model)
        bindings.connect(studio.takes.jobs_changed, self._on_job)
        self._show()
        self._show_model()

    def release(self) -> None:
        self._bindings.release()
        self._timer.stop()

    def _show(self) -> None:
        state = self._studio.playback.state
        self._device.setText(device_words(state))
        if state.message:
            self._device.setToolTip(state.message)
        restyle(self._device, bad="true" if state.alive and state.silent else "false")
        self._dropouts.setVisible(not state.silent)  # nobody hears what the null device missed
        dropped = state.dropouts
        words = tr("1 dropout") if dropped == 1 else tr("{count} dropouts", count=dropped)
        self._dropouts.setText(words)
        restyle(self._dropouts, bad="true" if dropped else "false")
        self._load.setText(tr("Engine {load:.0%}", load=state.load))
        self._show_lamp()
        self._show_saved()

    def _show_lamp(self) -> None:
        """What the engine does, as a colour and in words."""
        state = self._studio.playback.state
        if self._studio.recording.state is not State.IDLE:
            look, words = "record", tr("Recording")
        elif not state.alive:
            look, words = "off", tr("The audio engine is starting")
        elif state.silent:
            look, words = "warn", tr("The audio engine runs, but without sound")
        else:
            look, words = "good", tr("The audio engine runs")
        self._lamp.setToolTip(words)
        restyle(self._lamp, lamp=look)

    def _show_model(self) -> None:
        chosen = self._studio.generation.settings.model
        title = registry.card(chosen).title if chosen else tr("automatic")
        writing = self._studio.generation.busy
        words = tr("Model: {title}, writing") if writing else tr("Model: {title}")
        self._model.setText(words.format(title=title))

    def _on_job(self, job: object) -> None:
        self._show_model()

    def _on_saved(self) -> None:
        self._saved_at = time.monotonic()
        self._show_saved()

    def _on_replaced(self) -> None:
        self._saved_at = None
        self._show_saved()

    def _show_saved(self) -> None:
        self._saved.setText(self._saved_words())

    def _saved_words(self) -> str:
        song, files = self._studio.song, self._studio.files
        if song.read_only:
            return tr("Read only")
        ago = "" if self._saved_at is None else ago_words(time.monotonic() - self._saved_at)
        if song.dirty:
            kept = tr("kept safe {ago}", ago=ago) if ago else ""
            return " · ".join(part for part in (tr("Unsaved changes"), kept) if part)
        if files.folder is None:
            return ""
        return tr("Saved {ago}", ago=ago) if ago else tr("Saved")


def device_words(state: EngineState) -> str:
    """`Built-in audio, 48 kHz, 5.3 ms`."""
    if not state.alive:
        return tr("Sound is starting")
    rate = max(state.sample_rate, 1)
    return tr(
        "{device}, {rate:g} kHz, {latency:.1f} ms",
        device=state.device or tr("No sound card"),
        rate=(state.device_rate or rate) / 1000,
        latency=1000 * state.latency_frames / rate,
    )


def ago_words(seconds: float) -> str:
    """`just now`, `12 s ago`, `5 min ago`."""
    if seconds < 2:
        return tr("just now")
    if seconds < 90:
        return tr("{seconds} s ago", seconds=round(seconds))
    return tr("{minutes} min ago", minutes=round(seconds / 60))
