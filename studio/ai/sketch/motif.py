"""A motif that goes on: repeated higher and lower, turned over, cut short, brought to a close."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from studio.ai.sketch.cast import Player
from studio.ai.sketch.compose import Written
from studio.ai.sketch.harmony import core, scale_over
from studio.ai.sketch.lane import chords_there
from studio.ai.sketch.line import Slot, solve
from studio.ai.sketch.listen import carry
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import QUARTER, STEP, Bar, Event, stream
from studio.ai.sketch.settle import Settler
from studio.domain.gap import gathered
from studio.domain.project import ChordSpan

# How statements follow each other, four to a phrase: scale steps up, or what is done to the motif.
_COURSES = (
    ("1", "2", "halves", "close"),
    ("-1", "-2", "halves", "close"),
    ("0", "2", "inverted", "close"),
    ("inverted", "0", "-2", "close"),
    ("2", "inverted", "halves", "close"),
    ("0", "-1", "halves", "close"),
)
_DARING = (("inverted", "backwards", "3", "close"), ("3", "backwards", "halves", "close"))
_REACH = 7  # semitones that a line may leave the motif's own compass by


@dataclass(frozen=True, slots=True)
class _Motif:
    """The selected notes, from the head of their first beat on.

    Attributes:
        period: Ticks from one statement to the next.
        steps: For a line, each note's place in the scale (a chromatic one's is its neighbour's).
    """

    notes: tuple[Event, ...]
    start: int
    period: int
    steps: tuple[int, ...]


def develop(
    plan: Plan, players: Sequence[Player], at_bar: Callable[[], None]
) -> Iterator[tuple[Bar, Written]]:
    """Yield every bar with the notes of the motif's own track that start in it.

    Args:
        at_bar: Called before each phrase is written and each bar is given; may raise to stop.
    """
    player, motif = players[0], _motif(plan)
    alone = bool(motif.steps)
    events = _line(plan, player, motif) if alone else _carried(plan, player, motif)
    settler = Settler(plan, player, alone=alone, felt=False)
    for _, group in groupby(plan.bars, key=lambda bar: bar.phrase):
        bars = list(group)
        at_bar()
        inside = [e for e in events if bars[0].start <= e.start < bars[-1].end]
        settled = settler.settle(inside, bars)
        for bar in bars:
            at_bar()
            yield bar, {0: [e for e in settled if bar.start <= e.start < bar.end]}


def _motif(plan: Plan) -> _Motif:
    notes = gathered(plan.request.song, plan.request.controls.source)
    columns = ("start", "length", "pitch", "velocity", "timing")
    events = tuple(Event(*(int(row[name]) for name in columns)) for row in notes.table)
    meter = plan.tempo.meter_at(events[0].start)
    beat = min(meter.ticks_per_beat, QUARTER)
    start = events[0].start - (events[0].start - meter.tick) % beat
    end = max(event.end for event in events)
    period = _period(-(-(end - STEP // 2 - start) // beat) * beat, meter.ticks_per_bar, beat)
    is_line = all(b.start >= a.end - STEP // 2 for a, b in pairwise(events))
    drums = plan.request.song.track(plan.request.gap.tracks[0]).is_drums
    steps = tuple(_step(plan, e.pitch) for e in events) if is_line and not drums else ()
    return _Motif(events, start, period, steps)


def _period(length: int, bar: int, beat: int) -> int:
    """The motif's length, rounded up to what goes evenly into bars, or to whole bars."""
    even = [n * beat for n in range(1, bar // beat + 1) if bar % (n * beat) == 0]
    return next((n for n in even if n >= length), -(-length // bar) * bar)


def _step(plan: Plan, pitch: int) -> int:
    """How many steps of the key lie below a pitch."""
    classes = sorted(plan.key.pitch_classes)
    octave, within = divmod(pitch, 12)
    return octave * len(classes) + sum(1 for one in classes if one <= within) - 1


def _pitch(plan: Plan, step: int) -> int:
    classes = sorted(plan.key.pitch_classes)
    octave, within = divmod(step, len(classes))
    return octave * 12 + classes[within]


def _statements(plan: Plan, motif: _Motif) -> list[tuple[int, str]]:
    """When each statement begins, and what is done to the motif there."""
    gap = plan.request.gap
    first = -(-(gap.start - motif.start) // motif.period)
    starts = range(motif.start + first * motif.period, gap.end, motif.period)
    rng = stream(plan.seed, "course")
    courses = _COURSES + (_DARING if plan.dials.surprise > 0.5 else ())
    found: list[str] = []
    while len(found) < len(starts):
        found += courses[int(rng.integers(len(courses)))]
    found = found[: len(starts)]
    if len(found) > 1:
        found[-1] = "close"
    return list(zip(starts, found, strict=True))


# --- a line -----------------------------------------------------------------------------------


def _line(plan: Plan, player: Player, motif: _Motif) -> list[Event]:
    slots: list[Slot] = []
    played: dict[int, Event] = {}
    gap = plan.request.gap
    for start, course in _statements(plan, motif):
        turned = _turned(motif, course)
        for index, (event, step) in enumerate(turned):
            event = event._replace(start=event.start - motif.start + start)
            if gap.start <= event.start < gap.end:
                closes = course == "close" and index == len(turned) - 1
                slots.append(_slot(plan, event, step, closes))
                played[event.start] = event
    pitches = [event.pitch for event in motif.notes]
    low = max(min(pitches) - _REACH, gap.pitch_low)
    high = min(max(pitches) + _REACH, gap.pitch_high)
    if not slots or high <= low:
        return []
    tail = tuple(pitches[-2:])
    rng = stream(plan.seed, "motif")
    found = solve(slots, low, high, rng, before=tail, freedom=0.5 * plan.dials.surprise)
    return [
        played[slot.start]._replace(pitch=pitch)
        for slot, pitch in zip(slots, found, strict=True)
    ]  # fmt: skip


def _turned(motif: _Motif, course: str) -> list[tuple[Event, int]]:
    """The motif's notes (in its own place) with their scale steps, as a course has them."""
    steps = motif.steps
    if course == "inverted":
        steps = tuple(2 * steps[0] - step for step in steps)
    elif course == "backwards":
        steps = tuple(reversed(steps))
    elif course == "halves" and motif.period >= 4 * STEP:
        half = motif.period // 2
        head = [
            (e, s) for e, s in zip(motif.notes, steps, strict=True) if e.start - motif.start < half
        ]
        head = [(_cut(e, motif.start + half), s) for e, s in head]
        return head + [(e._replace(start=e.start + half), s + 1) for e, s in head]
    elif course not in ("close", "halves"):
        steps = tuple(step + int(course) for step in steps)
    found = list(zip(motif.notes, steps, strict=True))
    return _closed(found, motif) if course == "close" else found


def _closed(notes: list[tuple[Event, int]], motif: _Motif) -> list[tuple[Event, int]]:
    """The motif coming to rest: its last note in the second half of the statement, on a beat where
    it has one, rings on to the end."""
    half = motif.start + motif.period // 2
    later = [i for i, (event, _) in enumerate(notes) if i and event.start >= half]
    on_beat = [i for i in later if (notes[i][0].start - motif.start) % QUARTER == 0]
    last = (on_beat or later or [len(notes) - 1])[0]
    event, step = notes[last]
    until = max(event.end, motif.start + motif.period)
    return [*notes[:last], (event._replace(length=until - event.start), step)]


def _cut(event: Event, end: int) -> Event:
    return event._replace(length=min(event.length, end - event.start))


def _slot(plan: Plan, event: Event, step: int, closes: bool) -> Slot:
    bar = _bar_of(plan, event.start)
    chord = bar.chord_at(event.start)
    scale = chord.pitch_classes if bar.locked else scale_over(bar.key, chord)
    strength = next((p.strength for p in bar.pulses if p.at == event.start - bar.start), 0)
    wish = _pitch(plan, step)
    close = sorted(core(chord), key=lambda tone: tone != chord.root) if closes else ()
    return Slot(
        event.start, event.length, strength, scale, core(chord),
        target=float(wish), wish=None if close else wish, close=tuple(close),
    )  # fmt: skip


def _bar_of(plan: Plan, tick: int) -> Bar:
    return next((bar for bar in plan.bars if bar.start <= tick < bar.end), plan.bars[-1])


# --- chords and drums -------------------------------------------------------------------------


def _carried(plan: Plan, player: Player, motif: _Motif) -> list[Event]:
    """The motif again and again, its notes carried over to the chords of each place; of drums,
    with another stroke now and then."""
    found = []
    rng = stream(plan.seed, "carried")
    for start, _ in _statements(plan, motif):
        for event in motif.notes:
            moved = event._replace(start=event.start - motif.start + start)
            velocity = min(max(moved.velocity + round(float(rng.normal(0.0, 3.0))), 1), 127)
            moved = moved._replace(velocity=velocity)
            if player.drums:
                if rng.random() >= 0.12 * plan.dials.surprise:
                    found.append(moved)
                continue
            bar = _bar_of(plan, moved.start)
            target = bar.chord_at(moved.start)
            source = _chord_of(plan, event)
            low, high = min(player.low, event.pitch), max(player.high, event.pitch)
            found.append(
                carry(moved, source.chord if source else target, target, bar.key, low, high)
            )
    return found


def _chord_of(plan: Plan, event: Event) -> ChordSpan | None:
    """The chord that a note of the motif stands over."""
    start = plan.tempo.bar_start(plan.tempo.bar_at(event.start))
    meter = plan.tempo.meter_at(start)
    spans = chords_there(plan.request, plan.heard, plan.key, start, meter)
    return next((span for span in reversed(spans) if span.start <= event.start), None)
