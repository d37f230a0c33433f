"""Bringing a piece of sound to the level and colour of the place it is put at."""

from __future__ import annotations

import itertools
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import signal

from studio.ai.painter.hole import Samples
from studio.ai.painter.places import Atlas

Side: TypeAlias = tuple[Samples, Samples] | None  # what is there, and what is beside the piece

_AROUND_SECONDS = 0.5
_WINDOW_SECONDS = 0.046
_MOST_DB = 6.0  # of correction in any band
_EDGES_HZ = (0, 120, 250, 500, 1000, 2000, 4000, 8000, 1e6)
_LEAST = 1e-8  # power under which a band tells nothing


def beside(atlas: Atlas, at: int | None, other: int, *, ahead: bool) -> Side:
    """What lies before (or `ahead` of) a frame, and what lies so beside another one."""
    if at is None:
        return None
    samples, reach = atlas.samples, round(_AROUND_SECONDS * atlas.sample_rate)
    for hole in atlas.holes:  # what is missing has no tone
        away = hole.first - at if ahead else at - hole.end
        reach = min(reach, away) if away >= 0 else reach
    if ahead:
        reach = min(reach, len(samples) - max(at, other))
        spans = (slice(at, at + reach), slice(other, other + reach))
    else:
        reach = min(reach, at, other)
        spans = (slice(at - reach, at), slice(other - reach, other))
    return (samples[spans[0]], samples[spans[1]]) if reach > 0 else None


def matched(piece: Samples, sample_rate: int, left: Side, right: Side) -> Samples:
    """A piece with the levels in bands that the surroundings have against the piece's own.

    The correction goes from what the left side asks for to what the right one does, and never
    beyond some decibels.
    """
    asked = [_asked_db(side, sample_rate) for side in (left, right) if side is not None]
    if not asked or not np.any(np.abs(asked) > 0.25):
        return piece.copy()
    begin, end = asked[0], asked[-1]
    size = 2 * round(_WINDOW_SECONDS * sample_rate / 2)
    if len(piece) < 2 * size:  # too short for bands
        level = np.linspace(_all_db(begin), _all_db(end), len(piece))
        return (piece * 10 ** (level / 20)[:, None]).astype(np.float32)
    hz, _, spectrum = signal.stft(piece.T, sample_rate, nperseg=size, noverlap=size * 3 // 4)
    along = np.linspace(0.0, 1.0, spectrum.shape[2])
    curves = _smooth(begin, hz)[:, None] * (1 - along) + _smooth(end, hz)[:, None] * along
    spectrum *= 10 ** (curves / 20)
    _, made = signal.istft(spectrum, sample_rate, nperseg=size, noverlap=size * 3 // 4)
    return np.ascontiguousarray(made.T[: len(piece)], dtype=np.float32)


def _asked_db(side: tuple[Samples, Samples], sample_rate: int) -> npt.NDArray[np.float64]:
    """By how much each band of what is beside the piece differs from what is there."""
    there, beside = (_powers(one, sample_rate) for one in side)
    told = (there > _LEAST) & (beside > _LEAST)
    found = np.where(told, 10 * np.log10(np.maximum(there, _LEAST) / np.maximum(beside, _LEAST)), 0)
    return np.clip(found, -_MOST_DB, _MOST_DB)


def _powers(samples: Samples, sample_rate: int) -> npt.NDArray[np.float64]:
    size = min(len(samples), 4096)
    hz, power = signal.welch(samples.T, sample_rate, nperseg=size, scaling="spectrum")
    bands = np.searchsorted(_EDGES_HZ, hz, "right") - 1
    found = np.zeros(len(_EDGES_HZ) - 1)
    np.add.at(found, bands, power.sum(axis=0))
    return found


def _all_db(bands: npt.NDArray[np.float64]) -> float:
    return float(bands.mean())


def _smooth(bands: npt.NDArray[np.float64], hz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A curve through the bands' middles, over log frequency."""
    inner = [float(np.sqrt(a * b)) for a, b in itertools.pairwise(_EDGES_HZ[1:-1])]
    middles = [_EDGES_HZ[1] / 2, *inner, 1.5 * _EDGES_HZ[-2]]
    return np.interp(np.log(np.maximum(hz, 20.0)), np.log(middles), bands)
