"""Changing how long a recording lasts without changing its pitch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pedalboard


def stretch(
    samples: npt.NDArray[np.float32], sample_rate: int, *, factors: npt.NDArray[np.float64]
) -> npt.NDArray[np.float32]:
    """Rubber Band's time-stretching, shape [channels, frames] to [channels, other frames].

    Args:
        factors: How much faster each input frame passes (2 halves the time), shape [frames].
    """
    source = np.ascontiguousarray(samples, dtype=np.float32)
    if np.all(factors == factors[0]):
        made = pedalboard.time_stretch(source, float(sample_rate), stretch_factor=float(factors[0]))
    else:
        made = pedalboard.time_stretch(source, float(sample_rate), stretch_factor=factors)
    return np.asarray(made, dtype=np.float32)
