"""A chart: the chords of a song, bar by bar, with its sections, key and perhaps a melody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.domain.theory import Chord, Key

MELODY_NOTE = np.dtype([("start", "<f8"), ("length", "<f8"), ("pitch", "u1")])  # in quarters
Melody: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Change:
    """A chord that begins `at` quarters after its bar line."""

    at: float
    chord: Chord


Bar: TypeAlias = tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """Chords of a song; every bar has at least one.

    Attributes:
        meter: Beats and unit, the same in all bars.
        parents: Titles of the songs that the chords come from.
        melody: Table of `MELODY_NOTE`, ordered; quarters from the start of the song.
    """

    title: str
    meter: tuple[int, int]
    tonic: int
    minor: bool
    sections: tuple[Section, ...]
    licence: str
    source: str
    parents: tuple[str, ...] = ()
    melody: Melody | None = None

    @property
    def bar_quarters(self) -> float:
        return self.meter[0] * 4 / self.meter[1]

    @property
    def bars(self) -> tuple[Bar, ...]:
        return tuple(bar for section in self.sections for bar in section.bars)

    @property
    def key(self) -> Key:
        return Key(self.tonic, "minor" if self.minor else "major")


def _raised(chord: Chord, semitones: int) -> Chord:
    bass = None if chord.bass is None else (chord.bass + semitones) % 12
    return Chord((chord.root + semitones) % 12, chord.quality, bass)


def moved(chart: Chart, semitones: int) -> Chart:
    """The chart in another key; its melody goes to the nearer octave."""
    sections = tuple(
        Section(
            section.name,
            tuple(
                tuple(Change(c.at, _raised(c.chord, semitones)) for c in bar)
                for bar in section.bars
            ),
        )
        for section in chart.sections
    )
    melody = chart.melody
    if melody is not None:
        melody = melody.copy()
        melody["pitch"] = melody["pitch"].astype(int) + (semitones + 6) % 12 - 6
    tonic = (chart.tonic + semitones) % 12
    return replace(chart, sections=sections, tonic=tonic, melody=melody)


def shortened(chart: Chart, most_bars: int) -> Chart:
    """At most so many bars: whole sections from the start, and a part of one if they are few."""
    kept: list[Section] = []
    room = most_bars
    for section in chart.sections:
        if len(section.bars) > room:
            if room > most_bars // 2:
                kept.append(Section(section.name, section.bars[:room]))
            break
        kept.append(section)
        room -= len(section.bars)
    count = sum(len(s.bars) for s in kept)
    melody = chart.melody
    if melody is not None:
        melody = melody[melody["start"] < count * chart.bar_quarters]
    return replace(chart, sections=tuple(kept), melody=melody)


def changes(chart: Chart) -> Iterator[tuple[float, str]]:
    """Quarter from the start of the song and name of each chord that is another than the last."""
    last = ""
    for index, bar in enumerate(chart.bars):
        for change in bar:
            name = change.chord.name(chart.key.uses_flats)
            if name != last:
                yield index * chart.bar_quarters + change.at, name
            last = name


def filled(bars: Iterable[Bar]) -> tuple[Bar, ...]:
    """Bars that all begin with a chord: the one that went on sounding, or the first to come."""
    table = list(bars)
    sounding = next((change for bar in table for change in bar), None)
    if sounding is None:
        return ()
    for index, bar in enumerate(table):
        if not bar or bar[0].at > 0:
            table[index] = (replace(sounding, at=0.0), *bar)
        sounding = table[index][-1]
    return tuple(table)
