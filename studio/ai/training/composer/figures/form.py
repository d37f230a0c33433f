"""Form: how alike sections are that come again, beside sections that differ."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from studio.ai.composer.piece import Piece
from studio.ai.composer.song import piece_of
from studio.ai.requests import Request
from studio.ai.training.composer.figures import intervals, plots
from studio.ai.training.composer.figures.songs import (
    FORM,
    Player,
    composed,
    compositions,
    held_out,
    project_of,
)

MOST_BARS = 160
FEWEST_BARS = 2


class Section(NamedTuple):
    """Bars [first, last) of one name."""

    name: int
    first: int
    last: int


def likeness(piece: Piece) -> npt.NDArray[np.float64]:
    """Jaccard similarity of the notes (part, place, pitch) of each two bars, [bars, bars].

    Two empty bars are alike.
    """
    notes, count = piece.notes, len(piece.bars)
    keys = (notes["part"].astype(np.int64) * 4096 + notes["sub"]) * 128 + notes["pitch"]
    _, column = np.unique(keys, return_inverse=True)
    here = np.zeros((count, int(column.max(initial=-1)) + 1), np.float32)
    here[notes["bar"], column] = 1
    shared = here @ here.T
    size = here.sum(1)
    either = size[:, None] + size[None] - shared
    return np.where(either > 0, shared / np.maximum(either, 1), 1.0).astype(np.float64)


def sections_of(piece: Piece) -> list[Section]:
    """The named sections of a piece, in order."""
    names = piece.bars["section"].astype(int)
    edges = np.flatnonzero(np.diff(names, prepend=-1, append=-1))
    return [
        Section(int(names[a]), a, b)
        for a, b in pairwise(edges.tolist())
        if names[a] and b - a >= FEWEST_BARS
    ]


def measure_song(piece: Piece) -> dict[str, float] | None:
    """Mean likeness of bars of sections that return and of others; None without a return."""
    alike = likeness(piece)
    same: list[npt.NDArray[np.float64]] = []
    other: list[npt.NDArray[np.float64]] = []
    for a, b in combinations(sections_of(piece), 2):
        size = min(a.last - a.first, b.last - b.first)
        bars = alike[np.arange(a.first, a.first + size), np.arange(b.first, b.first + size)]
        (same if a.name == b.name else other).append(bars)
    if not same:
        return None
    returned = np.concatenate(same)
    return {
        "returning": float(returned.mean()),
        "exact": float((returned > 0.999).mean()),
        "last bar": float(np.mean([bars[-1] for bars in same])),
        "different": float(np.concatenate(other).mean()) if other else float("nan"),
    }


def requests(work: Path, player: Player, songs: int) -> Iterator[Request]:
    """Those whose takes are measured."""
    del work
    yield from (request for _, request in compositions(player, songs, form=True))


def measure(work: Path, players: list[Player], songs: int) -> dict[str, Any]:
    """Means over songs with a form, and the likeness of all bars of one of them."""
    found: dict[str, Any] = {}
    for player in players:
        pieces = [
            piece_of(project_of(take)).piece for _, take in composed(player, songs, form=True)
        ]
        found[player.title] = _means(pieces)
    people = [
        piece
        for _, piece in held_out(work, each=60)
        if len(piece.bars) <= MOST_BARS and len(sections_of(piece)) > 2
    ]
    if people:
        found["people"] = _means(people)
    return found


def _means(pieces: list[Piece]) -> dict[str, Any]:
    rows = [row for piece in pieces if (row := measure_song(piece)) is not None]
    if not rows:
        return {"songs": 0}
    means = {name: intervals.mean([row[name] for row in rows]) for name in rows[0]}
    shown = next(piece for piece in pieces if measure_song(piece) is not None)
    return {**means, "songs": len(rows), "matrix": np.round(likeness(shown), 2).tolist()}


def draw(data: dict[str, Any], folder: Path) -> list[str]:
    shown = {title: row for title, row in data.items() if row["songs"]}
    if not shown:
        return []
    with plots.axes(folder / "form.svg", 3 * len(shown), 3, columns=len(shown)) as made:
        for ax, (title, row) in zip(np.atleast_1d(made), shown.items(), strict=True):
            plots.matrix(ax, np.array(row["matrix"]), f"{title}: one song")
    return ["form.svg"]


def tell(data: dict[str, Any]) -> str:
    head = ("returning", "different", "exact", "last bar")
    rows = [
        [title, *(intervals.told(row[name], 3) if name in row else "–" for name in head),
         row["songs"]]
        for title, row in data.items()
    ]  # fmt: skip
    return (
        "Likeness of two bars: notes (part, place, pitch) in both over notes in either; two empty "
        "bars are alike. Every two sections of a song are laid side by side, bar by bar, as far as "
        "the shorter one goes. Returning: the mean over bars of two sections of one name. "
        "Different: of two with other names. Same notes: the share of returning bars that are "
        "alike note for note. Last bar: of the last bars that were compared in two sections of one "
        "name. Each is a mean over songs of a song's mean, with its 95 % interval (bootstrap over "
        f"songs). Written songs have the form “{FORM}”; people's are held-out bands over charts of "
        f"up to {MOST_BARS} bars, the only pieces with named sections, whose forms and chords are "
        "people's and whose notes are mostly patterns.\n\n"
        + plots.table(["of", "returning", "different", "same notes", "last bar", "songs"], rows)
    )
