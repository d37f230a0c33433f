"""Small networks that split, and sound for them."""

from __future__ import annotations

import torch
from torch import Tensor

from studio.ai.nets.separator import Banded, Separator, SeparatorConfig

SMALL = SeparatorConfig(window=2048, width=8, blocks=2)


def network(seed: int = 0, config: SeparatorConfig = SMALL) -> Separator:
    """A network that has learnt nothing, of which the masks are far from even."""
    torch.manual_seed(seed)
    net = Separator(config).eval().requires_grad_(False)
    for layer in banded(net):
        layer.weight.mul_(20)
    return net


def banded(net: Separator) -> list[Banded]:
    """The layers that make masks."""
    return [layer for layer in net.join if isinstance(layer, Banded)]


def noise(frames: int, seed: int = 1) -> Tensor:
    return 0.1 * torch.randn(1, 2, frames, generator=torch.Generator().manual_seed(seed))
