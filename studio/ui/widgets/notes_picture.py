"""A small picture of notes, as takes show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.domain.notes import Notes
from studio.ui import theme
from studio.ui.rects import draw_rects, rects_of
from studio.ui.tr import tr

_MOST_NOTES = 600  # more are under a pixel at this size


class NotesPicture(QWidget):
    """Notes of several parts over one stretch of time, each part in the colour of a track."""

    def __init__(
        self, parts: Sequence[tuple[Notes, int]], start: int, end: int, height: int = 32
    ) -> None:
        super().__init__()
        self._bars = [(_bars(notes, start, end), color) for notes, color in parts]
        self._lowest, self._highest = _range([notes for notes, _ in parts])
        self._height = height
        count = sum(len(notes) for notes, _ in parts)
        self.setAccessibleName(tr("Picture of {count} notes", count=count))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, self._height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        span = max(self._highest - self._lowest, 1)
        room = self.height() - 3
        for bars, color in self._bars:
            painter.setBrush(theme.track_colour(color))
            left, right, pitch = bars.T
            wide = np.maximum((right - left) * self.width() - 0.5, 1.5)
            top = room * (1 - (pitch - self._lowest) / span)
            draw_rects(painter, rects_of(left * self.width(), top, wide, 2.5))
        painter.end()


def _bars(notes: Notes, start: int, end: int) -> npt.NDArray[np.float64]:
    """Rows of left and right (shares of [start, end) ticks) and pitch, at most `_MOST_NOTES`."""
    shown = np.flatnonzero(notes.sounding_in(start, end))
    if len(shown) > _MOST_NOTES:
        shown = shown[np.linspace(0, len(shown) - 1, _MOST_NOTES).astype(np.int64)]
    length = max(end - start, 1)
    begin, stop = notes.start[shown], notes.end[shown]
    left, right = (np.clip((at - start) / length, 0, 1) for at in (begin, stop))
    return np.stack([left, right, notes.pitch[shown].astype(np.float64)], axis=1)


def _range(parts: list[Notes]) -> tuple[int, int]:
    pitches = [
        int(p) for notes in parts if len(notes) for p in (notes.pitch.min(), notes.pitch.max())
    ]
    return (min(pitches), max(pitches)) if pitches else (60, 72)
