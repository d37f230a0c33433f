"""Weights of our own networks as they ship: float16 safetensors, and JSON of what they are beside.

A folder holds `weights.safetensors` and `<name>.json` with the network's shape, the SHA-256 of the
weights and whatever the training had to say.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from studio.core.errors import StudioError

WEIGHTS = "weights.safetensors"
Net = TypeVar("Net", bound=nn.Module)


def write(
    folder: Path,
    name: str,
    network: Mapping[str, Any],
    weights: Mapping[str, Tensor],
    about: Mapping[str, Any],
) -> None:
    """Write the weights of the network `name`, and its shape `network` with `about` beside."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{WEIGHTS}.{os.getpid()}.part"
    save_file({key: value.half().contiguous() for key, value in weights.items()}, part)
    digest = hashlib.sha256(part.read_bytes()).hexdigest()
    part.replace(folder / WEIGHTS)
    text = json.dumps({"network": dict(network), "digest": digest, **about}, indent=1) + "\n"
    (folder / f"{name}.json").write_text(text, "utf-8")


def read(folder: Path, name: str, build: Callable[[dict[str, Any]], Net]) -> Net:
    """The network from weights that `write` wrote, in float32 and without gradients.

    Args:
        build: Makes the network from its shape.

    Raises:
        StudioError: The weights are missing or do not fit.
    """
    about = told_of(folder, name)
    try:
        net = build(about["network"])
        halves = load_file(folder / WEIGHTS)
        net.load_state_dict({key: value.to(torch.float32) for key, value in halves.items()})
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise unreadable(name) from error
    return net.eval().requires_grad_(False)


def told_of(folder: Path, name: str) -> dict[str, Any]:
    """What is written beside the weights.

    Raises:
        StudioError: There is nothing, or it cannot be read.
    """
    try:
        told: dict[str, Any] = json.loads((folder / f"{name}.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise unreadable(name) from error
    return told


def unreadable(name: str) -> StudioError:
    """What to say where the weights of the network `name` are damaged."""
    return StudioError(f"The {name}'s weights cannot be read.", "Install them anew.")
