"""What the network sees of a piece, and what it shall write: notes and bars as rows of features.

The prefix holds the head, a descriptor of each slot, and the context in musical order; then come
the bars of the gap, each a forced bar row followed by its notes. The same rows are made for
training and for writing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.ai.composer.descriptors import NOT_TOLD, descriptor
from studio.ai.composer.piece import CHORDS_PER_BAR, SUBS, Piece, PiecePart, Table
from studio.ai.composer.vocabulary import (
    END_OF_BAR,
    FIELDS,
    MOST_SLOTS,
    OFFSETS,
    ROLES,
    SIZES,
    SOURCES,
    STYLES,
    TAGS,
    TEMPO_EDGES,
    UNITS,
    WIDTH,
)

Features = npt.NDArray[np.int32]
Beats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SLOT_COLUMNS = 8
TARGET_COLUMNS = 6
HEAD, SLOT, BAR, NOTE = range(4)
NEAR_BARS = 2  # on each side, before anything else
FAR_BARS = 16


class Hidden(NamedTuple):
    """What is not told, so that the network learns to do without (and to be guided by it)."""

    style: bool = False
    source: bool = False
    chords: bool = False
    tempo: bool = False
    section: bool = False
    recall: bool = False
    velocity: bool = False
    deviation: bool = False


TOLD = Hidden()


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """The part of a piece that is to be written.

    Attributes:
        first, last: Bars [first, last).
        parts: Indices of the parts to write.
        kept: Notes of the piece that stay, shape [n]. Notes outside the bars and parts stay anyway.
        before, after: How many bars the network may see on each side.
        outline: Whether the notes to be written are shown without velocity and deviation, which
            alone are asked for.
        ends: Whether the last bar of the piece is told to be where the music ends.
    """

    first: int
    last: int
    parts: tuple[int, ...]
    kept: Mask
    before: int = FAR_BARS
    after: int = FAR_BARS
    outline: bool = False
    ends: bool = False

    def open_notes(self, piece: Piece) -> Mask:
        """True for each note that is to be written, shape [n]."""
        notes = piece.notes
        inside = (notes["bar"] >= self.first) & (notes["bar"] < self.last)
        return inside & np.isin(notes["part"], self.parts) & ~self.kept


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Tokens in order: features [n, WIDTH] and musical time in quarters from the gap, [n]."""

    features: Features
    beats: Beats

    def __len__(self) -> int:
        return len(self.beats)


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """Which parts of a piece have a slot, and how they are described.

    Attributes:
        slot: Slot of each part, -1 for none, shape [parts].
        slots: Features of each slot's descriptor, shape [MOST_SLOTS, SLOT_COLUMNS].
    """

    slot: npt.NDArray[np.int64]
    slots: Features


def lane(
    piece: Piece, opening: Opening, order: Sequence[int], *, told: Sequence[bool] | None = None
) -> Lane:
    """Give the parts in `order` (at most MOST_SLOTS) their slots.

    Args:
        told: For each part in `order`, whether register, density and polyphony are told.
    """
    slot = np.full(max(len(piece.parts), 1), -1, np.int64)
    slots = np.zeros((MOST_SLOTS, SLOT_COLUMNS), np.int32)
    for index, part in enumerate(order[:MOST_SLOTS]):
        slot[part] = index
        found = None
        if part in opening.parts and (told is None or told[index]):
            found = descriptor(piece, part, range(opening.first, opening.last))
        slots[index] = slot_features(index, piece.parts[part], found)
    return Lane(slot, slots)


def slot_features(
    slot: int, part: PiecePart, described: tuple[int, int, int] | None = None
) -> npt.NDArray[np.int32]:
    """Features of a slot's descriptor, shape [SLOT_COLUMNS]. None: not told."""
    register, density, polyphony = described or NOT_TOLD
    program, family = _program(part)
    return np.array(
        [
            OFFSETS["kind"] + SLOT,
            OFFSETS["slot"] + slot,
            OFFSETS["program"] + program,
            OFFSETS["family"] + family,
            OFFSETS["role"] + ROLES.index(part.role),
            OFFSETS["register"] + register,
            OFFSETS["density"] + density,
            OFFSETS["polyphony"] + polyphony,
        ],
        np.int32,
    )


def _program(part: PiecePart) -> tuple[int, int]:
    return (128, 16) if part.drums else (part.program, part.program // 8)


# --- rows -------------------------------------------------------------------------------------


def head_row(piece: Piece, hidden: Hidden) -> Features:
    """Style, source and swing of the whole, shape [1, WIDTH]."""
    row = np.zeros((1, WIDTH), np.int32)
    source = 0 if hidden.source else SOURCES.index(piece.source)
    told = () if hidden.style else piece.styles[:4]
    styles = [STYLES.index(name) for name in told] or [len(STYLES)]
    row[0, :4] = (
        OFFSETS["kind"] + HEAD,
        OFFSETS["tag"],
        OFFSETS["source"] + source,
        OFFSETS["swing"] + _swing(piece),
    )
    row[0, 4 : 4 + len(styles)] = [OFFSETS["style"] + style for style in styles]
    return row


def _swing(piece: Piece) -> int:
    return 2 if piece.swing is None else int(piece.swing)


def bar_rows(
    piece: Piece, bars: npt.NDArray[np.int64], opening: Opening, tag: str, hidden: Hidden
) -> Rows:
    """A row for each of the bars with those indices: meter, tempo, key, chords, section, end."""
    table = piece.bars[bars]
    following = piece.bars[np.minimum(bars + 1, len(piece.bars) - 1)]
    n = len(bars)
    features = np.zeros((n, WIDTH), np.int32)
    columns: list[tuple[str, npt.ArrayLike]] = [
        ("kind", BAR),
        ("tag", TAGS.index(tag)),
        ("beats", np.minimum(table["beats"], 32)),
        ("unit", np.searchsorted(UNITS, np.minimum(table["unit"], 16))),
        ("tempo", tempo_class(piece, table, hidden)),
        ("tonic", table["tonic"].astype(int) + 1),
        ("mode", table["mode"].astype(int) + 1),
        ("section", 0 if hidden.section else table["section"]),
        ("bars left", np.clip(opening.last - bars, 0, 33)),
        ("recall", (table["recall"] >= 0) & (not (hidden.section or hidden.recall))),
        ("swing", _swing(piece)),
    ]
    for place in range(CHORDS_PER_BAR):
        root, quality = _chord(table, place, hidden)
        columns += [(f"root {place}", root), (f"quality {place}", quality)]
    root, quality = _chord(following, 0, hidden)
    columns += [("root next", root), ("quality next", quality)]
    for column, (group, value) in enumerate(columns):
        features[:, column] = OFFSETS[group] + np.asarray(value, dtype=np.int64)
    if opening.ends:
        features[bars == len(piece.bars) - 1, len(columns)] = OFFSETS["tag"] + TAGS.index("end")
    return Rows(features, _beats(piece, table["start"], opening))


def tempo_class(piece: Piece, bars: Table, hidden: Hidden) -> npt.NDArray[np.int64]:
    """The class of each bar's tempo; the last one where it is not told."""
    classes = np.searchsorted(TEMPO_EDGES, bars["bpm"])
    told = (bars["bpm"] > 0) & piece.has_tempo & (not hidden.tempo)
    return np.where(told, classes, len(TEMPO_EDGES) + 1)


def _chord(
    bars: Table, place: int, hidden: Hidden
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    if hidden.chords:
        return np.zeros(len(bars), int), np.zeros(len(bars), int)
    root = bars["root"][:, place].astype(int) + 1
    return root, np.where(root > 0, bars["quality"][:, place], 0)


def _beats(piece: Piece, subs: npt.ArrayLike, opening: Opening) -> Beats:
    start = int(piece.bars["start"][opening.first])
    return ((np.asarray(subs, dtype=np.float32)) - start) / np.float32(SUBS)


class Place(NamedTuple):
    """Where notes stand: absolute subs, and root and quality of the chord there, each [n]."""

    subs: npt.NDArray[np.int64]
    root: npt.NDArray[np.int64]
    quality: npt.NDArray[np.int64]
    tonic: npt.NDArray[np.int64]


def places(piece: Piece, notes: Table) -> Place:
    """Time and harmony at each note. Root and tonic are -1 where unknown."""
    bars = piece.bars[notes["bar"]]
    index = notes["sub"].astype(int) * CHORDS_PER_BAR // np.maximum(bars["length"], 1)
    index = np.minimum(index, CHORDS_PER_BAR - 1)
    each = np.arange(len(notes))
    return Place(
        bars["start"].astype(int) + notes["sub"],
        bars["root"][each, index].astype(int),
        bars["quality"][each, index].astype(int),
        bars["tonic"].astype(int),
    )


def note_rows(
    piece: Piece,
    notes: Table,
    lane: Lane,
    opening: Opening,
    tags: npt.ArrayLike,
    hidden: Hidden,
    *,
    bare: bool | Mask = False,
) -> Rows:
    """A row for each note.

    Args:
        tags: Index into `TAGS`, for all or for each.
        bare: Whether velocity and deviation are left out, for all or for each.
    """
    place = places(piece, notes)
    pitch = notes["pitch"].astype(int)
    drums = np.array([part.drums for part in piece.parts] or [False])[notes["part"]]
    programs = np.array([_program(part) for part in piece.parts] or [(0, 0)])[notes["part"]]
    roles = np.array([ROLES.index(part.role) for part in piece.parts] or [0])[notes["part"]]
    untold = not piece.has_velocity or hidden.velocity
    no_velocity = np.broadcast_to(np.asarray(bare) | untold, len(notes))
    no_deviation = np.asarray(bare) | hidden.deviation | ~_timed(piece, notes)
    features = np.zeros((len(notes), WIDTH), np.int32)
    columns = (
        OFFSETS["kind"] + NOTE,
        OFFSETS["tag"] + np.asarray(tags),
        OFFSETS["slot"] + lane.slot[notes["part"]],
        OFFSETS["program"] + programs[:, 0],
        OFFSETS["family"] + programs[:, 1],
        OFFSETS["role"] + roles,
        OFFSETS["beat"] + notes["sub"].astype(int) // SUBS,
        OFFSETS["sub"] + notes["sub"].astype(int) % SUBS,
        np.where(drums, OFFSETS["drum"], OFFSETS["pitch"]) + pitch,
        np.where(drums, 0, OFFSETS["pitch class"] + pitch % 12),
        np.where(
            drums | (place.root < 0) | hidden.chords,
            0,
            OFFSETS["degree"] + (pitch - place.root) % 12,
        ),
        np.where(
            drums | (place.tonic < 0), 0, OFFSETS["scale degree"] + (pitch - place.tonic) % 12
        ),
        np.where(drums, 0, OFFSETS["length"] + notes["length"].astype(int)),
        OFFSETS["velocity"]
        + np.where(no_velocity, SIZES["velocity"] - 1, notes["velocity"].astype(int) // 4),
        OFFSETS["deviation"]
        + np.where(no_deviation, SIZES["deviation"] - 1, notes["deviation"].astype(int) + 16),
    )
    for column, value in enumerate(columns):
        features[:, column] = value
    return Rows(features, _beats(piece, place.subs, opening))


def _timed(piece: Piece, notes: Table) -> Mask:
    """Whether the deviation of each note is a player's own."""
    performed = np.array([part.performed for part in piece.parts] or [False])[notes["part"]]
    found: Mask = performed & piece.has_deviation
    return found


def joined(rows: Sequence[Rows]) -> Rows:
    return Rows(
        np.concatenate([part.features for part in rows]),
        np.concatenate([part.beats for part in rows]),
    )


# --- the prefix -------------------------------------------------------------------------------


def prefix(piece: Piece, opening: Opening, lane: Lane, budget: int, hidden: Hidden = TOLD) -> Rows:
    """Head, slots and as much context as `budget` tokens hold, in musical order.

    Two full bars on each side come first, then what sounds meanwhile, then bars farther away, then
    the bars that those of the gap recall.
    """
    used = int((lane.slot >= 0).sum())
    slots = np.zeros((used, WIDTH), np.int32)
    slots[:, :SLOT_COLUMNS] = lane.slots[:used]
    head = Rows(np.concatenate([head_row(piece, hidden), slots]), np.zeros(1 + used, np.float32))
    chosen, tags = _context(piece, opening, lane, budget - len(head))
    gap_bars = np.arange(opening.first, opening.last)
    bars = np.union1d(np.unique(piece.notes["bar"][chosen]), gap_bars).astype(np.int64)
    inside = (bars >= opening.first) & (bars < opening.last)
    side = np.where(bars < opening.first, TAGS.index("before"), TAGS.index("after"))
    rows = bar_rows(piece, bars, opening, "plan", hidden)
    rows.features[~inside, 1] = OFFSETS["tag"] + side[~inside]
    open_ = opening.open_notes(piece)
    notes = note_rows(piece, piece.notes[chosen], lane, opening, tags, hidden, bare=open_[chosen])
    both = joined([rows, notes])
    order = np.lexsort(
        (
            np.arange(len(both)),
            np.concatenate([np.zeros(len(bars)), np.ones(len(chosen))]),
            np.concatenate([bars, piece.notes["bar"][chosen]]),
        )
    )
    return joined([head, Rows(both.features[order], both.beats[order])])


def _context(
    piece: Piece, opening: Opening, lane: Lane, budget: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Indices of the notes that fit, in order, and the tag of each."""
    notes = piece.notes
    low = int(np.searchsorted(notes["bar"], opening.first - opening.before))
    high = int(np.searchsorted(notes["bar"], opening.last + opening.after))
    index = np.arange(low, high)
    near = notes[low:high]
    bar = near["bar"].astype(np.int64)
    away = np.where(bar < opening.first, opening.first - bar, bar - opening.last + 1)
    inside = (bar >= opening.first) & (bar < opening.last)
    written = np.isin(near["part"], opening.parts)
    open_ = inside & written & ~opening.kept[low:high]
    rank = np.where(
        inside, np.where(written, 0, NEAR_BARS + 1), np.where(away <= NEAR_BARS, away, away + 1)
    )
    rank = rank + np.where(inside | written, 0.0, 0.5 * (away > NEAR_BARS))
    usable = (lane.slot[near["part"]] >= 0) & (~open_ | opening.outline)
    tag = np.where(
        inside,
        np.where(
            open_,
            TAGS.index("plan"),
            np.where(written, TAGS.index("locked"), TAGS.index("meanwhile")),
        ),
        np.where(bar < opening.first, TAGS.index("before"), TAGS.index("after")),
    )
    order = np.lexsort((away, rank))
    order = order[usable[order]]
    left = max(budget - (opening.last - opening.first), 0)
    cost = np.ones(len(order), np.int64)
    _, heads = np.unique(bar[order], return_index=True)
    cost[heads] += ~inside[order[heads]]  # a bar outside the gap has a row of its own
    taken = np.sort(order[np.cumsum(cost) <= left])
    return index[taken], tag[taken]


# --- the gap ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A prefix, the gap's rows behind it, and what follows each of them.

    Attributes:
        features: [n, WIDTH]. beats: [n].
        prefix: Rows that see each other both ways.
        target: Fields of the note that follows each row, [n, 7]; -1 bears no loss, -2 - c bears
            none either but is known to be c.
        target_features: What is known of the target as it is written, [n, TARGET_COLUMNS]: slot,
            program and role of its slot; root and quality of the chord at its place; the tonic.
        target_beats: Where the target stands, [n].
        slots: [MOST_SLOTS, SLOT_COLUMNS].
    """

    features: Features
    beats: Beats
    prefix: int
    target: npt.NDArray[np.int16]
    target_features: Features
    target_beats: Beats
    slots: Features

    def __len__(self) -> int:
        return len(self.beats)


def example(
    piece: Piece, opening: Opening, lane: Lane, budget: int, hidden: Hidden = TOLD
) -> Example:
    """A whole example with its answer, for training and for measuring likelihood."""
    before = prefix(piece, opening, lane, budget, hidden)
    answer = piece.notes[opening.open_notes(piece) & (lane.slot[piece.notes["part"]] >= 0)]
    bars = np.arange(opening.first, opening.last)
    bar = bar_rows(piece, bars, opening, "gap", hidden)
    gap_tag = TAGS.index("gap")
    rows = joined([bar, note_rows(piece, answer, lane, opening, gap_tag, hidden)])
    which = np.concatenate([bars, answer["bar"]])
    is_note = np.concatenate([np.zeros(len(bars), bool), np.ones(len(answer), bool)])
    order = np.lexsort((np.arange(len(rows)), is_note, which))
    target = np.full((len(before) + len(rows), len(FIELDS)), -1, np.int16)
    features = np.zeros((len(target), TARGET_COLUMNS), np.int32)
    beats = np.zeros(len(target), np.float32)
    # The row in front of a note has it for its target; all others come before the end of a bar.
    follows = np.append(is_note[order][1:], False)
    at = len(before) + np.flatnonzero(follows)
    target[len(before) :, 0] = END_OF_BAR
    target[at] = fields(piece, answer, lane)
    features[at] = target_features(piece, answer, lane, hidden)
    beats[at] = _beats(piece, places(piece, answer).subs, opening)
    if opening.outline:
        known = target[:, :5]
        target[:, :5] = np.where((known >= 0) & (target[:, :1] != END_OF_BAR), -2 - known, -1)
    whole = joined([before, Rows(rows.features[order], rows.beats[order])])
    return Example(whole.features, whole.beats, len(before), target, features, beats, lane.slots)


def fields(piece: Piece, notes: Table, lane: Lane) -> npt.NDArray[np.int16]:
    """What the network shall say of each note, [n, 7]; -1 where a collection does not tell."""
    drums = np.array([part.drums for part in piece.parts] or [False])[notes["part"]]
    found = np.stack(
        [
            lane.slot[notes["part"]],
            notes["sub"] // SUBS,
            notes["sub"] % SUBS,
            notes["pitch"].astype(int) + 128 * drums,
            np.where(drums, -1, notes["length"].astype(int)),
            notes["velocity"] // 4 if piece.has_velocity else np.full(len(notes), -1),
            np.where(_timed(piece, notes), notes["deviation"].astype(int) + 16, -1),
        ],
        1,
    )
    return found.astype(np.int16)


def target_features(piece: Piece, notes: Table, lane: Lane, hidden: Hidden) -> Features:
    """See `Example`; shape [n, TARGET_COLUMNS]."""
    place = places(piece, notes)
    slot = lane.slots[lane.slot[notes["part"]]]
    return harmony_features(slot, place.root, place.quality, place.tonic, hidden)


def harmony_features(
    slot: Features,
    root: npt.NDArray[np.int64],
    quality: npt.NDArray[np.int64],
    tonic: npt.NDArray[np.int64],
    hidden: Hidden,
) -> Features:
    """The columns of `Example.target_features` from slot descriptors and harmony, each [n]."""
    told = (root >= 0) & (not hidden.chords)
    return np.stack(
        [
            slot[:, 1],
            slot[:, 2],
            slot[:, 4],
            OFFSETS["chord root"] + np.where(told, root + 1, 0),
            OFFSETS["chord quality"] + np.where(told, quality, 0),
            OFFSETS["tonic"] + tonic + 1,
        ],
        1,
    ).astype(np.int32)
