"""Small music with a plain rule, made from a number, for networks to learn."""

from __future__ import annotations

import numpy as np

from studio.ai.composer.piece import BAR_DTYPE, GRID_NOTE, Piece, PiecePart, Table, ordered

MAJOR = (0, 4, 7, 12)


def band(seed: int, *, bars: int = 8, solo: bool = False) -> Piece:
    """A bass on the roots and a broken chord above it; with drums unless it is a solo."""
    rng = np.random.default_rng(seed)
    tonic = int(rng.integers(12))
    roots = [(tonic + int(step)) % 12 for step in rng.choice([0, 5, 7], bars)]
    parts = (
        PiecePart(33, False, "bass", "Bass"),
        PiecePart(0, False, "melody", "Piano"),
        *(() if solo else (PiecePart(0, True, "drums", "Drums"),)),
    )
    notes = [note for bar, root in enumerate(roots) for note in _bar(bar, root, solo)]
    table = np.array(notes, GRID_NOTE)
    return Piece(_bars(roots, tonic), parts, ordered(table, parts), "toy", f"Toy {seed}", ("pop",))


def _bar(bar: int, root: int, solo: bool) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = [(0, bar, 24 * beat, 36 + root, 15, 80, 0) for beat in (0, 2)]
    found += [(1, bar, 24 * i, 60 + root + MAJOR[i], 15, 96, i % 2) for i in range(4)]
    if not solo:
        found += [(2, bar, 24 * i, 36 if i % 2 == 0 else 38, 0, 100, 0) for i in range(4)]
    return found


def _bars(roots: list[int], tonic: int) -> Table:
    table = np.zeros(len(roots), BAR_DTYPE)
    table["start"] = 96 * np.arange(len(roots))
    table["length"], table["beats"], table["unit"], table["bpm"] = 96, 4, 4, 120
    table["tonic"], table["recall"] = tonic, -1
    table["root"] = np.array(roots)[:, None]
    table["quality"] = 1
    return table
