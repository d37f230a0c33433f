"""A part shared out among instruments: melody on top, bass below, inner voices between.

Voices are told apart strike by strike: the assignment that moves all voices least, without
crossings (in the manner of Chew & Wu 2004), the outer ones keeping the outer notes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby

import numpy as np

from studio.ai.sketch.cast import Player, named_apart, wanted_names
from studio.ai.sketch.instruments import INSTRUMENTS, ROLES, Instrument
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import STEP, Bar, Event
from studio.core.errors import StudioError
from studio.domain.gap import gathered

_CHORDAL = ("chords", "pad", "arpeggio")  # roles whose instruments take several notes at once
_DRIVEN = ("saxophone", "electric guitar", "bass")
_WINDS = ("trumpet", "saxophone", "trombone", "upright bass")
_STRINGS = ("violin", "viola", "cello")
_BANDS = {
    "jazz": _WINDS, "bossa nova": _WINDS, "soul": _WINDS, "funk": _WINDS, "latin": _WINDS,
    "rock": _DRIVEN, "metal": _DRIVEN, "pop": _DRIVEN, "disco": _DRIVEN, "house": _DRIVEN,
}  # fmt: skip
_WEIGHTS = (0.35, 1.0)  # of the voice's register, and of how far it moves


@dataclass(frozen=True, slots=True)
class Voice:
    """Where in the part an instrument listens.

    Attributes:
        center: The middle of the notes it is likely to take, as a MIDI key.
    """

    center: float
    takes_chords: bool


def arrangers(plan: Plan) -> tuple[Player, ...]:
    """The instruments of an arrangement from the highest to the lowest, on new tracks.

    Raises:
        StudioError: One of them is a drum kit, or unknown.
    """
    names = wanted_names(plan.request.controls.instruments) or list(plan.words.instruments)
    names = [name for name in names if name not in ROLES or name == "bass"]
    names = names or list(_band(plan))
    chosen = [INSTRUMENTS[name] for name in names]
    if any(instrument.drums for instrument in chosen):
        raise StudioError("Drums cannot take over notes.", "Name instruments with pitches.")
    chosen.sort(key=lambda one: -(one.low + one.high))
    players = [_player(one, index, len(chosen)) for index, one in enumerate(chosen)]
    return tuple(named_apart(players))


def _band(plan: Plan) -> tuple[str, ...]:
    """Instruments that suit the style and have a voice each."""
    source = _source(plan)
    most = max((sum(1 for _ in g) for _, g in groupby(source, key=lambda e: e.start)), default=1)
    band = _BANDS.get(plan.style_name, _STRINGS)
    return band if most > 1 else band[:1]


def _player(instrument: Instrument, index: int, count: int) -> Player:
    role = "melody" if index == 0 else "bass" if index == count - 1 else "counter"
    if instrument.role in _CHORDAL:
        role = "chords" if instrument.role == "arpeggio" else instrument.role
    return Player(
        role, instrument.title, instrument.program, instrument.low, instrument.high,
        push=instrument.push, asked=True,
    )  # fmt: skip


def arrange(
    plan: Plan, players: Sequence[Player], at_bar: Callable[[], None]
) -> Iterator[tuple[Bar, dict[int, list[Event]]]]:
    """Yield every bar with each player's notes that start in it.

    Args:
        at_bar: Called before each bar is given; may raise to stop.
    """
    shared = _shared(_source(plan), players)
    rows = [_fitted(plan, row, player) for row, player in zip(shared, players, strict=True)]
    for bar in plan.bars:
        at_bar()
        yield (
            bar,
            {
                index: [event for event in events if bar.start <= event.start < bar.end]
                for index, events in enumerate(rows)
            },
        )


def _source(plan: Plan) -> list[Event]:
    notes = gathered(plan.request.song, plan.request.controls.source)
    columns = ("start", "length", "pitch", "velocity", "timing")
    rows = (Event(*(int(row[name]) for name in columns)) for row in notes.table)
    gap = plan.request.gap
    return sorted(row for row in rows if gap.start <= row.start < gap.end)


# --- who takes which note ---------------------------------------------------------------------


def _shared(source: Sequence[Event], players: Sequence[Player]) -> list[list[Event]]:
    """The notes of the part, one row for each player."""
    voices = _voices(source, players)
    rows: list[list[Event]] = [[] for _ in players]
    for strike in _strikes(source):
        held = [
            index
            for index, row in enumerate(rows)
            if row and row[-1].end > strike[0].start and not voices[index].takes_chords
        ]
        for note, index in _assigned(strike, voices, rows, held).items():
            rows[index].append(note)
    return rows


def _voices(source: Sequence[Event], players: Sequence[Player]) -> list[Voice]:
    pitches = np.array([note.pitch for note in source] or [60])
    marks = np.linspace(95, 5, len(players)) if len(players) > 1 else np.array([50])
    return [
        Voice(float(np.percentile(pitches, mark)), player.plays in _CHORDAL)
        for player, mark in zip(players, marks, strict=True)
    ]


def _strikes(source: Sequence[Event]) -> Iterator[list[Event]]:
    """Notes that begin together (within a 64th), highest first."""
    strike: list[Event] = []
    for note in source:
        if strike and note.start - strike[0].start > STEP // 4:
            yield sorted(strike, key=lambda event: -event.pitch)
            strike = []
        strike.append(note)
    if strike:
        yield sorted(strike, key=lambda event: -event.pitch)


def _assigned(
    strike: Sequence[Event],
    voices: Sequence[Voice],
    rows: Sequence[Sequence[Event]],
    held: Sequence[int],
) -> dict[Event, int]:
    """Which voice takes each note: no crossings, outer notes to outer voices, least movement.

    Voices that still hold a note are left alone where the others are enough. What is left over
    goes to an instrument of chords, or is left out: a doubled note first.
    """
    free = [index for index in range(len(voices)) if index not in held]
    use = free if len(free) >= len(strike) else list(range(len(voices)))
    count = min(len(use), len(strike))
    kept = _outer_first(strike, count)
    options = list(combinations(use, count))
    best = min(options, key=lambda chosen: _cost(kept, chosen, voices, rows))
    found = dict(zip(kept, best, strict=True))
    chordal = [index for index, voice in enumerate(voices) if voice.takes_chords]
    for note in strike:
        if note not in found and chordal:
            found[note] = min(chordal, key=lambda index: abs(voices[index].center - note.pitch))
    return found


def _outer_first(strike: Sequence[Event], count: int) -> list[Event]:
    """The `count` notes to keep, highest first: the outer ones, then what doubles no other."""
    if count >= len(strike):
        return list(strike)
    kept = [strike[0]] if count == 1 else [strike[0], strike[-1]]
    for note in strike[1:-1]:
        if len(kept) < count and note.pitch % 12 not in {other.pitch % 12 for other in kept}:
            kept.append(note)
    for note in strike[1:-1]:
        if len(kept) < count and note not in kept:
            kept.append(note)
    return sorted(kept, key=lambda event: -event.pitch)


def _cost(
    notes: Sequence[Event],
    chosen: Sequence[int],
    voices: Sequence[Voice],
    rows: Sequence[Sequence[Event]],
) -> float:
    total = 0.0
    for note, index in zip(notes, chosen, strict=True):
        register, movement = _WEIGHTS
        last = rows[index][-1].pitch if rows[index] else voices[index].center
        total += register * abs(note.pitch - voices[index].center)
        total += movement * abs(note.pitch - last)
    return total


# --- in the instrument's range ----------------------------------------------------------------


def _fitted(plan: Plan, row: Sequence[Event], player: Player) -> list[Event]:
    """A player's notes in its range: all moved by octaves together, single ones folded in."""
    gap = plan.request.gap
    low, high = max(player.low, gap.pitch_low), min(player.high, gap.pitch_high)
    if high - low < 11:
        low, high = gap.pitch_low, gap.pitch_high
    if not row:
        return []
    pitches = np.array([note.pitch for note in row])
    shifts = (0, 12, -12, 24, -24, 36, -36, 48, -48)
    outside = [int(((pitches + s < low) | (pitches + s > high)).sum()) for s in shifts]
    shift = shifts[int(np.argmin(outside))]
    moved = [note._replace(pitch=_folded(note.pitch + shift, low, high)) for note in row]
    moved = [e._replace(velocity=min(max(e.velocity + player.push, 1), 127)) for e in moved]
    alone = player.plays not in _CHORDAL
    return _trimmed(plan, moved, alone)


def _folded(pitch: int, low: int, high: int) -> int:
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return max(pitch, low)


def _trimmed(plan: Plan, row: Sequence[Event], alone: bool) -> list[Event]:
    """Notes that end where the next one begins: of the same key, or any for a single voice."""
    found: list[Event] = []
    last: dict[int, int] = {}
    end = plan.request.gap.end
    for note in sorted(row):
        key = -1 if alone else note.pitch
        index = last.get(key)
        if index is not None and found[index].end > note.start:
            if found[index].start == note.start:
                continue
            found[index] = found[index]._replace(length=note.start - found[index].start)
        last[key] = len(found)
        timing = max(note.timing, plan.request.gap.start - note.start)
        length = min(note.length, end - note.start)
        found.append(note._replace(length=length, timing=timing))
    return found
