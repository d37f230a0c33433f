"""What the network is asked for, note by note: the rules of a bar, and what sounds meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.ai.composer.draft import Draft
from studio.ai.composer.drumming import NEAR
from studio.ai.composer.loudness import allowed, shaped
from studio.ai.composer.piece import CHORDS_PER_BAR, GRID_NOTE, SUB_TICKS, SUBS, Piece
from studio.ai.composer.rules import BarRules, Cursor
from studio.ai.composer.seating import is_new, sustained
from studio.ai.composer.striking import lasting, walks
from studio.ai.composer.vocabulary import ACCOMPANIMENT, LENGTHS
from studio.ai.composer.window import TOLD, Opening, harmony_features
from studio.ai.sketch.cast import Player
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import Bar

_DRUM_LENGTH = 5  # class of the length of every drum
RING_BARS = 4  # at most, that a note sounds in
_FELT = 6  # subs: what rubs for less is gone before anyone minds
_INSISTENT = 3  # strokes of one pitch running that a tune bears
KICKS = (35, 36)
_PASSING = 12  # subs that a passing note may rub for


@dataclass(frozen=True, slots=True, eq=False)
class Rubs:
    """What sounds around a bar, for melody and accompaniment to keep off each other's semitones.

    Attributes:
        notes: Rows of (start, end, pitch, part, 1 for a melody and 2 for what goes with one), subs
            from the bar's start, shape [n, 5].
    """

    notes: npt.NDArray[np.int64]
    sides: npt.NDArray[np.int64]

    @classmethod
    def around(cls, piece: Piece, bar: int) -> Rubs:
        sides = np.array([_side("drums" if p.drums else p.role) for p in piece.parts] or [0])
        low, high = np.searchsorted(piece.notes["bar"], (bar - RING_BARS, bar + RING_BARS))
        near = piece.notes[low:high]
        start = piece.bars["start"][near["bar"]].astype(np.int64) + near["sub"]
        start -= int(piece.bars["start"][bar])
        end = start + np.array(LENGTHS)[near["length"]]
        rows = np.stack([start, end, near["pitch"], near["part"], sides[near["part"]]], 1)
        pitched = ~np.array([p.drums for p in piece.parts] or [False])[near["part"]]
        return cls(rows[(end > 0) & pitched].astype(np.int64), sides)

    def along(self, note: Any) -> Rubs:
        """With one more note of the bar."""
        start, part = int(note["sub"]), int(note["part"])
        end = start + LENGTHS[int(note["length"])]
        row = [start, end, int(note["pitch"]), part, int(self.sides[part])]
        return replace(self, notes=np.concatenate([self.notes, [row]]))

    def beside(self, role: str, sub: int) -> npt.NDArray[np.int64]:
        """Pitches that would rub with what sounds at a place and goes on."""
        start, end, pitch, _, side = self.notes.T
        sounds = (side == _other(role)) & (start <= sub) & (end >= sub + _FELT)
        found = np.concatenate([pitch[sounds] - 1, pitch[sounds] + 1])
        return np.unique(found[(found >= 0) & (found < 128)])

    def room(self, role: str, sub: int, pitch: int) -> int:
        """For how long a note may last, subs."""
        start, end, other, _, side = self.notes.T
        rubs = (side == _other(role)) & (abs(other - pitch) == 1) & (end > sub)
        if not rubs.any():
            return LENGTHS[-1]
        return int(np.maximum(start[rubs], sub).min()) - sub + _PASSING

    def insisted(self, part: int, sub: int, times: int = _INSISTENT) -> npt.NDArray[np.int64]:
        """The pitch that a line has struck so many times running, if any, and has to leave."""
        mine = self.notes[(self.notes[:, 3] == part) & (self.notes[:, 0] < sub)]
        last = mine[np.argsort(mine[:, 0], kind="stable"), 2][-times:]
        same = len(last) == times and bool((last == last[0]).all())
        return np.asarray(last[: int(same)])

    def held(self, part: int, sub: int) -> npt.NDArray[np.int64]:
        """Pitches that a part holds at a place, not struck there."""
        start, end, pitch, whose, _ = self.notes.T
        return np.unique(pitch[(whose == part) & (start < sub) & (end > sub)])


def _kicks(draft: Draft, bar: int) -> frozenset[int]:
    """The kicks on beats that a bar has already, subs."""
    piece = draft.piece
    notes = piece.notes[piece.notes["bar"] == bar]
    drums = np.array([part.drums for part in piece.parts] or [False])[notes["part"]]
    found = notes["sub"][drums & np.isin(notes["pitch"], KICKS)]
    return frozenset(found[found % SUBS == 0].tolist())


def _side(role: str) -> int:
    return 1 if role == "melody" else 2 if role in ACCOMPANIMENT else 0


def _other(role: str) -> int:
    """The side that a role may rub with; -1 where it has none."""
    return {1: 2, 2: 1}.get(_side(role), -1)


class Asked:
    """The rules of a bar as the pen asks for them, for each of its rows.

    Args:
        players: In the draft's order.
        bar, at: The planned bar, and the bar of the grid that is written of it.
        opening: Of which the bar is a part.
        rows: Versions of the bar that are written side by side.
        held: Whether notes last for half of the bar at least.
        again: Whether a key may be struck while it is held.
        least: How long notes last at least, subs, by slot.
    """

    def __init__(
        self,
        draft: Draft,
        players: Sequence[Player],
        plan: Plan,
        rules: BarRules,
        bar: Bar,
        at: int,
        opening: Opening,
        rows: int,
        *,
        held: bool = False,
        again: bool = True,
        least: Mapping[int, int] | None = None,
    ) -> None:
        self._least = least or {}
        self._rules, self.rows, self._held, self._again = rules, rows, held, again
        self._plan, self._planned = plan, bar
        self._at = [Cursor()] * rows
        self._rubs = [Rubs.around(draft.piece, at)] * rows
        self._not_again = -1
        self._kicks = [_kicks(draft, at)] * rows
        self._bass = [frozenset[int]()] * rows
        self._bar, self._outline = at, opening.outline
        self._draft = draft
        row = draft.piece.bars[at]
        self._parts = {int(slot): part for part, slot in enumerate(draft.lane.slot) if slot >= 0}
        self._start = int(row["start"]) - int(draft.piece.bars["start"][opening.first])
        self._length = int(row["length"])
        self._within = int(row["start"]) - bar.start // SUB_TICKS  # where the planned bar has it
        self._players = {
            slot: players[draft.parts.index(part)]
            for slot, part in self._parts.items()
            if part in draft.parts
        }
        self._loudness = {slot: allowed(player) for slot, player in self._players.items()}
        self._harmony = harmony_features(
            np.zeros((CHORDS_PER_BAR, 8), np.int32),
            row["root"].astype(np.int64),
            row["quality"].astype(np.int64),
            np.full(CHORDS_PER_BAR, int(row["tonic"])),
            TOLD,
        )[:, 3:]

    def allow(self, field: int, row: int, chosen: Sequence[int]) -> npt.NDArray[np.bool_] | None:
        at = self._at[row]
        if field == 0:
            return self._rules.slots(at)
        if field == 1:
            return self._beats(row, chosen[0])
        if field == 2:
            return self._subs(row, chosen[0], chosen[1])
        if field == 3:
            return self._pitches(row, chosen[0], chosen[1] * SUBS + chosen[2])
        if field == 4:
            return self._lengths(row, chosen)
        return self._loudness[chosen[0]] if field == 5 and not self._outline else None

    def _beats(self, row: int, slot: int) -> npt.NDArray[np.bool_]:
        free = self._rules.beats(self._at[row], slot)
        calm = free.copy()
        for beat in np.flatnonzero(free).tolist():
            subs = self._rules.subs(self._at[row], slot, beat)
            calm[beat] = (subs & ~self._beside_kicks(row, slot, beat)).any()
        return calm if calm.any() else free

    def _subs(self, row: int, slot: int, beat: int) -> npt.NDArray[np.bool_]:
        free = self._rules.subs(self._at[row], slot, beat)
        calm = free & ~self._beside_kicks(row, slot, beat)
        return calm if calm.any() else free

    def _beside_kicks(self, row: int, slot: int, beat: int) -> npt.NDArray[np.bool_]:
        """Where in a beat a new bass would nearly meet a kick on a beat, shape [24]."""
        near = np.zeros(SUBS, bool)
        if self._players[slot].plays != "bass" or not is_new(self._plan):
            return near
        places = beat * SUBS + np.arange(SUBS)
        for kick in self._kicks[row]:
            apart = np.abs(places - kick)
            met = kick in self._bass[row]
            near |= (apart > 1) & (apart <= NEAR) & ~((places > kick) & met)
        return near

    def _pitches(self, row: int, slot: int, sub: int) -> npt.NDArray[np.bool_]:
        """Those the rules leave; of these, where there are any, those that rub with nothing."""
        free = self._rules.pitches(self._at[row], slot, sub)
        if self._not_again >= 0:
            free[self._not_again] = False
        player = self._players[slot]
        if player.drums:
            return free
        rubs = self._rubs[row]
        calm = free.copy()
        if sub % SUBS == 0:
            calm[rubs.beside(player.plays, sub)] = False
        if player.plays == "melody" and is_new(self._plan):
            calm[rubs.insisted(self._parts[slot], sub)] = False
        if walks(self._plan, player):
            calm[rubs.insisted(self._parts[slot], sub, 1)] = False
        if not self._again:
            calm[rubs.held(self._parts[slot], sub)] = False
        return calm if calm.any() else free

    def _lengths(self, row: int, chosen: Sequence[int]) -> npt.NDArray[np.bool_]:
        lengths = np.array(LENGTHS)
        if self._held:
            return np.asarray(lengths * 4 >= self._length * 3)
        slot, beat, sub, pitch = chosen[:4]
        most = self._rubs[row].room(self._players[slot].plays, beat * SUBS + sub, pitch)
        driven = any(part.drums for part in self._draft.piece.parts)
        usual = sustained(self._plan, self._players[slot], driven=driven)
        least = max(usual, self._least.get(slot, 0))
        if self._players[slot].plays == "bass" and is_new(self._plan):
            most = min(most, self._length - beat * SUBS - sub)  # the next bar begins on its root
        within = lasting(
            self._plan, self._players[slot], self._planned, self._within + beat * SUBS + sub
        )
        if within is not None:
            least, most = min(within[0], most), min(within[1], most)
        return np.asarray((lengths <= max(most, least)) & (lengths >= least))

    def place(self, row: int, chosen: Sequence[int]) -> tuple[Sequence[int], float]:
        sub = chosen[1] * SUBS + chosen[2]
        fourth = min(sub * CHORDS_PER_BAR // self._length, CHORDS_PER_BAR - 1)
        return self._harmony[fourth].tolist(), (self._start + sub) / SUBS

    def turn_to(self, old: Any, slot: int) -> bool:
        """Let the first row write at the place of `old` next, another pitch than that if it can.

        False where no pitch is free there.
        """
        at, sub, pitch = self._at[0], int(old["sub"]), int(old["pitch"])
        self._not_again = -1
        drums = self._draft.piece.parts[int(old["part"])].drums
        free = self._rules.pitches(at, slot, sub)
        again = pitch + 128 * drums
        if free.sum() > free[again]:
            self._not_again = again
        return bool(free.any())

    def noted(self, row: int, fields: npt.NDArray[np.int16]) -> Any:
        """The note that a row wrote, and remember it."""
        slot, beat, sub, pitch, length, velocity, deviation = (int(f) for f in fields)
        self._at[row] = self._rules.moved(self._at[row], slot, beat * SUBS + sub, pitch)
        note = np.zeros((), GRID_NOTE)
        note["part"], note["bar"] = self._parts[slot], self._bar
        note["sub"], note["pitch"] = beat * SUBS + sub, pitch % 128
        note["length"] = _DRUM_LENGTH if length < 0 else length
        note["velocity"], note["deviation"] = velocity * 4 + 2, deviation - 16
        self._rubs[row] = self._rubs[row].along(note)
        self._remember(row, note, self._players[slot])
        return self._as_told(note, self._players[slot])

    def _remember(self, row: int, note: Any, player: Player) -> None:
        sub = int(note["sub"])
        if player.drums and int(note["pitch"]) in KICKS and sub % SUBS == 0:
            self._kicks[row] |= {sub}
        if player.plays == "bass":
            self._bass[row] |= {sub}

    def _as_told(self, note: Any, player: Player) -> Any:
        """The note with what the network cannot know: of music that tells no velocity its accents,
        of what nobody played no deviation."""
        piece = self._draft.piece
        if not piece.parts[int(note["part"])].performed:
            note["deviation"] = 0
        if not piece.has_velocity:
            start = (int(piece.bars["start"][self._bar]) + int(note["sub"])) * SUB_TICKS
            note["velocity"] = shaped(note, start, player, self._planned, self._plan.seed)
        return note
