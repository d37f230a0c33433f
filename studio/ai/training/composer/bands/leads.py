"""Charts with melodies of the OpenEWLD lead sheets whose rights have run out."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import symusic

from studio.ai.training.composer.bands.archives import members
from studio.ai.training.composer.bands.billboard import pitch_class
from studio.ai.training.composer.bands.charts import (
    MELODY_NOTE,
    Bar,
    Change,
    Chart,
    Melody,
    Section,
    filled,
)
from studio.domain.theory import Chord

LICENCE = "public domain (transcription MIT)"
INTRO_BARS = 4
_KINDS = {
    "major": "", "dominant": "7", "minor-seventh": "m7", "minor": "m", "major-seventh": "maj7",
    "diminished": "dim", "major-sixth": "6", "dominant-ninth": "9", "minor-sixth": "m6",
    "diminished-seventh": "dim7", "augmented-seventh": "aug7", "augmented": "aug",
    "half-diminished": "m7b5", "suspended-fourth": "sus4", "dominant-13th": "13",
    "minor-ninth": "m9", "augmented-ninth": "aug7", "major-ninth": "maj9", "dominant-11th": "9sus4",
    "minor-major": "mmaj7", "minor-11th": "m9", "major-minor": "mmaj7", "maj69": "69",
    "power": "5", "minor-13th": "m9",
}  # fmt: skip
# Meter as written -> as played, and how much slower its quarters run.
_METERS = {
    (4, 4): ((4, 4), 1.0), (2, 2): ((4, 4), 1.0), (2, 4): ((4, 4), 2.0),
    (3, 4): ((3, 4), 1.0), (6, 8): ((6, 8), 1.0),
}  # fmt: skip


def allowed(table: str) -> dict[str, str]:
    """Path of each lead sheet in the rights table that is of class A or B -> its title."""
    rows = csv.DictReader(table.splitlines(), delimiter="\t")
    return {
        str(Path(row["leadsheet"]).with_suffix("")).removeprefix("dataset/"): row["title"]
        for row in rows
        if row["class"][:1] in ("A", "B")
    }


def pickup(starts: list[float], bar_quarters: float) -> float:
    """Quarters of music before the first bar line: where most chords begin within a bar."""
    places, counts = np.unique(np.round(np.array(starts) % bar_quarters, 3), return_counts=True)
    best = int(counts.argmax())
    first = int(counts[places == 0].sum())
    return float(places[best]) if counts[best] > 1.5 * first else 0.0


def bars_of(chords: list[tuple[float, str]], bar_quarters: float, until: float) -> tuple[Bar, ...]:
    """Chords at quarters from the start as bars, on half quarters; each at most one per place."""
    table: list[dict[float, Change]] = [{} for _ in range(max(1, round(until / bar_quarters)))]
    for start, text in chords:
        letter, _, kind = text.partition(":")
        index, at = divmod(round(start * 2) / 2, bar_quarters)
        if kind in _KINDS and index < len(table):
            table[int(index)][at] = Change(at, Chord(pitch_class(letter), _KINDS[kind]))
    return filled(tuple(bar[at] for at in sorted(bar)) for bar in table)


def _melody(score: Any, factor: float, shift: float) -> Melody:
    notes = score.tracks[0].notes.numpy()
    table = np.zeros(len(notes["time"]), MELODY_NOTE)
    table["start"] = notes["time"] / score.ticks_per_quarter * factor + shift
    table["length"] = notes["duration"] / score.ticks_per_quarter * factor
    table["pitch"] = notes["pitch"]
    order = np.argsort(table["start"], kind="stable")
    return table[order]


def _with_intro(
    bars: tuple[Bar, ...], melody: Melody, bar_quarters: float
) -> tuple[tuple[Section, ...], Melody]:
    """An introduction over the last bars, as bands do; a pickup falls into its end."""
    intro = bars[-INTRO_BARS:]
    later = melody.copy()
    later["start"] += len(intro) * bar_quarters
    return (Section("intro", intro), Section("theme", bars)), later


def chart_of(midi: bytes, chords: list[tuple[float, str]], title: str) -> Chart | None:
    """The chart of one lead sheet; None where its meter changes or is a rare one."""
    score: Any = symusic.Score.from_midi(midi)
    meters = {(m.numerator, m.denominator) for m in score.time_signatures}
    meter, factor = _METERS.get(meters.pop() if len(meters) == 1 else (0, 0), ((0, 0), 0.0))
    if not factor or not chords or not score.tracks or not len(score.tracks[0].notes):
        return None
    quarters = meter[0] * 4 / meter[1]
    scaled = [(start * factor, text) for start, text in chords]
    early = pickup([start for start, _ in scaled], quarters)
    shift = quarters - early if early else 0.0
    melody = _melody(score, factor, shift)
    until = float((melody["start"] + melody["length"]).max())
    shifted = [(start + shift, text) for start, text in scaled]
    bars = bars_of(shifted, quarters, np.ceil(until / quarters - 0.01) * quarters)
    if len(bars) < 8:
        return None
    key = score.key_signatures[0] if len(score.key_signatures) else None
    tonic, minor = _key(bars, key.key if key is not None else None)
    sections, melody = _with_intro(bars, melody, quarters)
    return Chart(title, meter, tonic, minor, sections, LICENCE, "OpenEWLD", (title,), melody)


def _key(bars: tuple[Bar, ...], fifths: int | None) -> tuple[int, bool]:
    """Tonic and whether minor: of the key signature's two, the one the song ends on.

    Many sheets carry an empty signature whatever their key: then the last chord alone tells.
    """
    last = bars[-1][-1].chord
    dark = 3 in last.intervals
    major = (fifths or 0) * 7 % 12
    if not fifths and last.root not in (major, (major + 9) % 12):
        return last.root, dark
    return ((major + 9) % 12, True) if dark and last.root == (major + 9) % 12 else (major, False)


def charts(data: Path) -> Iterator[Chart]:
    """All lead sheets of class A or B in a common meter."""
    files = dict(members(data, "openewld", ""))
    table = next(text for name, text in files.items() if name.endswith("rights_check.tsv"))
    titles = allowed(table.decode("utf-8"))
    for name in sorted(files):
        folder, found, tail = name.partition("/midi/")
        title = titles.get(tail.removesuffix(".mid"))
        if not found or not name.endswith(".mid") or title is None:
            continue
        chords = files.get(f"{folder}/midi/{tail.removesuffix('.mid')}.chords.json")
        chart = chart_of(files[name], json.loads(chords), title) if chords else None
        if chart is not None:
            yield chart
