"""What the composing functions pass to each other: pulses, bars, notes and seeded streams."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, TypeVar

import numpy as np

from studio.domain.project import ChordSpan
from studio.domain.tempo import TICKS_PER_QUARTER, MeterChange
from studio.domain.theory import Chord, Key

T = TypeVar("T")

STEP = TICKS_PER_QUARTER // 4  # ticks of a sixteenth note: one character of a pattern
QUARTER = TICKS_PER_QUARTER
EIGHTH = TICKS_PER_QUARTER // 2


class Event(NamedTuple):
    """A note of the sketch, in song ticks; `timing` ticks late of its grid place."""

    start: int
    length: int
    pitch: int
    velocity: int
    timing: int = 0

    @property
    def end(self) -> int:
        return self.start + self.length


class Pulse(NamedTuple):
    """One felt beat of a bar.

    `strength` is 3 on the downbeat, 2 at the head of a group, 1 elsewhere; `cell` is the quarter of
    a four-beat pattern that stands here.
    """

    at: int
    length: int
    strength: int
    cell: int


_CELLS = {
    1: (0,), 2: (0, 1), 3: (0, 1, 3), 4: (0, 1, 2, 3), 5: (0, 1, 2, 2, 3),
    6: (0, 1, 2, 0, 1, 3), 7: (0, 1, 2, 3, 0, 1, 3),
}  # fmt: skip


@cache
def pulses(beats: int, unit: int) -> tuple[Pulse, ...]:
    """The felt beats of a meter: quarters, dotted ones in compound time, 2+2+3 eighths in 7/8."""
    lengths = _pulse_lengths(beats, unit)
    heads = _group_heads(len(lengths))
    cells = (
        _CELLS.get(len(lengths)) or tuple([0, 1, 2, 3] * (len(lengths) // 4 + 1))[: len(lengths)]
    )
    if len(lengths) == 3 and lengths[0] != lengths[2]:
        cells = (0, 2, 3)  # 2+2+3: the backbeat falls on the long group
    found, at = [], 0
    for index, length in enumerate(lengths):
        strength = 3 if index == 0 else 2 if index in heads else 1
        found.append(Pulse(at, length, strength, cells[index]))
        at += length
    return tuple(found)


def _pulse_lengths(beats: int, unit: int) -> list[int]:
    bar = beats * (4 * QUARTER // unit)
    if unit <= 4:
        return [QUARTER] * (bar // QUARTER)
    if unit == 8 and beats % 3 == 0:
        return [3 * EIGHTH] * (beats // 3)
    if unit == 8 and beats == 5:
        return [3 * EIGHTH, 2 * EIGHTH]
    whole, rest = divmod(bar, QUARTER)
    if rest == EIGHTH and whole:
        return [QUARTER] * (whole - 1) + [3 * EIGHTH]
    return [QUARTER] * whole + ([rest] if rest else [])


def _group_heads(count: int) -> frozenset[int]:
    """The indices of pulses that start a group: 2+2, 3+2, 3+3, 4+3."""
    if count in (2, 3):
        return frozenset()
    if count in (5, 6):
        return frozenset((3,))
    if count == 7:
        return frozenset((4,))
    return frozenset(range(0, count, 2 if count == 4 else 4))


class Hit(NamedTuple):
    """A character of a pattern at `at` ticks of the bar, that sounds until `at + length`."""

    at: int
    length: int
    mark: str
    strength: int


@cache
def fit(pattern: str, beats: int, unit: int, steady: bool = False) -> tuple[Hit, ...]:
    """Lay a pattern of sixteen sixteenths over any meter.

    Each felt beat takes the cell `Pulse.cell` of the pattern. In a dotted beat the two eighths of a
    cell become a long and a short one; where `steady`, three equal ones. `-` holds, `.` rests, any
    other character starts a note. A held note goes on over the cells that follow it.
    """
    places: list[tuple[int, str, int]] = []
    for pulse in pulses(beats, unit):
        cell = pattern[pulse.cell * 4 : pulse.cell * 4 + 4]
        for step, mark in _spread(cell, pulse.length, steady):
            at_head = step == 0
            places.append((pulse.at + step, mark, pulse.strength if at_head else 0))
    end = sum(pulse.length for pulse in pulses(beats, unit))
    hits: list[Hit] = []
    for index, (at, mark, strength) in enumerate(places):
        if mark not in "-.":
            until = next((a for a, m, _ in places[index + 1 :] if m != "-"), end)
            hits.append(Hit(at, until - at, mark, strength))
    return tuple(hits)


def _spread(cell: str, length: int, steady: bool) -> list[tuple[int, str]]:
    if length <= QUARTER:
        return [(i * STEP, mark) for i, mark in enumerate(cell) if i * STEP < length]
    if steady and cell[0] not in "-." and cell[2] not in "-.":
        return [(0, cell[0]), (EIGHTH, cell[2]), (2 * EIGHTH, cell[2])]
    places = (0, EIGHTH, 2 * EIGHTH, 2 * EIGHTH + STEP)
    return [(place, mark) for place, mark in zip(places, cell, strict=True) if place < length]


@dataclass(frozen=True, slots=True)
class Bar:
    """A planned bar.

    Attributes:
        chords: Covering the bar without a hole, in song ticks.
        section: Its name ("Verse"); `letter` says which material it uses (A, B).
        turn: How often this letter was heard before (0 the first time).
        place: Its index within the section, of `count` bars.
        phrase: Index of its phrase in the song; `in_phrase` of `phrase_bars`.
        energy: 0-1, how much is going on.
        locked: Whether no note may leave the chord that sounds with it.
    """

    start: int
    meter: MeterChange
    chords: tuple[ChordSpan, ...]
    key: Key
    section: str = ""
    letter: str = "A"
    turn: int = 0
    place: int = 0
    count: int = 4
    phrase: int = 0
    in_phrase: int = 0
    phrase_bars: int = 4
    energy: float = 0.6
    final: bool = False
    locked: bool = False

    @property
    def length(self) -> int:
        return self.meter.ticks_per_bar

    @property
    def end(self) -> int:
        return self.start + self.length

    @property
    def pulses(self) -> tuple[Pulse, ...]:
        return pulses(self.meter.beats, self.meter.unit)

    @property
    def ends_phrase(self) -> bool:
        return self.in_phrase == self.phrase_bars - 1

    @property
    def starts_section(self) -> bool:
        return self.place == 0

    def fit(self, pattern: str, steady: bool = False) -> tuple[Hit, ...]:
        return fit(pattern, self.meter.beats, self.meter.unit, steady)

    def chord_at(self, tick: int) -> Chord:
        """The chord that sounds at a song tick of this bar."""
        span = next((s for s in reversed(self.chords) if s.start <= tick), self.chords[0])
        return span.chord


def stream(seed: int, *names: object) -> np.random.Generator:
    """Random numbers of their own for each purpose: one part's change leaves the others alone."""
    digest = hashlib.sha256("/".join(map(str, (seed, *names))).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))


def pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    return options[int(rng.integers(len(options)))]
