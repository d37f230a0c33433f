"""Between song ticks and the frames of the recording that a clip plays.

Before the clip and after it, time goes on at the pace of its edges.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio.domain.clip import AudioClip
from studio.domain.notes import IntColumn
from studio.domain.tempo import TempoMap

Places = npt.NDArray[np.float64]


def source_frames(clip: AudioClip, tempo: TempoMap, ticks: npt.ArrayLike) -> Places:
    """The frames of the recording heard at song ticks; same shape as `ticks`."""
    at = np.asarray(ticks, np.int64)
    if clip.warp:
        frames, places = _warp(clip)
        return _along(at - clip.start, places, frames)
    passed = tempo.seconds(at) - float(tempo.seconds(clip.start))
    return np.asarray(clip.offset_frames + passed * clip.source.sample_rate)


def song_ticks(clip: AudioClip, tempo: TempoMap, frames: npt.ArrayLike) -> IntColumn:
    """The song ticks, 0 or more, at which frames of the recording are heard; same shape."""
    wanted = np.asarray(frames, np.float64)
    if clip.warp:
        sources, places = _warp(clip)
        found = clip.start + np.rint(_along(wanted, sources, places)).astype(np.int64)
    else:
        passed = (wanted - clip.offset_frames) / clip.source.sample_rate
        found = tempo.ticks(float(tempo.seconds(clip.start)) + passed)
    return np.maximum(found, 0)


def _warp(clip: AudioClip) -> tuple[Places, Places]:
    points = np.array([(p.source_frame, p.tick) for p in clip.warp], np.float64)
    return points[:, 0], points[:, 1]


def _along(x: npt.ArrayLike, xs: Places, ys: Places) -> Places:
    """The line through points, its first and its last piece going on beyond them."""
    at = np.asarray(x, np.float64)
    piece = np.clip(np.searchsorted(xs, at, side="right") - 1, 0, len(xs) - 2)
    slope = (ys[piece + 1] - ys[piece]) / (xs[piece + 1] - xs[piece])
    return np.asarray(ys[piece] + (at - xs[piece]) * slope)
