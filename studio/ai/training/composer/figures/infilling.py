"""Four bars in the middle, filled with the true context, a shuffled one, and none.

The notes found are held against those that stood there: F1 of onsets (part and place) and of
pitches (part, place and pitch). A context that is heard makes the first column the best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.ai.composer.piece import SUB_TICKS, Piece, ordered
from studio.ai.composer.song import piece_of
from studio.ai.requests import Request, Task
from studio.ai.training.composer.figures import intervals, plots
from studio.ai.training.composer.figures.songs import Player, excerpts, project_of, song_of
from studio.core.errors import StudioError
from studio.domain.gap import Gap

BARS = 12
FIRST, LAST = 4, 8  # the bars that are written
CONTEXTS = ("true", "shuffled", "none")
Filler: TypeAlias = Callable[[Piece, int], Piece]  # a piece with the gap empty, and a seed


def inside(piece: Piece) -> npt.NDArray[np.bool_]:
    """True for each note of the bars to be written, shape [n]."""
    bar = piece.notes["bar"]
    found: npt.NDArray[np.bool_] = (bar >= FIRST) & (bar < LAST)
    return found


def with_context(piece: Piece, context: str, seed: int) -> Piece:
    """The piece with its context as it is, with the bars of it in another order, or gone.

    The bars to be written, their harmony and all of the plan stay.
    """
    gap = inside(piece)
    if context == "true":
        return piece
    if context == "none":
        return replace(piece, notes=piece.notes[gap])
    outer = np.concatenate([np.arange(FIRST), np.arange(LAST, len(piece.bars))])
    moved = np.random.default_rng(seed).permutation(outer)
    bars = np.arange(len(piece.bars))
    bars[outer] = moved
    notes = piece.notes.copy()
    notes["bar"] = bars[notes["bar"]]
    return replace(piece, notes=ordered(notes, piece.parts))


def filled_by(player: Player) -> Filler:
    """A model as a filler of gaps."""

    def fill(piece: Piece, seed: int) -> Piece:
        return piece_of(project_of(player.fill(_request(player, piece, seed)))).piece

    return fill


def _request(player: Player, piece: Piece, seed: int) -> Request:
    song = song_of(piece)
    start, end = (int(piece.bars["start"][bar]) * SUB_TICKS for bar in (FIRST, LAST))
    tracks = tuple(track.id for track in song.tracks if track.clips)
    return player.request(Task.REWRITE, Gap(tracks, start, end), song, seed)


def repeated(piece: Piece, seed: int) -> Piece:
    """The plain method: the four bars before once more."""
    del seed
    again = piece.notes[(piece.notes["bar"] >= 2 * FIRST - LAST) & (piece.notes["bar"] < FIRST)]
    copied = again.copy()
    copied["bar"] += LAST - FIRST
    return replace(piece, notes=ordered(np.concatenate([piece.notes, copied]), piece.parts))


def f1(written: Piece, true: Piece, *, pitched: bool) -> float:
    """Harmonic mean of precision and recall of the notes of the gap, by part and place."""
    mine, theirs = _places(written, pitched=pitched), _places(true, pitched=pitched)
    both = len(mine & theirs)
    return 2 * both / max(len(mine) + len(theirs), 1)


def _places(piece: Piece, *, pitched: bool) -> set[tuple[int, ...]]:
    notes = piece.notes[inside(piece)]
    names = ("part", "bar", "sub", "pitch") if pitched else ("part", "bar", "sub")
    return set(zip(*(notes[name].tolist() for name in names), strict=True))


def measure(work: Path, players: list[Player], songs: int) -> dict[str, Any]:
    """Mean F1 of onsets and pitches by filler and context, in percent, and how fillers differ."""
    pieces = _pieces(work, songs)
    fillers: dict[str, Filler] = {"the bars before once more": repeated}
    fillers |= {player.title: filled_by(player) for player in players}
    scores = {title: {context: _scores(pieces, fill, context) for context in CONTEXTS}
              for title, fill in fillers.items()}  # fmt: skip
    return {
        "pieces": len(pieces),
        "fillers": {
            title: {context: _told(rows) for context, rows in found.items()}
            for title, found in scores.items()
        },
        # Of the same excerpts, so that what is easy or hard in them falls out.
        "differences": {
            f"{b} - {a}": _told(scores[b]["true"] - scores[a]["true"])
            for a, b in combinations(scores, 2)
        },
    }


def requests(work: Path, player: Player, songs: int) -> Iterator[Request]:
    """Those whose takes are measured."""
    pieces = _pieces(work, songs)
    for context in CONTEXTS:
        for seed, piece in enumerate(pieces):
            yield _request(player, _blank(piece, context, seed), seed)


def _pieces(work: Path, songs: int) -> list[Piece]:
    each = max(songs // 10, 2)
    return [piece for _, piece in excerpts(work, bars=BARS, each=each) if inside(piece).any()]


def _blank(piece: Piece, context: str, seed: int) -> Piece:
    """What a filler is given."""
    given = with_context(piece, context, seed)
    return replace(given, notes=given.notes[~inside(given)])


def _scores(pieces: list[Piece], fill: Filler, context: str) -> npt.NDArray[np.float64]:
    """F1 of onsets and of pitches of each piece, shape [pieces, 2]; NaN where it is refused."""
    found = np.full((len(pieces), 2), np.nan)
    for seed, piece in enumerate(pieces):
        try:
            written = fill(_blank(piece, context, seed), seed)
        except StudioError:
            continue
        found[seed] = [f1(written, piece, pitched=pitched) for pitched in (False, True)]
    return found


def _told(scores: npt.NDArray[np.float64]) -> dict[str, Any]:
    onset, pitch = (intervals.mean(column, 100) for column in scores.T)
    return {"onset": onset, "pitch": pitch, "refused": int(np.isnan(scores[:, 0]).sum())}


def draw(data: dict[str, Any], folder: Path) -> list[str]:
    if not data["pieces"]:
        return []
    with plots.axes(folder / "infilling.svg", 7, 2.6, columns=2) as made:
        for ax, what in zip(made, ("onset", "pitch"), strict=True):
            series = {
                context: [rows[context][what][0] for rows in data["fillers"].values()]
                for context in CONTEXTS
            }
            plots.grouped(ax, list(data["fillers"]), series, f"F1 by {what}, %")
    return ["infilling.svg"]


def tell(data: dict[str, Any]) -> str:
    rows = [
        [title, *(intervals.told(found[c][what]) for what in ("onset", "pitch") for c in CONTEXTS)]
        for title, found in data["fillers"].items()
    ]
    differences = [
        [title, *(intervals.told(row[what]) for what in ("onset", "pitch"))]
        for title, row in data["differences"].items()
    ]
    told = {"true": "true", "shuffled": "shuffled", "none": "no"}
    head = [
        "by",
        *(f"{what}, {told[c]} context" for what in ("onsets", "pitches") for c in CONTEXTS),
    ]
    return (
        f"F1 in percent over {data['pieces']} held-out excerpts of {BARS} bars, of which bars "
        f"{FIRST + 1} to {LAST} were written on all their parts; the chords are told. "
        "With 95 % intervals (bootstrap over excerpts).\n\n"
        + plots.table(head, rows)
        + "\n\nWith the true context, excerpt by excerpt:\n\n"
        + plots.table(["difference", "onsets", "pitches"], differences)
    )
