"""How loud each strip was since someone last looked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


class Meters:
    """Peaks and powers of a number of strips."""

    def __init__(self, tracks: int) -> None:
        self._levels = np.zeros((tracks, 4))
        self._frames = 0

    def add(self, rows: npt.NDArray[np.float32]) -> float:
        """Take in every strip's sound, shape [tracks, 2, frames]; its largest amplitude."""
        peaks, powers = self._levels[:, :2], self._levels[:, 2:]
        found = np.maximum(rows.max(axis=2), -rows.min(axis=2))
        np.maximum(peaks, found, out=peaks)
        powers += np.einsum("tcf,tcf->tc", rows, rows)
        self._frames += rows.shape[2]
        return float(found.max())

    def take(self, out: npt.NDArray[np.float32]) -> None:
        """Write peak left, peak right, RMS left, RMS right to `out` (shape [tracks, 4])."""
        out[:] = self._levels
        np.sqrt(out[:, 2:] / max(self._frames, 1), out=out[:, 2:])
        self._levels[:] = 0.0
        self._frames = 0
