"""Voices taken apart by WORLD (Morise, Yokomori and Ozawa, 2016) and made to sing a line."""

from __future__ import annotations

import functools
import importlib.util
import itertools
from dataclasses import dataclass
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt
import scipy.ndimage
import scipy.signal

from studio.ai.training.separator.bank.takes import Notes
from studio.core.errors import StudioError

Signal = npt.NDArray[np.float64]
FRAME_SECONDS = 0.005
_LONGEST_ONSET, _LONGEST_CODA = 0.22, 0.15
_LEGATO_SECONDS = 0.12


@functools.cache
def extension(package: str, module: str) -> ModuleType:
    """A package's compiled part alone: its Python part needs a module that setuptools dropped.

    Raises:
        StudioError: The package is not installed.
    """
    found = importlib.util.find_spec(package)
    home = Path(found.origin).parent if found is not None and found.origin else Path()
    files = [home / f"{module}{suffix}" for suffix in EXTENSION_SUFFIXES]
    path = next((file for file in files if file.is_file()), None)
    if path is None:
        raise StudioError(f"{package} is not installed.", "Install the extra “train”.")
    spec = importlib.util.spec_from_file_location(f"{package}.{module}", path)
    if spec is None or spec.loader is None:
        raise StudioError(f"{package} cannot be loaded.")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@dataclass(frozen=True, slots=True, eq=False)
class Syllable:
    """Frames of a syllable: where it begins, where its vowel is, and where it ends."""

    first: int
    vowel: int
    vowel_end: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """Somebody's words, taken apart.

    Attributes:
        f0: In Hz, 0 where there is no pitch; one a frame of `FRAME_SECONDS`.
        envelope: Power spectra [frames, bins].
        breath: Aperiodicity [frames, bins].
    """

    sample_rate: int
    f0: Signal
    envelope: Signal
    breath: Signal
    syllables: tuple[Syllable, ...]


def taken_apart(speech: Signal, sample_rate: int) -> Voice:
    """Pitch, spectra and syllables of a dry voice [n]."""
    world = extension("pyworld", "pyworld")
    speech = np.ascontiguousarray(speech, np.float64)
    rough, times = world.dio(speech, sample_rate, frame_period=FRAME_SECONDS * 1000)
    f0 = world.stonemask(speech, rough, times, sample_rate)
    envelope = world.cheaptrick(speech, f0, times, sample_rate)
    breath = world.d4c(speech, f0, times, sample_rate)
    return Voice(sample_rate, f0, envelope, breath, tuple(syllables(f0, envelope)))


def syllables(f0: Signal, envelope: Signal) -> list[Syllable]:
    """Syllables around the peaks of voiced loudness, parted where it is lowest."""
    loud = 10 * np.log10(envelope.mean(axis=1) + 1e-12)
    voiced = np.where(f0 > 0, loud, loud.min())
    smooth = scipy.ndimage.gaussian_filter1d(voiced, 4)
    top = float(smooth.max())
    peaks, _ = scipy.signal.find_peaks(smooth, distance=22, prominence=2.5, height=top - 30)
    if not len(peaks):
        return []
    between = [int(a + loud[a:b].argmin()) for a, b in itertools.pairwise(peaks)]
    edges = [max(0, int(peaks[0]) - 30), *between, min(len(f0) - 1, int(peaks[-1]) + 40)]
    found = []
    for peak, first, end in zip(peaks, edges[:-1], edges[1:], strict=True):
        strong = (smooth[first:end] > smooth[peak] - 5) & (f0[first:end] > 0)
        inside = np.flatnonzero(strong) + first
        if len(inside) >= 5:
            found.append(Syllable(first, int(inside[0]), int(inside[-1]) + 1, end))
    return found


def pitch_curve(notes: Notes, frames: int, rng: np.random.Generator) -> Signal:
    """Semitones (MIDI) a frame: glides between notes, scoops, vibrato and drift, as singers do."""
    curve = np.full(frames, float(notes["pitch"][0]))
    glide, depth = float(rng.uniform(0.04, 0.12)), float(rng.uniform(0.1, 0.55))
    rate, scooping = float(rng.uniform(4.8, 6.6)), float(rng.uniform(0, 0.5))
    before = float(notes["pitch"][0])
    starts = [*(min(round(float(t) / FRAME_SECONDS), frames) for t in notes["start"]), frames]
    for index, note in enumerate(notes):
        first = starts[index]
        at = np.arange(starts[index + 1] - first) * FRAME_SECONDS
        pitch = float(note["pitch"])
        away = float(notes["start"][index] - notes["end"][index - 1]) if index else 1.0
        begun = before if away < _LEGATO_SECONDS else pitch - scooping * float(rng.uniform(0, 2.5))
        held = pitch + (begun - pitch) * np.exp(-((at / glide) ** 1.5))
        grown = np.clip((at - 0.22) / 0.3, 0, 1)
        phase = 2 * np.pi * (rate * at + float(rng.random()))
        curve[first : first + len(at)] = held + depth * grown * np.sin(phase)
        before = pitch
    drift = scipy.ndimage.gaussian_filter1d(rng.normal(0, 1, frames), 30)
    scale = float(drift.std()) or 1.0
    found: Signal = curve + drift / scale * float(rng.uniform(0.03, 0.12))
    return found


def places(
    notes: Notes, table: tuple[Syllable, ...], first: int, frames: int, rng: np.random.Generator
) -> tuple[Signal, npt.NDArray[np.bool_]]:
    """Which frame of the words sounds at each frame of the song, and whether anything does.

    Consonants keep their length; vowels are held for as long as the note lasts.
    """
    at = np.zeros(frames)
    sounding = np.zeros(frames, bool)
    for index, note in enumerate(notes):
        word = table[(first + index) % len(table)]
        start = round(float(note["start"]) / FRAME_SECONDS)
        size = min(max(2, round(float(note["end"]) / FRAME_SECONDS) - start), frames - start)
        if size < 2:
            continue
        onset = min(word.vowel - word.first, round(_LONGEST_ONSET / FRAME_SECONDS), size // 3)
        coda = min(word.end - word.vowel_end, round(_LONGEST_CODA / FRAME_SECONDS), size // 4)
        knots = [0, onset, max(onset + 1, size - coda), size]
        source = [word.vowel - onset, word.vowel, word.vowel_end - 1, word.vowel_end - 1 + coda]
        placed = np.interp(np.arange(size), knots, source)
        wander = scipy.ndimage.gaussian_filter1d(rng.normal(0, 1, size), 12, mode="nearest")
        held = (np.arange(size) >= onset) & (np.arange(size) < size - coda)
        placed = placed + np.where(held, wander * 6, 0)
        at[start : start + size] = np.clip(placed, word.first, word.end)
        sounding[start : start + size] = True
    return at, sounding


def sung(
    voice: Voice, notes: Notes, rng: np.random.Generator, *, formant_semitones: float = 0.0
) -> Signal:
    """The voice's words sung to notes, one syllable a note; mono at the voice's rate.

    Raises:
        StudioError: No syllable was found in the words.
    """
    if not voice.syllables:
        raise StudioError("There are no syllables in these words.")
    frames = round((float(notes["end"].max()) + 0.3) / FRAME_SECONDS)
    first = int(rng.integers(len(voice.syllables)))
    at, sounding = places(notes, voice.syllables, first, frames, rng)
    low = np.minimum(at.astype(int), len(voice.f0) - 2)
    share = (at - low)[:, None]
    envelope = np.exp(
        (1 - share) * np.log(voice.envelope[low] + 1e-16)
        + share * np.log(voice.envelope[low + 1] + 1e-16)
    )
    breath = voice.breath[low]
    gate = scipy.ndimage.gaussian_filter1d(sounding.astype(float), 3)
    envelope = warped(envelope * _evened(envelope, sounding)[:, None], formant_semitones)
    envelope = envelope * (gate**2)[:, None] + 1e-16
    hertz = 440 * 2 ** ((pitch_curve(notes, frames, rng) - 69) / 12)
    f0 = np.where((voice.f0[low] > 0) & sounding, hertz, 0.0)
    made: Signal = extension("pyworld", "pyworld").synthesize(
        np.ascontiguousarray(f0), np.ascontiguousarray(envelope),
        np.ascontiguousarray(breath), voice.sample_rate, FRAME_SECONDS * 1000,
    )  # fmt: skip
    return made


def _evened(envelope: Signal, sounding: npt.NDArray[np.bool_]) -> Signal:
    """Power gain a frame that brings loud and soft syllables halfway together."""
    power = envelope.mean(axis=1)
    loud = np.log(power + 1e-12)
    slow = scipy.ndimage.gaussian_filter1d(np.where(sounding, loud, loud.mean()), 40)
    middle = float(np.median(slow[sounding])) if sounding.any() else 0.0
    gain: Signal = np.exp(np.clip(0.6 * (middle - slow), -1.5, 1.5))
    return gain


def warped(envelope: Signal, semitones: float) -> Signal:
    """Formants moved: a longer throat for less than nothing, a shorter one for more."""
    if abs(semitones) < 0.05:
        return envelope
    bins = envelope.shape[1]
    at = np.minimum(np.arange(bins) / 2 ** (semitones / 12), bins - 1)
    low = np.minimum(at.astype(int), bins - 2)
    share = at - low
    found: Signal = envelope[:, low] * (1 - share) + envelope[:, low + 1] * share
    return found
