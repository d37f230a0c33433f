"""The ruler over the notes: bars, and the chords that are heard there."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from studio.domain.project import ChordSpan
from studio.domain.theory import Key
from studio.ui import theme
from studio.ui.canvas.chord_places import ChordPlaces
from studio.ui.canvas.ruler import Ruler
from studio.ui.piano_roll.roll_view import RollView

NUMBER_ROOM = 30.0
_APART = 6.0


class ChordRuler(Ruler):
    """Chord names stand right of the bar numbers."""

    def __init__(self, view: RollView, parent: QWidget | None = None) -> None:
        super().__init__(view, parent)
        self._places = ChordPlaces()
        self.bindings.connect(view.opened, self.invalidate_grid)

    def paint_marks(self, painter: QPainter) -> None:
        chords = self.view.project.chords
        left, right = self.axis.xs(self._places.of(chords)).T
        font = theme.mono_font(theme.LABEL_PX, 600)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        index, free = int(np.searchsorted(right, 0.0)), 0.0
        while index < len(chords) and left[index] <= self.width():
            x = left[index] + self._room(chords[index])
            if x >= free:
                name = self._name(chords[index])
                box = QRectF(x, self.above, 120, self.height())
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)
                free = x + metrics.horizontalAdvance(name) + _APART
            index = max(index + 1, int(np.searchsorted(left, free - _APART)))
        painter.setPen(Qt.PenStyle.NoPen)

    def _room(self, span: ChordSpan) -> float:
        on_bar = self.view.project.tempo.next_bar(span.start) == span.start
        return NUMBER_ROOM if on_bar else _APART

    def _name(self, span: ChordSpan) -> str:
        key = self.view.project.key or Key(0)
        return key.chord_name(span.chord).replace("b", "♭").replace("#", "♯")
