"""A piece of music on the composer's grid: what corpora are kept as, and what songs become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.domain.tempo import TICKS_PER_QUARTER

SUBS = 24  # grid places in a quarter: sixteenths, thirty-seconds and triplets all fall on one
SUB_TICKS = TICKS_PER_QUARTER // SUBS
MOST_BEATS = 16  # quarters in a bar; a longer one is kept as several
CHORDS_PER_BAR = 4
DEVIATION_TICKS = 7.5  # of one bin, so that 16 bins on each side reach an eighth of a quarter
MOST_DEVIATION = 16

BAR_DTYPE = np.dtype(
    [
        ("start", "<i4"),  # subs from the start of the piece
        ("length", "<i2"),  # subs
        ("beats", "u1"),  # of the meter as written
        ("unit", "u1"),
        ("bpm", "<f4"),  # quarters a minute; 0 where unknown
        ("tonic", "i1"),  # pitch class; -1 where unknown
        ("mode", "i1"),  # 0 major, 1 minor; -1 where unknown
        ("root", "i1", (CHORDS_PER_BAR,)),  # of the chord in each quarter of the bar; -1: none
        ("quality", "u1", (CHORDS_PER_BAR,)),  # index into `vocabulary.QUALITIES`
        ("section", "u1"),  # index into `vocabulary.SECTIONS`; 0 where unknown
        ("recall", "<i2"),  # index of the earlier bar that this one repeats; -1: none
    ]
)
GRID_NOTE = np.dtype(
    [
        ("part", "u1"),
        ("bar", "<u2"),
        ("sub", "<u2"),  # from the start of the bar
        ("pitch", "u1"),  # MIDI key, of drums too
        ("length", "u1"),  # index into `vocabulary.LENGTHS`
        ("velocity", "u1"),  # 1-127
        ("deviation", "i1"),  # bins played late, -16 to 16
    ]
)
Table: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class PiecePart:
    """One instrument. Drums have program 0-127 too (the kit), and `drums` set.

    Attributes:
        role: One of `vocabulary.ROLES`.
        performed: Whether deviations are a player's own; if not, they tell nothing, wherever the
            piece tells them.
    """

    program: int
    drums: bool
    role: str
    name: str = ""
    performed: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Music on the grid.

    Attributes:
        bars: Table of `BAR_DTYPE`, shape [b], without a hole.
        notes: Table of `GRID_NOTE`, shape [n], ordered by (bar, part's rank, sub, pitch); no two
            are equal in bar, part, sub and pitch.
        styles: Names in `vocabulary.STYLES`, at most four.
        source: One of `vocabulary.SOURCES`: how the notes came about.
        swing: Whether eighths are played long-short; None where unknown.
        has_velocity, has_deviation, has_tempo: Whether these are human or meant, so that a network
            may learn from them.
    """

    bars: Table
    parts: tuple[PiecePart, ...]
    notes: Table
    collection: str = ""
    title: str = ""
    styles: tuple[str, ...] = ()
    source: str = "unknown"
    swing: bool | None = None
    has_velocity: bool = True
    has_deviation: bool = True
    has_tempo: bool = True


def ordered(notes: Table, parts: tuple[PiecePart, ...]) -> Table:
    """The notes in canonical order, one of each (bar, part, sub, pitch).

    Parts follow each other by the order in which a band is written: drums, bass, chords, pad,
    counter, melody (`vocabulary.ROLES`), then by their place in `parts`.
    """
    from studio.ai.composer.vocabulary import ROLES

    rank = np.array([ROLES.index(part.role) * 256 + i for i, part in enumerate(parts)] or [0])
    order = np.lexsort((notes["pitch"], notes["sub"], rank[notes["part"]], notes["bar"]))
    table = notes[order]
    if len(table) < 2:
        return table
    same = np.ones(len(table) - 1, bool)
    for name in ("bar", "part", "sub", "pitch"):
        same &= table[name][1:] == table[name][:-1]
    return table[np.concatenate(([True], ~same))]
