"""Listening by measuring: what anyone would hear to be wrong in a song that was made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import symusic

from studio.domain.theory import Chord

LONGEST_QUARTERS = 16.0


@dataclass(frozen=True, slots=True)
class Heard:
    """Measures of a song.

    Attributes:
        bass_on_chord: Share of the bass notes on a chord's first beat that are its root or bass;
            NaN where there are none.
        bass_in_chord: The same for any tone of the chord.
        drum_bars: Share of the bars in which drums play.
        longest_quarters: Of the notes.
        off_grid: Share of onsets that are on none of 24 places of the quarter.
    """

    notes: int
    tracks: int
    bars: int
    bpm: float
    bass_on_chord: float
    bass_in_chord: float
    drum_bars: float
    longest_quarters: float
    off_grid: float


def heard(midi: Path) -> Heard:
    """Measures of a song that lies beside what is told of it."""
    score: Any = symusic.Score(str(midi))
    told = json.loads(midi.with_suffix(".json").read_text(encoding="utf-8"))
    tpq = score.ticks_per_quarter
    meter = score.time_signatures[0]
    bar = meter.numerator * 4 / meter.denominator * tpq
    starts = [t.notes.numpy()["time"] for t in score.tracks]
    ends = [t.notes.numpy()["time"] + t.notes.numpy()["duration"] for t in score.tracks]
    every, until = np.concatenate(starts), np.concatenate(ends)
    bars = int(np.ceil(every.max() / bar + 1e-9)) if len(every) else 0
    drums = [s for s, t in zip(starts, score.tracks, strict=True) if t.is_drum]
    root, tone = _bass(score, [(at * tpq, Chord.parse(name)) for at, name in told["chords"]])
    return Heard(
        len(every), len(score.tracks), bars, float(score.tempos[0].qpm), root, tone,
        len(np.unique(np.concatenate(drums) // bar)) / bars if drums and bars else 0.0,
        float((until - every).max() / tpq), float(np.mean(every % (tpq / 24) != 0)),
    )  # fmt: skip


def _bass(score: Any, chords: list[tuple[float, Chord]]) -> tuple[float, float]:
    """Shares of the lowest bass notes, where chords begin, that are root or bass, or in it."""
    rows: dict[int, int] = {}
    for track in score.tracks:
        if track.name.startswith(("Bass", "Walk")):
            for note in track.notes:
                rows[note.start] = min(note.pitch, rows.get(note.start, 127))
    pairs = [(rows[round(at)] % 12, chord) for at, chord in chords if round(at) in rows]
    if not pairs:
        return float("nan"), float("nan")
    root = [pitch in {chord.root, chord.bass} for pitch, chord in pairs]
    tone = [pitch in {*chord.pitch_classes, chord.bass} for pitch, chord in pairs]
    return float(np.mean(root)), float(np.mean(tone))
