"""What comes in: the last seconds of the input, its level, and listening to it through a track."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from studio.domain.track import TrackId

HEARD_FRAMES = 2**19  # about eleven seconds at 48 kHz: as long as a disk may keep a writer waiting
_PEAK_FALL_DB = 40.0  # a second
_INAUDIBLE = 10 ** (-72 / 20)
_MOST_BEHIND_FRAMES = 2048

Block = npt.NDArray[np.float32]


class Hearing:
    """A ring of input that the device's thread fills; anyone may read what is not too old.

    Attributes:
        count: Frames heard so far.
        channels: Of the open input; 0 while none is open.
        missed: Blocks that the device lost.
        peaks: Of both channels, falling, linear.
    """

    def __init__(self, sample_rate: int) -> None:
        self.count = 0
        self.channels = 0
        self.missed = 0
        self.peaks = np.zeros(2, np.float32)
        self._sample_rate = sample_rate
        self._ring = np.zeros((HEARD_FRAMES, 2), np.float32)

    def take(self, block: Block, missed: bool) -> None:
        """Keep a block, float32 [frames, 1 or 2]."""
        self.missed += missed
        at, frames = self.count % HEARD_FRAMES, len(block)
        first = min(frames, HEARD_FRAMES - at)
        self._ring[at : at + first] = block[:first]
        self._ring[: frames - first] = block[first:]
        self.peaks *= 10.0 ** (-_PEAK_FALL_DB * frames / self._sample_rate / 20.0)
        if frames:
            np.maximum(self.peaks, np.abs(block).max(axis=0), out=self.peaks)
        self.peaks[self.peaks < _INAUDIBLE] = 0.0
        self.count += frames

    def read(self, start: int, end: int) -> Block:
        """Frames [start, end), float32 [frames, 2]; none older than the ring is long."""
        at, frames = start % HEARD_FRAMES, end - start
        first = self._ring[at : at + frames]
        if len(first) == frames:
            return first
        return np.concatenate([first, self._ring[: frames - len(first)]])

    def close(self) -> None:
        """The input was closed; what was heard stays."""
        self.channels = 0
        self.peaks[:] = 0.0


class Monitor:
    """Lets a track sound what its input hears.

    The mixer may ask a little ahead of what has come; then it gets silence once, and from there on
    what is that much older.
    """

    def __init__(self, track: TrackId, hearing: Hearing, channels: Sequence[int]) -> None:
        self.track = track
        self._hearing, self._channels = hearing, list(channels)
        self._at = -1

    def add(self, out: Block) -> None:
        frames, count = out.shape[1], self._hearing.count
        if self._at < 0 or count - self._at > _MOST_BEHIND_FRAMES + frames:
            self._at = max(count - frames, 0)
        if not self._hearing.channels or self._at + frames > count:
            return
        found = self._hearing.read(self._at, self._at + frames)
        self._at += frames
        out += found.T[self._channels]
