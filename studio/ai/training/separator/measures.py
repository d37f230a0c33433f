"""How near stems come to those that were mixed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from studio.ai.requests import STEMS

Sound: TypeAlias = npt.NDArray[np.floating]
SILENT_DB = -50  # below the mix: a stem that is quieter is taken as silent
_LEAST = 1e-12


def sdr_db(wanted: Sound, found: Sound) -> float:
    """Signal-to-distortion ratio over a whole stretch, as at the MDX challenges.

    Mitsufuji et al. 2022, "Music Demixing Challenge 2021", equation 1.
    """
    off = np.square(wanted - found, dtype=np.float64).sum()
    return _db(np.square(wanted, dtype=np.float64).sum(), off)


def si_sdr_db(wanted: Sound, found: Sound) -> float:
    """The same, but any gain on what was wanted is right (Le Roux et al. 2019, "SDR")."""
    a, b = wanted.astype(np.float64).ravel(), found.astype(np.float64).ravel()
    target = a * (a @ b / max(float(a @ a), _LEAST))
    return _db(np.square(target).sum(), np.square(target - b).sum())


def level_db(sound: Sound, beside: Sound) -> float:
    """RMS of a sound against that of another."""
    return _db(
        np.square(sound, dtype=np.float64).mean(), np.square(beside, dtype=np.float64).mean()
    )


def is_silent(stem: Sound, mix: Sound) -> bool:
    """Whether a stem counts as silent: then no ratio says anything of it."""
    return level_db(stem, mix) < SILENT_DB


class Measures:
    """Collects what stems are like over many stretches."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, list[float]]] = {
            stem: {"sdr": [], "si_sdr": [], "leakage": []} for stem in STEMS
        }

    def add(self, wanted: Sound, found: Sound) -> None:
        """Stems [stems, ...] of one stretch."""
        mix = wanted.sum(0)
        if not mix.any():
            return
        for stem, one, other in zip(STEMS, wanted, found, strict=True):
            several = self.found[stem]
            if is_silent(one, mix):
                several["leakage"].append(level_db(other, mix))
            else:
                several["sdr"].append(sdr_db(one, other))
                several["si_sdr"].append(si_sdr_db(one, other))

    def told(self) -> Mapping[str, Mapping[str, float]]:
        """Of each stem the means in dB; `leakage` is its level below the mix where it is silent."""
        return {
            stem: {name: round(float(np.mean(each)), 3) for name, each in several.items() if each}
            for stem, several in self.found.items()
        }


def _db(above: float, below: float) -> float:
    return float(10 * np.log10(max(float(above), _LEAST) / max(float(below), _LEAST)))
