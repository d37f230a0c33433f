"""Training of the separator's network from a bank of stems; runs as `trainer` says."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import IterableDataset

from studio.ai.nets import separator_weights
from studio.ai.nets.separator import Separator, SeparatorConfig
from studio.ai.requests import STEMS
from studio.ai.training import checkpoints, trainer
from studio.ai.training.separator.bank import index
from studio.ai.training.separator.bank.mixing import Mixer
from studio.ai.training.separator.losses import NAMES, Judge, Losses
from studio.ai.training.separator.measures import Measures
from studio.ai.training.trainer import Log, loader, take_threads
from studio.core.errors import StudioError

RATE = 2e-3
STEP_FRAMES = 1024
Batch: TypeAlias = dict[str, npt.NDArray[np.float32]]


@dataclass(kw_only=True)
class Checkpoint(checkpoints.Checkpoint):
    """A run and how much it has heard.

    Attributes:
        heard_seconds: Of mixtures.
    """

    heard_seconds: float


@dataclass(frozen=True)
class Options:
    """What a run is told.

    Attributes:
        work: Folder that holds the bank.
        run: Folder of the run.
        minutes, steps: The run ends after either; 0 is no limit.
        rate: Of learning; 0 is `RATE`, or that of the run that is resumed.
        batch: Mixtures of a step. frames: Of each.
        workers: Processes that make the data; 0 makes them in this one.
        valid_mixtures: On which a run is judged, the same at all times.
        begin: Folder of shipped weights that a run without a checkpoint starts from.
    """

    work: Path
    run: Path
    config: SeparatorConfig = field(default_factory=SeparatorConfig)
    minutes: float = 0
    steps: int = 0
    resume: bool = False
    rate: float = 0
    batch: int = 4
    frames: int = 256 * STEP_FRAMES
    seed: int = 1
    threads: int = 0
    workers: int = 1
    log_seconds: float = 20
    checkpoint_minutes: float = 5
    validate_minutes: float = 15
    valid_mixtures: int = 24
    begin: Path | None = None

    def lasting(self) -> dict[str, Any]:
        """Those that change the result, as the checkpoint keeps them."""
        return {name: getattr(self, name) for name in ("rate", "batch", "frames", "seed")}

    def of(self, checkpoint: Checkpoint) -> Options:
        """These options, but those that change the result as the checkpoint has them."""
        kept = {**checkpoint.options, "rate": self.rate or checkpoint.options["rate"]}
        return replace(self, config=SeparatorConfig(**checkpoint.config), **kept)


class Data(IterableDataset[Batch]):
    """Mixtures of what is to be learnt from, a batch for each step from `step` on, without end."""

    def __init__(self, options: Options, *, seed: int, step: int) -> None:
        super().__init__()
        self.options, self.seed, self.step = options, seed, step

    def __iter__(self) -> Iterator[Batch]:
        mixer = Mixer(index.load(self.options.work), self.seed, frames=self.options.frames)
        size = self.options.batch
        for step in count(self.step):
            yield {"stems": np.stack([mixer.draw(step * size + i) for i in range(size)])}


class Trainer(trainer.Trainer[Separator, dict[str, Tensor]]):
    """The separator's network being trained.

    Args:
        options: As told; what changes the result is the checkpoint's where the run resumes.

    Raises:
        StudioError: The run is to resume and its checkpoint cannot be read, or it is to begin where
            there is one; or there is no bank, or nothing in it to learn from; or the weights to
            begin with cannot be read.
    """

    def __init__(self, options: Options) -> None:
        kept = checkpoints.begun(options.run, Checkpoint, resume=options.resume)
        options = options.of(kept) if kept else replace(options, rate=options.rate or RATE)
        self.options = options
        self.heard_seconds = kept.heard_seconds if kept else 0.0
        self.valid: list[Tensor] = []
        Mixer(index.load(options.work), 0)  # says now whether there is nothing
        torch.manual_seed(options.seed)
        super().__init__(options, Separator(options.config), kept)
        if kept is None and options.begin is not None:
            self._take_up(options.begin)

    def _take_up(self, folder: Path) -> None:
        """Start from weights that shipped; the optimizer knows nothing yet, so the rate warms up.

        Raises:
            StudioError: They cannot be read, or have another shape.
        """
        net, told = separator_weights.read(folder), separator_weights.told_of(folder)
        if net.config != self.options.config:
            shape = f"--window {net.config.window} --width {net.config.width}"
            raise StudioError(
                f"The weights in {folder} have another shape.",
                f"Say {shape} --blocks {net.config.blocks}.",
            )
        for one in (self.net, self.average):
            one.load_state_dict(net.state_dict())
        self.step, self.heard_seconds = int(told["steps"]), float(told["heard_seconds"])
        self.seconds, self.warm = float(told["seconds"]), self.step

    def judge(self) -> Judge:
        return Judge(self.net)

    def optimized(self, net: Separator) -> torch.optim.Optimizer:
        """Matrices decay; norms and biases do not."""
        decaying = [p for name, p in net.named_parameters() if p.dim() >= 2 and "bias" not in name]
        chosen = {id(p) for p in decaying}
        rest = [p for p in net.parameters() if id(p) not in chosen]
        groups = [{"params": decaying, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.98), fused=True)

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(
            config=asdict(self.options.config),
            weights=self.net.state_dict(),
            average=self.average.state_dict(),
            optimizer=self.optimizer.state_dict(),
            step=self.step,
            heard_seconds=self.heard_seconds,
            seconds=self.seconds,
            options=self.options.lasting(),
        )

    def data(self) -> Iterator[dict[str, Tensor]]:
        seed = self.options.seed + 1000003 * self.rank
        return loader(Data(self.options, seed=seed, step=self.step), self.options.workers)

    def tally(self) -> Tally:
        return Tally(self.log, self.ranks)

    def heard(self, amount: float) -> None:
        self.heard_seconds += amount

    def line(self) -> dict[str, object]:
        return {"step": self.step, "heard_seconds": round(self.heard_seconds, 1)}

    def validate(self, net: Separator) -> Mapping[str, Mapping[str, float]]:
        """Of each stem what `Measures` tells, on fixed mixtures of what is held out."""
        if self.rank:
            return {}
        if not self.valid:
            self.valid = fixed_mixtures(self.options)
        found = Measures()
        net.eval()
        with torch.no_grad(), torch.autocast(self.device.type, torch.bfloat16):
            for stems in self.valid:
                heard = net(stems.sum(0)[None].to(self.device))[0]
                found.add(stems.numpy(), heard.float().cpu().numpy())
        net.train()
        return found.told()


class Tally:
    """Sums of losses since it last told of them."""

    def __init__(self, log: Log, ranks: int) -> None:
        self.log, self.ranks = log, ranks
        self._clear()

    def _clear(self) -> None:
        self.sums: Tensor | None = None
        self.steps, self.seconds, self.began = 0, 0.0, time.monotonic()

    def add(self, losses: Losses) -> float:
        """Returns how many seconds of sound there were."""
        told = losses.parts.detach().mean(0)
        self.sums = told if self.sums is None else self.sums + told
        self.steps += 1
        self.seconds += losses.seconds
        return losses.seconds

    def means(self) -> dict[str, float]:
        """Each loss over all stems, the waveform's of each stem, and what training lowers."""
        if self.sums is None:
            return {}
        wave, level = (self.sums / self.steps).tolist()
        each = dict(zip(STEMS, wave, strict=True))
        told = {**each, **dict(zip(NAMES, (sum(wave), sum(level)), strict=True))}
        return {name: round(value, 4) for name, value in told.items()}

    def write(self, **line: object) -> None:
        """Tell the log, and begin anew."""
        speed = self.ranks * self.seconds / max(time.monotonic() - self.began, 1e-9)
        self.log.write(**line, seconds_a_second=round(speed, 2), loss=self.means())
        self._clear()


def fixed_mixtures(options: Options) -> list[Tensor]:
    """The mixtures [4, 2, n] on which a run is judged; none where a bank only begun has none."""
    bank = index.load(options.work)
    if not any(clip.split == "valid" for clip in bank.clips):
        return []
    mixer = Mixer(bank, 0, split="valid", frames=options.frames)
    return [torch.from_numpy(mixer.draw(i)) for i in range(options.valid_mixtures)]


def train(options: Options) -> None:
    """Train until a limit or a signal.

    Raises:
        StudioError: There is no bank, or the run's checkpoint does not allow it.
    """
    take_threads(options.threads)
    Trainer(options).run()


def add_arguments(told: argparse.ArgumentParser) -> None:
    """Say what may be told on the command line."""
    trainer.add_arguments(told)
    told.add_argument("--resume", action="store_true", help="go on where the run stopped")
    told.add_argument("--begin", type=Path, help="folder of weights to start from")
    told.add_argument("--window", type=int, default=SeparatorConfig.window)
    told.add_argument("--width", type=int, default=SeparatorConfig.width)
    told.add_argument("--blocks", type=int, default=SeparatorConfig.blocks)
    told.add_argument("--rate", type=float, default=Options.rate, help="of learning; 0: the usual")
    told.add_argument("--batch", type=int, default=Options.batch, help="mixtures of a step")
    told.add_argument("--frames", type=int, default=Options.frames, help="of a mixture")
    told.add_argument("--seed", type=int, default=Options.seed)


def run(told: argparse.Namespace) -> None:
    """Train as told.

    Raises:
        StudioError: See `train`.
    """
    config = SeparatorConfig(told.window, told.width, told.blocks)
    shape = ("window", "width", "blocks", "command")
    rest = {name: value for name, value in vars(told).items() if name not in shape}
    train(Options(config=config, **rest))
