"""Fine ticks on a recording where beats were heard, longer ones where bars begin."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from studio.ai.listening.heard import Heard
from studio.domain.clip import AudioClip, ClipId
from studio.domain.clip_time import song_ticks
from studio.domain.tempo import TempoMap
from studio.ui import theme
from studio.ui.rects import draw_rects, rects_of
from studio.ui.timeline.timeline_view import TimelineView

BEAT_TALL, BAR_TALL = 5.0, 10.0
LEAST_PX = 5.0  # between ticks; nearer ones would be a band

Ints = npt.NDArray[np.int64]


class BeatMarks:
    """Where the beats of each recording are heard, kept for as long as nothing changes."""

    def __init__(self, view: TimelineView) -> None:
        self._view = view
        self._kept: dict[ClipId, tuple[AudioClip, TempoMap, Heard, Ints, Ints]] = {}

    def paint(self, painter: QPainter, clip: AudioClip, body: QRectF) -> None:
        """Draw the ticks of `clip` that are in sight at the foot of `body`."""
        heard = self._view.studio.listening.heard(clip)
        if heard is None:
            return
        beats, bars = self._places(clip, heard)
        for ticks, tall, color in ((beats, BEAT_TALL, "text_2"), (bars, BAR_TALL, "text")):
            x = self._in_sight(ticks)
            if len(x):
                painter.setBrush(theme.colour(color, 0.9))
                height = min(tall, body.height() / 2)
                draw_rects(painter, rects_of(np.floor(x), body.bottom() - height, 1.0, height))

    def _in_sight(self, ticks: Ints) -> npt.NDArray[np.float64]:
        """Px of those in sight; none where they stand too near one another."""
        axis = self._view.axis
        first, last = np.searchsorted(ticks, axis.span)
        x = axis.xs(ticks[first:last])
        near = len(x) > 1 and (x[-1] - x[0]) / (len(x) - 1) < LEAST_PX
        return x[:0] if near else x

    def _places(self, clip: AudioClip, heard: Heard) -> tuple[Ints, Ints]:
        """Song ticks of the beats that the clip shows, and of those that begin bars."""
        tempo, kept = self._view.project.tempo, self._kept.get(clip.id)
        if kept is not None and (kept[0], kept[1], kept[2]) == (clip, tempo, heard):
            return kept[3], kept[4]
        frames = heard.beats.seconds * clip.source.sample_rate - clip.offset_frames
        shown = (frames >= 0) & (frames < clip.length_frames)
        ticks = song_ticks(clip, tempo, clip.offset_frames + frames[shown])
        bars = ticks[heard.beats.downbeats[shown]]
        self._kept[clip.id] = (clip, tempo, heard, ticks, bars)
        return ticks, bars
