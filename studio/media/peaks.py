"""The outline of a recording: lowest and highest sample of ever longer stretches.

A pyramid from 256 frames up, each level four times as coarse as the one below, so that any stretch
at any zoom is drawn from at most a few numbers a pixel.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from studio.media import durable

BASE_FRAMES = 256
FACTOR = 4

Table = npt.NDArray[np.float16]  # [bins of all levels, channels, 2]


class Peaks:
    """The outline of one recording.

    Args:
        table: Lowest and highest samples, all levels one after the other from the finest.
        frames: Length of the recording.
    """

    def __init__(self, table: Table, frames: int) -> None:
        self.table = table
        self.frames = frames
        sizes = level_sizes(frames)
        ends = np.cumsum(sizes)
        self._levels = [table[end - size : end] for size, end in zip(sizes, ends, strict=True)]

    @property
    def channels(self) -> int:
        return int(self.table.shape[1])

    def read(self, start_frame: float, end_frame: float, pixels: int) -> npt.NDArray[np.float32]:
        """Lowest and highest sample of each of `pixels` equal parts of [start_frame, end_frame).

        Parts shorter than 256 frames share a bin: closer than that, look at the samples themselves.

        Returns:
            Shape [pixels, channels, 2]; 0 before and after the recording.
        """
        if pixels < 1 or end_frame <= start_frame:
            return np.zeros((max(pixels, 0), self.channels, 2), dtype=np.float32)
        return self.read_between(np.linspace(start_frame, end_frame, pixels + 1))

    def read_between(self, edges: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """Lowest and highest sample between each of `edges`, frames that rise, and the next.

        Returns:
            Shape [edges - 1, channels, 2]; 0 before and after the recording.
        """
        found = np.zeros((len(edges) - 1, self.channels, 2), dtype=np.float32)
        level, bin_frames = self._level(float(np.median(np.diff(edges))))
        inside = (edges[1:] > 0) & (edges[:-1] < self.frames)
        if not inside.any():
            return found
        first = np.floor(edges[:-1][inside] / bin_frames).astype(np.int64).clip(0, len(level) - 1)
        last = np.ceil(edges[1:][inside] / bin_frames).astype(np.int64).clip(first + 1, len(level))
        found[inside] = _reduce(level, first, last)
        return found

    def _level(self, frames_a_pixel: float) -> tuple[Table, int]:
        """The coarsest level whose bins are no longer than a pixel, and the length of its bins."""
        index, bin_frames = 0, BASE_FRAMES
        while index + 1 < len(self._levels) and bin_frames * FACTOR <= frames_a_pixel:
            index, bin_frames = index + 1, bin_frames * FACTOR
        return self._levels[index], bin_frames


def level_sizes(frames: int) -> list[int]:
    """Bins of each level of a recording, finest first."""
    sizes = [max(-(-frames // BASE_FRAMES), 1)]
    while sizes[-1] > 1:
        sizes.append(-(-sizes[-1] // FACTOR))
    return sizes


def build(blocks: Iterable[npt.NDArray[np.float32]]) -> Peaks:
    """The outline of a recording that comes in blocks [frames, channels] of any length."""
    finest: list[Table] = []
    frames = 0
    rest: npt.NDArray[np.float32] | None = None
    for block in blocks:
        frames += len(block)
        joined = block if rest is None else np.concatenate([rest, block])
        full = len(joined) // BASE_FRAMES * BASE_FRAMES
        finest.append(_extremes(joined[:full], BASE_FRAMES))
        rest = joined[full:].copy()
    if rest is not None and len(rest):
        finest.append(_extremes(rest, len(rest)))
    if not finest:
        raise ValueError("a recording has at least one block")
    return Peaks(_pyramid(np.concatenate(finest)), frames)


def save(outline: Peaks, path: Path) -> None:
    """Keep an outline at `path`. Raises StudioError if the disk is full."""
    with durable.whole(path) as partial, partial.open("wb") as file:
        np.save(file, outline.table, allow_pickle=False)


def load(path: Path, frames: int, channels: int) -> Peaks | None:
    """A mapped outline of a recording of that size; None where there is none, or none whole."""
    try:
        table = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if table.dtype != np.float16 or table.shape != (sum(level_sizes(frames)), channels, 2):
        return None
    return Peaks(table, frames)


def _extremes(samples: npt.NDArray[np.float32], bin_frames: int) -> Table:
    """Shape [bins, channels, 2] of samples whose number is a multiple of `bin_frames`."""
    channels = np.ascontiguousarray(samples.T)  # the reductions run along memory
    binned = channels.reshape(len(channels), -1, bin_frames)
    limit = np.float32(np.finfo(np.float16).max)
    both = np.stack([binned.min(axis=2), binned.max(axis=2)], axis=-1)
    return both.swapaxes(0, 1).clip(-limit, limit).astype(np.float16)


def _pyramid(finest: Table) -> Table:
    levels = [finest]
    while len(levels[-1]) > 1:
        below = levels[-1]
        missing = -len(below) % FACTOR
        padded = np.concatenate([below, np.repeat(below[-1:], missing, axis=0)])
        fours = padded.reshape(-1, FACTOR, *below.shape[1:])
        levels.append(np.stack([fours[..., 0].min(axis=1), fours[..., 1].max(axis=1)], axis=-1))
    return np.concatenate(levels)


def _reduce(
    level: Table, first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Extremes over bins [first, last) each, shape [n, channels, 2]."""
    low, high = int(first[0]), int(last[-1])
    used = level[low:high].astype(np.float32)
    used = np.concatenate([used, used[-1:]])  # reduceat wants every index inside
    pairs = np.column_stack([first - low, last - low]).ravel()
    lowest = np.minimum.reduceat(used[..., 0], pairs)[::2]
    highest = np.maximum.reduceat(used[..., 1], pairs)[::2]
    return np.stack([lowest, highest], axis=-1)
