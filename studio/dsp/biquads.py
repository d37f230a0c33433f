"""Second-order sections, after R. Bristow-Johnson's Audio EQ Cookbook, and their curves."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Section: TypeAlias = npt.NDArray[np.float64]  # b0 b1 b2 1 a1 a2
FLAT_CUT_HZ = 20.0  # a low cut here or below is none


def peak(hz: float, db: float, q: float, sample_rate: int) -> Section:
    """A bell of `db` around `hz`."""
    a, w, alpha = _design(hz, db, q, sample_rate)
    b = [1 + alpha * a, -2 * np.cos(w), 1 - alpha * a]
    return _section(b, [1 + alpha / a, -2 * np.cos(w), 1 - alpha / a])


def low_shelf(hz: float, db: float, sample_rate: int) -> Section:
    """`db` below `hz`."""
    return _shelf(hz, db, sample_rate, 1.0)


def high_shelf(hz: float, db: float, sample_rate: int) -> Section:
    """`db` above `hz`."""
    return _shelf(hz, db, sample_rate, -1.0)


def low_cut(hz: float, sample_rate: int, q: float = np.sqrt(0.5)) -> Section:
    """12 dB an octave below `hz`."""
    _, w, alpha = _design(hz, 0.0, q, sample_rate)
    c = np.cos(w)
    return _section([(1 + c) / 2, -(1 + c), (1 + c) / 2], [1 + alpha, -2 * c, 1 - alpha])


def _design(hz: float, db: float, q: float, sample_rate: int) -> tuple[float, float, float]:
    w = 2 * np.pi * min(hz, 0.49 * sample_rate) / sample_rate
    return 10 ** (db / 40), w, float(np.sin(w) / (2 * q))


def _shelf(hz: float, db: float, sample_rate: int, side: float) -> Section:
    a, w, alpha = _design(hz, db, np.sqrt(0.5), sample_rate)
    c, k = side * np.cos(w), 2 * np.sqrt(a) * alpha
    b = [
        a * (a + 1 - (a - 1) * c + k),
        side * 2 * a * (a - 1 - (a + 1) * c),
        a * (a + 1 - (a - 1) * c - k),
    ]
    return _section(
        b, [a + 1 + (a - 1) * c + k, side * -2 * (a - 1 + (a + 1) * c), a + 1 + (a - 1) * c - k]
    )


def _section(b: list[float], a: list[float]) -> Section:
    return np.array([*b, *a]) / a[0]


def equaliser_sections(
    sample_rate: int,
    *,
    low_cut_hz: float,
    low_db: float,
    low_hz: float,
    mid_db: float,
    mid_hz: float,
    mid_q: float,
    high_db: float,
    high_hz: float,
) -> tuple[Section, npt.NDArray[np.bool_]]:
    """Low cut, low shelf, bell and high shelf, shape [4, 6], and which of them do something."""
    used = np.array([low_cut_hz > FLAT_CUT_HZ, low_db != 0.0, mid_db != 0.0, high_db != 0.0])
    every = np.stack(
        [
            low_cut(low_cut_hz, sample_rate),
            low_shelf(low_hz, low_db, sample_rate),
            peak(mid_hz, mid_db, mid_q, sample_rate),
            high_shelf(high_hz, high_db, sample_rate),
        ]
    )
    return every, used


def response_db(
    sections: Section, hz: npt.NDArray[np.float64], sample_rate: int
) -> npt.NDArray[np.float64]:
    """What sections (shape [k, 6]) in a row do to tones, dB, the shape of `hz`."""
    z = np.exp(-2j * np.pi * hz / sample_rate)
    powers = np.stack([np.ones_like(z), z, z * z])
    gain = np.abs((sections[:, :3] @ powers) / (sections[:, 3:] @ powers))
    found: npt.NDArray[np.float64] = 20.0 * np.log10(np.maximum(gain, 1e-6)).sum(axis=0)
    return found
