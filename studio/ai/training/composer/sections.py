"""Bars that come back, and what the sections of a song are called."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from studio.ai.composer.piece import Piece
from studio.ai.composer.vocabulary import SECTIONS

Ints: TypeAlias = npt.NDArray[np.int64]
LIKENESS = 0.85  # share of the notes of both bars that are equal
_LEAST_NOTES = 3

_NAMES = (
    (r"pre[\s-]*chorus|pre[\s-]*ref|build|lift", "pre-chorus"),
    (r"chorus|refrain|hook|ritornell", "chorus"),
    (r"intro|prelude|vorspiel|opening", "intro"),
    (r"outro|coda|ending|fade|finale|nachspiel", "outro"),
    (r"bridge|middle|break ?down|modulation|\bb part|trio", "bridge"),
    (r"solo|instrumental|lead", "solo"),
    (r"interlude|transition|break|vamp|key ?change", "interlude"),
    (r"verse|strophe|vers\b", "verse"),
    (r"theme|main|head|tema|melody", "theme"),
)


def section_class(name: str) -> int:
    """The index in `vocabulary.SECTIONS` of what a source calls a section; 0 where nothing fits."""
    name = name.lower()
    return next((SECTIONS.index(s) for pattern, s in _NAMES if re.search(pattern, name)), 0)


def with_recall(piece: Piece) -> Piece:
    """The piece with, for each bar, the earliest bar before it that it repeats; -1 where none.

    A bar repeats another of equal length if at least `LIKENESS` of the notes of both (part, place
    in the bar and pitch) are the same: their intersection over their union. Bars of fewer than
    three notes repeat nothing.
    """
    bar, content = _contents(piece)
    words, word = np.unique(content, return_inverse=True)
    shape = (len(piece.bars), max(len(words), 1))
    table = sparse.csr_array((np.ones(len(bar), np.int32), (bar, word)), shape)
    first, same = _first_of_equals(table)
    alike = _alike(table[first])
    earliest = np.arange(len(first))
    np.minimum.at(earliest, alike[0], alike[1])
    recall = first[earliest[same]]
    few = np.diff(table.indptr) < _LEAST_NOTES
    bars = piece.bars.copy()
    bars["recall"] = np.where(few | (recall >= np.arange(len(bars))), -1, recall)
    return replace(piece, bars=bars)


def _contents(piece: Piece) -> tuple[Ints, Ints]:
    """Bar and content of each note, ordered by both; a content is as long as its bar."""
    notes, bar = piece.notes, piece.notes["bar"].astype(np.int64)
    meter = piece.bars["length"].astype(np.int64)[bar]
    content = ((meter << 8 | notes["part"]) << 12 | notes["sub"]) << 7 | notes["pitch"]
    both = np.unique(bar << 40 | content)
    return both >> 40, both & (1 << 40) - 1


def _first_of_equals(table: Any) -> tuple[Ints, Ints]:
    """The first row of each content, rising, and for each row the index of its content in it."""
    seen: dict[bytes, int] = {}
    first: list[int] = []
    same = np.zeros(table.shape[0], np.int64)
    for row in range(table.shape[0]):
        words = table.indices[table.indptr[row] : table.indptr[row + 1]].tobytes()
        if words not in seen:
            seen[words] = len(first)
            first.append(row)
        same[row] = seen[words]
    return np.array(first, np.int64), same


def _alike(table: Any) -> tuple[Ints, Ints]:
    """Every pair of rows that share enough, the later one first."""
    shared = (table @ table.T).tocoo()
    sizes = np.diff(table.indptr)
    together = sizes[shared.row] + sizes[shared.col] - shared.data
    enough = (shared.data >= LIKENESS * together) & (shared.col < shared.row)
    return shared.row[enough], shared.col[enough]
