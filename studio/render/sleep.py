"""When a song at rest has rung out, so that nothing has to be computed until it sounds again."""

from __future__ import annotations

import math

WINDOW_FRAMES = 8192
_SILENT = 1e-7  # -140 dBFS
_SECONDS = 3.0  # longer than a delay's longest pause between two repeats


class Sleep:
    """Counts the windows of the stream in which all was silent and at rest.

    Windows lie on the stream, so that sleep begins at the same frame however the stream is cut.

    Attributes:
        asleep: All was silent for three seconds.
        left: Frames until the present window ends; no run may go beyond.
    """

    def __init__(self, sample_rate: int) -> None:
        self.asleep = False
        self.left = WINDOW_FRAMES
        self._needed = math.ceil(_SECONDS * sample_rate / WINDOW_FRAMES)
        self._windows = 0
        self._silent = True

    def wake(self) -> None:
        """Something happens: begin to count afresh with the next window."""
        self.asleep, self._silent = False, False

    def add(self, frames: int, rests: bool, peak: float) -> bool:
        """Take in the next frames; whether sleep begins after them."""
        self.left -= frames
        self._silent &= rests and peak < _SILENT
        if self.left:
            return False
        self._windows = self._windows + 1 if self._silent else 0
        self.left, self._silent = WINDOW_FRAMES, True
        before, self.asleep = self.asleep, self._windows >= self._needed
        return self.asleep and not before
