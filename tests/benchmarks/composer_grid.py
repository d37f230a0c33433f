"""How fast notes are put on the composer's grid, as columns and as songs.

Run: python -m tests.benchmarks.composer_grid
"""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt

from studio.ai.composer.grid import bars_between, quantised
from studio.ai.composer.piece import PiecePart
from studio.ai.composer.song import piece_of
from studio.domain.tempo import TICKS_PER_QUARTER, TempoMap
from tests.ai.sketch_report import song_of
from tests.benchmarks.sketch_speed import milliseconds

PARTS = tuple(PiecePart(0, False, "other") for _ in range(8))


def played(count: int, spread: float) -> dict[str, npt.NDArray[np.int64]]:
    """Columns of a band's notes, two a quarter in all."""
    rng = np.random.default_rng(1)
    meant = rng.integers(0, count // 2, count) * TICKS_PER_QUARTER // 4
    start = np.clip(meant + np.rint(rng.normal(0, spread, count)), 0, None).astype(np.int64)
    return {
        "start": start,
        "length": rng.integers(1, 2000, count),
        "pitch": rng.integers(30, 90, count),
        "velocity": rng.integers(1, 128, count),
        "part": rng.integers(0, len(PARTS), count),
    }


def main() -> None:
    for count in (500, 5_000, 100_000):
        for name, spread in (("written", 0.0), ("played", 25.0)):
            columns = played(count, spread)
            bars = bars_between(TempoMap(), int(columns["start"].max()) + TICKS_PER_QUARTER)
            work = partial(quantised, **columns, bars=bars, parts=PARTS)
            took = milliseconds(work, 10)
            print(f"{count:7} notes {name:8}", took)
    for length in (16, 64):
        song = song_of("pop", 1, length)
        print(f"song of {length} bars     ", milliseconds(partial(piece_of, song), 10))


if __name__ == "__main__":
    main()
