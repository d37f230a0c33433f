"""Other notes for those that a gap names, beside all that stay: a line, chords or drums revised.

What comes keeps the number, the places and the manner of what goes, so that a tenth of a tune, or a
single note, can change and the tune remain. More or less density adds notes between them, or takes
the weaker ones away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise

import numpy as np

from studio.ai.requests import Request
from studio.ai.sketch.cast import Player
from studio.ai.sketch.groove_patterns import (
    CLOSED_HAT,
    KICK,
    OPEN_HAT,
    PEDAL_HAT,
    RIDE,
    SIDE_STICK,
    SNARE,
)
from studio.ai.sketch.harmony import bass_of, core, is_muddy, lead, scale_over
from studio.ai.sketch.humanise import held_events
from studio.ai.sketch.line import Costs, Slot, solve
from studio.ai.sketch.melody import around
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import EIGHTH, STEP, Bar, Event, stream
from studio.ai.sketch.settle import Settler

Bars = Sequence[Bar]

_SAME = 4.0  # what it costs a line to come back to the very pitch that was to change
_FAR = 0.4  # what each semitone beyond a third costs
_LINE = 1.15  # notes a strike at most, of a part that is a line
_REACH = 5  # semitones beyond what goes (and stays) that a line may move
# What a drummer would play for another stroke, likelier ones first.
_INSTEAD = {
    CLOSED_HAT: (OPEN_HAT, PEDAL_HAT, RIDE), OPEN_HAT: (CLOSED_HAT, RIDE), PEDAL_HAT: (CLOSED_HAT,),
    RIDE: (CLOSED_HAT, 53), 53: (RIDE,), SNARE: (SIDE_STICK, 39), SIDE_STICK: (SNARE,),
    39: (SNARE,), 40: (SNARE,), 41: (43, 45), 43: (41, 45), 45: (47, 43), 47: (48, 45),
    48: (50, 47), 50: (48, 47), 49: (57, 55), 57: (49,), 54: (70,), 70: (54,),
}  # fmt: skip


def revise(
    plan: Plan, players: Sequence[Player], at_bar: Callable[[], None]
) -> Iterator[tuple[Bar, dict[int, list[Event]]]]:
    """Yield every bar with what takes the place of the named notes that start in it.

    Args:
        at_bar: Called before each phrase is written and each bar is given; may raise to stop.
    """
    going = [held_events(plan, player) for player in players]
    settlers = [
        Settler(plan, player, alone=_is_line(player, notes, overlapping=0.0), felt=False)
        for player, notes in zip(players, going, strict=True)
    ]
    for _, group in groupby(plan.bars, key=lambda bar: bar.phrase):
        bars = list(group)
        at_bar()
        rows = {}
        for index, player in enumerate(players):
            inside = [e for e in going[index] if bars[0].start <= e.start < bars[-1].end]
            rows[index] = settlers[index].settle(_other(plan, player, inside, bars), bars)
        for bar in bars:
            at_bar()
            yield (
                bar,
                {
                    index: [e for e in events if bar.start <= e.start < bar.end]
                    for index, events in rows.items()
                },
            )


def keeps_notes(request: Request) -> bool:
    """Whether the notes that a gap names are to stay, only more or fewer of them."""
    controls = request.controls
    return bool(request.gap.notes) and controls.density != 0.5 and controls.amount >= 1.0


def _is_line(player: Player, going: Sequence[Event], overlapping: float = 0.1) -> bool:
    """Whether a part sounds one note at a time, by its notes: its role may promise too much.

    Args:
        overlapping: The share of notes that may last into the next one.
    """
    if player.drums:
        return False
    spans = [(note.start, note.end) for note in player.standing if not note.muted]
    spans = sorted([*spans, *((event.start, event.end) for event in going)])
    starts = {start for start, _ in spans}
    overlaps = sum(b[0] < a[1] for a, b in pairwise(spans))
    return len(spans) <= _LINE * len(starts) and overlaps <= overlapping * len(spans)


def _other(plan: Plan, player: Player, going: Sequence[Event], bars: Bars) -> list[Event]:
    """What comes for the notes of a phrase that go."""
    if not going:
        return []
    rng = stream(plan.seed, "revise", player.track, bars[0].start)
    if player.drums:
        return _drums(plan, player, going, bars, rng)
    keeps = keeps_notes(plan.request)
    thinned = _thinned(going, bars, plan.request.controls.density, rng)
    if _is_line(player, going):
        return _line(plan, player, thinned, going, bars, rng, keeps)
    return _chords(plan, player, thinned, bars, rng, keeps)


def _strength(bars: Bars, tick: int) -> int:
    bar = _bar_of(bars, tick)
    return next((p.strength for p in bar.pulses if abs(p.at - tick + bar.start) < STEP // 3), 0)


def _bar_of(bars: Bars, tick: int) -> Bar:
    return next((bar for bar in bars if bar.start <= tick < bar.end), bars[-1])


def _thinned(
    going: Sequence[Event], bars: Bars, density: float, rng: np.random.Generator
) -> list[Event]:
    """Fewer strikes where a calmer part is wanted: the weak ones go, and those before last on."""
    if density >= 0.5:
        return list(going)
    kept: list[Event] = []
    for start, group in groupby(going, key=lambda event: event.start):
        strike = list(group)
        chance = (0.5 - density) * (2.2, 1.3, 0.5, 0.1)[_strength(bars, start)]
        if kept and rng.random() < chance:
            last = kept[-1].start
            until = max(event.end for event in strike)
            kept = [
                e._replace(length=max(e.length, until - e.start))
                if e.start == last and strike[0].start - e.end <= STEP else e
                for e in kept
            ]  # fmt: skip
        else:
            kept += strike
    return kept


# --- a line -----------------------------------------------------------------------------------


def _line(
    plan: Plan,
    player: Player,
    kept: Sequence[Event],
    going: Sequence[Event],
    bars: Bars,
    rng: np.random.Generator,
    keeps: bool,
) -> list[Event]:
    """New pitches on the rhythm of what goes, varied a little; around what stays."""
    given = _standing(player, bars)
    low, high = _compass(plan, [*going, *given])
    if keeps:
        return _busier(plan, kept, bars, low, high, rng)
    rhythm = _varied(kept, plan.dials.surprise, rng)
    slots = [_slot(plan, player, event, bars) for event in rhythm]
    played = {event.start: event for event in rhythm}
    slots = around(slots, given)
    extra = _not_again(slots, going, low, high)
    pitches = solve(slots, low, high, rng, freedom=plan.dials.surprise, extra=extra)
    found = []
    for slot, pitch in zip(slots, pitches, strict=True):
        if slot.fixed is None:
            found.append(played[slot.start]._replace(pitch=pitch, length=slot.length))
    return found


def _standing(player: Player, bars: Bars) -> list[Event]:
    """What the line keeps within the bars, one note at a time."""
    found: list[Event] = []
    for note in player.standing:
        inside = bars[0].start <= note.start < bars[-1].end and not note.muted
        if inside and (not found or found[-1].end <= note.start):
            length = max(note.end - note.start, 1)
            found.append(Event(note.start, length, note.pitch, note.velocity))
    return found


def _compass(plan: Plan, notes: Sequence[Event]) -> tuple[int, int]:
    gap = plan.request.gap
    pitches = [min(max(note.pitch, gap.pitch_low), gap.pitch_high) for note in notes]
    return max(min(pitches) - _REACH, gap.pitch_low), min(max(pitches) + _REACH, gap.pitch_high)


def _slot(plan: Plan, player: Player, event: Event, bars: Bars) -> Slot:
    bar = _bar_of(bars, event.start)
    chord, strength = bar.chord_at(event.start), _strength(bars, event.start)
    scale = scale_over(bar.key, chord)
    if bar.locked:
        scale = chord.pitch_classes
    elif not plan.request.controls.keep_to_scale:
        scale = scale | {event.pitch % 12}
    tones = core(chord)
    if player.plays == "bass" and strength >= 2:
        tones = frozenset({bass_of(chord)})
    return Slot(event.start, event.length, strength, scale, tones, target=float(event.pitch))


def _varied(events: Sequence[Event], surprise: float, rng: np.random.Generator) -> list[Event]:
    """The rhythm with some notes cut in two, and some pairs dotted."""
    found: list[Event] = []
    for event in events:
        before = found[-1] if found else None
        roll = rng.random()
        moves = before is not None and before.end == event.start and before.length == event.length
        if moves and before is not None and roll < 0.3 * surprise and event.length >= 2 * STEP:
            by = event.length // 2
            found[-1] = before._replace(length=before.length + by)
            found.append(event._replace(start=event.start + by, length=event.length - by))
        elif roll > 1.0 - 0.35 * surprise and event.length >= 2 * EIGHTH:
            found += _halves(event)
        else:
            found.append(event)
    return found


def _halves(event: Event) -> list[Event]:
    half = max(event.length // 2 // STEP * STEP, STEP)
    return [
        event._replace(length=half),
        event._replace(start=event.start + half, length=event.length - half,
                       velocity=max(event.velocity - 8, 1)),
    ]  # fmt: skip


def _not_again(slots: Sequence[Slot], going: Sequence[Event], low: int, high: int) -> Costs:
    """What it costs a note to be the one it replaces, or far from it: [slots, pitches]."""
    pitches = np.arange(low, high + 1)
    was = {event.start: event.pitch for event in going}
    costs = np.zeros((len(slots), high - low + 1))
    for index, slot in enumerate(slots):
        pitch = was.get(slot.start)
        if pitch is not None and slot.fixed is None:
            costs[index] = np.where(pitches == pitch, _SAME, 0.0)
            costs[index] += _FAR * np.maximum(np.abs(pitches - pitch) - 3, 0)
    return costs


def _busier(
    plan: Plan, events: Sequence[Event], bars: Bars, low: int, high: int, rng: np.random.Generator
) -> list[Event]:
    """The line itself, with steps between its notes as far as more density asks for them."""
    density = plan.request.controls.density
    found: list[Event] = []
    for event, following in zip(events, [*events[1:], None], strict=True):
        wanted = density > 0.5 and rng.random() < 2.0 * (density - 0.5) + 0.2
        if not wanted or event.length < 2 * STEP:
            found.append(event)
            continue
        first, second = _halves(event)
        to = following.pitch if following is not None else event.pitch
        pitch = _between(_slot_scale(plan, second, bars), event.pitch, to, low, high, rng)
        found += [first, second._replace(pitch=pitch)]
    return found


def _slot_scale(plan: Plan, event: Event, bars: Bars) -> frozenset[int]:
    bar = _bar_of(bars, event.start)
    chord = bar.chord_at(event.start)
    return chord.pitch_classes if bar.locked else scale_over(bar.key, chord)


def _between(
    scale: frozenset[int], one: int, other: int, low: int, high: int, rng: np.random.Generator
) -> int:
    """A note of the scale on the way from one pitch to the next, or beside them."""
    inside = [p for p in range(min(one, other) + 1, max(one, other)) if p % 12 in scale]
    inside = [p for p in inside if low <= p <= high]
    if inside:
        return min(inside, key=lambda p: (abs(2 * p - one - other), p))
    way = 1 if rng.random() < 0.5 else -1
    near = [one + way * step for step in (1, 2, 3)] + [one - way * step for step in (1, 2, 3)]
    return next((p for p in near if low <= p <= high and p % 12 in scale), one)


# --- chords -----------------------------------------------------------------------------------


def _chords(
    plan: Plan,
    player: Player,
    kept: Sequence[Event],
    bars: Bars,
    rng: np.random.Generator,
    keeps: bool,
) -> list[Event]:
    """Each strike in another voicing; one of which some notes stay, in other notes beside them."""
    found: list[Event] = []
    density = plan.request.controls.density
    for start, group in groupby(kept, key=lambda event: event.start):
        strike = list(group)
        stays = [n.pitch for n in player.standing if n.start <= start < n.end and not n.muted]
        other = strike if keeps else _voiced(plan, strike, stays, _bar_of(bars, start), rng)
        if keeps and density > 0.5 and rng.random() < 2.0 * (density - 0.5) + 0.2:
            pairs = [_halves(event) for event in other if event.length >= 2 * STEP]
            other = [half for pair in pairs for half in pair] or other
        found += other
    return found


def _voiced(
    plan: Plan, strike: Sequence[Event], stays: Sequence[int], bar: Bar, rng: np.random.Generator
) -> list[Event]:
    gap = plan.request.gap
    chord = bar.chord_at(strike[0].start)
    scale = chord.pitch_classes if bar.locked else scale_over(bar.key, chord)
    low, high = _compass(plan, strike)
    if len(strike) >= 3 and not stays:
        top = strike[-1].pitch + int(rng.choice((-5, -4, -3, 3, 4, 5)))
        shape = lead(chord, (), len(strike), max(low, 40), max(high, low + 12), top=top)
        shape = tuple(p for p in shape if gap.pitch_low <= p <= gap.pitch_high)
        if shape and shape != tuple(event.pitch for event in strike):
            model = [strike[min(i, len(strike) - 1)] for i in range(len(shape))]
            return [event._replace(pitch=p) for event, p in zip(model, shape, strict=True)]
    found: list[Event] = []
    for event in strike:
        beside = [*stays, *(other.pitch for other in found)]
        pitch = _tone(event.pitch, chord.pitch_classes, scale, beside, range(low, high + 1))
        found.append(event._replace(pitch=pitch))
    return found


def _tone(
    was: int, chord: frozenset[int], scale: frozenset[int], beside: Sequence[int], span: range
) -> int:
    """The nearest other tone of the chord (else of the scale) that neither doubles nor muddies
    what sounds there."""
    for classes in (chord, scale):
        near = [p for p in span if p % 12 in classes and p != was and p not in beside]
        rubs = [p for p in near if any(abs(p - other) == 1 for other in beside)]
        clear = [p for p in near if p not in rubs and not is_muddy([*beside, p])]
        if clear:
            return min(clear, key=lambda p: (abs(p - was), p))
    return was


# --- drums ------------------------------------------------------------------------------------


def _drums(
    plan: Plan, player: Player, going: Sequence[Event], bars: Bars, rng: np.random.Generator
) -> list[Event]:
    """Strokes moved, replaced, softened, doubled; fewer or more of them as density asks."""
    gap, density = plan.request.gap, plan.request.controls.density
    adds = density > 0.5 and keeps_notes(plan.request)
    taken = {(n.start, n.pitch) for n in player.standing}
    found: list[Event] = []
    for event in going:
        strength = _strength(bars, event.start)
        if density < 0.5 and rng.random() < (0.5 - density) * (2.0, 1.0, 0.3, 0.0)[strength]:
            continue
        options = [event] if adds or density < 0.5 else _strokes(event, gap.end, rng)
        if adds and rng.random() < 2.0 * (density - 0.5) + 0.2:
            soft = event._replace(velocity=max(int(event.velocity * 0.6), 1))
            options.append(soft._replace(start=event.start + STEP))
        for option in options:
            inside = gap.pitch_low <= option.pitch <= gap.pitch_high
            if inside and (option.start, option.pitch) not in taken:
                taken.add((option.start, option.pitch))
                found.append(option)
    return found


def _strokes(event: Event, end: int, rng: np.random.Generator) -> list[Event]:
    """What is played for one stroke: its kin, a step early or late, ghosted, or twice."""
    roll, kin = rng.random(), _INSTEAD.get(event.pitch, ())
    way = STEP if rng.random() < 0.6 else -STEP
    softer = event._replace(velocity=max(int(event.velocity * 0.55), 1))
    if kin and roll < 0.4:
        return [event._replace(pitch=kin[min(int(rng.integers(3)), len(kin) - 1)])]
    if event.pitch == KICK or roll < 0.65:
        moved = event.start + way
        return [event._replace(start=moved)] if 0 <= moved < end else [softer]
    if roll < 0.85:
        return [event, softer._replace(start=event.start + STEP)]
    return [softer]
