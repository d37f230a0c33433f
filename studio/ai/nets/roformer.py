"""Band-split RoFormer (Lu, Wang, Kong and Hung, "Music source separation with band-split RoPE
transformer", ICASSP 2024) and its kin on mel bands (Wang, Lu and Won, "Mel-band RoFormer for music
source separation", 2023), with names of weights as published checkpoints have them.

The spectrum is cut into bands, transformers look along time and along bands in turn, and each stem
has a complex mask for every band.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

_THETA = 10_000.0  # of rotary positions
_SLANEY_HZ, _SLANEY_MEL = 1000.0, 15.0  # where the mel scale turns from linear to logarithmic
_SLANEY_STEP = 6.4  # the ratio that 27 mels above it make


@dataclass(frozen=True, slots=True)
class Shape:
    """What weights and their description tell of a network.

    Attributes:
        bands: Bins of each band, from 0 Hz on; they overlap where they are mel bands.
        window, hop, length: Of the transform: FFT size, step and length of the Hann window, frames.
        layers: Of each of `depth` pairs: attentions along time, and along bands.
        masks: Widths of each mask's layers, but for the last one.
        normed: Whether every transformer ends in a norm, instead of the whole network.
        summed: Whether each pair hears the sum of what the pairs before it found.
    """

    width: int
    heads: int
    head_width: int
    depth: int
    layers: tuple[int, int]
    widening: int
    bands: tuple[tuple[int, ...], ...]
    stems: int
    masks: tuple[int, ...]
    window: int
    hop: int
    length: int
    normalized: bool
    normed: bool
    summed: bool


class RoFormer(nn.Module):
    """Stereo sound [2, frames] -> stems [stems, 2, frames]."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self._shape = shape
        self.layers = nn.ModuleList(
            nn.ModuleList(_Transformer(shape, count) for count in shape.layers)
            for _ in range(shape.depth)
        )
        widths = [4 * len(band) for band in shape.bands]  # two channels, real and imaginary
        self.band_split = _Split(shape.width, widths)
        self.mask_estimators = nn.ModuleList(_Masks(shape, widths) for _ in range(shape.stems))
        self.final_norm = nn.Identity() if shape.normed else _Norm(shape.width)
        bins = torch.tensor([bin for band in shape.bands for bin in band])
        self.register_buffer("_bins", bins, persistent=False)
        count = torch.bincount(bins, minlength=shape.window // 2 + 1).float()
        self.register_buffer("_count", count, persistent=False)
        self.register_buffer("_hann", torch.hann_window(shape.length), persistent=False)

    def forward(self, sound: Tensor) -> Tensor:
        spectrum = torch.stft(sound, **self._transform(), return_complex=True)
        found = torch.view_as_real(spectrum)[:, self.get_buffer("_bins")]
        x = self.band_split(found.permute(2, 1, 0, 3).flatten(1))  # [time, bands, width]
        before: list[Tensor] = []
        for along_time, along_bands in self._pairs():
            if self._shape.summed:
                x = sum(before, x)
            x = along_time(x.transpose(0, 1)).transpose(0, 1)
            x = along_bands(x)
            before.append(x)
        x = self.final_norm(x)
        stems = [self._heard(spectrum, masks(x), sound.shape[1]) for masks in self.mask_estimators]
        return torch.stack(stems)

    def _pairs(self) -> list[tuple[nn.Module, nn.Module]]:
        return [(pair[0], pair[1]) for pair in self.layers if isinstance(pair, nn.ModuleList)]

    def _heard(self, spectrum: Tensor, mask: Tensor, frames: int) -> Tensor:
        """Sound [2, frames] through one stem's mask [time, values]; overlapping bands: the mean."""
        bins, count = self.get_buffer("_bins"), self.get_buffer("_count")
        rows = torch.view_as_complex(mask.unflatten(1, (len(bins), 2, 2)))
        whole = torch.zeros_like(spectrum).index_add_(1, bins, rows.permute(2, 1, 0))
        masked = spectrum * whole / count[:, None].clamp_min(1.0)
        return torch.istft(masked, **self._transform(), length=frames)

    def _transform(self) -> dict[str, Any]:
        shape = self._shape
        return {
            "n_fft": shape.window,
            "hop_length": shape.hop,
            "win_length": shape.length,
            "window": self.get_buffer("_hann"),
            "normalized": shape.normalized,
        }


class _Norm(nn.Module):
    """Every row at length sqrt(width), times what was learnt."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))
        self._scale = float(width**0.5)

    def forward(self, x: Tensor) -> Tensor:
        return functional.normalize(x, dim=-1) * self._scale * self.gamma


class _Turns(nn.Module):
    """Rotary positions (Su et al., "RoFormer", 2021), on neighbouring pairs of values."""

    def __init__(self, width: int) -> None:
        super().__init__()
        powers = torch.arange(0, width, 2) / width
        self.freqs = nn.Parameter(_THETA**-powers, requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """x [..., places, width], each turned by its place."""
        angle = torch.arange(x.shape[-2], device=x.device)[:, None] * self.freqs
        turned = torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous())
        turned = turned * torch.polar(torch.ones_like(angle), angle)
        return torch.view_as_real(turned).flatten(-2)


class _Attention(nn.Module):
    """Attention with a gate for each head."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        inner = shape.heads * shape.head_width
        self._split = (3, shape.heads, shape.head_width)
        self.rotary_embed = _Turns(shape.head_width)
        self.norm = _Norm(shape.width)
        self.to_qkv = nn.Linear(shape.width, 3 * inner, bias=False)
        self.to_gates = nn.Linear(shape.width, shape.heads)
        self.to_out = nn.Sequential(nn.Linear(inner, shape.width, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(x)
        query, key, value = self.to_qkv(x).unflatten(-1, self._split).permute(2, 0, 3, 1, 4)
        query, key = self.rotary_embed(query), self.rotary_embed(key)
        found = functional.scaled_dot_product_attention(query, key, value)
        found = found * self.to_gates(x).sigmoid().transpose(1, 2)[..., None]
        told: Tensor = self.to_out(found.transpose(1, 2).flatten(2))
        return told


class _Transformer(nn.Module):
    """Rows [n, places, width] -> the same."""

    def __init__(self, shape: Shape, count: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.ModuleList([_Attention(shape), _Forward(shape)]) for _ in range(count)
        )
        self.norm = _Norm(shape.width) if shape.normed else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            for part in layer.children():
                x = part(x) + x
        told: Tensor = self.norm(x)
        return told


class _Forward(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        inner = shape.widening
        self.net = nn.Sequential(
            _Norm(shape.width),
            nn.Linear(shape.width, inner),
            nn.GELU(),
            nn.Identity(),
            nn.Linear(inner, shape.width),
        )

    def forward(self, x: Tensor) -> Tensor:
        told: Tensor = self.net(x)
        return told


class _Split(nn.Module):
    """Spectra [time, values of all bands] -> [time, bands, width]."""

    def __init__(self, width: int, widths: Sequence[int]) -> None:
        super().__init__()
        self._widths = list(widths)
        self.to_features = nn.ModuleList(
            nn.Sequential(_Norm(one), nn.Linear(one, width)) for one in widths
        )

    def forward(self, x: Tensor) -> Tensor:
        bands = zip(self.to_features, x.split(self._widths, -1), strict=True)
        return torch.stack([part(band) for part, band in bands], 1)


class _Masks(nn.Module):
    """[time, bands, width] -> one stem's masks [time, values of all bands]."""

    def __init__(self, shape: Shape, widths: Sequence[int]) -> None:
        super().__init__()
        self.to_freqs = nn.ModuleList(
            nn.Sequential(_layers((shape.width, *shape.masks, 2 * one)), nn.GLU()) for one in widths
        )

    def forward(self, x: Tensor) -> Tensor:
        bands = zip(self.to_freqs, x.unbind(1), strict=True)
        return torch.cat([part(band) for part, band in bands], -1)


def _layers(widths: Sequence[int]) -> nn.Sequential:
    """Linear layers with a tanh between every two."""
    parts: list[nn.Module] = []
    for before, after in pairwise(widths):
        parts += [nn.Linear(before, after), nn.Tanh()]
    return nn.Sequential(*parts[:-1])


def plain_bands(counts: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """The bins of bands that follow one another, of so many bins each."""
    ends = torch.tensor([0, *counts]).cumsum(0).tolist()
    return tuple(tuple(range(first, end)) for first, end in pairwise(ends))


def mel_bands(count: int, window: int, sample_rate: int) -> tuple[tuple[int, ...], ...]:
    """The bins under each of `count` triangles on Slaney's mel scale, up to half the rate."""
    hz = torch.linspace(0.0, sample_rate / 2, window // 2 + 1, dtype=torch.float64)
    edges = _hz_of(torch.linspace(0.0, 1.0, count + 2, dtype=torch.float64) * _mel_of(hz[-1]))
    rising = (hz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - hz) / (edges[2:] - edges[1:-1])[:, None]
    inside = torch.minimum(rising, falling) > 0.0
    inside[0, 0] = inside[-1, -1] = True
    return tuple(tuple(row.nonzero()[:, 0].tolist()) for row in inside)


def _mel_of(hz: Tensor) -> Tensor:
    above = 27.0 * torch.log(hz / _SLANEY_HZ) / torch.log(torch.tensor(_SLANEY_STEP))
    return torch.where(hz < _SLANEY_HZ, hz * _SLANEY_MEL / _SLANEY_HZ, _SLANEY_MEL + above)


def _hz_of(mel: Tensor) -> Tensor:
    above = _SLANEY_HZ * _SLANEY_STEP ** ((mel - _SLANEY_MEL) / 27.0)
    return torch.where(mel < _SLANEY_MEL, mel * _SLANEY_HZ / _SLANEY_MEL, above)
