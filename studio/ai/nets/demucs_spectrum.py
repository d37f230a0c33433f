"""The transform that Hybrid Transformer Demucs is given, and gives its spectral half in.

As in Rouard, Massa and Défossez 2023, "Hybrid Transformers for Music Source Separation": windows of
4096 frames, a quarter apart, reflected at the edges; the bin at half the sample rate is left out;
real and imaginary parts are channels.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

WINDOW, HOP = 4096, 1024
BINS = WINDOW // 2
_EDGE = HOP // 2 * 3


class DemucsSpectrum:
    """Of sound that is always `frames` long."""

    def __init__(self, frames: int) -> None:
        self.frames = frames
        self.steps = -(-frames // HOP)
        self._hann = torch.hann_window(WINDOW)

    def of(self, sound: Tensor) -> Tensor:
        """Real [b, 4, bins, steps] of sound [b, 2, frames]: left, right, each re and im."""
        after = _EDGE + self.steps * HOP - self.frames
        padded = functional.pad(sound, (_EDGE, after), mode="reflect")
        found = torch.stft(
            padded.flatten(0, 1), WINDOW, HOP, window=self._hann, normalized=True,
            return_complex=True,
        )  # fmt: skip
        kept = torch.view_as_real(found[..., :-1, 2 : 2 + self.steps])
        return kept.permute(0, 3, 1, 2).reshape(len(sound), 4, BINS, self.steps).contiguous()

    def sound(self, spectra: Tensor) -> Tensor:
        """Sound [s, 2, frames] of real spectra [s, 4, bins, steps]."""
        parts = spectra.unflatten(1, (2, 2)).permute(0, 1, 3, 4, 2).flatten(0, 1)
        whole = functional.pad(torch.view_as_complex(parts.contiguous()), (2, 2, 0, 1))
        length = self.steps * HOP + 2 * _EDGE
        found = torch.istft(whole, WINDOW, HOP, window=self._hann, normalized=True, length=length)
        kept: Tensor = found[..., _EDGE : _EDGE + self.frames].unflatten(0, (-1, 2))
        return kept
