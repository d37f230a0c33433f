"""Longer than any one piece: music that goes on from place to place of a recording.

Each piece begins where it sounds as it does where the one before it ends, so rhythm and harmony go
on; places that were used before come last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from studio.ai.painter import joins, retrieval
from studio.ai.painter.hole import Hole, Patch, Samples
from studio.ai.painter.places import Atlas, Place, Wanted

METHOD = "chain of matches"
LONGEST_SECONDS = 8.0  # of one piece
_SHORTEST_SECONDS = 1.0
_FADE_SECONDS = 0.02
_SPREAD = 0.06  # how much worse a place may well be where chance chooses, in distances
_USED_AGAIN = 0.4  # worth of a place that was not heard in this chain before, in distances

Watch = Callable[[float], None]


def continued(
    atlas: Atlas, frames: int, *, seed: int, watch: Watch, before: int | None = None,
    until: int | None = None,
) -> tuple[Samples, tuple[int, ...]]:  # fmt: skip
    """Music that goes on from a frame of a recording, shape [fade + frames + fade, channels], and
    the frames at which its pieces begin there.

    The first fade's length is for joining it to what comes before; the last is for what follows.

    Args:
        seed: 0: always the best place.
        before: From where; None: from its end.
        until: The frame where the recording goes on after it; None: nowhere.

    Raises:
        ValueError: The recording is too short to go on from.
    """
    rate, samples = atlas.sample_rate, atlas.samples
    fade = round(_FADE_SECONDS * rate)
    rng = chance(seed)
    at = len(samples) if before is None else before
    used: list[Hole] = []
    made: Samples | None = None
    missing = frames
    while missing > 0:
        length = _length(missing, len(samples), rate)
        last = until if length == missing else None
        wanted = Wanted(length, at, last)
        found = atlas.places(wanted) or atlas.places(replace(wanted, after=None))
        place = chosen(found, used, length, rng)
        if place is None:
            raise ValueError("the recording is too short to go on from")
        one = retrieval.piece(atlas, wanted, place, fade, fade)
        made = one if made is None else _joined(made, one, 2 * fade)
        used.append(Hole(max(place.first, 0), place.first + length))
        at = place.first_after + length
        missing -= length
        watch(1.0 - missing / frames)
    assert made is not None
    return made, tuple(one.first for one in used)


def patch(atlas: Atlas, hole: Hole, *, seed: int, watch: Watch) -> Patch:
    """A hole of any length filled by a chain of pieces.

    Raises:
        ValueError: The recording holds nothing to fill it with.
    """
    samples = atlas.samples
    fade = round(_FADE_SECONDS * atlas.sample_rate)
    if hole.first == 0:  # nothing comes before: what leads to what follows is found backwards
        back = patch(
            atlas.turned(), Hole(len(samples) - hole.end, len(samples)), seed=seed, watch=watch
        )
        taken = tuple(len(samples) - first for first in reversed(back.taken))
        return Patch(0, np.ascontiguousarray(back.samples[::-1]), METHOD, taken)
    until = hole.end if hole.end < len(samples) else None
    made, taken = continued(
        atlas, hole.frames, seed=seed, watch=watch, before=hole.first, until=until
    )
    lead = min(fade, hole.first)
    tail = min(fade, len(samples) - hole.end)
    made = made[fade - lead : len(made) - fade + tail]
    made[:lead] = joins.faded(samples[hole.first - lead : hole.first], made[:lead])
    if tail:
        made[-tail:] = joins.faded(made[-tail:], samples[hole.end : hole.end + tail])
    return Patch(hole.first - lead, made, METHOD, taken)


def added(samples: Samples, made: Samples, frames: int, taken: tuple[int, ...]) -> Patch:
    """What goes on after a recording's end, joined to it.

    Args:
        made, taken: As `continued` gives them for so many frames.
    """
    fade = (len(made) - frames) // 2
    lead = min(fade, len(samples))
    made = made[fade - lead : fade + frames]
    made[:lead] = joins.faded(samples[len(samples) - lead :], made[:lead])
    return Patch(len(samples) - lead, made, METHOD, taken)


def chance(seed: int) -> np.random.Generator | None:
    """What chooses among places by seed; none for seed 0, which takes the best."""
    return np.random.Generator(np.random.PCG64(seed)) if seed else None


def chosen(
    places: list[Place], used: list[Hole], frames: int, rng: np.random.Generator | None, *,
    spread: float = _SPREAD,
) -> Place | None:  # fmt: skip
    """The best place, or by chance one of the best; `spread` is how much worse one may well be."""
    if not places:
        return None
    badness = np.array([one.badness + _USED_AGAIN * _share_used(one, used, frames)
                        for one in places])  # fmt: skip
    if rng is None:
        return places[int(badness.argmin())]
    weights = np.exp((badness.min() - badness) / spread)
    return places[int(rng.choice(len(places), p=weights / weights.sum()))]


def _share_used(place: Place, used: list[Hole], frames: int) -> float:
    first, end = place.first, place.first + frames
    shared = (min(end, one.end) - max(first, one.first) for one in used)
    return max((max(span, 0) / frames for span in shared), default=0.0)


def _length(missing: int, frames: int, sample_rate: int) -> int:
    """Of the next piece: what is missing shared out evenly."""
    longest = min(round(LONGEST_SECONDS * sample_rate), frames // 3)
    longest = max(longest, min(round(_SHORTEST_SECONDS * sample_rate), missing))
    pieces = -(-missing // longest)
    return -(-missing // pieces)


def _joined(one: Samples, other: Samples, overlap: int) -> Samples:
    middle = joins.faded(one[-overlap:], other[:overlap])
    return np.concatenate([one[:-overlap], middle, other[overlap:]])
