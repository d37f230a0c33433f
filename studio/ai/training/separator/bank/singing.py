"""Vocal stems: synthetic voices along melodies, alone, doubled and in choirs; and speech."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
import pedalboard
import scipy.signal
import soxr

from studio.ai.training.separator.bank import sinsy, speakers
from studio.ai.training.separator.bank.index import SAMPLE_RATE
from studio.ai.training.separator.bank.melodies import (
    Line,
    Melody,
    folk_tunes,
    lead_sheets,
    line,
    singable,
    single,
)
from studio.ai.training.separator.bank.recordings import shifted
from studio.ai.training.separator.bank.speakers import Speakers
from studio.ai.training.separator.bank.takes import Audio, Notes, Take, chance, split_of, turn
from studio.ai.training.separator.bank.voices import Signal, Voice, sung, taken_apart

SECONDS = (24.0, 40.0)
TURNS = 8
FEWEST_NOTES = 12
SENTENCES = 3  # of each voice that are sung
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
RANGES = {"f": (60, 70), "m": (49, 59)}  # where the middle of a line lies for a voice
KOKORO = f"voices of Kokoro {speakers.LICENCE}"
SINSY = f"voice nitech_jp_song070_f001 {sinsy.LICENCE}"


class Melodies:
    """All melodies there are, in an order by chance."""

    def __init__(self, data: Path) -> None:
        self._data = data

    @cached_property
    def by_name(self) -> dict[str, Melody]:
        """Melodies by a name that is part of a take's."""
        found = chain(lead_sheets(self._data), folk_tunes(self._data))
        table = {f"{nth:04d}": melody for nth, melody in enumerate(found)}
        order = sorted(table, key=lambda name: turn(table[name].name, _group(table[name])))
        return {name: table[name] for name in order}

    def names(self) -> Iterator[str]:
        """Each melody once before any comes again."""
        for nth in range(TURNS):
            yield from (f"{name}-{nth}" for name in self.by_name)

    def of(self, key: str) -> Melody:
        """The melody of a take."""
        return self.by_name[key.partition("-")[0]]


class SungBySinsy:
    """Melodies sung by Sinsy, sometimes by another throat than its own."""

    name = "sung-hmm"
    share = 0.2

    def __init__(self, melodies: Melodies) -> None:
        self._melodies = melodies

    def names(self) -> Iterator[str]:
        """Each melody once before any comes again."""
        return self._melodies.names()

    def take(self, key: str) -> Take | None:
        """Part of a melody, sung."""
        rng = chance(self.name, key)
        melody = self._melodies.of(key)
        part = line(melody, rng, int(rng.integers(64, 71)), float(rng.uniform(*SECONDS)))
        part = Line(
            _within(part.notes, sinsy.LOWEST, sinsy.HIGHEST), part.bpm, part.tonic, part.mode, 0.0
        )
        audio = produced(sinsy.sing(part, rng), sinsy.SAMPLE_RATE, rng)
        if rng.random() < 0.5:
            low = rng.random() < 0.5
            throat = float(rng.uniform(-4, -2)) if low else float(rng.uniform(-2, 2))
            audio = shifted(audio, -12.0 if low else 0.0, throat)
        return _take({"vocals": audio}, melody, part, SINSY)


class SungByKokoro:
    """Melodies sung with the words of speaking voices, some with a second voice."""

    name = "sung"
    share = 0.45

    def __init__(self, melodies: Melodies, voices: Speakers) -> None:
        self._melodies = melodies
        self._voices = voices

    def names(self) -> Iterator[str]:
        """Each melody once before any comes again."""
        return self._melodies.names()

    def take(self, key: str) -> Take | None:
        """Part of a melody, sung."""
        rng = chance(self.name, key)
        melody = self._melodies.of(key)
        voice, name = a_voice(self._voices, split_of(_group(melody)), rng)
        centre = int(rng.integers(*RANGES[name[1]]))
        part = line(melody, rng, centre, float(rng.uniform(*SECONDS)))
        if not voice.syllables or not len(part.notes):
            return None
        throat = float(rng.normal(0, 1.2))
        lead = sung(voice, part.notes, rng, formant_semitones=throat)
        audio = produced(lead, voice.sample_rate, rng)
        if rng.random() < 0.25 and part.mode is not None:
            notes = harmony(part, int(rng.choice([-3, -2, 2, 5])))
            second = sung(voice, notes, rng, formant_semitones=throat + float(rng.normal(0, 0.7)))
            audio = _added(audio, 0.5 * produced(second, voice.sample_rate, rng))
        return _take({"vocals": audio}, melody, part, KOKORO)


class Vocalist:
    """Sings the melodies of bands with the words of Kokoro's voices, in a range that suits them."""

    licence = KOKORO

    def __init__(self, voices: Speakers) -> None:
        self._voices = voices

    def sings(self, notes: Notes, split: str, rng: np.random.Generator) -> Audio | None:
        """The notes sung, from second 0 on; None where they are too few or too quick."""
        voice, name = a_voice(self._voices, split, rng)
        table = singable(single(notes), rng)
        if not voice.syllables or len(table) < FEWEST_NOTES:
            return None
        away = sum(RANGES[name[1]]) / 2 - float(np.median(table["pitch"]))
        table = _moved(table, 12 * round(away / 12))
        found = sung(voice, table, rng, formant_semitones=float(rng.normal(0, 1.2)))
        return produced(found, voice.sample_rate, rng)


class Choirs:
    """Many voices together: in unison, in octaves, in thirds and fifths."""

    name = "choirs"
    share = 0.15

    def __init__(self, melodies: Melodies, voices: Speakers) -> None:
        self._melodies = melodies
        self._voices = voices

    def names(self) -> Iterator[str]:
        """Each melody once before any comes again."""
        return self._melodies.names()

    def take(self, key: str) -> Take | None:
        """Part of a melody, sung by a choir in a room."""
        rng = chance(self.name, key)
        melody = self._melodies.of(key)
        split = split_of(_group(melody))
        part = line(melody, rng, int(rng.integers(60, 66)), float(rng.uniform(20, 30)))
        voices = [a_voice(self._voices, split, rng) for _ in range(int(rng.integers(2, 4)))]
        voices = [row for row in voices if row[0].syllables]
        if not voices or not len(part.notes):
            return None
        out = np.zeros((2, round((part.seconds + 3) * SAMPLE_RATE)), np.float32)
        steps = [0, 0, 2, 4, -3] if part.mode is not None else [0]
        for index in range(int(rng.integers(5, 9))):
            voice, name = voices[index % len(voices)]
            notes = harmony(part, int(rng.choice(steps))) if part.mode else part.notes.copy()
            low = name[1] == "m"
            notes = _moved(notes, -12 if low else 0)
            late = float(rng.normal(0, 0.03))
            for field in ("start", "end"):
                notes[field] = np.maximum(notes[field] + late, 0.0)
            one = sung(voice, notes, rng, formant_semitones=float(rng.normal(0, 1.5)))
            _add(out, _panned(_resampled(one, voice.sample_rate), rng, 0.45))
        room = pedalboard.Reverb(
            room_size=float(rng.uniform(0.5, 0.95)), wet_level=float(rng.uniform(0.15, 0.4)),
            dry_level=0.6, damping=float(rng.uniform(0.2, 0.8)),
        )  # fmt: skip
        audio: Audio = room(out, SAMPLE_RATE, reset=True)
        return _take({"vocals": audio}, melody, part, KOKORO)


class Spoken:
    """Plain speech, for words that are not sung."""

    name = "speech"
    share = 0.12

    def __init__(self, voices: Speakers) -> None:
        self._voices = voices

    def names(self) -> Iterator[str]:
        """Some sentences of each voice."""
        for number in range(SENTENCES):
            for split in ("train", "test"):
                yield from (f"{name}-{number}" for name in self._voices.names(split))

    def take(self, key: str) -> Take | None:
        """Some lines."""
        name, _, number = key.rpartition("-")
        rng = chance(self.name, key)
        audio = produced(self._voices.spoken(name, int(number)), speakers.SAMPLE_RATE, rng)
        split = "test" if name in speakers.HELD_OUT else "train"
        return Take({"vocals": audio}, f"kokoro-{name}", split, KOKORO)


def a_voice(voices: Speakers, split: str, rng: np.random.Generator) -> tuple[Voice, str]:
    """The words of a voice by chance, taken apart; and whose voice it is."""
    names = voices.names(split)
    name = names[int(rng.integers(len(names)))]
    speech = voices.spoken(name, int(rng.integers(SENTENCES)))
    return taken_apart(speech, speakers.SAMPLE_RATE), name


def harmony(part: Line, steps: int) -> Notes:
    """The line so many steps of its scale higher."""
    if part.tonic is None or part.mode is None or steps == 0:
        return part.notes.copy()
    scale = SCALES[part.mode]
    notes = part.notes.copy()
    for row in notes:
        octave, place = divmod(int(row["pitch"]) - part.tonic, 12)
        degree = min(range(7), key=lambda d: (abs(scale[d] - place), d))
        up, new = divmod(degree + steps, 7)
        row["pitch"] = part.tonic + 12 * (octave + up) + scale[new] + (place - scale[degree])
    return notes


def produced(voice: Signal, sample_rate: int, rng: np.random.Generator) -> Audio:
    """A dry mono voice at 44.1 kHz, stereo, with some air above what it holds, perhaps doubled."""
    found = _resampled(voice, sample_rate)
    if sample_rate < SAMPLE_RATE and rng.random() < 0.7:
        found = airy(found, float(rng.uniform(0.1, 0.5)), rng)
    return np.stack([found, found]).astype(np.float32)


def _resampled(voice: Signal, sample_rate: int) -> Signal:
    converted: Signal = soxr.resample(voice, sample_rate, SAMPLE_RATE)
    return converted


def airy(voice: Signal, amount: float, rng: np.random.Generator) -> Signal:
    """With noise above 10 kHz that follows the sibilants below it, as air does."""
    band = scipy.signal.butter(2, (5000, 10500), "bandpass", fs=SAMPLE_RATE, output="sos")
    loud = np.abs(scipy.signal.sosfilt(band, voice))
    slow = scipy.signal.sosfilt(scipy.signal.butter(1, 60, fs=SAMPLE_RATE, output="sos"), loud)
    high = scipy.signal.butter(4, 10500, "highpass", fs=SAMPLE_RATE, output="sos")
    noise = scipy.signal.sosfilt(high, rng.normal(0, 1, len(voice)))
    found: Signal = voice + amount * noise * np.maximum(slow, 0)
    return found


def _within(notes: Notes, lowest: int, highest: int) -> Notes:
    """Notes outside a range moved by octaves into it."""
    found = notes.copy()
    pitch = found["pitch"].astype(int)
    pitch += 12 * np.maximum(-((pitch - lowest) // 12), 0)
    pitch -= 12 * np.maximum(-((highest - pitch) // 12), 0)
    found["pitch"] = pitch
    return found


def _moved(notes: Notes, semitones: int) -> Notes:
    found = notes.copy()
    found["pitch"] = np.clip(found["pitch"].astype(int) + semitones, 36, 88)
    return found


def _panned(voice: Signal, rng: np.random.Generator, spread: float) -> Audio:
    pan = float(np.clip(rng.normal(0, spread), -0.95, 0.95))
    return np.stack([voice * min(1, 1 - pan), voice * min(1, 1 + pan)]).astype(np.float32)


def _add(out: Audio, audio: Audio) -> None:
    size = min(out.shape[1], audio.shape[1])
    out[:, :size] += audio[:, :size]


def _added(first: Audio, second: Audio) -> Audio:
    found = np.zeros((2, max(first.shape[1], second.shape[1])), np.float32)
    _add(found, first)
    _add(found, second)
    return found


def _group(melody: Melody) -> str:
    return f"melody-{melody.name}"


def _take(stems: dict[str, Audio], melody: Melody, part: Line, voice: str) -> Take:
    group = _group(melody)
    return Take(
        stems, group, split_of(group), f"notes: {melody.licence}; {voice}", part.bpm, part.tonic,
        part.mode, part.beat_seconds,
    )  # fmt: skip
