"""Audio devices: PortAudio's, and one driven by the clock for machines without sound."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import sounddevice

from studio.audio.converter import Converter
from studio.core.errors import StudioError

Block: TypeAlias = npt.NDArray[np.float32]  # [frames, channels]
Fill: TypeAlias = Callable[[Block, bool], None]  # a block to fill, and: the one before was missed

NULL = "No sound"  # the device that every machine has
_JACK = "JACK Audio Connection Kit"
_UNHEARD_FRAMES = 1024  # blocks that nobody hears may be longer, which costs less
_PRIORITY = 60  # of the callback, among real-time threads; a server's own may be higher
_SILENCE_SECONDS = 1.5  # a device that asks for nothing this long is gone


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """An output that can be opened by its name."""

    name: str  # as `host: device`
    channels: int
    sample_rate: int  # its usual one, Hz
    is_default: bool


class Device(Protocol):
    """A running output.

    Attributes:
        name: As in the list of devices.
        sample_rate: The rate it runs at, Hz.
        block_frames: Frames it asks for at a time, at its own rate.
        latency_frames: From the filling of a block to the loudspeaker, at the song's rate.
        can_grow: Whether a larger block makes it safer.
        silent: It is the null device.
    """

    name: str
    sample_rate: int
    block_frames: int
    latency_frames: int
    can_grow: bool
    silent: bool

    @property
    def gone(self) -> bool:
        """It was pulled out, or its server ended."""

    def close(self) -> None: ...


def devices() -> tuple[DeviceInfo, ...]:
    """The outputs of this machine, the usual one first; the null device last."""
    hosts = sounddevice.query_hostapis()
    usual = _default_index()
    found = [
        DeviceInfo(
            f"{hosts[entry['hostapi']]['name']}: {entry['name']}",
            int(entry["max_output_channels"]),
            round(entry["default_samplerate"]),
            index == usual,
        )
        for index, entry in enumerate(sounddevice.query_devices())
        if entry["max_output_channels"] > 0
    ]
    found.sort(key=lambda device: not device.is_default)
    return (*found, DeviceInfo(NULL, 2, 0, not found))


def open_device(name: str, sample_rate: int, block_frames: int, fill: Fill) -> Device:
    """Open the output called `name` (or holding it in its name; empty: the usual one) and run it.

    `NULL` opens the null device; `NULL: path` one that also writes what it plays to that file, as
    float32 [frames, 2] without a header. `fill` is called on the device's own thread.

    Raises:
        StudioError: There is no such device, or it cannot be opened.
    """
    if name.startswith(NULL):
        if tap := name.removeprefix(NULL).removeprefix(": "):
            return NullDevice(sample_rate, block_frames, fill, Path(tap))
        return NullDevice(sample_rate, max(block_frames, _UNHEARD_FRAMES), fill)
    return PortAudioDevice(_index_of(name), sample_rate, block_frames, fill)


def _default_index() -> int:
    return int(sounddevice.default.device[1])


def _index_of(name: str) -> int:
    if not name:
        if (usual := _default_index()) >= 0:
            return usual
        raise StudioError("This machine has no audio output.", "Connect one and choose it again.")
    hosts = sounddevice.query_hostapis()
    for index, entry in enumerate(sounddevice.query_devices()):
        full = f"{hosts[entry['hostapi']]['name']}: {entry['name']}"
        if entry["max_output_channels"] > 0 and name.casefold() in full.casefold():
            return index
    raise StudioError(f"There is no audio device {name}.", "Connect it, or choose another one.")


class PortAudioDevice:
    """An output of PortAudio, at the song's rate where it takes it, else resampled at this edge."""

    silent = False

    def __init__(self, index: int, sample_rate: int, block_frames: int, fill: Fill) -> None:
        entry = sounddevice.query_devices(index)
        host = sounddevice.query_hostapis(entry["hostapi"])["name"]
        self.name = f"{host}: {entry['name']}"
        self.block_frames = block_frames
        self.can_grow = host != _JACK  # there the server alone decides how often it asks
        self._channels = min(2, int(entry["max_output_channels"]))
        self._fill = fill
        self._called = time.monotonic()
        self._urgent = False
        self._stream, self.sample_rate = self._open(index, sample_rate, entry)
        seconds = float(self._stream.latency)
        self.latency_frames = round(seconds * sample_rate) + self._converter_frames()
        self._start()

    def _open(self, index: int, sample_rate: int, entry: dict[str, Any]) -> tuple[Any, int]:
        self._stereo = np.zeros((max(8192, self.block_frames), 2), np.float32)
        self._converter: Converter | None = None
        own_rate = round(entry["default_samplerate"])
        try:
            return self._stream_at(index, sample_rate), sample_rate
        except sounddevice.PortAudioError as error:
            if own_rate == sample_rate:
                raise _refusal(self.name, error) from error
        self._converter = Converter(sample_rate, own_rate, self._fill)
        try:
            return self._stream_at(index, own_rate), own_rate
        except sounddevice.PortAudioError as error:
            raise _refusal(self.name, error) from error

    def _stream_at(self, index: int, sample_rate: int) -> Any:
        return sounddevice.OutputStream(
            device=index,
            samplerate=sample_rate,
            blocksize=self.block_frames,
            channels=self._channels,
            dtype="float32",
            latency="low" if self.block_frames <= 256 else self.block_frames * 2 / sample_rate,
            callback=self._callback,
        )

    def _start(self) -> None:
        try:
            self._stream.start()
        except sounddevice.PortAudioError as error:
            self._stream.close(ignore_errors=True)
            raise _refusal(self.name, error) from error

    def _converter_frames(self) -> int:
        return self._converter.latency_frames if self._converter is not None else 0

    def _callback(self, out: Block, frames: int, _times: object, status: Any) -> None:
        if not self._urgent:
            _raise_thread_priority()
            self._urgent = True
        self._called = time.monotonic()
        stereo = out if self._channels == 2 else self._stereo[:frames]
        missed = bool(status.output_underflow)
        if self._converter is None:
            self._fill(stereo, missed)
        else:
            self._converter.fill(stereo, missed)
        if self._channels == 1:
            np.mean(stereo, axis=1, keepdims=True, out=out)

    @property
    def gone(self) -> bool:
        return not self._stream.active or time.monotonic() - self._called > _SILENCE_SECONDS

    def close(self) -> None:
        """Stop; a device that is gone may never answer, so it is not waited for long."""
        closing = threading.Thread(target=self._close, name="close device", daemon=True)
        closing.start()
        closing.join(2.0)

    def _close(self) -> None:
        with contextlib.suppress(sounddevice.PortAudioError):
            self._stream.close()


class NullDevice:
    """Asks for blocks by the clock and throws them away, or keeps them in a file."""

    silent = True
    can_grow = False
    gone = False
    name = NULL

    def __init__(self, sample_rate: int, block_frames: int, fill: Fill, tap: Path | None = None):
        self.sample_rate = sample_rate
        self.block_frames = block_frames
        self.latency_frames = block_frames
        self._fill = fill
        self._tap = tap
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="null device")
        self._thread.start()

    def _run(self) -> None:
        with contextlib.ExitStack() as files:
            file = files.enter_context(self._tap.open("wb")) if self._tap else None
            self._ask(file)

    def _ask(self, file: BinaryIO | None) -> None:
        _raise_thread_priority()
        block = np.zeros((self.block_frames, 2), np.float32)
        period = self.block_frames / self.sample_rate
        due, missed = time.perf_counter(), False
        while not self._ended.is_set():
            self._fill(block, missed)
            if file is not None:
                file.write(block.data)
            due += period
            left = due - time.perf_counter()
            missed = left < -2 * period
            if missed:
                due -= left
            elif left > 0:
                time.sleep(left)

    def close(self) -> None:
        self._ended.set()
        self._thread.join()


def _refusal(name: str, error: Exception) -> StudioError:
    return StudioError(
        f"The audio device {name} cannot be opened: {error.args[0] if error.args else error}.",
        "Another program may be using it.",
    )


def _raise_thread_priority() -> None:
    """Ask for the calling thread to be served first; without the right to, nothing changes."""
    if hasattr(os, "sched_setscheduler"):
        with contextlib.suppress(OSError):
            if os.sched_getparam(0).sched_priority < _PRIORITY:
                os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_PRIORITY))
