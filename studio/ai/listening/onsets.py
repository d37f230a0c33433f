"""How strongly something begins at each moment, and what tempo that suggests.

Onset strength is the rise of logarithmic levels in narrow bands, against the loudest neighbour
before (Böck and Widmer, "Maximum filter vibrato suppression for onset detection", 2013). The tempo
is that of Ellis ("Beat tracking by dynamic programming", 2007): autocorrelation, weighed by how
usual a tempo is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.fft
import scipy.ndimage

from studio.ai.listening import filters
from studio.ai.listening.heard import Floats, Seconds
from studio.ai.listening.mono import Mono, windows

_RATE, _SIZE, _HOP = 22_050, 1024, 220
FPS = _RATE / _HOP
_LOW_HZ, _HIGH_HZ = 150.0, 2000.0
_LEVEL_FACTOR = 10.0  # of levels before the logarithm
_AROUND_SECONDS = 4.0  # over which the strength is evened out
_TEMPO_SECONDS = 10.0  # heard at once for a tempo
_USUAL_BPM, _USUAL_OCTAVES = 110.0, 0.7


@dataclass(frozen=True, slots=True, eq=False)
class Onsets:
    """How strongly something begins, in each frame of `FPS`.

    Attributes:
        strength: Of all bands, shape [n].
        low, high: Of the lowest and the highest bands, shape [n].
    """

    strength: Floats
    low: Floats
    high: Floats


def onsets(mono: Mono) -> Onsets:
    bank, shape = filters.triangles(_SIZE, _RATE, 12), filters.hann(_SIZE)
    centre = (np.arange(_SIZE // 2)[:, None] * bank).sum(axis=0) * _RATE / _SIZE
    low, high = centre < _LOW_HZ, centre > _HIGH_HZ
    before: Floats | None = None
    found = [np.zeros((0, 3), np.float32)]
    for some in windows(mono.blocks(_RATE), _SIZE, _HOP):
        levels = np.log10(_LEVEL_FACTOR * filters.magnitudes(some, shape) @ bank + 1.0)
        joined = np.concatenate([levels[:1] if before is None else before, levels])
        widest = scipy.ndimage.maximum_filter1d(joined[:-1], 3, axis=1)
        rising, before = np.maximum(levels - widest, 0.0), levels[-1:]
        rows = (rising, rising[:, low], rising[:, high])
        found.append(np.stack([row.mean(axis=1) for row in rows], axis=1))
    strength, deep, bright = np.concatenate(found).T
    return Onsets(strength, deep, bright)


def activation(strength: Floats) -> Floats:
    """How likely each frame is a beat, [n, 2], as far as its strength tells: near 0 where nothing
    begins, near 1 at the strongest of some seconds."""
    usual = scipy.ndimage.uniform_filter1d(strength, round(_AROUND_SECONDS * FPS), mode="nearest")
    even = strength / np.maximum(usual, 0.05 * float(strength.max(initial=0.0)) + 1e-6)
    likely = 0.95 * (1.0 - np.exp(-np.maximum(even - 1.0, 0.0) / 4.0))
    return np.stack([likely, np.zeros_like(likely)], axis=1).astype(np.float32)


def between(strength: Floats, beats: Seconds) -> float:
    """How strongly things begin in the middle between beats, against on them."""
    if len(beats) < 2:
        return 0.0
    middles = 0.5 * (beats[:-1] + beats[1:])
    reach = round(0.04 * FPS)
    highest = scipy.ndimage.maximum_filter1d(strength, 2 * reach + 1, mode="nearest")
    places = (np.rint(at * FPS).astype(np.int64) for at in (middles, beats))
    off, on = (highest[np.clip(at, 0, len(strength) - 1)].mean() for at in places)
    return float(off / max(on, 1e-9))


def tempo_weights(strength: Floats, lags: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Log weights of each beat length in `lags` (frames), second by second, [seconds, lags]."""
    size = round(_TEMPO_SECONDS * FPS)
    usual = scipy.ndimage.uniform_filter1d(strength, round(FPS), mode="nearest")
    even = np.maximum(strength - usual, 0.0).astype(np.float64)
    starts = np.arange(0, max(len(strength), 1), FPS).astype(np.int64)
    padded = np.pad(even, (size // 2, size))
    prior = np.exp(-0.5 * (np.log2(60.0 * FPS / lags / _USUAL_BPM) / _USUAL_OCTAVES) ** 2)
    found = np.empty((len(starts), len(lags)))
    for row, start in enumerate(starts):
        found[row] = _comb(padded[start : start + size], lags) * prior
    found = scipy.ndimage.uniform_filter1d(found, 5, axis=0, mode="nearest")
    found = 0.8 * found + 0.2 * found.mean(axis=0)
    found /= np.maximum(found.sum(axis=1, keepdims=True), 1e-12)
    weights: npt.NDArray[np.float64] = np.log(found + 1e-4)
    return weights


def _comb(strength: Seconds, lags: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """How alike the onsets are to themselves one to four beats later."""
    size = scipy.fft.next_fast_len(2 * len(strength))
    spectrum = scipy.fft.rfft(strength - strength.mean(), size)
    alike = scipy.fft.irfft(np.abs(spectrum) ** 2, size)[: len(strength)]
    alike = np.maximum(alike, 0.0) / max(float(alike[0]), 1e-9)
    alike = scipy.ndimage.maximum_filter1d(alike, 3)
    found = np.zeros(len(lags))
    for multiple in (1, 2, 3, 4):
        reach = lags * multiple
        found[reach < len(alike)] += alike[reach[reach < len(alike)]]
    return found**2
