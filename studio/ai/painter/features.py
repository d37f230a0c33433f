"""What a recording sounds like, moment by moment: by this places that sound alike are found."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.fft

from studio.ai.painter.hole import Samples

HOP_SECONDS = 0.01
BANDS = 40
_WINDOW_SECONDS = 0.046
_LOW_HZ, _HIGH_HZ = 40.0, 14_000.0
_FLOOR = 1e-3  # of a magnitude: what is softer sounds alike
_RISE = 2.0  # how much more the beginning of a sound tells than its going on
_BATCH = 512

Floats: TypeAlias = npt.NDArray[np.float32]


def hop_of(sample_rate: int) -> int:
    """Frames from one row of `heard` to the next."""
    return max(round(HOP_SECONDS * sample_rate), 1)


def window_of(sample_rate: int) -> int:
    """Frames that a row of `heard` looks at."""
    return 2 * round(_WINDOW_SECONDS * sample_rate / 2)


def heard(
    samples: Samples,
    sample_rate: int,
    known: npt.NDArray[np.bool_] | None = None,
    check: Callable[[], None] = lambda: None,
) -> Floats:
    """Levels and their rises in bands, shape [rows, 2 * BANDS], of windows that begin every
    `hop_of(sample_rate)` frames; of each window all lies inside the recording.

    Bands lie evenly on a logarithmic scale, but are a bin wide at least; each is brought to equal
    spread, so that a hi-hat tells as much as a bass drum.

    Args:
        known: Which rows the spread is taken of, [rows]; None: all.
        check: Called every few seconds of sound; may raise Cancelled.
    """
    levels = _levels(samples, sample_rate, check)
    known = np.ones(len(levels), bool) if known is None else known
    if not known.any():
        return np.zeros((len(levels), 2 * BANDS), np.float32)
    rises = np.maximum(levels - np.concatenate([levels[:1], levels[:-1]]), 0.0)
    usual = levels[known]
    levels = (levels - usual.mean(axis=0)) / (usual.std(axis=0) + 1e-3)
    rises *= _RISE / (rises[known].std(axis=0) + 1e-3)
    return np.concatenate([levels, rises], axis=1).astype(np.float32)


def rows_of(frames: int, sample_rate: int) -> int:
    """How many rows `heard` has of so many frames."""
    return max((frames - window_of(sample_rate)) // hop_of(sample_rate) + 1, 0)


def _levels(samples: Samples, sample_rate: int, check: Callable[[], None]) -> Floats:
    hop, size = hop_of(sample_rate), window_of(sample_rate)
    rows = rows_of(len(samples), sample_rate)
    bank = _bank(size, sample_rate)
    window = np.hanning(size + 1)[:-1].astype(np.float32) * np.float32(2.0 / size)
    found = np.empty((rows, BANDS), np.float32)
    for first in range(0, rows, _BATCH):
        check()
        last = min(first + _BATCH, rows)
        block = samples[first * hop : (last - 1) * hop + size].mean(axis=1)
        frames = np.lib.stride_tricks.sliding_window_view(block, size)[::hop]
        found[first:last] = np.abs(scipy.fft.rfft(frames * window, axis=1)) @ bank
    levels: Floats = np.log10(found + _FLOOR)
    return levels


def _bank(size: int, sample_rate: int) -> Floats:
    """Triangles [bins, BANDS], at least a bin wide."""
    high = min(_HIGH_HZ, 0.45 * sample_rate)
    edges = np.geomspace(_LOW_HZ, high, BANDS + 2) * size / sample_rate
    edges = np.maximum(edges, np.arange(1, BANDS + 3))
    bins = np.arange(size // 2 + 1)[:, None]
    up = (bins - edges[:-2]) / np.diff(edges)[:-1]
    down = (edges[2:] - bins) / np.diff(edges)[1:]
    return np.clip(np.minimum(up, down), 0.0, None).astype(np.float32)
