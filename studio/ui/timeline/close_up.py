"""Waveforms from close by: the samples themselves, read on a background lane as they are needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from studio.core.errors import StudioError
from studio.domain.clip import AudioSource
from studio.jobs.queue import Context, Lane
from studio.media.store import MediaStore
from studio.workspace.studio import Studio

CLOSE_FRAMES = 96.0  # fewer frames a column than this, and the outline is too coarse
SPARE = 2  # how many views are read on each side, so that scrolling finds them there

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ReadSamples:
    """Read frames [start, end) of a recording."""

    media: MediaStore
    source: AudioSource
    start: int
    end: int
    title: ClassVar[str] = "Look closely at a recording"
    lane: ClassVar[Lane] = Lane.DISK

    def run(self, context: Context) -> Samples:
        return self.media.samples(self.source, self.start, self.end)


class CloseUp(QObject):
    """The samples around what is in sight, one stretch of each recording.

    Signals:
        ready(): Another stretch can be drawn.
    """

    ready = Signal()

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._read: dict[str, tuple[int, Samples]] = {}  # first frame, [frames, channels]
        self._asked: set[str] = set()

    def read(
        self, source: AudioSource, begin: float, end: float, columns: int
    ) -> npt.NDArray[np.float32] | None:
        """Lowest and highest sample of each column of [begin, end) frames, shape [columns, 1, 2].

        None while they are being read; then `ready` comes.
        """
        first, last = max(int(begin) - 1, 0), min(int(end) + 2, source.frames)
        found = self._read.get(source.media)
        if found is None or first < found[0] or last > found[0] + len(found[1]):
            self._ask(source, first, last)
            return None
        edges = np.linspace(begin, end, columns + 1) - found[0]
        if (end - begin) / columns < 1:
            return _line(found[1], edges)
        return _extremes(found[1], edges)

    def _ask(self, source: AudioSource, first: int, last: int) -> None:
        if source.media in self._asked:
            return
        self._asked.add(source.media)
        spare = SPARE * (last - first)
        start, end = max(first - spare, 0), min(last + spare, source.frames)

        def done(samples: Samples) -> None:
            self._asked.discard(source.media)
            self._read[source.media] = (start, samples)
            self.ready.emit()

        def failed(error: StudioError) -> None:
            """The outline stays; playback says what is wrong with the recording."""

        work = ReadSamples(self._studio.files.media, source, start, end)
        self._studio.jobs.submit(work, on_done=done, on_failed=failed)


def _extremes(samples: Samples, edges: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    at = np.clip(edges.astype(np.int64), 0, len(samples) - 1)
    pairs = np.column_stack([at[:-1], np.maximum(at[1:], at[:-1] + 1).clip(max=len(samples) - 1)])
    low = np.minimum.reduceat(samples.min(axis=1), pairs.ravel())[::2]
    high = np.maximum.reduceat(samples.max(axis=1), pairs.ravel())[::2]
    return np.stack([low, high], axis=-1)[:, None, :]


def _line(samples: Samples, edges: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """A line from sample to sample, as the stretch of it in each column."""
    values = np.interp(edges, np.arange(len(samples)), samples.mean(axis=1))
    low, high = np.minimum(values[:-1], values[1:]), np.maximum(values[:-1], values[1:])
    return np.stack([low, high], axis=-1)[:, None, :].astype(np.float32)
