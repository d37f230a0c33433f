"""Held-out music of which the stems are known, and a network's stems of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import soundfile

from studio.ai.nets.separating import separate
from studio.ai.nets.separator import Separator
from studio.ai.requests import STEMS
from studio.ai.training.separator.bank import index
from studio.ai.training.separator.measures import Measures

Sound: TypeAlias = npt.NDArray[np.float32]
RECORDED = "recorded"  # the source of songs that people played


@dataclass(frozen=True, eq=False)
class Song:
    """Stems float32 [4, 2, n] in the order of `STEMS`, silent where a song has none."""

    name: str
    stems: Sound

    @property
    def mix(self) -> Sound:
        """Their sum [2, n]."""
        mix: Sound = self.stems.sum(0)
        return mix


def held_out(
    work: Path, split: str, wanted: Callable[[index.Clip], bool], most: int = 10_000
) -> Iterator[Song]:
    """Songs of a bank of which several stems are there, as they lie in it; of many those with the
    most stems.

    Raises:
        StudioError: There is no bank.
    """
    bank = index.load(work)
    songs = sorted(bank.songs(split).items())
    fitting = [(name, clips) for name, clips in songs if all(map(wanted, clips.values()))]
    fullest = sorted(fitting, key=lambda one: -len(one[1]))[:most]
    for name, clips in sorted(fullest, key=lambda one: one[0]):
        yield Song(name, _stems(bank.folder, clips))


def recorded(work: Path, split: str) -> Iterator[Song]:
    """Those that people played. Raises as `held_out` does."""
    return held_out(work, split, lambda clip: clip.source == RECORDED)


def rendered(work: Path, split: str, most: int) -> Iterator[Song]:
    """Those that a synthesizer played. Raises as `held_out` does."""
    return held_out(work, split, lambda clip: clip.source != RECORDED, most)


def _stems(folder: Path, clips: dict[str, index.Clip]) -> Sound:
    read = {
        stem: soundfile.read(folder / clip.path, dtype="float32", always_2d=True)[0].T
        for stem, clip in clips.items()
    }
    frames = max(part.shape[1] for part in read.values())
    stems = np.zeros((len(STEMS), 2, frames), np.float32)
    for place, stem in enumerate(STEMS):
        if stem in read:
            stems[place, :, : read[stem].shape[1]] = read[stem]
    return stems


def apart(net: Separator, mix: Sound, shifts: int = 0) -> Sound:
    """A network's stems [4, 2, n] of a mix [2, n], as the studio takes it apart."""
    return parted(net, mix, shifts)[0]


def parted(net: Separator, mix: Sound, shifts: int = 0) -> tuple[Sound, dict[str, float]]:
    """The same, and how sure the network is of each stem, from 0 to 1."""
    found = np.zeros((len(STEMS), *mix.shape), np.float32)

    def read(first: int, count: int) -> Sound:
        return mix[:, first : first + count].T

    def write(first: int, stems: dict[str, Sound]) -> None:
        for place, stem in enumerate(STEMS):
            part = stems[stem]
            found[place, :, first : first + len(part)] = part.T

    separated = separate(net, read, mix.shape[1], write, shifts=shifts)
    return found, separated.confidence


def measured(net: Separator, songs: Iterable[Song]) -> Measures:
    """What a network's stems of songs are like."""
    found = Measures()
    for song in songs:
        found.add(song.stems, apart(net, song.mix))
    return found
