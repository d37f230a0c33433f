"""Where else in a recording it sounds as it does around a hole: what is there may fill it.

Music repeats itself, so the best guess at what is missing is most often what was played between
like surroundings elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy.fft
from scipy import signal

from studio.ai.painter.features import heard, hop_of, rows_of, window_of
from studio.ai.painter.hole import Hole, Samples

MARGIN_SECONDS = 0.03  # a piece can be taken with so much on both sides
_CONTEXT = 4.0  # compared on each side, in what is near
_NEAR_SECONDS = 1.0  # over which the weight of what is further away falls to a third
_NEAR_PIECES = 0.5  # the same, in lengths of the piece, if that is more
_APART_SECONDS = 0.1  # between two places that count as two
_LEAST_KNOWN = 0.35  # of the weight of what is compared
_FIRST = 24  # places looked at more closely
_EDGE_SECONDS = 0.08  # of samples compared on each side
_LAG_SECONDS = 0.015  # by how much they may be moved
_PHASE_WORTH = 0.35  # of edges that are equal to the sample, in usual distances
_AGREEMENT_WORTH = 0.3  # of holding what the other places hold
_AGREEING = 0.15  # by how much worse a place counts for a third of the best among the others

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A piece that is looked for.

    Attributes:
        frames: How long it is.
        before: The frame that ends what is to sound like what comes before it, if anything is.
        after: The frame that begins what is to sound like what follows it, if anything is.
    """

    frames: int
    before: int | None
    after: int | None

    @classmethod
    def for_hole(cls, hole: Hole, frames: int) -> Wanted:
        """In a recording of so many frames."""
        return cls(hole.frames, hole.first if hole.first > 0 else None,
                   hole.end if hole.end < frames else None)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to take a piece from.

    Attributes:
        first, first_after: Where it begins, as the sound before, or after, it fits best; these
            differ by some milliseconds at most.
        like_before, like_after: Correlation of the samples at that edge, -1 to 1.
        distance: How unlike the surroundings are; 1: as unlike as any two places usually are.
        strangeness: How unlike what it holds is to what the other places hold; 1: as usual.
    """

    first: int
    first_after: int
    like_before: float
    like_after: float
    distance: float
    strangeness: float = 0.0

    @property
    def badness(self) -> float:
        """By this the best comes first."""
        edges = 0.5 * (self.like_before + self.like_after)
        return self.distance - _PHASE_WORTH * edges + _AGREEMENT_WORTH * self.strangeness


class Atlas:
    """A recording in which places are looked for.

    Args:
        samples: Shape [frames, channels].
        holes: What is missing of it: nothing is taken from there, nor compared.
        check: Called often while it listens and compares; may raise Cancelled.
    """

    def __init__(
        self,
        samples: Samples,
        sample_rate: int,
        holes: Sequence[Hole] = (),
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self.samples, self.sample_rate, self.holes = samples, sample_rate, tuple(holes)
        self._hop, self._window, self.check = hop_of(sample_rate), window_of(sample_rate), check
        starts = np.arange(rows_of(len(samples), sample_rate)) * self._hop
        self._known = np.ones(len(starts), bool)
        for one in holes:
            self._known &= (starts + self._window <= one.first) | (starts >= one.end)
        self._rows = heard(samples, sample_rate, self._known, check)
        self._power = (self._rows**2).sum(axis=1)

    def turned(self) -> Atlas:
        """The same backwards."""
        frames = len(self.samples)
        holes = [Hole(frames - one.end, frames - one.first) for one in self.holes]
        return Atlas(self.samples[::-1], self.sample_rate, holes, self.check)

    def places(self, wanted: Wanted, *, apart_from: Sequence[Hole] = ()) -> list[Place]:
        """Where such a piece may be taken from, the best first.

        Args:
            apart_from: Where nothing is to be taken from, beside the holes.
        """
        distance = self._distance(wanted)
        distance[~self._allowed(len(distance), wanted, apart_from)] = np.inf
        found = []
        for row in _lowest(distance, round(_APART_SECONDS * self.sample_rate / self._hop)):
            place = self._to_the_sample(wanted, row * self._hop, float(distance[row]))
            if place is not None:
                found.append(place)
        return sorted(self._agreed(found, wanted), key=lambda place: place.badness)

    def _distance(self, wanted: Wanted) -> Floats:
        """How unlike the surroundings are where a piece begins at each row, against the median."""
        count = len(self._rows)
        near = max(_NEAR_SECONDS, _NEAR_PIECES * wanted.frames / self.sample_rate)
        total, sides = np.zeros(count), 0
        for at, shift, ahead in (
            (wanted.before, 0, False),
            (wanted.after, round(wanted.frames / self._hop), True),
        ):
            side = None if at is None else self._side(at, near, ahead=ahead)
            if side is not None:
                moved = np.full(count, np.inf)
                moved[: max(count - shift, 0)] = side[shift:]
                total += moved
                sides += 1
        if not sides:
            return np.full(count, np.inf)
        told = total[np.isfinite(total)]
        return total / max(float(np.median(told)) if len(told) else 1.0, 1e-9)

    def _side(self, at: int, near: float, *, ahead: bool) -> Floats | None:
        """Of what lies before (or `ahead` of) a frame from what lies so before each row, [rows]."""
        reach = round(_CONTEXT * near * self.sample_rate / self._hop)
        if ahead:
            first = -(-at // self._hop)
            last = min(first + reach, len(self._rows))
        else:
            last = (at - self._window) // self._hop + 1
            first = max(last - reach, 0)
        if last <= first:
            return None
        away = np.arange(last - first) if ahead else np.arange(last - first)[::-1]
        weights = np.exp(-away * self._hop / self.sample_rate / near) * self._known[first:last]
        if weights.sum() <= 0:
            return None
        weights = (weights / weights.sum()).astype(np.float32)
        # rows from where the template begins to where a piece does
        shift = 0 if ahead else -(-at // self._hop) - first
        return self._apart(first, weights, shift)

    def _apart(self, first: int, weights: npt.NDArray[np.float32], shift: int) -> Floats:
        """Mean weighed squares between the rows from `first` on and those from each row less
        `shift` on, over what is known; infinite where that is too little."""
        known, size = self._known.astype(np.float32), len(weights)
        template = self._rows[first : first + size] * weights[:, None]
        own = signal.fftconvolve(known, (weights * self._power[first : first + size])[::-1])
        other = signal.fftconvolve(known * self._power, weights[::-1])
        told = signal.fftconvolve(known, weights[::-1])
        length = scipy.fft.next_fast_len(len(known) + size)
        cross = np.zeros(length // 2 + 1, np.complex64)
        for column in range(self._rows.shape[1]):
            self.check()
            cross += scipy.fft.rfft(known * self._rows[:, column], length) * scipy.fft.rfft(
                template[::-1, column], length
            )
        both = scipy.fft.irfft(cross, length)[: len(told)]
        apart = np.maximum(own + other - 2.0 * both, 0.0) / np.maximum(told, 1e-6)
        apart = np.where(told >= _LEAST_KNOWN, apart, np.inf)
        at = np.arange(len(known)) - shift + size - 1
        found: Floats = np.where(at >= 0, apart[np.maximum(at, 0)], np.inf)
        return found

    def _allowed(self, count: int, wanted: Wanted, apart_from: Sequence[Hole]) -> Flags:
        """Where all of a piece is there, and it is not the sound that was asked about."""
        margin = round(MARGIN_SECONDS * self.sample_rate)
        begin = np.arange(count) * self._hop - margin
        end = begin + wanted.frames + 2 * margin
        allowed = (begin >= 0) & (end <= len(self.samples))
        for one in (*self.holes, *apart_from):
            allowed &= (end <= one.first) | (begin >= one.end)
        if wanted.before is not None:  # what simply goes on is no other place
            allowed &= np.abs(np.arange(count) * self._hop - wanted.before) > 4 * margin
        return allowed

    def _to_the_sample(self, wanted: Wanted, first: int, distance: float) -> Place | None:
        """The place to the sample: where the waveforms at the piece's edges fit best."""
        lag = round(_LAG_SECONDS * self.sample_rate)
        size = round(_EDGE_SECONDS * self.sample_rate)
        before = after = None
        if wanted.before is not None:
            before = self._likeness(wanted.before - size, first - size, size, lag)
        if wanted.after is not None:
            after = self._likeness(wanted.after, first + wanted.frames, size, lag)
        if before is None or after is None:
            one = before if before is not None else after
            if one is None:
                return None
            best = int(np.argmax(one))
            at, like = first + best - lag, float(one[best])
            return Place(at, at, like, like, distance)
        together = int(np.argmax(before + after))
        left, right = int(np.argmax(before)), int(np.argmax(after))
        gain = float(before[left] + after[right] - before[together] - after[together])
        if gain < 0.2 or wanted.frames < 4 * lag:
            left = right = together
        return Place(first + left - lag, first + right - lag, float(before[left]),
                     float(after[right]), distance)  # fmt: skip

    def _likeness(self, at: int, other: int, size: int, lag: int) -> Floats | None:
        """Correlation of `size` frames with those from `other` - lag to `other` + lag on."""
        spans = ((at, at + size), (other - lag, other + lag + size))
        for begin, end in spans:
            inside = begin >= 0 and end <= len(self.samples)
            if not inside or any(begin < one.end and end > one.first for one in self.holes):
                return None
        mine, there = (self.samples[slice(*span)].astype(np.float64) for span in spans)
        cross = np.zeros(2 * lag + 1)
        for channel in range(mine.shape[1]):
            cross += signal.fftconvolve(there[:, channel], mine[::-1, channel], "valid")
        power = np.cumsum(np.concatenate([[0.0], (there**2).sum(axis=1)]))
        found: Floats
        found = cross / np.sqrt(np.maximum((power[size:] - power[:-size]) * (mine**2).sum(), 1e-12))
        return found

    def _agreed(self, found: list[Place], wanted: Wanted) -> list[Place]:
        """The places, each with how unlike what it holds is to what the others hold."""
        if len(found) < 3:
            return found
        span = np.arange(max((wanted.frames - self._window) // self._hop, 0) + 1)
        at = [np.clip(span + round(one.first / self._hop), 0, len(self._rows) - 1) for one in found]
        inside = self._rows[np.array(at)]
        badness = np.array([place.badness for place in found])
        worth = np.exp((badness.min() - badness) / _AGREEING)
        apart = np.array([((inside - one) ** 2).mean(axis=(1, 2)) for one in inside])
        strange = (apart * worth).sum(axis=1) / np.maximum(worth.sum() - worth, 1e-9)
        strange /= max(float(np.median(strange)), 1e-9)
        return [
            replace(one, strangeness=float(odd)) for one, odd in zip(found, strange, strict=True)
        ]


def _lowest(distance: Floats, apart: int) -> list[int]:
    """Rows of the smallest distances, no two nearer than `apart`."""
    left, found = distance.copy(), list[int]()
    while len(found) < _FIRST:
        row = int(np.argmin(left))
        if not np.isfinite(left[row]):
            break
        found.append(row)
        left[max(row - apart, 0) : row + apart + 1] = np.inf
    return found
