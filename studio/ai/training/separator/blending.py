"""The blend of a network's masks, by least squares on music of which the stems are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.ai.nets.separator import SAMPLE_RATE, Separator
from studio.ai.nets.separator_blend import BANDS, bands, clues
from studio.ai.requests import STEMS
from studio.ai.training.separator.bank import index
from studio.ai.training.separator.bank.mixing import Mixer
from studio.ai.training.separator.measures import SILENT_DB
from studio.ai.training.separator.songs import rendered
from studio.ai.training.separator.train import Options

Table: TypeAlias = npt.NDArray[np.float64]
MOST_SECONDS = 20  # of a song
SONGS = 8
TIE = 0.03  # how strongly a blend is held to the masks as they are, beside what they move
_MANY = len(STEMS)
PLAIN: Table = np.concatenate((np.eye(_MANY), np.zeros((_MANY, _MANY))))  # changes nothing


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """All that least squares have to know of a stretch of music, as shares of the mix's power.

    Attributes:
        seen: Of the clues with one another, [bands, 2 stems, 2 stems].
        wanted: Of the clues with the stems, [bands, 2 stems, stems].
        power: Of the stems.
    """

    seen: Table
    wanted: Table
    power: Table

    def sdr_db(self, blend: Table) -> float:
        """Mean over the stems that sound."""
        off = np.einsum("bfs,bfg,bgs->s", blend, self.seen, blend)
        off += self.power - 2 * np.einsum("bfs,bfs->s", blend, self.wanted)
        heard = self.power > 10 ** (SILENT_DB / 10)
        ratios = self.power[heard] / np.maximum(off[heard], 1e-9)
        return float(10 * np.log10(ratios).mean()) if heard.any() else 0.0


def moments(net: Separator, stems: Tensor) -> Moments:
    """Of stems [4, 2, n] that are not all silent."""
    seen = np.zeros((BANDS, 2 * _MANY, 2 * _MANY))
    wanted = np.zeros((BANDS, 2 * _MANY, _MANY))
    with torch.inference_mode():
        spectra, mix = net.spectrum(stems), net.spectrum(stems.sum(0))
        masks = net.masks(mix[None])
        power = mix.abs().square().sum(0)
        part = (mix.conj() * spectra).real.sum(1)
        whole = float(power.sum())
        for place, band in enumerate(bands(masks.shape[-1], SAMPLE_RATE / net.config.window)):
            clue = clues(masks[..., band], mix[None, ..., band])[0].flatten(1)
            heavy = clue * power[..., band].flatten() / whole
            seen[place] = (heavy @ clue.T).cpu().numpy()
            wanted[place] = (clue @ part[..., band].flatten(1).T / whole).cpu().numpy()
        alone = spectra.abs().square().sum((1, 2, 3)) / whole
    return Moments(seen, wanted, alone.cpu().numpy().astype(np.float64))


def solved(several: Sequence[Moments]) -> Table:
    """The blend [bands, 2 stems, stems] that leaves the least power of what stems are off."""
    found = []
    for band in range(BANDS):
        seen = np.sum([one.seen[band] for one in several], 0)
        wanted = np.sum([one.wanted[band] for one in several], 0)
        tie = max(TIE * float(np.trace(seen[:_MANY, :_MANY])) / _MANY, 1e-9)
        found.append(np.linalg.solve(seen + tie * np.eye(2 * _MANY), wanted + tie * PLAIN))
    return np.array(found)


def found_blend(net: Separator, options: Options, valid: Iterable[Tensor]) -> Tensor | None:
    """The blend that suits held-out songs and mixtures, and as many mixtures it has learnt from.

    None where each half of what is held out is no better for the blend that suits the other.

    Args:
        valid: Held-out mixtures, each [4, 2, n].
    """
    device = net.hann.device
    held, learnt = (
        [moments(net, stems.to(device)) for stems in several if stems.any()]
        for several in (chain(_songs(options), valid), _learnt(options))
    )
    if len(held) < 2 or gain_db(held, learnt) <= 0:
        return None
    return torch.from_numpy(solved([*held, *learnt]).astype(np.float32))


def gain_db(held: Sequence[Moments], learnt: Sequence[Moments]) -> float:
    """By how much the SDR of each half is better for the blend that suits the other."""
    plain = np.repeat(PLAIN[None], BANDS, 0)
    gains = []
    for one, other in ((held[::2], held[1::2]), (held[1::2], held[::2])):
        blend = solved([*other, *learnt])
        gains += [each.sdr_db(blend) - each.sdr_db(plain) for each in one]
    return float(np.mean(gains))


def _songs(options: Options) -> Iterator[Tensor]:
    for song in rendered(options.work, "valid", SONGS):
        yield torch.from_numpy(song.stems[..., : MOST_SECONDS * SAMPLE_RATE])


def _learnt(options: Options) -> Iterator[Tensor]:
    mixer = Mixer(index.load(options.work), 0, frames=options.frames)
    for number in range(options.valid_mixtures):
        yield torch.from_numpy(mixer.draw(number))
