"""Writes a planned gap with a network, bar by bar: several candidates, the best of them kept.

Sections that return are taken from their first appearance; of those, the last bar and a few bars
of the melody are written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from studio.ai.composer.asking import RING_BARS, Asked
from studio.ai.composer.draft import USUAL_NOTES, Draft, draft, in_slots
from studio.ai.composer.grid import in_ticks
from studio.ai.composer.judge import verdict
from studio.ai.composer.likeness import held_in, held_until, shortest, unlike
from studio.ai.composer.loudness import lift
from studio.ai.composer.phrasing import PHRASE_BARS, RUNNING, breathless, rhythms
from studio.ai.composer.piece import GRID_NOTE, SUB_TICKS, Piece, Table
from studio.ai.composer.ranking import agreement, plausible
from studio.ai.composer.rules import BarRules, bar_rules
from studio.ai.composer.seating import LINES, comes_in, is_new, joins_in, risen, seated
from studio.ai.composer.striking import builds_up, strokes
from studio.ai.composer.vocabulary import END_OF_BAR, LENGTHS, ROLES, TAGS
from studio.ai.composer.window import FAR_BARS, TOLD, Example, Opening, example, note_rows
from studio.ai.requests import Task
from studio.ai.sketch.cast import Player
from studio.ai.sketch.compose import waits
from studio.ai.sketch.humanise import accented
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import Bar, Event, stream
from studio.ai.sketch.settle import Settler
from studio.domain.theory import Chord

CONTEXT = 768  # rows that the network sees before the gap
_LEADING = 256  # rows seen before the bar behind a gap
_CHUNK_NOTES, _CHUNK_BARS = 160, 8  # written behind one reading of the context
_FULLER = 2.0  # of the density dial, for a whole step of energy
_VARIED = 0.15  # share of a returning melody that is written anew
_LIVELY = 0.7  # of a player's accents, in a part that the network has even
_FEW, _EVEN = 8, 2.0  # notes, and the spread of velocities that says nothing

Written = dict[int, list[Event]]  # player's index -> events


class Pen(Protocol):
    """The network as it writes: see `studio.ai.nets.composer_decode.Decoder`."""

    def open(
        self, features: Any, beats: Any, slots: Any, *, rows: int, seed: int, guided: bool
    ) -> None: ...

    def feed(self, features: Any, beats: Any, *, active: Any = None) -> None: ...

    def keep(self, row: int) -> None: ...

    def note(
        self, rules: Any, sampling: Any = None, *, active: Any = None, given: Any = None
    ) -> Any: ...

    def likelihood(self, answered: Example) -> float: ...


@dataclass(frozen=True, slots=True)
class Manner:
    """How the network is to write.

    Attributes:
        sampling: Passed on to the pen.
        tunes: The same for lines of a new song.
        candidates: Of which the best is kept, bar by bar.
        guided: Whether style and chords weigh more than the music itself says.
    """

    sampling: Any
    tunes: Any
    candidates: int = 4
    guided: bool = False


class Writer:
    """Writes the gap of a plan.

    Args:
        at_note: Called before every note; may raise to stop.
    """

    def __init__(
        self,
        plan: Plan,
        players: Sequence[Player],
        pen: Pen,
        manner: Manner,
        at_note: Callable[[], None],
    ) -> None:
        self._plan, self._players = plan, seated(plan, players)
        self._pen, self._manner, self._at_note = pen, manner, at_note
        players = self._players
        self.draft = draft(plan, players)
        drums = any(part.drums for part in self.draft.piece.parts)
        self._has_drums = drums or any(player.drums for player in players)
        self._leveled = tells_velocity(self.draft.piece, self._has_drums)
        # The network plays with its own feel: nothing is swung or late beside that.
        self._settlers = [Settler(plan, player, felt=False) for player in players]
        self._returns = _returns(plan, players)
        self._groups = _groups(plan, players)
        self._lates = [_late(plan, player, self._performs(i)) for i, player in enumerate(players)]

    def _performs(self, player: int) -> bool:
        return self.draft.piece.parts[self.draft.parts[player]].performed

    def bars(self) -> Iterator[tuple[Bar, Written]]:
        """Yield every bar with the settled notes that start in it, in order."""
        for low, high in self._chunks():
            yield from self._chunk(low, high)

    def _chunks(self) -> Iterator[tuple[int, int]]:
        """Spans of planned bars that are written behind one reading of the context; the first is
        a single bar, so that it is soon heard."""
        bars = self._plan.bars
        usual = sum(USUAL_NOTES.get(player.plays, 5.0) for player in self._players)
        most = int(np.clip(_CHUNK_NOTES // max(usual, 1.0), 1, _CHUNK_BARS))
        low, high = 0, 1
        while low < len(bars):
            yield low, high
            low, high = high, high + 1
            while high < len(bars) and high - low < most and not bars[high].starts_section:
                high += 1

    def _chunk(self, low: int, high: int) -> Iterator[tuple[Bar, Written]]:
        self._copy(low, high)
        found: list[Written] = [{} for _ in range(low, high)]
        for turn, group in enumerate(self._groups, 1):
            opening: Opening | None = None
            for index in range(low, high):
                who = self._who_writes(index, group)
                if who:
                    opening = opening or self._open(index, group)
                    self._write(index, who, opening)
                else:
                    opening = None
                found[index - low] |= self._settled(index, group)
                if turn == len(self._groups):  # nobody writes in this bar any more
                    yield self._plan.bars[index], found[index - low]

    def _who_writes(self, index: int, group: Sequence[int]) -> tuple[int, ...]:
        """Those of a group that write bar `index` anew; the others rest or play what they played.

        What stands there already is around a gap, not in it.
        """
        plan, bar = self._plan, self._plan.bars[index]
        return tuple(
            i
            for i in group
            if index not in self._returns[i] and not _rests(plan, self._players, i, bar)
        )

    def _copy(self, low: int, high: int) -> None:
        """Put what returns into the draft."""
        notes = self.draft.piece.notes
        found = []
        for part, returns in zip(self.draft.parts, self._returns, strict=True):
            for index in range(low, high):
                if index in returns:
                    source, target = self._grid(returns[index]), self._grid(index)
                    here = (notes["bar"] >= source.start) & (notes["bar"] < source.stop)
                    again = notes[here & (notes["part"] == part) & self.draft.written].copy()
                    again["bar"] += target.start - source.start
                    found.append(again)
        if found:
            self.draft = self.draft.with_notes(np.concatenate(found))

    def _open(self, low: int, group: Sequence[int]) -> Opening:
        """Let the pen read what stands around the bars from `low` on that the group writes.

        They are told as one gap, though not all of them may be written behind one reading; what
        comes after is seen where it comes next, for no gap behind a gap was learnt from.
        """
        count, final = len(self._plan.bars), self._plan.bars[-1].final
        rest = (i for i in range(low + 1, count) if not self._who_writes(i, group))
        high = min(low + _CHUNK_BARS, next(rest, count))
        # Tunes were learnt from where they stand over chord names, hardly any from above drums.
        apart = is_new(self._plan) and self._are_lines(group) and self._has_drums
        told = self._told(group)
        self.draft = told.written_by(
            group,
            self._fuller(self._plan.bars[low]),
            self._players,
            heard=LINES if apart else ROLES,
        )
        opening = self.draft.opening(
            self._grid(low).start, self._grid(high - 1).stop, group,
            after=FAR_BARS if high == count else self._stands(high), ends=final,
        )  # fmt: skip
        rows = self.draft.seen(opening, CONTEXT)
        lane, manner = self.draft.lane, self._manner
        seed = int(stream(self._plan.seed, "notes", self._grid(low).start, *group).integers(2**63))
        self._pen.open(
            rows.features, rows.beats, lane.slots,
            rows=manner.candidates, seed=seed, guided=manner.guided,
        )  # fmt: skip
        return opening

    def _fuller(self, bar: Bar) -> Plan:
        """The plan, busier where a section rises above others."""
        dials = self._plan.dials
        more = _FULLER * max(risen(self._plan, bar), 0.0)
        return replace(self._plan, dials=replace(dials, density=dials.density + more))

    def _told(self, group: Sequence[int]) -> Draft:
        """The draft as music of the kind that the group writes.

        Bands were learnt from with their velocities, most other music without; in a new song what
        is written beside drums is a pattern.
        """
        plan = self._plan
        band = any(self._players[i].drums for i in group)
        velocity = self._tells_velocity(group)
        source = self.draft.piece.source
        if plan.request.task is Task.COMPOSE:
            source = "pattern" if band else "score"
        styles = ("song",) if self._are_lines(group) and self._sings() else ()
        return self.draft.like(source, velocity=velocity, styles=styles)

    def _tells_velocity(self, group: Sequence[int]) -> bool:
        """Whether the network is to say how loud a group plays."""
        return self._leveled and not self._are_lines(group)

    def _are_lines(self, group: Sequence[int]) -> bool:
        return all(self._players[i].plays in LINES for i in group)

    def _stands(self, index: int) -> int:
        """How many bars of the grid from planned bar `index` on are there already."""
        written = np.unique(self.draft.piece.notes["bar"][self.draft.written])
        at = self._grid(index).start
        return next((n for n in range(FAR_BARS) if at + n not in written), FAR_BARS)

    # --- a bar --------------------------------------------------------------------------------

    def _write(self, index: int, who: Sequence[int], opening: Opening) -> None:
        for at in self._grid(index):
            self._write_row(self._plan.bars[index], at, who, opening)

    def _write_row(self, bar: Bar, at: int, who: Sequence[int], opening: Opening) -> None:
        """Write a bar of the grid, which is a planned bar or, of a very long one, a piece."""
        row = self.draft.bar(at, opening)
        self._pen.feed(row.features[0], row.beats[0])
        drafts = self._candidates(self._rules(bar, at, who), bar, at, who, opening)
        if joins_in(self._plan):
            likely = agreement([one.notes for one in drafts])
        else:
            likely = plausible([one.likelihood for one in drafts])
        if at == self._grid(len(self._plan.bars) - 1)[-1]:
            leading = self._leading(drafts, at, opening)
            likely = [one + more for one, more in zip(likely, leading, strict=True)]
        best = max(
            range(len(drafts)), key=lambda i: likely[i] + self._verdict(drafts[i], bar, at, who)
        )
        self._pen.keep(best)
        self.draft = self.draft.with_notes(drafts[best].notes)

    def _rules(self, bar: Bar, at: int, who: Sequence[int]) -> BarRules:
        slots = [int(self.draft.lane.slot[part]) for part in self.draft.parts]
        ranks = ranks_of(self.draft)
        active = [i in who for i in range(len(self._players))]
        row = self.draft.piece.bars[at]
        ends = [settler.ends for settler in self._settlers]
        due = strokes(self._plan, self._players, bar, int(row["start"]))
        must = [i for i in who if self._comes_in(i, bar, at)]
        return bar_rules(self._plan, self._players, slots, ranks, bar, row, active, ends, due, must)

    def _comes_in(self, player: int, bar: Bar, at: int) -> bool:
        """Whether a player has to strike something in bar `at` of the grid."""
        piece, part = self.draft.piece, self.draft.parts[player]
        played = bool(len(held_in(self.draft, player, at)))
        before = self.draft.written & (piece.notes["bar"] < at)
        mine = piece.notes[before & (piece.notes["part"] == part)]
        alone = len(self._players) == 1 and not self._plan.heard
        rested: int | None = None
        if len(mine):
            ends = piece.bars["start"][mine["bar"]].astype(np.int64) + mine["sub"]
            end = int((ends + np.array(LENGTHS)[mine["length"]]).max())
            silent = int(piece.bars["start"][at]) - end
            if silent < 0 and not (bar.final or played):
                return False
            rested = max(silent, 0) // int(piece.bars["length"][at])
        return comes_in(self._plan, self._players[player], bar, rested, alone=alone, played=played)

    def _candidates(
        self, rules: BarRules, bar: Bar, at: int, who: Sequence[int], opening: Opening
    ) -> list[_Candidate]:
        """Every row's own version of the bar."""
        piece, lane = self.draft.piece, self.draft.lane
        asked = Asked(
            self.draft, self._players, self._plan, rules, bar, at, opening,
            self._manner.candidates, held=bar.final,
            least=shortest(self.draft, self._plan, at, who),
        )  # fmt: skip
        tune = is_new(self._plan) and self._are_lines(who)
        sampling = self._manner.tunes if tune else self._manner.sampling
        found = [_Candidate(np.zeros(0, GRID_NOTE), 0.0, 0) for _ in range(asked.rows)]
        live = np.ones(asked.rows, bool)
        while True:
            self._at_note()
            written = self._pen.note(asked, sampling, active=live)
            notes = np.zeros(asked.rows, GRID_NOTE)
            for row in np.flatnonzero(live):
                fields = written.fields[row]
                found[row] = found[row].told(float(written.likelihood[row].sum()))
                if fields[0] == END_OF_BAR:
                    live[row] = False
                    continue
                notes[row] = asked.noted(int(row), fields)
                found[row] = found[row].with_note(notes[row])
            if not live.any():
                return found
            rows = note_rows(piece, notes, lane, opening, TAGS.index("gap"), TOLD)
            self._pen.feed(rows.features, rows.beats, active=live)

    def _leading(self, drafts: Sequence[_Candidate], at: int, opening: Opening) -> list[float]:
        """How likely each candidate makes what stands in the bar behind the gap, nats a note."""
        notes = self.draft.piece.notes
        next_bar = (notes["bar"] == at + 1) & np.isin(notes["part"], opening.parts)
        if len(drafts) < 2 or not next_bar.any():
            return [0.0] * len(drafts)
        found = []
        for one in drafts:
            piece = self.draft.with_notes(one.notes).piece
            asked = (piece.notes["bar"] == at + 1) & np.isin(piece.notes["part"], opening.parts)
            behind = Opening(at + 1, at + 2, opening.parts, ~asked, before=_CHUNK_BARS, after=0)
            found.append(self._pen.likelihood(example(piece, behind, self.draft.lane, _LEADING)))
        return found

    def _verdict(self, candidate: _Candidate, bar: Bar, at: int, who: Sequence[int]) -> float:
        piece = self.draft.piece
        sounding = piece.notes[piece.notes["bar"] == at]
        roles = [part.role for part in piece.parts]
        together = np.concatenate([sounding, candidate.notes])
        active = [self.draft.parts[i] for i in who]
        found = verdict(together, piece.bars[at], roles, active)
        for i in who:
            found -= unlike(self.draft, self._plan, candidate.notes, i, at)
            if self._players[i].plays == "melody" and self._sings():
                found -= self._breath(candidate.notes, self.draft.parts[i], bar, at)
        return found

    def _sings(self) -> bool:
        """Whether tunes are to be as those of songs."""
        return is_new(self._plan) and self._plan.style_name not in RUNNING

    def _breath(self, notes: Table, part: int, bar: Bar, at: int) -> float:
        """What is wrong with the rhythm of a tune that was written for bar `at` of the grid."""
        piece = self.draft.piece
        old = piece.notes[piece.notes["part"] == part]
        now = np.unique(notes["sub"][notes["part"] == part]).astype(int)
        ends = (bar.place + 1) % PHRASE_BARS == 0 or bar.place == bar.count - 1
        return breathless(now, rhythms(old, at), int(piece.bars["length"][at]), ends=ends)

    def _settled(self, index: int, group: Sequence[int]) -> Written:
        """What players of a group play in a bar, as it may stand in the song."""
        notes, grid = self.draft.piece.notes, self._grid(index)
        here = self.draft.written & (notes["bar"] >= grid.start) & (notes["bar"] < grid.stop)
        notes = notes[here]
        start, length, timing = in_ticks(notes, self.draft.piece.bars)
        found: Written = {}
        for i in group:
            player, mine = self._players[i], notes["part"] == self.draft.parts[i]
            late, louder = self._lates[i], self._louder(group, self._plan.bars[index])
            events = [
                Event(
                    int(s), int(n), int(note["pitch"]), loud(note, player, louder), round(t) + late
                )
                for s, n, t, note in zip(
                    start[mine], length[mine], timing[mine].tolist(), notes[mine], strict=True
                )
            ]
            let_go = held_until(self.draft, self._plan, player, i, grid.stop)
            events = [e._replace(length=min(e.length, let_go - e.start)) for e in events]
            if is_new(self._plan) and self._tells_velocity(group):
                events = _accented(self._plan, player, events, self._plan.bars[index])
            found[i] = self._settlers[i].settle(events, self._ringing(index, i))
        return found

    def _louder(self, group: Sequence[int], bar: Bar) -> int:
        """What a bar of a new song adds to how loud the network has a group; where it says nothing
        of that, accents come by rule, which knows of it."""
        shaped = not self._tells_velocity(group)
        return 0 if shaped or self._plan.request.task is not Task.COMPOSE else round(lift(bar))

    def _ringing(self, index: int, player: int) -> Sequence[Bar]:
        """Bar `index` and those that its notes may ring into: none in which the player plays
        again what stood elsewhere, nor the last bar of all, whose beginnings they would take."""
        returns, last = self._returns[player], min(index + RING_BARS, len(self._plan.bars))
        here, end = returns.get(index), index + 1
        while end < last:
            there = returns.get(end)
            cut = there is not None and (here is None or there - here != end - index)
            if cut or self._plan.bars[end].final:
                break
            end += 1
        return self._plan.bars[index:end]

    def _grid(self, index: int) -> range:
        return grid_bars(self.draft.piece, self._plan.bars[index])


def grid_bars(piece: Piece, bar: Bar) -> range:
    """The bars of the grid that a planned bar is: several where it has more than 16 quarters."""
    starts = piece.bars["start"].astype(np.int64) * SUB_TICKS
    first, last = np.searchsorted(starts, (bar.start, bar.end - 1), side="right")
    return range(int(first) - 1, int(last))


def ranks_of(draft: Draft) -> list[int]:
    """The order in which the players' parts are written."""
    return [ROLES.index(draft.piece.parts[part].role) * 256 + part for part in draft.parts]


def loud(note: Table, player: Player, louder: int = 0) -> int:
    return int(np.clip(int(note["velocity"]) + player.push + louder, 12, 124))


def _accented(plan: Plan, player: Player, events: Sequence[Event], bar: Bar) -> list[Event]:
    """A bar with accents, where the network has a part as even as a machine: many of the patterns
    that it learnt from are."""
    rng = stream(plan.seed, "accents", bar.start, player.name)
    return accented(player, sorted(events), [bar] * len(events), _LIVELY, rng)


def tells_velocity(piece: Piece, drums: bool) -> bool:
    """Whether the network is told how loud a piece's notes are.

    Args:
        drums: Whether there are any, or will be.
    """
    loud = piece.notes["velocity"].astype(float)
    return drums and (len(loud) < _FEW or float(loud.std()) > _EVEN)


def _late(plan: Plan, player: Player, performs: bool) -> int:
    """How far behind the beat a player's style has it, ticks; none where a track goes on."""
    if performs or player.standing:
        return 0
    return plan.dials.late // 2 if player.drums else plan.dials.late


def _groups(plan: Plan, players: Sequence[Player]) -> list[tuple[int, ...]]:
    """Who is written together: in a new song the band first, then the lines it carries.

    What bands were learnt from has few melodies, and what melodies were learnt from has no bands.
    """
    everyone = tuple(range(len(players)))
    lines = tuple(i for i in everyone if players[i].plays in LINES)
    band = tuple(i for i in everyone if i not in lines)
    if plan.request.task is not Task.COMPOSE or not any(players[i].drums for i in band):
        return in_slots(everyone)
    return in_slots(band) + in_slots(lines)


def _returns(plan: Plan, players: Sequence[Player]) -> list[dict[int, int]]:
    """For each player the bars in which it plays what it played before, and where that was."""
    found: list[dict[int, int]] = [{} for _ in players]
    if plan.request.task is not Task.COMPOSE:
        return found
    for i, (player, returns) in enumerate(zip(players, found, strict=True)):
        first: dict[tuple[str, str, int, int], int] = {}
        for index, bar in enumerate(plan.bars):
            if _rests(plan, players, i, bar):
                continue
            model = first.setdefault((bar.section, bar.letter, bar.place, bar.count), index)
            same = model != index and _harmony(plan.bars[model]) == _harmony(bar)
            if same and not _is_anew(plan, player, bar):
                returns[index] = model
    return found


def _rests(plan: Plan, players: Sequence[Player], player: int, bar: Bar) -> bool:
    """Whether a player, by index, is silent in a bar."""
    return waits(plan, players[player], bar) or builds_up(plan, players, players[player], bar)


def _harmony(bar: Bar) -> list[tuple[int, int, Chord]]:
    return [(span.start - bar.start, span.length, span.chord) for span in bar.chords]


def _is_anew(plan: Plan, player: Player, bar: Bar) -> bool:
    """Whether a bar that returns is written anew: the last of a section, and some of a melody."""
    if bar.final or bar.place == bar.count - 1:
        return True
    share = _VARIED + 0.3 * plan.dials.surprise * bool(bar.turn > 1)
    return player.plays == "melody" and stream(plan.seed, "return", bar.start).random() < share


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """A version of a bar: its notes, and what was said of them so far."""

    notes: Table
    said: float
    count: int

    def told(self, likelihood: float) -> _Candidate:
        return replace(self, said=self.said + likelihood, count=self.count + 1)

    def with_note(self, note: Any) -> _Candidate:
        return replace(self, notes=np.append(self.notes, note))

    @property
    def likelihood(self) -> float:
        """Mean of the notes', nats."""
        return self.said / max(self.count, 1)
