"""What the pieces of each collection add up to: the table that a card of the weights shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypedDict

import numpy as np

from studio.ai.composer.piece import SUBS, Piece
from studio.ai.training.composer.shards import Origin

UNKNOWN_BPM = 120.0


class Row(TypedDict):
    """One collection.

    `source` tells where it can be had and how it was made; `hours` count pieces without a tempo at
    120 bpm; the shares are of the pieces; `dropped` counts pieces by reason.
    """

    collection: str
    licence: str
    credit: str
    source: str
    pieces: int
    notes: int
    bars: int
    hours: float
    parts: float
    with_drums: float
    with_velocity: float
    with_deviation: float
    with_tempo: float
    with_chords: float
    dropped_parts: int
    styles: dict[str, int]
    licences: dict[str, int]
    splits: dict[str, int]
    dropped: dict[str, int]


def row(
    name: str,
    licence: str,
    credit: str,
    source: str,
    pieces: Iterable[tuple[Piece, Origin]],
    dropped: Mapping[str, int],
) -> Row:
    """The sums over `pieces`."""
    whole = list(pieces)
    count = max(len(whole), 1)
    return Row(
        collection=name,
        licence=licence,
        credit=credit,
        source=source,
        pieces=len(whole),
        notes=sum(len(piece.notes) for piece, _ in whole),
        bars=sum(len(piece.bars) for piece, _ in whole),
        hours=round(sum(seconds(piece) for piece, _ in whole) / 3600, 2),
        parts=round(sum(len(piece.parts) for piece, _ in whole) / count, 2),
        with_drums=_share(any(p.drums for p in piece.parts) for piece, _ in whole),
        with_velocity=_share(piece.has_velocity for piece, _ in whole),
        with_deviation=_share(piece.has_deviation for piece, _ in whole),
        with_tempo=_share(piece.has_tempo for piece, _ in whole),
        with_chords=_share(bool((piece.bars["root"] >= 0).any()) for piece, _ in whole),
        dropped_parts=sum(origin.dropped_parts for _, origin in whole),
        styles=dict(Counter(s for piece, _ in whole for s in piece.styles).most_common()),
        licences=dict(Counter(o.licence for _, o in whole if o.licence).most_common()),
        splits={},
        dropped=dict(dropped),
    )


def seconds(piece: Piece) -> float:
    """How long the piece lasts."""
    bpm = np.where(piece.bars["bpm"] > 0, piece.bars["bpm"], UNKNOWN_BPM)
    return float((piece.bars["length"] / SUBS * 60.0 / bpm).sum())


def _share(flags: Iterable[bool]) -> float:
    found = list(flags)
    return round(sum(found) / max(len(found), 1), 3)
