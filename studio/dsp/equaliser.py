"""An equaliser of second-order sections, after R. Bristow-Johnson's Audio EQ Cookbook."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.signal import sosfilt

Section: TypeAlias = npt.NDArray[np.float64]  # b0 b1 b2 1 a1 a2


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


class Equaliser:
    """Low cut, low shelf, bell and high shelf on stereo sound; what is flat is not computed."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._sections = np.zeros((0, 6))
        self._state = np.zeros((4, 2, 2))
        self._used = np.zeros(4, dtype=bool)

    def turn(
        self,
        *,
        low_cut_hz: float,
        low_db: float,
        low_hz: float,
        mid_db: float,
        mid_hz: float,
        mid_q: float,
        high_db: float,
        high_hz: float,
    ) -> None:
        rate = self._rate
        self._used = np.array([low_cut_hz > 20.0, low_db != 0.0, mid_db != 0.0, high_db != 0.0])
        every = np.stack(
            [
                low_cut(low_cut_hz, rate),
                low_shelf(low_hz, low_db, rate),
                peak(mid_hz, mid_db, mid_q, rate),
                high_shelf(high_hz, high_db, rate),
            ]
        )
        self._sections = np.ascontiguousarray(every[self._used])
        self._state[~self._used] = 0.0

    def reset(self) -> None:
        """Forget what went in."""
        self._state[:] = 0.0

    def process(self, block: npt.NDArray[np.float32]) -> None:
        """Filter `block` (shape [2, n]) in place."""
        if len(self._sections):
            made, self._state[self._used] = sosfilt(
                self._sections, block, zi=self._state[self._used]
            )
            block[:] = made
