"""How the mix is listened to: in mono, or softly. Song, meters and exports stay as they are."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from studio.audio.shared import Command, Op

DIM_DB = -20.0
_SECONDS = 0.02  # that a change takes


class MonitorChoice:
    """The window's end: part of an `EngineClient`.

    Args:
        put: Sends a command.
        lock: Held while commands are sent.
    """

    def __init__(self, put: Callable[[Command], None], lock: threading.RLock) -> None:
        self._put, self._lock = put, lock
        self._chosen = (False, False)

    def choose(self, *, mono: bool, dim: bool) -> None:
        """Hear the mix in mono, or softly."""
        with self._lock:
            self._chosen = (mono, dim)
            self.tell()

    def tell(self) -> None:
        """Say so to an engine that just started; `lock` is held."""
        mono, dim = self._chosen
        self._put(Command(Op.MONITOR, a=int(mono), b=int(dim)))


class Monitor:
    """Belongs to the audio callback; changes glide."""

    def __init__(self, sample_rate: int) -> None:
        self._step = 1.0 / (_SECONDS * sample_rate)  # a frame
        self._mono = self._dim = 0.0  # shares, 0 to 1
        self._goals = (0.0, 0.0)

    def choose(self, mono: bool, dim: bool) -> None:
        self._goals = (float(mono), float(dim))

    def process(self, out: npt.NDArray[np.float32]) -> None:
        """Change a block, float32 [frames, 2], in place."""
        if not (self._mono or self._dim or any(self._goals)):
            return
        mono, self._mono = self._glide(self._mono, self._goals[0], len(out))
        dim, self._dim = self._glide(self._dim, self._goals[1], len(out))
        middle = (out[:, :1] + out[:, 1:]) * np.float32(0.5)
        out += (middle - out) * mono[:, None]
        out *= (1.0 - dim * np.float32(1.0 - 10 ** (DIM_DB / 20)))[:, None]

    def _glide(self, now: float, goal: float, frames: int) -> tuple[npt.NDArray[np.float32], float]:
        """A share over the next frames, shape [frames], and at their end."""
        most = self._step * frames
        end = min(max(goal, now - most), now + most)
        return np.linspace(now, end, frames, dtype=np.float32), end
