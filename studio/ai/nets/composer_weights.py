"""The composer's weights as they ship: float16 safetensors, and beside them what the network is."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from studio.ai.nets.composer import Composer, ComposerConfig
from studio.core.errors import StudioError

WEIGHTS = "weights.safetensors"
ABOUT = "composer.json"


def write(
    folder: Path, config: ComposerConfig, weights: Mapping[str, Tensor], about: Mapping[str, Any]
) -> None:
    """Write the weights with the network's shape, their SHA-256 and `about` beside."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{WEIGHTS}.{os.getpid()}.part"
    save_file({name: value.half().contiguous() for name, value in weights.items()}, part)
    digest = hashlib.sha256(part.read_bytes()).hexdigest()
    part.replace(folder / WEIGHTS)
    text = json.dumps({"network": asdict(config), "digest": digest, **about}, indent=1) + "\n"
    (folder / ABOUT).write_text(text, "utf-8")


def read(folder: Path) -> Composer:
    """The network from weights that `write` wrote, in float32 and without gradients.

    Raises:
        StudioError: The weights are missing or do not fit.
    """
    about = told_of(folder)
    try:
        net = Composer(ComposerConfig(**about["network"]))
        halves = load_file(folder / WEIGHTS)
        net.load_state_dict({name: value.to(torch.float32) for name, value in halves.items()})
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise StudioError("The composer's weights cannot be read.", "Install them anew.") from error
    return net.eval().requires_grad_(False)


def told_of(folder: Path) -> dict[str, Any]:
    """What is written beside the weights.

    Raises:
        StudioError: There is nothing, or it cannot be read.
    """
    try:
        told: dict[str, Any] = json.loads((folder / ABOUT).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise StudioError("The composer's weights cannot be read.", "Install them anew.") from error
    return told
