"""What makes a style: tempo, mode, feel, form, and how each part is played in it."""

from __future__ import annotations

from typing import NamedTuple

from studio.ai.sketch.melody import Manner


class Style(NamedTuple):
    """A style as data.

    Attributes:
        bpm: Usual range of quarter notes a minute.
        minor: How often it is in minor, 0-1; `tonics` its usual keys (pitch classes).
        swing: How late off-beat eighths are,
        0 straight to 1 triplets; `swing16` likewise for sixteenths.
        form: A family of `form.FORMS`; `cadence` a kind of `progressions.CADENCES`.
        bass, figure, left, fills: Names in `bass.LINES`, `comping.FIGURES`, `comping.LEFT_HANDS`,
        `groove.FILLS`.
        parts: (role, instruments to choose from), the main one first.
        voices: Notes of a chord; `rootless` leaves the root to the bass.
        late: Ticks the band plays behind the beat.
    """

    bpm: tuple[int, int]
    minor: float
    tonics: tuple[int, ...]
    manner: Manner
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    bass: str
    figure: str
    form: str = "song"
    cadence: str = "plain"
    fills: str = "kit"
    left: str = "arpeggio"
    swing: float = 0.0
    swing16: float = 0.0
    meter: tuple[int, int] = (4, 4)
    voices: int = 3
    rootless: bool = False
    late: int = 0


_GUITAR_KEYS = (0, 2, 4, 7, 9)
_FLAT_KEYS = (0, 2, 3, 5, 7, 10)
_ANY = (0, 2, 3, 4, 5, 7, 9, 10)

STYLES: dict[str, Style] = {
    "pop": Style(
        (96, 124), 0.3, _ANY, Manner(1.5, 0.55, 0.14, 0.0, 0.14, True),
        (("melody", ("synth lead", "flute", "electric guitar")), ("chords", ("piano",
        "electric piano")),
         ("bass", ("bass", "synth bass")), ("drums", ("drums",)), ("pad", ("strings",
         "synth pad"))),
        "pop", "pop",
    ),
    "rock": Style(
        (112, 148), 0.35, _GUITAR_KEYS, Manner(1.4, 0.5, 0.08, 0.0, 0.14, True),
        (("melody", ("electric guitar", "synth lead")), ("chords", ("distorted guitar",
        "electric guitar")),
         ("bass", ("bass",)), ("drums", ("power kit",)), ("pad", ("organ",))),
        "rock", "rock", left="octaves",
    ),
    "jazz": Style(
        (112, 184), 0.3, _FLAT_KEYS, Manner(1.5, 0.6, 0.04, 0.16, 0.2),
        (("melody", ("saxophone", "trumpet", "vibraphone", "clarinet")), ("chords", ("piano",)),
         ("bass", ("upright bass",)), ("drums", ("jazz kit",))),
        "walking", "jazz", "aaba", "jazz", "light", "walking", swing=0.85, voices=4, rootless=True,
    ),
    "bossa nova": Style(
        (116, 144), 0.4, _FLAT_KEYS, Manner(1.15, 0.85, 0.0, 0.0, 0.14),
        (("melody", ("flute", "saxophone", "vibraphone")), ("chords", ("nylon guitar",
        "electric piano")),
         ("bass", ("upright bass",)), ("drums", ("drums",))),
        "bossa nova", "bossa nova", "aaba", "jazz", "light", "held", voices=4, rootless=True,
    ),
    "blues": Style(
        (72, 126), 0.25, _GUITAR_KEYS, Manner(1.25, 0.55, 0.05, 0.3, 0.25, True),
        (("melody", ("harmonica", "electric guitar", "saxophone")), ("chords", ("electric guitar",
        "piano", "organ")),
         ("bass", ("bass",)), ("drums", ("drums",))),
        "blues", "blues", "blues", "blues", "kit", "stride", swing=0.9, voices=4,
    ),
    "funk": Style(
        (96, 114), 0.65, (4, 9, 2, 7, 10), Manner(1.7, 0.85, 0.45, 0.0, 0.25, True),
        (("melody", ("brass", "saxophone", "synth lead")), ("chords", ("electric guitar",
        "electric piano")),
         ("bass", ("slap bass", "bass")), ("drums", ("drums",)), ("pad", ("organ",))),
        "funk", "funk", "loop", "blues", swing16=0.15, voices=4, rootless=True,
    ),
    "house": Style(
        (120, 128), 0.75, _ANY, Manner(1.4, 0.8, 0.3, 0.0, 0.2, True),
        (("melody", ("synth lead", "pluck")), ("chords", ("electric piano", "piano")),
         ("bass", ("synth bass",)), ("drums", ("electronic kit",)), ("pad", ("synth pad",)),
         ("arpeggio", ("arpeggio",))),
        "house", "house", "loop", "modal", "electronic", "octaves", voices=4,
    ),
    "lo-fi": Style(
        (70, 88), 0.55, _FLAT_KEYS, Manner(1.15, 0.65, 0.2, 0.0, 0.3, True),
        (("melody", ("vibraphone", "music box", "nylon guitar")), ("chords", ("electric piano",)),
         ("bass", ("bass", "upright bass")), ("drums", ("electronic kit", "drums")), ("pad",
         ("synth pad",))),
        "lo-fi", "lo-fi", "loop", "modal", "light", "held", swing16=0.55, voices=4, rootless=True,
        late=12,
    ),
    "folk": Style(
        (92, 124), 0.3, _GUITAR_KEYS, Manner(1.35, 0.2, 0.06, 0.0, 0.06, True),
        (("melody", ("violin", "flute", "accordion")), ("chords", ("acoustic guitar",)), ("bass",
        ("upright bass",)),
         ("drums", ("brushes",)), ("counter", ("mandolin", "cello"))),
        "folk", "picking", fills="none",
    ),
    "country": Style(
        (100, 132), 0.1, _GUITAR_KEYS, Manner(1.4, 0.3, 0.1, 0.0, 0.1, True),
        (("melody", ("violin", "electric guitar", "harmonica")), ("chords", ("acoustic guitar",)),
        ("bass", ("bass",)),
         ("drums", ("drums",)), ("counter", ("banjo",))),
        "country", "boom", left="stride",
    ),
    "waltz": Style(
        (132, 176), 0.45, _ANY, Manner(0.9, 0.15, 0.03, 0.0, 0.05),
        (("melody", ("violin", "accordion", "clarinet")), ("chords", ("piano", "accordion")),
        ("bass", ("upright bass",)),
         ("drums", ("brushes",)), ("pad", ("strings",))),
        "waltz", "waltz", "classical", "classical", "none", "waltz", meter=(3, 4),
    ),
    "ballad": Style(
        (62, 80), 0.4, _ANY, Manner(1.2, 0.4, 0.14, 0.0, 0.12),
        (("melody", ("flute", "saxophone", "violin")), ("chords", ("piano",)), ("bass",
        ("fretless bass", "bass")),
         ("drums", ("drums",)), ("pad", ("strings",))),
        "ballad", "ballad", fills="light",
    ),
    "ambient": Style(
        (60, 84), 0.5, _ANY, Manner(0.5, 0.3, 0.0, 0.0, 0.25, True),
        (("melody", ("music box", "vibraphone", "synth lead")), ("chords", ("piano",
        "electric piano")),
         ("pad", ("synth pad", "choir")), ("bass", ("synth bass",)), ("counter", ("cello",))),
        "ambient", "ambient", "loop", "modal", "none", "held", voices=4,
    ),
    "classical": Style(
        (84, 132), 0.4, _ANY, Manner(1.5, 0.1, 0.2, 0.0, 0.06),
        (("melody", ("violin", "flute", "oboe")), ("chords", ("piano", "harpsichord", "harp")),
        ("bass", ("cello",)),
         ("counter", ("viola", "clarinet"))),
        "classical", "alberti", "classical", "classical", "none", "arpeggio",
    ),
    "reggae": Style(
        (70, 86), 0.45, _GUITAR_KEYS, Manner(1.3, 0.5, 0.12, 0.0, 0.2, True),
        (("melody", ("trombone", "saxophone", "harmonica")), ("chords", ("electric guitar",
        "organ")), ("bass", ("bass",)),
         ("drums", ("drums",)), ("pad", ("organ",))),
        "reggae", "skank", "loop", swing16=0.3,
    ),
    "latin": Style(
        (92, 116), 0.6, _ANY, Manner(1.55, 0.8, 0.15, 0.0, 0.14),
        (("melody", ("trumpet", "flute")), ("chords", ("piano",)), ("bass", ("upright bass",)),
        ("drums", ("drums",)),
         ("counter", ("brass", "trombone"))),
        "latin", "montuno", "loop", "classical", "percussion", "octaves", voices=3,
    ),
    "metal": Style(
        (140, 184), 0.95, (4, 2, 9, 11), Manner(1.8, 0.3, 0.35, 0.1, 0.1),
        (("melody", ("distorted guitar",)), ("chords", ("distorted guitar",)), ("bass", ("bass",)),
        ("drums", ("power kit",)),
         ("pad", ("choir", "strings"))),
        "metal", "power", "song", "power", left="octaves",
    ),
    "soul": Style(
        (72, 104), 0.4, _FLAT_KEYS, Manner(1.4, 0.65, 0.3, 0.0, 0.2, True),
        (("melody", ("saxophone", "trumpet", "electric guitar")), ("chords", ("electric piano",
        "organ")), ("bass", ("bass",)),
         ("drums", ("drums",)), ("pad", ("strings",)), ("counter", ("brass",))),
        "soul", "soul", "song", "jazz", "light", swing16=0.35, voices=4, rootless=True, late=8,
    ),
    "disco": Style(
        (114, 124), 0.6, _ANY, Manner(1.5, 0.6, 0.2, 0.0, 0.14),
        (("melody", ("strings", "synth lead", "brass")), ("chords", ("electric guitar",
        "electric piano")), ("bass", ("bass",)),
         ("drums", ("drums",)), ("pad", ("strings",))),
        "disco", "disco", "song", fills="kit", voices=3,
    ),
    "trap": Style(
        (132, 150), 0.95, (0, 1, 2, 5, 7, 9, 10), Manner(1.1, 0.5, 0.2, 0.12, 0.25),
        (("melody", ("music box", "flute", "synth lead")), ("chords", ("piano", "electric piano")),
        ("bass", ("synth bass",)),
         ("drums", ("808 kit",)), ("pad", ("choir", "synth pad"))),
        "trap", "trap", "loop", "plain", "electronic", "held",
    ),
}  # fmt: skip


STYLES["drum and bass"] = STYLES["house"]._replace(
    bpm=(166, 176), bass="drum and bass", figure="ambient", manner=Manner(0.9, 0.7, 0.1, 0.0, 0.25)
)
STYLES["synthwave"] = STYLES["house"]._replace(
    bpm=(88, 112), bass="synthwave", figure="pop", form="song", cadence="plain", voices=3
)


class Mood(NamedTuple):
    """How a mood bends a style: minor -1 to major 1, factor on tempo, added energy and notes."""

    major: float
    pace: float
    energy: float
    density: float


MOODS: dict[str, Mood] = {
    "sad": Mood(-1.0, 0.88, -0.12, -0.08), "happy": Mood(1.0, 1.06, 0.08, 0.06), "dark": Mood(-1.0,
    0.96, -0.02, 0.0),
    "calm": Mood(0.3, 0.88, -0.18, -0.15), "energetic": Mood(0.0, 1.1, 0.18, 0.14),
    "dreamy": Mood(0.3, 0.92, -0.12, -0.06),
    "romantic": Mood(0.2, 0.9, -0.06, -0.04), "tense": Mood(-1.0, 1.04, 0.04, 0.04),
    "epic": Mood(-0.2, 0.98, 0.2, 0.06),
    "playful": Mood(0.9, 1.08, 0.04, 0.08), "warm": Mood(0.7, 0.95, -0.04, -0.02),
}  # fmt: skip

# What is played where no style is named, by the first mood that is.
STYLE_OF_MOOD = {
    "sad": "ballad", "happy": "pop", "dark": "trap", "calm": "ambient", "energetic": "rock",
    "dreamy": "ambient",
    "romantic": "ballad", "tense": "classical", "epic": "classical", "playful": "folk",
    "warm": "folk",
}  # fmt: skip
