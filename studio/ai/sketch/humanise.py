"""Notes that are there, played as by hand: velocity and timing alone.

Accents follow the meter and the phrase; what is left to chance drifts, as players' timing does
(Hennig et al. 2011), instead of jumping from note to note; each role has its habits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.ai.sketch.cast import Player
from studio.ai.sketch.groove import swung
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import QUARTER, STEP, Bar, Event, stream
from studio.domain.clip import NoteClip

Floats = npt.NDArray[np.float64]

_MOST_TICKS = 120  # how far chance and habits move a note
_ACCENTS = {3: 9.0, 2: 5.0, 1: 2.0, 0: -3.0}  # velocity, by the strength of the beat
_BETWEEN = -7.0  # velocity between half beats
_ARC = 7.0  # velocity, from the edge of a phrase to its middle
_DRIFT = 0.82  # how much of a note's deviation the next one has


class Habit(NamedTuple):
    """How a role plays.

    Attributes:
        accents: Factor on the meter's accents.
        late_ms: Behind the beat, beside the style's own lateness.
        spread_ms: Standard deviation of timing; `loudness` of velocity.
    """

    accents: float
    late_ms: float
    spread_ms: float
    loudness: float


_HABITS = {
    "melody": Habit(0.6, 4.0, 13.0, 4.5),
    "counter": Habit(0.5, 3.0, 12.0, 4.0),
    "chords": Habit(0.8, 0.0, 9.0, 4.0),
    "arpeggio": Habit(0.7, 0.0, 8.0, 4.0),
    "pad": Habit(0.3, -6.0, 12.0, 3.0),
    "bass": Habit(0.7, 2.0, 8.0, 4.0),
    "drums": Habit(1.0, 0.0, 6.0, 5.0),
}
_SNARES, _KICKS, _CYMBALS = (37, 38, 39, 40), (35, 36), (42, 44, 46, 51, 53, 59)
_SNARE_LATE_MS, _CYMBAL_EARLY_MS = 4.0, -2.0


def humanise(
    plan: Plan, players: Sequence[Player], at_bar: Callable[[], None]
) -> Iterator[tuple[Bar, dict[int, list[Event]]]]:
    """Yield every bar with the gap's notes that start in it, velocity and timing made anew.

    Args:
        at_bar: Called before each bar is given; may raise to stop.
    """
    rows = [_played(plan, player) for player in players]
    for bar in plan.bars:
        at_bar()
        yield (
            bar,
            {
                index: [event for event in events if bar.start <= event.start < bar.end]
                for index, events in enumerate(rows)
            },
        )


def _played(plan: Plan, player: Player) -> list[Event]:
    notes = held_events(plan, player)
    amount = float(np.clip(plan.request.controls.amount, 0.0, 1.0))
    if not notes or not amount:
        return notes
    rng = stream(plan.seed, "humanise", player.track)
    bars = [_bar_of(plan, note) for note in notes]
    velocity = _velocities(player, notes, bars, amount, rng)
    timing = _timings(plan, player, notes, bars, amount, rng)
    played = [
        note._replace(velocity=int(v), timing=int(t))
        for note, v, t in zip(notes, velocity, timing, strict=True)
    ]
    return apart(plan, player, played)


def held_events(plan: Plan, player: Player) -> list[Event]:
    """The notes of the player's track that the gap holds, in song ticks; a new part has none."""
    if player.track is None:
        return []
    gap, found = plan.request.gap, []
    for clip in plan.request.song.track(player.track).clips:
        if isinstance(clip, NoteClip) and not clip.muted:
            for row in clip.notes.table[gap.holds(clip)]:
                columns = (int(row[n]) for n in ("length", "pitch", "velocity", "timing"))
                found.append(Event(int(row["start"]) + clip.shift, *columns))
    return sorted(found)


def _bar_of(plan: Plan, note: Event) -> Bar:
    return next((b for b in plan.bars if b.start <= note.start < b.end), plan.bars[-1])


def _place(note: Event, bar: Bar) -> int:
    """The strength of the beat a note stands on; -1 between half beats."""
    at = note.start - bar.start
    on = next((p.strength for p in bar.pulses if abs(p.at - at) < STEP // 3), None)
    if on is not None:
        return on
    return 0 if abs((at + STEP) % (2 * STEP) - STEP) < STEP // 3 else -1


# --- how loud ---------------------------------------------------------------------------------


def accented(
    player: Player,
    notes: Sequence[Event],
    bars: Sequence[Bar],
    amount: float,
    rng: np.random.Generator,
) -> list[Event]:
    """Notes as loud as meter and phrase have them; their own dynamics, where there are any, stay.

    Args:
        notes: Of one part, sorted by time, song ticks.
        bars: That each note stands in.
        amount: 0 leaves them as they are, 1 is a lively player.
    """
    if not notes:
        return []
    velocity = _velocities(player, notes, bars, amount, rng)
    return [note._replace(velocity=int(v)) for note, v in zip(notes, velocity, strict=True)]


def _velocities(
    player: Player,
    notes: Sequence[Event],
    bars: Sequence[Bar],
    amount: float,
    rng: np.random.Generator,
) -> Floats:
    habit = _HABITS[player.plays]
    given = np.array([note.velocity for note in notes], dtype=np.float64)
    meter = np.array([_accent(n, b, player.drums) for n, b in zip(notes, bars, strict=True)])
    shape = habit.accents * meter + habit.loudness * _drifting(rng, notes)
    if not player.drums:
        shape += _ARC * _arcs(notes) + _voiced(notes)
    expressive = min(float(given.std()) / 14.0, 1.0)  # what has dynamics of its own keeps them
    changed = given + amount * (1.5 - 0.9 * expressive) * shape
    return np.clip(np.rint(changed), 1, 127)


def _accent(note: Event, bar: Bar, drums: bool) -> float:
    place = _place(note, bar)
    if drums and note.pitch in _SNARES:
        return 4.0 if place >= 1 else -9.0
    if drums and note.pitch in _KICKS:
        return 5.0 if place >= 2 else 0.0
    return _BETWEEN if place < 0 else _ACCENTS[place]


def _arcs(notes: Sequence[Event]) -> Floats:
    """-0.5 at the edges of a phrase to 0.5 in its middle; a rest of a beat divides phrases."""
    starts = np.array([note.start for note in notes])
    ends = np.maximum.accumulate([note.end for note in notes])
    rests = np.flatnonzero(starts[1:] - ends[:-1] >= QUARTER) + 1
    heads = np.concatenate(([0], rests))
    phrase = np.searchsorted(heads, np.arange(len(notes)), side="right") - 1
    first = starts[heads][phrase]
    last = starts[np.concatenate((rests, [len(notes)])) - 1][phrase]
    part = (starts - first) / np.maximum(last - first, 4 * QUARTER)
    return np.asarray(np.sin(np.pi * part) - 0.5)


def _voiced(notes: Sequence[Event]) -> Floats:
    """The top of a chord sings, the notes inside it step back."""
    top: dict[int, int] = {}
    low: dict[int, int] = {}
    for note in notes:
        top[note.start] = max(note.pitch, top.get(note.start, 0))
        low[note.start] = min(note.pitch, low.get(note.start, 127))
    return np.array(
        [
            0.0 if top[n.start] == low[n.start] else 4.0 if n.pitch == top[n.start] else
            -1.0 if n.pitch == low[n.start] else -5.0
            for n in notes
        ]
    )  # fmt: skip


# --- how early --------------------------------------------------------------------------------


def _timings(
    plan: Plan,
    player: Player,
    notes: Sequence[Event],
    bars: Sequence[Bar],
    amount: float,
    rng: np.random.Generator,
) -> Floats:
    habit, dials = _HABITS[player.plays], plan.dials
    per_ms = plan.bpm * QUARTER / 60_000.0
    late = np.array([habit.late_ms + _habit_ms(note, player) for note in notes]) * per_ms
    late += dials.late if not player.drums else dials.late / 2
    chance = habit.spread_ms * per_ms * _drifting(rng, notes)
    moved = np.clip(amount * (late + 1.3 * chance), -_MOST_TICKS, _MOST_TICKS)
    swing = [
        max(swung(n._replace(timing=0), b, dials.swing, dials.swing16).timing - max(n.timing, 0), 0)
        for n, b in zip(notes, bars, strict=True)
    ]
    lean = min(2.0 * amount, 1.0)
    return np.rint([n.timing for n in notes] + moved + lean * np.array(swing))


def _habit_ms(note: Event, player: Player) -> float:
    if not player.drums:
        return 0.0
    if note.pitch in _SNARES:
        return _SNARE_LATE_MS
    return _CYMBAL_EARLY_MS if note.pitch in _CYMBALS else 0.0


def _drifting(rng: np.random.Generator, notes: Sequence[Event]) -> Floats:
    """Numbers of about unit size that drift from strike to strike; notes struck together share
    most of theirs."""
    shared: dict[int, float] = {}
    last = 0.0
    for start in sorted({note.start for note in notes}):
        last = _DRIFT * last + (1 - _DRIFT**2) ** 0.5 * float(rng.normal())
        shared[start] = 0.75 * last + 0.55 * float(rng.normal())
    own = np.array([0.35 * float(rng.normal()) for _ in notes])
    return np.asarray(own + [shared[note.start] for note in notes])


def apart(
    plan: Plan, player: Player, played: Sequence[Event], others: Sequence[Event] = ()
) -> list[Event]:
    """The notes as played, none ahead of the gap, and none struck while its key is still held
    where the grid has it let go before: a neighbour on the key bounds how early and how late.

    Args:
        others: Of the gap's notes those that stay as they are, as do all outside it.
    """
    first = plan.request.gap.start
    by_key: dict[int, list[tuple[Event, int]]] = {}
    for index, event in enumerate(played):
        by_key.setdefault(event.pitch, []).append((event, index))
    for event in (*others, *_staying(plan, player)):
        if event.pitch in by_key:
            by_key[event.pitch].append((event, -1))
    found = list(played)
    for row in by_key.values():
        for index, timing in _bounded(sorted(row), first):
            found[index] = played[index]._replace(timing=timing)
    return found


def _bounded(row: Sequence[tuple[Event, int]], first: int) -> Iterator[tuple[int, int]]:
    """(index, timing) of the notes on one key that move; those of index -1 stay as they are."""
    high = [4 * _MOST_TICKS if index >= 0 else event.timing for event, index in row]
    for at in range(len(row) - 2, -1, -1):
        slack = row[at + 1][0].start - row[at][0].end
        if slack >= 0 and row[at][1] >= 0:
            high[at] = min(high[at], high[at + 1] + slack)
    before: Event | None = None
    for (event, index), latest in zip(row, high, strict=True):
        if index >= 0:
            earliest = max(first, 0) - event.start
            if before is not None and before.end <= event.start:
                earliest = max(earliest, before.end + before.timing - event.start)
            event = event._replace(timing=max(min(event.timing, latest), earliest))
            yield index, event.timing
        before = event


def _staying(plan: Plan, player: Player) -> list[Event]:
    """The notes of the track that the gap leaves."""
    gap, found = plan.request.gap, []
    assert player.track is not None
    for clip in plan.request.song.track(player.track).clips:
        if isinstance(clip, NoteClip) and not clip.muted:
            for row in clip.notes.table[~gap.holds(clip) & ~clip.notes.muted]:
                columns = (int(row[n]) for n in ("length", "pitch", "velocity", "timing"))
                found.append(Event(int(row["start"]) + clip.shift, *columns))
    return found
