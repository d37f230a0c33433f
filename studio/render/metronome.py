"""The click: on every beat of the meter, higher on the first of a bar."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio.render.tables import Table

_SECONDS = 0.04
_HZ, _ACCENT_HZ = 1000.0, 1600.0
_LEVEL = 0.35


class Metronome:
    """Adds clicks to what is heard; they are no part of the mix.

    A click that has begun sounds to its end, wherever the song goes meanwhile.
    """

    def __init__(self, sample_rate: int) -> None:
        self._clicks = [_click(hz, sample_rate) for hz in (_HZ, _ACCENT_HZ)]
        self._left: list[npt.NDArray[np.float32]] = []  # what is still to come of clicks that began

    def add(self, out: npt.NDArray[np.float32], beats: Table, frame: int, since: int) -> None:
        """Add to `out` (shape [n, 2]) the clicks of the n frames from `frame`.

        Args:
            beats: Rows of (frame, accent), ordered; none while the song rests.
            since: Beats before this frame are not heard.
        """
        begun, self._left = self._left, []
        for rest in begun:
            self._lay(out, rest, 0)
        first, last = np.searchsorted(beats["frame"], [max(frame, since), frame + len(out)])
        for beat in beats[first:last]:
            self._lay(out, self._clicks[int(beat["accent"])], int(beat["frame"]) - frame)

    def _lay(self, out: npt.NDArray[np.float32], click: npt.NDArray[np.float32], at: int) -> None:
        now = click[: len(out) - at]
        out[at : at + len(now)] += now
        if len(now) < len(click):
            self._left.append(click[len(now) :])


def _click(hz: float, sample_rate: int) -> npt.NDArray[np.float32]:
    """Shape [frames, 2]."""
    seconds = np.arange(round(_SECONDS * sample_rate)) / sample_rate
    tone = np.cos(2 * np.pi * hz * seconds) * np.exp(-seconds * 120.0) * (1 - seconds / _SECONDS)
    return np.repeat((_LEVEL * tone).astype(np.float32)[:, None], 2, axis=1)
