"""Where notes are on the screen, and which one is under the pointer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF

from studio.domain.notes import Notes
from studio.ui.piano_roll.roll_view import RollView
from studio.ui.rects import Rects, rects_of

EDGE_PX = 5.0
EDGES_FROM_PX = 3 * EDGE_PX  # a narrower note is all body, so that it can always be moved
LEAST_PX = 2.0


class NotePart(StrEnum):
    BODY = "body"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class NoteHit:
    """A note under the pointer; ticks are the song's."""

    id: int
    part: NotePart
    pitch: int
    velocity: int
    start: int
    end: int


class NoteLayout:
    """Geometry of the open clip's notes in logical pixels of the note canvas."""

    def __init__(self, view: RollView) -> None:
        self._view = view
        self._longest: tuple[Notes | None, int] = (None, 0)

    def rects(self, notes: Notes, index: npt.NDArray[np.int64] | slice, shift: int) -> Rects:
        """One rectangle for each note picked by `index`, shape [n, 4]."""
        x = self._view.axis.xs(notes.start[index] + shift)
        wide = np.maximum(notes.length[index] * self._view.axis.scale - 1, LEAST_PX)
        tall = max(self._view.rows.row_height - 1.5, 1.0)
        return rects_of(x, self._view.ys(notes.pitch[index]) + 0.5, wide, tall)

    def in_sight(self, notes: Notes, shift: int) -> npt.NDArray[np.int64]:
        """Indices of the notes that lie in the view; found by search, as notes lie in order."""
        start, end = self._view.axis.span
        first, last = np.searchsorted(
            notes.start, [start - shift - self._longest_of(notes), end - shift]
        )
        top, bottom = self._view.rows.row(0), self._view.rows.row(self._view.rows.height)
        pitch = notes.pitch[first:last]
        high, low = self._view.rows.pitch(top), self._view.rows.pitch(bottom)
        seen = (notes.end[first:last] + shift > start) & (pitch <= high)
        found: npt.NDArray[np.int64] = np.flatnonzero(seen & (pitch >= low)) + first
        return found

    def _longest_of(self, notes: Notes) -> int:
        if self._longest[0] is not notes:
            self._longest = (notes, int(notes.length.max()) if len(notes) else 0)
        return self._longest[1]

    def at(self, x: float, y: float) -> NoteHit | None:
        """The note at a point; of several, the one drawn last."""
        notes, shift = self._view.notes, self._view.shift
        seen = self.in_sight(notes, shift)
        rects = self.rects(notes, seen, shift)
        inside = (rects[:, 0] <= x) & (x <= rects[:, 0] + rects[:, 2])
        inside &= notes.pitch[seen] == self._view.pitch_at(y)
        found = np.flatnonzero(inside)
        if not len(found):
            return None
        rect, index = rects[found[-1]], int(seen[found[-1]])
        return NoteHit(
            int(notes.id[index]),
            _part(x, float(rect[0]), float(rect[2])),
            int(notes.pitch[index]),
            int(notes.velocity[index]),
            int(notes.start[index]) + shift,
            int(notes.end[index]) + shift,
        )

    def within(self, box: QRectF) -> frozenset[int]:
        """Ids of the notes that a box touches, in sight or not."""
        notes = self._view.notes
        rects = self.rects(notes, slice(None), self._view.shift)
        touched = (rects[:, 0] < box.right()) & (rects[:, 0] + rects[:, 2] > box.left())
        touched &= (rects[:, 1] < box.bottom()) & (rects[:, 1] + rects[:, 3] > box.top())
        return frozenset(notes.id[touched].tolist())


def _part(x: float, left: float, width: float) -> NotePart:
    if width < EDGES_FROM_PX:
        return NotePart.BODY
    if x - left <= EDGE_PX:
        return NotePart.LEFT
    return NotePart.RIGHT if left + width - x <= EDGE_PX else NotePart.BODY
