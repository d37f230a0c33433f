"""Clicks and drop-outs: found where the music could not have meant them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import ndimage, signal

from studio.ai.painter.hole import Hole, Samples
from studio.ai.painter.interpolation import burg

_ORDER = 32
_BLOCK_SECONDS = 0.1
_CLICK_FACTOR = 9.0  # of the usual surprise around: what is above was not played
_LONGEST_CLICK_SECONDS = 0.004
_GROWN_SECONDS = 0.0004  # on each side, for the click's own skirts
_DROP_SECONDS = 0.0015  # of exact silence amid sound
_LONGEST_DROP_SECONDS = 0.5
_STRETCH_SECONDS, _MARGIN_SECONDS = 10.0, 0.75  # heard at once, and around it
_SOUND = 10 ** (-50 / 20)


def found(
    read: Callable[[int, int], Samples],
    frames: int,
    sample_rate: int,
    watch: Callable[[float], None],
) -> list[Hole]:
    """Clicks and drop-outs of a recording of any length, in order.

    Args:
        read: Gives frames [first, end).
        watch: Told the fraction done, 0-1; may raise Cancelled.
    """
    stretch, margin = (round(s * sample_rate) for s in (_STRETCH_SECONDS, _MARGIN_SECONDS))
    holes: list[Hole] = []
    for first in range(0, frames, stretch):
        watch(first / frames)
        begin, end = max(first - margin, 0), min(first + stretch + margin, frames)
        samples = read(begin, end)
        holes += [
            Hole(one.first + begin, one.end + begin)
            for one in (*clicks(samples, sample_rate), *dropouts(samples, sample_rate))
            if first <= one.first + begin < first + stretch
        ]
    watch(1.0)
    return sorted(holes, key=lambda hole: (hole.first, hole.end))


def clicks(samples: Samples, sample_rate: int) -> list[Hole]:
    """Where samples stand out from all that linear prediction foresees, in order.

    The surprise is compared with the median around it: a drum's attack is surprising too, but
    lasts, and raises the median. After Godsill and Rayner 1998, "Digital Audio Restoration",
    section 5.3.
    """
    block = round(_BLOCK_SECONDS * sample_rate)
    found = np.zeros(len(samples), bool)
    for first in range(0, len(samples), block):
        begin, end = max(first - block, 0), min(first + 2 * block, len(samples))
        around = samples[begin:end].astype(np.float64)
        if len(around) <= 4 * _ORDER or not np.any(around):
            continue
        model, _ = burg([around], _ORDER)
        left = np.abs(signal.lfilter(model, 1.0, around, axis=0)).max(axis=1)
        left[: 2 * _ORDER if begin == 0 else _ORDER] = 0.0
        usual = ndimage.percentile_filter(left, 80, round(0.008 * sample_rate))
        mine = slice(first - begin, min(first + block, len(samples)) - begin)
        found[first : first + block] = (left > _CLICK_FACTOR * (usual + 1e-6))[mine]
    return _runs(found, sample_rate, _GROWN_SECONDS, _LONGEST_CLICK_SECONDS)


def dropouts(samples: Samples, sample_rate: int) -> list[Hole]:
    """Where all channels are exactly silent for a moment amid sound, in order."""
    silent: npt.NDArray[np.bool_] = np.abs(samples).max(axis=1) == 0.0
    near = round(0.02 * sample_rate)
    level = ndimage.maximum_filter1d(np.abs(samples).max(axis=1), 2 * near + 1)
    found = []
    for hole in _runs(silent, sample_rate, 0.0, _LONGEST_DROP_SECONDS):
        long_enough = hole.frames >= _DROP_SECONDS * sample_rate
        inside = hole.first > 0 and hole.end < len(samples)
        if long_enough and inside and min(level[hole.first - 1], level[hole.end]) > _SOUND:
            found.append(hole)
    return found


def _runs(
    flags: npt.NDArray[np.bool_], sample_rate: int, grown_seconds: float, longest_seconds: float
) -> list[Hole]:
    """Runs of true, joined where they nearly touch and a little grown; too long ones left out."""
    grown = round(grown_seconds * sample_rate)
    if grown:
        flags = ndimage.binary_dilation(flags, iterations=grown)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    spans = edges.reshape(-1, 2)
    longest = longest_seconds * sample_rate
    return [Hole(int(first), int(end)) for first, end in spans if end - first <= longest]
