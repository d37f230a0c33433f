"""Can a classifier tell a model's bars from people's? Area under the curve, 0.5 where it cannot.

Both play in the same setting: held-out excerpts are emptied, and the model writes on the same
parts, in the same meter and tempo, over the same chords. Velocity and timing are never shown. Note
lengths are shown in one run and not in the other, for scores and patterns write them by habit.
Bars of one excerpt, people's or written, are never on both sides of a fold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from scipy import stats
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own name for it

from studio.ai.composer.piece import SUBS, Piece
from studio.ai.composer.song import piece_of
from studio.ai.composer.vocabulary import LENGTHS
from studio.ai.requests import Request, Task
from studio.ai.training.composer.figures import intervals, plots
from studio.ai.training.composer.figures.songs import Player, excerpts, project_of, song_of
from studio.core.errors import StudioError
from studio.domain.gap import Gap

BARS = 8
STEPS = 48  # of a bar of four quarters; shorter bars leave the rest empty
LOWEST, KEYS = 24, 80
CHANNELS = 4  # onsets of pitched parts, of the bass, of drums; what sounds
FOLDS = 4
EPOCHS = 8
RESAMPLES = 500
Rolls: TypeAlias = npt.NDArray[np.float32]


def rolls(piece: Piece) -> Rolls:
    """A picture of each bar, shape [bars, CHANNELS, KEYS, STEPS]."""
    found = np.zeros((len(piece.bars), CHANNELS, KEYS, STEPS), np.float32)
    channel = np.array([2 if p.drums else 1 if p.role == "bass" else 0 for p in piece.parts])
    notes = piece.notes
    step = notes["sub"].astype(np.int64) * STEPS // (4 * SUBS)
    key = notes["pitch"].astype(np.int64) - LOWEST
    seen = (step < STEPS) & (key >= 0) & (key < KEYS)
    found[notes["bar"][seen], channel[notes["part"][seen]], key[seen], step[seen]] = 1
    lengths = np.maximum(np.array(LENGTHS)[notes["length"]] * STEPS // (4 * SUBS), 1)
    for index in np.flatnonzero(seen & (channel[notes["part"]] != 2)):
        first = step[index]
        found[notes["bar"][index], 3, key[index], first : first + lengths[index]] = 1
    return found


def rewritten(player: Player, piece: Piece, seed: int) -> Piece | None:
    """The piece's setting with all its notes written by a model; None where it refuses."""
    request = _request(player, piece, seed)
    try:
        take = player.fill(request)
    except StudioError:
        return None
    found = piece_of(project_of(take), until=request.song.end).piece
    return found if len(found.bars) >= len(piece.bars) else None


def _request(player: Player, piece: Piece, seed: int) -> Request:
    song = song_of(replace(piece, notes=piece.notes[:0]))
    tracks = tuple(track.id for track in song.tracks if track.clips)
    return player.request(Task.REWRITE, Gap(tracks, 0, song.end), song, seed)


def _heard(piece: Piece) -> Rolls:
    """Of people's bars, through a song as written ones come: nothing but the notes differs."""
    return rolls(piece_of(song_of(piece)).piece)[: len(piece.bars)]


class _Ear(nn.Module):
    """A small convolutional network over one bar."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(CHANNELS, 16, (13, 5), stride=(3, 2), padding=(6, 2)),
            nn.ReLU(),
            nn.Conv2d(16, 24, (5, 5), stride=(2, 2), padding=2),
            nn.ReLU(),
            nn.AdaptiveMaxPool2d((4, 4)),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(24 * 16, 32),
            nn.ReLU(),
            nn.Linear(32, 1),
        )

    def forward(self, bars: Tensor) -> Tensor:
        logits: Tensor = self.layers(bars)
        return logits[:, 0]


def area(scores: npt.NDArray[np.float64], real: npt.NDArray[np.bool_]) -> float:
    """Chance that a real bar scores above one that is not; ties count half (Mann-Whitney)."""
    positives, negatives = int(real.sum()), int((~real).sum())
    if not positives or not negatives:
        return float("nan")
    total = float(stats.rankdata(scores)[real].sum()) - positives * (positives + 1) / 2
    return total / (positives * negatives)


def told_apart(
    bars: Rolls, real: npt.NDArray[np.bool_], group: npt.NDArray[np.int64]
) -> intervals.Interval:
    """Area under the curve of bars that the classifier has not learnt from, mean over folds.

    Its interval is of excerpts drawn anew (bootstrap), the classifiers as they are.

    Args:
        bars: Shape [n, CHANNELS, KEYS, STEPS]. group: The excerpt that each belongs to.
    """
    scores = np.zeros(len(bars))
    for fold in range(FOLDS):
        held = group % FOLDS == fold
        ear = _learnt(bars[~held], real[~held], fold)
        with torch.no_grad():
            scores[held] = ear(torch.from_numpy(bars[held])).double().numpy()
    places = [np.flatnonzero(group == one) for one in np.unique(group)]
    rng = np.random.default_rng(1)
    areas = [
        _over_folds(
            scores, real, group, [places[i] for i in rng.integers(len(places), size=len(places))]
        )
        for _ in range(RESAMPLES)
    ]
    ends = np.nanpercentile(areas, (2.5, 97.5)).tolist()
    return [_over_folds(scores, real, group, places), *ends]


def _over_folds(
    scores: npt.NDArray[np.float64],
    real: npt.NDArray[np.bool_],
    group: npt.NDArray[np.int64],
    places: list[npt.NDArray[np.int64]],
) -> float:
    chosen = np.concatenate(places)
    folds = group[chosen] % FOLDS
    mine = [chosen[folds == fold] for fold in range(FOLDS)]
    return float(np.nanmean([area(scores[one], real[one]) for one in mine if len(one)]))


def _learnt(bars: Rolls, real: npt.NDArray[np.bool_], seed: int) -> _Ear:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        ear = _Ear()
        optimiser = torch.optim.AdamW(ear.parameters(), lr=1e-3, weight_decay=0.01)
        inputs, targets = torch.from_numpy(bars), torch.from_numpy(real.astype(np.float32))
        for _ in range(EPOCHS):
            for batch in torch.randperm(len(inputs)).split(64):
                loss = F.binary_cross_entropy_with_logits(ear(inputs[batch]), targets[batch])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
    return ear.eval()


def measure(work: Path, players: list[Player], songs: int) -> dict[str, Any]:
    """Areas by player, with note lengths and without, and of people's bars against their own."""
    people = _people(work, songs)
    found: dict[str, Any] = {"excerpts": len(people), "of": {}}
    if len(people) < 4 * FOLDS:
        return found
    real = [_heard(piece) for piece in people]
    for player in players:
        made = [rewritten(player, piece, seed) for seed, piece in enumerate(people)]
        pairs = [(mine, rolls(one)[:BARS], index)
                 for index, (mine, one) in enumerate(zip(real, made, strict=True))
                 if one is not None]  # fmt: skip
        found["of"][player.title] = _areas(pairs)
    halves = [(one[: BARS // 2], one[BARS // 2 :], i) for i, one in enumerate(real)]
    found["of"]["people, first bars against later ones"] = _areas(halves)
    return found


def requests(work: Path, player: Player, songs: int) -> Iterator[Request]:
    """Those whose takes are measured."""
    for seed, piece in enumerate(_people(work, songs)):
        yield _request(player, piece, seed)


def _people(work: Path, songs: int) -> list[Piece]:
    found = excerpts(work, bars=BARS, each=max(songs // 10, 4), least_parts=2)
    return [one for _, one in found if int(one.bars["length"].max()) <= 4 * SUBS]


def _areas(pairs: list[tuple[Rolls, Rolls, int]]) -> dict[str, Any]:
    bars = np.concatenate([np.concatenate(pair[:2]) for pair in pairs])
    real = np.concatenate([[True] * len(a) + [False] * len(b) for a, b, _ in pairs])
    group = np.concatenate([np.full(len(a) + len(b), index) for a, b, index in pairs])
    heard = bars[:, :3].any((1, 2, 3))  # an empty bar tells nothing
    bars, real, group = bars[heard], real[heard], group[heard]
    onsets = bars.copy()
    onsets[:, 3] = 0
    return {
        "onsets": told_apart(onsets, real, group),
        "onsets and lengths": told_apart(bars, real, group),
        "bars": len(bars),
    }


def draw(data: dict[str, Any], folder: Path) -> list[str]:
    if not data["of"]:
        return []
    with plots.axes(folder / "telling.svg", 6, 2.6) as ax:
        series = {
            name: [row[name][0] for row in data["of"].values()]
            for name in ("onsets", "onsets and lengths")
        }
        plots.grouped(ax, list(data["of"]), series, "area under the curve")
        ax.axhline(0.5, color="grey", linewidth=0.7)
    return ["telling.svg"]


def tell(data: dict[str, Any]) -> str:
    rows = [
        [title, *(intervals.told(row[name], 3) for name in ("onsets", "onsets and lengths")),
         row["bars"]]
        for title, row in data["of"].items()
    ]  # fmt: skip
    return (
        f"Area under the curve of a small classifier that tells bars from those of "
        f"{data['excerpts']} held-out excerpts; 0.5: not to be told apart, 1: always. "
        "Bars in which nothing is struck are left out, people's and written ones. "
        "With 95 % intervals (bootstrap over excerpts).\n\n"
        + plots.table(["bars of", "onsets alone", "onsets and lengths", "bars"], rows)
    )
