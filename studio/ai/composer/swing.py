"""Whether a piece plays its eighths long-short."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.ai.composer.piece import DEVIATION_TICKS, SUB_TICKS, SUBS, Piece

# Where the second of two eighths lies, in subs of the quarter: straight up to the first, swung up
# to the second; up to the third it is a dotted eighth, which is swing in bands alone.
_STRAIGHT, _SWUNG, _DOTTED = 13.5, 17.5, 18.8
_EARLIEST, _FIRST_HALF = 10.0, 3.0
_LEAST_EIGHTHS = 8
_MOSTLY, _SELDOM = 0.6, 0.3  # shares of swung quarters from which a piece is swung, or is not


def with_swing(piece: Piece) -> Piece:
    """The piece with its swing told, if it is not and there are eighths enough to tell.

    Looked at are the quarters that a part divides: on the half it is straight, once and after it
    (from 56 % of the quarter) long-short. Where most are divided otherwise, into triplets say,
    nothing can be told; meters in eighths (6/8) have no swing of this kind.
    """
    return piece if piece.swing is not None else replace(piece, swing=_heard(piece))


def _heard(piece: Piece) -> bool | None:
    straight, swung, others = _quarters(piece)
    if straight + swung < _LEAST_EIGHTHS or others > straight + swung:
        return None
    share = swung / (straight + swung)
    return True if share > _MOSTLY else False if share < _SELDOM else None


def _quarters(piece: Piece) -> tuple[int, int, int]:
    """How many quarters of a part have their off-beat straight, late, or several or elsewhere."""
    notes = piece.notes[(piece.bars["unit"] <= 4)[piece.notes["bar"]]]
    place = notes["sub"] % SUBS + notes["deviation"] * (DEVIATION_TICKS / SUB_TICKS)
    latest = _DOTTED if any(part.drums for part in piece.parts) else _SWUNG
    edges = (_FIRST_HALF, _EARLIEST, _STRAIGHT, latest, SUBS - _FIRST_HALF)
    zone = np.searchsorted(edges, place, "right")  # 1 early, 2 straight, 3 late, 4 sixteenth
    key = (notes["bar"].astype(np.int64) << 16 | notes["sub"] // SUBS) << 8 | notes["part"]
    _, which = np.unique(key, return_inverse=True)
    zones = np.zeros((len(notes) + 1, 6), bool)
    zones[which, zone] = True
    divided, straight = zones[:, 1:].any(1), zones[:, 2] & ~zones[:, 3]
    swung = zones[:, 3] & ~zones[:, [1, 2, 4]].any(1)
    return int(straight.sum()), int(swung.sum()), int((divided & ~straight & ~swung).sum())
