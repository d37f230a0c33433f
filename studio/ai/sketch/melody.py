"""Melody: motifs made of a rhythm and a shape, that return, vary, and close where phrases do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from studio.ai.sketch.harmony import core, crowded, scale_over
from studio.ai.sketch.line import Costs, Slot, solve
from studio.ai.sketch.score import EIGHTH, QUARTER, STEP, Bar, Event, Pulse, stream
from studio.domain.theory import Chord


class Manner(NamedTuple):
    """How a style sings.

    Attributes:
        notes: Notes to the quarter, on average.
        syncopation: Weight of notes off the beat, 0-1.
        sixteenths: Weight of quick notes, 0-1; `triplets` likewise.
        rests: How often a beat is silent, 0-1.
        pentatonic: Whether the five-note scale is preferred.
    """

    notes: float = 1.2
    syncopation: float = 0.4
    sixteenths: float = 0.1
    triplets: float = 0.0
    rests: float = 0.1
    pentatonic: bool = False


Rhythm = tuple[tuple[int, int], ...]  # (ticks from the bar's start, length)

# name -> onsets within a beat in ticks; `off` weighs by syncopation, `quick` by sixteenths
_QUARTER_CELLS: tuple[tuple[tuple[int, ...], str], ...] = (
    ((0,), ""), ((0, EIGHTH), ""), ((), "hold"), ((EIGHTH,), "off"),
    ((0, 3 * STEP), "quick"), ((0, STEP), "quick off"), ((0, EIGHTH, 3 * STEP), "quick"),
    ((0, STEP, EIGHTH), "quick"), ((0, STEP, EIGHTH, 3 * STEP), "quick"),
    ((0, 320, 640), "triplet"), ((STEP, EIGHTH), "quick off"),
    ((3 * STEP,), "quick off"), ((), "rest"),
)  # fmt: skip
_DOTTED_CELLS: tuple[tuple[tuple[int, ...], str], ...] = (
    ((0,), ""), ((0, QUARTER), ""), ((0, EIGHTH, QUARTER), ""), ((0, EIGHTH), "off"), ((), "hold"),
    ((QUARTER,), "off"),
    ((EIGHTH, QUARTER), "off"), ((0, 3 * STEP, QUARTER), "quick"), ((), "rest"),
)  # fmt: skip


@dataclass
class Memory:
    """What was sung before: rhythms and shapes by material, pitches by (material, place)."""

    pitches: dict[tuple[str, int, int, int], int] = field(default_factory=dict)
    last: tuple[int, ...] = ()


def melody_phrase(
    bars: Sequence[Bar],
    manner: Manner,
    seed: int,
    compass: tuple[int, int],
    memory: Memory,
    *,
    density: float,
    surprise: float,
    after: int | None = None,
    given: Sequence[Event] = (),
    rhythms: Sequence[Rhythm] = (),
    in_scale: bool = True,
) -> list[Event]:
    """A phrase of melody.

    Args:
        compass: Lowest and highest MIDI key to write.
        memory: Is read for what returns, and told what was sung.
        after: The pitch that follows the phrase, if it is there already.
        given: Notes of this line that stand (locked); the melody goes around and through them.
        rhythms: Rhythms to take up instead of the style's own, bar by bar.
    """  # fmt: skip
    energy = bars[0].energy - 0.04 * min(bars[0].turn, 2)  # a return lies where it lay
    lift = 0.36 * (energy - 0.56)  # a chorus lies about a third above its verse
    center = compass[0] + (compass[1] - compass[0]) * (0.42 + lift)
    slots: list[Slot] = []
    for index, bar in enumerate(bars):
        rhythm = (
            rhythms[index % len(rhythms)]
            if rhythms
            else _bar_rhythm(bar, manner, seed, density, surprise)
        )
        if (bar.final or (rhythm and bar.ends_phrase)) and len(bars) > 1:
            rhythm = _closing(bar, rhythm, seed)
        slots += _bar_slots(bar, rhythm, manner, seed, center, compass, memory, in_scale)
    slots = around(slots, given)
    if not slots:
        return []
    again = bars[0].turn if surprise > 0.6 else 0
    rng = stream(seed, "melody", bars[0].letter, bars[0].place, again)
    returns = bars[0].turn and bars[0].starts_section  # as it was, after a breath
    before = () if returns else memory.last
    pitches = solve(slots, *compass, rng, before=before, after=after, freedom=surprise)
    _remember(memory, slots, pitches, bars)
    return _sing(slots, pitches, bars, seed)


# --- rhythm -----------------------------------------------------------------------------------


def _bar_rhythm(bar: Bar, manner: Manner, seed: int, density: float, surprise: float) -> Rhythm:
    """The rhythm of a bar: one of the two halves of its material's motif, or a variation."""
    motif = "ab"[bar.in_phrase % 2] if bar.phrase_bars > 2 else "a"
    if bar.in_phrase == bar.phrase_bars - 2 and bar.phrase_bars >= 4:
        motif = "a" if bar.place < 4 else "c"
    rng = stream(seed, "rhythm", bar.letter, motif)
    rhythm = _sampled(bar.pulses, manner, density, rng)
    if (
        bar.turn
        and bar.in_phrase % 2
        and stream(seed, "vary", bar.letter, bar.turn).random() < 0.1 + 0.6 * surprise
    ):
        rhythm = _sampled(
            bar.pulses,
            manner,
            min(density + 0.1, 1.0),
            stream(seed, "varied", bar.letter, bar.turn),
        )
    return rhythm or ((0, bar.length),)


def _sampled(
    beats: Sequence[Pulse], manner: Manner, density: float, rng: np.random.Generator
) -> Rhythm:
    wanted = manner.notes * (0.45 + 1.1 * density)
    onsets: list[int] = []
    silences: list[int] = []
    for index, pulse in enumerate(beats):
        cells = _DOTTED_CELLS if pulse.length == QUARTER + EIGHTH else _QUARTER_CELLS
        weights = np.array(
            [_weight(cell, kind, pulse, manner, wanted, index) for cell, kind in cells]
        )
        chosen, kind = cells[int(rng.choice(len(cells), p=weights / weights.sum()))]
        if kind == "rest":
            silences.append(pulse.at)
        onsets += [pulse.at + at for at in chosen if at < pulse.length]
    return _with_ends(sorted(onsets), silences, beats[-1].at + beats[-1].length)


def _weight(
    cell: tuple[int, ...], kind: str, pulse: Pulse, manner: Manner, wanted: float, index: int
) -> float:
    per_quarter = len(cell) * QUARTER / pulse.length
    weight = float(np.exp(-(((per_quarter - wanted) / 0.75) ** 2)))
    if "off" in kind:
        weight *= manner.syncopation * (1.3 if index else 0.5)
    if "quick" in kind:
        weight *= manner.sixteenths * 1.2
    if kind == "triplet":
        weight *= manner.triplets
    if kind == "rest":
        weight = manner.rests * (0.5 if index == 0 else 1.0)
    if kind == "hold":
        weight *= (0.15 + 0.35 * manner.syncopation) if index == 0 else 0.9
    return weight


def _with_ends(onsets: list[int], silences: list[int], end: int) -> Rhythm:
    found = []
    for at, following in pairwise([*onsets, end]):
        until = min([following, *(s for s in silences if s > at)])
        found.append((at, min(until - at, 2 * QUARTER + EIGHTH)))
    return tuple(found)


def _closing(bar: Bar, rhythm: Rhythm, seed: int) -> Rhythm:
    """The rhythm of a bar that ends a phrase: it comes to rest, and breathes."""
    if bar.final:
        return ((0, bar.length),)
    rng = stream(seed, "close", bar.letter, bar.place)
    heads = [pulse.at for pulse in bar.pulses]
    rest_at = heads[0] if len(heads) < 3 or rng.random() < 0.45 else heads[(len(heads)) // 2]
    until = (
        heads[-1]
        if len(heads) > 2 and rest_at < heads[-1]
        else bar.length - min(EIGHTH, bar.length // 4)
    )
    lead_in = [(at, min(length, rest_at - at)) for at, length in rhythm if at < rest_at]
    rest = [(rest_at, max(until - rest_at, min(EIGHTH, bar.length - rest_at)))]
    pickup = []
    if rng.random() < 0.4 and until + EIGHTH < bar.length and bar.place < bar.count - 1:
        pickup = [(bar.length - EIGHTH, EIGHTH)]
    return tuple(lead_in + rest + pickup)


# --- slots ------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _shape(seed: int, letter: str, motif: str, count: int) -> tuple[int, ...]:
    """A motif's moves in scale steps: mostly small, keeping a direction, back after a leap."""
    rng = stream(seed, "shape", letter, motif)
    moves: list[int] = []
    way = 1 if rng.random() < 0.5 else -1
    for _ in range(max(count, 12)):
        roll = rng.random()
        size = (
            0 if roll < 0.15 else 1 if roll < 0.7 else 2 if roll < 0.86 else 3 if roll < 0.94 else 4
        )
        if rng.random() < 0.36 or (moves and abs(moves[-1]) > 2):
            way = -way
        height = sum(moves)
        if abs(height) > 4:
            way = -1 if height > 0 else 1
        moves.append(way * size)
    return tuple(moves[:count])


def _bar_slots(
    bar: Bar,
    rhythm: Rhythm,
    manner: Manner,
    seed: int,
    center: float,
    compass: tuple[int, int],
    memory: Memory,
    in_scale: bool,
) -> list[Slot]:
    motif = "ab"[bar.in_phrase % 2]
    moves = _shape(seed, bar.letter, motif, len(rhythm))
    heads = {pulse.at: pulse.strength for pulse in bar.pulses}
    slots = []
    for index, (at, length) in enumerate(rhythm):
        chord = bar.chord_at(bar.start + at)
        progress = (bar.in_phrase + at / bar.length) / bar.phrase_bars
        closing = (
            bar.ends_phrase
            and heads.get(at, 0) > 0
            and at + length >= bar.pulses[-1].at
            and bar.phrase_bars > 1
        )
        returning = bar.turn and not bar.ends_phrase
        slots.append(
            Slot(
                start=bar.start + at,
                length=length,
                strength=heads.get(at, 0),
                scale=_scale(bar, chord, manner, in_scale),
                tones=core(chord),
                crowded=crowded(chord),
                liked=_five(bar, chord) if manner.pentatonic else frozenset(),
                step=moves[index] if index or bar.in_phrase % 2 else None,
                target=center + 6.0 * np.sin(np.pi * min(progress * 1.15, 1.0)) - 1.5,
                wish=memory.pitches.get((bar.letter, bar.place, index, at)) if returning else None,
                close=_close_on(bar) if closing or bar.final else (),
            )
        )
    return slots


def _scale(bar: Bar, chord: Chord, manner: Manner, in_scale: bool) -> frozenset[int]:
    """What may be sung over a chord; syncopated styles add blue notes unless kept to the key."""
    if bar.locked:
        return chord.pitch_classes
    scale = scale_over(bar.key, chord)
    if not in_scale and manner.syncopation > 0.5:
        scale = scale | {(bar.key.tonic + 3) % 12, (bar.key.tonic + 6) % 12}
    return scale


def _five(bar: Bar, chord: Chord) -> frozenset[int]:
    """The pentatonic scale of the key, and the chord."""
    steps = (0, 3, 5, 7, 10) if bar.key.is_minor else (0, 2, 4, 7, 9)
    return core(chord) | {(bar.key.tonic + step) % 12 for step in steps}


def _close_on(bar: Bar) -> tuple[int, ...]:
    """Where a phrase may rest: the tonic at the very end, else the chord's root, third or fifth."""
    chord = bar.chords[-1].chord
    if bar.final:
        return (bar.key.tonic,) if bar.key.tonic in chord.pitch_classes else (chord.root,)
    tones = [(chord.root + step) % 12 for step in chord.intervals if step < 9]
    if bar.place == bar.count - 1:
        return tuple(tones)
    return (*tones[1:], tones[0])


def around(slots: list[Slot], given: Sequence[Event]) -> list[Slot]:
    """The slots between given notes, with those notes in their place as fixed ones."""
    if not given:
        return slots
    kept: list[Slot] = []
    for slot in slots:
        if any(note.start <= slot.start < note.end for note in given):
            continue
        until = min(
            [slot.start + slot.length, *(note.start for note in given if note.start > slot.start)]
        )
        kept.append(_trimmed(slot, until))
    free: frozenset[int] = frozenset(range(12))
    fixed = [Slot(n.start, n.length, 0, free, free, target=n.pitch, fixed=n.pitch) for n in given]
    return sorted([*kept, *fixed], key=lambda slot: slot.start)


def _trimmed(slot: Slot, until: int) -> Slot:
    return slot if until == slot.start + slot.length else replace(slot, length=until - slot.start)


def _remember(
    memory: Memory, slots: Sequence[Slot], pitches: Sequence[int], bars: Sequence[Bar]
) -> None:
    for bar in bars:
        inside = [
            (s, p) for s, p in zip(slots, pitches, strict=True) if bar.start <= s.start < bar.end
        ]
        for index, (slot, pitch) in enumerate(inside):
            memory.pitches.setdefault((bar.letter, bar.place, index, slot.start - bar.start), pitch)
    memory.last = tuple((*memory.last, *pitches)[-2:])


def _sing(
    slots: Sequence[Slot], pitches: Sequence[int], bars: Sequence[Bar], seed: int
) -> list[Event]:
    """Notes shaped by the phrase: louder towards its top and on strong beats, softer at its end."""
    rng = stream(seed, "singing", bars[0].start)
    start, end = bars[0].start, bars[-1].end
    middle = float(np.mean(pitches))
    events = []
    for slot, pitch in zip(slots, pitches, strict=True):
        late = round(float(np.clip(rng.normal(3.0, 4.0), -6, 14)))
        swell = np.sin(np.pi * (slot.start - start) / (end - start)) * 10
        level = (
            80
            + swell
            + (pitch - middle) * 0.9
            + slot.strength * 2.5
            + 12 * (bars[0].energy - 0.5)
            + rng.normal(0, 2.5)
        )
        if slot.fixed is None:
            length = (
                slot.length
                if slot.length <= STEP or (bars[-1].final and slot.start >= bars[-1].start)
                else round(slot.length * 0.94)
            )
            events.append(
                Event(
                    slot.start,
                    max(length, 1),
                    pitch,
                    int(np.clip(level, 40, 122)),
                    max(late, 0) if slot.start == 0 else late,
                )
            )
    return events


# --- a second voice ---------------------------------------------------------------------------


def counter_phrase(
    bars: Sequence[Bar],
    melody: Sequence[Event],
    seed: int,
    compass: tuple[int, int],
    memory: Memory,
    density: float,
    given: Sequence[Event] = (),
) -> list[Event]:
    """A slower voice against a melody: consonant with it, moving when it rests."""  # fmt: skip
    slots: list[Slot] = []
    for bar in bars:
        heads = [
            p for p in bar.pulses if p.strength >= 2 or density > 0.65 or p.at * 2 == bar.length
        ]
        rng = stream(seed, "counter", bar.letter, bar.place)
        if len(heads) > 1 and rng.random() > 0.35 + density and not bar.final:
            heads = heads[:1]
        heads = heads[:1] if bar.final else heads
        ends = [p.at for p in heads[1:]] + [bar.length]
        for pulse, until in zip(heads, ends, strict=True):
            chord = bar.chord_at(bar.start + pulse.at)
            center = compass[0] + (compass[1] - compass[0]) * 0.5
            slots.append(
                Slot(
                    bar.start + pulse.at,
                    until - pulse.at,
                    pulse.strength,
                    chord.pitch_classes if bar.locked else scale_over(bar.key, chord),
                    core(chord),
                    target=center,
                )
            )
    slots = around(slots, given)
    extra = _against(slots, melody, compass)
    rng = stream(seed, "counter pitches", bars[0].letter, bars[0].place)
    returns = bars[0].turn and bars[0].starts_section
    before = () if returns else memory.last
    pitches = solve(slots, *compass, rng, before=before, extra=extra)
    memory.last = tuple((*memory.last, *pitches)[-2:])
    softer = _sing(slots, pitches, bars, seed)
    return [event._replace(velocity=max(event.velocity - 16, 30)) for event in softer]


def _against(slots: Sequence[Slot], melody: Sequence[Event], compass: tuple[int, int]) -> Costs:
    """What each pitch costs beside the melody note that sounds with it, shape [slots, pitches]."""
    low, high = compass
    pitches = np.arange(low, high + 1)
    costs = np.zeros((len(slots), len(pitches)))
    for index, slot in enumerate(slots):
        for note in melody:
            if note.start < slot.start + slot.length and note.end > slot.start:
                apart = np.abs(note.pitch - pitches) % 12
                costs[index] += np.select(
                    [apart == 0, np.isin(apart, (1, 11)), apart == 6], [1.2, 3.0, 0.8], 0.0
                )
                costs[index] += np.where(pitches > note.pitch - 2, 2.0, 0.0)
    return costs
