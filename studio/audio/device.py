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

from studio.audio.converter import Converter, InputConverter
from studio.core.errors import StudioError

Block: TypeAlias = npt.NDArray[np.float32]  # [frames, channels]
# A block to fill, or one that was heard, and: the one before was missed.
Fill: TypeAlias = Callable[[Block, bool], None]

NULL = "No sound"  # the device that every machine has
LOOP_BACK = "Loop-back"  # an input of the null device that hears what it plays, a block later
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
        input_name: Of the input that is open beside it, or nothing.
        input_channels: 1 or 2, or 0 without an input.
        input_latency_frames: From the microphone to the engine, at the song's rate.
        trouble: Why there is no input though one was asked for.
    """

    name: str
    sample_rate: int
    block_frames: int
    latency_frames: int
    can_grow: bool
    silent: bool
    trouble: str

    @property
    def input_name(self) -> str: ...

    @property
    def input_channels(self) -> int: ...

    @property
    def input_latency_frames(self) -> int: ...

    @property
    def gone(self) -> bool:
        """It was pulled out, or its server ended."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Ear:
    """An input to be opened beside an output.

    Attributes:
        name: Of the device, or part of it; empty for the usual one.
        hear: Called on the device's own thread with what came, float32 [frames, 1 or 2] at the
            song's rate: just before the block that is made at the same time is filled.
    """

    name: str
    hear: Fill


def devices() -> tuple[DeviceInfo, ...]:
    """The outputs of this machine, the usual one first; the null device last."""
    found = _listed("output")
    return (*found, DeviceInfo(NULL, 2, 0, not found))


def inputs() -> tuple[DeviceInfo, ...]:
    """The inputs of this machine, the usual one first."""
    return tuple(_listed("input"))


def _listed(direction: str) -> list[DeviceInfo]:
    usual = int(sounddevice.default.device[direction == "output"])
    found = [
        DeviceInfo(
            _full_name(entry),
            int(entry[f"max_{direction}_channels"]),
            round(entry["default_samplerate"]),
            index == usual,
        )
        for index, entry in enumerate(sounddevice.query_devices())
        if entry[f"max_{direction}_channels"] > 0
    ]
    return sorted(found, key=lambda device: not device.is_default)


def _full_name(entry: dict[str, Any]) -> str:
    return f"{sounddevice.query_hostapis(entry['hostapi'])['name']}: {entry['name']}"


def open_device(
    name: str, sample_rate: int, block_frames: int, fill: Fill, ear: Ear | None = None
) -> Device:
    """Open the output called `name` (or holding it in its name; empty: the usual one) and run it.

    `NULL` opens the null device; `NULL: path` one that also writes what it plays to that file, as
    float32 [frames, 2] without a header. `fill` is called on the device's own thread. With an
    `ear`, its input is opened as well; where that cannot be, `Device.trouble` says why.

    Raises:
        StudioError: There is no such device, or it cannot be opened.
    """
    if name.startswith(NULL):
        if tap := name.removeprefix(NULL).removeprefix(": "):
            return NullDevice(sample_rate, block_frames, fill, Path(tap), ear)
        return NullDevice(sample_rate, max(block_frames, _UNHEARD_FRAMES), fill, None, ear)
    return PortAudioDevice(_index_of(name, "output"), sample_rate, block_frames, fill, ear)


_NOTHING_THERE = {
    "output": ("This machine has no audio output.", "Connect one and choose it again."),
    "input": ("This machine has no audio input.", "Connect a microphone or an interface."),
}


def _index_of(name: str, direction: str) -> int:
    if not name:
        usual = int(sounddevice.default.device[direction == "output"])
        if usual >= 0:
            return usual
        raise StudioError(*_NOTHING_THERE[direction])
    for index, entry in enumerate(sounddevice.query_devices()):
        has = entry[f"max_{direction}_channels"] > 0
        if has and name.casefold() in _full_name(entry).casefold():
            return index
    raise StudioError(f"There is no audio device {name}.", "Connect it, or choose another one.")


class PortAudioDevice:
    """An output of PortAudio, at the song's rate where it takes it, else resampled at this edge.

    An input runs in the same stream, and so on the same clock, where the two can be opened as one;
    else in a stream of its own.
    """

    silent = False

    def __init__(
        self, index: int, sample_rate: int, block_frames: int, fill: Fill, ear: Ear | None = None
    ) -> None:
        entry = sounddevice.query_devices(index)
        self.name = _full_name(entry)
        self.block_frames = block_frames
        # On JACK the server alone decides how often it asks.
        self.can_grow = not self.name.startswith(_JACK)
        self._channels = min(2, int(entry["max_output_channels"]))
        self._fill = fill
        self._called = time.monotonic()
        self._urgent = False
        self._input: _Input | None = None
        self._song_rate = sample_rate
        self.trouble = ""
        if ear is not None:
            self._find_input(ear)
        self._stream, self.sample_rate = self._open(index, sample_rate, entry)
        out_seconds, in_seconds = self._latencies()
        self.latency_frames = round(out_seconds * sample_rate) + self._converter_frames()
        self._start()
        self._open_apart(in_seconds)

    # -- the input -----------------------------------------------------------------------------
    def _find_input(self, ear: Ear) -> None:
        try:
            self._input = _Input(_index_of(ear.name, "input"), ear.hear, self._song_rate)
        except StudioError as error:
            self.trouble = str(error)

    @property
    def input_name(self) -> str:
        return self._input.name if self._input is not None else ""

    @property
    def input_channels(self) -> int:
        return self._input.channels if self._input is not None else 0

    @property
    def input_latency_frames(self) -> int:
        return self._input.latency_frames if self._input is not None else 0

    def _open_apart(self, in_seconds: float | None) -> None:
        """Open the input by itself where it does not run in the output's stream."""
        if self._input is None:
            return
        try:
            if in_seconds is None:
                in_seconds = self._input.open_apart(self.block_frames)
            self._input.set_latency(in_seconds)
        except sounddevice.PortAudioError as error:
            self.trouble = str(_refusal(self._input.name, error))
            self._input = None

    def _latencies(self) -> tuple[float, float | None]:
        """Out, and in where both run in one stream, seconds."""
        latency = self._stream.latency
        if isinstance(latency, tuple):
            return float(latency[1]), float(latency[0])
        return float(latency), None

    # -- the stream ----------------------------------------------------------------------------
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
        common = {
            "samplerate": sample_rate,
            "blocksize": self.block_frames,
            "dtype": "float32",
            "latency": "low" if self.block_frames <= 256 else self.block_frames * 2 / sample_rate,
        }
        if self._input is not None:
            with contextlib.suppress(sounddevice.PortAudioError):
                self._input.set_rate(sample_rate)
                return sounddevice.Stream(
                    device=(self._input.index, index),
                    channels=(self._input.channels, self._channels),
                    callback=self._duplex,
                    **common,
                )
        return sounddevice.OutputStream(
            device=index, channels=self._channels, callback=self._callback, **common
        )

    def _start(self) -> None:
        try:
            self._stream.start()
        except sounddevice.PortAudioError as error:
            self._stream.close(ignore_errors=True)
            raise _refusal(self.name, error) from error

    def _converter_frames(self) -> int:
        return self._converter.latency_frames if self._converter is not None else 0

    def _duplex(self, heard: Block, out: Block, frames: int, times: object, status: Any) -> None:
        if self._input is not None:
            self._input.take(heard, bool(status.input_overflow))
        self._callback(out, frames, times, status)

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
            if self._input is not None:
                self._input.close()
            self._stream.close()


class _Input:
    """An input of PortAudio; what it hears is handed on at the song's rate."""

    def __init__(self, index: int, hear: Fill, song_rate: int) -> None:
        entry = sounddevice.query_devices(index)
        self.index, self.name = index, _full_name(entry)
        self.channels = min(2, int(entry["max_input_channels"]))
        self.latency_frames = 0
        self._hear, self._song_rate = hear, song_rate
        self._own_rate = round(entry["default_samplerate"])
        self._converter: InputConverter | None = None
        self._stream: Any = None

    def set_rate(self, sample_rate: int) -> None:
        """Expect blocks at this rate."""
        self._converter = None
        if sample_rate != self._song_rate:
            self._converter = InputConverter(sample_rate, self._song_rate, self.channels)

    def take(self, block: Block, missed: bool) -> None:
        self._hear(block if self._converter is None else self._converter.convert(block), missed)

    def set_latency(self, seconds: float) -> None:
        held = self._converter.latency_frames if self._converter is not None else 0
        self.latency_frames = round(seconds * self._song_rate) + held

    def open_apart(self, block_frames: int) -> float:
        """Run in a stream of its own; its latency in seconds. Raises PortAudioError."""
        try:
            self._run(self._song_rate, block_frames)
        except sounddevice.PortAudioError:
            self._run(self._own_rate, block_frames)
        return float(self._stream.latency)

    def _run(self, sample_rate: int, block_frames: int) -> None:
        self.set_rate(sample_rate)
        self._stream = sounddevice.InputStream(
            device=self.index,
            samplerate=sample_rate,
            blocksize=block_frames,
            channels=self.channels,
            dtype="float32",
            latency="low",
            callback=self._callback,
        )
        self._stream.start()

    def _callback(self, heard: Block, _frames: int, _times: object, status: Any) -> None:
        self.take(heard, bool(status.input_overflow))

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()


class NullDevice:
    """Asks for blocks by the clock and throws them away, or keeps them in a file."""

    silent = True
    can_grow = False
    gone = False
    name = NULL
    input_latency_frames = 0

    def __init__(
        self,
        sample_rate: int,
        block_frames: int,
        fill: Fill,
        tap: Path | None = None,
        ear: Ear | None = None,
    ) -> None:
        loops = ear is not None and ear.name == LOOP_BACK
        self._hear = ear.hear if ear is not None and loops else None
        self.input_name, self.input_channels = (LOOP_BACK, 2) if loops else ("", 0)
        self.trouble = "" if ear is None or loops else " ".join(_NOTHING_THERE["input"])
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
            if self._hear is not None:
                self._hear(block, missed)
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
