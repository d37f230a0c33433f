"""What lies over the picture: the waveform, the keyboard's lines, bars and beats, and notes."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from studio.domain.clip import NoteClip
from studio.ui import theme
from studio.ui.canvas.grid import bar_stride
from studio.ui.rects import draw_rects, rects_of
from studio.ui.spectrogram.axes import hz_of_pitch
from studio.ui.spectrogram.scene import Scene
from studio.ui.timeline.waveforms import Waveforms, bars

_LEAST_KEY_PX, _LEAST_OCTAVE_PX = 9.0, 14.0
_LEAST_BEAT_PX = 20.0
_LEAST_NOTE_PX = 3.0
PITCHES = np.arange(12, 136)  # C0 to far above the highest key
_BLACK = np.isin(PITCHES % 12, (1, 3, 6, 8, 10))


def paint_waveform(painter: QPainter, scene: Scene, waveforms: Waveforms) -> None:
    """The waveform, over a picture that fades as it comes forward."""
    clip, share = scene.clip, scene.look.waveform
    if clip is None or share <= 0.0:
        return
    peaks = waveforms.peaks(clip.source)
    painter.fillRect(scene.plot, theme.colour("canvas", round(0.92 * share, 2)))
    if peaks is None:
        return
    ratio = painter.device().devicePixelRatio()
    columns = max(int(scene.axis.width * ratio), 1)
    begin = scene.axis.left
    end = begin + columns / ratio / scene.axis.scale
    found = waveforms.outline(clip.source, peaks, (begin, end), columns)
    track = scene.project.track_of(clip.id)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.track_colour(track.color, round(0.25 + 0.75 * share, 2)))
    at = np.arange(columns) / ratio
    draw_rects(painter, bars(at, found * 10 ** (clip.gain_db / 20), scene.plot, 1 / ratio))


def paint_keys(painter: QPainter, scene: Scene) -> None:
    """A line under every key where there is room, else under every C."""
    if not scene.look.keys:
        return
    y = key_edges(scene)
    room = np.abs(np.diff(y))
    width = float(scene.axis.width)
    painter.setPen(Qt.PenStyle.NoPen)
    wide = np.append(room, room[-1:]) >= _LEAST_KEY_PX
    octave = np.abs(y - np.roll(y, -12)) >= _LEAST_OCTAVE_PX
    is_c = PITCHES % 12 == 0
    for shown, alpha in ((wide & ~is_c, 0.07), (octave & is_c, 0.2)):
        painter.setBrush(theme.colour("over", alpha))
        at = np.floor(y[shown & (y >= 0) & (y <= scene.height)])
        draw_rects(painter, rects_of(0.0, at, width, 1.0))


def key_edges(scene: Scene) -> npt.NDArray[np.float64]:
    """Where each of `PITCHES` begins, from below, px."""
    hz = 440.0 * 2.0 ** ((PITCHES - 69.5) / 12)
    return np.asarray(scene.height * (1.0 - scene.band.shares(hz)))


def black_keys() -> npt.NDArray[np.bool_]:
    """Which of `PITCHES` are black."""
    return _BLACK


def paint_beats(painter: QPainter, scene: Scene) -> None:
    """The beats that were heard in the recording, or the song's where nobody listened yet."""
    if not scene.look.beats or scene.clip is None:
        return
    heard = scene.studio.listening.heard(scene.clip)
    if heard is not None and len(heard.beats):
        beats = heard.beats.seconds[~heard.beats.downbeats]
        first = heard.beats.seconds[heard.beats.downbeats]
    else:
        grid = scene.grid()
        beats, first = scene.seconds_of(grid.beats), scene.seconds_of(grid.bars)
    lines = [(_apart(scene, beats), 0.1), (_apart(scene, first), 0.2)]
    ratio = painter.device().devicePixelRatio()
    strip = QPixmap(math.ceil(scene.axis.width * ratio), 1)
    strip.setDevicePixelRatio(ratio)
    strip.fill(Qt.GlobalColor.transparent)
    with QPainter(strip) as inner:  # laid over all rows: blending down columns is far slower
        inner.setPen(Qt.PenStyle.NoPen)
        for x, alpha in lines:
            inner.setBrush(theme.colour("over", alpha))
            draw_rects(inner, rects_of(np.floor(x), 0.0, 1.0, 1.0))
    painter.drawTiledPixmap(scene.plot, strip)


def _apart(scene: Scene, seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Px of the moments in sight, of which as many are left out as stand too near."""
    x = scene.axis.xs(np.asarray(seconds) * scene.rate)
    x = x[(x >= 0) & (x <= scene.axis.width)]
    mean = (x[-1] - x[0]) / (len(x) - 1) if len(x) > 1 else _LEAST_BEAT_PX
    return x[:: bar_stride(max(float(mean), 0.01), _LEAST_BEAT_PX)]


def paint_notes(painter: QPainter, scene: Scene) -> None:
    """The notes of the song at their fundamentals, in the colours of their tracks."""
    if not scene.look.notes or scene.clip is None:
        return
    first, last = (scene.tick(scene.seconds(x)) for x in (0.0, float(scene.axis.width)))
    for track in scene.project.sources:
        for clip in track.clips if not track.is_drums else ():
            if isinstance(clip, NoteClip) and clip.start < last and clip.end > first:
                rects = _note_rects(scene, clip, first, last)
                painter.setPen(QPen(theme.track_colour(track.color), 1.25))
                painter.setBrush(theme.track_colour(track.color, 0.25))
                draw_rects(painter, rects)
    painter.setPen(Qt.PenStyle.NoPen)


def _note_rects(scene: Scene, clip: NoteClip, first: int, last: int) -> npt.NDArray[np.float64]:
    notes = clip.notes
    start, end = notes.start + clip.shift, notes.end + clip.shift
    seen = (start < min(last, clip.end)) & (end > max(first, clip.start)) & ~notes.muted
    left = scene.axis.xs(scene.seconds_of(start[seen]) * scene.rate)
    right = scene.axis.xs(scene.seconds_of(end[seen]) * scene.rate)
    pitch = notes.pitch[seen].astype(np.float64)
    edges = [scene.height * (1.0 - scene.band.shares(_hz(pitch + by))) for by in (0.5, -0.5)]
    tall = np.maximum(edges[1] - edges[0], _LEAST_NOTE_PX)
    middle = (edges[0] + edges[1]) / 2
    return rects_of(left, middle - tall / 2, np.maximum(right - left, 1.0), tall)


def _hz(pitch: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(hz_of_pitch(0.0) * 2.0 ** (pitch / 12))
