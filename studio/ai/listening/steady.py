"""Beats of recordings that were made to a click: they are even, whatever a player or a listener
makes of them.

What begins in such a recording adds up, at the tempo and its multiples, over all of it with one
phase (the Fourier tempogram: Grosche and Müller, "Extracting predominant local pulse information
from music recordings", 2011); elsewhere phases drift apart.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.fft
import scipy.ndimage

from studio.ai.listening.beats import bpm_of
from studio.ai.listening.heard import Floats, Seconds
from studio.ai.listening.onsets import FPS, Onsets

_FEWEST = 24  # beats
_PART_SECONDS = 8.0  # in each of which the phase is looked at
_FEWEST_PARTS = 3
_AROUND = 0.04  # a share of the tempo that is heard, in which the click's is looked for
_MULTIPLES = (1, 2, 4)
_FINEST = 1 << 19  # frames that a short recording is taken for, to see the tempo finely
_ONE_PHASE = 0.85  # how alike the phases of all parts are; 1: the same
_NEAR = 0.12  # of a beat: what is so near to a grid lies on it
_ON_GRID, _ON_EIGHTHS = 0.3, 0.75  # shares of the beats that were heard
_LOW = 1.5  # how much low strokes tell on which eighth the beat is
_REACH = 3  # frames around an eighth in which it may be struck
_BAR_SECONDS = 3.0
_LOUD, _AS_WELL = 0.5, 0.6  # shares of the usual strength, and of that at the beats heard
Phasors = npt.NDArray[np.complex128]


def steadied(beats: Seconds, struck: Onsets) -> Seconds:
    """The beats of the click where a recording was made to one, else as they are."""
    strength = struck.strength
    if len(beats) < _FEWEST or len(strength) < _FEWEST_PARTS * _PART_SECONDS * FPS:
        return beats
    rising = strength - scipy.ndimage.uniform_filter1d(strength, round(FPS), mode="nearest")
    rising = np.maximum(rising, 0.0).astype(np.float64)
    rising -= rising.mean()
    hz = _tempo(rising, bpm_of(beats) / 60.0)
    if min(_alike(rising, multiple * hz) for multiple in (2, 4)) < _ONE_PHASE:
        return beats
    eighth = _eighth(rising, hz)
    even = _gridded(beats, 1.0 / hz, eighth, _LOW * _lower(struck.low, 1.0 / hz, eighth))
    return even if _are_struck(even, beats, strength) else beats


def _tempo(rising: Seconds, hz: float) -> float:
    """The tempo near `hz` at which most adds up."""
    size = scipy.fft.next_fast_len(max(2 * len(rising), _FINEST), real=True)
    spectrum = np.abs(scipy.fft.rfft(rising, size))
    step = FPS / size / max(_MULTIPLES)
    tried = hz * (1.0 - _AROUND) + step * np.arange(int(2.0 * _AROUND * hz / step) + 1)
    total = np.zeros(len(tried))
    for multiple in _MULTIPLES:
        bins = np.rint(tried * multiple * size / FPS).astype(np.int64)
        total += spectrum[np.minimum(bins, len(spectrum) - 1)]
    best = np.flatnonzero(total == total.max())
    return _refined(rising, float(tried[best].mean()))


def _refined(rising: Seconds, hz: float) -> float:
    """The tempo at which the phases of all parts stay the same rather than turn."""
    multiple = max(_MULTIPLES)
    parts = _parts(rising, multiple * hz)
    turned = np.angle(parts * np.conj(parts.sum()))
    slope = np.polyfit(np.arange(len(parts)), turned, 1, w=np.sqrt(np.abs(parts) + 1e-12))[0]
    seconds = len(rising) / FPS / len(parts)
    return hz + float(slope) / (2.0 * np.pi * multiple * seconds)


def _parts(rising: Seconds, hz: float) -> Phasors:
    """What adds up at `hz` in each part."""
    turns = np.exp(-2j * np.pi * hz / FPS * np.arange(len(rising)))
    count = max(int(len(rising) / FPS / _PART_SECONDS), 1)
    edges = np.linspace(0, len(rising), count, endpoint=False).astype(np.int64)
    return np.asarray(np.add.reduceat(rising * turns, edges))


def _alike(rising: Seconds, hz: float) -> float:
    """How much of what adds up in the parts does so together, 0-1."""
    parts = _parts(rising, hz)
    return float(abs(parts.sum()) / max(float(np.abs(parts).sum()), 1e-12))


def _eighth(rising: Seconds, hz: float) -> float:
    """When an eighth note begins, seconds, 0 or a little more."""
    turn = -np.angle(_parts(rising, 2.0 * hz).sum()) / (2.0 * np.pi)
    return float(turn % 1.0) / (2.0 * hz)


def _lower(low: Floats, period: float, eighth: float) -> float:
    """By what share low strokes are stronger on the eighth than on the next one."""
    highest = scipy.ndimage.maximum_filter1d(low, 2 * _REACH + 1, mode="nearest")
    at = np.arange(eighth, len(low) / FPS - period, period)
    here, next_ = (float(_at(highest, at + later).mean()) for later in (0.0, period / 2.0))
    return (here - next_) / max(here + next_, 1e-9)


def _gridded(beats: Seconds, period: float, eighth: float, leaning: float) -> Seconds:
    """Even beats where those that were heard lie, on the eighths that most of them lie on; as they
    are where too few of them do.

    Args:
        leaning: How much speaks for the eighth itself, beside shares of beats.
    """
    grids = eighth, eighth + period / 2.0
    away = [_away(beats, period, first) for first in grids]
    near = [np.abs(one) < _NEAR * period for one in away]
    best = 0 if near[0].mean() - near[1].mean() + leaning >= 0.0 else 1
    if near[best].mean() < _ON_GRID or (near[0] | near[1]).mean() < _ON_EIGHTHS:
        return beats
    first = grids[best] + float(np.median(away[best][near[best]]))
    numbers = np.rint((beats[[0, -1]] - first) / period).astype(np.int64)
    even = first + period * np.arange(numbers[0], numbers[1] + 1)
    return np.asarray(even[even >= 0.0])


def _are_struck(even: Seconds, beats: Seconds, strength: Floats) -> bool:
    """Whether even beats, or the eighths after them, are struck everywhere as well as the beats
    that were heard: a player who left the click, or never had one, is not to be evened."""
    highest = scipy.ndimage.maximum_filter1d(strength, 2 * _REACH + 1, mode="nearest")
    edges = np.arange(0.0, len(strength) / FPS + _BAR_SECONDS, _BAR_SECONDS)
    half = float(even[1] - even[0]) / 2.0
    either = np.maximum(_at(highest, even), _at(highest, even + half))
    here, there = _mean_in(edges, even, either), _mean_in(edges, beats, _at(highest, beats))
    loud = there > _LOUD * float(there.mean())
    return bool((here[loud] >= _AS_WELL * there[loud]).all())


def _at(column: Floats, moments: Seconds) -> Floats:
    return column[np.clip(np.rint(moments * FPS).astype(np.int64), 0, len(column) - 1)]


def _mean_in(edges: Seconds, moments: Seconds, values: Floats) -> Seconds:
    """The mean of the values at moments between the edges; 0 where there are none."""
    total, _ = np.histogram(moments, edges, weights=values)
    count, _ = np.histogram(moments, edges)
    return np.asarray(total / np.maximum(count, 1))


def _away(beats: Seconds, period: float, first: float) -> Seconds:
    """How far each beat lies from the nearest of a grid, seconds."""
    passed = (beats - first) / period
    return np.asarray((passed - np.rint(passed)) * period)
