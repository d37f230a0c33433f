"""What the composer's tokens are made of: every thing a token can say has a number of its own.

A token is a row of at most `WIDTH` feature numbers; the network adds up what it learnt of each.
"""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import numpy.typing as npt

WIDTH = 24
MOST_SLOTS = 16
END_OF_BAR = MOST_SLOTS  # the class of the slot field that says: nothing more in this bar

ROLES = ("drums", "bass", "chords", "pad", "arpeggio", "counter", "melody", "other")
ACCOMPANIMENT = ("chords", "pad", "counter", "arpeggio")  # what a melody stands above
SOURCES = ("unknown", "performed", "score", "pattern")
SECTIONS = (
    "", "intro", "verse", "pre-chorus", "chorus", "bridge", "solo", "interlude", "outro", "theme",
)  # fmt: skip
STYLES = (
    "pop", "rock", "jazz", "bossa nova", "blues", "funk", "house", "drum and bass", "synthwave",
    "lo-fi", "folk", "country", "waltz", "ballad", "ambient", "classical", "reggae", "latin",
    "metal", "soul", "disco", "trap",
    "swing", "hip hop", "afro", "punk", "gospel", "ragtime", "march", "game", "electronic",
    "orchestral", "chamber", "string quartet", "piano", "guitar", "organ", "choir", "song",
    "hymn", "chorale", "mass", "opera", "baroque", "romantic", "renaissance",
    "mazurka", "polonaise", "nocturne", "etude", "prelude", "sonata", "minuet", "fugue", "polka",
    "jig", "reel", "hornpipe", "strathspey", "air", "tango", "samba", "salsa", "beguine",
)  # fmt: skip
# Chord qualities the network tells apart; `studio.domain.theory.QUALITIES` are folded onto them.
QUALITIES = ("none", "", "m", "7", "maj7", "m7", "dim", "aug", "sus4", "m7b5", "6", "m6", "5")
# Lengths in subs: exact where music is written, coarser where nobody hears it.
LENGTHS = (
    1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 14, 16, 18, 20, 21, 24, 28, 30, 32, 36, 40, 42, 44, 48, 54, 60,
    66, 72, 80, 84, 90, 96, 108, 120, 132, 144, 168, 192, 216, 240, 288, 336, 384,
)  # fmt: skip
VELOCITIES = 32  # classes of four MIDI steps
DEVIATIONS = 33  # classes; 16 is on the grid
UNITS = (1, 2, 4, 8, 16)
TEMPO_EDGES = (45, 55, 63, 70, 77, 84, 92, 100, 108, 116, 124, 134, 146, 160, 180, 210)
DENSITY_EDGES = (0.5, 1.5, 3.0, 5.0, 8.0, 12.0, 18.0)  # notes a bar of four quarters
REGISTER_EDGES = (36, 44, 52, 60, 67, 74, 82)  # mean pitch
TAGS = ("head", "gap", "before", "after", "locked", "meanwhile", "end", "plan")

_GROUPS: dict[str, int] = {
    "pad": 1,
    "kind": 4,  # head, slot, bar, note
    "tag": len(TAGS),
    "slot": MOST_SLOTS,
    "program": 129,  # 128: a drum kit
    "family": 17,
    "role": len(ROLES) + 1,  # the last of each of these: not told
    "register": len(REGISTER_EDGES) + 2,
    "density": len(DENSITY_EDGES) + 2,
    "polyphony": 3,  # one note at a time, several, not told
    "beat": 16,
    "sub": 24,
    "pitch": 128,
    "pitch class": 12,
    "drum": 128,
    "degree": 12,  # above the root of the chord that sounds
    "scale degree": 12,  # above the tonic
    "length": len(LENGTHS),
    "velocity": VELOCITIES + 1,
    "deviation": DEVIATIONS + 1,
    "beats": 33,
    "unit": len(UNITS),
    "tempo": len(TEMPO_EDGES) + 2,
    "tonic": 13,
    "mode": 3,
    "root 0": 13, "root 1": 13, "root 2": 13, "root 3": 13, "root next": 13,
    "quality 0": len(QUALITIES), "quality 1": len(QUALITIES), "quality 2": len(QUALITIES),
    "quality 3": len(QUALITIES), "quality next": len(QUALITIES),
    "section": len(SECTIONS),
    "bars left": 34,
    "recall": 2,
    "swing": 3,  # straight, swung, not told
    "style": len(STYLES) + 1,
    "source": len(SOURCES),
    "chord root": 13,  # of the chord at the place of the note being written
    "chord quality": len(QUALITIES),
}  # fmt: skip
OFFSETS: dict[str, int] = dict(zip(_GROUPS, accumulate(_GROUPS.values(), initial=0), strict=False))
SIZES = dict(_GROUPS)
FEATURES = sum(_GROUPS.values())

# The fields of a note in the order in which they are written, and how many classes each has.
# A pitch of drums counts from 128.
FIELDS = ("slot", "beat", "sub", "pitch", "length", "velocity", "deviation")
CLASSES = (MOST_SLOTS + 1, 16, 24, 256, len(LENGTHS), VELOCITIES, DEVIATIONS)

_LENGTHS = np.array(LENGTHS)
_LENGTH_CLASS: npt.NDArray[np.int64] = np.abs(
    np.arange(LENGTHS[-1] + 1)[:, None] - _LENGTHS[None, :]
).argmin(1)


def length_class(subs: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """The class of the nearest length, for lengths in subs."""
    classes: npt.NDArray[np.int64] = _LENGTH_CLASS[np.clip(np.asarray(subs), 1, LENGTHS[-1])]
    return classes
