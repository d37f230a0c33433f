"""Held-out performances made flat and played anew: how near they come to what was played.

Every note keeps its place; loudness and timing are held against the player's own. Correlations say
whether the right notes are accented or late, mean errors by how much they are off; the level and
the lean of the whole are taken away, for nobody can know them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.ai.composer.piece import Piece
from studio.ai.requests import Controls, Task
from studio.ai.training.composer.figures import plots
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


def played(song: Project) -> Told:
    """Velocity and timing (ticks) of every note."""
    found: Told = {}
    for track, clip in song.clips():
        if isinstance(clip, NoteClip):
            for row in clip.notes.table:
                place = (str(track.id), int(row["start"]) + clip.shift, int(row["pitch"]))
                found[place] = (float(row["velocity"]), float(row["timing"]))
    return found


def near(mine: Told, theirs: Told, column: int) -> tuple[float, float]:
    """Correlation and mean error of the notes both have; NaN where nothing differs."""
    places = sorted(mine.keys() & theirs.keys())
    one = np.array([mine[place][column] for place in places])
    other = np.array([theirs[place][column] for place in places])
    one, other = one - one.mean(), other - other.mean()
    error = float(np.abs(one - other).mean())
    spread = float(one.std() * other.std())
    return (float((one * other).mean()) / spread if spread > 0 else 0.0), error


def measure(work: Path, players: list[Player], songs: int) -> dict[str, Any]:
    """Mean over excerpts, by player and by what they are held against."""
    pieces = [
        (name, piece)
        for name, piece in excerpts(work, bars=BARS, each=max(songs // 4, 2))
        if _is_played(piece)
    ]
    found: dict[str, Any] = {"flat": {"velocity": _means(pieces, None, 0)}}
    found["flat"]["timing"] = _means([p for p in pieces if p[1].has_deviation], None, 1)
    for player in players:
        if Task.HUMANISE in player.card.tasks:
            found[player.title] = {
                "velocity": _means(pieces, player, 0),
                "timing": _means([p for p in pieces if p[1].has_deviation], player, 1),
            }
    return {"pieces": len(pieces), "players": found}


def _is_played(piece: Piece) -> bool:
    return piece.has_velocity and float(piece.notes["velocity"].std()) > LEAST_SPREAD


def _means(
    pieces: list[tuple[str, Piece]], player: Player | None, column: int
) -> dict[str, list[float]]:
    """[correlation, mean error, pieces] for drums alone and for bands."""
    rows: dict[str, list[tuple[float, float]]] = {"drummers": [], "bands and scores": []}
    for seed, (name, piece) in enumerate(pieces):
        song = song_of(piece)
        try:
            mine = flat(song) if player is None else _humanised(player, flat(song), seed)
        except StudioError:
            continue
        kind = "drummers" if name == "groove-midi" else "bands and scores"
        rows[kind].append(near(played(mine), played(song), column))
    return {
        kind: [*np.nanmean(np.array(values), 0).tolist(), len(values)]
        for kind, values in rows.items()
        if values
    }


def _humanised(player: Player, song: Project, seed: int) -> Project:
    gap = Gap(tuple(t.id for t in song.tracks if t.clips), 0, song.tempo.next_bar(song.end))
    controls = Controls(amount=1.0)
    return player.song(player.request(Task.HUMANISE, gap, song, seed, controls=controls))


def draw(data: dict[str, Any], folder: Path) -> list[str]:
    """Correlations of velocity and timing, side by side."""
    series = {
        title: [found[column].get(kind, [float("nan")])[0] for column, kind in _COLUMNS]
        for title, found in data["players"].items()
    }
    names = [f"{column}, {kind}" for column, kind in _COLUMNS]
    with plots.axes(folder / "humanising.svg") as ax:
        plots.grouped(ax, names, series, "correlation with the player")
    return ["humanising.svg"]


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
        f"{data['pieces']} excerpts of {BARS} bars, made flat and played anew. Correlation with "
        "the player's own, mean error (velocity in MIDI steps, timing in ticks of 960 a quarter), "
        f"and excerpts.\n\n{plots.table(head, rows)}"
    )


def _cell(values: list[float] | None) -> str:
    if not values:
        return "-"
    return f"{values[0]:.2f}, {values[1]:.1f} ({int(values[2])})"
