"""Waveforms: outlines are read on a background lane once, and drawn a column a device pixel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QColor, QPainter

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource
from studio.domain.tempo import TempoMap
from studio.jobs.queue import Context, Lane
from studio.media.peaks import Peaks
from studio.media.store import MediaStore
from studio.ui.canvas.view import View
from studio.ui.rects import draw_rects, rects_of
from studio.ui.timeline.close_up import CLOSE_FRAMES, CloseUp
from studio.workspace.studio import Studio

SHARE = 0.92  # of a clip's height that a full-scale sample takes
LEAST_HEIGHT = 1.0
_MANY = 24  # parts of a clip in sight, from which on they are read as one
Points = list[tuple[int, float]]  # (song tick, frame of the recording), rising


@dataclass(frozen=True, slots=True)
class ReadPeaks:
    """Read a recording's outline, making it first where there is none."""

    media: MediaStore
    source: AudioSource
    lane: ClassVar[Lane] = Lane.DISK

    @property
    def title(self) -> str:
        return f"Draw {self.source.name or 'recording'}"

    def run(self, context: Context) -> Peaks:
        return self.media.peaks(self.source, context.progress)


class Waveforms(QObject):
    """Outlines of the recordings in sight.

    Signals:
        ready(): Another outline can be drawn.
    """

    ready = Signal()

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._peaks: dict[str, Peaks | None] = {}  # None: asked for, or cannot be read
        studio.missing.returned.connect(self._ask_again)
        self._close_up = CloseUp(studio, self)
        self._close_up.ready.connect(self.ready)

    def peaks(self, source: AudioSource) -> Peaks | None:
        """The outline of `source`; None while it is being read."""
        if source.media not in self._peaks:
            self._peaks[source.media] = None
            self._ask(source)
        return self._peaks[source.media]

    def _ask_again(self) -> None:
        """What could not be read may be there by now."""
        self._peaks = {media: peaks for media, peaks in self._peaks.items() if peaks is not None}
        self.ready.emit()

    def _ask(self, source: AudioSource) -> None:
        def done(peaks: Peaks) -> None:
            self._peaks[source.media] = peaks
            self.ready.emit()

        def failed(error: StudioError) -> None:
            """A recording that cannot be read stays a flat line; playback says why."""

        work = ReadPeaks(self._studio.files.media, source)
        self._studio.jobs.submit(work, on_done=done, on_failed=failed)

    def paint(
        self, painter: QPainter, view: View, clip: AudioClip, body: QRectF, color: QColor
    ) -> None:
        """Draw what is in sight of `clip` into `body`."""
        painter.setBrush(color)
        middle = body.center().y()
        left, right = max(body.left(), 0.0), min(body.right(), float(view.axis.width))
        peaks = self.peaks(clip.source)
        if peaks is None:
            painter.drawRect(QRectF(left, middle - 0.5, max(right - left, 0.0), 1.0))
            return
        ratio = painter.device().devicePixelRatio()
        gain = 10 ** (clip.gain_db / 20)
        points = clip_points(clip, view.project.tempo)
        edges = _uneven_columns(points, view, left, right, ratio)
        if edges is not None:
            found = peaks.read_between(edges[1])
            draw_rects(painter, bars(edges[0][:-1], found * gain, body, 1 / ratio))
            return
        for stretch in stretches(points):
            columns = _columns(stretch, view, left, right, ratio)
            if columns is not None:
                x, frames = columns
                found = self.outline(clip.source, peaks, frames, len(x))
                draw_rects(painter, bars(x, found * gain, body, 1 / ratio))

    def outline(
        self, source: AudioSource, peaks: Peaks, frames: tuple[float, float], columns: int
    ) -> npt.NDArray[np.float32]:
        """Lowest and highest sample of each column, shape [columns, channels, 2]."""
        begin, end = frames
        if end - begin < CLOSE_FRAMES * columns:
            near = self._close_up.read(source, begin, end, columns)
            if near is not None:
                return near
        return peaks.read(begin, end, columns)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a clip over which frames go evenly with ticks (song ticks, source frames)."""

    start: int
    end: int
    first: float
    last: float


def clip_points(clip: AudioClip, tempo: TempoMap) -> Points:
    """Where `clip` goes evenly between: its warp points, or tempo changes."""
    if clip.warp:
        return [(clip.start + p.tick, float(p.source_frame)) for p in clip.warp]
    begin = float(tempo.seconds(clip.start))
    end = max(int(tempo.ticks(begin + clip.seconds)), clip.start + 1)
    inner = [t.tick for t in tempo.tempos if clip.start < t.tick < end]
    ticks = [clip.start, *inner, end]
    rate = clip.source.sample_rate
    frames = clip.offset_frames + (tempo.seconds(ticks) - begin) * rate
    return list(zip(ticks, frames.tolist(), strict=True))


def stretches(points: Points) -> Iterator[Stretch]:
    """The even parts of a clip."""
    for (start, first), (end, last) in pairwise(points):
        if end > start:
            yield Stretch(start, end, first, last)


def _uneven_columns(
    points: Points, view: View, left: float, right: float, ratio: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None:
    """The edges of the columns in sight, on device pixels, and the frame at each; None where few
    parts of the clip are in sight, or samples are."""
    ticks, frames = np.array(points).T
    at = view.axis.xs(ticks)
    first, last = np.ceil(left * ratio), np.ceil(right * ratio)
    edges = np.arange(first, last + 1) / ratio
    in_sight = np.count_nonzero((at > left) & (at < right))
    if in_sight < _MANY or len(edges) < 2:
        return None
    found = np.interp(edges, at, frames)
    close = found[-1] - found[0] < CLOSE_FRAMES * (len(edges) - 1)
    return None if close else (edges, found)


def _columns(
    stretch: Stretch, view: View, left: float, right: float, ratio: float
) -> tuple[npt.NDArray[np.float64], tuple[float, float]] | None:
    """The left edges of the columns in sight, on device pixels, and the frames they span."""
    x0, x1 = view.axis.x(stretch.start), view.axis.x(stretch.end)
    first = np.ceil(max(x0, left) * ratio)
    # A pixel that the next stretch shares is drawn by this one.
    last = np.ceil(x1 * ratio) if x1 < right else np.floor(right * ratio)
    count = int(last - first)
    if count < 1:
        return None
    x = (first + np.arange(count)) / ratio
    frames_a_px = (stretch.last - stretch.first) / (x1 - x0)
    begin = stretch.first + (first / ratio - x0) * frames_a_px
    return x, (begin, begin + count / ratio * frames_a_px)


def bars(
    x: npt.NDArray[np.float64], found: npt.NDArray[np.float32], body: QRectF, width: float
) -> npt.NDArray[np.float64]:
    """Rectangles for extremes [columns, channels, 2] over a body's height."""
    half = body.height() / 2 * SHARE
    low = np.clip(found[..., 0].min(axis=1), -1, 1).astype(np.float64)
    high = np.clip(found[..., 1].max(axis=1), -1, 1).astype(np.float64)
    top = body.center().y() - high * half
    tall = np.maximum((high - low) * half, LEAST_HEIGHT)
    return rects_of(x, top, width, tall)
