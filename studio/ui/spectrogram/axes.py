"""Where frequency and time lie on the spectrogram, and how they are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studio.domain.theory import pitch_name
from studio.dsp.stft import Scale, hz_of_position, position_of_hz
from studio.ui.canvas.axis import TimeAxis

LOW_HZ = 27.5  # the lowest key of a piano
_MARKS = (30, 50, 70, 100, 150, 200, 300, 500, 700)
_ROUND = tuple(hz * 10**power for power in range(3) for hz in _MARKS)
_TIME_STEPS = (
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600,
    1800,
)  # fmt: skip
_CLOSEST_PX = 8.0  # a frame, at the closest look
_LEAST_SHARE = 0.02  # of the frequencies in sight


class FrameAxis(TimeAxis):
    """Frames of a recording to pixels: never past the ends of what is shown of it.

    Attributes:
        begin, end: The frames that can be scrolled to.
    """

    def __init__(self) -> None:
        super().__init__(0.01)
        self.begin = 0.0
        self.end = 1

    def set_range(self, begin: int, end: int) -> None:
        self.begin, self.end = float(begin), max(end, begin + 1)
        self._settle(self.left, self.scale)

    def fit(self) -> None:
        """All of it in sight."""
        self._settle(self.begin, 0.0)

    @property
    def shows_all(self) -> bool:
        return self.scale * (self.end - self.begin) <= self.width + 1

    def set_width(self, width: int) -> None:
        shows_all = self.shows_all
        super().set_width(width)
        self._settle(self.left, 0.0 if shows_all else self.scale)

    def scroll_to(self, left: float) -> None:
        self._settle(left, self.scale)

    def zoom(self, factor: float, at_x: float) -> None:
        """Zoom so that the frame under `at_x` stays where it is."""
        anchor = self.left + at_x / self.scale
        scale = min(max(self.scale * factor, self._least), _CLOSEST_PX)
        self._settle(anchor - at_x / scale, scale)

    def show(self, start: float, end: float) -> None:
        self.remember()
        scale = self.width * 0.9 / max(end - start, 1.0)
        self._settle((start + end - self.width / scale) / 2, scale)

    def back(self) -> None:
        if self._views:
            self._settle(*self._views.pop())

    @property
    def _least(self) -> float:
        return self.width / (self.end - self.begin)

    def _settle(self, left: float, scale: float) -> None:
        scale = min(max(scale, self._least), max(_CLOSEST_PX, self._least))
        left = max(min(left, self.end - self.width / scale), self.begin)
        if (left, scale) != (self.left, self.scale):
            self.left, self.scale = left, scale
            self.changed.emit()


@dataclass(frozen=True, slots=True)
class Band:
    """The frequencies in sight: those between two positions on a scale from `LOW_HZ` to `high`.

    Attributes:
        bottom, top: Positions, 0 to 1.
        high: The highest frequency there is, Hz.
    """

    scale: Scale = Scale.LOG
    bottom: float = 0.0
    top: float = 1.0
    high: float = 24000.0

    def share(self, hz: float) -> float:
        """How far up a frequency lies, 0 at the bottom and 1 at the top of what is in sight."""
        place = float(position_of_hz(max(hz, LOW_HZ / 64), self.scale, LOW_HZ, self.high))
        return (place - self.bottom) / (self.top - self.bottom)

    def shares(self, hz: npt.ArrayLike) -> npt.NDArray[np.float64]:
        at = np.maximum(np.asarray(hz, np.float64), LOW_HZ / 64)
        found = position_of_hz(at, self.scale, LOW_HZ, self.high)
        return np.asarray((found - self.bottom) / (self.top - self.bottom))

    def hz(self, share: float) -> float:
        place = self.bottom + share * (self.top - self.bottom)
        return float(hz_of_position(place, self.scale, LOW_HZ, self.high))

    def edges(self, rows: int) -> npt.NDArray[np.float64]:
        """Hz between `rows` rows, from the bottom up, shape [rows + 1]."""
        places = np.linspace(self.bottom, self.top, rows + 1)
        return hz_of_position(places, self.scale, LOW_HZ, self.high)

    def zoomed(self, factor: float, at_share: float) -> Band:
        """Zoomed so that the frequency at a share of the height stays there."""
        size = min(max((self.top - self.bottom) / factor, _LEAST_SHARE), 1.0)
        at = self.bottom + at_share * (self.top - self.bottom)
        return self.placed(at - at_share * size, size)

    def moved(self, shares: float) -> Band:
        size = self.top - self.bottom
        return self.placed(self.bottom + shares * size, size)

    def placed(self, bottom: float, size: float) -> Band:
        bottom = min(max(bottom, 0.0), 1.0 - size)
        return Band(self.scale, bottom, bottom + size, self.high)


def marked(apart: float, scale: float) -> float:
    """A round number of seconds that is at least `apart` px at `scale` px a second."""
    return next((s for s in _TIME_STEPS if s * scale >= apart), _TIME_STEPS[-1])


def frequency_marks(band: Band, height: float, apart: float = 22.0) -> list[tuple[int, float]]:
    """Frequencies that get a line and a name, and how far up they lie; `apart` px or more."""
    found: list[tuple[int, float]] = []
    places = band.shares(_ROUND)
    ranked = sorted(zip(_ROUND, places.tolist(), strict=True), key=lambda mark: _weight(mark[0]))
    for hz, place in ranked:
        near = any(abs(place - other) * height < apart for _, other in found)
        if hz < band.high and 0.0 < place < 1.0 and not near:
            found.append((hz, place))
    return found


def _weight(hz: int) -> int:
    """The less the rounder: 100 and 1000, then 500, then 200, then others."""
    return ("1", "5", "2", "3", "7").index(str(hz)[0]) + 5 * (str(hz)[1] != "0")


def hz_text(hz: float) -> str:
    return f"{hz / 1000:.3g} kHz" if hz >= 1000 else f"{hz:.0f} Hz"


def note_text(hz: float) -> str:
    """`A4 +3 ct`: the nearest note of the tempered scale (A4 = 440 Hz)."""
    pitch = 69 + 12 * math.log2(max(hz, 1.0) / 440.0)
    nearest = round(pitch)
    if not 0 <= nearest <= 127:
        return ""
    return f"{pitch_name(nearest)} {round((pitch - nearest) * 100):+d} ct"


def hz_of_pitch(pitch: float) -> float:
    return float(440.0 * 2.0 ** ((pitch - 69) / 12))


def clock(seconds: float, scale: float) -> str:
    """Minutes and seconds, as finely as `scale` (px a second) shows them."""
    decimals = 0 if scale < 60 else 1 if scale < 600 else 2 if scale < 900 else 3
    minutes, rest = divmod(max(round(seconds, decimals), 0.0), 60)
    width = 2 if not decimals else 3 + decimals
    return f"{int(minutes)}:{rest:0{width}.{decimals}f}"


def laid_on_rows(
    levels: npt.NDArray[np.uint8], hz: npt.NDArray[np.float64], rate: int, fft_size: int
) -> npt.NDArray[np.uint8]:
    """Levels [columns, bins] as rows between the edges `hz`, the highest first: [rows, columns].

    A row that spans bins shows the loudest of them; one inside a bin, what lies between its centre
    and the next one's.
    """
    bins = np.ascontiguousarray(levels.T)
    last = len(bins) - 1
    edges = np.clip(hz * fft_size / rate, 0.0, last)
    middle = (edges[1:] + edges[:-1]) / 2
    low = np.minimum(np.floor(middle).astype(np.int64), last - 1)
    share = (middle - low).astype(np.float32)[:, None]
    wide = np.diff(edges) >= 1.0
    rows = np.empty((len(middle), levels.shape[0]), np.uint8)
    narrow = ~wide
    below, above = bins[low[narrow]], bins[low[narrow] + 1]
    rows[narrow] = below * (1 - share[narrow]) + above * share[narrow]
    if wide.any():
        starts = np.floor(edges[:-1][wide]).astype(np.int64)
        rows[wide] = np.maximum.reduceat(bins[: int(edges[-1]) + 1], starts, axis=0)
    return np.ascontiguousarray(rows[::-1])
