"""Training of the composer's network, from shards to weights that ship; runs as `trainer` says."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset

from studio.ai.composer.vocabulary import FIELDS, OFFSETS, TAGS
from studio.ai.nets.composer import Composer, ComposerConfig, Losses
from studio.ai.nets.composer_weights import read, told_of
from studio.ai.training import checkpoints, trainer
from studio.ai.training.composer.checkpoints import Checkpoint
from studio.ai.training.composer.examples import Batch, batches
from studio.ai.training.composer.schedule import weights_of
from studio.ai.training.composer.shards import Shards
from studio.ai.training.trainer import Log, loader, on, take_threads
from studio.core.errors import StudioError

RATE = 1.5e-3  # found at width 320
_CONTEXT_TAGS = [
    OFFSETS["tag"] + TAGS.index(tag) for tag in ("before", "after", "locked", "meanwhile")
]


@dataclass(frozen=True)
class Options:
    """What a run is told.

    Attributes:
        work: Folder that holds `shards/<split>/<collection>.npz`.
        run: Folder of the run.
        minutes, steps: The run ends after either; 0 is no limit.
        rate: Of learning; 0 is `RATE`, or that of the run that is resumed.
        tokens: Rows of a batch. length: Most rows of an example.
        only: Collections to train on; all where empty.
        context: Whether the network sees the notes around the gap.
        workers: Processes that make the data; 0 makes them in this one.
        begin: Folder of shipped weights that a run without a checkpoint starts from.
    """

    work: Path
    run: Path
    config: ComposerConfig = field(default_factory=ComposerConfig)
    minutes: float = 0
    steps: int = 0
    resume: bool = False
    rate: float = 0
    tokens: int = 4096
    length: int = 512
    seed: int = 1
    only: tuple[str, ...] = ()
    context: bool = True
    threads: int = 0
    workers: int = 1
    log_seconds: float = 20
    checkpoint_minutes: float = 5
    validate_minutes: float = 10
    valid_batches: int = 2
    begin: Path | None = None

    def lasting(self) -> dict[str, Any]:
        """Those that change the result, as the checkpoint keeps them."""
        names = ("rate", "tokens", "length", "seed", "context")
        return {name: getattr(self, name) for name in names} | {"only": list(self.only)}

    def of(self, checkpoint: Checkpoint) -> Options:
        """These options, but those that change the result as the checkpoint has them."""
        kept = {**checkpoint.options, "only": tuple(checkpoint.options["only"])}
        kept["rate"] = self.rate or kept["rate"]
        return replace(self, config=ComposerConfig(**checkpoint.config), **kept)


class Data(IterableDataset[Batch]):
    """The batches of a split, from step `step` on, without end."""

    def __init__(
        self, options: Options, split: str, *, seed: int, step: int = 0, name: str = ""
    ) -> None:
        super().__init__()
        self.options, self.split, self.seed, self.step, self.name = options, split, seed, step, name

    def __iter__(self) -> Iterator[Batch]:
        wanted = (self.name,) if self.name else self.options.only
        shards = collections(self.options.work, self.split, wanted)
        notes = {name: int(one.note_counts.sum()) for name, one in shards.items()}
        found = batches(
            shards,
            weights_of(notes),
            seed=self.seed,
            step=self.step,
            tokens=self.options.tokens,
            length=self.options.length,
        )
        return found if self.options.context else map(without_context, found)


def collections(work: Path, split: str, only: Sequence[str] = ()) -> dict[str, Shards]:
    """The shards of a split by collection; all where none is named.

    Raises:
        StudioError: There are none.
    """
    found = sorted((work / "shards" / split).glob("*.npz"))
    shards = {path.stem: Shards(path) for path in found if not only or path.stem in only}
    shards = {name: one for name, one in shards.items() if len(one) and one.note_counts.sum()}
    if not shards:
        raise StudioError(f"{work} holds no music for {split}.", "Run `prepare` first.")
    return shards


def without_context(batch: Batch) -> Batch:
    """The batch with nothing told of the notes around the gap: their rows are seen by none."""
    around = np.isin(batch["features"][..., 1], _CONTEXT_TAGS)
    return {**batch, "features": np.where(around[..., None], 0, batch["features"])}


class Trainer(trainer.Trainer[Composer, dict[str, Tensor]]):
    """The composer's network being trained.

    Args:
        options: As told; what changes the result is the checkpoint's where the run resumes.

    Raises:
        StudioError: The run is to resume and its checkpoint cannot be read, or it is to begin where
            there is one.
    """

    def __init__(self, options: Options) -> None:
        kept = checkpoints.begun(options.run, Checkpoint, resume=options.resume)
        options = options.of(kept) if kept else replace(options, rate=options.rate or RATE)
        self.options = options
        self.notes = kept.notes if kept else 0
        self.valid: dict[str, list[dict[str, Tensor]]] = {}
        torch.manual_seed(options.seed)
        super().__init__(options, Composer(options.config), kept)
        if kept is None and options.begin is not None:
            self._take_up(options.begin)

    def _take_up(self, folder: Path) -> None:
        """Go on from shipped weights, of this run's shape: what the optimizer knew is lost."""
        shipped, about = read(folder), told_of(folder)
        if shipped.config != self.options.config:
            raise StudioError(
                f"The weights in {folder} are of another shape.",
                f"Say --layers {shipped.config.layers} --width {shipped.config.width} "
                f"--heads {shipped.config.heads}.",
            )
        self.net.load_state_dict(shipped.state_dict())
        self.average.load_state_dict(shipped.state_dict())
        self.step, self.notes = int(about.get("steps", 0)), int(about.get("notes", 0))
        self.warm = self.step

    def optimized(self, net: Composer) -> torch.optim.Optimizer:
        """Matrices decay; tables of embeddings, norms and biases do not."""
        tables = {id(net.embedding.weight), id(net.known.weight)}
        decaying = [p for p in net.parameters() if p.dim() == 2 and id(p) not in tables]
        chosen = {id(p) for p in decaying}
        rest = [p for p in net.parameters() if id(p) not in chosen]
        groups = [{"params": decaying, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.95), fused=True)

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(
            config=asdict(self.options.config),
            weights=self.net.state_dict(),
            average=self.average.state_dict(),
            optimizer=self.optimizer.state_dict(),
            step=self.step,
            notes=self.notes,
            seconds=self.seconds,
            options=self.options.lasting(),
        )

    def data(self) -> Iterator[dict[str, Tensor]]:
        seed = self.options.seed + 1000003 * self.rank
        data = Data(self.options, "train", seed=seed, step=self.step)
        return loader(data, self.options.workers)

    def tally(self) -> Tally:
        return Tally(self.log, self.device, self.ranks)

    def heard(self, amount: float) -> None:
        self.notes += int(amount)

    def line(self) -> dict[str, object]:
        return {"step": self.step, "notes": self.notes}

    def validate(self, net: Composer) -> dict[str, dict[str, float]]:
        """Nats a class by field, and nats a note, on fixed batches of each collection."""
        if self.rank:
            return {}
        if not self.valid:
            self.valid = fixed_batches(self.options)
        found = {}
        net.eval()
        for name, several in self.valid.items():
            tally = Tally(Log(None), self.device)
            with torch.no_grad(), torch.autocast(self.device.type, torch.bfloat16):
                for batch in several:
                    tally.add(net.losses(on(batch, self.device)))
            found[name] = tally.means()
        net.train()
        return found


class Tally:
    """Sums of losses since it last told of them."""

    def __init__(self, log: Log, device: torch.device, ranks: int = 1) -> None:
        self.log, self.device, self.ranks = log, device, ranks
        self._clear()

    def _clear(self) -> None:
        self.sums = torch.zeros(len(FIELDS), device=self.device)
        self.counts = torch.zeros(len(FIELDS), device=self.device)
        self.tokens, self.began = 0, time.monotonic()

    def add(self, losses: Losses) -> int:
        """Returns how many positions bore loss."""
        self.sums += losses.sums.detach()
        self.counts += losses.counts
        tokens = int(losses.tokens)
        self.tokens += tokens
        return tokens

    def means(self) -> dict[str, float]:
        """Nats a class by field, and nats a position as `all`."""
        each = (self.sums / self.counts.clamp(min=1)).tolist()
        told = {name: round(value, 4) for name, value in zip(FIELDS, each, strict=True)}
        counts = self.counts.tolist()
        told = {name: told[name] for name, n in zip(FIELDS, counts, strict=True) if n}
        return {**told, "all": round(float(self.sums.sum()) / max(self.tokens, 1), 4)}

    def write(self, **line: object) -> None:
        """Tell the log, and begin anew."""
        speed = self.ranks * self.tokens / max(time.monotonic() - self.began, 1e-9)
        self.log.write(**line, notes_a_second=round(speed), loss=self.means())
        self._clear()


def fixed_batches(options: Options) -> dict[str, list[dict[str, Tensor]]]:
    """The batches on which a run is judged, by collection: the same at all times."""
    found = {}
    for name in collections(options.work, "valid", options.only):
        data = loader(Data(options, "valid", seed=0, name=name), 0)
        found[name] = [next(data) for _ in range(options.valid_batches)]
    return found


def train(options: Options) -> None:
    """Train until a limit or a signal.

    Raises:
        StudioError: There is no music, or the run's checkpoint does not allow it.
    """
    take_threads(options.threads)
    Trainer(options).run()


def add_arguments(told: argparse.ArgumentParser) -> None:
    """Say what may be told on the command line."""
    trainer.add_arguments(told)
    told.add_argument("--resume", action="store_true", help="go on where the run stopped")
    told.add_argument("--layers", type=int, default=ComposerConfig().layers)
    told.add_argument("--width", type=int, default=ComposerConfig().width)
    told.add_argument("--heads", type=int, default=ComposerConfig().heads)
    told.add_argument("--no-relative", dest="relative", action="store_false")
    told.add_argument("--no-context", dest="context", action="store_false")
    told.add_argument("--only", nargs="*", default=[], help="collections")
    told.add_argument("--rate", type=float, default=Options.rate, help="of learning; 0: the usual")
    told.add_argument("--tokens", type=int, default=Options.tokens, help="rows of a batch")
    told.add_argument("--length", type=int, default=Options.length, help="rows of an example")
    told.add_argument("--seed", type=int, default=Options.seed)
    told.add_argument("--begin", type=Path, help="folder of weights to start from")


def run(told: argparse.Namespace) -> None:
    """Train as told.

    Raises:
        StudioError: See `train`.
    """
    config = ComposerConfig(told.width, told.layers, told.heads, told.relative)
    shape = ("width", "layers", "heads", "relative", "only", "command")
    rest = {name: value for name, value in vars(told).items() if name not in shape}
    train(Options(config=config, only=tuple(told.only), **rest))
