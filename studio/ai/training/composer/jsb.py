"""Bach's chorales in the token set of the literature, learnt by a decoder of its own.

Every sixteenth of a chorale is four tokens, soprano, alto, tenor and bass, each the pitch that
sounds in that voice or a rest; held and repeated notes are not told apart. The figure is the mean
negative log-likelihood of a token in nats, on the published split (Boulanger-Lewandowski et al.
2012), as in Huang et al. 2018, "Music Transformer", table of note-wise validation loss.
"""

from __future__ import annotations

import argparse
import json
import logging
import tarfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own name for it

from studio.ai.training.composer.bands.archives import data_folder
from studio.core.errors import StudioError

VOICES = 4
LOWEST, HIGHEST = 36, 81  # MIDI keys of all chorales
REST = HIGHEST - LOWEST + 1
CLASSES = REST + 1
START = CLASSES  # stands before the first token
CONTEXT = 1024  # tokens: 16 bars

Tokens = npt.NDArray[np.int64]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recipe:
    """The shape of the network and how it learns.

    Attributes:
        relative: Whether attention is turned by time and order (rotary); else both are added.
        transposed: Whether training chorales are moved by up to half an octave.
    """

    width: int = 192
    layers: int = 5
    heads: int = 6
    dropout: float = 0.2
    relative: bool = True
    transposed: bool = True
    batch: int = 4
    rate: float = 2e-3
    warm_up: int = 100
    averaging: float = 0.995
    seed: int = 1


def chorales(data: Path) -> dict[str, list[Tokens]]:
    """Tokens of every chorale by split, each of shape [4 * sixteenths].

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
    """Of MIDI keys (below 0: a rest) of shape [sixteenths, 4]."""
    flat = pitches.astype(np.int64).ravel()
    return np.where(flat < 0, REST, flat - LOWEST)


# --- the network ------------------------------------------------------------------------------


class Chorales(nn.Module):
    """A causal decoder over the voices of chorales."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        width = recipe.width
        self.recipe = recipe
        self.token = nn.Embedding(CLASSES + 1, width)
        self.voice = nn.Embedding(VOICES, width)
        self.layers = nn.ModuleList(_Layer(recipe) for _ in range(recipe.layers))
        self.norm = nn.LayerNorm(width)
        self.logits = nn.Linear(width, CLASSES)
        self.drop = nn.Dropout(recipe.dropout)

    def forward(self, before: Tensor, place: Tensor) -> Tensor:
        """Logits of each token, [b, n, CLASSES], from the token before it and its place, [b, n]."""
        turn = _turns(place, self.recipe.width // self.recipe.heads)
        x = self.token(before) + self.voice(place % VOICES)
        if not self.recipe.relative:
            wide = _turns(place, self.recipe.width)
            x = x + torch.cat(wide, -1)[:, 0]
        x = self.drop(x)
        for layer in self.layers:
            x = layer(x, turn)
        return cast(Tensor, self.logits(self.norm(x)))


def _turns(place: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Cosine and sine by sixteenths and by order, each [b, 1, n, size / 2]."""
    half = size // 4
    steps = torch.arange(half, device=place.device) / max(half - 1, 1)
    slow = 2 * torch.pi / (4.0 * (CONTEXT / 4.0) ** steps)
    time = (place // VOICES)[..., None] * slow
    order = place[..., None] * (2 * torch.pi / (3.0 * (2 * CONTEXT / 3.0) ** steps))
    angles = torch.cat((time, order), -1)[:, None]
    return angles.cos(), angles.sin()


class _Layer(nn.Module):
    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        width = recipe.width
        self.recipe = recipe
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.inward, self.outward = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.hidden = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )
        self.drop = nn.Dropout(recipe.dropout)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        shape = (*x.shape[:2], 3, self.recipe.heads, x.shape[2] // self.recipe.heads)
        query, key, value = self.inward(self.first(x)).view(shape).permute(2, 0, 3, 1, 4)
        if self.recipe.relative:
            query, key = _turned(query, turn), _turned(key, turn)
        heads = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.drop(self.outward(heads.transpose(1, 2).flatten(2)))
        return x + cast(Tensor, self.drop(self.hidden(self.second(x))))


def _turned(heads: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    cosine, sine = (angle.to(heads.dtype) for angle in turn)
    first, second = heads.chunk(2, -1)
    return torch.cat((first * cosine - second * sine, first * sine + second * cosine), -1)


# --- learning ---------------------------------------------------------------------------------


def crops(pieces: list[Tokens], recipe: Recipe, step: int) -> tuple[Tensor, Tensor, Tensor]:
    """Tokens before, places and targets (-1: none) of one batch, each [batch, CONTEXT]."""
    rng = np.random.Generator(np.random.PCG64([recipe.seed, step]))
    shape = (recipe.batch, CONTEXT)
    before, target = np.full(shape, START), np.full(shape, -1)
    place = np.zeros(shape, np.int64)
    for row in range(recipe.batch):
        piece = pieces[int(rng.integers(len(pieces)))]
        at = VOICES * int(rng.integers(max((len(piece) - CONTEXT) // VOICES, 0) + 1))
        whole = _moved(piece, rng) if recipe.transposed else piece
        size = min(len(piece) - at, CONTEXT)
        target[row, :size] = whole[at : at + size]
        before[row, :size] = np.concatenate(([START], whole))[at : at + size]
        place[row] = at + np.arange(CONTEXT)
    return torch.from_numpy(before), torch.from_numpy(place), torch.from_numpy(target)


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
        whole = np.concatenate(([START], piece))
        for first, at, end in _windows(len(piece)):
            before = torch.from_numpy(whole[at:end])[None]
            place = torch.arange(at, end)[None]
            target = torch.from_numpy(piece[at:end])
            losses = F.cross_entropy(net(before, place)[0].float(), target, reduction="none")
            total += float(losses[first - at :].sum())
            count += end - first
    net.train()
    return total / count


def _windows(length: int) -> Iterator[tuple[int, int, int]]:
    """(first scored, first seen, end), so that each token is scored once."""
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
    """Train for `minutes` more in `folder`, which holds what a later call goes on from."""
    run, net, average, optimiser = _opened(folder, recipe)
    began, before = time.monotonic(), run.minutes
    recent: list[float] = []
    while run.minutes - before < minutes:
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * min(1.0, (run.step + 1) / recipe.warm_up)
        recent.append(_step(net, optimiser, *crops(pieces["train"], recipe, run.step)))
        run.step += 1
        keep = min(recipe.averaging, (run.step + 1) / (run.step + 10))
        for mean, now in zip(average.parameters(), net.parameters(), strict=True):
            mean.data.lerp_(now.data, 1 - keep)
        run.minutes = before + (time.monotonic() - began) / 60
        if run.step % 100 == 0 or run.minutes - before >= minutes:
            _note(run, average, float(np.mean(recent)), pieces, folder)
            _keep(folder, run, net, average, optimiser)
            recent.clear()
    return run


def _step(
    net: Chorales, optimiser: torch.optim.Optimizer, before: Tensor, place: Tensor, target: Tensor
) -> float:
    with torch.autocast("cpu", torch.bfloat16):
        logits = net(before, place)
    loss = F.cross_entropy(logits.float().flatten(0, 1), target.flatten(), ignore_index=-1)
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
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=0.05)
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
