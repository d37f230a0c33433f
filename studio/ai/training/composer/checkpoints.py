"""A run on disk: its checkpoint, from which training goes on exactly, and the weights to ship."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from studio.ai.nets.composer import Composer, ComposerConfig
from studio.core.errors import StudioError

CHECKPOINT = "checkpoint.pt"
WEIGHTS = "weights.safetensors"
CONFIG = "composer.json"
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


def ship(
    folder: Path, config: ComposerConfig, weights: Mapping[str, Tensor], about: Mapping[str, Any]
) -> None:
    """Write the weights in float16 with the network's shape and what is known of them beside."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{WEIGHTS}.{os.getpid()}.part"
    halves = {name: value.to(torch.float16).contiguous() for name, value in weights.items()}
    save_file(halves, part)
    text = json.dumps({"network": asdict(config), **about}, indent=1) + "\n"
    part.replace(folder / WEIGHTS)
    (folder / CONFIG).write_text(text, "utf-8")


def shipped(folder: Path) -> Composer:
    """The network from weights that `ship` wrote, in float32, ready to write.

    Raises:
        StudioError: The weights are missing or do not fit.
    """
    try:
        about = json.loads((folder / CONFIG).read_text("utf-8"))
        net = Composer(ComposerConfig(**about["network"]))
        net.load_state_dict({k: v.float() for k, v in load_file(folder / WEIGHTS).items()})
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise StudioError("The composer's weights cannot be read.", "Install them anew.") from error
    return net.eval().requires_grad_(False)
