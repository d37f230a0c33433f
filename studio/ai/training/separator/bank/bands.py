"""Arrangements of bands played through SoundFonts: stems of one song, by chance of sound."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import symusic

from studio.ai.training.separator.bank.index import SAMPLE_RATE
from studio.ai.training.separator.bank.soundfonts import Font, Fonts
from studio.ai.training.separator.bank.takes import NOTE, Audio, Notes, Take, chance, split_of, turn

CUT_SECONDS = (36.0, 56.0)
CUTS = 3  # of one song, each with other sounds
FEWEST_NOTES = 12
BASSES = range(32, 40)
VOICES = (52, 53, 54, 85, 91)  # would be singing in a stem that is called other
SAME_SOUND_SHARE = 0.45
JITTER_SECONDS = 0.006
SUNG_SHARE = 0.75
FAMILIES = (
    (0, 1, 2, 3, 6), (4, 5, 7), (8, 9, 11, 12, 13, 14), (16, 17, 18, 19, 20, 21),
    (24, 25, 26, 27, 28, 15), (29, 30, 31), (40, 41, 42, 48, 49), (45, 46), (44, 50, 51),
    (56, 57, 59, 60), (58, 57), (61, 62, 63), (64, 65, 66, 67), (68, 69, 70, 71),
    (72, 73, 74, 75, 76, 77, 79), (80, 81, 82, 84, 86, 87), (88, 89, 90, 92, 93, 94, 95),
    (104, 105, 106, 107, 108), (109, 110, 111),
)  # fmt: skip
FREELY = (0, 4, 5, 7, 16, 18, 24, 25, 26, 27, 28, 29, 30, 48, 50, 62, 80, 81, 88, 89, 90)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A track, its notes in seconds."""

    name: str
    program: int
    drums: bool
    notes: Notes

    @property
    def stem(self) -> str:
        if self.drums:
            return "drums"
        return "bass" if self.program in BASSES else "other"


@dataclass(frozen=True, slots=True, eq=False)
class Song:
    """A piece of music for several parts.

    Attributes:
        bars: Seconds at which bars begin; empty where they are not known.
        bpm: Where it is the same all the time.
    """

    parts: tuple[Part, ...]
    bars: tuple[float, ...]
    bpm: float | None
    told: dict[str, Any]


def read(midi: Path) -> Song:
    """A MIDI file, and what the JSON file beside it tells."""
    score: Any = symusic.Score(str(midi))
    told = json.loads(midi.with_suffix(".json").read_text(encoding="utf-8"))
    clock: Any = score.to("second")
    parts = [Part(t.name, t.program, t.is_drum, note_table(t.notes.numpy())) for t in clock.tracks]
    tempos = {round(t.qpm, 2) for t in score.tempos}
    bpm = tempos.pop() if len(tempos) == 1 else None
    meters = {(m.numerator, m.denominator) for m in score.time_signatures}
    bars: tuple[float, ...] = ()
    if bpm is not None and len(meters) == 1:
        beats, unit = meters.pop()
        bar = beats * 4 / unit * 60 / bpm
        end = max((float(p.notes["end"].max()) for p in parts if len(p.notes)), default=0.0)
        bars = tuple(float(x) for x in np.arange(0.0, end, bar))
    return Song(tuple(p for p in parts if len(p.notes)), bars, bpm, told)


def note_table(columns: dict[str, Any]) -> Notes:
    """The columns of a track in seconds as a table of `NOTE`, by start."""
    table = np.zeros(len(columns["time"]), NOTE)
    table["start"] = columns["time"]
    table["end"] = columns["time"] + columns["duration"]
    table["pitch"] = columns["pitch"]
    table["velocity"] = columns["velocity"]
    return table[np.argsort(table["start"], kind="stable")]


def cut(song: Song, rng: np.random.Generator) -> tuple[Song, float]:
    """Some bars of a song, where many parts play; and how many seconds they are.

    Notes that sound when the cut begins are left out.
    """
    end = max(float(part.notes["end"].max()) for part in song.parts)
    seconds = min(float(rng.uniform(*CUT_SECONDS)), end)
    starts = [bar for bar in song.bars if bar <= end - seconds] or [0.0]
    chosen = [starts[int(rng.integers(len(starts)))] for _ in range(4)]
    start = max(chosen, key=lambda at: sum(_sounding(p, at, at + seconds) for p in song.parts))
    parts = tuple(_between(part, start, start + seconds) for part in song.parts)
    return replace(song, parts=tuple(p for p in parts if len(p.notes))), seconds


def _sounding(part: Part, start: float, end: float) -> bool:
    at = part.notes["start"]
    return int(((at >= start) & (at < end)).sum()) >= FEWEST_NOTES


def _between(part: Part, start: float, end: float) -> Part:
    at = part.notes["start"]
    notes = part.notes[(at >= start - 0.02) & (at < end)].copy()
    notes["start"] = np.maximum(notes["start"] - start, 0)
    notes["end"] -= start
    return replace(part, notes=notes)


def played(part: Part, rng: np.random.Generator) -> Notes:
    """The notes a little early and late, loud and soft, as hands would."""
    notes = part.notes.copy()
    shift = rng.normal(0, JITTER_SECONDS, len(notes)) + rng.normal(0, JITTER_SECONDS)
    notes["start"] = np.maximum(notes["start"] + shift, 0)
    notes["end"] = np.maximum(notes["end"] + shift, notes["start"] + 0.02)
    loud = notes["velocity"].astype(float) + rng.normal(0, 7, len(notes)) + rng.normal(0, 10)
    notes["velocity"] = np.clip(np.rint(loud), 12, 127)
    return notes


def sound(part: Part, rng: np.random.Generator, font: Font) -> tuple[int, int]:
    """Bank and program for a part: its own, one of the same family, or any that fits chords."""
    if part.drums:
        return font.kits[int(rng.integers(len(font.kits)))]
    if part.program in BASSES:
        return 0, int(rng.choice(BASSES)) if rng.random() > SAME_SOUND_SHARE else part.program
    family = next((f for f in FAMILIES if part.program in f), FREELY)
    if part.program not in VOICES and part.program < 96 and rng.random() < SAME_SOUND_SHARE:
        return 0, part.program
    return 0, int(rng.choice(family if rng.random() < 0.6 else FREELY))


def placed(audio: Audio, rng: np.random.Generator, spread: float) -> Audio:
    """A track at a usual loudness, give or take, and somewhere between left and right."""
    loud = audio[:, np.abs(audio).max(axis=0) > 1e-3]
    rms = float(np.sqrt(np.square(loud).mean())) if loud.size else 0.0
    if rms == 0:
        return audio
    gain = 10 ** (rng.normal(-22, 3.5) / 20) / rms
    pan = float(np.clip(rng.normal(0, spread), -0.9, 0.9))
    sides = np.array([[min(1.0, 1 - pan)], [min(1.0, 1 + pan)]]) * gain
    return audio * sides.astype(np.float32)


class Singer(Protocol):
    """Whoever sings the melody of a band."""

    licence: str

    def sings(self, notes: Notes, split: str, rng: np.random.Generator) -> Audio | None:
        """The notes sung, from second 0 on; None where it cannot be."""
        ...


class Bands:
    """Songs of a folder of MIDI files with JSON beside them, in random cuts and sounds.

    Args:
        singer: Sings most of the tracks that are named Melody.
    """

    def __init__(
        self, name: str, share: float, folder: Path, fonts: Fonts, singer: Singer | None = None
    ) -> None:
        self.name = name
        self.share = share
        self._folder = folder
        self._fonts = fonts
        self._singer = singer

    def names(self) -> Iterator[str]:
        """Each song once before any comes again."""
        songs = sorted(path.stem for path in self._folder.glob("*.json"))
        songs.sort(key=lambda stem: turn(stem, self._group(stem)))
        for nth in range(CUTS):
            yield from (f"{stem}-{nth}" for stem in songs)

    def take(self, key: str) -> Take | None:
        """The song of that name, some bars of it."""
        stem = key.rpartition("-")[0]
        rng = chance(self.name, key)
        song = read(self._folder / f"{stem}.mid")
        if not song.parts:
            return None
        group = str(song.told.get("group") or self._group(stem))
        split = split_of(group)
        some, seconds = cut(song, rng)
        frames = round(seconds * SAMPLE_RATE)
        voice = self._sung(some, split, frames, rng)
        silent = {"Melody"} if voice is not None else set()
        parts = [part for part in some.parts if part.name not in silent]
        stems, sounds = ensemble(self._fonts, parts, split, frames, rng)
        if voice is not None and self._singer is not None:
            stems["vocals"] = faded(placed(voice, rng, 0.05))
            sounds["vocals"] = {self._singer.licence}
        tonic, mode = _key(song.told.get("key"))
        return Take(
            stems, group, split, f"notes: {song.told['licence']}", song.bpm, tonic, mode,
            0.0 if song.bars else None, sounds,
        )  # fmt: skip

    def _group(self, stem: str) -> str:
        return f"{self.name}-{stem}"

    def _sung(self, song: Song, split: str, frames: int, rng: np.random.Generator) -> Audio | None:
        melody = next((part for part in song.parts if part.name == "Melody"), None)
        if self._singer is None or melody is None or rng.random() > SUNG_SHARE:
            return None
        found = self._singer.sings(melody.notes, split, rng)
        if found is None:
            return None
        out = np.zeros((2, frames), np.float32)
        size = min(frames, found.shape[1])
        out[:, :size] = found[:, :size]
        return out


def ensemble(
    fonts: Fonts, parts: Sequence[Part], split: str, frames: int, rng: np.random.Generator
) -> tuple[dict[str, Audio], dict[str, set[str]]]:
    """The stems of all parts, and of each the SoundFonts it was played with."""
    stems: dict[str, Audio] = {}
    used: dict[str, set[str]] = defaultdict(set)
    main = rng.choice(np.array(fonts.choices(split, drums=False), object))
    for part in parts:
        choices = fonts.choices(split, drums=part.drums)
        other = part.drums or rng.random() < 0.5
        font = choices[int(rng.integers(len(choices)))] if other else main
        audio = fonts.play(font, sound(part, rng, font), played(part, rng), frames)
        audio = placed(audio, rng, 0.35 if part.stem == "other" else 0.03)
        used[part.stem].add(f"{font.name} {font.licence}")
        stems[part.stem] = stems[part.stem] + audio if part.stem in stems else audio
    return {stem: faded(audio) for stem, audio in stems.items()}, used


def _key(told: list[int] | None) -> tuple[int | None, str | None]:
    """Pitch class and mode of a key as the JSON files tell it."""
    return (told[0], "minor" if told[1] else "major") if told else (None, None)


def faded(audio: Audio) -> Audio:
    """With 20 ms of fading at the end, where the cut would click."""
    size = min(SAMPLE_RATE // 50, audio.shape[1])
    audio[:, audio.shape[1] - size :] *= np.linspace(1, 0, size, dtype=np.float32)
    return audio
