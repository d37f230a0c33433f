"""How long each pitch class sounds in stretches of a piece, and what lies lowest."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.ai.composer.piece import CHORDS_PER_BAR, Piece
from studio.ai.composer.vocabulary import LENGTHS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_LENGTHS = np.array(LENGTHS, np.int64)
_NO_PITCH = 999


class Chroma(NamedTuple):
    """What sounds in each of n stretches of time.

    Attributes:
        weight: Subs that each pitch class sounds, shape [n, 12], times the weight of its part.
        bass: Pitch class of the lowest note, shape [n]; -1 where nothing sounds.
        voices: How many notes sound at once, on average over each stretch, shape [n].
    """

    weight: Floats
    bass: Ints
    voices: Floats


def starts_and_ends(piece: Piece) -> tuple[Ints, Ints]:
    """When each note starts and ends, in subs from the start of the piece."""
    start = piece.bars["start"].astype(np.int64)[piece.notes["bar"]] + piece.notes["sub"]
    return start, start + _LENGTHS[piece.notes["length"]]


def bar_edges(piece: Piece, pieces: int = 1) -> Floats:
    """Where each bar starts, cut into `pieces` equal stretches, and where the last one ends."""
    if not len(piece.bars):
        return np.zeros(1)
    start, length = piece.bars["start"].astype(float), piece.bars["length"].astype(float)
    inside = start[:, None] + length[:, None] * np.arange(pieces) / pieces
    return np.append(inside.ravel(), start[-1] + length[-1])


def pitched(piece: Piece) -> Piece:
    """The piece without the notes of its drums."""
    drums = np.array([part.drums for part in piece.parts] or [False])
    return replace(piece, notes=piece.notes[~drums[piece.notes["part"]]])


def chroma(piece: Piece, edges: Floats, part_weights: npt.ArrayLike | None = None) -> Chroma:
    """What sounds between neighbouring `edges` (rising, in subs), drums left out.

    A note counts from its start to its end; one that starts counts as a sixteenth at least. Parts
    that weigh less than a half are no bass.
    """
    piece, count = pitched(piece), max(len(edges) - 1, 0)
    start, end = starts_and_ends(piece)
    which, stretch = meetings(start, end, edges)
    low, high = edges[stretch], edges[stretch + 1] if count else edges[stretch]
    overlap = np.minimum(end[which], high) - np.maximum(start[which], low)
    begun = start[which] >= low
    heard = np.where(begun, np.maximum(overlap, 6.0), overlap)
    share = np.ones(len(which))
    if part_weights is not None:
        share = np.asarray(part_weights, float)[piece.notes["part"][which]]
    pitch = piece.notes["pitch"][which].astype(np.int64)
    flat = np.bincount(stretch * 12 + pitch % 12, heard * share, count * 12)
    lowest = np.full(count, _NO_PITCH)
    bass = (heard >= np.minimum((high - low) / 4, 6.0)) & (share >= 0.5)
    np.minimum.at(lowest, stretch[bass], pitch[bass])
    voices = np.bincount(stretch, overlap, count) / np.maximum(np.diff(edges), 1e-9)
    classes = np.where(lowest == _NO_PITCH, -1, lowest % 12)
    return Chroma(flat.reshape(count, 12).astype(float), classes, voices)


def meetings(start: Ints, end: Ints, edges: Floats) -> tuple[Ints, Ints]:
    """Every pair of a note and a stretch in which it sounds."""
    last_stretch = len(edges) - 2
    if last_stretch < 0 or not len(start):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    first = np.clip(np.searchsorted(edges, start, "right") - 1, 0, last_stretch)
    last = np.clip(np.searchsorted(edges, end, "left") - 1, first, last_stretch)
    counts = last - first + 1
    which = np.repeat(np.arange(len(start)), counts)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    return which, first[which] + nth


def smoothed(scores: Floats, change_cost: Floats) -> Ints:
    """The best path through states that are costly to change (Viterbi 1967).

    Args:
        scores: How well each state fits each step, shape [steps, states].
        change_cost: What entering another state costs at each step, shape [steps].

    Returns:
        The state at each step, shape [steps].
    """
    steps, states = scores.shape
    path = np.zeros(steps, np.int64)
    if not steps:
        return path
    stays = np.ones((steps, states), bool)
    came_from = np.zeros(steps, np.int64)
    best = scores[0].copy()
    for step in range(1, steps):
        top = int(best.argmax())
        entering = best[top] - change_cost[step]
        stays[step] = best >= entering
        came_from[step] = top
        best = np.maximum(best, entering) + scores[step]
    path[-1] = best.argmax()
    for step in range(steps - 1, 0, -1):
        state = path[step]
        path[step - 1] = state if stays[step, state] else came_from[step]
    return path


def quarter_bars(piece: Piece) -> Floats:
    """The edges of the stretches that have a chord each, four a bar."""
    return bar_edges(piece, CHORDS_PER_BAR)
