"""Making a part of a recording louder, softer or silent, in time and in frequency.

Nothing is written that was not there: what is outlined is weighed in the spectrum, block by block,
so that hours of it cost no more memory than seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from studio.ai.painter import seams
from studio.ai.painter.hole import Hole, Lasso, Painted, Patch, Samples, Strokes

METHOD = "level"
HOLE_FADE_SECONDS, LASSO_FADE_SECONDS = 0.005, 0.02
_OVERLAP = 4  # windows that hold each sample
_SUM = 1.5  # of the squares of so many Hann windows
_SHORTEST, _LONGEST = 0.06, 0.35  # of a window, seconds
_FINE = 4  # places of a bin at which an outline is looked up
_BINS = 3.0  # of the narrowest outline
_MEASURED_SECONDS = 30.0  # of a long part, in which its leak is measured

Floats = npt.NDArray[np.float64]


class Shading:
    """A recording with what is outlined weighed by a factor.

    Frames outside of `spans` are those of the recording, to the bit.

    Args:
        source: Frames [first, end) of the recording, shape [frames, channels].
        frames: How long it is.
        factor: 0 is silence, 1 leaves all as it is.
    """

    def __init__(
        self, source: Callable[[int, int], Samples], frames: int, sample_rate: int,
        strokes: Strokes, factor: float,
    ) -> None:  # fmt: skip
        self._source, self.frames, self._rate = source, frames, sample_rate
        self._factor = factor
        self._parts = [_Part.of_hole(hole, sample_rate, frames) for hole in strokes.holes]
        self._parts += [_Part.of_lasso(one, sample_rate, frames) for one in strokes.lassos]

    @property
    def spans(self) -> tuple[Hole, ...]:
        """What differs, fades included."""
        return tuple(part.changed for part in self._parts)

    def read(self, first: int, end: int) -> Samples:
        """Frames [first, end) as they are now."""
        there = self._source(first, end)
        change = self._change(first, first + len(there))
        if change is None:
            return there
        made = there + (self._factor - 1.0) * change
        made[~change.any(axis=1)] = there[~change.any(axis=1)]
        return made.astype(np.float32)

    def part(self, first: int, end: int) -> Samples:
        """Only what is outlined, silence elsewhere."""
        change = self._change(first, end)
        if change is None:
            return np.zeros_like(self._source(first, end))
        return change.astype(np.float32)

    def painted(self) -> tuple[Painted, ...]:
        """How well each part joins what is beside it."""
        return tuple(self._told(part) for part in self._parts)

    def _change(self, first: int, end: int) -> Floats | None:
        found: Floats | None = None
        for part in self._parts:
            if part.changed.first < end and part.changed.end > first:
                made = part.weighed(self._source, first, end, self._rate, self.frames)
                found = made if found is None else found + made
        return found

    def _told(self, part: _Part) -> Painted:
        changed, rate = part.changed, self._rate
        found = []
        for frame in (changed.first, changed.end):
            first = max(frame - rate, 0)
            near = self.read(first, min(frame + rate, self.frames))
            patch = Patch(frame - first, near[:0], METHOD)
            found += [replace(one, frame=frame) for one in seams.seams(near, rate, patch)[:1]]
        leak = None
        if part.lasso is not None:
            first = max(changed.first - rate, 0)
            until = min(changed.end, changed.first + round(_MEASURED_SECONDS * rate))
            end = min(until + rate, self.frames)
            hole = Hole(changed.first - first, until - first)
            before, after = self._source(first, end), self.read(first, end)
            leak = seams.leak_db(before, after, rate, hole, part.lasso.hz)
        return Painted(changed.first, changed.end, METHOD, self._why(), tuple(found), leak)

    def _why(self) -> str:
        if not self._factor:
            return "silenced"
        return f"{20 * np.log10(self._factor):+.1f} dB".replace("-", "−")


class _Part:
    """One hole or outline, and the window its sound is looked at with."""

    def __init__(self, span: Hole, lasso: Lasso | None, fade: int, size: int, frames: int) -> None:
        self.span, self.lasso, self._fade, self._size = span, lasso, max(fade, 1), size
        self.changed = Hole(max(span.first - self._fade, 0), min(span.end + self._fade, frames))

    @classmethod
    def of_hole(cls, hole: Hole, rate: int, frames: int) -> _Part:
        return cls(hole, None, round(HOLE_FADE_SECONDS * rate), 0, frames)

    @classmethod
    def of_lasso(cls, lasso: Lasso, rate: int, frames: int) -> _Part:
        """The narrower an outline, the longer the windows it needs."""
        low, high = lasso.hz
        wanted = min(max(_BINS / max(high - low, 1e-3), _SHORTEST), _LONGEST)
        size = int(2 ** np.ceil(np.log2(wanted * rate)))
        return cls(lasso.hole(frames), lasso, round(LASSO_FADE_SECONDS * rate), size, frames)

    def weighed(
        self, source: Callable[[int, int], Samples], first: int, end: int, rate: int, frames: int
    ) -> Floats:
        """What of frames [first, end) it holds, shape [frames, channels]."""
        if self.lasso is None:
            made = source(first, end).astype(np.float64)
        else:
            made = self._in_band(self.lasso, source, first, end, rate, frames)
        at = np.arange(first, end)
        away = np.maximum(self.span.first - at, at - self.span.end + 1)
        fade = 0.5 + 0.5 * np.cos(np.pi * np.clip(away / self._fade, 0.0, 1.0))
        return np.asarray(made * fade[:, None])

    def _in_band(
        self, lasso: Lasso, source: Callable[[int, int], Samples], first: int, end: int,
        rate: int, frames: int,
    ) -> Floats:  # fmt: skip
        """Windows stand on a grid of the recording's own, so that blocks join without a seam."""
        size, hop = self._size, self._size // _OVERLAP
        begin, until = (first - size) // hop, -(-(end + size) // hop)
        start, stop = begin * hop - size // 2, until * hop + size // 2
        inside = source(max(start, 0), min(stop, frames))
        before = max(-start, 0)
        around = ((before, stop - start - before - len(inside)), (0, 0))
        piece = np.pad(inside, around)
        shares = _shares(lasso, np.arange(begin, until + 1) * hop, size, rate)
        window = np.hanning(size + 1)[:-1].astype(np.float32)
        made = np.zeros(piece.shape)
        for channel in range(piece.shape[1]):
            cut = np.lib.stride_tricks.sliding_window_view(piece[:, channel], size)[::hop]
            back = np.fft.irfft(np.fft.rfft(cut * window, axis=1) * shares, size, axis=1)
            back *= window / _SUM
            for number, row in enumerate(back):
                made[number * hop : number * hop + size, channel] += row
        return made[first - start : end - start]


def _shares(
    lasso: Lasso, centres: npt.NDArray[np.int64], size: int, rate: int
) -> npt.NDArray[np.float64]:
    """How much of each bin of windows lies inside, shape [windows, bins]; its edges are soft."""
    fine = (np.arange((size // 2 + 1) * _FINE) + 0.5) / _FINE - 0.5
    held = lasso.holds(centres.astype(np.float64), fine * rate / size)
    shares = held.reshape(size // 2 + 1, _FINE, -1).mean(axis=1)
    soft = ndimage.uniform_filter1d(shares, 3, axis=0, mode="nearest")
    return np.asarray(np.minimum(soft, shares).T)  # inwards only: what lies beside it stays
