"""The shortest holes: samples as an autoregressive process would have them.

The coefficients are Burg's (1975, "Maximum entropy spectral analysis") of what lies on both sides;
the missing samples are those that leave the least unexplained (Janssen, Veldhuis and Vries 1986,
"Adaptive interpolation of discrete-time signals that can be modeled as autoregressive processes").
That is also their likeliest value, and so too quiet wherever nothing can be told; a draw from their
distribution instead of its mean keeps the level (Godsill and Rayner 1998, "Digital Audio
Restoration", section 5.2.3).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import linalg, signal

from studio.ai.painter.hole import Hole, Samples

LONGEST_SECONDS = 0.06
_CONTEXT_HOLES = 6  # looked at on each side, in lengths of the hole
_LEAST_CONTEXT, _MOST_CONTEXT = 1024, 8192
_MOST_ORDER = 768
_FLOOR = 1e-10  # of power, so that silence has a model too


def interpolated(samples: Samples, hole: Hole, *, seed: int | None = None) -> Samples:
    """What belongs in a hole, shape [hole frames, channels].

    Args:
        samples: The recording or as much of it as matters, shape [frames, channels]; what lies in
            the hole is not looked at.
        seed: Of a draw; None: the likeliest samples.

    Raises:
        ValueError: Nothing is known on either side, or the hole is too long for this.
    """
    missing = hole.frames
    reach = int(np.clip(_CONTEXT_HOLES * missing, _LEAST_CONTEXT, _MOST_CONTEXT))
    before = samples[max(hole.first - reach, 0) : hole.first].astype(np.float64)
    after = samples[hole.end : hole.end + reach].astype(np.float64)
    if len(before) + len(after) < 8:
        raise ValueError("nothing is known around the hole")
    order = min(3 * missing + 2, _MOST_ORDER, max(len(before), len(after)) // 2 - 1)
    model, power = burg([side for side in (before, after) if len(side) > order], order)
    normal = np.correlate(model, model, "full")[order:]  # of the normal equations, by distance
    known = np.concatenate([before, np.zeros((missing, samples.shape[1])), after])
    told = signal.fftconvolve(known, _both_ways(normal)[:, None], mode="same", axes=0)
    wanted = -told[len(before) : len(before) + missing]
    band = np.zeros((min(order, missing - 1) + 1, missing))
    band[:] = normal[: len(band), None]
    factor = linalg.cholesky_banded(band, lower=True)
    found = linalg.cho_solve_banded((factor, True), wanted)
    if seed is not None:
        found += _draw(factor, np.sqrt(power), found.shape, seed)
    made: Samples = found.astype(np.float32)
    return made


def burg(
    segments: list[npt.NDArray[np.float64]], order: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The prediction filter [1, a1, ...] that all channels of all segments share, and the power of
    what it leaves of each channel.

    Args:
        segments: Each of shape [frames, channels], longer than `order`.
    """
    ahead = [segment.T.copy() for segment in segments]
    behind = [segment.T.copy() for segment in segments]
    model = np.ones(1)
    for _ in range(order):
        ahead = [one[:, 1:] for one in ahead]
        behind = [one[:, :-1] for one in behind]
        pairs = list(zip(ahead, behind, strict=True))
        cross = sum(float(np.einsum("cn,cn", f, b)) for f, b in pairs)
        power = sum(_power(f) + _power(b) for f, b in pairs)
        turn = -2.0 * cross / (power + _FLOOR)
        ahead = [f + turn * b for f, b in pairs]
        behind = [b + turn * f for f, b in pairs]
        model = np.append(model, 0.0) + turn * np.append(model, 0.0)[::-1]
    left = np.concatenate(ahead, axis=1)
    return model, (left**2).mean(axis=1) + _FLOOR


def _both_ways(normal: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.concatenate([normal[:0:-1], normal])


def _draw(
    factor: npt.NDArray[np.float64],
    spread: npt.NDArray[np.float64],
    shape: tuple[int, ...],
    seed: int,
) -> npt.NDArray[np.float64]:
    """Noise of the covariance that the normal equations' inverse is, one column per channel."""
    noise = np.random.Generator(np.random.PCG64(seed)).standard_normal(shape) * spread
    rows = len(factor) - 1
    upper = np.zeros_like(factor)  # the transpose of the lower factor, as its diagonals
    for down in range(rows + 1):
        upper[rows - down, down:] = factor[down, : factor.shape[1] - down]
    found: npt.NDArray[np.float64] = linalg.solve_banded((0, rows), upper, noise)
    return found


def _power(values: npt.NDArray[np.float64]) -> float:
    return float(np.einsum("cn,cn", values, values))
