"""Memorisation: the longest run of notes that a song shares with a piece it could have learnt from.

Every part but drums is a row of steps: (interval in semitones, time since the note before in
subs), so that a transposed copy is one. Runs of `GRAM` steps are looked up in all training pieces
and followed as long as they go on. Runs of few different steps (a repeated note, an arpeggio's
figure) say nothing and are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.ai.composer.piece import Piece
from studio.ai.composer.song import piece_of
from studio.ai.requests import Request
from studio.ai.training.composer.figures import intervals, plots
from studio.ai.training.composer.figures.songs import (
    Player,
    collections,
    composed,
    compositions,
    excerpts,
    project_of,
)

GRAM = 8  # steps
FEWEST_KINDS = 4  # different steps in a run worth noting
MOST_PLACES = 64  # looked at for one gram; more are a commonplace
LONG = 16  # notes: a copy a musician would know
BARS = 16
Grams: TypeAlias = npt.NDArray[np.uint64]
Ints: TypeAlias = npt.NDArray[np.int64]


class Copy(NamedTuple):
    """Of one song: notes of its longest copied run, share of its notes in runs of `LONG` or more,
    the training piece that shares most, and the share of grams that it shares."""

    longest: int
    share: float
    nearest: int
    overlap: float


def lines(piece: Piece) -> Iterable[Ints]:
    """The steps of each part but drums, as one number each, shape [notes - 1]."""
    start = piece.bars["start"][piece.notes["bar"]].astype(np.int64) + piece.notes["sub"]
    for index, part in enumerate(piece.parts):
        mine = np.flatnonzero(piece.notes["part"] == index)
        if part.drums or len(mine) <= GRAM:
            continue
        mine = mine[np.lexsort((piece.notes["pitch"][mine], start[mine]))]
        pitch = piece.notes["pitch"][mine].astype(np.int64)
        since = np.minimum(np.diff(start[mine]), 400)
        yield (np.diff(pitch) + 128) * 512 + since


def grams(steps: Ints) -> tuple[Grams, npt.NDArray[np.bool_]]:
    """A hash of each run of `GRAM` steps, and whether the run is worth noting; [n - GRAM + 1]."""
    runs = np.lib.stride_tricks.sliding_window_view(steps, GRAM)
    hashed = np.zeros(len(runs), np.uint64)
    for column in runs.T:
        hashed = (hashed ^ column.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        hashed ^= hashed >> np.uint64(29)
    kinds = 1 + (np.diff(np.sort(runs, axis=1), axis=1) != 0).sum(1)
    return hashed, kinds >= FEWEST_KINDS


class Index:
    """All grams of the training pieces, with the place of each on one long line.

    Attributes:
        titles: Of the pieces, with their collections.
    """

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self.titles: list[str] = []
        hashed, places, owners, at = [], [], [], 0
        for number, piece in enumerate(pieces):
            self.titles.append(f"{piece.collection}: {piece.title}")
            for steps in lines(piece):
                found, telling = grams(steps)
                hashed.append(found[telling])
                places.append(at + np.flatnonzero(telling))
                owners.append(np.full(int(telling.sum()), number, np.int32))
                at += len(steps) + GRAM
        every = np.concatenate(hashed) if hashed else np.zeros(0, np.uint64)
        order = np.argsort(every, kind="stable")
        self.hashed = every[order]
        self.places = np.concatenate([np.zeros(0, np.int64), *places])[order]
        self.owners = np.concatenate([np.zeros(0, np.int32), *owners])[order]

    def copies(self, piece: Piece) -> Copy:
        """What the piece shares with any of the pieces of the index."""
        longest, covered, notes = 0, 0, 0
        shared: list[Ints] = []
        asked = 0
        for steps in lines(piece):
            found, telling = grams(steps)
            run, mine, owners = self._runs(found, np.flatnonzero(telling))
            longest, covered, notes = max(longest, run), covered + mine, notes + len(steps) + 1
            asked += int(telling.sum())
            shared.append(owners)
        every = np.concatenate([np.zeros(0, np.int64), *shared])
        counts = np.bincount(every) if len(every) else np.zeros(1, np.int64)
        return Copy(
            longest,
            covered / max(notes, 1),
            int(counts.argmax()) if len(every) else -1,
            float(counts.max() / max(asked, 1)),
        )

    def _runs(self, found: Grams, at: Ints) -> tuple[int, int, Ints]:
        """Notes of the longest run, notes in long runs, and the owners that share each gram."""
        low = np.searchsorted(self.hashed, found[at], side="left")
        size = np.searchsorted(self.hashed, found[at], side="right") - low
        size = np.where(size > MOST_PLACES, 0, size)
        mine = np.repeat(at, size)
        first = np.repeat(np.cumsum(size) - size, size)
        index = np.repeat(low, size) + np.arange(int(size.sum())) - first
        if not len(index):
            return 0, 0, np.zeros(0, np.int64)
        pairs = np.unique(np.stack([mine, self.owners[index].astype(np.int64)], 1), axis=0)
        return *_diagonals(self.places[index] - mine, mine), pairs[:, 1]


def _diagonals(diagonal: Ints, place: Ints) -> tuple[int, int]:
    """Notes of the longest run along a diagonal, and of all places in runs of `LONG` notes.

    A gram that says too little breaks no run, if the next one follows within its length.
    """
    order = np.lexsort((place, diagonal))
    diagonal, place = diagonal[order], place[order]
    breaks = (np.diff(diagonal) != 0) | (np.diff(place) > GRAM)
    heads = np.flatnonzero(np.concatenate(([True], breaks)))
    tails = np.concatenate((heads[1:], [len(place)])) - 1
    sizes = place[tails] - place[heads] + GRAM + 1
    marked = np.zeros(int(place.max()) + GRAM + 2, bool)
    for head, tail in zip(heads[sizes >= LONG], tails[sizes >= LONG], strict=True):
        marked[place[head] : place[tail] + GRAM + 1] = True
    return int(sizes.max()), int(marked.sum())


def requests(work: Path, player: Player, songs: int) -> Iterator[Request]:
    """Those whose takes are measured."""
    del work
    yield from (request for _, request in compositions(player, songs))


def measure(work: Path, players: list[Player], songs: int) -> dict[str, Any]:
    """Of every player's songs and of people's held-out pieces, 16 bars of each."""
    training = collections(work, "train").items()
    index = Index(replace(piece, collection=name) for name, shards in training for piece in shards)
    names = index.titles
    found: dict[str, Any] = {"pieces": len(names), "grams": len(index.hashed), "of": {}}
    for player in players:
        pieces = [piece_of(project_of(take)).piece for _, take in composed(player, songs)]
        found["of"][player.title] = _told([index.copies(piece) for piece in pieces], names)
    people = [index.copies(piece) for _, piece in excerpts(work, bars=BARS, each=songs // 10 + 1)]
    if people:
        found["of"]["people, held out"] = _told(people, names)
    return found


def _told(copies: list[Copy], names: list[str]) -> dict[str, Any]:
    longest = np.array([copy.longest for copy in copies])
    worst = int(longest.argmax())
    nearest = copies[worst].nearest
    return {
        "songs": len(copies),
        "longest": {str(q): float(np.percentile(longest, q)) for q in (50, 90, 100)},
        "share": intervals.mean([copy.share for copy in copies], 100),
        "overlap": {str(q): 100 * float(np.percentile([c.overlap for c in copies], q))
                    for q in (50, 90, 100)},
        "nearest of the worst": names[nearest] if nearest >= 0 else "",
        "runs": sorted(longest.tolist()),
    }  # fmt: skip


def draw(data: dict[str, Any], folder: Path) -> list[str]:
    with plots.axes(folder / "copying.svg", 6, 2.6) as ax:
        for colour, (title, row) in zip(plots.COLOURS, data["of"].items(), strict=False):
            share = np.linspace(0, 100, len(row["runs"]))
            ax.plot(share, row["runs"], label=title, color=colour)
        ax.set_xlabel("songs, %")
        ax.set_ylabel("longest copied run, notes")
        ax.legend(frameon=False)
    return ["copying.svg"]


def tell(data: dict[str, Any]) -> str:
    rows = [
        [title, *row["longest"].values(), intervals.told(row["share"]), row["overlap"]["50"],
         row["overlap"]["90"], row["songs"], row["nearest of the worst"]]
        for title, row in data["of"].items()
    ]  # fmt: skip
    head = ["of", "longest run: median", "90 %", "most", f"% of notes in runs of {LONG}",
            "% shared with the nearest piece: median", "90 %", "songs",
            "nearest to the longest run"]  # fmt: skip
    return (
        f"Runs of notes that also stand in one of {data['pieces']} training pieces, in any key, "
        f"drums left out, of {BARS} bars; the share with a 95 % interval. What stands in more than "
        f"{MOST_PLACES} places of them is a commonplace and does not count.\n\n"
        + plots.table(head, rows, 1)
    )
