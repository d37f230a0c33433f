"""Which of several candidates for a bar is best: by likelihood, and by rules every ear knows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio.ai.composer.chords import chord_of
from studio.ai.composer.piece import CHORDS_PER_BAR, SUBS, Table
from studio.ai.composer.vocabulary import LENGTHS, QUALITIES
from studio.ai.sketch.harmony import is_muddy

_LENGTHS = np.array(LENGTHS)
# What each fault costs, in nats a note of likelihood.
_SPICE = 0.15  # share of strong notes outside the chord that nobody minds
_STRANGER = 1.2  # all strong notes outside the chord
_ROOTLESS = 0.25  # the bass on one is no chord tone
_MUDDY = 0.4  # each place with a low cluster
_ABSENT = 0.5  # a part that carries the song is silent
_THIN = 0.15  # each note fewer than three of a melody that was to play
_LEAP = 0.15  # more than an octave in a line
_STUCK = 0.12  # a line that strikes one pitch a third time and more
_BUSY, _PLENTY = 0.1, 9  # each note of a melody more than so many
_SPARSE, _KEPT = 0.1, 6  # each stroke of drums fewer than so many
_ROLLING, _STRUCK = 0.1, 6  # each stroke of a snare more than so many
_HAMMERED, _STRUMMED = 0.06, 10  # each place more than so many in 4/4 where chords are struck
_POOR = 0.15  # each note of a line more than twice as many as its pitches
_HOMELESS = 0.2  # a melody over the tonic's chord that never touches the tonic
_CROSSING = 0.2  # a melody below the chords' middle, or a bass above the melody
_SNARES = (38, 40)
_CARRIERS = frozenset(("drums", "bass", "chords"))


def verdict(notes: Table, bar: Table, roles: Sequence[str], active: Sequence[int]) -> float:
    """What is wrong with a bar, in nats a note of likelihood; 0 at best, below that otherwise.

    Args:
        notes: What was written, `GRID_NOTE`, and what else sounds in the bar.
        bar: Its row of `BAR_DTYPE`.
        roles: Of each part.
        active: Parts that were to play.
    """
    playing = {int(part) for part in np.unique(notes["part"])}
    absent = sum(_ABSENT for part in active if part not in playing and roles[part] in _CARRIERS)
    drums = np.array([roles[part] == "drums" for part in notes["part"]], bool)
    pitched = notes[~drums]
    sung = [int((notes["part"] == part).sum()) for part in active if roles[part] == "melody"]
    absent += sum(_THIN * max(3 - n, 0) + _BUSY * max(n - _PLENTY, 0) for n in sung)
    snares = int((drums & np.isin(notes["pitch"], _SNARES)).sum())
    found = -absent - _ROLLING * max(snares - _STRUCK, 0)
    if any(roles[part] == "drums" for part in active):
        found -= _SPARSE * max(_KEPT - int(drums.sum()), 0)
    if len(pitched):
        found -= _STRANGER * max(strangers(pitched, bar) - _SPICE, 0.0)
        found -= _MUDDY * muddy_places(pitched)
        found -= _lines(pitched, bar, roles)
    return found


def strangers(notes: Table, bar: Table) -> float:
    """The share of notes on the beat that the chord does not hold, 0-1; 0 where none is known."""
    strong = notes[notes["sub"] % SUBS == 0]
    tones = _tones(bar, strong["sub"])
    known = np.array([tone is not None for tone in tones], bool)
    if not known.any():
        return 0.0
    outside = [
        tone is not None and int(pitch) % 12 not in tone
        for pitch, tone in zip(strong["pitch"], tones, strict=True)
    ]
    return float(np.sum(outside) / known.sum())


def _tones(bar: Table, subs: Table) -> list[frozenset[int] | None]:
    """Pitch classes of the chord at each place."""
    at = np.minimum(
        subs.astype(int) * CHORDS_PER_BAR // max(int(bar["length"]), 1), CHORDS_PER_BAR - 1
    )
    each = []
    for fourth in range(CHORDS_PER_BAR):
        root, quality = int(bar["root"][fourth]), int(bar["quality"][fourth])
        chord = chord_of(root, quality) if root >= 0 and QUALITIES[quality] != "none" else None
        each.append(None if chord is None else chord.pitch_classes)
    return [each[index] for index in at]


def muddy_places(notes: Table) -> int:
    """How many onsets begin a low cluster with what sounds there."""
    ends = notes["sub"].astype(int) + _LENGTHS[notes["length"]]
    low = notes["pitch"] < 56
    found = 0
    for sub in np.unique(notes["sub"][low]):
        sounds = low & (notes["sub"] <= sub) & (ends > sub)
        found += is_muddy(sorted(set(notes["pitch"][sounds].astype(int).tolist())))
    return found


def _at_home(bar: Table) -> bool:
    """Whether a bar is over the chord of its key's tonic from end to end."""
    return int(bar["tonic"]) >= 0 and bool((bar["root"] == bar["tonic"]).all())


def _lines(notes: Table, bar: Table, roles: Sequence[str]) -> float:
    """What is wrong with bass, chords and melody; kept notes stand among those written."""
    cost = 0.0
    notes = notes[np.argsort(notes["sub"], kind="stable")]
    role = np.array([roles[part] for part in notes["part"]])
    bass, melody = notes[role == "bass"], notes[role == "melody"]
    if len(bass) and int(bass["sub"][0]) == 0:
        tone = _tones(bar, bass["sub"][:1])[0]
        cost += _ROOTLESS * (tone is not None and int(bass["pitch"][0]) % 12 not in tone)
    for line in (melody, notes[role == "counter"]):
        pitches = line["pitch"].astype(int)
        again = (pitches[2:] == pitches[1:-1]) & (pitches[1:-1] == pitches[:-2])
        cost += _STUCK * float(again.sum())
        cost += _POOR * max(min(len(line), 6) - 2 * len(set(pitches.tolist())), 0)
    if len(melody) and _at_home(bar):
        cost += _HOMELESS * (not (melody["pitch"].astype(int) % 12 == int(bar["tonic"])).any())
    if len(melody) > 1:
        leaps = np.abs(np.diff(melody["pitch"].astype(int)))
        cost += _LEAP * float((leaps > 12).sum())
    struck = len(np.unique(notes["sub"][role == "chords"]))
    cost += _HAMMERED * max(struck - _STRUMMED * int(bar["length"]) / (4 * SUBS), 0.0)
    chords = notes[np.isin(role, ("chords", "pad"))]
    if len(chords) and len(melody):
        cost += _CROSSING * (float(chords["pitch"].mean()) >= float(melody["pitch"].mean()))
    if len(bass) and len(melody):
        cost += _CROSSING * (float(bass["pitch"].mean()) >= float(melody["pitch"].mean()))
    return cost
