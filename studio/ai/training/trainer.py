"""Training of a network, from its first step to weights that ship; what is common to all recipes.

A run is a folder with a checkpoint and a log of JSON lines. It may be stopped at any moment
(SIGTERM, SIGINT) and goes on exactly where it was. Started by torchrun, every process trains on
data of its own and their gradients are averaged.
"""

from __future__ import annotations

import argparse
import copy
import ctypes
import json
import os
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn
from torch.distributed import destroy_process_group, init_process_group
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, IterableDataset

from studio.ai.training.checkpoints import CHECKPOINT, Checkpoint, save
from studio.ai.training.schedule import decay_at, rate_at

LOG = "log.jsonl"
# Options of mallopt(3): no block by mmap, never trim, grow by 64 MB.
_MALLOC = ((-4, 0), (-1, 2**31 - 1), (-2, 2**26))


class Options(Protocol):
    """What every run is told.

    Attributes:
        run: Folder of the run.
        minutes, steps: The run ends after either; 0 is no limit.
        rate: Of learning.
    """

    @property
    def run(self) -> Path: ...
    @property
    def minutes(self) -> float: ...
    @property
    def steps(self) -> int: ...
    @property
    def rate(self) -> float: ...
    @property
    def threads(self) -> int: ...
    @property
    def log_seconds(self) -> float: ...
    @property
    def checkpoint_minutes(self) -> float: ...
    @property
    def validate_minutes(self) -> float: ...


class Losses(Protocol):
    """What a network says of a batch."""

    def mean(self) -> Tensor:
        """What training lowers."""
        ...


class Tally(Protocol):
    """Sums of losses since it last told of them."""

    def add(self, losses: Any, /) -> float:
        """Returns how much bore loss."""
        ...

    def write(self, **line: object) -> None:
        """Tell the log, and begin anew."""
        ...


class Log:
    """A file of JSON lines; a line says what happened since the one before."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def write(self, **line: object) -> None:
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


Net = TypeVar("Net", bound=nn.Module)
Batch = TypeVar("Batch", bound=Mapping[str, Tensor])


class Trainer(ABC, Generic[Net, Batch]):
    """A network being trained, with everything that has to be kept to go on.

    Args:
        options: As told.
        net: At its start.
        kept: Where the run stands, if it is not to begin.
    """

    def __init__(self, options: Options, net: Net, kept: Checkpoint | None) -> None:
        self._options = options
        self.rank, self.ranks = int(os.environ.get("RANK", "0")), ranks()
        self.device = _device()
        self.net = net.to(self.device)
        self.average = copy.deepcopy(self.net).requires_grad_(False)
        self.optimizer = self.optimized(self.net)
        self.step, self.seconds = 0, 0.0
        self.warm = 0  # the step from which the rate warms up
        if kept:
            self.net.load_state_dict(kept.weights)
            self.average.load_state_dict(kept.average)
            self.optimizer.load_state_dict(kept.optimizer)
            self.step, self.seconds = kept.step, kept.seconds
        self.log = Log(None if self.rank else options.run / LOG)
        self.stopping = False
        self._module = _shared(self.judge(), self.device)

    @abstractmethod
    def optimized(self, net: Net) -> torch.optim.Optimizer:
        """The optimizer of the network."""

    @abstractmethod
    def checkpoint(self) -> Checkpoint:
        """All that is to be kept."""

    @abstractmethod
    def data(self) -> Iterator[Batch]:
        """Batches from the present step on."""

    @abstractmethod
    def tally(self) -> Tally:
        """Sums of losses, still empty."""

    @abstractmethod
    def heard(self, amount: float) -> None:
        """Count what bore loss in a step."""

    @abstractmethod
    def line(self) -> dict[str, object]:
        """How far the run is, for its log."""

    @abstractmethod
    def validate(self, net: Net) -> Mapping[str, Mapping[str, float]]:
        """Figures on what is held out."""

    def judge(self) -> nn.Module:
        """What gives the losses of a batch; the network itself, unless told otherwise."""
        return self.net

    def keep(self) -> None:
        """Write the checkpoint."""
        if self.rank == 0:
            save(self._options.run / CHECKPOINT, self.checkpoint())

    def one_step(self, batch: Batch, rate: float, *, decay: float) -> Losses:
        """Lower the loss of a batch; a step that is not finite changes nothing."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast(self.device.type, torch.bfloat16):
            losses: Losses = self._module(on(batch, self.device))
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

    def run(self) -> None:
        """Train until a limit or a signal, in the run's folder."""
        self.heed()
        keep_memory()
        self._options.run.mkdir(parents=True, exist_ok=True)
        try:
            self.train()
        finally:
            self.leave()

    def train(self) -> None:
        """Steps until the limit, or until told to stop; then a last checkpoint."""
        options = self._options
        began, first = time.monotonic(), self.seconds
        clock = {"log": began, "keep": began, "validate": began}
        tally = self.tally()
        for batch in self.data():
            rate = rate_at(self.step - self.warm, options.rate)
            losses = self.one_step(batch, rate, decay=decay_at(self.step))
            self.heard(tally.add(losses) * self.ranks)
            now = time.monotonic()
            self.seconds = first + now - began
            if _due(clock, "log", now, options.log_seconds):
                tally.write(**self.line(), seconds=self.seconds, lr=rate)
            if _due(clock, "keep", now, 60 * options.checkpoint_minutes):
                self.keep()
            if _due(clock, "validate", now, 60 * options.validate_minutes):
                self.log.write(**self.line(), valid=self.validate(self.average))
            if self._over(now - began):
                break
        self.keep()
        self.log.write(**self.line(), valid=self.validate(self.average))

    def _over(self, seconds: float) -> bool:
        """Whether to stop after the step just done, in agreement with the other processes."""
        options = self._options
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
        tally = self.tally()
        for batch in self.data():
            spent = (time.monotonic() - began) / 60 / minutes if minutes else 0.0
            done = max(spent, (self.step - first) / steps if steps else 0.0, float(self.stopping))
            done = self._agreed(done)
            if done >= 1:
                break
            rate = rate_at(self.step, self._options.rate) * (1 - done)
            losses = self.one_step(batch, rate, decay=min(0.98, decay_at(self.step - first)))
            self.heard(tally.add(losses) * self.ranks)
        tally.write(step=self.step, cooled=self.step - first)

    def heed(self) -> None:
        """Let SIGTERM and SIGINT end the run after the step under way."""

        def stop(_signal: int, _frame: object) -> None:
            self.stopping = True

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)

    def leave(self) -> None:
        """Part from the other processes."""
        if self.ranks > 1:
            destroy_process_group()


def on(batch: Mapping[str, Tensor], device: torch.device) -> dict[str, Tensor]:
    """The batch on a device."""
    return {name: value.to(device, non_blocking=True) for name, value in batch.items()}


def loader(data: IterableDataset[Any], workers: int) -> Iterator[dict[str, Tensor]]:
    """The batches as tensors, made in another process where there is a worker."""
    many = {"multiprocessing_context": "spawn", "prefetch_factor": 4} if workers else {}
    found: DataLoader[dict[str, Tensor]] = DataLoader(
        data,
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


def ranks() -> int:
    """Processes that train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def take_threads(count: int) -> None:
    """Give torch so many threads; all where 0."""
    torch.set_num_threads(count or os.cpu_count() or 1)


def keep_memory() -> None:
    """Let glibc keep freed memory for the next step.

    Usually it hands large blocks back at once, and a step on a processor spends half its time on
    getting them anew, page by page. Elsewhere than on glibc nothing changes.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if set_option is not None:
        for option, value in _MALLOC:
            set_option(option, value)


def _due(clock: dict[str, float], name: str, now: float, seconds: float) -> bool:
    if now - clock[name] < seconds:
        return False
    clock[name] = now
    return True


def _device() -> torch.device:
    if not torch.cuda.is_available():
        return torch.device("cpu")
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    torch.cuda.set_device(device)
    torch.set_float32_matmul_precision("high")
    return device


def _shared(net: nn.Module, device: torch.device) -> nn.Module:
    """The network, its gradients averaged over all processes where there are several."""
    if ranks() == 1:
        return net
    init_process_group("nccl" if device.type == "cuda" else "gloo")
    return DistributedDataParallel(net, [device.index] if device.type == "cuda" else None)


def add_arguments(told: argparse.ArgumentParser) -> None:
    """What both training and shipping are told, whatever the network."""
    told.add_argument("--work", type=Path, required=True, help="folder of what is learnt from")
    told.add_argument("--run", type=Path, required=True, help="folder of the run")
    told.add_argument("--minutes", type=float, default=0.0, help="end after so many")
    told.add_argument("--steps", type=int, default=0, help="end after so many")
    told.add_argument("--threads", type=int, default=0, help="of torch; all where 0")
    told.add_argument("--workers", type=int, default=1, choices=(0, 1), help="that make data")
