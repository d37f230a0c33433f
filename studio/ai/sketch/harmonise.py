"""Chords that fit a melody: the cheapest way through the chords of its key.

A Viterbi search (Forney 1973) over half bars, or bars where a meter has no half. A chord costs
what the melody's notes cost over it, by how long they last and how strong their place is; moving on
costs by how seldom the style's own progressions move so (as Simon, Morris & Basu 2008 do, with
rules' tables in place of a corpus).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from studio.ai.requests import Request, Task
from studio.ai.sketch.cast import Player
from studio.ai.sketch.harmony import MODAL, chord_of, family
from studio.ai.sketch.lane import covering
from studio.ai.sketch.plan import Plan, plan
from studio.ai.sketch.progressions import CADENCES, PROGRESSIONS
from studio.ai.sketch.score import EIGHTH, QUARTER, pulses, stream
from studio.ai.sketch.styles import STYLES
from studio.domain.gap import gathered
from studio.domain.notes import Notes
from studio.domain.project import ChordSpan
from studio.domain.tempo import MeterChange
from studio.domain.theory import Chord, Key

Costs = npt.NDArray[np.float64]

_FUNCTIONAL = 0.55  # weight of the progression beside the melody's own say
_ELSEWHERE = 0.15  # what a move counts that only other styles make
_FLOOR = 0.02  # likelihood of a move that no table has
_RARE = 0.3  # weight of how seldom the style has a chord
_STRENGTHS = {3: 1.7, 2: 1.4, 1: 1.2, 0: 0.7}
_STAYING, _MOVING_WITHIN = 0.9, 1.5  # over a bar line; within a bar
_LOWEST_CEILING = 62  # MIDI key: chords need that much room under a melody
_MOST_STATES = 28


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch that has one chord."""

    start: int
    end: int
    starts_bar: bool


def harmonised(request: Request) -> Plan:
    """The plan of parts under a melody, over chords that fit it.

    The song's last bar comes to rest where the melody does.
    """
    planned = plan(with_chords(request))
    last = planned.bars[-1]
    melody = gathered(request.song, request.controls.source)
    rests = int(melody.starting_in(last.start, last.end).sum()) <= 2 and len(last.chords) == 1
    if len(planned.bars) > 1 and last.end >= request.song.end and rests:
        planned = replace(planned, bars=(*planned.bars[:-1], replace(last, final=True)))
    return planned


def with_chords(request: Request) -> Request:
    """A wish to harmonise as one to add parts, over chords that were found for the melody.

    Bars whose chords are asked for, or stand in the song's lane, keep them.
    """
    planned = plan(request)
    melody = gathered(request.song, request.controls.source)
    bars = [(bar.start, bar.meter) for bar in planned.bars]
    found = chords_for(melody, bars, planned)
    given = (*request.controls.chords, *request.song.chords)
    free = [
        (start, start + meter.ticks_per_bar)
        for start, meter in bars
        if not covering(given, start, start + meter.ticks_per_bar)
    ]
    invented = [s for s in found if any(a <= s.start < b for a, b in free)]
    spans = sorted((*request.controls.chords, *invented), key=lambda span: span.start)
    controls = replace(
        request.controls,
        key=planned.key,
        chords=tuple(spans),
        instruments=request.controls.instruments or ("chords",),
    )
    return replace(request, task=Task.ADD_PART, controls=controls)


def under_melody(plan: Plan, players: Sequence[Player]) -> tuple[Player, ...]:
    """Players who leave the melody its register, as far as their own leaves them room."""
    melody = gathered(plan.request.song, plan.request.controls.source)
    ceiling = max(int(np.percentile(melody.pitch, 10)) - 1, _LOWEST_CEILING)
    return tuple(
        replace(player, high=min(player.high, max(ceiling, player.low + 12)))
        if not player.drums
        else player
        for player in players
    )


def chords_for(
    melody: Notes, bars: Sequence[tuple[int, MeterChange]], planned: Plan
) -> tuple[ChordSpan, ...]:
    """Chords over `bars` (start and meter of each) that fit `melody` (song ticks)."""
    units = _units(bars)
    chords, rarity, moves = _table(planned.style_name, planned.key)
    own = np.array([_fit(melody, unit, chords, rarity, planned) for unit in units])
    freedom = 0.1 + 0.8 * planned.dials.surprise
    own += freedom * stream(planned.seed, "harmonise").gumbel(0.0, 1.0, own.shape)
    own[0] += 0.9 * np.array([chord.root != planned.key.tonic for chord in chords])
    own[-1] += 1.6 * np.array([chord.root != planned.key.tonic for chord in chords])
    own[-1] += 1.2 * np.array(["sus" in chord.quality for chord in chords])
    path = _cheapest(own, moves, [unit.starts_bar for unit in units])
    return _joined(units, [chords[index] for index in path])


def _units(bars: Sequence[tuple[int, MeterChange]]) -> list[Unit]:
    found = []
    for start, meter in bars:
        end = start + meter.ticks_per_bar
        heads = [p.at for p in pulses(meter.beats, meter.unit)]
        half = start + meter.ticks_per_bar // 2
        divides = meter.ticks_per_bar >= 4 * QUARTER and half - start in heads
        edges = [start, half, end] if divides else [start, end]
        found += [Unit(a, b, a == start) for a, b in pairwise(edges)]
    return found


def _joined(units: Sequence[Unit], chords: Sequence[Chord]) -> tuple[ChordSpan, ...]:
    """One span a chord; one that lasts over a bar line is named again in each bar."""
    found: list[ChordSpan] = []
    for unit, chord in zip(units, chords, strict=True):
        if found and found[-1].chord == chord and not unit.starts_bar:
            found[-1] = ChordSpan(found[-1].start, unit.end - found[-1].start, chord)
        else:
            found.append(ChordSpan(unit.start, unit.end - unit.start, chord))
    return tuple(found)


# --- what a melody says -----------------------------------------------------------------------


def _fit(melody: Notes, unit: Unit, chords: Sequence[Chord], rarity: Costs, planned: Plan) -> Costs:
    """What the notes sounding in a unit cost over each chord, shape [chords]."""
    costs = rarity.copy()
    inside = melody.where(melody.sounding_in(unit.start, unit.end) & ~melody.muted)
    for row in inside.table:
        start, pitch_class = int(row["start"]), int(row["pitch"]) % 12
        lasts = min(start + int(row["length"]), unit.end) - max(start, unit.start)
        strength = _strength(start, planned) if start >= unit.start else 1
        weight = min(lasts / QUARTER, 3.0) * _STRENGTHS[strength]
        weight *= 0.6 if lasts <= EIGHTH and strength == 0 else 1.0
        costs += weight * np.array([_clash(chord, pitch_class) for chord in chords])
    return costs


def _strength(tick: int, planned: Plan) -> int:
    meter = planned.tempo.meter_at(tick)
    within = (tick - meter.tick) % meter.ticks_per_bar
    return next((p.strength for p in pulses(meter.beats, meter.unit) if p.at == within), 0)


@cache
def _clash(chord: Chord, pitch_class: int) -> float:
    if pitch_class in chord.pitch_classes:
        place = [(chord.root + step) % 12 for step in chord.intervals].index(pitch_class)
        return (-0.3, -0.35, -0.3, 0.0)[place] if place < 4 else 0.15
    above = any((pitch_class - tone) % 12 == 1 for tone in chord.pitch_classes)
    return 1.7 if above else 1.0


def _strange(chord: Chord, key: Key) -> float:
    """Tones beside the key cost, unless the melody asks for them."""
    return 0.3 * len(chord.pitch_classes - set(key.pitch_classes))


# --- what a style does ------------------------------------------------------------------------


@cache
def _table(style: str, key: Key) -> tuple[tuple[Chord, ...], Costs, Costs]:
    """Chords to choose from, and what each and each move costs: shapes [n] and [n, n]."""
    singles, pairs = _counts(style, key)
    chords = sorted(singles, key=lambda chord: -singles[chord])[:_MOST_STATES]
    chords += [chord for chord in _triads(key) if chord not in chords]
    total = sum(singles.values())
    usual = np.array([singles.get(chord, 0.0) / total for chord in chords])
    rarity = _RARE * -np.log(usual + _FLOOR) + [_strange(chord, key) for chord in chords]
    moves = np.zeros((len(chords), len(chords)))
    for row, chord in enumerate(chords):
        leaving = sum(count for (one, _), count in pairs.items() if one == chord)
        seen = np.array([pairs.get((chord, following), 0.0) for following in chords])
        share = seen / leaving if leaving else seen
        moves[row] = -np.log(0.7 * share + 0.3 * usual + _FLOOR)
    return tuple(chords), rarity, _FUNCTIONAL * moves


def _counts(style: str, key: Key) -> tuple[dict[Chord, float], dict[tuple[Chord, Chord], float]]:
    """How often the style's progressions have each chord, and each move to another one."""
    singles: dict[Chord, float] = {}
    pairs: dict[tuple[Chord, Chord], float] = {}
    for name, weight in _sources(style, key).items():
        chords = [chord_of(numeral, key.tonic) for numeral in name.replace(",", " ").split()]
        chords = [replace(chord, bass=None) for chord in chords]
        for one, following in pairwise([*chords, chords[0]]):
            if weight >= 1.0 or len(one.intervals) == 3:
                singles[one] = singles.get(one, 0.0) + weight
            if one != following:
                pairs[one, following] = pairs.get((one, following), 0.0) + weight
    return singles, pairs


def _sources(style: str, key: Key) -> dict[str, float]:
    """Progressions and what each counts: the style's own, and a little of all others."""
    if key.mode in MODAL:
        return dict.fromkeys(MODAL[key.mode], 1.0)
    kind = family(key)
    found = {
        numerals: _ELSEWHERE
        for table in PROGRESSIONS.values()
        for numerals_ in table.get(kind, {}).values()
        for numerals in numerals_
    }
    closes = CADENCES[STYLES[style].cadence][kind]
    own = [n for row in PROGRESSIONS[style].get(kind, {}).values() for n in row]
    return found | dict.fromkeys(closes, 1.0) | dict.fromkeys(own, 1.0)


def _triads(key: Key) -> list[Chord]:
    """The triads of the key's own notes, whatever the style: a melody may need any of them."""
    classes = set(key.pitch_classes)
    found = [Chord(root, quality) for root in sorted(classes) for quality in ("", "m", "dim")]
    return [chord for chord in found if chord.pitch_classes <= classes]


def _cheapest(own: Costs, moves: Costs, starts_bar: Sequence[bool]) -> list[int]:
    total, came = own[0], []
    stays = np.eye(len(moves), dtype=bool)
    for costs, is_head in zip(own[1:], starts_bar[1:], strict=True):
        step = np.where(stays, _STAYING if is_head else 0.0, moves)
        step = step if is_head else step + _MOVING_WITHIN * ~stays
        ways = total[:, None] + step
        came.append(ways.argmin(axis=0))
        total = ways.min(axis=0) + costs
    path = [int(total.argmin())]
    for back in reversed(came):
        path.append(int(back[path[-1]]))
    return path[::-1]
