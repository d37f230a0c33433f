"""Training of the composer's network, from shards to weights that ship.

A run is a folder with a checkpoint, a log of JSON lines and its options. It may be stopped at any
moment (SIGTERM, SIGINT) and goes on exactly where it was. Started by torchrun, every process trains
on data of its own and their gradients are averaged.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.distributed import destroy_process_group, init_process_group
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, IterableDataset

from studio.ai.composer.vocabulary import FIELDS, OFFSETS, TAGS
from studio.ai.nets.composer import Composer, ComposerConfig, Losses
from studio.ai.nets.composer_weights import read, told_of
from studio.ai.training.composer.checkpoints import CHECKPOINT, Checkpoint, load, save
from studio.ai.training.composer.examples import Batch, batches
from studio.ai.training.composer.schedule import decay_at, rate_at, weights_of
from studio.ai.training.composer.shards import Shards
from studio.core.errors import StudioError

LOG = "log.jsonl"
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


def loader(options: Options, data: Data, workers: int) -> Iterator[dict[str, Tensor]]:
    """The batches as tensors, made in other processes where there are workers."""
    many = {"multiprocessing_context": "spawn", "prefetch_factor": 4} if workers else {}
    found: DataLoader[dict[str, Tensor]] = DataLoader(
        data,  # type: ignore[arg-type]
        batch_size=None,
        num_workers=min(workers, 1),
        worker_init_fn=_in_worker,
        pin_memory=torch.cuda.is_available(),
        **many,  # type: ignore[arg-type]
    )
    return iter(found)


def _in_worker(_worker: int) -> None:
    """A worker ends when its run does, not by Ctrl+C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)


class Log:
    """A file of JSON lines; a line says what happened since the one before."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def write(self, **line: object) -> None:
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


class Trainer:
    """A network being trained, with everything that has to be kept to go on.

    Args:
        options: As told; what changes the result is the checkpoint's where the run resumes.

    Raises:
        StudioError: The run is to resume and its checkpoint cannot be read, or it is to begin where
            there is one.
    """

    def __init__(self, options: Options) -> None:
        path = options.run / CHECKPOINT
        kept = load(path) if options.resume else None
        if kept is None and path.exists():
            raise StudioError(
                f"{options.run} holds a run.", "Go on with --resume, or name another."
            )
        options = options.of(kept) if kept else replace(options, rate=options.rate or RATE)
        self.options = options
        self.rank, self.ranks = int(os.environ.get("RANK", "0")), _ranks()
        self.device = _device()
        torch.manual_seed(options.seed)
        self.net = Composer(options.config).to(self.device)
        self.average = Composer(options.config).to(self.device).requires_grad_(False)
        self.average.load_state_dict(self.net.state_dict())
        self.optimizer = _optimizer(self.net)
        self.step, self.notes, self.seconds = 0, 0, 0.0
        self.warm = 0  # the step from which the rate warms up
        if kept:
            self._restore(kept)
        elif options.begin is not None:
            self._take_up(options.begin)
        self.module = _shared(self.net, self.device)
        self.log = Log(None if self.rank else options.run / LOG)
        self.valid: dict[str, list[dict[str, Tensor]]] = {}
        self.stopping = False

    def _restore(self, kept: Checkpoint) -> None:
        self.net.load_state_dict(kept.weights)
        self.average.load_state_dict(kept.average)
        self.optimizer.load_state_dict(kept.optimizer)
        self.step, self.notes, self.seconds = kept.step, kept.notes, kept.seconds

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

    def keep(self) -> None:
        """Write the checkpoint."""
        if self.rank == 0:
            kept = Checkpoint(
                asdict(self.options.config),
                self.net.state_dict(),
                self.average.state_dict(),
                self.optimizer.state_dict(),
                self.step,
                self.notes,
                self.seconds,
                self.options.lasting(),
            )
            save(self.options.run / CHECKPOINT, kept)

    def data(self) -> Iterator[dict[str, Tensor]]:
        """Batches from the present step on."""
        seed = self.options.seed + 1000003 * self.rank
        data = Data(self.options, "train", seed=seed, step=self.step)
        return loader(self.options, data, self.options.workers)

    def one_step(self, batch: Mapping[str, Tensor], rate: float, *, decay: float) -> Losses:
        """Lower the loss of a batch; a step that is not finite changes nothing."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast(self.device.type, torch.bfloat16):
            losses: Losses = self.module(_on(batch, self.device))
        losses.mean().backward()
        norm = nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        if bool(norm.isfinite()):
            self.optimizer.step()
            with torch.no_grad():
                averages: list[Tensor] = list(self.average.parameters())
                torch._foreach_lerp_(averages, list[Tensor](self.net.parameters()), 1 - decay)
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        return losses

    def train(self) -> None:
        """Steps until the limit, or until told to stop; then a last checkpoint."""
        options = self.options
        began, first = time.monotonic(), self.seconds
        clock = {"log": began, "keep": began, "validate": began}
        tally = Tally(self.log, self.device, self.ranks)
        for batch in self.data():
            rate = rate_at(self.step - self.warm, options.rate)
            losses = self.one_step(batch, rate, decay=decay_at(self.step))
            self.notes += tally.add(losses) * self.ranks
            now = time.monotonic()
            self.seconds = first + now - began
            if _due(clock, "log", now, options.log_seconds):
                tally.write(step=self.step, notes=self.notes, seconds=self.seconds, lr=rate)
            if _due(clock, "keep", now, 60 * options.checkpoint_minutes):
                self.keep()
            if _due(clock, "validate", now, 60 * options.validate_minutes):
                self.log.write(step=self.step, notes=self.notes, valid=self.validate(self.average))
            if self._over(now - began):
                break
        self.keep()
        self.log.write(step=self.step, notes=self.notes, valid=self.validate(self.average))

    def _over(self, seconds: float) -> bool:
        """Whether to stop after the step just done, in agreement with the other processes."""
        options = self.options
        over = self.stopping or bool(options.steps and self.step >= options.steps)
        over = over or bool(options.minutes and seconds >= 60 * options.minutes)
        return self._agreed(float(over)) > 0

    def _agreed(self, value: float) -> float:
        """The largest value that any of the processes has."""
        if self.ranks == 1:
            return value
        told = torch.tensor(value, device=self.device)
        torch.distributed.all_reduce(told, torch.distributed.ReduceOp.MAX)
        return float(told)

    def cool(self, *, minutes: float, steps: int) -> None:
        """Go on while the rate sinks to nothing; the average follows closely."""
        began, first = time.monotonic(), self.step
        tally = Tally(self.log, self.device, self.ranks)
        for batch in self.data():
            spent = (time.monotonic() - began) / 60 / minutes if minutes else 0.0
            done = max(spent, (self.step - first) / steps if steps else 0.0, float(self.stopping))
            done = self._agreed(done)
            if done >= 1:
                break
            rate = rate_at(self.step, self.options.rate) * (1 - done)
            losses = self.one_step(batch, rate, decay=min(0.98, decay_at(self.step - first)))
            self.notes += tally.add(losses) * self.ranks
        tally.write(step=self.step, cooled=self.step - first)

    def leave(self) -> None:
        """Part from the other processes."""
        if self.ranks > 1:
            destroy_process_group()

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
                    tally.add(net.losses(_on(batch, self.device)))
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
        data = iter(loader(options, Data(options, "valid", seed=0, name=name), 0))
        found[name] = [next(data) for _ in range(options.valid_batches)]
    return found


def _due(clock: dict[str, float], name: str, now: float, seconds: float) -> bool:
    if now - clock[name] < seconds:
        return False
    clock[name] = now
    return True


def _optimizer(net: Composer) -> torch.optim.AdamW:
    """Matrices decay; tables of embeddings, norms and biases do not."""
    tables = {id(net.embedding.weight), id(net.known.weight)}
    decaying = [p for p in net.parameters() if p.dim() == 2 and id(p) not in tables]
    chosen = {id(p) for p in decaying}
    rest = [p for p in net.parameters() if id(p) not in chosen]
    groups = [{"params": decaying, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.95), fused=True)


def _on(batch: Mapping[str, Tensor], device: torch.device) -> dict[str, Tensor]:
    return {name: value.to(device, non_blocking=True) for name, value in batch.items()}


def _ranks() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def _device() -> torch.device:
    if not torch.cuda.is_available():
        return torch.device("cpu")
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    torch.cuda.set_device(device)
    torch.set_float32_matmul_precision("high")
    return device


def _shared(net: Composer, device: torch.device) -> nn.Module:
    """The network, its gradients averaged over all processes where there are several."""
    if _ranks() == 1:
        return net
    init_process_group("nccl" if device.type == "cuda" else "gloo")
    return DistributedDataParallel(net, [device.index] if device.type == "cuda" else None)


def train(options: Options) -> None:
    """Train until a limit or a signal.

    Raises:
        StudioError: There is no music, or the run's checkpoint does not allow it.
    """
    torch.set_num_threads(options.threads or os.cpu_count() or 1)
    trainer = Trainer(options)
    heeding(trainer)
    options.run.mkdir(parents=True, exist_ok=True)
    try:
        trainer.train()
    finally:
        trainer.leave()


def heeding(trainer: Trainer) -> None:
    """Let SIGTERM and SIGINT end the run after the step under way."""

    def stop(_signal: int, _frame: object) -> None:
        trainer.stopping = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def add_common(told: argparse.ArgumentParser) -> None:
    """What both training and shipping are told."""
    told.add_argument("--work", type=Path, required=True, help="folder of the shards")
    told.add_argument("--run", type=Path, required=True, help="folder of the run")
    told.add_argument("--minutes", type=float, default=0.0, help="end after so many")
    told.add_argument("--steps", type=int, default=0, help="end after so many")
    told.add_argument("--threads", type=int, default=0, help="of torch; all where 0")
    told.add_argument("--workers", type=int, default=1, choices=(0, 1), help="that make data")


def add_arguments(told: argparse.ArgumentParser) -> None:
    """Say what may be told on the command line."""
    add_common(told)
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
