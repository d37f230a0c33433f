"""Stems that people recorded: four songs of the album Everything is Free (CC0)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pedalboard
import scipy.signal
import soundfile
import soxr

from studio.ai.training.separator.bank.index import SAMPLE_RATE, STEMS
from studio.ai.training.separator.bank.takes import Audio, Take, chance

LICENCE = "Everything is Free CC0-1.0"
SEGMENT_SECONDS = 40.0
LARGEST_SHIFT = 5.0  # semitones
LARGEST_FORMANT_SHIFT = 3.0
BASS_BELOW_HZ = 200.0
_COPIES = 8


@dataclass(frozen=True, slots=True)
class Recording:
    """A song.

    Attributes:
        bass_in_other: It has no bass of its own; what is low in "other" is taken for it.
    """

    name: str
    split: str
    bass_in_other: bool = False

    @property
    def files(self) -> tuple[str, ...]:
        """The stems that were published."""
        return tuple(stem for stem in STEMS if stem != "bass" or not self.bass_in_other)


RECORDINGS = (
    Recording("lithium", "train"),
    Recording("sodium", "test"),
    Recording("potassium", "train", bass_in_other=True),
    Recording("francium", "train", bass_in_other=True),
)


def _read(path: Path, start_seconds: float) -> Audio:
    """A segment at 44.1 kHz; the files begin at the same moment."""
    with soundfile.SoundFile(path) as file:
        file.seek(min(round(start_seconds * file.samplerate), file.frames))
        audio = file.read(round(SEGMENT_SECONDS * file.samplerate), dtype="float32", always_2d=True)
        converted = soxr.resample(audio, file.samplerate, SAMPLE_RATE)
    found: Audio = np.ascontiguousarray(converted.T, np.float32)
    return found


class Recorded:
    """The songs in segments, as they are."""

    name = "recorded"
    share = 10.0

    def __init__(self, data: Path) -> None:
        self._folder = data / "stems"

    def names(self) -> Iterator[str]:
        """Segments in turn of all songs."""
        ends = {r.name: _seconds(self._folder / r.name) for r in RECORDINGS}
        for nth in range(round(max(ends.values()) // SEGMENT_SECONDS)):
            for name, end in ends.items():
                if (nth + 0.5) * SEGMENT_SECONDS < end:
                    yield f"{name}-{nth}"

    def take(self, key: str) -> Take | None:
        """A segment of a song."""
        name, _, nth = key.rpartition("-")
        song = next(r for r in RECORDINGS if r.name == name)
        start = int(nth) * SEGMENT_SECONDS
        stems = {s: _read(self._folder / name / f"{s}.opus", start) for s in song.files}
        shortest = min(audio.shape[1] for audio in stems.values())
        cut = {stem: audio[:, :shortest] for stem, audio in stems.items()}
        if song.bass_in_other:
            cut["bass"], cut["other"] = parted(cut["other"])
        return Take(cut, f"everything-is-free-{name}", song.split, LICENCE)


def parted(audio: Audio) -> tuple[Audio, Audio]:
    """What lies below `BASS_BELOW_HZ`, and all else; their sum is the audio."""
    steps = scipy.signal.butter(4, BASS_BELOW_HZ, fs=SAMPLE_RATE, output="sos")
    low: Audio = scipy.signal.sosfiltfilt(steps, audio).astype(np.float32)
    return low, audio - low


def _seconds(folder: Path) -> float:
    return float(soundfile.info(folder / "drums.opus").duration)


class Shifted:
    """The singing of the songs in training, higher and lower, by other throats.

    Formants move with the speed of the recording, and Rubber Band brings its tempo and the wanted
    pitch back without moving them again.
    """

    name = "shifted-singing"
    share = 0.5

    def __init__(self, data: Path) -> None:
        self._folder = data / "stems"

    def names(self) -> Iterator[str]:
        """Each segment in several ways."""
        songs = [r for r in RECORDINGS if r.split == "train"]
        for copy in range(_COPIES):
            for nth in range(8):
                yield from (f"{song.name}-{nth}-{copy}" for song in songs)

    def take(self, key: str) -> Take | None:
        """A segment of singing, shifted."""
        name, nth, _ = key.split("-")
        rng = chance(self.name, key)
        audio = _read(self._folder / name / "vocals.opus", int(nth) * SEGMENT_SECONDS)
        if not audio.size or np.sqrt(np.square(audio).mean()) < 1e-3:
            return None
        pitch = float(rng.uniform(-LARGEST_SHIFT, LARGEST_SHIFT))
        throat = float(rng.uniform(-LARGEST_FORMANT_SHIFT, LARGEST_FORMANT_SHIFT))
        stems = {"vocals": shifted(audio, pitch, throat)}
        return Take(stems, f"everything-is-free-{name}", "train", LICENCE)


def shifted(audio: Audio, pitch_semitones: float, formant_semitones: float) -> Audio:
    """Singing moved in pitch and, apart from that, in its formants; as long as before."""
    ratio = 2 ** (formant_semitones / 12)
    faster = soxr.resample(audio.T, SAMPLE_RATE * ratio, SAMPLE_RATE).T
    moved = pedalboard.time_stretch(
        np.ascontiguousarray(faster, np.float32), SAMPLE_RATE,
        stretch_factor=faster.shape[1] / audio.shape[1],
        pitch_shift_in_semitones=pitch_semitones - formant_semitones,
        preserve_formants=True,
    )  # fmt: skip
    found = np.zeros_like(audio)
    size = min(audio.shape[1], moved.shape[1])
    found[:, :size] = moved[:, :size]
    return found
