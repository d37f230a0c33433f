"""Bach's chorales in the token set of the literature, learnt by a decoder of its own.

Every sixteenth of a chorale is four tokens, soprano, alto, tenor and bass, each the pitch that
sounds in that voice or a rest; held and repeated notes are not told apart. The figure is the mean
negative log-likelihood of a token in nats, on the published split (Boulanger-Lewandowski et al.
2012), as in Huang et al. 2018, "Music Transformer", table of note-wise validation loss.

The network goes the composer's way: a sixteenth is one compound token, the sum of what its voices
do; attention is turned by musical time; and the four voices are said one after another, each
knowing those before it. Every token is given exactly what stands before it in the published order,
so that the likelihoods are of the same thing.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import tarfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import torch
from scipy.signal import lfilter
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own name for it

from studio.ai.training.composer.bands.archives import data_folder
from studio.core.errors import StudioError

VOICES = 4
LOWEST, HIGHEST = 36, 81  # MIDI keys of all chorales
REST = HIGHEST - LOWEST + 1
CLASSES = REST + 1
CONTEXT = 256  # sixteenths: 16 bars, 1,024 tokens
_MIDDLE = 24  # stands for the pitch of a voice that has not sung
_LONGEST = 17  # sixteenths a pitch has been held, and longer
_WIDEST = 12  # semitones of a motion, and wider
_FADES = (0.9, 0.985)  # of what was sung, in a sixteenth
_METERS = (4, 12, 16)  # sixteenths that places are counted by: a quarter, bars of three and of four

Tokens = npt.NDArray[np.int64]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recipe:
    """The shape of the network and how it learns.

    Attributes:
        relative: Whether attention is turned by musical time (rotary); else time is added.
        transposed: Whether training chorales are moved by up to half an octave.
        deaf: Share of the features of the past and of what has been said that are left out at
            random in training: the network shall not know a chorale by one of them.
        decay: Of the weights, by the optimiser; averaging: of the running average of them.
        steps: After which the rate has fallen to nothing.
    """

    width: int = 192
    layers: int = 4
    heads: int = 6
    dropout: float = 0.25
    deaf: float = 0.08
    decay: float = 0.1
    relative: bool = True
    transposed: bool = True
    batch: int = 4
    rate: float = 2e-3
    warm_up: int = 50
    steps: int = 1100
    averaging: float = 0.99
    seed: int = 1


def chorales(data: Path) -> dict[str, list[Tokens]]:
    """Tokens of every chorale by split, each of shape [sixteenths, 4].

    Raises:
        StudioError: The archive is missing.
    """
    archives = sorted((data / "symbolic").glob("jsb-chorales*.tar.xz"))
    if not archives:
        raise StudioError(f"{data} holds no chorales.", "Set TUTTI_DATA to the folder of data.")
    with tarfile.open(archives[0]) as packed:
        name = next(n for n in packed.getnames() if n.endswith("Jsb16thSeparated.json"))
        file = packed.extractfile(name)
        read = json.load(file) if file is not None else {}
    return {split: [tokens_of(np.array(one)) for one in found] for split, found in read.items()}


def tokens_of(pitches: npt.NDArray[np.int64]) -> Tokens:
    """Of MIDI keys (below 0: a rest), shape [sixteenths, 4]."""
    keys = pitches.astype(np.int64)
    return np.where(keys < 0, REST, keys - LOWEST)


# --- what is known of a chorale before each token ---------------------------------------------

# Features of a sixteenth, each with the size of its table.
_INTERVALS = 2 * REST
_OF_VOICE = (CLASSES, _LONGEST + 1, 2 * _WIDEST + 2)  # pitch, held, motion
_PAIRS = tuple(pairwise(range(VOICES)))
_OF_PAST = (*_OF_VOICE * VOICES, *[_INTERVALS] * len(_PAIRS), *_METERS)
PAST, PAST_SIZE = len(_OF_PAST), sum(_OF_PAST)
# Features of a token: its voice, and of the three others the interval to its own pitch before, the
# pitch and the motion where they have been said in this sixteenth; then its echo: the interval to
# what followed where its line, or the whole, went on as now, and how well it agrees there.
_OF_OTHER = (_INTERVALS + 1, CLASSES + 1, 2 * _WIDEST + 2)
_AGREED = (4, 8, 16)  # changes in agreement, for an echo that is worth hearing, and better ones
_OF_ECHO = (_INTERVALS + 1, len(_AGREED) + 1)
_OF_TOKEN = (1, *_OF_OTHER * (VOICES - 1), *_OF_ECHO * 2)
NOW, NOW_SIZE = len(_OF_TOKEN), VOICES * sum(_OF_TOKEN)


@dataclass(frozen=True, slots=True)
class Known:
    """What the network is given of sixteenths that follow one another.

    Attributes:
        past: Features of all that lies before each sixteenth, and its place, shape [n, PAST].
        now: Features of each of its voices' tokens, of those said before, shape [n, 4, NOW].
        own: The pitch each voice sang last, shape [n, 4].
        scale: How much of what was sung, lately and longer ago, lay each number of semitones above
            that pitch, in any octave: float32, shape [n, 4, 12 * len(_FADES)].
    """

    past: Tokens
    now: Tokens
    own: Tokens
    scale: npt.NDArray[np.float32]


def known(piece: Tokens) -> Known:
    """Of a chorale from its beginning, shape [sixteenths, 4]."""
    count = len(piece)
    before = np.concatenate((np.full((1, VOICES), REST), piece[:-1]))
    sung = _last_sung(before)
    columns = []
    for voice in range(VOICES):
        columns += [before[:, voice], *_held_and_motion(before[:, voice])]
    columns += [sung[:, one] - sung[:, other] + REST for one, other in _PAIRS]
    columns += [np.arange(count) % size for size in _METERS]
    past = np.stack(columns, 1) + np.cumsum([0, *_OF_PAST[:-1]])
    heard = _echoes(piece)
    now = np.stack([_of_token(piece, before, sung, heard, voice) for voice in range(VOICES)], 1)
    return Known(past, now, sung, _scale(before, sung))


def _scale(before: Tokens, sung: Tokens) -> npt.NDArray[np.float32]:
    sounds = (before[..., None] % 12 == np.arange(12)) & (before < REST)[..., None]
    above = (sung[..., None] + np.arange(12)) % 12
    found = []
    for fade in _FADES:
        heard = lfilter([1.0], [1.0, -fade], sounds.sum(1), axis=0)
        share = heard / np.maximum(heard.sum(1, keepdims=True), 1e-6)
        found.append(np.take_along_axis(np.repeat(share[:, None], VOICES, 1), above, 2))
    return 4 * np.concatenate(found, 2).astype(np.float32)


def _last_sung(before: Tokens) -> Tokens:
    """The pitch of each voice, through its rests."""
    rows = np.where(before < REST, np.arange(len(before))[:, None], -1)
    rows = np.maximum.accumulate(rows, 0)
    return np.where(rows >= 0, np.take_along_axis(before, np.maximum(rows, 0), 0), _MIDDLE)


def _held_and_motion(line: Tokens) -> tuple[Tokens, Tokens]:
    """Sixteenths that each pitch has been held, and how it was reached."""
    moved = np.concatenate(([True], line[1:] != line[:-1]))
    begins = np.maximum.accumulate(np.where(moved, np.arange(len(line)), 0))
    held = np.minimum(np.arange(len(line)) - begins, _LONGEST)
    origin = line[np.maximum(begins - 1, 0)]
    return held, _motion(origin, line)


def _motion(origin: Tokens, pitch: Tokens) -> Tokens:
    steps = np.clip(pitch - origin, -_WIDEST, _WIDEST) + _WIDEST
    return np.where((origin < REST) & (pitch < REST), steps, 2 * _WIDEST + 1)


def _echoes(piece: Tokens) -> tuple[Tokens, Tokens]:
    """Where each line, and all together, went on as they do now: the sixteenth that followed there,
    and changes in agreement up to it, each of shape [n, 5]; at least two quarters ago.
    """
    count = len(piece)
    lines = np.concatenate((piece, np.zeros((count, 1), np.int64)), 1).T
    lines[VOICES] = np.unique(piece, axis=0, return_inverse=True)[1]
    changed = np.diff(lines, prepend=-1, axis=1) != 0
    where, agreed = np.zeros((count, VOICES + 1), np.int64), np.zeros((count, VOICES + 1), np.int64)
    run = np.zeros((VOICES + 1, count), np.int64)  # up to the sixteenth before, and each earlier
    for now in range(1, count):
        last = now - 1
        run[:, 1:] = run[:, :-1]
        run[:, 0] = 0
        run = (run + changed[:, last, None]) * (lines[:, last, None] == lines)
        far = run[:, : max(last - 7, 0)]
        if far.shape[1]:
            best = far.shape[1] - 1 - far[:, ::-1].argmax(1)
            where[now], agreed[now] = best + 1, far[np.arange(VOICES + 1), best]
    return where, agreed


def _of_echo(
    piece: Tokens, sung: Tokens, heard: tuple[Tokens, Tokens], line: int, voice: int
) -> list[Tokens]:
    """The interval that a voice would go by the echo of a line, and how well that agrees."""
    where, agreed = (one[:, line] for one in heard)
    pitch = piece[where, voice]
    level = np.searchsorted(_AGREED, agreed, side="right")
    there = (level > 0) & (pitch < REST)
    return [np.where(there, pitch - sung[:, voice] + REST, _INTERVALS), level]


def _of_token(
    piece: Tokens, before: Tokens, sung: Tokens, heard: tuple[Tokens, Tokens], voice: int
) -> Tokens:
    columns = [np.zeros(len(piece), np.int64)]
    for other in range(VOICES):
        if other == voice:
            continue
        said = other < voice
        pitch = piece[:, other] if said else sung[:, other]
        interval = np.where(pitch < REST, pitch - sung[:, voice] + REST, _INTERVALS)
        still = np.full(len(piece), CLASSES)
        unmoved = np.full(len(piece), 2 * _WIDEST + 1)
        columns += [interval, piece[:, other] if said else still]
        columns += [_motion(before[:, other], piece[:, other]) if said else unmoved]
    for line in (voice, VOICES):
        columns += _of_echo(piece, sung, heard, line, voice)
    first = np.cumsum([0, *_OF_TOKEN[:-1]]) + voice * sum(_OF_TOKEN)
    found: Tokens = np.stack(columns, 1) + first
    return found


# --- the network ------------------------------------------------------------------------------


class Chorales(nn.Module):
    """A causal decoder over sixteenths, and over the four voices of each."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        width = recipe.width
        self.recipe = recipe
        self.past = nn.EmbeddingBag(PAST_SIZE, width, mode="sum")
        self.now = nn.EmbeddingBag(NOW_SIZE, width, mode="sum")
        for table in (self.past, self.now):
            nn.init.normal_(table.weight, std=0.3)
        self.scale = nn.Linear(12 * len(_FADES), width)
        self.layers = nn.ModuleList(_Layer(recipe) for _ in range(recipe.layers))
        self.voices = nn.ModuleList(_Hidden(recipe, 2) for _ in range(2))
        self.heard = nn.LayerNorm(width)
        self.norm = nn.LayerNorm(width)
        self.pitches = nn.Linear(width, CLASSES)
        self.intervals = nn.Linear(width, _INTERVALS)
        self.drop = nn.Dropout(recipe.dropout)

    def forward(
        self, past: Tensor, now: Tensor, own: Tensor, scale: Tensor, time: Tensor
    ) -> Tensor:
        """Logits of each token, [b, n, 4, CLASSES].

        Args:
            past, now, own, scale: As in `Known`, a row for each piece.
            time: Sixteenths since the beginning, [b, n].
        """
        width = self.recipe.width
        x = self._sum(self.past, past)
        turn = _turns(time, width // self.recipe.heads)
        if not self.recipe.relative:
            x = x + torch.cat(_turns(time, width), -1)[:, 0]
        x = self.drop(x)
        for layer in self.layers:
            x = layer(x, turn)
        x = self.heard(x)[:, :, None] + self.drop(self._sum(self.now, now) + self.scale(scale))
        for layer in self.voices:
            x = layer(x)
        x = self.norm(x)
        # An interval from the pitch a voice sang last is a pitch: the network may say either.
        reached = torch.arange(REST, device=own.device) - own[..., None] + REST
        moved = F.pad(self.intervals(x).gather(-1, reached), (0, 1))
        return cast(Tensor, self.pitches(x) + moved)

    def _sum(self, table: nn.EmbeddingBag, features: Tensor) -> Tensor:
        """The sum of what was learnt of the features, [..., width]."""
        flat, deaf = features.flatten(0, -2), self.recipe.deaf if self.training else 0.0
        kept = F.dropout(table.weight.new_ones(flat.shape), deaf) if deaf else None
        found = cast(Tensor, table(flat, per_sample_weights=kept))
        return found.view(*features.shape[:-1], self.recipe.width)


def _turns(time: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Cosine and sine of the time at geometric periods, each [b, 1, n, size / 2]."""
    steps = torch.arange(size // 2, device=time.device) / max(size // 2 - 1, 1)
    angles = time[:, None, :, None] * (2 * torch.pi / (3.0 * (2 * CONTEXT / 3.0) ** steps))
    return angles.cos(), angles.sin()


class _Hidden(nn.Module):
    """A residual layer over each token by itself."""

    def __init__(self, recipe: Recipe, times: int) -> None:
        super().__init__()
        width = recipe.width
        self.norm = nn.LayerNorm(width)
        self.inward = nn.Linear(width, times * width)
        self.outward = nn.Linear(times * width, width)
        self.drop = nn.Dropout(recipe.dropout)

    def forward(self, x: Tensor) -> Tensor:
        return x + cast(Tensor, self.drop(self.outward(F.gelu(self.inward(self.norm(x))))))


class _Layer(nn.Module):
    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        width = recipe.width
        self.recipe = recipe
        self.norm = nn.LayerNorm(width)
        self.inward, self.outward = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.hidden = _Hidden(recipe, 4)
        self.drop = nn.Dropout(recipe.dropout)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        shape = (*x.shape[:2], 3, self.recipe.heads, x.shape[2] // self.recipe.heads)
        query, key, value = self.inward(self.norm(x)).view(shape).permute(2, 0, 3, 1, 4)
        if self.recipe.relative:
            query, key = _turned(query, turn), _turned(key, turn)
        heads = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        return cast(
            Tensor, self.hidden(x + self.drop(self.outward(heads.transpose(1, 2).flatten(2))))
        )


def _turned(heads: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    cosine, sine = (angle.to(heads.dtype) for angle in turn)
    first, second = heads.chunk(2, -1)
    return torch.cat((first * cosine - second * sine, first * sine + second * cosine), -1)


# --- learning ---------------------------------------------------------------------------------


class Batch(NamedTuple):
    """What the network is given, and the tokens it should find, [b, n, 4] (-1: none)."""

    past: Tensor
    now: Tensor
    own: Tensor
    scale: Tensor
    time: Tensor
    target: Tensor


def crops(pieces: list[Tokens], recipe: Recipe, step: int) -> Batch:
    """A batch of `CONTEXT` sixteenths (the longest of them, where all are shorter) by chance."""
    rng = np.random.Generator(np.random.PCG64([recipe.seed, step]))
    rows = []
    for _ in range(recipe.batch):
        piece = pieces[int(rng.integers(len(pieces)))]
        piece = _moved(piece, rng) if recipe.transposed else piece
        at = int(rng.integers(max(len(piece) - CONTEXT, 0) + 1))
        rows.append(_given(piece, at, min(at + CONTEXT, len(piece))))
    size = max(len(row.time) for row in rows)
    filled = [
        Batch(*(_filled(column, size, -1 if column is row.target else 0) for column in row))
        for row in rows
    ]
    return Batch(*(torch.stack(columns) for columns in zip(*filled, strict=True)))


def _given(piece: Tokens, at: int, end: int) -> Batch:
    """Sixteenths [at, end) of a piece, without rows."""
    found = known(piece)
    columns = (found.past, found.now, found.own, found.scale, np.arange(len(piece)), piece)
    return Batch(*(torch.from_numpy(column[at:end]) for column in columns))


def _filled(column: Tensor, size: int, value: int) -> Tensor:
    return torch.cat((column, column.new_full((size - len(column), *column.shape[1:]), value)))


def _moved(piece: Tokens, rng: np.random.Generator) -> Tokens:
    pitches = piece[piece < REST]
    low, high = max(-5, -int(pitches.min())), min(6, REST - 1 - int(pitches.max()))
    return np.where(piece < REST, piece + int(rng.integers(low, high + 1)), REST)


@torch.no_grad()
def nats(net: Chorales, pieces: list[Tokens]) -> float:
    """Mean over all tokens of all pieces.

    In a piece longer than the context, every token sees at least half a context before it.
    """
    net.eval()
    total, count = 0.0, 0
    for piece in pieces:
        for first, at, end in _windows(len(piece)):
            given = Batch(*(column[None] for column in _given(piece, at, end)))
            logits = net(*given[:-1])[0, first - at :].flatten(0, 1).float()
            target = given.target[0, first - at :].flatten()
            total += float(F.cross_entropy(logits, target, reduction="sum"))
            count += len(target)
    net.train()
    return total / count


def _windows(length: int) -> Iterator[tuple[int, int, int]]:
    """(first scored, first seen, end), so that each sixteenth is scored once."""
    yield 0, 0, min(length, CONTEXT)
    for first in range(CONTEXT, length, CONTEXT // 2):
        end = min(first + CONTEXT // 2, length)
        yield first, first - CONTEXT // 2, end


@dataclass
class Run:
    """A run that can be stopped and taken up again.

    Attributes:
        curve: (minutes, nats in training, nats on the validation split).
        best: Of the averaged weights that did best on the validation split: nats there, and on
            the test split.
    """

    recipe: Recipe
    step: int = 0
    minutes: float = 0.0
    curve: list[tuple[float, float, float]] = field(default_factory=list)
    best: dict[str, float] = field(default_factory=dict)


def learn(folder: Path, minutes: float, recipe: Recipe, pieces: dict[str, list[Tokens]]) -> Run:
    """Train for at most `minutes` more in `folder`, which holds what a later call goes on from."""
    run, net, average, optimiser = _opened(folder, recipe)
    began, before = time.monotonic(), run.minutes
    recent: list[float] = []
    while run.minutes - before < minutes and run.step < recipe.steps:
        for group in optimiser.param_groups:
            group["lr"] = rate(recipe, run.step)
        recent.append(_step(net, optimiser, crops(pieces["train"], recipe, run.step)))
        run.step += 1
        keep = min(recipe.averaging, (run.step + 1) / (run.step + 10))
        for mean, now in zip(average.parameters(), net.parameters(), strict=True):
            mean.data.lerp_(now.data, 1 - keep)
        run.minutes = before + (time.monotonic() - began) / 60
        done = run.minutes - before >= minutes or run.step == recipe.steps
        if run.step % 200 == 0 or done:
            _note(run, average, float(np.mean(recent)), pieces, folder)
            _keep(folder, run, net, average, optimiser)
            recent.clear()
    return run


def rate(recipe: Recipe, step: int) -> float:
    """Up in a line, then down along half a cosine."""
    falls = 0.5 + 0.5 * math.cos(math.pi * min(step / recipe.steps, 1.0))
    return recipe.rate * min(1.0, (step + 1) / recipe.warm_up) * falls


def _step(net: Chorales, optimiser: torch.optim.Optimizer, batch: Batch) -> float:
    with torch.autocast("cpu", torch.bfloat16):
        logits = net(*batch[:-1])
    target = batch.target.flatten()
    loss = F.cross_entropy(logits.float().flatten(0, 2), target, ignore_index=-1)
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def _note(
    run: Run, average: Chorales, recent: float, pieces: dict[str, list[Tokens]], folder: Path
) -> None:
    """Measure the averaged weights, and keep them where they are the best so far."""
    valid = nats(average, pieces["valid"])
    run.curve.append((round(run.minutes, 2), round(recent, 4), round(valid, 4)))
    if valid < run.best.get("valid", np.inf):
        test = nats(average, pieces["test"])
        run.best = {"valid": valid, "test": test, "step": run.step, "minutes": run.minutes}
        torch.save(average.state_dict(), folder / "best.pt")
    _log.info("step %d, %.1f min: train %.4f, valid %.4f", run.step, run.minutes, recent, valid)


def _opened(folder: Path, recipe: Recipe) -> tuple[Run, Chorales, Chorales, torch.optim.AdamW]:
    torch.manual_seed(recipe.seed)
    net, average = Chorales(recipe), Chorales(recipe)
    average.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    run = Run(recipe)
    kept = folder / "last.pt"
    if kept.exists():
        state: dict[str, Any] = torch.load(kept, weights_only=True)
        if state["recipe"] != asdict(recipe):
            raise StudioError(f"“{folder}” holds a run of another recipe.", "Name another folder.")
        net.load_state_dict(state["net"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        curve = [(float(a), float(b), float(c)) for a, b, c in state["curve"]]
        run = Run(recipe, state["step"], state["minutes"], curve, state["best"])
    return run, net, average, optimiser


def _keep(
    folder: Path, run: Run, net: Chorales, average: Chorales, optimiser: torch.optim.AdamW
) -> None:
    state = {
        **asdict(run),
        "net": net.state_dict(),
        "average": average.state_dict(),
        "optimiser": optimiser.state_dict(),
    }
    beside = folder / "last.part"
    torch.save(state, beside)
    beside.replace(folder / "last.pt")
    size = sum(p.numel() for p in net.parameters())
    told = {**asdict(run), "parameters": size}
    (folder / "jsb.json").write_text(json.dumps(told, indent=1))


# --- the command ------------------------------------------------------------------------------


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--minutes", type=float, default=30.0, help="how long to learn")
    parser.add_argument("--run", type=Path, required=True, metavar="DIR", help="taken up again")
    parser.add_argument(
        "--absolute", action="store_true", help="positions added to tokens, not turned"
    )


def run(arguments: argparse.Namespace) -> None:
    """Learn chorales for some minutes more, and say how likely held-out ones are."""
    pieces = chorales(arguments.data)
    arguments.run.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(relative=not arguments.absolute)
    best = learn(arguments.run, arguments.minutes, recipe, pieces).best
    _log.info("best: valid %.4f, test %.4f nats a token", best["valid"], best["test"])
