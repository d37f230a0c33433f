"""Tiles of a recording's spectrogram: computed in the background, kept while there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from studio.domain.clip import AudioSource
from studio.jobs.queue import Context, Job, JobQueue, Lane
from studio.media.store import MediaStore

TILE_COLUMNS = 512
HOP = 256  # frames between two columns at the finest level
_MOST_TILES = 48  # of 0.5 MB at 2048 frames
_FRAMES_AT_ONCE = 2**20

Levels = npt.NDArray[np.uint8]  # [columns, bins]


@dataclass(frozen=True, slots=True)
class TileKey:
    """One tile: columns of 2**level * HOP frames each, from column `index` * TILE_COLUMNS on."""

    media: str
    fft_size: int
    level: int
    index: int

    @property
    def column_frames(self) -> int:
        return HOP << self.level

    @property
    def start_frame(self) -> int:
        return self.index * TILE_COLUMNS * self.column_frames

    @property
    def frames(self) -> int:
        return TILE_COLUMNS * self.column_frames


@dataclass(frozen=True, slots=True)
class ComputeTile:
    """Levels of one tile; where a column spans more than a window, its loudest moment is kept."""

    key: TileKey
    source: AudioSource
    media: MediaStore = field(compare=False, repr=False)
    title: ClassVar[str] = "Spectrogram"
    lane: ClassVar[Lane] = Lane.CPU

    def run(self, context: Context) -> Levels:
        from studio.dsp import stft  # loads scipy, which nothing else in the window needs

        key = self.key
        hop = min(key.column_frames, key.fft_size // 2)
        factor = key.column_frames // hop
        most = max(_FRAMES_AT_ONCE // key.column_frames, 1)
        tiles = np.zeros((TILE_COLUMNS, key.fft_size // 2 + 1), np.uint8)
        for first in range(0, TILE_COLUMNS, most):
            context.check_cancelled()
            count = min(most, TILE_COLUMNS - first)
            begin = key.start_frame + first * key.column_frames
            if begin >= self.source.frames:
                break
            samples, offset = self._samples(begin, count)
            levels = stft.spectrum_db(
                samples, fft_size=key.fft_size, hop=hop, columns=count * factor, start=offset
            )
            tiles[first : first + count] = stft.to_bytes(stft.pooled(levels, factor))
        return tiles

    def _samples(self, begin: int, columns: int) -> tuple[npt.NDArray[np.float32], int]:
        """Mono samples around the columns, and where among them `begin` lies."""
        half = self.key.fft_size
        start = max(begin - half, 0)
        end = min(begin + columns * self.key.column_frames + half, self.source.frames)
        both = self.media.samples(self.source, start, end)
        return np.ascontiguousarray(both.mean(axis=1, dtype=np.float32)), begin - start


class Tiles:
    """Hands out tiles that are ready, and has missing ones computed, the last asked for first.

    Args:
        arrived: Called on the main thread when a tile is ready.
    """

    def __init__(
        self, jobs: JobQueue, media: Callable[[], MediaStore], arrived: Callable[[], None]
    ) -> None:
        self._jobs, self._media, self._arrived = jobs, media, arrived
        self._ready: OrderedDict[TileKey, Levels] = OrderedDict()
        self._running: dict[TileKey, Job[Any]] = {}

    @property
    def computing(self) -> bool:
        return bool(self._running)

    def get(self, key: TileKey, source: AudioSource) -> Levels | None:
        """The tile, or None while it is computed."""
        if key in self._ready:
            self._ready.move_to_end(key)
            return self._ready[key]
        if key not in self._running:
            self._running[key] = self._jobs.submit(
                ComputeTile(key, source, self._media()),
                on_change=lambda job: self._moved(key, job),
                on_done=lambda levels: self._keep(key, levels),
            )
        return None

    def drop_all_but(self, wanted: set[TileKey]) -> None:
        """Stop computing what is no longer in sight."""
        for key, job in list(self._running.items()):
            if key not in wanted:
                self._jobs.cancel(job)

    def _keep(self, key: TileKey, levels: Levels) -> None:
        self._ready[key] = levels
        while len(self._ready) > _MOST_TILES:
            self._ready.popitem(last=False)

    def _moved(self, key: TileKey, job: Job[Any]) -> None:
        if job.finished:
            self._running.pop(key, None)
            self._arrived()


def level_for(frames_per_px: float) -> int:
    """The coarsest level with at least a column a pixel."""
    level = 0
    while (HOP << (level + 1)) <= frames_per_px and level < 16:
        level += 1
    return level
