"""An equaliser at work on sound."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.signal import sosfilt

from studio.dsp.biquads import equaliser_sections


class Equaliser:
    """Low cut, low shelf, bell and high shelf on stereo sound; what is flat is not computed."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._sections = np.zeros((0, 6))
        self._state = np.zeros((4, 2, 2))
        self._used = np.zeros(4, dtype=bool)

    def turn(self, **knobs: float) -> None:
        """Take over the knobs, by the names that `equaliser_sections` has for them."""
        every, self._used = equaliser_sections(self._rate, **knobs)
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
