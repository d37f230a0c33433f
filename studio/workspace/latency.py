"""How late sound comes back, measured once for each pair of devices and kept as a preference."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from studio.audio.client import EngineClient, EngineState
from studio.core.errors import StudioError
from studio.core.settings import Settings
from studio.workspace.arming import Arming
from studio.workspace.playback import Playback

_POLL_MS = 33
_PATIENCE_POLLS = 150


class LatencyMeasure(QObject):
    """Plays a click and listens for it; the output must be led to the input, or be near it.

    Signals:
        found(int): Frames at the song's rate.
        failed(StudioError): Nothing came back.
    """

    found = Signal(int)
    failed = Signal(object)

    def __init__(
        self,
        arming: Arming,
        playback: Playback,
        engine: EngineClient,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._arming, self._playback, self._engine = arming, playback, engine
        self._number = 0
        self._left = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def busy(self) -> bool:
        return self._timer.isActive()

    def start(self) -> None:
        """Measure; nothing may play meanwhile."""
        if self.busy:
            return
        if self._playback.playing:
            self._playback.stop()
        self._number, self._left = 0, _PATIENCE_POLLS
        self._arming.hold_open(True)
        self._timer.start()

    def close(self) -> None:
        self._timer.stop()

    def _poll(self) -> None:
        state = self._playback.state
        self._left -= 1
        if not self._number:
            if self._arming.is_ready and not state.playing:
                self._number = self._engine.ears.measure()
        elif state.measured == self._number:
            self._end(state)
            return
        if self._left == 0:
            self._end(None)

    def _end(self, state: EngineState | None) -> None:
        self._timer.stop()
        if state is not None and state.measured_frames >= 0:
            self.found.emit(state.measured_frames)
        else:
            why = state.trouble if state is not None and state.trouble else "No click came back."
            self.failed.emit(
                StudioError(why, "Lead the output to the input with a cable, and turn it up.")
            )
        self._arming.hold_open(False)


def latency_key(state: EngineState) -> str:
    """What a measured latency belongs to: devices, rate and block."""
    return f"{state.device} | {state.input} | {state.device_rate} | {state.block_frames}"


def measured_frames(settings: Settings, state: EngineState) -> int | None:
    """From playing to hearing, as measured for the devices in use; None if it never was."""
    wanted = latency_key(state)
    for entry in settings.latencies:
        name, _, frames = entry.rpartition("=")
        if name == wanted and frames.isdecimal():
            return int(frames)
    return None


def with_latency(settings: Settings, state: EngineState, frames: int) -> Settings:
    """The preferences with a measured latency for the devices in use."""
    key = latency_key(state)
    others = tuple(entry for entry in settings.latencies if entry.rpartition("=")[0] != key)
    return replace(settings, latencies=(*others, f"{key}={frames}"))
