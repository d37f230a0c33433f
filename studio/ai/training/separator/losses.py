"""What training lowers: how far the stems are off as waveforms, and as levels."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from studio.ai.nets.separator import SAMPLE_RATE, Separator, masked

NAMES = ("wave", "level")
_LEAST = 1e-8  # of power: below it a level's slope ends
_QUIET = 1e-3  # of a mix: one still quieter counts for less


@dataclass
class Losses:
    """Of a batch.

    Attributes:
        parts: Shape [b, 2, stems]: for each stem L1 of the waveform and of the compressed levels,
            as shares of the mix's.
        seconds: Of all mixtures together.
    """

    parts: Tensor
    seconds: float

    def mean(self) -> Tensor:
        """What training lowers."""
        return self.parts.sum((1, 2)).mean()


class Judge(nn.Module):
    """Gives the losses of a batch; safe on silence.

    Args:
        net: To be judged.
    """

    def __init__(self, net: Separator) -> None:
        super().__init__()
        self.net = net
        config = net.config
        # Every band counts as much as any other, however many bins it has.
        bins = [bins for bands, bins in config.groups for _ in range(bands * bins)]
        weights = 1 / torch.tensor(bins, dtype=torch.float32) / config.bands
        self.register_buffer("weights", weights.to(net.hann.device), persistent=False)
        self.weights: Tensor

    def forward(self, batch: dict[str, Tensor]) -> Losses:
        """`stems` [b, stems, 2, n] of which the sum is the mix."""
        stems = batch["stems"]
        mix = stems.sum(1)
        frames = mix.shape[-1]
        spectrum = self.net.spectrum(mix)
        masks = self.net.masks(spectrum)
        found = self.net.sound(masked(spectrum, masks), frames)
        loud = mix.abs().mean((1, 2)) + _QUIET
        wave = (found - stems).abs().mean((2, 3)) / loud[:, None]
        level = self._levels(spectrum, masks, self.net.spectrum(stems))
        return Losses(torch.stack((wave, level), 1), len(stems) * frames / SAMPLE_RATE)

    def _levels(self, spectrum: Tensor, masks: Tensor, wanted: Tensor) -> Tensor:
        """Difference [b, stems] of the compressed levels, as a share of the mix's level."""
        power = _power(spectrum)
        found = compressed(masks.square() * power[:, None])
        off = (found - compressed(_power(wanted))).abs().mean(2) @ self.weights
        whole = compressed(power).mean(1) @ self.weights
        return off / whole[:, None]


def _power(spectrum: Tensor) -> Tensor:
    """Of left and right together [..., steps, bins], of [..., 2, steps, bins + 1]."""
    left, right = torch.view_as_real(spectrum[..., :-1]).unbind(-4)
    # One sum over both axes would take five times as long on processors.
    found = left[..., 0].square()
    for part in (left[..., 1], right[..., 0], right[..., 1]):
        found.addcmul_(part, part)
    return found


def compressed(power: Tensor) -> Tensor:
    """Roots of the levels, so that quiet partials count; with a slope everywhere."""
    return (power + _LEAST).sqrt().sqrt()
