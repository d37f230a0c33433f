"""How near what was written comes to what was there."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from studio.ai.painter.hole import Samples

Levels: TypeAlias = npt.NDArray[np.float64]

SNR_SECONDS = 0.1  # beyond, other samples may be as good: what they are says nothing
LONG_SECONDS = 0.2  # from here on there is a rhythm and a harmony to agree with
_BANDS = 40
_LOW_HZ, _HIGH_HZ = 60.0, 12_000.0
_FLOOR = 1e-4
_CHROMA_HZ = (55.0, 2000.0)


def snr_db(made: Samples, truth: Samples) -> float:
    """Level of what was there against what is off."""
    there = float((truth.astype(np.float64) ** 2).sum())
    off = float(((made.astype(np.float64) - truth) ** 2).sum())
    return float(10 * np.log10((there + 1e-12) / (off + 1e-12)))


def mel_db(made: Samples, truth: Samples, rate: int) -> float:
    """Mean distance of levels in 40 mel bands, dB; windows of 46 ms, of 12 for short gaps."""
    size = 2048 if len(truth) > SNR_SECONDS * rate else 512
    one, other = (_bands(samples, rate, size) for samples in (made, truth))
    return float(np.abs(one - other).mean())


def onset_likeness(made: Samples, truth: Samples, rate: int) -> float:
    """Correlation of how much begins to sound from moment to moment (spectral flux)."""
    one, other = (_flux(samples, rate) for samples in (made, truth))
    if one.std() < 1e-9 or other.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def chroma_likeness(made: Samples, truth: Samples, rate: int) -> float:
    """Cosine of the pitch classes that sound, in windows of 0.2 s; loud ones count for more."""
    one, other = (_chroma(samples, rate) for samples in (made, truth))
    sizes = np.linalg.norm(one, axis=1), np.linalg.norm(other, axis=1)
    if not sizes[1].sum():
        return float("nan")
    alike = (one * other).sum(axis=1) / np.maximum(sizes[0] * sizes[1], 1e-12)
    return float((alike * sizes[1]).sum() / sizes[1].sum())


def _spectra(samples: Samples, size: int, hop: int) -> Levels:
    """Magnitudes [windows, bins], half a window of silence at both ends."""
    mono = np.pad(samples.mean(axis=1).astype(np.float64), size // 2)
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[::hop]
    found: Levels = np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)) * (2 / size)
    return found


def _bands(samples: Samples, rate: int, size: int) -> Levels:
    magnitudes = _spectra(samples, size, size // 4)
    low, high = (float(2595 * np.log10(1 + hz / 700)) for hz in (_LOW_HZ, _HIGH_HZ))
    mel = np.linspace(low, high, _BANDS + 1)
    edges = np.unique(np.rint(700 * (10 ** (mel / 2595) - 1) * size / rate).astype(int))
    edges = edges[edges < magnitudes.shape[1]]
    power = np.add.reduceat(magnitudes**2, edges[:-1], axis=1)
    return 10 * np.log10(power + _FLOOR**2)


def _flux(samples: Samples, rate: int) -> Levels:
    levels = np.log(_spectra(samples, 512, rate // 200) + 1e-3)
    found: Levels = np.maximum(np.diff(levels, axis=0), 0.0).mean(axis=1)
    return found


def _chroma(samples: Samples, rate: int) -> Levels:
    size = 2 ** round(np.log2(0.2 * rate))
    magnitudes = _spectra(samples, size, size // 2)
    hz = np.arange(magnitudes.shape[1]) * rate / size
    heard = (hz >= _CHROMA_HZ[0]) & (hz <= _CHROMA_HZ[1])
    classes = np.rint(12 * np.log2(hz[heard] / 440.0)).astype(int) % 12
    found = np.zeros((len(magnitudes), 12))
    np.add.at(found.T, classes, magnitudes[:, heard].T)
    return found
