"""Joining what was written with what was there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio.ai.painter.hole import Samples

_LEAST = 1e-12


def likeness(one: Samples, other: Samples) -> float:
    """Correlation of equally long stretches over all channels, 0 where either is silent."""
    power = float((one.astype(np.float64) ** 2).sum() * (other.astype(np.float64) ** 2).sum())
    return float(np.vdot(one.astype(np.float64), other) / np.sqrt(power)) if power > _LEAST else 0.0


def faded(out: Samples, into: Samples) -> Samples:
    """From one stretch into another of its length [frames, channels].

    The level stays even whether the two are alike (then this is a linear fade) or not (then it
    is one of equal power).
    """
    there = np.sin(np.linspace(0.0, np.pi / 2, len(out) + 2)[1:-1]) ** 2
    alike = max(likeness(out, into), 0.0)
    one, other = (np.sqrt(share) for share in (1.0 - there, there))
    even = _even(one, other, alike)
    found = out * (one * even)[:, None] + into * (other * even)[:, None]
    return found.astype(np.float32)


def _even(
    one: npt.NDArray[np.float64], other: npt.NDArray[np.float64], alike: float
) -> npt.NDArray[np.float64]:
    """What keeps the power of two signals of equal level and correlation `alike` at theirs."""
    return 1.0 / np.sqrt(one**2 + other**2 + 2.0 * alike * one * other)
