"""Filling what is encircled in time and frequency; what sounds beside it stays.

Levels are carried in from all four sides, the nearer the more; or they are those of a place that
sounds alike. Phases are made to fit what is around them: Griffin and Lim 1984, "Signal estimation
from modified short-time Fourier transform", with all that is known held where it is. Only what
lies inside the outline is changed in the spectrum, so the rest of it is kept by construction, up to
what the windows' skirts carry over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import ndimage, signal

from studio.ai.painter.hole import Hole, Patch, Samples

METHOD = "texture"
MATCHED = "match in a band"
FADE_SECONDS = 0.02
_SIZE, _HOP = 2048, 512
_TURNS = 40  # of Griffin and Lim's
_AROUND = 3 * _SIZE  # frames of samples heard on each side
_EDGE_WINDOWS, _EDGE_BINS = 5, 9  # averaged where levels are carried in
_WINDOW_UNIT, _BIN_UNIT = 8.0, 12.0  # equally far
_FLOOR = 1e-7
_TONAL_RISE = 0.7  # of a log level above its neighbours, from which a bin holds a tone

Levels: TypeAlias = npt.NDArray[np.float64]
Spectrum: TypeAlias = npt.NDArray[np.complex128]  # [channels, bins, windows]


@dataclass(frozen=True, slots=True)
class Lasso:
    """An outline in time and frequency.

    Attributes:
        points: (frame, Hz), at least three; the last is joined to the first.

    Raises:
        ValueError: It encloses nothing.
    """

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        frames, heights = zip(*self.points, strict=True) if self.points else ((), ())
        if len(self.points) < 3 or min(frames) >= max(frames) or min(heights) >= max(heights):
            raise ValueError("an outline encloses some time and some frequencies")

    @classmethod
    def box(cls, hole: Hole, low_hz: float, high_hz: float) -> Lasso:
        """All of a hole's time in a band."""
        return cls(((hole.first, low_hz), (hole.end, low_hz), (hole.end, high_hz),
                    (hole.first, high_hz)))  # fmt: skip

    @property
    def hz(self) -> tuple[float, float]:
        heights = [height for _, height in self.points]
        return max(min(heights), 0.0), max(heights)

    def hole(self, frames: int) -> Hole:
        """The time it spans, inside a recording of so many frames.

        Raises:
            ValueError: It lies outside.
        """
        times = [frame for frame, _ in self.points]
        return Hole(max(int(min(times)), 0), min(int(np.ceil(max(times))), frames))

    def holds(self, frames: Levels, hz: Levels) -> npt.NDArray[np.bool_]:
        """Which cells lie inside, shape [hz, frames] (even-odd rule)."""
        inside = np.zeros((len(hz), len(frames)), bool)
        corners = np.array(self.points, float)
        for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            if y1 == y2:
                continue
            crossed = (hz >= min(y1, y2)) & (hz < max(y1, y2))
            at = x1 + (hz - y1) * (x2 - x1) / (y2 - y1)
            inside ^= crossed[:, None] & (frames[None, :] < at[:, None])
        return inside


def filled(
    samples: Samples, sample_rate: int, lasso: Lasso, *, seed: int, like: Samples | None = None
) -> Patch:
    """What belongs inside an outline.

    Args:
        samples: Shape [frames, channels].
        like: A filling of the outline's whole time, of which the band is taken; None: levels are
            carried in from around it.

    Raises:
        ValueError: The outline lies outside the recording, or is narrower than can be told apart.
    """
    hole = lasso.hole(len(samples))
    first = hole.first - _AROUND
    piece = _excerpt(samples, first, hole.end + _AROUND)
    there = _transformed(piece)
    times = first + np.arange(there.shape[2], dtype=float) * _HOP
    heights = np.arange(there.shape[1]) * sample_rate / _SIZE
    inside = lasso.holds(times, heights)
    if not inside.any():
        raise ValueError("the outline is narrower than can be told apart")
    if like is not None:
        other = piece.copy()
        other[_AROUND : _AROUND + hole.frames] = like
        wanted = _transformed(other)
    else:
        wanted = _textured(there, inside, seed)
    share = ndimage.uniform_filter(inside.astype(float), (3, 3)) * inside
    change = _returned(share * (wanted - there), len(piece))
    change *= _in_time(hole, first, len(piece), sample_rate)[:, None]
    fade = round(FADE_SECONDS * sample_rate)
    begin, end = max(hole.first - fade, 0), min(hole.end + fade, len(samples))
    made = samples[begin:end] + change[begin - first : end - first]
    return Patch(begin, made.astype(np.float32), METHOD if like is None else MATCHED)


def _textured(there: Spectrum, inside: npt.NDArray[np.bool_], seed: int) -> Spectrum:
    """Levels from around the outline, the unevenness of noise, and phases that fit."""
    rng = np.random.Generator(np.random.PCG64(seed))
    levels = np.log(np.abs(there) + _FLOOR)
    smooth = np.stack([_carried(one, inside) for one in levels])
    uneven = np.log(rng.rayleigh(np.sqrt(2 / np.pi), inside.shape) + _FLOOR)
    tonal = _tonal(levels, inside)
    goal = np.exp(smooth + (1.0 - tonal) * uneven)
    found = there.copy()
    phases = _advanced(there, inside, rng)
    found[:, inside] = (goal * np.exp(1j * phases))[:, inside]
    for _ in range(_TURNS):
        back = _transformed(_returned(found, _frames(there.shape[2])))
        found[:, inside] = (goal * np.exp(1j * np.angle(back)))[:, inside]
    return found


def _carried(levels: Levels, inside: npt.NDArray[np.bool_]) -> Levels:
    """Log levels [bins, windows] with those inside carried in from the four sides."""
    total, weights = np.zeros_like(levels), np.zeros_like(levels)
    sides = ((1, _EDGE_WINDOWS, _WINDOW_UNIT), (0, _EDGE_BINS, _BIN_UNIT))
    for axis, size, unit in sides:
        even = _known_mean(levels, ~inside, axis, size)
        for order in (1, -1):
            distance, value = _nearest(even, inside, axis, order)
            weight = np.where(np.isfinite(distance), (unit / (distance + 0.5)) ** 2, 0.0)
            total += weight * value
            weights += weight
    return np.where(inside, total / np.maximum(weights, 1e-12), levels)


def _known_mean(levels: Levels, known: npt.NDArray[np.bool_], axis: int, size: int) -> Levels:
    """The mean over the known cells among `size` in a row."""
    share = ndimage.uniform_filter1d(known.astype(float), size, axis=axis)
    total = ndimage.uniform_filter1d(np.where(known, levels, 0.0), size, axis=axis)
    return np.where(share > 1e-9, total / np.maximum(share, 1e-9), levels)


def _nearest(
    levels: Levels, inside: npt.NDArray[np.bool_], axis: int, order: int
) -> tuple[Levels, Levels]:
    """How far the last known cell before each is along an axis, and its level."""
    ahead = np.moveaxis(levels, axis, 1)[:, ::order]
    hidden = np.moveaxis(inside, axis, 1)[:, ::order]
    at = np.where(hidden, -1, np.arange(ahead.shape[1]))
    last = np.maximum.accumulate(at, axis=1)
    value = np.take_along_axis(ahead, np.maximum(last, 0), axis=1)
    distance = np.where(last >= 0, np.arange(ahead.shape[1]) - last, np.inf)
    back = (np.moveaxis(one[:, ::order], 1, axis) for one in (distance, value))
    distance, value = back
    return distance, value


def _tonal(levels: Levels, inside: npt.NDArray[np.bool_]) -> Levels:
    """1 where a bin sounds steadily above its neighbours beside the outline, 0 where it is noise;
    shape [1, bins, 1]."""
    heard = (~inside).sum(axis=1)
    steady = np.where(inside, 0.0, levels.mean(axis=0)).sum(axis=1) / np.maximum(heard, 1)
    above = steady - ndimage.median_filter(steady, 15)
    found: Levels = np.clip(above - _TONAL_RISE, 0.0, 1.0)[None, :, None]
    return found


def _advanced(there: Spectrum, inside: npt.NDArray[np.bool_], rng: np.random.Generator) -> Levels:
    """Phases that go on turning as they did in the last known windows; noise elsewhere."""
    phases = np.angle(there)
    turn = np.angle(there[:, :, 1:] * np.conj(there[:, :, :-1]))
    for window in range(2, inside.shape[1]):
        rows = inside[:, window]
        step = np.where(inside[:, window - 1], 0.0, turn[:, :, window - 2])
        if window > 2:
            turn[:, :, window - 2] = np.where(inside[:, window - 1], turn[:, :, window - 3], step)
        phases[:, rows, window] = (phases[:, :, window - 1] + turn[:, :, window - 2])[:, rows]
    return phases + np.where(inside, 0.1 * rng.standard_normal(inside.shape), 0.0)


def _transformed(piece: npt.NDArray[np.float64]) -> Spectrum:
    found: Spectrum = signal.stft(piece.T, nperseg=_SIZE, noverlap=_SIZE - _HOP)[2]
    return found


def _frames(windows: int) -> int:
    return (windows - 1) * _HOP


def _returned(spectrum: Spectrum, frames: int) -> npt.NDArray[np.float64]:
    """Samples [frames, channels]."""
    _, made = signal.istft(spectrum, nperseg=_SIZE, noverlap=_SIZE - _HOP)
    found = np.zeros((frames, made.shape[0]))
    count = min(frames, made.shape[1])
    found[:count] = made.T[:count]
    return found


def _excerpt(samples: Samples, first: int, end: int) -> npt.NDArray[np.float64]:
    """Frames [first, end), silence outside the recording, a whole number of hops."""
    end += -(end - first) % _HOP
    found = np.zeros((end - first, samples.shape[1]))
    inside = slice(max(first, 0), min(end, len(samples)))
    found[inside.start - first : inside.stop - first] = samples[inside]
    return found


def _in_time(hole: Hole, first: int, frames: int, sample_rate: int) -> Levels:
    """1 inside a hole, 0 beyond the fades on both sides."""
    fade = max(round(FADE_SECONDS * sample_rate), 1)
    at = np.arange(first, first + frames)
    away = np.maximum(hole.first - at, at - hole.end + 1)
    return 0.5 + 0.5 * np.cos(np.pi * np.clip(away / fade, 0.0, 1.0))


def whole(lassos: Sequence[Lasso], frames: int) -> list[Hole]:
    """The times of outlines."""
    return [lasso.hole(frames) for lasso in lassos]
