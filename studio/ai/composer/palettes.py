"""What a chord of a Roman numeral is made of: triads, sevenths or more, alike throughout a song."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from studio.ai.composer.progressions import NUMERALS
from studio.domain.theory import QUALITIES, Chord

COLOURS = (0.03, 0.25, 0.6)  # share of a song's chords that are more than triads: of each palette
_RICH = 0.8  # styles with a greater share keep to their own qualities, and to sevenths
_REACH = 0.12  # how far a style's share may lie from the palette's
_PLAIN = {"": "", "m": "m", "dim": "dim", "aug": "aug", "sus": "sus4"}
_SEVENTH = {"": "7", "m": "m7", "dim": "m7b5", "aug": "aug7", "sus": "7sus4"}

Qualities = Mapping[str, Mapping[str, float]]  # "major IV" -> quality -> count


@dataclass(frozen=True, slots=True)
class Palette:
    """The quality of every numeral in one song.

    Attributes:
        learnt: Counts of a repertoire.
        own: Counts of the style.
        known: Qualities that stand already, by numeral.
        share: Of the style's chords that are more than triads, 0-1.
    """

    minor: bool
    learnt: Qualities
    own: Qualities
    known: Mapping[str, str]
    share: float

    def chord(self, name: str, tonic: int, rng: np.random.Generator) -> Chord:
        """A numeral's chord; equal streams of random numbers give equal chords."""
        degree = NUMERALS[name][0]
        quality = self.known.get(name)
        if quality is None:
            chances = self._chances(name)
            names = list(chances)
            share = np.array([chances[quality] for quality in names])
            quality = names[int(rng.choice(len(names), p=share / share.sum()))]
        return Chord((tonic + degree) % 12, quality)

    def _chances(self, name: str) -> dict[str, float]:
        mode, kind = "minor" if self.minor else "major", NUMERALS[name][1]
        own, learnt = (table.get(f"{mode} {name}", {}) for table in (self.own, self.learnt))
        if self.share > _RICH:
            # A dominant seventh on the tonic leads away from home.
            rested = {q: n for q, n in own.items() if q != "7"} if name == "I" else own
            return dict(rested) or {_SEVENTH[kind]: 1.0}
        found: dict[str, float] = {}
        for counts in (own, learnt):
            for quality, count in counts.items():
                found[quality] = found.get(quality, 0.0) + count / sum(counts.values())
        return found or {_PLAIN[kind]: 1.0}


def colour(share: float, rng: np.random.Generator) -> int:
    """Which palette a song of a style takes.

    Args:
        share: Of the style's chords that are more than triads, 0-1.
    """
    chances = np.exp(-np.abs(np.array(COLOURS) - share) / _REACH)
    return int(rng.choice(len(COLOURS), p=chances / chances.sum()))


def nearest_colour(share: float) -> int:
    """The palette that a song with such a share belongs to."""
    return int(np.argmin(np.abs(np.array(COLOURS) - share)))


def is_more_than_triad(quality: str) -> bool:
    return len(QUALITIES[quality]) > 3
