"""A look-ahead limiter: no sample leaves it above its ceiling."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

STEP_FRAMES = 64  # it looks this far ahead, and works in steps of this size


class Limiter:
    """Turns stereo sound down, both channels alike, just before it would pass the ceiling.

    The gain falls in a straight line over the 64 frames before a peak and recovers exponentially.
    Sound comes out 64 frames late. Results do not depend on how the sound is cut into multiples of
    64 frames.
    """

    latency_frames = STEP_FRAMES

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self.turn(ceiling=1.0, release_seconds=0.1)
        self.reset()
        self._slope = np.arange(1, STEP_FRAMES + 1, dtype=np.float32) / STEP_FRAMES

    def turn(self, ceiling: float, release_seconds: float) -> None:
        """Set the largest amplitude that comes out, and the time in which a reduction falls to
        1/e."""
        self._ceiling = ceiling
        self._fall = float(np.exp(-STEP_FRAMES / (release_seconds * self._rate)))

    def reset(self) -> None:
        """Forget what went in."""
        self._late = np.zeros((2, STEP_FRAMES), dtype=np.float32)
        self._next = 0.0  # reduction (0: none) the sound that is held back needs
        self._now = 0.0  # reduction at the border we stand at

    def process(self, block: npt.NDArray[np.float32]) -> None:
        """Limit `block` in place, shape [2, n], n a multiple of 64."""
        held = np.concatenate([self._late, block], axis=1)
        self._late = held[:, -STEP_FRAMES:].copy()
        peaks = np.abs(block).reshape(2, -1, STEP_FRAMES).max(axis=(0, 2))
        wanted = 1.0 - np.minimum(self._ceiling / np.maximum(peaks, 1e-9), 1.0)
        block[:] = held[:, : block.shape[1]]
        if self._now == 0.0 and self._next == 0.0 and not wanted.any():
            return
        for index, coming in enumerate(wanted):
            self._step(block[:, index * STEP_FRAMES : (index + 1) * STEP_FRAMES], float(coming))

    def _step(self, held: npt.NDArray[np.float32], coming: float) -> None:
        """Turn one step down: what it needs itself, and far enough to be ready for the next one."""
        fallen = max(self._now * self._fall, self._next, coming)
        goal = fallen if fallen > 1e-5 else 0.0
        gains = np.float32(1.0 - self._now) + self._slope * np.float32(self._now - goal)
        held *= gains
        np.clip(held, -self._ceiling, self._ceiling, out=held)  # what rounding leaves above
        self._now, self._next = goal, coming
