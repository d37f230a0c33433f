"""Holes filled with what was played between like surroundings elsewhere."""

from __future__ import annotations

import numpy as np

from studio.ai.painter import joins, tone
from studio.ai.painter.hole import Hole, Patch, Samples
from studio.ai.painter.places import Atlas, Place, Wanted

METHOD = "match"
_FADE_SECONDS = 0.02
_SPLICE_SECONDS = 0.02  # from a piece that fits the beginning to one that fits the end


def fade_frames(hole: Hole, sample_rate: int) -> int:
    """How far a patch reaches into what surrounds a hole."""
    return max(min(round(_FADE_SECONDS * sample_rate), hole.frames // 2), 2)


def patch(atlas: Atlas, hole: Hole, place: Place) -> Patch:
    """What is at a place, brought to the level and tone around the hole and faded in and out."""
    samples, fade = atlas.samples, fade_frames(hole, atlas.sample_rate)
    lead, tail = min(fade, hole.first), min(fade, max(len(samples) - hole.end, 0))
    made = piece(atlas, Wanted.for_hole(hole, len(samples)), place, lead, tail)
    if lead:
        made[:lead] = joins.faded(samples[hole.first - lead : hole.first], made[:lead])
    if tail:
        made[-tail:] = joins.faded(made[-tail:], samples[hole.end : hole.end + tail])
    return Patch(hole.first - lead, made, METHOD, (place.first,))


def piece(atlas: Atlas, wanted: Wanted, place: Place, lead: int, tail: int) -> Samples:
    """What lies at a place at the level and tone that is wanted there.

    Returns:
        `lead` frames of what comes before it, the piece, and `tail` frames of what follows.
    """
    samples, sample_rate = atlas.samples, atlas.sample_rate
    whole = lead + wanted.frames + tail
    made = samples[place.first - lead : place.first - lead + whole].copy()
    if place.first != place.first_after:
        other = samples[place.first_after - lead : place.first_after - lead + whole]
        size = min(round(_SPLICE_SECONDS * sample_rate), wanted.frames // 3)
        at = _splice(made, other, lead + size, whole - tail - 2 * size, size)
        made[at : at + size] = joins.faded(made[at : at + size], other[at : at + size])
        made[at + size :] = other[at + size :]
    ends = (place.first, place.first_after + wanted.frames)
    left = tone.beside(atlas, wanted.before, ends[0], ahead=False)
    right = tone.beside(atlas, wanted.after, ends[1], ahead=True)
    return tone.matched(made, sample_rate, left, right)


def _splice(one: Samples, other: Samples, first: int, last: int, size: int) -> int:
    """Where a change from one to the other shows least."""
    starts = np.arange(first, max(last, first + 1), max(size // 4, 1))
    apart = np.concatenate([[0.0], np.cumsum(((one - other).astype(np.float64) ** 2).sum(1))])
    return int(starts[int(np.argmin(apart[starts + size] - apart[starts]))])
