"""Progressions of free-midi-chords, recognised from their notes, made into songs with a form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import symusic

from studio.ai.training.composer.bands.archives import members
from studio.ai.training.composer.bands.charts import Bar, Change, Chart, Section
from studio.domain.theory import QUALITIES, Chord

LICENCE = "MIT"
FORMS = (
    "intro 4, verse 8, chorus 8, verse 8, chorus 8, bridge 8, chorus 8, outro 4",
    "intro 8, verse 16, chorus 8, verse 16, chorus 8, outro 8",
    "intro 4, verse 8, pre-chorus 4, chorus 8, verse 8, pre-chorus 4, chorus 8, outro 4",
    "intro 4, verse 8, chorus 8, solo 8, verse 8, chorus 8, outro 4",
    "intro 8, verse 8, verse 8, bridge 8, verse 8, outro 4",
    "intro 4, chorus 8, verse 8, chorus 8, verse 8, chorus 8, outro 4",
    "intro 8, theme 16, interlude 8, theme 16, outro 8",
)
_TABLE = {frozenset(p % 12 for p in tones): name for name, tones in reversed(QUALITIES.items())}


@dataclass(frozen=True, slots=True)
class Progression:
    """Chords a bar each, in C or A minor.

    Attributes:
        name: Roman numerals.
        group: "Major", "Minor" or "Modal".
    """

    name: str
    group: str
    chords: tuple[Chord, ...]


def named(pitches: frozenset[int], lowest: int) -> Chord | None:
    """The chord of these pitch classes, its root the lowest note where that is possible."""
    for root in (lowest, *sorted(pitches - {lowest})):
        quality = _TABLE.get(frozenset((p - root) % 12 for p in pitches))
        if quality is not None:
            return Chord(root, quality, None if root == lowest else lowest)
    return None


def chords_of(midi: bytes) -> tuple[Chord, ...]:
    """The block chords of a file in order; empty where one of them has no name."""
    score: Any = symusic.Score.from_midi(midi)
    chords: dict[int, list[int]] = {}
    for track in score.tracks:
        for note in track.notes:
            chords.setdefault(note.start, []).append(note.pitch)
    found = [
        named(frozenset(p % 12 for p in chords[at]), min(chords[at]) % 12) for at in sorted(chords)
    ]
    return tuple(c for c in found if c is not None) if None not in found else ()


def progressions(data: Path) -> Iterator[Progression]:
    """Each progression once, as it stands in C major or A minor."""
    for path, content in members(data, "free-midi-chords", ".mid"):
        parts = path.split("/")
        if "01 - C Major" not in path or parts[-3] != "4 Progression":
            continue
        name = parts[-1].split(" - ")[1]
        chords = chords_of(content)
        if len(chords) >= 2:
            yield Progression(name, parts[-2], chords)


def laid(progression: Progression, bars: int) -> tuple[Bar, ...]:
    """The progression repeated over so many bars.

    Two chords a bar where it has more than four; its last bar again where it has no even number.
    """
    chords = progression.chords
    per_bar = 2 if len(chords) > 4 and len(chords) % 2 == 0 else 1
    cycle = [
        tuple(Change(4.0 / per_bar * k, chords[i + k]) for k in range(per_bar))
        for i in range(0, len(chords), per_bar)
    ]
    if len(cycle) > 1 and len(cycle) % 2:
        cycle.append((Change(0.0, chords[-1]),))
    return tuple(cycle[i % len(cycle)] for i in range(bars))


def song(table: list[Progression], rng: np.random.Generator, number: int) -> Chart:
    """A song by one of the forms; each kind of section has a progression of its own."""
    group = str(rng.choice(["Major", "Minor", "Modal"], p=[0.45, 0.35, 0.2]))
    fitting = [p for p in table if p.group == group]
    chosen = {
        name: fitting[i]
        for name, i in zip(
            ("verse", "chorus", "bridge", "pre-chorus"),
            rng.choice(len(fitting), 4, replace=False),
            strict=True,
        )
    }
    like = {"intro": "verse", "outro": "chorus", "solo": "chorus", "theme": "chorus"}
    sections = []
    for part in str(rng.choice(FORMS)).split(", "):
        name, bars = part.rsplit(" ", 1)
        kind = like.get(name, name if name in chosen else "verse")
        sections.append(Section(name, laid(chosen[kind], int(bars))))
    minor = group == "Minor" or (group == "Modal" and _minor_tonic(chosen["verse"]))
    tonic = 9 if group == "Minor" else 0
    end = Change(0.0, Chord(tonic, "m" if minor else ""))
    sections[-1] = Section(sections[-1].name, (*sections[-1].bars[:-1], (end,)))
    names = tuple(dict.fromkeys(p.name for p in chosen.values()))
    title = f"Progressions {number}"
    source = "free-midi-chords"
    return Chart(title, (4, 4), tonic, minor, tuple(sections), LICENCE, source, names)


def _minor_tonic(progression: Progression) -> bool:
    tonics = [3 in c.intervals for c in progression.chords if c.root == 0]
    return sum(tonics) * 2 > len(tonics)
