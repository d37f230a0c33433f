"""Shares of a network's masks handed on to other stems, where it is known to mistake them.

A network takes one stem for another in ways of its own. A blend says of every mask how much of it
belongs to every stem, in a few bands, and apart for what is alike left and right, as voices and
basses mostly are. It is found by least squares on music of which the stems are known; what all
stems are given remains the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor

EDGES_HZ = (300.0, 1200.0)  # between the bands
BANDS = len(EDGES_HZ) + 1
_LEAST = 1e-12


def blended(masks: Tensor, spectrum: Tensor, blend: Tensor, bin_hz: float) -> Tensor:
    """The masks [b, stems, steps, bins] after a blend [bands, 2 stems, stems]; they sum to one.

    Args:
        spectrum: Of the mix [b, 2, steps, bins + 1].
        bin_hz: How far its bins lie apart.
    """
    found = torch.empty_like(masks)
    for band, shares in zip(bands(masks.shape[-1], bin_hz), blend.to(masks), strict=True):
        seen = clues(masks[..., band], spectrum[..., band])
        found[..., band] = torch.einsum("bfto,fs->bsto", seen, shares)
    found.clamp_(0, 1)
    found[:, -1] = 1 - found[:, :-1].sum(1)
    return found


def bands(bins: int, bin_hz: float) -> Iterator[slice]:
    """The bins of every band."""
    edges = [0, *(min(round(hz / bin_hz), bins) for hz in EDGES_HZ), bins]
    return (slice(first, last) for first, last in pairwise(edges))


def clues(masks: Tensor, spectrum: Tensor) -> Tensor:
    """The masks [b, stems, steps, bins], and once more where left and right are alike
    [b, 2 stems, steps, bins]."""
    left, right = torch.view_as_real(spectrum).unbind(1)
    power = (left.square() + right.square()).sum(-1)
    alike = (2 * (left * right).sum(-1) / (power + _LEAST)).clamp(0, 1) ** 4
    return torch.cat((masks, masks * alike[:, None]), 1)
