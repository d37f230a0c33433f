"""The edge between the song's sample rate and the device's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import soxr

_PULL_FRAMES = 256


class Converter:
    """Fills blocks at the device's rate from a source that runs at the song's rate.

    soxr's streaming resampler gives what it has ready, so a block is filled from a small store that
    is topped up as often as needed.

    Args:
        song_rate, device_rate: Hz.
        source: Fills a float32 [frames, 2] block at the song's rate; told of a missed block once.

    Attributes:
        primed_frames: Silence fed before the first frame of the source, song rate.
        latency_frames: Frames the resampler holds back, song rate.
    """

    def __init__(
        self,
        song_rate: int,
        device_rate: int,
        source: Callable[[npt.NDArray[np.float32], bool], None],
    ) -> None:
        self._source = source
        self._resampler = soxr.ResampleStream(song_rate, device_rate, 2, "float32", "HQ")
        self._pulled = np.zeros((_PULL_FRAMES, 2), np.float32)
        self._ready = np.zeros((0, 2), np.float32)
        self._missed = False
        self.primed_frames = given = 0
        while given == 0:  # feed silence until something comes out
            given = len(self._resampler.resample_chunk(self._pulled))
            self.primed_frames += _PULL_FRAMES
        self.latency_frames = self.primed_frames - round(given * song_rate / device_rate)

    def fill(self, out: npt.NDArray[np.float32], missed: bool) -> None:
        """Fill `out`, float32 [frames, 2] at the device's rate."""
        self._missed = self._missed or missed
        done = 0
        while done < len(out):
            if not len(self._ready):
                self._pull()
            given = self._ready[: len(out) - done]
            out[done : done + len(given)] = given
            self._ready = self._ready[len(given) :]
            done += len(given)

    def _pull(self) -> None:
        self._source(self._pulled, self._missed)
        self._missed = False
        self._ready = self._resampler.resample_chunk(self._pulled)


class InputConverter:
    """Turns blocks at the device's rate into blocks at the song's, as many frames as are ready.

    Attributes:
        latency_frames: Frames the resampler holds back, song rate.
    """

    def __init__(self, device_rate: int, song_rate: int, channels: int) -> None:
        self._resampler = soxr.ResampleStream(device_rate, song_rate, channels, "float32", "HQ")
        silence = np.zeros((_PULL_FRAMES, channels), np.float32)
        fed = given = 0
        while given == 0:
            given = len(self._resampler.resample_chunk(silence))
            fed += _PULL_FRAMES
        self.latency_frames = round(fed * song_rate / device_rate) - given

    def convert(self, block: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The next frames, float32 [any number, channels]."""
        converted: npt.NDArray[np.float32] = self._resampler.resample_chunk(block)
        return converted
