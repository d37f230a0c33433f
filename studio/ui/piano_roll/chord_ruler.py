"""The ruler over the notes: bars, and the chords that are heard there."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from studio.domain.theory import Key
from studio.ui import theme
from studio.ui.canvas.ruler import Ruler
from studio.ui.piano_roll.roll_view import RollView

NUMBER_ROOM = 30.0


class ChordRuler(Ruler):
    """Chord names stand right of the bar numbers."""

    def __init__(self, view: RollView, parent: QWidget | None = None) -> None:
        super().__init__(view, parent)
        self.bindings.connect(view.opened, self.invalidate_grid)

    def paint_marks(self, painter: QPainter) -> None:
        project = self.view.project
        key = project.key or Key(0)
        font = theme.mono_font(theme.LABEL_PX, 600)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        free = 0.0
        for span in project.chords:
            on_bar = project.tempo.next_bar(span.start) == span.start
            x = self.axis.x(span.start) + (NUMBER_ROOM if on_bar else 6)
            name = key.chord_name(span.chord).replace("b", "♭").replace("#", "♯")
            if x < free or x > self.width() or self.axis.x(span.end) < 0:
                continue
            painter.drawText(
                QRectF(x, self.above, 120, self.height()), Qt.AlignmentFlag.AlignVCenter, name
            )
            free = x + metrics.horizontalAdvance(name) + 6
        painter.setPen(Qt.PenStyle.NoPen)
