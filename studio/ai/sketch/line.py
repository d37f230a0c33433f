"""The pitches of a line: the cheapest way through all notes of a phrase at once.

A second-order Viterbi search (Forney 1973) over pitches. What a good line costs little: chord tones
on strong beats, steps rather than leaps, leaps left by step the other way, its motif's shape kept,
notes foreign to the chord reached and left by step, its register, its close.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from studio.ai.sketch.score import EIGHTH, QUARTER

Costs = npt.NDArray[np.float64]
NEVER = 1e6

# What an interval costs, by semitones up to an octave; more is out of the question.
_LEAPS = np.array([1.0, 0.05, 0.05, 0.5, 0.7, 0.85, 4.0, 1.2, 1.9, 2.1, 4.0, 5.0, 2.0])

# What a note foreign to the chord costs by the strength of its place: nineteen in twenty notes on
# strong beats belong to the chord then (of 496 lead sheets of 1890-1940, four in five do).
_REST = {3: 1.7, 2: 1.4, 1: 0.8, 0: 0.2}


@dataclass(frozen=True, slots=True)
class Slot:
    """A note of the line that needs a pitch.

    Attributes:
        start, length: Ticks.
        strength: 3 downbeat, 2 group head, 1 beat, 0 between beats.
        scale: Pitch classes it may take; `tones` those it may rest on.
        liked: Of those, the ones the style prefers; empty: all.
        crowded: Tones that rub against another one of the chord, a semitone below.
        step: The motif's move from the note before, in scale steps, or None.
        target: The register it should lie in, as a MIDI key.
        wish: The pitch it had when this material was heard before.
        close: Pitch classes that end a phrase here, best first.
        fixed: A pitch that is given (a locked note).
    """

    start: int
    length: int
    strength: int
    scale: frozenset[int]
    tones: frozenset[int]
    liked: frozenset[int] = frozenset()
    crowded: frozenset[int] = frozenset()
    step: int | None = None
    target: float = 69.0
    wish: int | None = None
    close: tuple[int, ...] = ()
    fixed: int | None = None


def solve(
    slots: Sequence[Slot],
    low: int,
    high: int,
    rng: np.random.Generator,
    *,
    before: tuple[int, ...] = (),
    after: int | None = None,
    freedom: float = 0.4,
    extra: Costs | None = None,
) -> list[int]:
    """A pitch for each slot.

    Args:
        low, high: The compass of what is written; fixed pitches may lie outside.
        before: The one or two pitches heard last, `after` the one heard next.
        freedom: 0-1, how much chance has a say.
        extra: Costs to add, shape [slots, high - low + 1].
    """  # fmt: skip
    if not slots:
        return []
    before = tuple(min(max(pitch, low - 12), high + 12) for pitch in before)
    after = None if after is None else min(max(after, low - 12), high + 12)
    fixed = [slot.fixed for slot in slots if slot.fixed is not None]
    bottom = min([low, *fixed, *before, *([after] if after is not None else [])])
    top = max([high, *fixed, *before, *([after] if after is not None else [])])
    pitches = np.arange(bottom, top + 1)
    own = _own_costs(slots, pitches, low, high, freedom, rng)
    if extra is not None:
        own[:, low - bottom : low - bottom + extra.shape[1]] += extra
    turns = _turns(len(pitches))
    total, came = _forward(slots, pitches, own, turns, before)
    if after is not None:
        total = total + _leap(pitches[None, :], after)
    path = [int(i) for i in np.unravel_index(int(np.argmin(total)), total.shape)]
    for back in reversed(came):
        path.insert(0, int(back[path[0], path[1]]))
    return [int(pitches[index]) for index in path[-len(slots) :]]


def _own_costs(
    slots: Sequence[Slot],
    pitches: npt.NDArray[np.int64],
    low: int,
    high: int,
    freedom: float,
    rng: np.random.Generator,
) -> Costs:
    """What each pitch costs at each slot by itself, shape [slots, pitches]."""
    noise = rng.gumbel(0.0, 0.35 + 0.9 * freedom, (len(slots), len(pitches)))
    noise[[bool(slot.close) for slot in slots]] *= 0.3  # where a phrase rests is no chance
    costs = np.stack([_slot_cost(slot, pitches) for slot in slots]) - noise
    costs[:, (pitches < low) | (pitches > high)] = NEVER
    for index, slot in enumerate(slots):
        if slot.fixed is not None:
            costs[index] = np.where(pitches == slot.fixed, 0.0, NEVER)
    return costs


def _slot_cost(slot: Slot, pitches: npt.NDArray[np.int64]) -> Costs:
    classes = pitches % 12
    cost = np.where(np.isin(classes, list(slot.scale)), 0.0, NEVER)
    foreign = ~np.isin(classes, list(slot.tones))
    rests = slot.length >= QUARTER
    cost += foreign * (_REST[slot.strength] + 1.4 * rests)
    above = [(tone + 1) % 12 for tone in slot.tones if (tone + 1) % 12 not in slot.tones]
    cost += np.isin(classes, above) * (2.5 if slot.length > EIGHTH else 0.4)
    cost += 0.36 * (np.abs(pitches - slot.target) / 4.0) ** 1.6
    if slot.liked:
        cost += 0.9 * ~np.isin(classes, list(slot.liked))
    if slot.crowded:
        cost += np.isin(classes, list(slot.crowded)) * (1.0 + 1.0 * rests)
    if slot.wish is not None:
        cost += 2.4 * np.minimum(np.abs(pitches - slot.wish), 6)
    if slot.close:
        rank = {pitch_class: 0.9 * place for place, pitch_class in enumerate(slot.close)}
        cost += np.array([rank.get(int(pitch_class), 9.0) for pitch_class in classes])
    return cost


def _forward(
    slots: Sequence[Slot],
    pitches: npt.NDArray[np.int64],
    own: Costs,
    turns: Costs,
    before: tuple[int, ...],
) -> tuple[Costs, list[npt.NDArray[np.int64]]]:
    """Costs of ending on each pair of pitches, shape [pitches, pitches], and the way back."""
    interval = pitches[None, :] - pitches[:, None]
    if before:
        start = np.where(pitches == before[-1], 0.0, NEVER)
        total = start[:, None] + _pair(None, slots[0], interval, pitches) + own[0][None, :]
        if len(before) > 1:
            total = total + turns[int(before[-2] - pitches[0])]
    else:
        total = np.broadcast_to(own[0][None, :], interval.shape) + np.where(
            interval == 0, 0.0, NEVER
        )
    came: list[npt.NDArray[np.int64]] = []
    for previous, slot, cost in zip(slots, slots[1:], own[1:], strict=False):
        ways = total[:, :, None] + turns
        best = ways.argmin(axis=0)
        came.append(best)
        total = ways.min(axis=0) + _pair(previous, slot, interval, pitches) + cost[None, :]
    return total, came


def _pair(
    previous: Slot | None,
    slot: Slot,
    interval: npt.NDArray[np.int64],
    pitches: npt.NDArray[np.int64],
) -> Costs:
    """What moving from one pitch to the next costs, shape [from, to]."""
    cost = _leap(interval, 0)
    if slot.step is not None:
        cost = cost + 0.75 * np.minimum(np.abs(interval * 7 / 12 - slot.step), 4)
    leaps = np.abs(interval) > 2
    if slot.close:
        cost = cost + 0.5 * np.maximum(np.abs(interval) - 2, 0)  # a close is reached by step
    if previous is not None:
        left = ~np.isin(pitches % 12, list(previous.tones))
        cost = cost + 2.5 * (leaps & left[:, None])
    reached = ~np.isin(pitches % 12, list(slot.tones))
    return cost + 2.0 * (leaps & reached[None, :])


def _leap(interval: npt.NDArray[np.int64], to: int) -> Costs:
    size = np.abs(interval - to)
    cost: Costs = np.where(size > 12, 12.0 + size, _LEAPS[np.minimum(size, 12)])
    return cost


@lru_cache(maxsize=4)  # 128 pitches make 16 MB
def _turns(count: int) -> Costs:
    """What three pitches in a row cost beyond their intervals, shape [count, count, count]."""
    pitch = np.arange(count)
    first = pitch[None, :, None] - pitch[:, None, None]
    second = pitch[None, None, :] - pitch[None, :, None]
    same_way = np.sign(first) == np.sign(second)
    big, big_too = np.abs(first) > 4, np.abs(second) > 4
    cost = 2.2 * (big & same_way & (np.abs(second) > 2)) + 1.6 * (big & big_too)
    cost = cost - 0.5 * (big & ~same_way & (np.abs(second) <= 2) & (second != 0))
    cost = cost + 1.3 * ((first == 0) & (second == 0)) + 0.5 * ((first == -second) & (first != 0))
    return np.asarray(cost, dtype=np.float64)
