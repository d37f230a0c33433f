"""Bands of a spectrum as wide as the ear's: triangles on a logarithmic scale.

The filters and the logarithm of what they let through are those of Böck, Krebs and Schedl
("Evaluating the online capabilities of onset detection methods", ISMIR 2012).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.fft

from studio.ai.listening.heard import Floats


def triangles(
    size: int, rate: int, per_octave: int, low: float = 30.0, high: float = 17_000.0
) -> Floats:
    """A bank of triangles [size // 2, bands], each of sum 1, around notes tuned to A4 = 440 Hz.

    Notes too near for the spectrum to tell apart share a band.
    """
    bins = size // 2
    hz = np.arange(bins) * rate / size
    steps = np.arange(
        np.floor(np.log2(low / 440.0) * per_octave), np.ceil(np.log2(high / 440.0) * per_octave)
    )
    notes = 440.0 * 2.0 ** (steps / per_octave)
    notes = notes[(notes >= low) & (notes <= high)]
    nearest = np.clip(np.searchsorted(hz, notes), 1, bins - 1)
    nearest -= notes - hz[nearest - 1] < hz[nearest] - notes
    corners = np.unique(nearest)
    bank = np.zeros((bins, len(corners) - 2), np.float32)
    bands = zip(corners[:-2], corners[1:-1], corners[2:], strict=True)
    for band, (start, centre, stop) in enumerate(bands):
        if stop - start < 2:
            centre, stop = start, start + 1
        rising = np.linspace(0.0, 1.0, centre - start, endpoint=False)
        falling = np.linspace(1.0, 0.0, stop - centre, endpoint=False)
        shape = np.concatenate([rising, falling])
        bank[start:stop, band] = shape / shape.sum()
    return bank


def magnitudes(windows: Floats, shape: Floats) -> Floats:
    """Of each window [n, size], weighed by `shape`, all bins below the Nyquist frequency."""
    spectrum = scipy.fft.rfft(windows * shape, axis=1)
    return np.asarray(np.abs(spectrum[:, : windows.shape[1] // 2]), np.float32)


def hann(size: int) -> Floats:
    return np.asarray(np.hanning(size), np.float32)


def rises(levels: Floats, before: Floats) -> tuple[Floats, Floats]:
    """How much each row is more than the row before, and the last row for the next call."""
    joined: npt.NDArray[np.float32] = np.concatenate([before, levels])
    return np.maximum(joined[1:] - joined[:-1], 0.0), joined[-1:]
