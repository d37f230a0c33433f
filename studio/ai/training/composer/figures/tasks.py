"""Task by task: how near what a model writes comes to what people wrote there.

Held-out excerpts lose what the task asks for, and get it back from each model with everything else
as it was: four bars after the first four, four before the last four, or one part. What is written
is held against what stood there by F1 of onsets and of pitches, and a classifier is asked to tell
the two (see `telling`). A model that does both better is the better one for that task.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.ai.composer.piece import SUB_TICKS, SUBS, Piece
from studio.ai.composer.song import piece_of
from studio.ai.requests import Controls, Request, Take, Task
from studio.ai.training.composer.figures import intervals, plots
from studio.ai.training.composer.figures.songs import (
    Player,
    collections,
    excerpt,
    project_of,
    song_of,
)
from studio.ai.training.composer.figures.telling import FOLDS, rolls, told_apart
from studio.core.errors import StudioError
from studio.domain.clip import NoteClip
from studio.domain.gap import Gap
from studio.domain.project import Project

BARS = 8
HALF = BARS // 2
ROLES = ("drums", "bass", "chords", "melody", "counter")
KINDS = ("extend", "extend backwards", *(f"add {role}" for role in ROLES))
Place: TypeAlias = tuple[str, int, int]  # track, sub, pitch


@dataclass(frozen=True, slots=True)
class Trial:
    """An excerpt, and which of its bars [first, last) or which part is taken away."""

    piece: Piece
    first: int = 0
    last: int = BARS
    part: int | None = None

    def song(self) -> Project:
        return song_of(self.piece)

    def request(self, player: Player, seed: int) -> Request:
        song = self.song()
        tracks = [track for track in song.tracks if track.clips]
        start, end = self._tick(self.first), self._tick(self.last)
        if self.part is not None:
            missing = song.without_track(tracks[self.part].id)
            asked = Controls(instruments=(_role(self.piece, self.part),))
            return player.request(Task.ADD_PART, Gap((), start, end), missing, seed, controls=asked)
        gap = Gap(tuple(track.id for track in tracks), start, end)
        for track in tracks:
            for clip in track.clips:
                if isinstance(clip, NoteClip):
                    song = song.with_clip(replace(clip, notes=clip.notes.where(~gap.holds(clip))))
        return player.request(Task.EXTEND, gap, song, seed)

    def _tick(self, bar: int) -> int:
        bars = self.piece.bars
        if bar < len(bars):
            return int(bars["start"][bar]) * SUB_TICKS
        return int(bars["start"][-1] + bars["length"][-1]) * SUB_TICKS

    def asked(self) -> set[Place]:
        """The notes that were taken away."""
        notes = self.piece.notes
        wanted = (notes["bar"] >= self.first) & (notes["bar"] < self.last)
        if self.part is not None:
            wanted &= notes["part"] == self.part
        notes = notes[wanted]
        subs = self.piece.bars["start"][notes["bar"]].astype(int) + notes["sub"]
        tracks = [str(track.id) for track in self.song().tracks if track.clips]
        names = ["" if self.part is not None else tracks[int(part)] for part in notes["part"]]
        return set(zip(names, subs.tolist(), notes["pitch"].tolist(), strict=True))

    def written(self, take: Take) -> set[Place]:
        """The notes that came instead."""
        found: set[Place] = set()
        for part in take.result.parts:
            name = "" if self.part is not None else str(part.track or "new")
            subs = np.round(part.notes.start / SUB_TICKS).astype(int).tolist()
            found |= {(name, sub, int(p)) for sub, p in zip(subs, part.notes.pitch, strict=True)}
        return found


def trials(
    work: Path, each: int, split: str = "test", kinds: Sequence[str] = KINDS
) -> dict[str, list[Trial]]:
    """Up to `each` trials of every collection, by kind."""
    found: dict[str, list[Trial]] = {kind: [] for kind in kinds}
    for name, shards in collections(work, split).items():
        if name in ("groove-midi", "free-midi-chords"):
            continue  # one part, with nothing beside it
        order = np.random.default_rng(23).permutation(len(shards))
        whole = (excerpt(shards[int(index)], BARS, int(index)) for index in order)
        pieces = list(islice((one for one in whole if one is not None and _fits(one)), 4 * each))
        for kind in kinds:
            able = (trial(piece, kind) for piece in pieces)
            found[kind] += list(islice((one for one in able if one is not None), each))
    return found


def _fits(piece: Piece) -> bool:
    return int(piece.bars["length"].max()) <= 4 * SUBS


def trial(piece: Piece, kind: str) -> Trial | None:
    """The trial of a kind that an excerpt is good for, if it is."""
    if kind == "extend":
        found = Trial(piece, HALF, BARS)
    elif kind == "extend backwards":
        found = Trial(piece, 0, HALF)
    else:
        players = [i for i in range(len(piece.parts)) if f"add {_role(piece, i)}" == kind]
        if len(players) != 1 or len(piece.parts) < 2:
            return None
        found = Trial(piece, part=players[0])
    return found if len(found.asked()) >= HALF else None


def _role(piece: Piece, part: int) -> str:
    return "drums" if piece.parts[part].drums else piece.parts[part].role


def measure(work: Path, players: list[Player], songs: int) -> dict[str, Any]:
    """By kind of task and model: F1 in percent, areas under the curve, and how models differ."""
    return {kind: compared(found, players) for kind, found in _trials(work, songs).items()}


def requests(work: Path, player: Player, songs: int) -> Iterator[Request]:
    """Those whose takes are measured."""
    for found in _trials(work, songs).values():
        for seed, one in enumerate(found):
            yield one.request(player, seed)


def _trials(work: Path, songs: int) -> dict[str, list[Trial]]:
    return trials(work, max(songs // 10, 2))


def compared(found: list[Trial], players: list[Player]) -> dict[str, Any]:
    """F1 in percent and area by model, and how models differ excerpt by excerpt."""
    takes = {player.title: [_take(player, one, seed) for seed, one in enumerate(found)]
             for player in players}  # fmt: skip
    scores = {title: np.array([_scores(one, take) for one, take in zip(found, made, strict=True)])
              for title, made in takes.items()}  # fmt: skip
    return {
        "trials": len(found),
        "models": {
            title: _told(scores[title]) | {"area": _area(found, takes[title])} for title in takes
        },
        # Of the same excerpts, so that what is easy or hard in them falls out.
        "differences": {
            f"{b} - {a}": _told(scores[b] - scores[a]) for a, b in combinations(scores, 2)
        },
    }


def _take(player: Player, one: Trial, seed: int) -> Take | None:
    try:
        return player.fill(one.request(player, seed))
    except StudioError:
        return None


def _scores(one: Trial, take: Take | None) -> tuple[float, float]:
    """F1 of onsets and of pitches; NaN where the model refused."""
    if take is None:
        return np.nan, np.nan
    asked, written = one.asked(), one.written(take)
    return _f1({p[:2] for p in asked}, {p[:2] for p in written}), _f1(asked, written)


def _f1(asked: set[Any], written: set[Any]) -> float:
    return 2 * len(asked & written) / max(len(asked) + len(written), 1)


def _told(scores: npt.NDArray[np.float64]) -> dict[str, Any]:
    onset, pitch = (intervals.mean(column.tolist(), 100) for column in scores.reshape(-1, 2).T)
    return {"onset": onset, "pitch": pitch, "refused": int(np.isnan(scores).any(-1).sum())}


def _area(found: list[Trial], takes: list[Take | None]) -> intervals.Interval:
    """How well written bars are told from people's, onsets alone."""
    if sum(take is not None for take in takes) < 4 * FOLDS:
        return [float("nan")] * 3
    bars, real, group = [], [], []
    for index, (one, take) in enumerate(zip(found, takes, strict=True)):
        if take is None:
            continue
        made = piece_of(project_of(take), until=take.request.gap.end).piece
        for piece, true in ((piece_of(one.song()).piece, True), (made, False)):
            shown = rolls(piece)[one.first : one.last]
            shown[:, 3] = 0
            bars.append(shown)
            real += [true] * len(shown)
            group += [index] * len(shown)
    return told_apart(np.concatenate(bars), np.array(real), np.array(group))


def draw(data: dict[str, Any], folder: Path) -> list[str]:
    titles = [title for row in data.values() for title in row["models"]]
    with plots.axes(folder / "tasks.svg", 7.5, 2.8, columns=2) as made:
        for ax, what, label in zip(
            made, ("onset", "area"), ("F1 of onsets, %", "area under the curve"), strict=True
        ):
            series = {
                title: [row["models"][title][what][0] for row in data.values()]
                for title in dict.fromkeys(titles)
            }
            plots.grouped(ax, list(data), series, label)
            ax.tick_params(axis="x", rotation=60)
        made[1].axhline(0.5, color="grey", linewidth=0.7)
    return ["tasks.svg"]


def tell(data: dict[str, Any]) -> str:
    return (
        f"Held-out excerpts of {BARS} bars: {HALF} bars written after or before the others on all "
        "parts, or one part written to the others over all bars. F1 in percent against what people "
        "wrote there (mean over excerpts; a note is right by track and place, and for pitches by "
        "pitch too), and the area under the curve of a classifier that tells the two (0.5: not at "
        "all; onsets alone). With 95 % intervals (bootstrap over excerpts). How boldly the "
        "composer extends and adds parts was chosen by an earlier version's figures of these "
        "excerpts, so they flatter it a little; for which tasks it is the default was not.\n\n"
        + tables(data)
    )


def tables(data: dict[str, Any]) -> str:
    """The figures, and the differences excerpt by excerpt."""
    rows = [
        [
            kind,
            row["trials"],
            title,
            intervals.told(found["onset"]),
            intervals.told(found["pitch"]),
            intervals.told(found["area"], 3),
        ]
        for kind, row in data.items()
        for title, found in row["models"].items()
    ]
    differences = [
        [kind, title, *(intervals.told(found[what]) for what in ("onset", "pitch"))]
        for kind, row in data.items()
        for title, found in row["differences"].items()
    ]
    return (
        plots.table(["task", "excerpts", "by", "onsets", "pitches", "told apart"], rows)
        + "\n\nExcerpt by excerpt:\n\n"
        + plots.table(["task", "difference", "onsets", "pitches"], differences)
    )
