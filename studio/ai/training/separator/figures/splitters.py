"""What takes a recording apart: the network, plain methods, a ceiling, and a network of others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import torch
from scipy.ndimage import median_filter
from torch import Tensor

from studio.ai.models.htdemucs_onnx import HtDemucsOnnx
from studio.ai.models.separator import SHIFTS
from studio.ai.nets import separator_weights
from studio.ai.nets.separator import SAMPLE_RATE, Separator, SeparatorConfig
from studio.ai.nets.weights import WEIGHTS
from studio.ai.requests import STEMS, Quality
from studio.ai.stems.feeding import Fed
from studio.ai.training.separator.songs import Song, Sound, apart

Levels: TypeAlias = npt.NDArray[np.float32]
NETWORK, BEST, CEILING = "network", "network, best", "ideal ratio mask"
NOTHING = "the mix itself"
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


class Onnx:
    """HT-Demucs (Rouard et al. 2023) as ONNX, for comparison alone.

    Args:
        path: The model.
    """

    def __init__(self, path: Path) -> None:
        self._model = HtDemucsOnnx(path)
        self._model.load("cpu")

    def __call__(self, song: Song) -> Sound:
        stems = np.zeros((len(STEMS), *song.mix.shape), np.float32)

        def write(first: int, parts: Mapping[str, Sound]) -> None:
            for stem, part in parts.items():
                stems[STEMS.index(stem), :, first : first + len(part)] = part.T

        fed = cast(Fed, _Whole(song.mix))
        self._model.separate(fed, write, Quality.FAST, lambda _done: None)
        return stems


class _Whole:
    """A mix [2, n] that is in memory, read as a recording is."""

    def __init__(self, mix: Sound) -> None:
        self._mix, self.frames = mix, mix.shape[1]

    def read(self, first: int, count: int) -> Sound:
        return self._mix[:, first : first + count].T


def splitters(weights: Path, others: Path) -> Mapping[str, Splitter]:
    """All that are here, by what the report calls them.

    Args:
        weights: Folder of the network's. others: Folder under which `htdemucs.onnx` may lie.
    """
    found: dict[str, Splitter] = {}
    if (weights / WEIGHTS).exists():
        net = separator_weights.read(weights)
        found |= {NETWORK: Network(net), BEST: Network(net, SHIFTS)}
    found |= {
        NOTHING: whole,
        "harmonic and percussive": HarmonicPercussive(),
        "plain masks": Masks(),
        CEILING: Ideal(),
    }
    for path in sorted(others.rglob("htdemucs.onnx")):
        found["HT-Demucs, for reference"] = Onnx(path)
    return found
