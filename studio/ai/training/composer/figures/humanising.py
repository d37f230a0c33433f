"""Held-out performances made flat and played anew: how near they come to what was played.

Every note keeps its place; loudness and timing are held against the player's own. Correlations say
whether the right notes are accented or late, mean errors by how much they are off; the level and
the lean of the whole are taken away, for nobody can know them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.ai.composer.piece import Piece
from studio.ai.requests import Controls, Request, Task
from studio.ai.training.composer.figures import intervals, plots
from studio.ai.training.composer.figures.songs import Player, excerpts, song_of
from studio.core.errors import StudioError
from studio.domain.clip import NoteClip
from studio.domain.gap import Gap
from studio.domain.project import Project

BARS = 8
LEVEL = 80  # velocity of everything, made flat
LEAST_SPREAD = 4.0  # velocity: where players differ less, there is nothing to be right about
Floats = npt.NDArray[np.float64]
Told = dict[tuple[str, int, int], tuple[float, float]]  # (track, start, pitch): velocity, timing


def flat(song: Project) -> Project:
    """The song with every note as loud as the next, and on the grid."""
    for _, clip in song.clips():
        if isinstance(clip, NoteClip):
            notes = clip.notes.with_columns(velocity=LEVEL, timing=0)
            song = song.with_clip(replace(clip, notes=notes))
    return song


def played(song: Project, tracks: Collection[str] = ()) -> Told:
    """Velocity and timing (ticks) of every note, or of those of the tracks named."""
    found: Told = {}
    for track, clip in song.clips():
        if isinstance(clip, NoteClip) and (not tracks or str(track.id) in tracks):
            for row in clip.notes.table:
                place = (str(track.id), int(row["start"]) + clip.shift, int(row["pitch"]))
                found[place] = (float(row["velocity"]), float(row["timing"]))
    return found


def near(mine: Told, theirs: Told, column: int) -> tuple[float, float]:
    """Correlation and mean error of the notes both have; a correlation of 0 where one of them
    has them all alike."""
    places = sorted(mine.keys() & theirs.keys())
    one = np.array([mine[place][column] for place in places])
    other = np.array([theirs[place][column] for place in places])
    one, other = one - one.mean(), other - other.mean()
    error = float(np.abs(one - other).mean())
    spread = float(one.std() * other.std())
    return (float((one * other).mean()) / spread if spread > 0 else 0.0), error


def measure(work: Path, players: list[Player], songs: int) -> dict[str, Any]:
    """Mean over excerpts, by player and by what they are held against."""
    pieces = _pieces(work, songs)
    able = [player for player in players if Task.HUMANISE in player.card.tasks]
    found = {
        "flat" if player is None else player.title: {
            "velocity": _means(pieces, player, 0),
            "timing": _means(pieces, player, 1),
        }
        for player in (None, *able)
    }
    return {"pieces": len(pieces), "players": found}


def requests(work: Path, player: Player, songs: int) -> Iterator[Request]:
    """Those whose takes are measured."""
    if Task.HUMANISE in player.card.tasks:
        for seed, (_, piece) in enumerate(_pieces(work, songs)):
            yield _request(player, flat(song_of(piece)), seed)


def _pieces(work: Path, songs: int) -> list[tuple[str, Piece]]:
    found = excerpts(work, bars=BARS, each=max(songs // 4, 2))
    return [(name, piece) for name, piece in found if _is_played(piece)]


def _is_played(piece: Piece) -> bool:
    return piece.has_velocity and float(piece.notes["velocity"].std()) > LEAST_SPREAD


def _means(
    pieces: list[tuple[str, Piece]], player: Player | None, column: int
) -> dict[str, dict[str, Any]]:
    """Correlation and mean error over pieces, for drums alone and for bands.

    Timing is that of the parts that somebody played.
    """
    rows: dict[str, list[tuple[float, float]]] = {"drummers": [], "bands and scores": []}
    for seed, (name, piece) in enumerate(pieces):
        song = song_of(piece)
        performed = [str(track.id) for track, part in zip(song.sources, piece.parts, strict=True)
                     if part.performed or column == 0]  # fmt: skip
        if not performed or (column == 1 and not piece.has_deviation):
            continue
        try:
            mine = flat(song) if player is None else _humanised(player, flat(song), seed)
        except StudioError:
            continue
        kind = "drummers" if name == "groove-midi" else "bands and scores"
        rows[kind].append(near(played(mine, performed), played(song, performed), column))
    return {
        kind: {
            "correlation": intervals.mean([correlation for correlation, _ in values]),
            "error": float(np.mean([error for _, error in values])),
            "pieces": len(values),
        }
        for kind, values in rows.items()
        if values
    }


def _humanised(player: Player, song: Project, seed: int) -> Project:
    return player.song(_request(player, song, seed))


def _request(player: Player, song: Project, seed: int) -> Request:
    gap = Gap(tuple(t.id for t in song.tracks if t.clips), 0, song.tempo.next_bar(song.end))
    controls = Controls(amount=1.0)
    return player.request(Task.HUMANISE, gap, song, seed, controls=controls)


def draw(data: dict[str, Any], folder: Path) -> list[str]:
    """Correlations of velocity and timing, side by side."""
    series = {
        title: [_middle(found[column].get(kind)) for column, kind in _COLUMNS]
        for title, found in data["players"].items()
    }
    names = [f"{column}, {kind}" for column, kind in _COLUMNS]
    with plots.axes(folder / "humanising.svg") as ax:
        plots.grouped(ax, names, series, "correlation with the player")
    return ["humanising.svg"]


def _middle(found: dict[str, Any] | None) -> float:
    return float(found["correlation"][0]) if found else float("nan")


_COLUMNS = (
    ("velocity", "drummers"), ("velocity", "bands and scores"), ("timing", "drummers"),
    ("timing", "bands and scores"),
)  # fmt: skip


def tell(data: dict[str, Any]) -> str:
    """A table of correlations and errors."""
    head = ["", *(f"{column}, {kind}" for column, kind in _COLUMNS)]
    rows = [
        [title, *(_cell(found[column].get(kind)) for column, kind in _COLUMNS)]
        for title, found in data["players"].items()
    ]
    return (
        f"{data['pieces']} held-out excerpts of {BARS} bars whose loudness varies (standard "
        f"deviation over {LEAST_SPREAD:.0f} MIDI steps), made flat (every velocity {LEVEL}, every "
        "note on the grid) and played anew at full amount. In each excerpt, over the notes of all "
        "its parts: the correlation of what was played anew with what was there (0 where either is "
        "all alike), and the mean distance, in MIDI steps or ticks of 960 a quarter, once the mean "
        "of each is taken away. A cell tells the mean correlation over excerpts with its 95 % "
        "interval (bootstrap), the mean distance, and how many excerpts. Drummers: groove-midi, "
        "played by hand. Bands and scores: all others; their loudness is a player's, a pattern's "
        "or a score's dynamics. Timing: of the parts that somebody played, where a collection "
        f"tells timing at all.\n\n{plots.table(head, rows)}"
    )


def _cell(found: dict[str, Any] | None) -> str:
    if not found:
        return "–"
    told = intervals.told(found["correlation"], 2)
    return f"{told}, {found['error']:.1f}, {found['pieces']}"
