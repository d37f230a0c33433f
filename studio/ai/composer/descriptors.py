"""What can be told of a part in a word: how high, how busy, one note at a time or several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio.ai.composer.piece import SUBS, Piece
from studio.ai.composer.vocabulary import DENSITY_EDGES, REGISTER_EDGES

REGISTER_NOT_TOLD = len(REGISTER_EDGES) + 1
DENSITY_NOT_TOLD = len(DENSITY_EDGES) + 1
ONE_NOTE, SEVERAL, POLYPHONY_NOT_TOLD = range(3)
NOT_TOLD = (REGISTER_NOT_TOLD, DENSITY_NOT_TOLD, POLYPHONY_NOT_TOLD)
_FEW_CHORDS = 0.1  # share of onsets at which a single line may strike two notes


def descriptor(piece: Piece, part: int, bars: Sequence[int]) -> tuple[int, int, int]:
    """Classes of register, density and polyphony of a part in some bars.

    Register is that of the mean pitch (`REGISTER_EDGES`; drums have none), density that of the
    notes in four quarters (`DENSITY_EDGES`), both counted from 0. A part without a note is not
    told of.
    """
    notes = piece.notes[(piece.notes["part"] == part) & _inside(piece, bars)]
    if not len(notes):
        return NOT_TOLD
    quarters = float(piece.bars["length"][list(bars)].sum()) / SUBS
    _, struck = np.unique(notes["bar"].astype(np.int64) << 16 | notes["sub"], return_counts=True)
    register = int(np.searchsorted(REGISTER_EDGES, notes["pitch"].mean(), "right"))
    density = int(np.searchsorted(DENSITY_EDGES, len(notes) * 4 / quarters, "right"))
    polyphony = SEVERAL if (struck > 1).mean() > _FEW_CHORDS else ONE_NOTE
    return REGISTER_NOT_TOLD if piece.parts[part].drums else register, density, polyphony


def _inside(piece: Piece, bars: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    bar = piece.notes["bar"]
    if isinstance(bars, range) and bars.step == 1:
        return np.asarray((bar >= bars.start) & (bar < bars.stop))
    return np.isin(bar, list(bars))
