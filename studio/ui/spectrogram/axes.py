"""Where frequency and time lie on the spectrogram, and how they are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studio.domain.theory import pitch_name

LOW_HZ = 27.5  # the lowest key of a piano
_OCTAVE_MARKS = (50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000)
_TIME_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800)


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """The part of a recording in sight: from `left` seconds on, `scale` px a second."""

    left: float
    scale: float

    def x(self, seconds: float) -> float:
        return (seconds - self.left) * self.scale

    def seconds(self, x: float) -> float:
        return self.left + x / self.scale

    def zoomed(self, factor: float, at_x: float) -> TimeWindow:
        """Zoomed so that the moment under `at_x` stays there."""
        scale = self.scale * factor
        return TimeWindow(self.seconds(at_x) - at_x / scale, scale)

    def kept_inside(self, start: float, end: float, width: float) -> TimeWindow:
        """At least all of [start, end) seconds over `width` px, and never past its ends."""
        scale = min(max(self.scale, width / max(end - start, 1e-3)), 20000.0)
        left = min(max(self.left, start), max(end - width / scale, start))
        return TimeWindow(left, scale)

    def marks(self, width: float, apart: float = 80.0) -> list[float]:
        """Round moments at least `apart` px from each other."""
        step = next((s for s in _TIME_STEPS if s * self.scale >= apart), _TIME_STEPS[-1])
        first = math.ceil(self.left / step)
        last = math.floor(self.seconds(width) / step)
        return [i * step for i in range(first, last + 1)]


def frequency_marks(high: float) -> list[int]:
    """Frequencies in Hz that get a line and a name."""
    return [hz for hz in _OCTAVE_MARKS if LOW_HZ < hz < high]


def hz_text(hz: float) -> str:
    return f"{hz / 1000:.3g} kHz" if hz >= 1000 else f"{hz:.0f} Hz"


def note_text(hz: float) -> str:
    """`A4 +3 ct`: the nearest note of the tempered scale (A4 = 440 Hz)."""
    pitch = 69 + 12 * math.log2(max(hz, 1.0) / 440.0)
    nearest = round(pitch)
    if not 0 <= nearest <= 127:
        return ""
    return f"{pitch_name(nearest)} {round((pitch - nearest) * 100):+d} ct"


def bins_of_rows(hz: npt.NDArray[np.float64], rate: int, fft_size: int) -> npt.NDArray[np.int64]:
    """First bin of each row, from the frequencies of the rows' edges; shape [rows + 1]."""
    bins = np.floor(hz * fft_size / rate).astype(np.int64)
    return np.asarray(np.clip(bins, 0, fft_size // 2))


def rows_of(levels: npt.NDArray[np.uint8], edges: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """The loudest bin of each row: levels [columns, bins] -> [rows, columns]."""
    starts = edges[:-1]
    widest = np.maximum.reduceat(levels, starts, axis=1)
    return np.ascontiguousarray(widest.T)
