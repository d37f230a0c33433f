"""Lines to be sung: melodies of lead sheets and folk tunes, in the range of a voice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import symusic

from studio.ai.training.composer.bands.archives import members
from studio.ai.training.composer.bands.leads import LICENCE, charts
from studio.ai.training.separator.bank.takes import NOTE, Notes

FOLK_LICENCE = "public domain tunes"
_SLOW = re.compile(r"(?<![a-z])(air|waltz|lament|lullaby|song)", re.I)
SHORTEST_NOTE, LONGEST_NOTE = 0.14, 2.5
BREATH_SECONDS = 0.18


@dataclass(frozen=True, slots=True, eq=False)
class Melody:
    """A tune of one voice.

    Attributes:
        notes: Table of `NOTE`, in quarters, one after the other.
        tonic: Pitch class; -1 where it is not known.
        bar_quarters: Of each bar.
    """

    name: str
    licence: str
    notes: Notes
    tonic: int
    minor: bool
    bar_quarters: float


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Part of a melody as it is to be sung: notes in seconds, pitches moved."""

    notes: Notes
    bpm: float
    tonic: int | None
    mode: str | None
    beat_seconds: float

    @property
    def seconds(self) -> float:
        return float(self.notes["end"].max())


def lead_sheets(data: Path) -> Iterator[Melody]:
    """Melodies of OpenEWLD that may be used."""
    for chart in charts(data):
        if chart.melody is not None:
            table = np.zeros(len(chart.melody), NOTE)
            table["start"] = chart.melody["start"]
            table["end"] = chart.melody["start"] + chart.melody["length"]
            table["pitch"] = chart.melody["pitch"]
            notes = single(table)
            if len(notes) > 30:
                yield Melody(
                    chart.title, LICENCE, notes, chart.tonic, chart.minor, chart.bar_quarters
                )


def folk_tunes(data: Path) -> Iterator[Melody]:
    """Airs of O'Neill's and Ryan's collections; jigs and reels are too quick for words."""
    for name, content in members(data, "folk-oneill-ryan", ".mid"):
        if not _SLOW.search(Path(name).stem):
            continue
        score: Any = symusic.Score.from_midi(content)
        if not score.tracks or len(score.tracks[0].notes) < 30:
            continue
        columns = score.tracks[0].notes.numpy()
        table = np.zeros(len(columns["time"]), NOTE)
        table["start"] = columns["time"] / score.ticks_per_quarter
        table["end"] = table["start"] + columns["duration"] / score.ticks_per_quarter
        table["pitch"] = columns["pitch"]
        meter = score.time_signatures[0] if len(score.time_signatures) else None
        bar = meter.numerator * 4 / meter.denominator if meter is not None else 4.0
        yield Melody(Path(name).stem, FOLK_LICENCE, single(table), -1, False, bar)


def single(notes: Notes) -> Notes:
    """One note at a time: the highest where several begin, each ending where the next begins."""
    order = np.lexsort((-notes["pitch"].astype(int), notes["start"]))
    table = notes[order]
    _, first = np.unique(table["start"], return_index=True)
    table = table[first].copy()
    table["end"][:-1] = np.minimum(table["end"][:-1], table["start"][1:])
    found: Notes = table[table["end"] > table["start"]]
    return found


def line(melody: Melody, rng: np.random.Generator, centre: int, seconds: float) -> Line:
    """Some bars of a melody around a middle pitch, in a tempo at which it can be sung."""
    usual = float(np.median(melody.notes["end"] - melody.notes["start"]))  # quarters
    bpm = float(np.clip(rng.uniform(75, 130), 60 * usual / 0.6, 60 * usual / 0.25))
    quarter = 60 / bpm
    bars = max(1, int(melody.notes["end"].max() / melody.bar_quarters) - 2)
    length = seconds / quarter
    room = max(0, round(bars - length / melody.bar_quarters))
    first = int(rng.integers(room + 1)) * melody.bar_quarters
    inside = (melody.notes["start"] >= first) & (melody.notes["start"] < first + length)
    notes = (melody.notes[inside] if inside.sum() > 8 else melody.notes).copy()
    first = first if inside.sum() > 8 else 0.0
    for name in ("start", "end"):
        notes[name] = (notes[name] - first) * quarter
    notes = notes[notes["start"] < seconds]
    move = round(centre - float(np.median(notes["pitch"]))) + int(rng.integers(-3, 4))
    notes["pitch"] = np.clip(notes["pitch"].astype(int) + move, 36, 88)
    known = melody.tonic >= 0
    return Line(
        singable(notes, rng), bpm, (melody.tonic + move) % 12 if known else None,
        ("minor" if melody.minor else "major") if known else None, 0.0,
    )  # fmt: skip


def singable(notes: Notes, rng: np.random.Generator) -> Notes:
    """Without notes too quick for a syllable, with a breath now and then, loud and soft."""
    ends = np.minimum(notes["end"], notes["start"] + LONGEST_NOTE)
    long_enough = ends - notes["start"] >= SHORTEST_NOTE
    table: Notes = notes[long_enough].copy()
    table["end"] = ends[long_enough]
    gaps = np.append(table["start"][1:] - table["end"][:-1], 1.0)
    long = (table["end"] - table["start"] > 0.7) & (rng.random(len(table)) < 0.5)
    breath = long & (gaps < BREATH_SECONDS)
    table["end"] = np.where(breath, table["end"] - BREATH_SECONDS, table["end"])
    swell = 90 + 14 * np.sin(np.arange(len(table)) / 5 + rng.uniform(0, 6))
    table["velocity"] = np.clip(swell + rng.normal(0, 6, len(table)), 40, 127)
    return table
