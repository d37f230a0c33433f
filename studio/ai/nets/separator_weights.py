"""The separator's weights as they ship.

Beside them stands `trust`: how far each stem is to be trusted on music that was not learnt from,
from 0 to 1, as measured when the weights were made; and perhaps a `blend` of the masks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studio.ai.nets import weights as shipped
from studio.ai.nets.separator import Separator, SeparatorConfig
from studio.ai.nets.separator_blend import BANDS
from studio.ai.requests import STEMS

_NAME = "separator"


def write(
    folder: Path, config: SeparatorConfig, weights: Mapping[str, Tensor], about: Mapping[str, Any]
) -> None:
    """Write the weights with the network's shape, their SHA-256 and `about` beside."""
    shipped.write(folder, _NAME, asdict(config), weights, about)


def read(folder: Path) -> Separator:
    """The network from weights that `write` wrote, in float32 and without gradients.

    Raises:
        StudioError: The weights are missing or do not fit.
    """
    net = shipped.read(folder, _NAME, lambda shape: Separator(SeparatorConfig(**shape)))
    told = told_of(folder)
    trust = told.get("trust", {})
    net.trust = {stem: float(trust.get(stem, 1.0)) for stem in STEMS}
    net.blend = _blend(told["blend"]) if "blend" in told else None
    return net


def _blend(told: Any) -> Tensor:
    try:
        blend = torch.tensor(told, dtype=torch.float32)
    except (ValueError, TypeError) as error:
        raise shipped.unreadable(_NAME) from error
    if blend.shape != (BANDS, 2 * len(STEMS), len(STEMS)) or not bool(blend.isfinite().all()):
        raise shipped.unreadable(_NAME)
    return blend


def told_of(folder: Path) -> dict[str, Any]:
    """What is written beside the weights.

    Raises:
        StudioError: There is nothing, or it cannot be read.
    """
    return shipped.told_of(folder, _NAME)
