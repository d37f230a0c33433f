"""Filling what is encircled in time and frequency; what sounds beside it stays.

Levels are carried in from all four sides, the nearer the more; or they are those of a place that
sounds alike. Phases are made to fit what is around them: Griffin and Lim 1984, "Signal estimation
from modified short-time Fourier transform", with all that is known held where it is. Only what
lies inside the outline is changed in the spectrum, so the rest of it is kept by construction, up to
what the windows' skirts carry over.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import ndimage, signal

from studio.ai.painter.hole import Hole, Lasso, Patch, Samples

METHOD = "texture"
MATCHED = "match in a band"
FADE_SECONDS = 0.02
_WINDOW_SECONDS = 0.046
_OVERLAP = 4  # windows that hold each sample
_TURNS = 40  # of Griffin and Lim's
_AROUND = 3  # windows heard on each side
_EDGE_WINDOWS, _EDGE_BINS = 5, 9  # averaged where levels are carried in
_WINDOW_UNIT, _BIN_UNIT = 8.0, 12.0  # equally far
_FLOOR = 1e-7
_TONAL_RISE = 0.7  # of a log level above its neighbours, from which a bin holds a tone

Levels: TypeAlias = npt.NDArray[np.float64]
Spectrum: TypeAlias = npt.NDArray[np.complex128]  # [channels, bins, windows]


def filled(
    samples: Samples, sample_rate: int, lasso: Lasso, *, seed: int, like: Samples | None = None,
    strength: float = 1.0,
) -> Patch:  # fmt: skip
    """What belongs inside an outline.

    Args:
        samples: Shape [frames, channels].
        like: A filling of the outline's whole time, of which the band is taken; None: levels are
            carried in from around it.
        strength: How much of what was there gives way, 0-1.

    Raises:
        ValueError: The outline lies outside the recording, or is narrower than can be told apart.
    """
    hole = lasso.hole(len(samples))
    hop = _hop_of(sample_rate)
    around = _AROUND * _OVERLAP * hop
    first = hole.first - around
    piece = _excerpt(samples, first, hole.end + around, hop)
    there = _transformed(piece, hop)
    times = first + np.arange(there.shape[2], dtype=float) * hop
    heights = np.arange(there.shape[1]) * sample_rate / (_OVERLAP * hop)
    inside = lasso.holds(times, heights)
    if not inside.any():
        raise ValueError("the outline is narrower than can be told apart")
    if like is not None:
        other = piece.copy()
        other[around : around + hole.frames] = like
        wanted = _transformed(other, hop)
    else:
        wanted = _textured(there, inside, hop, seed)
    share = ndimage.uniform_filter(inside.astype(float), (3, 3)) * inside
    change = strength * _returned(share * (wanted - there), len(piece), hop)
    change *= _in_time(hole, first, len(piece), sample_rate)[:, None]
    fade = round(FADE_SECONDS * sample_rate)
    begin, end = max(hole.first - fade, 0), min(hole.end + fade, len(samples))
    made = samples[begin:end] + change[begin - first : end - first]
    return Patch(begin, made.astype(np.float32), METHOD if like is None else MATCHED)


def _textured(there: Spectrum, inside: npt.NDArray[np.bool_], hop: int, seed: int) -> Spectrum:
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
        back = _transformed(_returned(found, (there.shape[2] - 1) * hop, hop), hop)
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


def _hop_of(sample_rate: int) -> int:
    """Frames from window to window: a quarter of one, which is a power of two long."""
    return int(2 ** np.round(np.log2(_WINDOW_SECONDS * sample_rate / _OVERLAP)))


def _transformed(piece: npt.NDArray[np.float64], hop: int) -> Spectrum:
    size = _OVERLAP * hop
    found: Spectrum = signal.stft(piece.T, nperseg=size, noverlap=size - hop)[2]
    return found


def _returned(spectrum: Spectrum, frames: int, hop: int) -> npt.NDArray[np.float64]:
    """Samples [frames, channels]."""
    size = _OVERLAP * hop
    _, made = signal.istft(spectrum, nperseg=size, noverlap=size - hop)
    found = np.zeros((frames, made.shape[0]))
    count = min(frames, made.shape[1])
    found[:count] = made.T[:count]
    return found


def _excerpt(samples: Samples, first: int, end: int, hop: int) -> npt.NDArray[np.float64]:
    """Frames [first, end), silence outside the recording, a whole number of hops."""
    end += -(end - first) % hop
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
