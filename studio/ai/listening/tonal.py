"""What pitches sound between two beats: a spectrum of each, the notes in it, its chroma.

Notes are found as a sum of tones with overtones that makes up the spectrum (approximate
transcription by non-negative least squares: Mauch and Dixon, "Approximate note transcription for
the improved identification of difficult chords", ISMIR 2010).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import scipy.ndimage

from studio.ai.listening.constant_q import BINS, FPS, LOWEST_PITCH, constant_q, tuning_of
from studio.ai.listening.heard import Seconds
from studio.ai.listening.mono import Mono

_OVERTONES, _FALL = 8, 0.7  # of a tone, and how much weaker each is than the one below
_ROUNDS = 30
_BASS_TOP, _TREBLE_FROM = 52, 48  # E3, C3: keys heard as bass, and as harmony
Table = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Tonal:
    """What sounds between `edges[i]` and `edges[i + 1]` seconds.

    Attributes:
        edges: Shape [n + 1].
        treble, bass: How strong each pitch class is above and below, shape [n, 12].
        colour: How the sound is shaped across the octaves, shape [n, 7].
        tuning: Semitones above A4 = 440 Hz.
    """

    edges: Seconds
    treble: Table
    bass: Table
    colour: Table
    tuning: float


def tonal(mono: Mono, beats: Seconds) -> Tonal:
    """Of the times between beats, and of half seconds before and after them."""
    edges = _edges(beats, mono.seconds)
    sums, counts = np.zeros((len(edges) - 1, BINS)), np.zeros(len(edges) - 1)
    first = 0
    for levels in constant_q(mono):
        times = (np.arange(len(levels)) + first) / FPS
        place = np.clip(np.searchsorted(edges, times, side="right") - 1, 0, len(counts) - 1)
        np.add.at(sums, place, levels)
        np.add.at(counts, place, 1)
        first += len(levels)
    sums = _filled(sums / np.maximum(counts, 1)[:, None], counts)
    tuning = tuning_of(np.maximum(sums - _floor(sums), 0.0).sum(axis=0))
    notes = _notes(sums, tuning)
    pitches = np.arange(notes.shape[1]) + LOWEST_PITCH
    classes = np.eye(12)[pitches % 12]
    treble = notes * np.clip((pitches - _TREBLE_FROM + 6) / 12.0, 0, 1)
    treble = treble * np.clip((100 - pitches) / 24.0, 0, 1)
    bass = notes * np.clip((_BASS_TOP + 6 - pitches) / 12.0, 0, 1)
    colour = np.log1p(sums.reshape(len(sums), 7, -1).mean(axis=2))
    return Tonal(edges, treble @ classes, bass @ classes, colour, tuning)


def _edges(beats: Seconds, seconds: float) -> Seconds:
    first = beats[0] if len(beats) else seconds
    last = beats[-1] if len(beats) else seconds
    before, after = np.arange(0.0, first, 0.5), np.arange(last + 0.5, seconds, 0.5)
    edges = np.concatenate([before, beats, after, [seconds]])
    return np.asarray(edges[np.concatenate([np.diff(edges) > 1e-3, [True]])])


def _filled(rows: Table, counts: npt.NDArray[np.float64]) -> Table:
    """Rows of which nothing was counted become the ones before them."""
    last = np.maximum.accumulate(np.where(counts > 0, np.arange(len(rows)), 0))
    return rows[last]


def _floor(rows: Table) -> Table:
    """The level of what is no tone: over an octave and a half, the median."""
    return np.asarray(scipy.ndimage.median_filter(rows, (1, 55), mode="nearest"))


def _notes(rows: Table, tuning: float) -> Table:
    """How strong each of 84 semitones is, [n, 84]; by multiplicative updates (Lee and Seung)."""
    heard = np.maximum(rows - _floor(rows), 0.0)
    power = scipy.ndimage.uniform_filter1d(np.square(heard), 55, axis=1, mode="nearest")
    spread = np.sqrt(np.maximum(power, 0.0))
    heard = np.sqrt(heard / np.maximum(spread, 0.02 * spread.max(initial=1e-9)))
    tones = _tones(round(tuning, 2))
    found = heard @ tones.T + 1e-9
    target, inner = found.copy(), tones @ tones.T
    for _ in range(_ROUNDS):
        found *= target / (found @ inner + 1e-9)
    loudness = np.log1p(rows.sum(axis=1, keepdims=True))
    return np.asarray(found * (loudness > 0.02 * loudness.max(initial=0.0)))


@cache
def _tones(tuning: float) -> Table:
    """The spectrum of a tone on each semitone, [84, BINS]."""
    places = 3.0 * (np.arange(BINS // 3) + tuning)[:, None]
    numbers = np.arange(1, _OVERTONES + 1)
    tones = np.zeros((BINS // 3, BINS))
    for number in numbers:
        at = places + 36.0 * np.log2(number)
        tones += _FALL ** (number - 1) * np.exp(-0.5 * ((np.arange(BINS) - at) / 0.6) ** 2)
    return np.asarray(tones / np.linalg.norm(tones, axis=1, keepdims=True))
