"""Keys, scales and chords, and how musicians write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

SHARP_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLAT_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")

SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "chromatic": tuple(range(12)),
}

# Chord quality as written -> semitones above the root. The first name of equal rows is written.
QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "5": (0, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "mmaj7": (0, 3, 7, 11),
    "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "aug7": (0, 4, 8, 10),
    "7sus4": (0, 5, 7, 10),
    "add9": (0, 4, 7, 14),
    "madd9": (0, 3, 7, 14),
    "9": (0, 4, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "m9": (0, 3, 7, 10, 14),
    "7b9": (0, 4, 7, 10, 13),
    "7#9": (0, 4, 7, 10, 15),
    "11": (0, 7, 10, 14, 17),
    "m11": (0, 3, 7, 10, 14, 17),
    "13": (0, 4, 7, 10, 14, 21),
    "69": (0, 4, 7, 9, 14),
    "m13": (0, 3, 7, 10, 14, 21),
    "maj13": (0, 4, 7, 11, 14, 21),
    "7b5": (0, 4, 6, 10),
    "7#11": (0, 4, 7, 10, 18),
    "maj7#11": (0, 4, 7, 11, 18),
    "7b13": (0, 4, 7, 10, 20),
    "9sus4": (0, 5, 7, 10, 14),
}
_SPELLINGS = {
    "maj": "", "M": "", "major": "", "min": "m", "minor": "m", "-": "m", "o": "dim", "°": "dim",
    "+": "aug",
    "sus": "sus4", "2": "sus2", "4": "sus4", "add2": "add9", "dom7": "7", "M7": "maj7",
    "Δ": "maj7", "Δ7": "maj7",
    "maj7": "maj7", "min7": "m7", "-7": "m7", "ø": "m7b5", "ø7": "m7b5", "min7b5": "m7b5",
    "-7b5": "m7b5",
    "o7": "dim7", "°7": "dim7", "+7": "aug7", "7#5": "aug7", "M9": "maj9", "Δ9": "maj9",
    "min9": "m9", "-9": "m9",
    "mM7": "mmaj7", "minmaj7": "mmaj7", "min6": "m6", "-6": "m6", "7sus": "7sus4", "9sus": "9sus4",
    "6add9": "69",
    "min11": "m11", "min13": "m13", "M13": "maj13",
}  # fmt: skip
_CHORD = re.compile(r"^([A-Ga-g])([#b♯♭]?)([^/]*)(?:/([A-Ga-g])([#b♯♭]?))?$")
_NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def pitch_class(letter: str, accidental: str = "") -> int:
    """0-11 for a note name such as ("B", "b")."""
    shift = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}[accidental]
    return (_NATURALS[letter.upper()] + shift) % 12


def pitch_name(pitch: int, flats: bool = False) -> str:
    """MIDI key 60 is `C4`."""
    return f"{(FLAT_NAMES if flats else SHARP_NAMES)[pitch % 12]}{pitch // 12 - 1}"


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic (pitch class 0-11) and a scale named in `SCALES`."""

    tonic: int
    mode: str = "major"

    def __post_init__(self) -> None:
        if self.tonic not in range(12) or self.mode not in SCALES:
            raise ValueError(f"no such key: {self.tonic} {self.mode}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """`D minor`, `F# dorian`, `Bbm`, `C`.

        Raises:
            ValueError: The text names no key.
        """
        found = re.match(r"^\s*([A-Ga-g])([#b♯♭]?)\s*(.*?)\s*$", text)
        if not found:
            raise ValueError(f"no key is called {text!r}")
        mode = " ".join(found[3].split())
        mode = {"": "major", "m": "minor", "M": "major"}.get(mode, mode.lower())
        mode = {"maj": "major", "min": "minor", "ionian": "major", "aeolian": "minor"}.get(
            mode, mode
        )
        if mode not in SCALES:
            raise ValueError(f"no key is called {text!r}")
        return cls(pitch_class(found[1], found[2]), mode)

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        return tuple((self.tonic + step) % 12 for step in SCALES[self.mode])

    @property
    def is_minor(self) -> bool:
        return 3 in SCALES[self.mode] and 4 not in SCALES[self.mode]

    @property
    def fifths(self) -> int:
        """Sharps (positive) or flats (negative) of the key signature, -5..6."""
        to_major = {"dorian": 10, "phrygian": 8, "lydian": 7, "mixolydian": 5, "locrian": 1}
        shift = to_major.get(self.mode, 3 if self.is_minor else 0)
        count = (self.tonic + shift) % 12 * 7 % 12
        return count - 12 if count > 6 else count

    @property
    def uses_flats(self) -> bool:
        return self.fifths < 0

    @property
    def name(self) -> str:
        names = FLAT_NAMES if self.uses_flats else SHARP_NAMES
        return f"{names[self.tonic]} {self.mode}"

    def chord_name(self, chord: Chord) -> str:
        """A chord as it is spelled in this key: by the name of its root that lies nearer on the
        line of fifths (Bb and not A# in C major), while diminished ones lead up (C#dim in D minor).
        """
        foreign = chord.root not in self.pitch_classes
        leads_up = foreign and 6 in chord.intervals and 4 not in chord.intervals
        sharp = (chord.root * 7 + 1) % 12 - 1  # F -1, C 0, ... B 5, F# 6, ... A# 10
        nearer = abs(sharp - self.fifths - 1) < abs(sharp - 12 - self.fifths - 1)
        return chord.name(flats=sharp > 5 and not (leads_up or nearer))

    def __contains__(self, pitch: int) -> bool:
        return pitch % 12 in self.pitch_classes

    def nearest(self, pitch: int) -> int:
        """The pitch of the scale next to `pitch`; the lower one where two are equally near."""
        return min(
            range(max(pitch - 6, 0), min(pitch + 7, 128)),
            key=lambda p: (p not in self, abs(p - pitch), p),
        )


@dataclass(frozen=True, slots=True)
class Chord:
    """A root (pitch class), a quality of `QUALITIES`, and a bass note if it is not the root."""

    root: int
    quality: str = ""
    bass: int | None = None

    def __post_init__(self) -> None:
        notes = (self.root,) if self.bass is None else (self.root, self.bass)
        if any(note not in range(12) for note in notes) or self.quality not in QUALITIES:
            raise ValueError(f"no such chord: {self.root} {self.quality!r}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """`Dm7`, `F#m7b5`, `Bb/D`, `Cmaj7`.

        Raises:
            ValueError: The text names no chord this studio knows.
        """
        plain = text.strip().replace("(", "").replace(")", "").replace("6/9", "69")
        found = _CHORD.match(plain)
        if not found:
            raise ValueError(f"no chord is called {text!r}")
        quality = found[3].replace("♭", "b").replace("♯", "#")
        quality = _SPELLINGS.get(quality, quality)
        if quality not in QUALITIES:
            raise ValueError(f"no chord is called {text!r}")
        root = pitch_class(found[1], found[2])
        bass = pitch_class(found[4], found[5]) if found[4] else root
        return cls(root, quality, None if bass == root else bass)

    @property
    def intervals(self) -> tuple[int, ...]:
        """Semitones above the root, rising."""
        return QUALITIES[self.quality]

    @property
    def pitch_classes(self) -> frozenset[int]:
        return frozenset((self.root + step) % 12 for step in self.intervals)

    def name(self, flats: bool = False) -> str:
        names = FLAT_NAMES if flats else SHARP_NAMES
        bass = "" if self.bass is None else f"/{names[self.bass]}"
        return f"{names[self.root]}{self.quality}{bass}"
