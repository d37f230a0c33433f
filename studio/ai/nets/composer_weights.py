"""The composer's weights as they ship."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import Tensor

from studio.ai.nets import weights as shipped
from studio.ai.nets.composer import Composer, ComposerConfig

_NAME = "composer"


def write(
    folder: Path, config: ComposerConfig, weights: Mapping[str, Tensor], about: Mapping[str, Any]
) -> None:
    """Write the weights with the network's shape, their SHA-256 and `about` beside."""
    shipped.write(folder, _NAME, asdict(config), weights, about)


def read(folder: Path) -> Composer:
    """The network from weights that `write` wrote, in float32 and without gradients.

    Raises:
        StudioError: The weights are missing or do not fit.
    """
    return shipped.read(folder, _NAME, lambda shape: Composer(ComposerConfig(**shape)))


def told_of(folder: Path) -> dict[str, Any]:
    """What is written beside the weights.

    Raises:
        StudioError: There is nothing, or it cannot be read.
    """
    return shipped.told_of(folder, _NAME)
