"""Counting baselines of the composer: what each field of a note is likely to be, from a table.

Both are asked what the network is asked: the same notes, fields, masks and forced rows. One knows
the same field of the two notes before (a Markov chain of order 2). The other backs off through
what a musician would look at: earlier fields of the note, the notes before it in its track, the
chord, the part's role. Levels are interpolated as in Witten & Bell 1991, "The zero-frequency
problem".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.ai.composer.descriptors import REGISTER_NOT_TOLD
from studio.ai.composer.vocabulary import (
    CLASSES,
    END_OF_BAR,
    FIELDS,
    MOST_SLOTS,
    OFFSETS,
    ROLES,
)
from studio.ai.composer.window import BAR, Example

Ints: TypeAlias = npt.NDArray[np.integer[Any]]
Floats: TypeAlias = npt.NDArray[np.float64]
Facts: TypeAlias = dict[str, Ints]

SLOT, BEAT, SUB, PITCH, LENGTH, VELOCITY, DEVIATION = range(len(FIELDS))
# What a slot is, seen from the note before: the bar ends, the same slot goes on, or one of a role
# follows that is known to play here, or one of which this is not known.
_ENDS, _SAME, _PLAYS = 0, 1, 2
_MAY_PLAY = _PLAYS + len(ROLES)
SLOT_SYMBOLS = _MAY_PLAY + len(ROLES)
INTERVALS = 255
NONE = 999  # nothing is there to look at


class Interpolated:
    """Counts of symbols behind ever longer contexts, each level smoothed by the one before it."""

    def __init__(self, classes: int) -> None:
        self.classes = classes
        self._levels: list[tuple[_Counts, _Counts, _Counts]] = []

    def learn(self, contexts: Ints, symbols: Ints) -> None:
        """Count symbols, shape [n], behind contexts, shape [n, k], most telling column first."""
        self._levels = []
        for key in _keys(contexts):
            pairs, first, counts = np.unique(
                _mixed(key, symbols), return_index=True, return_counts=True
            )
            heads = key[first]
            self._levels.append((_Counts(pairs, counts), _Counts.of(key), _Counts.of(heads)))

    def probability(self, contexts: Ints, symbols: Ints) -> Floats:
        """Of each symbol behind its context, shape [n]."""
        found = np.full(len(symbols), 1.0 / self.classes)
        for key, (pairs, totals, kinds) in zip(_keys(contexts), self._levels, strict=True):
            total, kind = totals.at(key), kinds.at(key)
            seen = pairs.at(_mixed(key, symbols))
            found = np.where(total > 0, (seen + kind * found) / np.maximum(total + kind, 1), found)
        return found


class _Counts:
    """How often each key was seen."""

    def __init__(self, keys: npt.NDArray[np.uint64], counts: Ints) -> None:
        self._keys, self._counts = keys, counts.astype(np.int32)

    @classmethod
    def of(cls, keys: npt.NDArray[np.uint64]) -> _Counts:
        return cls(*np.unique(keys, return_counts=True))

    def at(self, keys: npt.NDArray[np.uint64]) -> Ints:
        if not len(self._keys):
            return np.zeros(len(keys), np.int64)
        index = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[index] == keys, self._counts[index], 0)


def _keys(contexts: Ints) -> Iterable[npt.NDArray[np.uint64]]:
    """A key of the first 0, 1, ... columns of each row."""
    key = np.full(len(contexts), 0x9E3779B97F4A7C15, np.uint64)
    yield key
    for column in contexts.T:
        key = _mixed(key, column)
        yield key


def _mixed(key: npt.NDArray[np.uint64], value: Ints) -> npt.NDArray[np.uint64]:
    """SplitMix64's finaliser (Steele et al. 2014) over a key and a number."""
    mixed = (key ^ (value.astype(np.uint64) + np.uint64(0x632BE59BD9B4E019))) * np.uint64(
        0xBF58476D1CE4E5B9
    )
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


# --- what is known of each target --------------------------------------------------------------


def facts_of(examples: Iterable[Example]) -> Facts:
    """Columns over all rows of all examples that ask for anything, each of shape [n].

    The fields of the target under their names (-1 where unknown), whether they are scored under
    `scored <field>`, the fields of the notes before under `last <field>` and `second <field>`, and
    those of the same slot under `own <field>` and `own second <field>`.
    """
    found = [
        {name: column.astype(np.int32) for name, column in _facts(one).items()} for one in examples
    ]
    return {name: np.concatenate([one.pop(name) for one in found]) for name in tuple(found[0])}


def _facts(example: Example) -> Facts:
    target = example.target[example.prefix :].astype(np.int64)
    told = np.where(target <= -2, -2 - target, target)
    is_note = (told[:, SLOT] >= 0) & (told[:, SLOT] < MOST_SLOTS)
    known = example.target_features[example.prefix :].astype(np.int64)
    facts: Facts = {}
    for field, name in enumerate(FIELDS):
        facts[name] = np.where(is_note | (field == SLOT), told[:, field], -1)
        facts[f"scored {name}"] = (target[:, field] >= 0).astype(np.int64)
    rows = np.arange(len(told))
    before = _earlier(rows, is_note, np.zeros(len(told), np.int64), 2)
    own = _earlier(rows, is_note, told[:, SLOT], 2)
    for names, index in (("last", before[0]), ("second", before[1])):
        _add_note(facts, names, told, index)
    for names, index in (("own", own[0]), ("own second", own[1])):
        _add_note(facts, names, told, index)
    starts_bar = example.features[example.prefix :, 0] == OFFSETS["kind"] + BAR
    facts["starts bar"] = starts_bar.astype(np.int64)
    facts["meter"] = _meters(example)
    for column, (name, group) in enumerate(
        (
            ("role", "role"),
            ("root", "chord root"),
            ("quality", "chord quality"),
            ("tonic", "tonic"),
        ),
        start=2,
    ):
        facts[name] = np.where(is_note, known[:, column] - OFFSETS[group], NONE)
    facts["drums"] = (told[:, PITCH] >= 128).astype(np.int64)
    _add_slots(facts, example, told[:, SLOT], starts_bar)
    return facts


def _earlier(rows: Ints, is_note: npt.NDArray[np.bool_], group: Ints, depth: int) -> list[Ints]:
    """For each row the notes before it that are of its group, nearest first; -1: none."""
    found = [np.full(len(rows), -1) for _ in range(depth)]
    for name in np.unique(group):
        mine = np.flatnonzero(is_note & (group == name))
        count = np.searchsorted(mine, rows[group == name])
        for back, column in enumerate(found, start=1):
            at = count - back
            if len(mine):
                column[group == name] = np.where(at >= 0, mine[np.maximum(at, 0)], -1)
    return found


def _add_note(facts: Facts, name: str, told: Ints, index: Ints) -> None:
    for field, what in enumerate(FIELDS):
        facts[f"{name} {what}"] = np.where(index >= 0, told[index, field], NONE)


def _meters(example: Example) -> Ints:
    """A number for the meter at each row behind the prefix."""
    features = example.features[example.prefix :].astype(np.int64)
    bars = features[:, 0] == OFFSETS["kind"] + BAR
    meter = (features[:, 2] - OFFSETS["beats"]) * 8 + features[:, 3] - OFFSETS["unit"]
    last = np.maximum.accumulate(np.where(bars, np.arange(len(bars)), 0))
    return meter[last]


def _add_slots(
    facts: Facts, example: Example, slots: Ints, starts_bar: npt.NDArray[np.bool_]
) -> None:
    """The symbol of each target's slot, and how many slots each symbol stands for.

    Adds `symbol`, `alike` (how many slots the symbol could mean), `open` (a bit for every symbol
    that is possible), `written` (slots that have a note in this bar) and `run` (notes of this slot
    since it began).
    """
    there = example.slots[:, 0] > 0
    roles = np.where(there, example.slots[:, 4] - OFFSETS["role"], -1)
    untold = OFFSETS["register"] + REGISTER_NOT_TOLD
    plays = there & (example.slots[:, 5] != untold)
    columns: dict[str, list[int]] = {n: [] for n in ("symbol", "alike", "open", "written", "run")}
    last, run, in_bar = -1, 0, set[int]()
    for slot, starts in zip(slots.tolist(), starts_bar.tolist(), strict=True):
        if starts:
            last, run, in_bar = -1, 0, set()
        kinds = np.where(plays, _PLAYS, _MAY_PLAY) + roles
        kinds = np.where(there, kinds, -1)
        if last >= 0:
            kinds[last] = _SAME
        symbol = _ENDS if slot == END_OF_BAR or slot < 0 else int(kinds[slot])
        columns["symbol"].append(symbol)
        columns["alike"].append(1 if symbol <= _SAME else int((kinds == symbol).sum()))
        possible = {int(kind) for kind in kinds if kind >= 0}
        columns["open"].append(1 + sum(1 << kind for kind in possible))
        columns["written"].append(len(in_bar))
        columns["run"].append(min(run, 8))
        if 0 <= slot < MOST_SLOTS:
            run = run + 1 if slot == last else 1
            last = slot
            in_bar.add(slot)
            plays[slot] = True
    facts |= {name: np.array(column, np.int64) for name, column in columns.items()}


# --- the two baselines ------------------------------------------------------------------------


def _markov_contexts(facts: Facts, field: int) -> Ints:
    """Whether drums are meant, which the slot tells, and the same field of the two notes before."""
    if field == SLOT:
        return np.stack([facts["starts bar"], facts["last slot"], facts["second slot"]], 1)
    name = FIELDS[field]
    return np.stack([facts["drums"], facts[f"last {name}"], facts[f"second {name}"]], 1)


def _rich_contexts(facts: Facts, field: int) -> Ints:
    together = _together(facts)
    columns = {
        SLOT: ("starts bar", "last beat", "run", "meter", "written", "last sub", "second beat"),
        BEAT: ("starts slot", "own beat", "own sub", "role", "own length", "own second beat"),
        SUB: ("same beat", "own sub", "role", "own length", "own second sub", "beat"),
        PITCH: ("drums", "together", "own pitch", "own second pitch", "root"),
        LENGTH: ("role", "together", "own length", "own second length", "sub"),
        VELOCITY: ("role", "own velocity", "together", "own second velocity"),
        DEVIATION: ("last deviation", "role", "sub"),
    }[field]
    return np.stack([{**facts, **together}[name] for name in columns], 1)


def _together(facts: Facts) -> Facts:
    """How a note stands to the one before it in its slot."""
    same_slot = facts["last slot"] == facts["slot"]
    same_slot &= facts["starts bar"] == 0
    same_beat = same_slot & (facts["own beat"] == facts["beat"])
    return {
        "starts slot": (~same_slot).astype(np.int64),
        "same beat": same_beat.astype(np.int64),
        "together": (same_beat & (facts["own sub"] == facts["sub"])).astype(np.int64),
    }


def _interval_contexts(facts: Facts) -> Ints:
    own, root = facts["own pitch"], facts["root"]
    degree = np.where(root > 0, (own - (root - 1)) % 12, 12)
    scale = np.where(facts["tonic"] > 0, (own - (facts["tonic"] - 1)) % 12, 12)
    columns = (
        _together(facts)["together"], facts["role"], degree, own - facts["own second pitch"],
        facts["quality"], scale,
    )  # fmt: skip
    return np.stack(columns, 1)


class Baseline:
    """A table for each field.

    Args:
        rich: Whether to look at all that `_rich_contexts` names, or at two notes alone.
    """

    def __init__(self, *, rich: bool) -> None:
        self.rich = rich
        self._tables = [
            Interpolated(SLOT_SYMBOLS if field == SLOT else 128 if field == PITCH else classes)
            for field, classes in enumerate(CLASSES)
        ]
        self._intervals = Interpolated(INTERVALS)
        self._interval_share = 0.5

    def learn(self, facts: Facts) -> None:
        """Count all targets that are known; the mix of pitch and interval is fitted on a tenth."""
        for field, table in enumerate(self._tables):
            kept = np.flatnonzero(facts[_symbol(field)] >= 0)
            some = {name: column[kept] for name, column in facts.items()}
            table.learn(self._contexts(some, field), _symbols(some, field))
        if self.rich:
            self._learn_intervals(facts)

    def _learn_intervals(self, facts: Facts) -> None:
        moves = np.flatnonzero(_has_interval(facts))
        late = np.arange(len(moves)) >= 0.9 * len(moves)
        early, held = ({n: c[moves[m]] for n, c in facts.items()} for m in (~late, late))
        self._intervals.learn(_interval_contexts(early), _interval(early))
        # Of the held tenth the pitch table has seen every note: its share is fitted without it.
        table = Interpolated(128)
        table.learn(self._contexts(early, PITCH), _symbols(early, PITCH))
        plain = table.probability(self._contexts(held, PITCH), _symbols(held, PITCH))
        moved = self._intervals.probability(_interval_contexts(held), _interval(held))
        shares = np.linspace(0.05, 0.95, 19)
        fits = [np.log(s * moved + (1 - s) * plain).mean() for s in shares] if len(held) else []
        self._interval_share = float(shares[int(np.argmax(fits))]) if len(moves) > 20 else 0.5

    def nats(self, facts: Facts) -> Floats:
        """Negative log-likelihood of every scored field, shape [n, 7]; NaN where none is asked."""
        found = np.full((len(facts["slot"]), len(FIELDS)), np.nan)
        for field, table in enumerate(self._tables):
            asked = np.flatnonzero(facts[f"scored {FIELDS[field]}"])
            some = {name: column[asked] for name, column in facts.items()}
            chance = table.probability(self._contexts(some, field), _symbols(some, field))
            if field == SLOT:
                chance = chance / some["alike"] / self._open(some)
            if field == PITCH and self.rich:
                chance = self._with_intervals(some, chance)
            found[asked, field] = -np.log(chance)
        return found

    def _contexts(self, facts: Facts, field: int) -> Ints:
        return (_rich_contexts if self.rich else _markov_contexts)(facts, field)

    def _open(self, facts: Facts) -> Floats:
        """How likely it is that the slot is any of those that are there, shape [n]."""
        contexts = self._contexts(facts, SLOT)
        total = np.zeros(len(contexts))
        for symbol in range(SLOT_SYMBOLS):
            there = (facts["open"] >> symbol) & 1
            every = np.full(len(contexts), symbol)
            total += there * self._tables[SLOT].probability(contexts, every)
        return total

    def _with_intervals(self, facts: Facts, chance: Floats) -> Floats:
        share = np.where(_has_interval(facts), self._interval_share, 0.0)
        moved = self._intervals.probability(_interval_contexts(facts), _interval(facts))
        return share * moved + (1 - share) * chance


def _symbol(field: int) -> str:
    return "symbol" if field == SLOT else FIELDS[field]


def _symbols(facts: Facts, field: int) -> Ints:
    column = facts[_symbol(field)]
    return column % 128 if field == PITCH else column


def _has_interval(facts: Facts) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = facts["drums"] == 0
    return found & (facts["pitch"] >= 0) & (facts["own pitch"] < 128)


def _interval(facts: Facts) -> Ints:
    moves: Ints = np.clip(facts["pitch"] - facts["own pitch"] + 127, 0, INTERVALS - 1)
    return moves
