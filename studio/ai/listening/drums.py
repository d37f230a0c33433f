"""Kick, snare and hi-hat by what begins in their bands.

What is short is told from what rings by medians over time and over pitch (FitzGerald,
"Harmonic/percussive separation using median filtering", 2010).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.ndimage

from studio.ai.listening import filters
from studio.ai.listening.heard import Floats, HeardNotes, notes_of
from studio.ai.listening.mono import Mono, overlapped, windows

_RATE, _SIZE, _HOP = 44_100, 1024, 441
_FPS = _RATE / _HOP
_LENGTH, _MARGIN = 4096, 16
_MEDIAN_FRAMES, _MEDIAN_BANDS = 19, 11
KICK, SNARE, HAT = 36, 38, 42
_BANDS = ((30.0, 110.0), (200.0, 800.0), (7000.0, 16_500.0))  # Hz: low, middle, high
_STRUCK, _TICKED = 0.45, 0.14  # how much of the loudest strokes a drum and a hi-hat need
_SNARE_SHARE = (0.3, 1.25)  # middle over low, from which a stroke may begin to be a snare's
_LENGTH_SECONDS = 0.1
_APART = 5  # frames between two strokes of one drum
_AROUND = 80  # frames whose mean a stroke must exceed
_LOUDEST = 98  # percentile
# The loudest strokes of all bands together, and of the highest: drums alone have 2.9 and more, in a
# band 1.4 to 3 with 0.2 to 0.8 of cymbals; a band without drums 0.9 to 2 with less than 0.25.
_STRIKES, _TICKS = 1.8, 0.27


def drum_notes(mono: Mono, why: str = "") -> HeardNotes:
    """The strokes of three drums as General MIDI keys; none where nothing strikes as drums do.

    A stroke with more in the middle than most, for what it has below, is a snare's, else a kick's;
    where that line lies is found anew for each recording, as kits and mixes differ.
    """
    bands = np.concatenate([np.zeros((0, len(_BANDS)), np.float32), *_strengths(mono)])
    loudest = [_loudest(band) for band in bands.T]
    if sum(loudest) < _STRIKES and loudest[-1] < _TICKS:
        return notes_of([], "Nothing in it strikes as drums do.")
    low, middle, high = bands.T
    strokes = list(_peaks(np.maximum(low, middle), _STRUCK))
    frames = [frame for frame, _ in strokes]
    reach = scipy.ndimage.maximum_filter1d(bands, 5, axis=0, mode="nearest")[frames]
    share = reach[:, 1] / np.maximum(reach[:, 0], 1e-6)
    line = _divide(share)
    keys = [SNARE if one > line else KICK for one in share]
    hats = [(frame, level, HAT) for frame, level in _peaks(high, _TICKED)]
    found = [(frame, level, key) for (frame, level), key in zip(strokes, keys, strict=True)]
    rows = [
        (frame / _FPS, frame / _FPS + _LENGTH_SECONDS, key, round(40 + 80 * level))
        for frame, level, key in (*found, *hats)
    ]
    return notes_of(rows, why)


def _divide(share: Floats) -> float:
    """Where shares fall into two groups (Otsu's method on their logarithm), within reason."""
    least, most = _SNARE_SHARE
    values = np.sort(np.log(np.clip(share, 0.3, 1.8)))
    if len(values) < 2:
        return most
    below = np.arange(1, len(values))
    sums = np.cumsum(values)
    means = sums[:-1] / below, (sums[-1] - sums[:-1]) / (len(values) - below)
    apart = below * (len(values) - below) * np.square(means[0] - means[1])
    at = int(apart.argmax())
    return float(np.clip(np.exp(0.5 * (values[at] + values[at + 1])), least, most))


def _strengths(mono: Mono) -> Iterator[Floats]:
    """How much begins in each of `_BANDS`, [n, bands]."""
    bank, shape = filters.triangles(_SIZE, _RATE, 12), filters.hann(_SIZE)
    centre = (np.arange(_SIZE // 2)[:, None] * bank).sum(axis=0) * _RATE / _SIZE
    inside = [(centre >= low) & (centre < high) for low, high in _BANDS]
    levels = (
        np.log10(10.0 * filters.magnitudes(some, shape) @ bank + 1.0)
        for some in windows(mono.blocks(_RATE), _SIZE, _HOP)
    )
    for piece, real in overlapped(levels, _LENGTH, _MARGIN):
        short = _short(piece)
        rise = np.maximum(short[2:] - short[:-2], 0.0)  # over two frames, as a window sees it
        rise = np.concatenate([np.zeros_like(rise[:1]), rise, np.zeros_like(rise[:1])])
        found = np.stack([rise[:, bands].mean(axis=1) for bands in inside], axis=1)
        yield found[_MARGIN : _MARGIN + real]


def _short(levels: Floats) -> Floats:
    """The levels without what rings."""
    rings = scipy.ndimage.median_filter(levels, (_MEDIAN_FRAMES, 1), mode="nearest")
    strikes = scipy.ndimage.median_filter(levels, (1, _MEDIAN_BANDS), mode="nearest")
    share = np.square(strikes) / np.maximum(np.square(strikes) + np.square(rings), 1e-9)
    return np.asarray(levels * share, np.float32)


def _loudest(strength: Floats) -> float:
    """How strong the loudest strokes of a band are."""
    rising = strength[strength > 0]
    return float(np.percentile(rising, _LOUDEST)) if len(rising) else 0.0


def _peaks(strength: Floats, least: float) -> Iterator[tuple[int, float]]:
    """Frames that stand out, with how strong each is against the loudest."""
    if not strength.any():
        return
    loud = _loudest(strength)
    usual = scipy.ndimage.uniform_filter1d(strength, _AROUND, mode="nearest")
    highest = scipy.ndimage.maximum_filter1d(strength, 2 * _APART - 1, mode="nearest")
    peaks = (strength >= highest) & (strength > usual + least * loud)
    last = -_APART
    for frame in np.flatnonzero(peaks):
        if frame - last >= _APART:
            yield int(frame), min(float(strength[frame]) / max(loud, 1e-9), 1.0)
            last = int(frame)
