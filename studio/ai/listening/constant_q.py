"""A spectrum whose bins lie evenly between octaves: the constant-Q transform (Brown, "Calculation
of a constant Q spectral transform", 1991), an octave at a time at half the rate of the one above.

36 bins an octave from C1 on, over seven octaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt
import soxr

from studio.ai.listening.heard import Floats
from studio.ai.listening.mono import Mono, overlapped

RATE, HOP = 22_050, 512
FPS = RATE / HOP
PER_OCTAVE, OCTAVES = 36, 7
BINS = PER_OCTAVE * OCTAVES
LOWEST_PITCH = 24  # C1
_WIDTH = 512  # frames of the longest filter at the rate of its octave
_COUNT = 1024  # hops at once
_MARGIN = 64  # hops heard around them, more than half the longest filter


def constant_q(mono: Mono, tuning: float = 0.0, *, counted: bool = True) -> Iterator[Floats]:
    """Levels [n, BINS] at `FPS`, bin 0 at C1, some at a time.

    A steady tone is as loud as its filter is long, to the power of a half.

    Args:
        tuning: Semitones above A4 = 440 Hz that the bins are moved by.
        counted: As for `Mono.blocks`.
    """
    blocks = mono.blocks(RATE, counted=counted)
    for piece, real in overlapped(blocks, _COUNT * HOP, _MARGIN * HOP):
        yield _piece(piece, tuning)[: -(-real // HOP)]


def _piece(piece: Floats, tuning: float) -> Floats:
    filters = _filters(round(tuning, 3))
    levels = np.empty((_COUNT, BINS), np.float32)
    hop = HOP
    for octave in reversed(range(OCTAVES)):
        piece = np.asarray(soxr.resample(piece, 2, 1, quality="HQ"), np.float32)
        hop //= 2
        first = _MARGIN * hop - _WIDTH // 2
        padded = np.pad(piece, (max(-first, 0), _WIDTH))
        view = np.lib.stride_tricks.sliding_window_view(padded, _WIDTH)
        frames = view[max(first, 0) :: hop][:_COUNT]
        # A filter of the same shape at half the rate is twice as long.
        longer = 2.0 ** ((OCTAVES - octave) / 2.0)
        found = np.abs(frames @ filters.real + 1j * (frames @ filters.imag)) * longer
        levels[:, octave * PER_OCTAVE : (octave + 1) * PER_OCTAVE] = found
    return levels


@cache
def _filters(tuning: float) -> npt.NDArray[np.complex64]:
    """One octave's filters [_WIDTH, PER_OCTAVE] at half of `RATE`, from C7 on."""
    octave = 440.0 * 2.0 ** ((LOWEST_PITCH + 12 * (OCTAVES - 1) + tuning - 69) / 12.0)
    hz = octave * 2.0 ** (np.arange(PER_OCTAVE) / PER_OCTAVE)
    ratio = 2.0 ** (2.0 / PER_OCTAVE)
    lengths = (ratio + 1.0) / (ratio - 1.0) * (RATE / 2.0) / hz
    time = np.arange(_WIDTH)[:, None] - _WIDTH // 2
    inside = np.abs(time) < lengths / 2.0
    shape = np.where(inside, 0.5 + 0.5 * np.cos(2.0 * np.pi * time / lengths), 0.0)
    wave = shape * np.exp(-2j * np.pi * time * hz / (RATE / 2.0))
    return np.asarray(wave / shape.sum(axis=0) * np.sqrt(lengths), np.complex64)


def tuning_of(levels: npt.NDArray[np.float64]) -> float:
    """Semitones, -0.5 to 0.5, by which what sounds lies above A4 = 440 Hz.

    Args:
        levels: How much sounded in each bin, shape [BINS].
    """
    turns = np.exp(2j * np.pi * np.arange(BINS) / 3.0)  # three bins to the semitone
    middle = slice(PER_OCTAVE, BINS - PER_OCTAVE)
    return float(np.angle((levels * turns)[middle].sum()) / (2.0 * np.pi))
