"""Pitch-class entropy, scale and groove consistency, by muspy (Dong et al. 2020).

Onsets are put on sixteenths for the groove, as in Wu & Yang 2020; on a finer grid all music seems
consistent, for most places are empty in every bar.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from studio.ai.composer.piece import SUBS, Piece
from studio.ai.composer.song import piece_of
from studio.ai.composer.vocabulary import LENGTHS
from studio.ai.requests import Controls, Request
from studio.ai.training.composer.figures import intervals, plots
from studio.ai.training.composer.figures.songs import (
    PLAIN_BARS,
    Player,
    excerpts,
    project_of,
    prompts,
)

MEASURES = ("pitch-class entropy", "scale consistency", "groove consistency")
_SIXTEENTH = SUBS // 4
Rows: TypeAlias = dict[str, list[tuple[float, float, float]]]


def measures_of(piece: Piece) -> tuple[float, float, float]:
    """Entropy in bits, and two shares from 0 to 1; NaN where nothing is there to measure."""
    import muspy

    music = _music(piece)
    if not any(track.notes for track in music.tracks):
        return (float("nan"),) * 3
    bar = int(piece.bars["length"][0]) // _SIXTEENTH
    groove = muspy.groove_consistency(music, bar) if len(piece.bars) > 1 else float("nan")
    return (
        float(muspy.pitch_class_entropy(music)),
        float(muspy.scale_consistency(music)),
        float(groove),
    )


def _music(piece: Piece) -> Any:
    """The piece for muspy, four steps to a quarter; the last note ends before the last bar does."""
    import muspy

    starts = (piece.bars["start"][piece.notes["bar"]] + piece.notes["sub"]) // _SIXTEENTH
    end = int(piece.bars["start"][-1] + piece.bars["length"][-1]) // _SIXTEENTH
    lengths = np.maximum(np.array(LENGTHS)[piece.notes["length"]] // _SIXTEENTH, 1)
    lengths = np.minimum(lengths, np.maximum(end - 1 - starts, 0))
    tracks = []
    for index, part in enumerate(piece.parts):
        mine = np.flatnonzero(piece.notes["part"] == index)
        notes = [
            muspy.Note(int(starts[i]), int(piece.notes["pitch"][i]), int(lengths[i]), 64)
            for i in mine
        ]
        tracks.append(muspy.Track(part.program, part.drums, part.name, notes))
    return muspy.Music(resolution=4, tracks=tracks)


def requests(work: Path, player: Player, songs: int) -> Iterator[Request]:
    """Those whose takes are measured."""
    del work
    for kept in (True, False):
        yield from (request for _, request in _asked(player, songs, kept=kept))


def _asked(player: Player, songs: int, *, kept: bool) -> Iterator[tuple[str, Request]]:
    styles = prompts()
    controls = Controls(keep_to_scale=kept)
    for index in range(songs):
        style, seed = styles[index % len(styles)], index // len(styles)
        yield style, player.composing(style, seed, PLAIN_BARS, controls)


def measure(work: Path, players: list[Player], songs: int) -> dict[str, Any]:
    """Means by style and over all, for every player (held to the scale and free) and for people."""
    found: dict[str, Rows] = {}
    for player in players:
        for title, kept in ((player.title, True), (f"{player.title}, free of the scale", False)):
            rows = found.setdefault(title, defaultdict(list))
            for style, request in _asked(player, songs, kept=kept):
                rows[style].append(measures_of(piece_of(project_of(player.fill(request))).piece))
    people: Rows = defaultdict(list)
    once: list[tuple[float, float, float]] = []
    for collection, piece in excerpts(work, bars=PLAIN_BARS, each=40):
        measured = measures_of(piece)
        once.append(measured)
        for style in {*piece.styles, collection}:
            people[style].append(measured)
    told = {
        title: _means(rows, [row for values in rows.values() for row in values])
        for title, rows in found.items()
    }
    return {**told, "people": _means(people, once)} if people else told


def _means(rows: Rows, every: list[tuple[float, float, float]]) -> dict[str, Any]:
    """Of all, each once, and of each style; a piece may be of several."""
    return {
        "all": [intervals.mean(column) for column in zip(*every, strict=True)],
        "songs": len(every),
        "by style": {
            style: [*(float(np.nanmean(column)) if np.isfinite(column).any() else float("nan")
                      for column in np.array(values).T), len(values)]
            for style, values in sorted(rows.items())
        },
    }  # fmt: skip


def draw(data: dict[str, Any], folder: Path) -> list[str]:
    with plots.axes(folder / "consistency.svg", 9, 2.6, columns=3) as made:
        for ax, (index, name) in zip(made, enumerate(MEASURES), strict=True):
            plots.grouped(
                ax, list(data), {"": [rows["all"][index][0] for rows in data.values()]}, name
            )
    return ["consistency.svg"]


def tell(data: dict[str, Any]) -> str:
    rows = [
        [title, *(intervals.told(one, 3) for one in found["all"]), found["songs"]]
        for title, found in data.items()
    ]
    whole = plots.table(["of", *MEASURES, "songs"], rows)
    styles = [
        [title, style, *values]
        for title, found in data.items()
        for style, values in found["by style"].items()
    ]
    return (
        "Entropy in bits; consistencies from 0 to 1, of 16 bars in one meter, with 95 % intervals "
        "(bootstrap over songs). By muspy, drums counted for the groove alone. A song that is held "
        "to its scale is consistent by force: the rows “free of the scale” are without that.\n\n"
        f"{whole}\n\n<details><summary>by style</summary>\n\n"
        f"{plots.table(['of', 'style', *MEASURES, 'songs'], styles)}\n\n</details>"
    )
