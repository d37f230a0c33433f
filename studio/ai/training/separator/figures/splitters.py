"""What takes a recording apart: the network, plain methods, a ceiling, and a network of others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from scipy.ndimage import median_filter
from torch import Tensor
from torch.nn import functional

from studio.ai.nets import separator_weights
from studio.ai.nets.separator import SAMPLE_RATE, Separator, SeparatorConfig
from studio.ai.nets.weights import WEIGHTS
from studio.ai.requests import STEMS
from studio.ai.training.separator.songs import Song, Sound, apart

Levels: TypeAlias = npt.NDArray[np.float32]
NETWORK, BEST, CEILING = "network", "network, best", "ideal ratio mask"
_LEAST = 1e-9


class Splitter(Protocol):
    """Takes songs apart."""

    def __call__(self, song: Song) -> Sound:
        """The stems [4, 2, n] of a song's mix."""
        ...


class Network:
    """The studio's network.

    Args:
        shifts: Passes beside the first.
    """

    def __init__(self, net: Separator, shifts: int = 0) -> None:
        self.net, self.shifts = net, shifts

    def __call__(self, song: Song) -> Sound:
        return apart(self.net, song.mix, self.shifts)


class _Masking:
    """A method that masks the spectrum in one piece, left and right alike."""

    window = 4096

    def __init__(self) -> None:
        # Its transforms alone are used; nothing it has learnt.
        self._transform = Separator(SeparatorConfig(self.window, 8, 0))

    def __call__(self, song: Song) -> Sound:
        with torch.inference_mode():
            spectrum = self._transform.spectrum(torch.from_numpy(song.mix))
            masks = torch.from_numpy(self.masks(song, spectrum))
            stems: Sound = self._transform.sound(
                spectrum * masks[:, None], song.mix.shape[-1]
            ).numpy()
        return stems

    def masks(self, song: Song, spectrum: Tensor) -> Levels:
        """Shares [4, steps, bins] of the spectrum [2, steps, bins]."""
        raise NotImplementedError

    def levels(self, sound: Sound) -> Levels:
        """Levels [..., steps, bins] of both channels together, of sound [..., 2, n]."""
        found: Levels = (
            self._transform.spectrum(torch.from_numpy(sound)).abs().square().sum(-3).sqrt().numpy()
        )
        return found


class Ideal(_Masking):
    """Masks from the true stems: as good as any real mask shared by both channels may well be."""

    def masks(self, song: Song, spectrum: Tensor) -> Levels:
        levels = self.levels(song.stems)
        shares: Levels = levels / (levels.sum(0) + _LEAST)
        return shares


class HarmonicPercussive(_Masking):
    """Percussion is drums, all else is other (Fitzgerald 2010)."""

    def masks(self, song: Song, spectrum: Tensor) -> Levels:
        percussive = self.percussive(spectrum)
        none = np.zeros_like(percussive)
        return np.stack((percussive, none, none, 1 - percussive))

    def percussive(self, spectrum: Tensor) -> Levels:
        """The share [steps, bins] of what spreads over pitches rather than over time."""
        levels = spectrum.abs().square().sum(0).sqrt().numpy()
        along = np.square(median_filter(levels, (17, 1)))
        across = np.square(median_filter(levels, (1, 17)))
        share: Levels = across / (along + across + _LEAST)
        return share


class Masks(HarmonicPercussive):
    """Drums as above; of the rest the bottom is bass, what is alike on both sides is the voice."""

    bass_hz, voice_hz = 150.0, (180.0, 8000.0)

    def masks(self, song: Song, spectrum: Tensor) -> Levels:
        percussive = self.percussive(spectrum)
        hertz = np.arange(spectrum.shape[-1]) * SAMPLE_RATE / self.window
        low = (1 / (1 + (hertz / self.bass_hz) ** 8)).astype(np.float32)
        left, right = spectrum.numpy()
        alike = 2 * np.abs(left * right.conj()) / (np.abs(left) ** 2 + np.abs(right) ** 2 + _LEAST)
        together = np.clip((left * right.conj()).real, 0, None) / (np.abs(left * right) + _LEAST)
        within = (hertz > self.voice_hz[0]) & (hertz < self.voice_hz[1])
        voice = (alike * together) ** 8 * within * (1 - low)
        rest = 1 - percussive
        found = (percussive, rest * low, rest * voice, rest * (1 - low - voice))
        return np.stack(found).astype(np.float32)


def whole(song: Song) -> Sound:
    """The mix itself as every stem: what doing nothing is worth."""
    return np.repeat(song.mix[None], len(STEMS), 0)


class DemucsSpectrum:
    """The transform that HT-Demucs wants: of one segment, without the bin at half the rate."""

    frames, window, hop = 343_980, 4096, 1024

    def __init__(self) -> None:
        self._hann = torch.hann_window(self.window)
        self._steps, self._pad = -(-self.frames // self.hop), self.hop // 2 * 3

    def of(self, sound: Tensor) -> Tensor:
        """Complex [2, bins, steps] of sound [2, frames]."""
        extra = self._pad + self._steps * self.hop - self.frames
        padded = functional.pad(sound, (self._pad, extra), mode="reflect")
        found: Tensor = torch.stft(
            padded, self.window, self.hop, window=self._hann, normalized=True,
            return_complex=True, pad_mode="reflect",
        )  # fmt: skip
        return found[..., :-1, 2 : 2 + self._steps]

    def sound(self, spectrum: Tensor) -> Tensor:
        """Sound [..., 2, frames] of [..., 2, bins, steps]."""
        several = functional.pad(spectrum.flatten(0, -3), (2, 2, 0, 1))
        found = torch.istft(
            several, self.window, self.hop, window=self._hann, normalized=True,
            length=self._steps * self.hop + 2 * self._pad,
        )  # fmt: skip
        sound = found[..., self._pad : self._pad + self.frames]
        again: Tensor = sound.unflatten(0, spectrum.shape[:-2])
        return again


class Onnx:
    """HT-Demucs (Rouard et al. 2023) as ONNX, for comparison alone.

    Args:
        path: The model, with the mix and its spectrum as inputs.
    """

    order = ("drums", "bass", "other", "vocals")

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        self._transform = DemucsSpectrum()

    def __call__(self, song: Song) -> Sound:
        mix = torch.from_numpy(song.mix)
        mean, spread = mix.mean(), mix.std() + _LEAST
        mix = (mix - mean) / spread
        frames = DemucsSpectrum.frames
        found, weight = torch.zeros(4, *mix.shape), torch.zeros(mix.shape[-1])
        ramp = 1 - (torch.arange(frames) / (frames - 1) * 2 - 1).abs() + 1e-3
        for first in range(0, max(mix.shape[-1] - frames // 4, 1), frames * 3 // 4):
            part = mix[:, first : first + frames]
            count = part.shape[-1]
            stems = self._segment(functional.pad(part, (0, frames - count)))[..., :count]
            found[..., first : first + count] += stems * ramp[:count]
            weight[first : first + count] += ramp[:count]
        stems = found / weight * spread + mean
        return stems[[self.order.index(stem) for stem in STEMS]].numpy()

    def _segment(self, mix: Tensor) -> Tensor:
        """Stems [4, 2, frames] of as many frames as the model wants."""
        spectrum = self._transform.of(mix)
        told = torch.view_as_real(spectrum).permute(0, 3, 1, 2).reshape(4, *spectrum.shape[1:])
        names = [one.name for one in self._session.get_inputs()]
        masks, wave = self._session.run(
            None, dict(zip(names, (mix[None].numpy(), told[None].numpy()), strict=True))
        )
        parts = torch.from_numpy(masks)[0].unflatten(1, (2, 2)).permute(0, 1, 3, 4, 2)
        found: Tensor = self._transform.sound(torch.view_as_complex(parts.contiguous()))
        return found + torch.from_numpy(wave)[0]


def splitters(weights: Path, others: Path) -> Mapping[str, Splitter]:
    """All that are here, by what the report calls them.

    Args:
        weights: Folder of the network's. others: Folder under which `htdemucs.onnx` may lie.
    """
    found: dict[str, Splitter] = {}
    if (weights / WEIGHTS).exists():
        net = separator_weights.read(weights)
        found |= {NETWORK: Network(net), BEST: Network(net, shifts=2)}
    found |= {
        "the mix itself": whole,
        "harmonic and percussive": HarmonicPercussive(),
        "plain masks": Masks(),
        CEILING: Ideal(),
    }
    for path in sorted(others.rglob("htdemucs.onnx")):
        found["HT-Demucs, for reference"] = Onnx(path)
    return found
