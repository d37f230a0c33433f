"""Training examples: which gap is cut from which piece, and what is hidden, all from one seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from studio.ai.composer.piece import Piece
from studio.ai.composer.vocabulary import FIELDS, MOST_SLOTS
from studio.ai.composer.window import Example, Hidden, Lane, Opening, example, lane

Batch = dict[str, npt.NDArray[np.generic]]

# Share of the examples that each task gets; the first two write the most notes in one.
TASKS = {
    "all": 0.10, "continue": 0.18, "middle": 0.20, "part": 0.24, "before": 0.09, "around": 0.13,
    "humanise": 0.06,
}  # fmt: skip
# At first mostly whole stretches, where every note bears loss: what music is comes before how to
# fill a hole in it.
EARLY_TASKS = {
    "all": 0.42, "continue": 0.22, "middle": 0.10, "part": 0.13, "before": 0.04, "around": 0.05,
    "humanise": 0.04,
}  # fmt: skip
EARLY_STEPS = 9_000
GAP_NOTES = (24, 224)  # written in one example where there is context beside it
LONG_BATCH = 0.25  # share of batches whose examples are twice as long


class Collection(Protocol):
    """Pieces of one collection, with the number of notes of each."""

    note_counts: npt.NDArray[np.int64]

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Piece: ...


def batches(
    collections: Mapping[str, Collection],
    weights: Mapping[str, float],
    *,
    seed: int,
    step: int = 0,
    tokens: int = 4096,
    length: int = 512,
) -> Iterator[Batch]:
    """Batches without end, from step `step` on: the same for equal arguments.

    Args:
        weights: Share of the written notes that each collection shall have.
        tokens: Rows of a batch, padding counted.
        length: Most rows of an example; a quarter of the batches has examples of twice that.

    Yields:
        Columns of `Example`, padded with 0 (targets with -1) to [examples, rows, ...].
    """
    sampler = Sampler(collections, weights)
    while True:
        rng = np.random.Generator(np.random.PCG64([seed, step]))
        rows = length * (2 if rng.random() < LONG_BATCH else 1)
        tasks = EARLY_TASKS if step < EARLY_STEPS else TASKS
        found = [sampler.draw(rng, rows, tasks) for _ in range(max(tokens // rows, 1))]
        yield padded(found)
        step += 1


class Sampler:
    """Draws pieces so that each collection writes its share of the notes."""

    def __init__(self, collections: Mapping[str, Collection], weights: Mapping[str, float]) -> None:
        self._collections = {name: c for name, c in collections.items() if len(c)}
        self._names = tuple(sorted(self._collections))
        shares = np.array([weights[name] for name in self._names])
        self._shares = shares / shares.sum()
        self._pieces: dict[str, npt.NDArray[np.float64]] = {}
        for name in self._names:
            # A long piece is drawn more often, but not in proportion: it says less that is new.
            chance = np.clip(self._collections[name].note_counts, 1, None) ** 0.75
            self._pieces[name] = np.cumsum(chance) / chance.sum()

    def draw(
        self, rng: np.random.Generator, rows: int, tasks: Mapping[str, float] = TASKS
    ) -> Example:
        """An example of at most `rows` rows that has something to write."""
        while True:
            name = self._names[
                int(np.searchsorted(np.cumsum(self._shares), rng.random() * 0.999999))
            ]
            at = int(np.searchsorted(self._pieces[name], rng.random()))
            collection = self._collections[name]
            found = cut(collection[min(at, len(collection) - 1)], rng, rows, tasks)
            if found is not None:
                return found


def cut(
    piece: Piece, rng: np.random.Generator, rows: int, tasks: Mapping[str, float] = TASKS
) -> Example | None:
    """A gap somewhere in the piece, of some task, as an example; None where there is no music."""
    if not len(piece.notes) or not piece.parts:
        return None
    piece = transposed(piece, int(rng.integers(-5, 7)))
    silent = not piece.has_velocity
    if silent and rng.random() < 0.5:
        piece = loudened(piece, rng)
    task = str(rng.choice(list(tasks), p=list(tasks.values())))
    opening = _opening(piece, task, rng, rows)
    if opening is None or not opening.open_notes(piece).any():
        return None
    ways = _lane(piece, opening, rng)
    found = example(
        piece, opening, ways, _budget(piece, opening, rows), _hidden(opening, piece, rng)
    )
    if silent:
        found.target[:, FIELDS.index("velocity")] = -1
    return found if len(found) <= rows and (found.target >= 0).any() else None


def _budget(piece: Piece, opening: Opening, rows: int) -> int:
    written = int(opening.open_notes(piece).sum()) + opening.last - opening.first
    return rows - written


def _opening(piece: Piece, task: str, rng: np.random.Generator, rows: int) -> Opening | None:
    """Bars and parts to write, at most as many notes as `rows` leave room for."""
    notes = piece.notes
    nothing = np.zeros(len(notes), bool)
    present = np.unique(notes["part"])
    if task in ("part", "humanise"):
        count = 1 if rng.random() < 0.7 else min(2, len(present))
        parts = tuple(int(part) for part in rng.choice(present, count, replace=False))
    else:
        parts = tuple(range(len(piece.parts)))
    most = rows - 40 - len(present) if task in ("all", "continue") else rows // 2 - 32
    if task == "continue":
        most = int(most * rng.uniform(0.4, 0.9))
    elif task != "all":
        most = min(most, int(rng.integers(*GAP_NOTES)))
    if task == "humanise":
        most = min(most, rows // 3)
    chosen = notes[np.isin(notes["part"], parts)]
    first = 0 if task == "all" and rng.random() < 0.5 else int(rng.choice(chosen["bar"]))
    last = _last_bar(chosen["bar"].astype(np.int64), first, most, len(piece.bars))
    if last <= first:
        return None
    sides = {"all": (0, 0), "continue": (16, 0), "before": (0, 16)}.get(task, (16, 16))
    kept = _kept(piece, rng) if task == "around" else nothing
    ends = rng.random() < 0.8
    return Opening(first, last, parts, kept, *sides, outline=task == "humanise", ends=ends)


def _last_bar(bars: npt.NDArray[np.int64], first: int, most: int, end: int) -> int:
    """The bar after the last whole one that fits into `most` rows, bar rows counted."""
    counts = np.bincount(bars[bars >= first] - first, minlength=1)[: most + 1] + 1
    counts = np.concatenate([counts, np.ones(4, counts.dtype)])
    fitting = int(np.searchsorted(np.cumsum(counts), most, side="right"))
    return min(first + fitting, end)


def _kept(piece: Piece, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Some notes locked, or those outside a band of pitches."""
    notes = piece.notes
    if rng.random() < 0.5:
        share = rng.uniform(0.1, 0.6)
        kept: npt.NDArray[np.bool_] = rng.random(len(notes)) < share
        return kept
    low = int(rng.choice(notes["pitch"]))
    high = low + int(rng.integers(5, 30))
    return (notes["pitch"] < low) | (notes["pitch"] > high)


def _lane(piece: Piece, opening: Opening, rng: np.random.Generator) -> Lane:
    """Slots in an order of no meaning, the parts to be written among them."""
    near = (piece.notes["bar"] >= opening.first - opening.before) & (
        piece.notes["bar"] < opening.last + opening.after
    )
    heard = np.union1d(np.unique(piece.notes["part"][near]), opening.parts)
    order = [int(part) for part in rng.permutation(heard)]
    wanted = [part for part in order if part in opening.parts]
    rest = [part for part in order if part not in opening.parts]
    chosen = sorted((wanted + rest)[:MOST_SLOTS], key=order.index)
    none = rng.random() < 0.2
    told = [not none and rng.random() < 0.75 for _ in chosen]
    return lane(piece, opening, chosen, told=told)


def _hidden(opening: Opening, piece: Piece, rng: np.random.Generator) -> Hidden:
    """A melody says little of its style: there the style is hidden half the time.

    A song in the studio always tells how loud and how late its notes are, and never what recalls
    what; most collections tell other things. So each is hidden at times.
    """
    melodies = all(piece.parts[part].role == "melody" for part in opening.parts)
    return Hidden(
        style=rng.random() < (0.5 if melodies else 0.15),
        source=rng.random() < 0.15,
        chords=rng.random() < 0.15,
        tempo=rng.random() < 0.1,
        section=rng.random() < 0.3,
        recall=rng.random() < 0.5,
        velocity=rng.random() < 0.15,
        deviation=rng.random() < 0.3,
    )


def loudened(piece: Piece, rng: np.random.Generator) -> Piece:
    """The piece as one that tells velocities, which it does not: each part about as loud all along.

    They are heard and never to be said, so that written music is known whether it tells them.
    """
    notes = piece.notes.copy()
    level = rng.normal(80, 12, max(len(piece.parts), 1))[notes["part"]]
    notes["velocity"] = np.clip(level + rng.normal(0, rng.uniform(0, 8), len(notes)), 1, 127)
    return replace(piece, notes=notes, has_velocity=True)


def transposed(piece: Piece, semitones: int) -> Piece:
    """The piece moved by semitones, key and chords too; less where it would leave the keyboard."""
    drums = np.array([part.drums for part in piece.parts], bool)[piece.notes["part"]]
    pitches = piece.notes["pitch"][~drums].astype(int)
    if not len(pitches):
        return piece
    semitones = int(np.clip(semitones, -int(pitches.min()), 127 - int(pitches.max())))
    notes, bars = piece.notes.copy(), piece.bars.copy()
    notes["pitch"][~drums] = pitches + semitones
    for name in ("tonic", "root"):
        known = bars[name] >= 0
        bars[name][known] = (bars[name][known] + semitones) % 12
    return replace(piece, notes=notes, bars=bars)


def padded(examples: Sequence[Example]) -> Batch:
    """Examples side by side, as long as the longest."""
    longest = max(len(one) for one in examples)

    def column(name: str, fill: int = 0) -> npt.NDArray[np.generic]:
        parts = [getattr(one, name) for one in examples]
        shape = (len(parts), longest, *parts[0].shape[1:])
        whole = np.full(shape, fill, parts[0].dtype)
        for row, part in zip(whole, parts, strict=True):
            row[: len(part)] = part
        return whole

    return {
        "features": column("features"),
        "beats": column("beats"),
        "target": column("target", -1),
        "target_features": column("target_features"),
        "target_beats": column("target_beats"),
        "prefix": np.array([one.prefix for one in examples], np.int64),
        "length": np.array([len(one) for one in examples], np.int64),
        "slots": np.stack([one.slots for one in examples]),
    }
