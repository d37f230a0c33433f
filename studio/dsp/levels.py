"""Decibels, pan and fades: how loud something is, as factors."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SILENT_DB = -120.0  # at or below, nothing is heard


def gain(db: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Decibels to amplitude factors, same shape; -120 dB and less are exactly 0."""
    level = np.asarray(db, dtype=np.float64)
    return np.where(level <= SILENT_DB, 0.0, 10.0 ** (level / 20.0))


def decibels(amplitude: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Amplitudes to decibels, same shape; nothing is less than -120 dB."""
    level = np.maximum(np.abs(np.asarray(amplitude, dtype=np.float64)), 10.0 ** (SILENT_DB / 20.0))
    found: npt.NDArray[np.float64] = 20.0 * np.log10(level)
    return found


def pan_gains(pan: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Left and right factors for `pan` in -1..1 (shape [...]), shape [2, ...].

    Equal power: the sum of squares is constant; 1 (0 dB) each in the centre, +3 dB at an edge.
    """
    angle = (np.asarray(pan, dtype=np.float64) + 1.0) * (np.pi / 4.0)
    both = np.sqrt(2.0) * np.stack([np.cos(angle), np.sin(angle)])
    both[both < 1e-12] = 0.0
    return np.where(np.asarray(pan) == 0.0, 1.0, both)


def shaped(through: npt.NDArray[np.float64], shape: str) -> npt.NDArray[np.float64]:
    """How far a fade in has risen (0-1) when it is `through` (0-1, any shape) its time.

    Args:
        shape: `power` (a quarter of a sine), `linear`, `smooth` (a raised cosine) or `slow` (a
            square).
    """
    if shape == "linear":
        return through
    if shape == "slow":
        return np.square(through)
    risen: npt.NDArray[np.float64] = np.sin(through * (np.pi / 2.0))
    return np.square(risen) if shape == "smooth" else risen


def fade(positions: npt.ArrayLike, frames: int, shape: str = "power") -> npt.NDArray[np.float32]:
    """Factors of a fade in at `positions` (frames since it began, shape [n]), shape [n].

    0 before, 1 after. With the same fade out (`fade(frames - 1 - positions, frames)`) squares add
    up to 1 where the shape is `power`, and the factors themselves where it is `linear` or `smooth`.
    """
    if frames <= 0:
        return (np.asarray(positions) >= 0).astype(np.float32)
    through = (np.asarray(positions, dtype=np.float64) + 0.5) / frames
    return shaped(np.clip(through, 0.0, 1.0), shape).astype(np.float32)
