"""A run on disk: its checkpoint, from which training goes on exactly."""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studio.core.errors import StudioError

CHECKPOINT = "checkpoint.pt"
# What unpickling says of a file that is something else.
_UNREADABLE = (OSError, RuntimeError, TypeError, KeyError, EOFError, pickle.UnpicklingError)


@dataclass(slots=True)
class Checkpoint:
    """Everything that training needs to go on as though it had never stopped.

    Attributes:
        weights, average: Of the network, and their running average.
        optimizer: State of the optimizer.
        step: Steps done; the data of step s depend on the seed and s alone.
        notes: Positions that bore loss so far.
        seconds: Spent on training so far.
        options: Those of the run that change its result.
    """

    config: dict[str, Any]
    weights: dict[str, Tensor]
    average: dict[str, Tensor]
    optimizer: dict[str, Any]
    step: int
    notes: int
    seconds: float
    options: dict[str, Any]


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write the checkpoint to `path` in one step: a run stopped here leaves the one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    fields = {name: getattr(checkpoint, name) for name in Checkpoint.__slots__}
    with part.open("wb") as file:
        torch.save(fields, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def load(path: Path) -> Checkpoint:
    """Read a checkpoint that `save` wrote.

    Raises:
        StudioError: The file is missing or is no checkpoint.
    """
    try:
        return Checkpoint(**torch.load(path, map_location="cpu", weights_only=True))
    except _UNREADABLE as error:
        raise StudioError(f"{path} holds no checkpoint.", "Train without --resume.") from error
