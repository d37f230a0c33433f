"""Short-time Fourier transform as levels, and the frequency scales a picture of it is drawn on.

Windows are periodic, and a full-scale sine reads 0 dB at its bin (Harris, "On the use of windows
for harmonic analysis with the discrete Fourier transform", 1978). The mel scale is O'Shaughnessy's
2595 log10(1 + f / 700).
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt
import scipy.fft

FLOOR_DB = -120.0
_BATCH = 256  # frames transformed at once; keeps the work in the cache


class Scale(StrEnum):
    """How frequency lies on the vertical axis."""

    LOG = "log"
    MEL = "mel"
    LINEAR = "linear"


class Window(StrEnum):
    """How the frames of a transform are weighed: the flatter the skirts, the wider the peak."""

    HAMMING = "hamming"  # the narrowest peak; skirts at -43 dB
    HANN = "hann"  # skirts fall off fast from -31 dB
    BLACKMAN_HARRIS = "blackman-harris"  # the widest peak; skirts at -92 dB


_COSINES = {
    Window.HAMMING: (0.54, 0.46),
    Window.HANN: (0.5, 0.5),
    Window.BLACKMAN_HARRIS: (0.35875, 0.48829, 0.14128, 0.01168),
}


def window_of(kind: Window, fft_size: int) -> npt.NDArray[np.float32]:
    """The weights of `fft_size` frames, shape [fft_size], between 0 and 1."""
    turn = 2 * np.pi * np.arange(fft_size) / fft_size
    parts = (
        (-1) ** order * share * np.cos(order * turn) for order, share in enumerate(_COSINES[kind])
    )
    return np.asarray(sum(parts, np.zeros(fft_size)), np.float32)


def windows_db(
    frames: npt.NDArray[np.float32], window: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Levels of stretches of sound, shape [n, fft_size], as `spectrum_db` gives them."""
    levels = np.abs(scipy.fft.rfft(frames * window, axis=1))
    levels *= 2.0 / float(window.sum())
    np.maximum(levels, 10 ** (FLOOR_DB / 20), out=levels)
    np.log10(levels, out=levels)
    levels *= 20.0
    return np.asarray(levels, np.float32)


def spectrum_db(
    samples: npt.NDArray[np.float32], *, fft_size: int, hop: int, columns: int, start: int = 0,
    window: Window = Window.HANN,
) -> npt.NDArray[np.float32]:  # fmt: skip
    """Levels of `columns` windows, the first centred on frame `start`; silence lies outside.

    Args:
        samples: One channel, shape [frames], full scale 1.
        fft_size: Frames of a window, even.
        hop: Frames from one window's centre to the next one's.

    Returns:
        Shape [columns, fft_size / 2 + 1], dB of full scale, at least `FLOOR_DB`.

    Raises:
        ValueError: A size is not positive, or `fft_size` is odd.
    """
    if fft_size < 2 or fft_size % 2 or hop < 1 or columns < 0:
        raise ValueError("a spectrum needs an even window and a hop of at least a frame")
    weights = window_of(window, fft_size)
    levels = np.empty((columns, fft_size // 2 + 1), np.float32)
    for first in range(0, columns, _BATCH):
        count = min(_BATCH, columns - first)
        begin = start + first * hop - fft_size // 2
        piece = _piece(samples, begin, (count - 1) * hop + fft_size)
        frames = np.lib.stride_tricks.sliding_window_view(piece, fft_size)[::hop]
        levels[first : first + count] = windows_db(frames, weights)
    return levels


def pooled(levels: npt.NDArray[np.float32], factor: int) -> npt.NDArray[np.float32]:
    """The highest of each `factor` neighbouring columns, shape [columns / factor, bins].

    Raises:
        ValueError: The columns do not divide evenly.
    """
    columns, bins = levels.shape
    if factor < 1 or columns % factor:
        raise ValueError("columns do not divide into groups of that size")
    return np.asarray(levels.reshape(columns // factor, factor, bins).max(axis=1))


def to_bytes(levels: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Levels as bytes, `FLOOR_DB` as 0 and 0 dB as 255; same shape."""
    share = np.clip(levels / -FLOOR_DB + 1.0, 0.0, 1.0)
    return np.asarray((share * 255.0).astype(np.uint8))


def position_of_hz(
    hz: npt.ArrayLike, scale: Scale, low: float, high: float
) -> npt.NDArray[np.float64]:
    """Where a frequency lies between `low` (0) and `high` (1), both in Hz and positive."""
    return (_warped(hz, scale) - _warped(low, scale)) / (_warped(high, scale) - _warped(low, scale))


def hz_of_position(
    position: npt.ArrayLike, scale: Scale, low: float, high: float
) -> npt.NDArray[np.float64]:
    """The inverse of `position_of_hz`."""
    bottom, top = _warped(low, scale), _warped(high, scale)
    warped = bottom + np.asarray(position, np.float64) * (top - bottom)
    if scale is Scale.LOG:
        return np.asarray(np.exp2(warped))
    if scale is Scale.MEL:
        return np.asarray(700.0 * (10 ** (warped / 2595.0) - 1.0))
    return warped


def _warped(hz: npt.ArrayLike, scale: Scale) -> npt.NDArray[np.float64]:
    values = np.asarray(hz, np.float64)
    if scale is Scale.LOG:
        return np.asarray(np.log2(values))
    if scale is Scale.MEL:
        return np.asarray(2595.0 * np.log10(1.0 + values / 700.0))
    return values


def _piece(samples: npt.NDArray[np.float32], begin: int, length: int) -> npt.NDArray[np.float32]:
    """`samples[begin : begin + length]`, with zeros where there are none."""
    inside = samples[max(begin, 0) : max(begin + length, 0)]
    if len(inside) == length:
        return inside
    before = min(max(-begin, 0), length)
    return np.pad(inside, (before, length - before - len(inside)))
