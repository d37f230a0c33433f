"""How a tune breathes: what is wrong with the rhythm of a melody's bar after the bars before it.

Songs are sung: of the tunes of songs that were learnt from, one bar in fifty is an even row of six
notes and more, a bar has three to four notes, and the last note of four bars is held. Dances for
the fiddle run on, and a network that has heard more of them does too where nobody objects.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from studio.ai.composer.piece import SUBS, Table

PHRASE_BARS = 4
RUNNING = frozenset(("folk", "classical"))  # styles whose tunes need no breath
Onsets = npt.NDArray[np.int64]  # subs from the start of a bar, in order
# What each fault costs, in nats a note of likelihood.
_EVEN = 0.35  # a row of equal steps
_AGAIN = 0.25  # a third bar of one rhythm
_BREATHLESS = 0.4  # the phrase ends and its last note is not held
_DRAGGING = 0.5  # a bar of one note, or none, after another such bar
_CROWDED, _ROOM = 0.08, 6  # each note more than so many in a bar
_ROW = 6  # onsets that make a row


def rhythms(tune: Table, bar: int) -> list[Onsets]:
    """Where the notes of up to two bars before bar `bar` of a piece begin, the nearest last; before
    its first bar there is no silence to drag on.

    Args:
        tune: The notes of one part, `GRID_NOTE`.
    """
    near = [at for at in (bar - 2, bar - 1) if at >= 0]
    return [np.unique(tune["sub"][tune["bar"] == at]).astype(np.int64) for at in near]


def breathless(bar: Onsets, before: Sequence[Onsets], length: int, *, ends: bool) -> float:
    """What is wrong with a bar of a tune, in nats a note; 0 at best.

    Args:
        bar: Where its notes begin.
        before: Those of the bars before it, the nearest last.
        length: Of the bar, subs.
        ends: Whether a phrase ends with the bar.
    """
    cost = _CROWDED * max(len(bar) - _ROOM, 0)
    if len(bar) >= _ROW and len(set(np.diff(bar).tolist())) == 1:
        cost += _EVEN
    if before and max(len(bar), len(before[-1])) <= 1:
        cost += _DRAGGING
    if len(bar) > 1 and len(before) > 1:
        cost += _AGAIN * all(np.array_equal(bar, other) for other in before[-2:])
    if ends and len(bar) and length - int(bar[-1]) <= SUBS:
        cost += _BREATHLESS
    return cost
