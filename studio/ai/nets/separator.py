"""The network that splits a mix into stems.

It looks at the levels of the spectrum in bands that are narrow at the bottom, as in Luo and Yu
2023, "Music source separation with band-split RNN"; but where that one has recurrent layers,
dilated convolutions look along time (as in Conv-TasNet, Luo and Mesgarani 2019) and a small
perceptron across the bands. It answers with one real mask for each stem, shared by left and
right; a softmax over the stems makes the masks sum to one, so that the stems sum to the mix.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from studio.ai.nets.separator_blend import blended
from studio.ai.requests import STEMS
from studio.core.errors import StudioError

SAMPLE_RATE = 44_100
# Bands of equal width lie in groups: how many, and bins of each at a window of 2048 frames. A last
# group takes what is left.
_GROUPS = ((8, 2), (8, 4), (8, 8), (8, 16), (6, 32), (4, 64), (2, 168))
_FLOOR = 1e-10  # of power; 100 dB below a sine at full scale
_DEAD = 1e-6  # of the other side's power


@dataclass(frozen=True)
class SeparatorConfig:
    """Shape of the network.

    Attributes:
        window, hop: Of the short-time Fourier transform, in frames; the hop is a quarter.
        width: Channels of each band. blocks: Of convolution and mixing, one after another.
        kernel: Steps of time that a convolution sees; block b skips 2**b, from the sixth on anew.
    """

    window: int = 4096
    width: int = 64
    blocks: int = 6
    kernel: int = 5

    @property
    def hop(self) -> int:
        return self.window // 4

    @property
    def bins(self) -> int:
        """Bins that a mask tells of; the one at half the sample rate takes its neighbour's."""
        return self.window // 2

    @property
    def groups(self) -> tuple[tuple[int, int], ...]:
        """How many bands, and how many bins each."""
        return tuple((bands, wide * self.window // 2048) for bands, wide in _GROUPS)

    @property
    def bands(self) -> int:
        return sum(bands for bands, _ in _GROUPS)

    @property
    def dilations(self) -> tuple[int, ...]:
        """Of the convolution in each block."""
        return tuple(2 ** (block % 5) for block in range(self.blocks))

    @property
    def reach(self) -> int:
        """Frames of sound on either side on which a frame of the stems depends."""
        steps: int = sum(self.dilations) * (self.kernel // 2)
        return steps * self.hop + self.window


class Block(nn.Module):
    """Looks along time within each band, then across the bands at each moment."""

    def __init__(self, config: SeparatorConfig, dilation: int) -> None:
        super().__init__()
        width, bands = config.width, config.bands
        pad = (dilation * (config.kernel // 2), 0)
        self.before = nn.LayerNorm(width)
        self.along = nn.Conv2d(
            width, width, (config.kernel, 1), padding=pad, dilation=(dilation, 1), groups=width
        )
        self.wide, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.between = nn.LayerNorm(width)
        self.across, self.back = nn.Linear(bands, 2 * bands), nn.Linear(2 * bands, bands)

    def forward(self, x: Tensor) -> Tensor:
        """x [b, steps, bands, width], and so is what is returned."""
        seen = self._along(self.before(x))
        x = x + self.narrow(functional.gelu(self.wide(seen)))
        mixed = self.back(functional.gelu(self.across(self.between(x).transpose(2, 3))))
        found: Tensor = x + mixed.transpose(2, 3)
        return found

    def _along(self, x: Tensor) -> Tensor:
        # With the channels last in memory neither permutation copies. In bfloat16 the slope of such
        # a convolution's weights would hold what lay in memory before, on processors.
        with torch.autocast(x.device.type, enabled=False):
            found: Tensor = self.along(x.float().permute(0, 3, 1, 2))
        return found.permute(0, 2, 3, 1)


class Separator(nn.Module):
    """Mix in, stems out; see the module.

    Raises:
        StudioError: The window is no multiple of 2048.
    """

    def __init__(self, config: SeparatorConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or SeparatorConfig()
        if config.window % 2048 or config.window <= 0:
            raise StudioError("The separator's window has to be a multiple of 2048.")
        width = config.width
        self.split = nn.ModuleList(Banded(bands, 4 * bins, width) for bands, bins in config.groups)
        self.blocks = nn.ModuleList(Block(config, dilation) for dilation in config.dilations)
        self.norm = nn.LayerNorm(width)
        self.head = Banded(config.bands, width, 2 * width)
        self.join = nn.ModuleList(
            Banded(bands, 2 * width, len(STEMS) * bins) for bands, bins in config.groups
        )
        self.trust = dict.fromkeys(STEMS, 1.0)  # on music that was not learnt from
        self.blend: Tensor | None = None  # [bands, 2 stems, stems], of `shares`
        self.register_buffer("hann", torch.hann_window(config.window), persistent=False)
        self.hann: Tensor

    def forward(self, mix: Tensor) -> Tensor:
        """The stems of a mix [b, 2, n] as [b, 4, 2, n], in the order of `STEMS`.

        The last stem is what the others leave of the mix.
        """
        spectrum = self.spectrum(mix)
        masks = self.shares(spectrum)
        some = self.sound(masked(spectrum, masks[:, :-1]), mix.shape[-1])
        return torch.cat((some, (mix - some.sum(1))[:, None]), 1)

    def spectrum(self, sound: Tensor) -> Tensor:
        """Complex [..., steps, window / 2 + 1] of [..., n]; silence lies before and after.

        A sine at full scale has a magnitude of one in its bin.
        """
        window, hop = self.config.window, self.config.hop
        rest = -sound.shape[-1] % hop
        padded = functional.pad(sound, (window - hop, window - hop + rest))
        found: Tensor = torch.fft.rfft(padded.unfold(-1, window, hop) * self.hann)
        return found * (4 / window)

    def sound(self, spectrum: Tensor, frames: int) -> Tensor:
        """The first `frames` of sound [..., n] of which `spectrum` made [..., steps, bins]."""
        window, hop = self.config.window, self.config.hop
        # Four squares of a Hann window, a quarter apart, sum to 3/2.
        pieces = torch.fft.irfft(spectrum, n=window).mul_(self.hann * (window / 6))
        several = pieces.unflatten(-1, (4, hop)).unbind(-2)
        # Of the sums the first three and the last three lie in the padding.
        steps = spectrum.shape[-2]
        parts = [piece[..., 3 - j : steps - j, :] for j, piece in enumerate(several)]
        found: Tensor = (parts[0] + parts[1] + parts[2] + parts[3]).flatten(-2)[..., :frames]
        return found

    def shares(self, spectrum: Tensor, check: Callable[[], None] | None = None) -> Tensor:
        """The masks, blended where there is a blend; what goes in and out is as for `masks`.

        Where one side is dead all along, they are those of the other side in the middle.
        """
        spectrum = _both_sided(spectrum)
        masks = self.masks(spectrum, check)
        if self.blend is None:
            return masks
        return blended(masks, spectrum, self.blend, SAMPLE_RATE / self.config.window)

    def masks(self, spectrum: Tensor, check: Callable[[], None] | None = None) -> Tensor:
        """Shares [b, 4, steps, window / 2] of the spectrum [b, 2, steps, window / 2 + 1].

        Args:
            check: Called between the blocks; may raise to end the work.
        """
        x = self._split(self._levels(spectrum))
        for block in self.blocks:
            if check is not None:
                check()
            x = block(x)
        found: Tensor = self._joined(x).float().softmax(1)
        return found

    def _levels(self, spectrum: Tensor) -> Tensor:
        """Levels [b, steps, bins, 4] of left, right, middle and side."""
        left, right = spectrum[:, 0, :, : self.config.bins], spectrum[:, 1, :, : self.config.bins]
        parts = (left, right, (left + right) / 2, (left - right) / 2)
        power = torch.stack([part.real.square() + part.imag.square() for part in parts], -1)
        return (power + _FLOOR).log10() / 2 + 2.5

    def _split(self, levels: Tensor) -> Tensor:
        """Bands [b, steps, bands, width] of the levels."""
        found, first = [], 0
        for (bands, bins), layer in zip(self.config.groups, self.split, strict=True):
            part = levels[:, :, first : first + bands * bins]
            found.append(layer(part.unflatten(2, (bands, bins)).flatten(-2)))
            first += bands * bins
        return torch.cat(found, 2).float()  # what the blocks add to stays exact

    def _joined(self, x: Tensor) -> Tensor:
        """Logits [b, stems, steps, bins] of the bands."""
        x = functional.gelu(self.head(self.norm(x)))
        found, first = [], 0
        for (bands, bins), layer in zip(self.config.groups, self.join, strict=True):
            part = layer(x[:, :, first : first + bands]).unflatten(-1, (len(STEMS), bins))
            found.append(part.permute(0, 3, 1, 2, 4).flatten(-2))
            first += bands
        return torch.cat(found, -1)


def _both_sided(spectrum: Tensor) -> Tensor:
    """The spectrum [b, 2, steps, bins], the live side in place of one that is dead."""
    powers = torch.view_as_real(spectrum).square().sum((2, 3, 4))
    least, most = powers.aminmax(dim=1)
    dead = least < _DEAD * most
    if not bool(dead.any()):
        return spectrum
    live = spectrum[torch.arange(len(powers)), powers.argmax(1)]
    return torch.where(dead[:, None, None, None], live[:, None], spectrum)


class Banded(nn.Module):
    """A linear layer of its own for each band: [b, steps, bands, before] to [..., after]."""

    def __init__(self, bands: int, before: int, after: int) -> None:
        super().__init__()
        bound = before**-0.5
        self.weight = nn.Parameter(torch.empty(bands, before, after).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(bands, 1, after))

    def forward(self, x: Tensor) -> Tensor:
        batch, steps, bands, _ = x.shape
        rows = x.permute(2, 0, 1, 3).reshape(bands, batch * steps, -1)
        found: Tensor = torch.baddbmm(self.bias, rows, self.weight).unflatten(1, (batch, steps))
        return found.permute(1, 2, 0, 3)


def masked(spectrum: Tensor, masks: Tensor) -> Tensor:
    """Spectra [b, stems, 2, steps, bins + 1] of a mix's [b, 2, ...] by masks [b, stems, ...]."""
    whole = torch.cat((masks, masks[..., -1:]), -1)
    found: Tensor = _Masked.apply(spectrum, whole)  # type: ignore[no-untyped-call]
    return found


class _Masked(torch.autograd.Function):
    """A mix's spectrum times masks [b, stems, steps, bins + 1], and the slope of the masks.

    Real by real: a real factor of a complex number would be made complex first, and the sum that
    torch makes of the slope takes several times as long on processors.
    """

    @staticmethod
    def forward(ctx: Any, spectrum: Tensor, masks: Tensor) -> Tensor:
        ctx.save_for_backward(spectrum)
        parts = torch.view_as_real(spectrum)[:, None] * masks[:, :, None, ..., None]
        return torch.view_as_complex(parts)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> tuple[None, Tensor]:
        (spectrum,) = ctx.saved_tensors
        one, other = torch.view_as_real(slope), torch.view_as_real(spectrum)[:, None]
        found = one[:, :, 0, ..., 0] * other[:, :, 0, ..., 0]
        for side, part in ((0, 1), (1, 0), (1, 1)):
            found.addcmul_(one[:, :, side, ..., part], other[:, :, side, ..., part])
        return None, found
