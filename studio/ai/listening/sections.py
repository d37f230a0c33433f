"""The parts of a song: where what sounds becomes something else, and which parts sound alike.

Boundaries lie where a checkerboard finds a corner in how alike the bars are (Foote, "Automatic
audio segmentation using a measure of audio novelty", 2000).
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from studio.ai.listening.heard import Beats, HeardSection, Seconds
from studio.ai.listening.tonal import Table, Tonal

_REACH = 8  # bars on each side of a boundary
_SHORTEST = 4  # bars
_NOVEL = 0.5  # standard deviations above the mean
_ALIKE = 0.8  # how alike parts with one label are
_LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def sections_of(heard: Tonal, beats: Beats) -> list[HeardSection]:
    """The parts, at bars; none where there are fewer than eight bars."""
    bars = beats.seconds[beats.downbeats]
    if len(bars) < 2 * _SHORTEST:
        return []
    edges = np.concatenate([bars, [heard.edges[-1]]])
    rows = _rows(heard, edges)
    borders = [0, *_borders(_novelty(rows)), len(rows)]
    means = [rows[a:b].mean(axis=0) for a, b in itertools.pairwise(borders)]
    labels = _labels(means)
    starts = [0.0, *(float(edges[border]) for border in borders[1:-1])]
    ends = [*starts[1:], float(heard.edges[-1])]
    return [HeardSection(*row) for row in zip(starts, ends, labels, strict=True)]


def _rows(heard: Tonal, edges: Seconds) -> Table:
    """What each bar sounds like, [bars, features], each feature spread alike."""
    place = np.searchsorted(edges, heard.edges[:-1] + 1e-6, side="right") - 1
    inside = (place >= 0) & (place < len(edges) - 1)
    both = np.hstack([_unit(heard.treble), 0.5 * _unit(heard.bass), heard.colour])
    sums = np.zeros((len(edges) - 1, both.shape[1]))
    np.add.at(sums, place[inside], both[inside])
    rows = sums / np.maximum(np.bincount(place[inside], minlength=len(sums)), 1)[:, None]
    colour = rows[:, 24:]
    rows[:, 24:] = 0.4 * (colour - colour.mean(axis=0)) / np.maximum(colour.std(axis=0), 0.05)
    rows[-1] = rows[-2]  # what sounds after the last bar line is no bar of its own
    return rows


def _unit(rows: Table) -> Table:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


def _novelty(rows: Table) -> npt.NDArray[np.float64]:
    """How much of a corner each bar's start is, [bars]."""
    reach = _REACH
    padded = np.pad(rows, ((reach, reach), (0, 0)), mode="edge")
    taper = np.exp(-0.5 * ((np.arange(2 * reach) - reach + 0.5) / (0.5 * reach)) ** 2)
    sign = np.sign(np.arange(2 * reach) - reach + 0.5)
    board = np.outer(taper * sign, taper * sign)
    found = np.empty(len(rows))
    for bar in range(len(rows)):
        around = padded[bar : bar + 2 * reach]
        distance = np.linalg.norm(around[:, None] - around[None], axis=2)
        found[bar] = -(board * distance).sum()
    return found


def _borders(novelty: npt.NDArray[np.float64]) -> list[int]:
    """Peaks that stand out, the highest first, none nearer than `_SHORTEST` bars to another."""
    inside = novelty[_SHORTEST : len(novelty) - _SHORTEST + 1]  # where one may be
    least = inside.mean() + _NOVEL * inside.std()
    found: list[int] = []
    for bar in np.argsort(-novelty, kind="stable"):
        apart = all(abs(bar - other) >= _SHORTEST for other in [*found, 0, len(novelty)])
        if novelty[bar] > least and apart:
            found.append(int(bar))
    return sorted(found)


def _labels(means: list[npt.NDArray[np.float64]]) -> list[str]:
    """A letter for each part: that of the most alike part before it, or the next one."""
    usual = np.mean([np.linalg.norm(a - b) for a in means for b in means]) or 1.0
    kinds: list[npt.NDArray[np.float64]] = []
    found = []
    for mean in means:
        far = [float(np.linalg.norm(mean - kind)) for kind in kinds]
        nearest = int(np.argmin(far)) if far else 0
        if not far or far[nearest] > (1.0 - _ALIKE) * 3.0 * usual:
            nearest = len(kinds)
            kinds.append(mean)
        found.append(_LABELS[nearest % len(_LABELS)] * (1 + nearest // len(_LABELS)))
    return found
