"""How decidedly sound was shared out among stems."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import signal

_WINDOW = 2048
_LEAST = 1e-9


class Decided:
    """Adds up, over the time-frequency plane, how far each stem had its sound to itself.

    0 where all stems have equal shares wherever it sounds, 1 where it sounds alone.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._once, self._twice = np.zeros((2, len(names)))

    def add(self, stems: npt.NDArray[np.float32]) -> None:
        """Take the next stretch [stems, 2, frames] into account; one too short to tell is not."""
        if stems.shape[-1] < _WINDOW:
            return
        levels = [self._level(stem) for stem in stems]
        whole = np.sum(levels, 0) + _LEAST
        for index, level in enumerate(levels):
            share = level / whole
            self._once[index] += level.sum(dtype=np.float64)
            self._twice[index] += (level * share).sum(dtype=np.float64)

    def confidence(self) -> dict[str, float]:
        heard = self._once > 0
        share = np.divide(self._twice, self._once, out=np.ones_like(self._once), where=heard)
        even = 1.0 / max(len(self._names), 2)
        clean = np.clip((share - even) / (1.0 - even), 0.0, 1.0)
        return {name: float(value) for name, value in zip(self._names, clean, strict=True)}

    @staticmethod
    def _level(stem: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Magnitudes [bins, windows] of both channels together."""
        _, _, found = signal.stft(stem, nperseg=_WINDOW, noverlap=0, padded=False, boundary=None)
        level: npt.NDArray[np.float32] = np.abs(found).sum(0)
        return level
