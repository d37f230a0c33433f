"""The blend of a network's masks, by least squares on music of which the stems are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
import torch
from torch import Tensor

from studio.ai.nets.separator import SAMPLE_RATE, Separator
from studio.ai.nets.separator_blend import BANDS, bands, clues
from studio.ai.requests import STEMS
from studio.ai.training.separator.bank import index
from studio.ai.training.separator.bank.mixing import Mixer
from studio.ai.training.separator.songs import rendered
from studio.ai.training.separator.train import Options

MOST_SECONDS = 20  # of a song
SONGS = 8
TIE = 0.03  # how strongly a blend is held to the masks as they are, beside what they move


class Moments:
    """Adds up all that least squares have to know of music."""

    def __init__(self) -> None:
        many = 2 * len(STEMS)
        self._seen = np.zeros((BANDS, many, many))
        self._wanted = np.zeros((BANDS, many, len(STEMS)))

    def add(self, net: Separator, stems: Tensor) -> None:
        """Take stems [4, 2, n] of one stretch into account, as heavy as any other."""
        with torch.inference_mode():
            spectra, mix = net.spectrum(stems), net.spectrum(stems.sum(0))
            masks = net.masks(mix[None])
            power = mix.abs().square().sum(0)
            part = (mix.conj() * spectra).real.sum(1)
            whole = max(float(power.sum()), 1e-9)
            for place, band in enumerate(bands(masks.shape[-1], SAMPLE_RATE / net.config.window)):
                seen = clues(masks[..., band], mix[None, ..., band])[0].flatten(1)
                heavy = seen * power[..., band].flatten() / whole
                self._seen[place] += (heavy @ seen.T).cpu().numpy()
                wanted = seen @ part[..., band].flatten(1).T / whole
                self._wanted[place] += wanted.cpu().numpy()

    def solved(self) -> Tensor:
        """The blend [bands, 2 stems, stems] with the least power of what stems are off."""
        many = len(STEMS)
        plain = np.concatenate((np.eye(many), np.zeros((many, many))))
        found = []
        for seen, wanted in zip(self._seen, self._wanted, strict=True):
            tie = max(TIE * float(np.trace(seen[:many, :many])) / many, 1e-9)
            found.append(np.linalg.solve(seen + tie * np.eye(2 * many), wanted + tie * plain))
        return torch.from_numpy(np.array(found, np.float32))


def found_blend(net: Separator, options: Options, valid: Iterable[Tensor]) -> Tensor:
    """The blend that suits held-out songs and mixtures, and as many mixtures it has learnt from.

    Args:
        valid: Held-out mixtures, each [4, 2, n].
    """
    moments = Moments()
    for stems in chain(_songs(options), valid, _learnt(options)):
        moments.add(net, stems.to(net.hann.device))
    return moments.solved()


def _songs(options: Options) -> Iterator[Tensor]:
    for song in rendered(options.work, "valid", SONGS):
        yield torch.from_numpy(song.stems[..., : MOST_SECONDS * SAMPLE_RATE])


def _learnt(options: Options) -> Iterator[Tensor]:
    mixer = Mixer(index.load(options.work), 0, frames=options.frames)
    for number in range(options.valid_mixtures):
        yield torch.from_numpy(mixer.draw(number))
