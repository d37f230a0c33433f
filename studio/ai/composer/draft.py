"""A song with a gap as the piece the network writes on: bars planned, players given parts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from studio.ai.composer.chords import with_chords
from studio.ai.composer.descriptors import ONE_NOTE, REGISTER_NOT_TOLD, SEVERAL, descriptor
from studio.ai.composer.grid import ordered_from
from studio.ai.composer.keys import with_keys
from studio.ai.composer.piece import SUB_TICKS, SUBS, Piece, PiecePart, Table, ordered
from studio.ai.composer.song import SongPiece, chords_in, piece_of, section_named
from studio.ai.composer.swing import with_swing
from studio.ai.composer.vocabulary import (
    DENSITY_EDGES,
    MOST_SLOTS,
    REGISTER_EDGES,
    ROLES,
    STYLES,
)
from studio.ai.composer.window import (
    FAR_BARS,
    SLOT_COLUMNS,
    TOLD,
    Lane,
    Opening,
    Rows,
    bar_rows,
    prefix,
    slot_features,
)
from studio.ai.requests import Task
from studio.ai.sketch.cast import Player
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.settle import ONE_AT_A_TIME
from studio.domain.clip import NoteClip
from studio.domain.project import Project

# How many notes a bar of four quarters each role has, about: what density 0.5 means.
USUAL_NOTES = {
    "drums": 14.0, "bass": 6.0, "chords": 8.0, "pad": 3.5, "arpeggio": 10.0, "counter": 3.5,
    "melody": 3.8, "other": 5.0,
}  # fmt: skip
_HEARD_BARS = 8  # on each side, by which a track that plays already is described
_HEARD_NOTES = 8  # there at least; of fewer the role says more
_ANEW = (Task.REWRITE, Task.HUMANISE)  # tasks that go by what the gap holds


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """The piece as far as it is written.

    Attributes:
        piece: Kept notes of the song and those written so far.
        parts: Index of each player's part.
        written: True for each note that was written, shape [n].
        lane: Slots of the players who write next, and of those they hear.
        held: The notes that the gap replaces, `GRID_NOTE`, shape [h], in canonical order.
        held_start: Where each of them is written in the song, ticks, shape [h].
    """

    piece: Piece
    parts: tuple[int, ...]
    written: npt.NDArray[np.bool_]
    lane: Lane
    held: Table
    held_start: npt.NDArray[np.int64]

    def with_notes(self, notes: Table) -> Draft:
        """The draft with more notes written."""
        table = np.concatenate([self.piece.notes, notes])
        flags = np.concatenate([self.written, np.ones(len(notes), bool)])
        marked = _marked(table, flags)
        kept = ordered(marked, self.piece.parts)
        plain = np.zeros(len(kept), self.piece.notes.dtype)
        for name in plain.dtype.names or ():
            plain[name] = kept[name]
        return replace(self, piece=replace(self.piece, notes=plain), written=kept["written"])

    def like(self, source: str, *, velocity: bool, styles: Sequence[str] = ()) -> Draft:
        """The draft as music of a kind of `vocabulary.SOURCES`.

        Args:
            velocity: Whether it is told how loud its notes are.
            styles: Told beside its own.
        """
        named = tuple(dict.fromkeys((*self.piece.styles, *styles)))[:4]
        piece = replace(self.piece, source=source, has_velocity=velocity, styles=named)
        return replace(self, piece=piece)

    def performed(self) -> Draft:
        """The draft as music that players play, each with a timing of their own."""
        parts = tuple(replace(part, performed=True) for part in self.piece.parts)
        piece = replace(self.piece, parts=parts, source="performed", has_velocity=True)
        return replace(self, piece=piece)

    def instead(self, notes: Table) -> Draft:
        """The draft with these notes for those that stand at their places with their pitches."""
        place = ["bar", "part", "sub", "pitch"]
        again = np.isin(self.piece.notes[place], notes[place])
        kept = replace(self.piece, notes=self.piece.notes[~again])
        return replace(self, piece=kept, written=self.written[~again]).with_notes(notes)

    def written_by(
        self,
        group: Sequence[int],
        plan: Plan,
        players: Sequence[Player],
        *,
        heard: Collection[str] = ROLES,
    ) -> Draft:
        """The draft with slots for some of the players, by index, and for those they hear.

        Args:
            heard: Roles of those others.
        """
        places = [self.parts[i] for i in group]
        some = [players[i] for i in group]
        own = np.concatenate([self.piece.notes[~self.written], self.held])
        return replace(self, lane=_lane(self.piece, own, plan, some, places, heard))

    def opening(
        self, first: int, last: int, group: Sequence[int], *, after: int, ends: bool
    ) -> Opening:
        """Bars [first, last) of some players, of which nothing is written yet.

        Args:
            after: How many of the bars behind them are seen.
            ends: Whether the song ends with its last bar.
        """
        parts = tuple(self.parts[i] for i in group)
        kept = np.ones(len(self.piece.notes), bool)
        return Opening(first, last, parts, kept, after=after, ends=ends)

    def seen(self, opening: Opening, budget: int) -> Rows:
        """The song as the network is shown it before it writes, in at most `budget` rows."""
        return prefix(self.piece, opening, self.lane, budget)

    def bar(self, bar: int, opening: Opening) -> Rows:
        """The forced row of a bar, [1, WIDTH]."""
        return bar_rows(self.piece, np.array([bar]), opening, "gap", TOLD)


def in_slots(players: Sequence[int]) -> list[tuple[int, ...]]:
    """The players in groups that can be written at once: where they are more than there are slots,
    each group has as many slots again for those it hears."""
    most = len(players) if len(players) <= MOST_SLOTS else MOST_SLOTS // 2
    return [tuple(players[i : i + most]) for i in range(0, len(players), max(most, 1))]


def _marked(table: Table, flags: npt.NDArray[np.bool_]) -> Table:
    dtype = np.dtype([*table.dtype.descr, ("written", "?")])
    marked = np.zeros(len(table), dtype)
    for name in table.dtype.names or ():
        marked[name] = table[name]
    marked["written"] = flags
    return marked


def draft(plan: Plan, players: Sequence[Player]) -> Draft:
    """The song of a plan without what its gap replaces, and with the plan's bars told."""
    song = _song_piece(plan)
    piece = with_chords(with_keys(song.piece)) if len(song.piece.notes) else song.piece
    gone = song.in_gap(plan.request.song, plan.request.gap)
    parts = _played(piece)
    places: list[int] = []
    for player in players:
        if player.track in song.tracks:
            at = song.tracks.index(player.track)
            parts[at] = replace(parts[at], role=_role(player), drums=player.drums)
        else:
            at = len(parts)
            made = PiecePart(player.program, player.drums, _role(player), player.name)
            parts.append(replace(made, performed=False))
        places.append(at)
    everyone = tuple(parts)
    whole = replace(
        piece,
        bars=_planned(piece.bars.copy(), plan),
        parts=everyone,
        notes=ordered(piece.notes[~gone], everyone),
        styles=_styles(plan),
        swing=_swing(replace(piece, notes=piece.notes[~gone]), plan),
    )
    held, source = ordered_from(piece.notes[gone], np.flatnonzero(gone), everyone)
    ways = _lane(whole, np.concatenate([whole.notes, held]), plan, players, places)
    unwritten = np.zeros(len(whole.notes), bool)
    starts = _starts(song, plan.request.song, source)
    return Draft(whole, tuple(places), unwritten, ways, held, starts)


def _played(piece: Piece) -> list[PiecePart]:
    """The parts; those that are silent so far show no player's timing."""
    count = np.bincount(piece.notes["part"], minlength=len(piece.parts))
    return [
        replace(part, performed=part.performed and bool(count[index]))
        for index, part in enumerate(piece.parts)
    ]


def _starts(piece: SongPiece, song: Project, notes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Where notes of a piece, given by index, are written in its song, ticks."""
    found = np.zeros(len(notes), np.int64)
    for index, id in enumerate(piece.clips):
        here = np.flatnonzero(piece.clip[notes] == index)
        if not len(here):
            continue
        clip = song.clip(id)
        assert isinstance(clip, NoteClip)
        order = np.argsort(clip.notes.id)
        at = order[np.searchsorted(clip.notes.id[order], piece.id[notes[here]])]
        found[here] = clip.notes.start[at] + clip.shift
    return found


def _song_piece(plan: Plan) -> SongPiece:
    song = plan.request.song
    if plan.shaped:
        song = replace(song, tempo=plan.tempo, key=plan.key)
    return piece_of(song, until=max(plan.request.gap.end, plan.bars[-1].end))


def _role(player: Player) -> str:
    return player.plays if player.plays in ROLES else "other"


def _swing(piece: Piece, plan: Plan) -> bool | None:
    """As the style has it, or as it is heard where the style is only a guess."""
    if plan.guessed:
        return with_swing(piece).swing
    return plan.dials.swing > 0.2 or plan.dials.swing16 > 0.2


def _styles(plan: Plan) -> tuple[str, ...]:
    own = () if plan.guessed else (plan.style_name,)
    named = dict.fromkeys((*own, *plan.words.styles))
    return tuple(name for name in named if name in STYLES)[:4]


def _planned(bars: Table, plan: Plan) -> Table:
    """Bars with the key and chords of the plan, and with its sections but where the song's own
    notes are written anew, whose sections are the song's."""
    starts = bars["start"].astype(np.int64) * SUB_TICKS
    spans = [span for bar in plan.bars for span in bar.chords]
    inside = (starts >= plan.bars[0].start) & (starts < plan.bars[-1].end)
    root, quality = chords_in(bars, spans)
    bars["root"][inside], bars["quality"][inside] = root[inside], quality[inside]
    sectioned = plan.request.task not in _ANEW or bool(plan.words.form)
    for bar in plan.bars:
        here = (starts >= bar.start) & (starts < bar.end)
        bars["tonic"][here], bars["mode"][here] = bar.key.tonic, int(bar.key.is_minor)
        if sectioned:
            bars["section"][here] = section_named(bar.section)
    return bars


# --- slots ------------------------------------------------------------------------------------


def _lane(
    piece: Piece,
    own: Table,
    plan: Plan,
    players: Sequence[Player],
    places: Sequence[int],
    roles: Collection[str] = ROLES,
) -> Lane:
    """Slots of the players, then of the other parts that are heard near the gap.

    Args:
        own: The song's notes, those too that the gap replaces.
    """
    slot = np.full(len(piece.parts), -1, np.int64)
    slots = np.zeros((MOST_SLOTS, SLOT_COLUMNS), np.int32)
    near = np.isin(piece.notes["bar"], list(_around(piece, plan, FAR_BARS)))
    heard = np.bincount(piece.notes["part"][near], minlength=len(piece.parts))
    others = [int(p) for p in np.argsort(-heard, kind="stable") if heard[p] and p not in places]
    others = [part for part in others if piece.parts[part].role in roles]
    order = [*places, *others][:MOST_SLOTS]
    for index, part in enumerate(order):
        slot[part] = index
        player = players[places.index(part)] if part in places else None
        described = None if player is None else _described(piece, own, part, player, plan)
        slots[index] = slot_features(index, piece.parts[part], described)
    return Lane(slot, slots)


def _described(
    piece: Piece, own: Table, part: int, player: Player, plan: Plan
) -> tuple[int, int, int]:
    """Register, density and polyphony that a player is asked for: as it plays already, else as what
    is rewritten did, else as its role usually does; the density dial counts in all."""
    near, heard = _heard(piece, own[own["part"] == part], plan)
    factor = density_factor(plan)
    if len(heard):
        played = [bar for bar in near if heard["bar"].min() <= bar <= heard["bar"].max()]
        register, density, polyphony = descriptor(replace(piece, notes=heard), part, played)
        if abs(plan.dials.density - 0.5) > 0.05:
            quarters = float(piece.bars["length"][played].sum()) / SUBS
            density = int(
                np.searchsorted(DENSITY_EDGES, len(heard) * 4 / quarters * factor, "right")
            )
        return register, density, polyphony
    role = _role(player)
    density = int(np.searchsorted(DENSITY_EDGES, USUAL_NOTES[role] * factor, "right"))
    middle = (player.low + player.high) / 2
    register = (
        REGISTER_NOT_TOLD if player.drums else int(np.searchsorted(REGISTER_EDGES, middle, "right"))
    )
    return register, density, ONE_NOTE if role in ONE_AT_A_TIME else SEVERAL


def density_factor(plan: Plan) -> float:
    """How many times as many notes as usual the density dial asks for."""
    return float(4.0 ** (plan.dials.density - 0.5))


def _heard(piece: Piece, notes: Table, plan: Plan) -> tuple[list[int], Table]:
    """The bars around the gap and those of a part's notes there; where these are few and notes are
    written anew, with the gap's. No notes where that says nothing of how the part plays."""
    gap, around = _around(piece, plan, 0), list(_around(piece, plan, _HEARD_BARS))
    near = [bar for bar in around if bar not in gap]
    heard = notes[np.isin(notes["bar"], near)]
    if len(heard) >= _HEARD_NOTES:
        return near, heard
    if plan.request.task in _ANEW:
        return around, notes[np.isin(notes["bar"], around)]
    return near, heard[:0]


def _around(piece: Piece, plan: Plan, more: int) -> range:
    """The bars of the gap, and so many on each side of it."""
    starts = piece.bars["start"].astype(np.int64) * SUB_TICKS
    first, last = np.searchsorted(starts, (plan.bars[0].start, plan.bars[-1].end))
    return range(max(int(first) - more, 0), min(int(last) + more, len(starts)))
