"""What may be written where: masks over the fields of the next note, for one bar.

Places rise within a part, and pitches within a place, so that nothing is written twice and a bar
always comes to its end.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from studio.ai.composer.drumming import PITCHES, Stroke, spared
from studio.ai.composer.piece import SUB_TICKS, SUBS, Table
from studio.ai.composer.seating import LINES, is_new, kept_for_others, steps
from studio.ai.composer.striking import figured
from studio.ai.composer.vocabulary import CLASSES, END_OF_BAR
from studio.ai.sketch.cast import Player
from studio.ai.sketch.groove_patterns import DRUM_KEYS, GROOVES
from studio.ai.sketch.harmony import scale_over
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import Bar
from studio.ai.sketch.settle import ONE_AT_A_TIME
from studio.domain.theory import Chord

Mask = npt.NDArray[np.bool_]

MOST_NOTES = 96  # in a bar, all parts together
_KIT = (*range(35, 54), 55, 57, 59)  # kicks to the second ride; no tambourine, cowbell, vibraslap
_LAST_STROKE = (35, 36, 38, 49)  # drums that end a song: kicks, snare, crash
_RESTING = (0, 3, 4)  # semitones above the root on which a tune ends,
_BRIEF, _HOME = 8, (0,)  # bars of a song so short that its end has to tell the key, and where then
_STRAIGHT = frozenset((0, 3, 6, 9, 12, 15, 18, 21))
_TRIPLETS = frozenset((0, 4, 8, 12, 16, 20))
_WRITTEN = np.array([sub in _STRAIGHT | _TRIPLETS for sub in range(SUBS)])


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last note written in a bar, -1 before the first one.

    Attributes:
        rank, slot: Of its part.
        sub: Its place, from the start of the bar.
        pitch: Its key, of drums from 128.
        count: How many notes the bar has so far.
    """

    rank: int = -1
    slot: int = -1
    sub: int = -1
    pitch: int = -1
    count: int = 0


class BarRules:
    """The rules of one bar for all who may play in it.

    Args:
        free: For each slot that may play, the pitches (drums from 128) free at each place of the
            bar, shape [subs, 256].
        alone: Slots that play one note at a time.
        ranks: The order in which parts are written, by slot.
        strokes: By slot what has to be struck, in order; at each place one of the keys (drums from
            128).
        must: Slots that strike something somewhere in the bar, if they can.
    """

    def __init__(
        self,
        free: Mapping[int, Mask],
        alone: frozenset[int],
        ranks: Mapping[int, int],
        strokes: Mapping[int, Sequence[Stroke]] | None = None,
        must: Collection[int] = (),
    ) -> None:
        self._free = free
        self._places: dict[int, Mask] = {
            slot: np.asarray(table.any(1)) for slot, table in free.items()
        }
        self._alone = alone
        self._ranks = ranks
        self._strokes = {
            slot: [
                (keys, sub)
                for keys, sub in row
                if sub < len(free[slot]) and free[slot][sub, list(keys)].any()
            ]
            for slot, row in (strokes or {}).items()
            if slot in free
        }
        self._must = frozenset(s for s in must if s in free and self._places[s].any())

    def _due(self, at: Cursor, slot: int) -> Stroke | None:
        """The next stroke that a slot may not pass."""
        for keys, sub in self._strokes.get(slot, ()):
            if at.slot != slot or sub > at.sub or (sub == at.sub and at.pitch < min(keys)):
                return keys, sub
        return None

    def moved(self, at: Cursor, slot: int, sub: int, pitch: int) -> Cursor:
        return Cursor(self._ranks[slot], slot, sub, pitch, at.count + 1)

    def slots(self, at: Cursor) -> Mask:
        """Who may play the next note; the end of the bar always may come. Shape [17]."""
        mask = np.zeros(CLASSES[0], bool)
        mask[END_OF_BAR] = True
        if at.count < MOST_NOTES:
            for slot, rank in self._ranks.items():
                if rank > at.rank:
                    mask[slot] = self._places[slot].any()
                elif slot == at.slot:
                    mask[slot] = self._open(at, slot).any()
            self._wait(mask, at)
            return mask
        silent = [slot for slot in self._must if self._ranks[slot] > at.rank]
        if silent:  # a single note each, in turn, however full the bar is
            mask[END_OF_BAR], mask[min(silent, key=self._ranks.__getitem__)] = False, True
        return mask

    def _wait(self, mask: Mask, at: Cursor) -> None:
        """Let nobody play, nor the bar end, before those of whom something is due have their turn;
        whoever comes before them may still play."""
        due = [rank for slot, rank in self._ranks.items() if self._awaits(at, slot)]
        if due:
            mask[END_OF_BAR] = False
            mask[[slot for slot, rank in self._ranks.items() if rank > min(due)]] = False

    def _awaits(self, at: Cursor, slot: int) -> bool:
        if at.slot == slot or self._ranks[slot] > at.rank:
            return (slot in self._must and at.slot != slot) or self._due(at, slot) is not None
        return False

    def beats(self, at: Cursor, slot: int) -> Mask:
        """Shape [16]."""
        places = self._open(at, slot)
        mask = np.zeros(CLASSES[1], bool)
        mask[np.flatnonzero(places) // SUBS] = True
        return mask

    def subs(self, at: Cursor, slot: int, beat: int) -> Mask:
        """Shape [24]."""
        mask = np.zeros(CLASSES[2], bool)
        places = self._open(at, slot)[beat * SUBS : (beat + 1) * SUBS]
        mask[: len(places)] = places
        return mask

    def pitches(self, at: Cursor, slot: int, sub: int) -> Mask:
        """Shape [256]."""
        mask: Mask = self._free[slot][sub].copy()
        if at.slot == slot and at.sub == sub:
            mask[: at.pitch + 1] = False
        due = self._due(at, slot)
        if due is not None and due[1] == sub:
            # A line has no second note there; others may have lower ones first.
            first = 0 if slot in self._alone else min(due[0])
            mask[first:] &= np.isin(np.arange(first, len(mask)), list(due[0]))
        return mask

    def _open(self, at: Cursor, slot: int) -> Mask:
        """Places where a note may still stand, shape [subs]."""
        places = self._places[slot].copy()
        due = self._due(at, slot)
        if due is not None:
            places[due[1] + 1 :] = False
        if at.slot != slot:
            return places
        places[: at.sub] = False
        if slot in self._alone or not self._free[slot][at.sub, at.pitch + 1 :].any():
            places[at.sub] = False
        return places


def bar_rules(
    plan: Plan,
    players: Sequence[Player],
    slots: Sequence[int],
    ranks: Sequence[int],
    bar: Bar,
    row: Table,
    active: Sequence[bool],
    ends: Sequence[Mapping[int, int]],
    strokes: Mapping[int, Sequence[Stroke]] | None = None,
    must: Collection[int] = (),
) -> BarRules:
    """The rules of a bar.

    Args:
        slots, ranks: Of each player.
        row: The bar on the grid, a row of `BAR_DTYPE`.
        active: Whether each player plays in this bar.
        ends: For each player where the last written note of each pitch ends, ticks: what rings on
            from the bars before.
        strokes: What players, by index, have to strike where it is free.
        must: Players, by index, who have to strike something.
    """
    driven = any(player.drums for player in players)
    driven |= any(track.is_drums and bool(track.clips) for track in plan.request.song.tracks)
    free = {
        slot: _free(plan, player, bar, row, ringing, driven=driven)
        for player, slot, plays, ringing in zip(players, slots, active, ends, strict=True)
        if plays
    }
    alone = frozenset(s for p, s in zip(players, slots, strict=True) if p.plays in ONE_AT_A_TIME)
    order = {slot: rank for slot, rank in zip(slots, ranks, strict=True) if slot in free}
    due = {slots[index]: row for index, row in (strokes or {}).items()}
    return BarRules(free, alone, order, due, [slots[index] for index in must])


def _free(
    plan: Plan, player: Player, bar: Bar, row: Table, ends: Mapping[int, int], *, driven: bool
) -> Mask:
    """Pitches that a player may use at each place, shape [subs, 256]."""
    length, gap = int(row["length"]), plan.request.gap
    ticks = (int(row["start"]) + np.arange(length)) * SUB_TICKS
    free = np.zeros((length, 256), bool)
    places = _WRITTEN[np.arange(length) % SUBS] & (ticks >= gap.start) & (ticks < gap.end)
    shift = PITCHES if player.drums else 0
    keys = np.arange(128)
    low, high = max(player.low, gap.pitch_low), min(player.high, gap.pitch_high)
    in_range = (keys >= low) & (keys <= high)
    if player.drums and (in_range & _kit(plan, player)).any():
        in_range &= _kit(plan, player)
    free[:, shift : shift + PITCHES] = places[:, None] & in_range
    for span in () if player.drums else bar.chords:
        here = np.flatnonzero((ticks >= span.start) & (ticks < span.end))
        free[np.ix_(here, _foreign(plan, bar, span.chord))] = False
    if is_new(plan):
        _as_usual(free, plan, player, bar, row, driven=driven)
    if bar.final:
        _come_to_rest(free, player, bar, ticks - max(bar.start, gap.start))
    _give_way(free, player, ticks, ends)
    return free


def _give_way(
    free: Mask, player: Player, ticks: npt.NDArray[np.int64], ends: Mapping[int, int]
) -> None:
    """Nothing is struck while it sounds, and in a line nothing while anything does."""
    alone, shift = player.plays in ONE_AT_A_TIME, PITCHES if player.drums else 0
    for note in player.standing:
        if note.start <= ticks[-1] and note.end > ticks[0]:
            sounds = (ticks >= note.start) & (ticks < note.end)
            free[sounds, shift + note.pitch] = False
            if alone and not note.muted:
                free[sounds] = False
    for pitch, end in ends.items():
        free[ticks < end, shift + pitch] = False
        if alone:
            free[ticks < end] = False


def _as_usual(
    free: Mask, plan: Plan, player: Player, bar: Bar, row: Table, *, driven: bool
) -> None:
    """A new part keeps to its usual places; lines begin a bar on a tone of its chord, and a
    tune ends on the last root or third."""
    ticks = (int(row["start"]) + np.arange(len(free))) * SUB_TICKS - bar.start
    if player.drums:
        if not bar.final:
            free[:, PITCHES:] &= ~spared(plan, bar, ticks)
        return
    free[~(steps(plan, player, row, driven=driven) & figured(plan, player, bar, ticks))] = False
    for span in bar.chords if player.plays == "pad" else ():
        here = (ticks + bar.start >= span.start) & (ticks + bar.start < span.end)
        free[np.ix_(here, _outside(span.chord))] = False
    free[:, np.flatnonzero(kept_for_others(plan, player, bar))] = False
    if player.plays in LINES:
        free[np.ix_(ticks == 0, _outside(bar.chord_at(bar.start)))] = False
    if bar.final and player.plays == "melody":
        root = bar.chord_at(bar.end - 1).root
        rest = _RESTING if len(plan.bars) > _BRIEF else _HOME
        free[:, [key for key in range(128) if (key - root) % 12 not in rest]] = False


def _kit(plan: Plan, player: Player) -> Mask:
    """The drums of a style: a kit, the percussion the style is known for, and what was heard.

    What bands were learnt from has congas and cabasas in every style.
    """
    kit = set(_KIT) | {note.pitch for note in player.standing}
    for groove in chain(*GROOVES.get(plan.style_name, ())):
        kit |= {DRUM_KEYS[mark] for mark in groove}
    return np.isin(np.arange(128), list(kit))


def _foreign(plan: Plan, bar: Bar, chord: Chord) -> npt.NDArray[np.int64]:
    """The keys that no note may start on while a chord sounds."""
    classes = set(range(12))
    if plan.request.controls.keep_to_scale:
        classes &= scale_over(bar.key, chord)
    if bar.locked:
        classes &= chord.pitch_classes
    return np.array([pitch for pitch in range(128) if pitch % 12 not in classes], np.int64)


def _outside(chord: Chord) -> npt.NDArray[np.int64]:
    tones = chord.pitch_classes
    return np.array([pitch for pitch in range(128) if pitch % 12 not in tones], np.int64)


def _come_to_rest(free: Mask, player: Player, bar: Bar, late: npt.NDArray[np.int64]) -> None:
    """The last bar of all is one chord, struck as it begins: the bass on the root.

    Args:
        late: Ticks of each place behind the first that may be written.
    """
    free[late >= SUB_TICKS] = False
    if player.drums:
        free[:, [PITCHES + key for key in range(128) if key not in _LAST_STROKE]] = False
    else:
        chord = bar.chord_at(bar.end - 1)
        free[:, _outside(chord)] = False
        if player.plays == "bass" or player.left_hand:
            roots = np.flatnonzero(free[:, :128].any(0) & (np.arange(128) % 12 == chord.root))
            free[:, : min(roots, default=0)] = False
        if player.plays == "bass":
            free[:, np.arange(256) % 12 != chord.root] = False
