"""Small pieces written out by hand, with nothing known of their keys, chords and roles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from studio.ai.composer.piece import GRID_NOTE, SUBS, Piece, PiecePart, ordered
from studio.ai.composer.vocabulary import length_class
from tests.ai.composer.pieces import bars

Row = tuple[float, float, int]  # start and length in quarters, pitch


def part(
    program: int = 0, name: str = "", *, drums: bool = False, role: str = "other"
) -> PiecePart:
    return PiecePart(program, drums, role, name)


def music(
    *tracks: tuple[PiecePart, Iterable[Row]], beats: int = 4, unit: int = 4, **facts: Any
) -> Piece:
    """A piece of whole bars of one meter."""
    parts = tuple(track[0] for track in tracks)
    rows = [(index, *row) for index, (_, notes) in enumerate(tracks) for row in notes]
    length = beats * 4 * SUBS // unit
    last = max((round(start * SUBS) for _, start, _, _ in rows), default=0)
    table = bars(last // length + 1, beats, unit)
    for name in ("tonic", "mode", "root"):
        table[name] = -1
    notes = np.zeros(len(rows), GRID_NOTE)
    for note, (index, start, quarters, pitch) in zip(notes, rows, strict=True):
        bar, sub = divmod(round(start * SUBS), length)
        note["part"], note["bar"], note["sub"], note["pitch"] = index, bar, sub, pitch
        note["length"], note["velocity"] = length_class(round(quarters * SUBS)), 80
    return Piece(table, parts, ordered(notes, parts), **facts)


def line(pitches: Sequence[int], each: float = 1.0, start: float = 0.0) -> list[Row]:
    """Notes one after another, `each` quarters long."""
    return [(start + index * each, each, pitch) for index, pitch in enumerate(pitches)]


def blocks(chords: Sequence[Sequence[int]], each: float = 4.0, start: float = 0.0) -> list[Row]:
    """Chords one after another, `each` quarters long."""
    return [
        (start + index * each, each, pitch) for index, chord in enumerate(chords) for pitch in chord
    ]


def moved(piece: Piece, semitones: int) -> Piece:
    """The piece in another key."""
    notes = piece.notes.copy()
    notes["pitch"] = notes["pitch"].astype(np.int64) + semitones
    return Piece(piece.bars, piece.parts, notes, title=piece.title, source=piece.source)
