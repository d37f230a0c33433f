"""The memory that the engine and its client share: a ring of commands, the state, the meters.

One mapped file, made by the client. Every number is a cell of eight bytes, which is written whole.
Commands pass from one writer to one reader in records that carry their number: a record counts
once its number is the one expected. The state is guarded by a counter that is odd while it changes.
"""

from __future__ import annotations

import mmap
import struct
import threading
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

STRIPS = 512  # tracks that have a meter
RING_RECORDS = 4096
TEXT_BYTES = 512
_TEXTS = 4
MOVING, COUNTING_IN = 1, 2
_TRIES = 50

Cells: TypeAlias = memoryview
Meters: TypeAlias = npt.NDArray[np.float32]


class Op(IntEnum):
    """What a command asks for, and what its arguments mean."""

    PLAN = 1  # a: version
    PLAY = 2  # a: song frame, or -1 to go on from where it stands; b: bars of count-in
    STOP = 3
    SEEK = 4  # a: song frame
    LOOP = 5  # a: start, b: end, song frames; b <= a ends looping
    PARAMETER = 6  # a: track, b: index in `TrackPlan.parameters`, x: value
    AUDITION = 7  # a: track, b: pitch, c: velocity, x: seconds
    METRONOME = 8  # a: 1 on, 0 off
    INPUTS = 9  # a: version of what is listened to
    RECORD = 10  # a: number of the recording to begin; 0 ends the one under way
    MEASURE = 11  # a: number of the measurement
    MONITOR = 12  # a: 1 in mono, b: 1 dimmed


class Command(NamedTuple):
    """One request; `at` is the stream frame at which it takes effect, 0 for at once."""

    op: Op
    at: int = 0
    a: int = 0
    b: int = 0
    c: int = 0
    x: float = 0.0


class Status(NamedTuple):
    """What the engine says of itself, as numbers; flags are 0 or 1.

    Attributes:
        ready: The device (or the null device) is running.
        clock_ns: `time.perf_counter_ns()` at which the rest was true.
        stream_frame: Frames handed to the device since the engine started.
        heard_frame: Song frame that leaves the loudspeaker at `clock_ns`.
        playing: MOVING, COUNTING_IN, or 0 while the song rests.
        plan_version: The plan that is heard.
        dropouts: Blocks the device did not get in time, by its own count.
        late_blocks: Blocks that took longer to make than to play.
        load: 99th percentile of a block's making time, as a fraction of its length.
        latency_frames: From a frame's making to the loudspeaker.
        block_frames: Frames the device asks for at a time.
        device_rate: Hz; differs from the song's where the output is resampled.
        silent: The null device is in use.
        short_term_lufs: Loudness of the last three seconds that were made.
        integrated_lufs, true_peak_db: Of all that was made since the song last began to play.
        inputs_version: The inputs that are listened to.
        input_channels: Of the open input; 0 while none is open.
        input_latency_frames: From the microphone to the engine, as the device says.
        input_left, input_right: Peaks of the input, falling, linear.
        recording: Number of the recording under way, or 0.
        ended: Number of the last recording whose files are whole.
        measured: Number of the last measurement.
        measured_frames: From a frame's making to its coming back, or -1 where it did not.
        strips: How many rows of the meters are in use.
    """

    ready: int = 0
    clock_ns: int = 0
    stream_frame: int = 0
    heard_frame: int = 0
    playing: int = 0
    plan_version: int = 0
    dropouts: int = 0
    late_blocks: int = 0
    load: float = 0.0
    latency_frames: int = 0
    block_frames: int = 0
    device_rate: int = 0
    silent: int = 0
    short_term_lufs: float = -70.0
    integrated_lufs: float = -70.0
    true_peak_db: float = -120.0
    inputs_version: int = 0
    input_channels: int = 0
    input_latency_frames: int = 0
    input_left: float = 0.0
    input_right: float = 0.0
    recording: int = 0
    ended: int = 0
    measured: int = 0
    measured_frames: int = 0
    strips: int = 0


_STATUS = struct.Struct("@qqqqqqqqdqqqqdddqqqddqqqqq")
_RECORD = struct.Struct("@qqqqqd")  # after the record's number
_RECORD_CELLS = 8

# cells
_TAIL, _GUARD, _STATUS_AT = 0, 1, 8
_KEYS_AT, _KEYS = 47, 16  # one cell counts, the others hold the last keys played
_METERS_AT = 64
_TEXT_AT = _METERS_AT + STRIPS * 4 * 4 // 8
_RING_AT = _TEXT_AT + _TEXTS * TEXT_BYTES // 8
_CELLS = _RING_AT + RING_RECORDS * _RECORD_CELLS

_fence_lock = threading.Lock()


def _fence() -> None:
    """Let no store or load pass this point, also on processors that reorder them."""
    with _fence_lock:
        pass


class Shared:
    """The mapped file, seen from either side; `commands.put` and `read` belong to the client."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _CELLS * 8)
        self._bytes = memoryview(self._map)
        self._cells: Cells = self._bytes.cast("q")
        meters = np.frombuffer(self._map, np.float32, STRIPS * 4, _METERS_AT * 8)
        self._meters: Meters = meters.reshape(STRIPS, 4)
        self._tail = self._head = int(self._cells[_TAIL])

    @classmethod
    def create(cls, path: Path) -> Shared:
        """Make the file, all zero, and map it."""
        with path.open("xb") as file:
            file.truncate(_CELLS * 8)
        return cls(path)

    def close(self) -> None:
        del self._meters
        self._cells.release()
        self._bytes.release()
        self._map.close()

    # -- commands: written by the client, taken by the engine ----------------------------------
    def put(self, command: Command) -> bool:
        """Append a command; False if the engine has left too many untaken."""
        if self._head - self._cells[_TAIL] >= RING_RECORDS:
            return False
        at = _RING_AT + self._head % RING_RECORDS * _RECORD_CELLS
        _RECORD.pack_into(self._map, (at + 1) * 8, *command)
        _fence()
        self._head += 1
        self._cells[at] = self._head
        return True

    def peek(self) -> Command | None:
        """The oldest command that was not taken."""
        at = _RING_AT + self._tail % RING_RECORDS * _RECORD_CELLS
        if self._cells[at] != self._tail + 1:
            return None
        _fence()
        op, when, a, b, c, x = _RECORD.unpack_from(self._map, (at + 1) * 8)
        return Command(Op(op), when, a, b, c, x)

    def take(self) -> None:
        """Be done with the command that `peek` returned."""
        self._tail += 1
        self._cells[_TAIL] = self._tail

    # -- state: written by the engine's callback, read by the client ---------------------------
    @property
    def meters(self) -> Meters:
        """Peak left and right, RMS left and right of each track, linear, [STRIPS, 4]."""
        return self._meters

    def publish(self, status: Status, write_meters: Callable[[Meters], None]) -> None:
        """Replace the state and the meters as one."""
        guard = int(self._cells[_GUARD]) + 1
        self._cells[_GUARD] = guard
        _fence()
        _STATUS.pack_into(self._map, _STATUS_AT * 8, *status)
        write_meters(self._meters)
        _fence()
        self._cells[_GUARD] = guard + 1

    def read(self) -> tuple[Status, Meters] | None:
        """The state and a copy of the meters in use, [strips, 4]; None if it is always changing.

        An engine that is killed while it writes leaves the state in change for good.
        """
        for _ in range(_TRIES):
            guard = self._cells[_GUARD]
            _fence()
            values = _STATUS.unpack_from(self._map, _STATUS_AT * 8)
            meters = self._meters[: values[-1]].copy()
            _fence()
            if guard % 2 == 0 and self._cells[_GUARD] == guard:
                return Status._make(values), meters
        return None

    # -- keys: written by the engine's callback, read by the client ----------------------------
    def note_key(self, pitch: int, velocity: int) -> None:
        """Tell of a key that was played on an input, or (velocity 0) let go."""
        number = int(self._cells[_KEYS_AT]) + 1
        self._cells[_KEYS_AT + 1 + number % _KEYS] = number << 16 | pitch << 8 | velocity
        _fence()
        self._cells[_KEYS_AT] = number

    def last_keys(self) -> tuple[tuple[int, int, int], ...]:
        """The last keys told of: (number, pitch, velocity), oldest first."""
        count = int(self._cells[_KEYS_AT])
        cells = (self._cells[_KEYS_AT + 1 + n % _KEYS] for n in range(count - _KEYS + 1, count + 1))
        found = ((cell >> 16, cell >> 8 & 0xFF, cell & 0xFF) for cell in cells)
        return tuple(key for key in found if 0 < key[0] <= count)

    # -- texts: written by the engine's main thread --------------------------------------------
    @property
    def device(self) -> str:
        """The name of the device in use."""
        return self._text(0)

    @device.setter
    def device(self, name: str) -> None:
        self._set_text(0, name)

    @property
    def message(self) -> str:
        """What the musician should know of the device, or nothing."""
        return self._text(1)

    @message.setter
    def message(self, sentence: str) -> None:
        self._set_text(1, sentence)

    @property
    def input(self) -> str:
        """The name of the input that is open, or nothing."""
        return self._text(2)

    @input.setter
    def input(self, name: str) -> None:
        self._set_text(2, name)

    @property
    def trouble(self) -> str:
        """Why nothing, or no more, can be recorded or measured; or nothing."""
        return self._text(3)

    @trouble.setter
    def trouble(self, sentence: str) -> None:
        self._set_text(3, sentence)

    def _text(self, index: int) -> str:
        at = _TEXT_AT * 8 + index * TEXT_BYTES
        return self._map[at : at + TEXT_BYTES].partition(b"\0")[0].decode("utf-8", "replace")

    def _set_text(self, index: int, text: str) -> None:
        at = _TEXT_AT * 8 + index * TEXT_BYTES
        data = text.encode("utf-8")[: TEXT_BYTES - 1]
        self._map[at : at + TEXT_BYTES] = data.ljust(TEXT_BYTES, b"\0")
