"""Tiles of a recording's spectrogram: computed in the background, kept while there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from studio.core.errors import StudioError
from studio.domain.clip import AudioSource
from studio.dsp import stft
from studio.dsp.stft import Window
from studio.jobs.queue import Context, Job, JobQueue, Lane
from studio.media import recording
from studio.media.store import MediaStore

TILE_COLUMNS = 512
BESIDE = 1  # columns of the neighbours, so that tiles join smoothly
_FINEST_HOP = 256
_MOST_BYTES = 64 << 20
_MOST_WINDOWS = 16  # looked at in a column: hours are sampled, minutes are looked at whole
_QUICK_WINDOWS = 2
_FRAMES_AT_ONCE = 2**20

Levels = npt.NDArray[np.uint8]  # [columns, bins]


@dataclass(frozen=True, slots=True)
class TileKey:
    """`TILE_COLUMNS` columns of `column_frames` each, from column `index` * `TILE_COLUMNS` on."""

    media: str
    fft_size: int
    window: Window
    column_frames: int
    index: int
    windows: int = _MOST_WINDOWS  # looked at in a column

    @property
    def start_frame(self) -> int:
        return self.index * self.frames

    @property
    def frames(self) -> int:
        return TILE_COLUMNS * self.column_frames

    @property
    def hop(self) -> int:
        """Frames between windows that leave nothing out."""
        return min(self.column_frames, self.fft_size // 2)

    def covers(self, other: TileKey) -> bool:
        """Whether it shows all of what another one does, more coarsely."""
        alike = (self.media, self.fft_size, self.window) == (
            other.media, other.fft_size, other.window,
        )  # fmt: skip
        end = other.start_frame + other.frames
        return (
            alike
            and self.column_frames > other.column_frames
            and self.start_frame <= other.start_frame
            and min(end, self.start_frame + self.frames) > other.start_frame
        )


def overview(source: AudioSource, fft_size: int, window: Window) -> TileKey:
    """One tile for a whole recording, of which little is looked at: it is there at once."""
    column_frames = max(-(-source.frames // TILE_COLUMNS), 1)
    return TileKey(source.media, fft_size, window, column_frames, 0, _QUICK_WINDOWS)


@dataclass(frozen=True, slots=True)
class ComputeTile:
    """Levels of one tile; where a column spans more than a window, its loudest moment is kept."""

    key: TileKey
    source: AudioSource
    media: MediaStore = field(compare=False, repr=False)
    title: ClassVar[str] = "Spectrogram"
    lane: ClassVar[Lane] = Lane.CPU

    def run(self, context: Context) -> Levels:
        """Shape [`TILE_COLUMNS` + 2 * `BESIDE`, bins]."""
        key = self.key
        columns = TILE_COLUMNS + 2 * BESIDE
        levels = np.zeros((columns, key.fft_size // 2 + 1), np.uint8)
        is_whole = key.column_frames <= key.windows * key.hop
        at_once = max(_FRAMES_AT_ONCE // key.column_frames, 1) if is_whole else 32
        try:
            path = self.media.path(self.source.media)
        except KeyError:
            raise StudioError(f"The recording “{self.source.name}” is missing.") from None
        with recording.reading(path, self.source.name) as file:
            for first in range(0, columns, at_once):
                context.check_cancelled()
                count = min(at_once, columns - first)
                begin = key.start_frame + (first - BESIDE) * key.column_frames
                if begin >= self.source.frames:
                    break
                look = self._whole if is_whole else self._sampled
                levels[first : first + count] = stft.to_bytes(look(file, begin, count))
        return levels

    def _whole(self, file: recording.Recording, begin: int, count: int) -> npt.NDArray[np.float32]:
        """Columns of which every frame is looked at."""
        key = self.key
        factor = max(key.column_frames // key.hop, 1)
        start = max(begin - key.fft_size, 0)
        both = file.read(start, begin + count * key.column_frames + key.fft_size)
        levels = stft.spectrum_db(
            _mono(both), fft_size=key.fft_size, hop=key.hop, columns=count * factor,
            start=begin - start, window=key.window,
        )  # fmt: skip
        return stft.pooled(levels, factor)

    def _sampled(
        self, file: recording.Recording, begin: int, count: int
    ) -> npt.NDArray[np.float32]:
        """Columns of which some windows are looked at, evenly apart."""
        key = self.key
        size = key.fft_size
        frames = np.zeros((count * key.windows, size), np.float32)
        steps = (np.arange(len(frames)) + 0.5) * key.column_frames / key.windows
        for row, first in zip(frames, (begin + steps - size / 2).astype(int).tolist(), strict=True):
            found = file.read(first, first + size)
            if len(found):
                before = max(-first, 0)
                row[before : before + len(found)] = _mono(found)
        return stft.pooled(stft.windows_db(frames, stft.window_of(key.window, size)), key.windows)


def _mono(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    if samples.shape[1] == 1:
        return samples[:, 0]
    return np.asarray((samples[:, 0] + samples[:, 1]) * np.float32(0.5))


class Tiles:
    """Hands out tiles that are ready, and has missing ones computed.

    Args:
        arrived: Called on the main thread when a tile is ready.
    """

    def __init__(
        self, jobs: JobQueue, media: Callable[[], MediaStore], arrived: Callable[[], None]
    ) -> None:
        self.jobs = jobs
        self._media, self._arrived = media, arrived
        self._ready: OrderedDict[TileKey, Levels] = OrderedDict()
        self._running: dict[TileKey, Job[Any]] = {}
        self._unreadable: set[TileKey] = set()
        self._bytes = 0

    @property
    def computing(self) -> bool:
        return bool(self._running)

    def known(self, key: TileKey) -> Levels | None:
        """The tile where it is ready."""
        if key in self._ready:
            self._ready.move_to_end(key)
            return self._ready[key]
        return None

    def get(self, key: TileKey, source: AudioSource) -> Levels | None:
        """The tile, or None while it is computed."""
        found = self.known(key)
        if found is None and key not in self._running and key not in self._unreadable:
            self._running[key] = self.jobs.submit(
                ComputeTile(key, source, self._media()),
                on_change=lambda job: self._moved(key, job),
                on_done=lambda levels: self._keep(key, levels),
                on_failed=lambda _error: self._unreadable.add(key),  # playback says why
            )
        return found

    def drop_all_but(self, wanted: set[TileKey]) -> None:
        """Stop computing what is no longer in sight."""
        for key, job in list(self._running.items()):
            if key not in wanted:
                self.jobs.cancel(job)

    def _keep(self, key: TileKey, levels: Levels) -> None:
        self._ready[key] = levels
        self._bytes += levels.nbytes
        while self._bytes > _MOST_BYTES and len(self._ready) > 1:
            self._bytes -= self._ready.popitem(last=False)[1].nbytes

    def _moved(self, key: TileKey, job: Job[Any]) -> None:
        if job.finished:
            self._running.pop(key, None)
            self._arrived()


def finest_hop(fft_size: int) -> int:
    """Frames between columns at the closest look: closer ones tell nothing more."""
    return min(_FINEST_HOP, fft_size // 8)


def column_frames_for(frames_per_px: float, fft_size: int) -> int:
    """The widest columns of which there is still one a pixel."""
    frames = finest_hop(fft_size)
    while 2 * frames <= frames_per_px:
        frames *= 2
    return frames
