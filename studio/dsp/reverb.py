"""A hall: early reflections and a feedback delay network.

Sixteen delay lines feed each other through a Hadamard matrix, after J.-M. Jot and A. Chaigne,
"Digital delay networks for designing artificial reverberators" (AES 90, 1991).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from studio.dsp.biquads import low_cut

_LINES = 16
_LONGEST_MS = 190.0  # each line can hold: predelay, last reflection, and a run
# Lengths in ms, spread evenly in pitch, without common factors at the usual rates.
_LENGTHS_MS = np.array([
    23.11, 25.73, 28.37, 31.03, 33.89, 36.61, 39.41, 42.71,
    45.97, 49.33, 53.21, 57.07, 61.33, 66.01, 71.23, 76.79,
])  # fmt: skip
_EARLY_MS = np.array([[4.3, 7.9, 13.1, 18.7, 26.9, 35.3], [5.1, 9.7, 11.9, 20.9, 24.7, 38.1]])
_EARLY_GAIN = np.array(
    [[0.62, -0.5, 0.44, 0.35, -0.28, 0.2], [0.58, 0.53, -0.41, 0.33, 0.27, -0.22]], np.float32
)[:, :, None]
_GAIN = 0.9  # about as loud as what goes in, with the decay it starts with


class Reverb:
    """Wet stereo sound only; linear. Blocks of any size give the same samples."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._lengths = np.rint(_LENGTHS_MS * sample_rate / 1000).astype(np.int64) | 1
        self._longest_run = int(self._lengths.min())
        self._ring = 1 << int(_LONGEST_MS * sample_rate / 1000).bit_length()
        self._lines = np.zeros((_LINES, self._ring), np.float32)
        self._rows = (np.arange(_LINES) * self._ring)[:, None]
        self._before = np.zeros((2, self._ring), np.float32)  # what went in, for reflections
        self._at = 0
        self._run = np.arange(self._longest_run)
        self._early = np.rint(_EARLY_MS * sample_rate / 1000).astype(np.int64)
        self._damped = np.zeros((_LINES, 1))
        self._cut_state = np.zeros((2, 2))
        random = np.random.default_rng(3)
        into, left = random.choice([-1.0, 1.0], (2, _LINES))
        right = left * random.permutation(np.tile([-1.0, 1.0], _LINES // 2))  # orthogonal
        self._into, self._left, self._right = (
            (row[:, None] / 4.0).astype(np.float32) for row in (into, left, right)
        )
        self.turn(decay_seconds=1.8, predelay_ms=18.0, damping_hz=6500.0, low_cut_hz=180.0)

    def turn(
        self, *, decay_seconds: float, predelay_ms: float, damping_hz: float, low_cut_hz: float
    ) -> None:
        """Set the time to fall by 60 dB, the pause before the hall answers, and what it
        swallows."""
        rate = self._rate
        self._predelay = round(predelay_ms * rate / 1000)
        loss = 10.0 ** (-3.0 * self._lengths / (decay_seconds * rate))
        self._loss = loss.astype(np.float32)[:, None]
        pole = float(np.exp(-2.0 * np.pi * min(damping_hz, 0.45 * rate) / rate))
        self._damping = np.array([1.0 - pole], np.float32), np.array([1.0, -pole], np.float32)
        section = low_cut(low_cut_hz, rate)
        self._cut = section[:3], section[3:]

    def reset(self) -> None:
        """Forget what went in."""
        for kept in (self._lines, self._before, self._damped, self._cut_state):
            kept[:] = 0.0

    def process(self, block: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The hall's answer to `block`, shape [2, n] to [2, n]."""
        cut, self._cut_state = lfilter(*self._cut, block, axis=1, zi=self._cut_state)
        out = np.empty_like(block)
        for start in range(0, block.shape[1], self._longest_run):
            part = slice(start, start + self._longest_run)
            out[:, part] = self._answer(cut[:, part].astype(np.float32))
        return out

    def _answer(self, sound: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        frames = sound.shape[1]
        run = self._run[:frames]
        here = (self._at + run) & (self._ring - 1)
        self._before[:, here] = sound
        first = self._reflections(here)
        heard = self._lines.ravel()[
            ((here - self._lengths[:, None]) & (self._ring - 1)) + self._rows
        ]
        heard, self._damped = lfilter(*self._damping, heard, axis=1, zi=self._damped)
        heard = (heard * self._loss).astype(np.float32)
        fed = _hadamard(heard)
        fed[0::2] += first[0] * self._into[0::2]
        fed[1::2] += first[1] * self._into[1::2]
        self._lines[:, here] = fed
        self._at = (self._at + frames) & (self._ring - 1)
        late = np.stack([(heard * self._left).sum(axis=0), (heard * self._right).sum(axis=0)])
        return (late * np.float32(4.0) + first * np.float32(0.5)) * np.float32(_GAIN)

    def _reflections(self, here: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        at = (here - self._predelay - self._early[:, :, None]) & (self._ring - 1)
        at[1] += self._ring
        found = self._before.ravel()[at]
        found *= _EARLY_GAIN
        summed: npt.NDArray[np.float32] = np.add.reduce(found, axis=1)
        return summed


def _hadamard(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The orthogonal Hadamard matrix times `rows` (shape [16, n])."""
    for half in (8, 4, 2, 1):
        pairs = rows.reshape(-1, 2, half, rows.shape[1])
        rows = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1)
        rows = rows.reshape(_LINES, -1)
    return rows * np.float32(0.25)
