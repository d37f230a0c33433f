"""General MIDI instruments by the names the lexicon uses: program, usual role and compass."""

from __future__ import annotations

from typing import NamedTuple


class Instrument(NamedTuple):
    """An instrument as a part uses it.

    Attributes:
        title: Names a new track.
        low, high: MIDI keys between which it plays well.
        push: Velocity added (or taken), so that it balances with the others in a General MIDI set.
    """

    title: str
    program: int
    role: str
    low: int
    high: int
    push: int = 0
    drums: bool = False


INSTRUMENTS: dict[str, Instrument] = {
    "piano": Instrument("Piano", 0, "chords", 28, 96),
    "electric piano": Instrument("Electric piano", 4, "chords", 36, 92),
    "organ": Instrument("Organ", 16, "chords", 36, 88, 8),
    "harpsichord": Instrument("Harpsichord", 6, "chords", 36, 86, 16),
    "vibraphone": Instrument("Vibraphone", 11, "melody", 53, 89, 22),
    "marimba": Instrument("Marimba", 12, "counter", 48, 88, 14),
    "music box": Instrument("Music box", 10, "melody", 60, 96, 34),
    "accordion": Instrument("Accordion", 21, "melody", 55, 88),
    "harmonica": Instrument("Harmonica", 22, "melody", 60, 88),
    "acoustic guitar": Instrument("Acoustic guitar", 25, "chords", 40, 80, 18),
    "nylon guitar": Instrument("Nylon guitar", 24, "chords", 40, 80, 4),
    "electric guitar": Instrument("Electric guitar", 27, "chords", 40, 84),
    "distorted guitar": Instrument("Distorted guitar", 30, "chords", 38, 84, -8),
    "muted guitar": Instrument("Muted guitar", 28, "chords", 40, 80),
    "banjo": Instrument("Banjo", 105, "chords", 48, 84, 10),
    "mandolin": Instrument("Mandolin", 25, "melody", 55, 88, 18),
    "harp": Instrument("Harp", 46, "chords", 36, 92, 12),
    "bass": Instrument("Bass", 33, "bass", 28, 55),
    "upright bass": Instrument("Upright bass", 32, "bass", 28, 55),
    "fretless bass": Instrument("Fretless bass", 35, "bass", 28, 55),
    "synth bass": Instrument("Synth bass", 38, "bass", 28, 55, 12),
    "slap bass": Instrument("Slap bass", 36, "bass", 28, 55, 10),
    "strings": Instrument("Strings", 48, "pad", 43, 88),
    "violin": Instrument("Violin", 40, "melody", 55, 93),
    "viola": Instrument("Viola", 41, "counter", 48, 79),
    "cello": Instrument("Cello", 42, "counter", 36, 74, -8),
    "choir": Instrument("Choir", 52, "pad", 48, 79),
    "trumpet": Instrument("Trumpet", 56, "melody", 55, 82),
    "trombone": Instrument("Trombone", 57, "counter", 42, 70, -18),
    "french horn": Instrument("French horn", 60, "counter", 43, 72, -10),
    "brass": Instrument("Brass", 61, "counter", 48, 79),
    "saxophone": Instrument("Tenor sax", 66, "melody", 46, 77, -2),
    "clarinet": Instrument("Clarinet", 71, "melody", 52, 86),
    "oboe": Instrument("Oboe", 68, "melody", 58, 86),
    "flute": Instrument("Flute", 73, "melody", 60, 93),
    "synth lead": Instrument("Synth lead", 81, "melody", 52, 88),
    "square lead": Instrument("Square lead", 80, "melody", 52, 88),
    "sitar": Instrument("Sitar", 104, "melody", 50, 79),
    "bagpipes": Instrument("Bagpipes", 109, "melody", 57, 81),
    "ukulele": Instrument("Ukulele", 24, "chords", 57, 81, 4),
    "synth pad": Instrument("Synth pad", 89, "pad", 43, 84, 10),
    "arpeggio": Instrument("Arpeggio", 88, "arpeggio", 50, 88),
    "pluck": Instrument("Pluck", 45, "arpeggio", 50, 88, 24),
    "drums": Instrument("Drums", 0, "drums", 35, 81, drums=True),
    "brushes": Instrument("Brushes", 40, "drums", 35, 81, drums=True),
    "electronic kit": Instrument("Electronic drums", 24, "drums", 35, 81, drums=True),
    "808 kit": Instrument("808 drums", 25, "drums", 35, 81, drums=True),
    "jazz kit": Instrument("Jazz drums", 32, "drums", 35, 81, drums=True),
    "power kit": Instrument("Power drums", 16, "drums", 35, 81, -14, drums=True),
}

ROLES = ("melody", "counter", "chords", "pad", "bass", "drums")
# How a part sounds whose role alone was asked for and whose style has none.
BY_ROLE = {
    "melody": "flute", "counter": "cello", "chords": "piano", "pad": "strings", "bass": "bass",
    "drums": "drums",
}  # fmt: skip
# Keys in which each role stays, whatever the instrument could do.
COMPASS = {
    "melody": (57, 84), "counter": (50, 74), "chords": (50, 73), "pad": (50, 77), "bass": (28, 52),
        "drums": (35, 81),
}  # fmt: skip
BRUSH_KIT = 40
BASS_PROGRAMS = range(32, 40)
