"""Where the song's chords lie, as a column: hours hold thousands, and each picture asks."""

from __future__ import annotations

from itertools import chain

import numpy as np
import numpy.typing as npt

from studio.domain.project import ChordSpan


class ChordPlaces:
    """Knows the last chords it was asked for."""

    def __init__(self) -> None:
        self._chords: tuple[ChordSpan, ...] = ()
        self._edges: npt.NDArray[np.int64] = np.zeros((0, 2), np.int64)

    def of(self, chords: tuple[ChordSpan, ...]) -> npt.NDArray[np.int64]:
        """Where each begins and ends, in ticks, shape [n, 2]."""
        if chords is not self._chords:
            places = chain.from_iterable((span.start, span.end) for span in chords)
            edges = np.fromiter(places, np.int64, 2 * len(chords))
            self._chords, self._edges = chords, edges.reshape(-1, 2)
        return self._edges
