"""Melodies of Sketch beside those of people: `python -m tests.ai.human_report DATA`.

DATA is a folder with the archives of folk tunes and lead sheets that `SOURCES` names. The figures
of a melody: shares of its intervals, entropy of its pitch classes (bits), notes to the bar, share
of notes off the beat, range between the 5th and 95th percentile (semitones), share of bars whose
rhythm comes again, share of moves that turn round, and of leaps that are answered by a turn.
"""

from __future__ import annotations

import argparse
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import symusic

from tests.ai.sketch_report import PROMPTS, compose

SOURCES = {"folk tunes": "folk-oneill-ryan*.tar.xz", "lead sheets": "openewld*.tar.xz"}
FIGURES = (
    "unison", "semitone", "tone", "3 semitones", "4", "5", "6", "7", "8 and more", "entropy",
    "notes a bar", "off the beat", "range", "rhythms that return", "turns", "leaps answered",
)  # fmt: skip
FEWEST_NOTES = 16


def figures_of(
    onsets: npt.NDArray[np.float64], pitches: npt.NDArray[np.int64], bar: float
) -> list[float]:
    """The figures of one melody; onsets and `bar` in quarter notes, shape [n]."""
    moves = np.diff(pitches)
    intervals = np.bincount(np.minimum(np.abs(moves), 8), minlength=9) / len(moves)
    shares = np.bincount(pitches % 12, minlength=12) / len(pitches)
    sounding = shares[shares > 0]
    bars = (onsets // bar).astype(int)
    rhythms = [tuple(np.round((onsets[bars == n] % bar) * 4)) for n in np.unique(bars)]
    counts = Counter(rhythms)
    leaps = [(a, b) for a, b in pairwise(moves) if abs(a) >= 5]
    return [
        *intervals,
        float(-(sounding * np.log2(sounding)).sum()),
        len(pitches) / len(np.unique(bars)),
        float(np.mean(np.abs(onsets - np.round(onsets)) > 0.1)),
        float(np.percentile(pitches, 95) - np.percentile(pitches, 5)),
        float(np.mean([counts[rhythm] > 1 for rhythm in rhythms])),
        float(np.mean(np.sign(moves[1:]) * np.sign(moves[:-1]) < 0)),
        float(np.mean([a * b <= 0 for a, b in leaps])) if leaps else float("nan"),
    ]


def human(archive: Path, most: int) -> Iterator[list[float]]:
    """Figures of the first track of up to `most` MIDI files, every n-th of the archive."""
    with tarfile.open(archive) as packed:
        names = sorted(name for name in packed.getnames() if name.endswith(".mid"))
        for name in names[:: max(len(names) // most, 1)]:
            file = packed.extractfile(name)
            assert file is not None
            score: Any = symusic.Score.from_midi(file.read())
            notes = score.tracks[0].notes if score.tracks else []
            tops = {note.time: max(n.pitch for n in notes if n.time == note.time) for note in notes}
            if len(tops) >= FEWEST_NOTES:
                meter = score.time_signatures[0] if score.time_signatures else None
                bar = 4 * meter.numerator / meter.denominator if meter else 4.0
                onsets = np.array(sorted(tops))
                pitches = np.array([tops[onset] for onset in onsets.tolist()])
                yield figures_of(onsets / score.tpq, pitches, bar)


def sketched(seeds: int) -> Iterator[list[float]]:
    for prompt in PROMPTS:
        for seed in range(seeds):
            result = compose(prompt, seed)
            assert result.tempo is not None
            meter = result.tempo.meter_at(0)
            tune = next(part.notes for part in result.parts if part.role == "melody")
            if len(tune) >= FEWEST_NOTES:
                bar = meter.ticks_per_bar / 960
                yield figures_of(tune.start / 960, tune.pitch.astype(np.int64), bar)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--tunes", type=int, default=300)
    given = parser.parse_args(argv)
    columns = {"Sketch": np.array(list(sketched(given.seeds)))}
    for name, pattern in SOURCES.items():
        for archive in sorted(given.data.glob(pattern)):
            columns[name] = np.array(list(human(archive, given.tunes)))
    head = "".join(f"{name:>12} ({len(rows)})" for name, rows in columns.items())
    sys.stdout.write(f"{'mean ± deviation':22}{head}\n")
    for index, figure in enumerate(FIGURES):
        cells = (
            f"{np.nanmean(r[:, index]):8.2f} ±{np.nanstd(r[:, index]):5.2f}"
            for r in columns.values()
        )
        sys.stdout.write(f"{figure:22}{'  '.join(cells)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
