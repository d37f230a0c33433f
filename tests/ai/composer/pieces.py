"""Random pieces on the grid, for tests."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from studio.ai.composer.piece import BAR_DTYPE, GRID_NOTE, Piece, PiecePart, Table, ordered
from studio.ai.composer.vocabulary import LENGTHS, QUALITIES, ROLES, SECTIONS, SOURCES, STYLES


def bars(count: int, beats: int = 4, unit: int = 4) -> Table:
    """Bars of one meter at 120 bpm in C major."""
    table = np.zeros(count, BAR_DTYPE)
    length = beats * 4 * 24 // unit
    table["start"] = np.arange(count) * length
    table["length"] = length
    table["beats"], table["unit"], table["bpm"] = beats, unit, 120.0
    table["recall"] = -1
    return table


@st.composite
def pieces(draw: st.DrawFn, most_bars: int = 12, most_parts: int = 5) -> Piece:
    """A piece of random notes, parts, chords and honesty."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    count = draw(st.integers(1, most_bars))
    beats, unit = draw(st.sampled_from([(4, 4), (3, 4), (7, 8), (6, 8), (5, 4)]))
    parts = tuple(_part(rng) for _ in range(draw(st.integers(1, most_parts))))
    table = bars(count, beats, unit)
    table["tonic"] = draw(st.integers(-1, 11))
    table["mode"] = rng.integers(0, 2) if table["tonic"][0] >= 0 else -1
    table["root"] = rng.integers(-1, 12, (count, 4))
    table["quality"] = np.where(table["root"] >= 0, rng.integers(1, len(QUALITIES), (count, 4)), 0)
    table["section"] = rng.integers(0, len(SECTIONS), count)
    size = draw(st.integers(0, 200))
    notes = np.zeros(size, GRID_NOTE)
    notes["part"] = rng.integers(0, len(parts), size)
    notes["bar"] = rng.integers(0, count, size)
    notes["sub"] = rng.integers(0, int(table["length"][0]), size)
    notes["pitch"] = rng.integers(20, 100, size)
    notes["length"] = rng.integers(0, len(LENGTHS), size)
    notes["velocity"] = rng.integers(1, 128, size)
    notes["deviation"] = rng.integers(-16, 17, size)
    return Piece(
        table,
        parts,
        ordered(notes, parts),
        styles=tuple(rng.choice(STYLES, draw(st.integers(0, 4)), replace=False).tolist()),
        source=str(rng.choice(SOURCES)),
        swing=draw(st.sampled_from([None, False, True])),
        has_velocity=draw(st.booleans()),
        has_deviation=draw(st.booleans()),
        has_tempo=draw(st.booleans()),
    )


def _part(rng: np.random.Generator) -> PiecePart:
    role = str(rng.choice(ROLES))
    return PiecePart(
        int(rng.integers(0, 128)), role == "drums", role, performed=bool(rng.random() < 0.7)
    )
