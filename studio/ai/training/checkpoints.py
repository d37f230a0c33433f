"""A run on disk: its checkpoint, from which training goes on exactly."""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor

from studio.core.errors import StudioError

CHECKPOINT = "checkpoint.pt"
# What unpickling says of a file that is something else.
_UNREADABLE = (OSError, RuntimeError, TypeError, KeyError, EOFError, pickle.UnpicklingError)


@dataclass(kw_only=True)
class Checkpoint:
    """Everything that training needs to go on as though it had never stopped.

    Attributes:
        config: The network's shape.
        weights, average: Of the network, and their running average.
        optimizer: State of the optimizer.
        step: Steps done; the data of step s depend on the seed and s alone.
        seconds: Spent on training so far.
        options: Those of the run that change its result.
    """

    config: dict[str, Any]
    weights: dict[str, Tensor]
    average: dict[str, Tensor]
    optimizer: dict[str, Any]
    step: int
    seconds: float
    options: dict[str, Any]


Kind = TypeVar("Kind", bound=Checkpoint)


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write the checkpoint to `path` in one step: a run stopped here leaves the one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    told = {field.name: getattr(checkpoint, field.name) for field in fields(checkpoint)}
    with part.open("wb") as file:
        torch.save(told, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def load(path: Path, kind: type[Kind]) -> Kind:
    """Read a checkpoint that `save` wrote.

    Raises:
        StudioError: The file is missing or is no checkpoint of that kind.
    """
    try:
        return kind(**torch.load(path, map_location="cpu", weights_only=True))
    except _UNREADABLE as error:
        raise StudioError(f"{path} holds no checkpoint.", "Train without --resume.") from error


def begun(run: Path, kind: type[Kind], *, resume: bool) -> Kind | None:
    """Where the run in this folder stands; nothing where it is to begin.

    Raises:
        StudioError: It is to go on and its checkpoint cannot be read, or it is to begin where there
            is one.
    """
    path = run / CHECKPOINT
    if resume:
        return load(path, kind)
    if path.exists():
        raise StudioError(f"{run} holds a run.", "Go on with --resume, or name another.")
    return None
