"""Notes that are there, said anew by the network: their loudness and timing, or their pitches.

Their places are given, so that what is changed keeps its rhythm and its number of notes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.ai.composer.asking import Asked
from studio.ai.composer.draft import draft, in_slots
from studio.ai.composer.grid import in_ticks
from studio.ai.composer.piece import GRID_NOTE, Table
from studio.ai.composer.rules import bar_rules
from studio.ai.composer.seating import where_heard
from studio.ai.composer.vocabulary import TAGS
from studio.ai.composer.window import TOLD, Opening, fields, note_rows
from studio.ai.composer.writing import (
    CONTEXT,
    Manner,
    Pen,
    Written,
    grid_bars,
    ranks_of,
    tells_velocity,
)
from studio.ai.requests import Task
from studio.ai.sketch.cast import Player
from studio.ai.sketch.humanise import apart, held_events, humanise
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import Bar, Event, stream
from studio.ai.sketch.settle import Settler

_BARS = 8  # behind one reading of the context
_PITCH, _VELOCITY = 3, 5
_HEARD = 0.5  # of how much louder or softer the network has a note than its part
_CHANCE = 0.4  # of what was drawn, in how loud a note is played

Place = tuple[int, int, int]  # player's index, song tick, pitch


class _Said(NamedTuple):
    """What the network said of a note that is there.

    Attributes:
        note: `GRID_NOTE`.
        velocity: Nearer to what is usual than what was drawn.
        late: Behind where the note is written in the song, ticks.
    """

    note: Any
    velocity: float
    late: float


def revised(
    plan: Plan, players: Sequence[Player], pen: Pen, manner: Manner, at_note: Callable[[], None]
) -> Iterator[tuple[Bar, Written]]:
    """Yield every bar with the gap's notes that start in it, said anew.

    Args:
        at_note: Called before every note; may raise to stop.
    """
    rows = [held_events(plan, player) for player in players]
    players = [where_heard(plan, player) for player in players]
    reviser = _Reviser(plan, players, pen, manner, at_note)
    settlers = [Settler(plan, player, alone=False, felt=False) for player in players]
    accented = _accented(plan, players)
    for low in range(0, len(plan.bars), _BARS):
        bars = plan.bars[low : low + _BARS]
        said = reviser.said(bars)
        rows = [_anew(plan, players, i, row, bars, said, accented) for i, row in enumerate(rows)]
        for bar in bars:
            found: Written = {}
            for index, row in enumerate(rows):
                events = [event for event in row if bar.start <= event.start < bar.end]
                if plan.request.task is not Task.HUMANISE:
                    events = settlers[index].settle(events, plan.bars[low:])
                found[index] = events
            yield bar, found


def _anew(
    plan: Plan,
    players: Sequence[Player],
    index: int,
    row: Sequence[Event],
    bars: Sequence[Bar],
    said: Mapping[Place, _Said],
    accented: Mapping[Place, int],
) -> list[Event]:
    """All notes of a part, those of some bars as the network said them."""
    shift = _quieter(row, index, said)
    inside = [event for event in row if bars[0].start <= event.start < bars[-1].end]
    others = [event for event in row if not bars[0].start <= event.start < bars[-1].end]
    places = [(index, event.start, event.pitch) for event in inside]
    found = [
        _as_said(plan, event, said.get(place), shift, accented.get(place, event.velocity))
        for event, place in zip(inside, places, strict=True)
    ]
    if found and plan.request.task is Task.HUMANISE and plan.request.controls.amount > 0.0:
        found = apart(plan, players[index], found, others)
    return sorted([*others, *found])


def _quieter(held: Sequence[Event], player: int, said: Mapping[Place, _Said]) -> float:
    """How much louder a part was than the network would have it: it keeps its level."""
    pairs = [
        (event.velocity, said[place].velocity)
        for event in held
        if (place := (player, event.start, event.pitch)) in said
    ]
    return float(np.mean([old - new for old, new in pairs])) if pairs else 0.0


def _accented(plan: Plan, players: Sequence[Player]) -> dict[Place, int]:
    """How loud the meter and the phrase have the gap's notes, where only playing is asked for."""
    if plan.request.task is not Task.HUMANISE:
        return {}
    return {
        (index, event.start, event.pitch): event.velocity
        for _, rows in humanise(plan, players, lambda: None)
        for index, events in rows.items()
        for event in events
    }


def _as_said(plan: Plan, event: Event, said: _Said | None, shift: float, accented: int) -> Event:
    """The event with what the network said of it; as it was where it said nothing.

    Args:
        accented: Its velocity by the rules of meter and phrase, which knows nothing of the music
            beside it: what the network hears comes on top.
    """
    if said is None:
        return event
    if plan.request.task is not Task.HUMANISE:
        return event._replace(pitch=int(said.note["pitch"]))
    amount = float(np.clip(plan.request.controls.amount, 0.0, 1.0))
    velocity = accented + amount * _HEARD * (said.velocity + shift - event.velocity)
    timing = event.timing + amount * (round(said.late) - event.timing)
    return event._replace(
        velocity=int(np.clip(round(velocity), 1, 127)), timing=max(round(timing), -event.start)
    )


class _Reviser:
    """The network at the places of the gap's notes."""

    def __init__(
        self,
        plan: Plan,
        players: Sequence[Player],
        pen: Pen,
        manner: Manner,
        at_note: Callable[[], None],
    ) -> None:
        self._plan, self._players = plan, tuple(players)
        self._pen, self._manner, self._at_note = pen, manner, at_note
        self._only_played = plan.request.task is Task.HUMANISE
        told = draft(plan, players)
        self._held, self._starts = told.held, told.held_start
        drums = any(part.drums for part in told.piece.parts)
        if self._only_played:
            self._draft = told.with_notes(told.held).performed()
        else:
            velocity = tells_velocity(told.piece, drums)
            self._draft = told.like(told.piece.source, velocity=velocity)

    def said(self, bars: Sequence[Bar]) -> dict[Place, _Said]:
        """What the network says of the gap's notes in these bars, by their places."""
        found: dict[Place, _Said] = {}
        for group in in_slots(range(len(self._players))):
            found |= self._said_by(group, bars)
        return found

    def _said_by(self, group: Sequence[int], bars: Sequence[Bar]) -> dict[Place, _Said]:
        piece = self._draft.piece
        first, last = grid_bars(piece, bars[0]).start, grid_bars(piece, bars[-1]).stop
        parts = tuple(self._draft.parts[i] for i in group)
        here = (self._held["bar"] >= first) & (self._held["bar"] < last)
        if not (here & np.isin(self._held["part"], parts)).any():
            return {}
        self._draft = self._draft.written_by(group, self._plan, self._players)
        opening = Opening(first, last, parts, ~self._draft.written, outline=self._only_played)
        rows = self._draft.seen(opening, CONTEXT)
        seed = int(stream(self._plan.seed, "notes", first).integers(2**63))
        self._pen.open(
            rows.features, rows.beats, self._draft.lane.slots, rows=1, seed=seed, guided=False
        )
        found: dict[Place, _Said] = {}
        for bar in bars:
            for at in grid_bars(piece, bar):
                row = self._draft.bar(at, opening)
                self._pen.feed(row.features[0], row.beats[0])
                said = self._bar(bar, at, opening, group)
                notes = np.array([one.note for one in said.values()], GRID_NOTE)
                self._draft = self._draft.instead(notes)
                found |= said
        return found

    def _bar(self, bar: Bar, at: int, opening: Opening, group: Sequence[int]) -> dict[Place, _Said]:
        piece, lane = self._draft.piece, self._draft.lane
        slots = [int(lane.slot[part]) for part in self._draft.parts]
        rules = bar_rules(
            self._plan, self._players, slots, ranks_of(self._draft), bar, piece.bars[at],
            [i in group for i in range(len(slots))], [{}] * len(slots),
        )  # fmt: skip
        asked = Asked(
            self._draft, self._players, self._plan, rules, bar, at, opening, 1, again=False
        )
        found: dict[Place, _Said] = {}
        mine = np.isin(self._held["part"], opening.parts)
        for index in np.flatnonzero(mine & (self._held["bar"] == at)):
            self._at_note()
            old = self._held[index : index + 1]
            player = self._draft.parts.index(int(old["part"][0]))
            given = self._given(old)
            if not self._only_played and not asked.turn_to(old[0], slots[player]):
                given[0, _PITCH] = fields(piece, old, lane)[0, _PITCH]
            written = self._pen.note(asked, self._manner.sampling, given=given)
            note = asked.noted(0, written.fields[0])
            rows = note_rows(piece, note[None], lane, opening, TAGS.index("gap"), TOLD)
            self._pen.feed(rows.features, rows.beats)
            start, (place, _, timing) = int(self._starts[index]), in_ticks(note[None], piece.bars)
            late = float(place[0] + timing[0]) - start
            usual = float(written.usual[0, _VELOCITY]) * 4 + 2
            velocity = usual + _CHANCE * (int(note["velocity"]) - usual)
            found[player, start, int(old["pitch"][0])] = _Said(note, velocity, late)
        return found

    def _given(self, note: Table) -> npt.NDArray[np.int16]:
        """What is not to be chosen: the place and the length, and for playing alone the pitch."""
        given = fields(self._draft.piece, note, self._draft.lane)
        if self._only_played:
            given[:, _VELOCITY:] = -1
        else:
            given[:, _PITCH] = -1
        return given
