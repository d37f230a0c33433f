"""The song's chords as a row of the ruler: drawn, found, and written as musicians write them."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from studio.core.errors import StudioError
from studio.domain.project import ChordSpan, Project
from studio.domain.theory import Chord, Key
from studio.edit.tempo import SetChord
from studio.ui import theme
from studio.ui.canvas.chord_places import ChordPlaces
from studio.ui.rects import draw_rects, rects_of, thinned
from studio.ui.timeline.timeline_view import TimelineView
from studio.ui.tr import tr

CHORDS_HEIGHT = 18
_MARGIN = 5.0
_TINT = 0.22  # how much lighter, or darker, than what is behind it a chord is


class ChordLane:
    """Geometry and drawing of the row, `top` px under the ruler's upper edge."""

    def __init__(self, view: TimelineView, top: int) -> None:
        self._view, self._top = view, top
        self._font = theme.mono_font(theme.LABEL_PX, 600)
        self._metrics = QFontMetricsF(self._font)
        self._least = self._metrics.horizontalAdvance("C")  # no name is shorter
        self._places = ChordPlaces()

    @property
    def height(self) -> int:
        """0 where the song has no chords."""
        return CHORDS_HEIGHT if self._view.project.chords else 0

    def holds(self, y: float) -> bool:
        return self._top <= y < self._top + self.height

    def paint(self, painter: QPainter) -> None:
        axis, chords = self._view.axis, self._view.project.chords
        edges, (start, end) = self._places.of(chords), axis.span
        first = int(np.searchsorted(edges[:, 1], start, side="right"))
        last = int(np.searchsorted(edges[:, 0], end))
        if first >= last:
            return
        left, right = axis.xs(edges[first:last]).T
        boxes = rects_of(left, self._top, np.maximum(right - left - 1, 1), CHORDS_HEIGHT - 2)
        colours = theme.colours()
        painter.setBrush(theme.mixed(colours.canvas, colours.text_3, _TINT))
        draw_rects(painter, boxes[thinned(boxes)])
        painter.setFont(self._font)
        painter.setPen(theme.colour("text"))
        for index in np.flatnonzero(boxes[:, 2] > _MARGIN + self._least):
            self._paint_name(painter, QRectF(*boxes[index]), chords[first + index])
        painter.setPen(Qt.PenStyle.NoPen)

    def _paint_name(self, painter: QPainter, box: QRectF, span: ChordSpan) -> None:
        name = pretty(self._view.project, span.chord)
        inner = box.adjusted(max(-box.left(), 0.0) + _MARGIN, 0, 0, 0)
        if self._metrics.horizontalAdvance(name) <= inner.width():  # half a name is another chord
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, name)

    def name_area(self, tick: int) -> QRect:
        """Where the chord that is heard at `tick` is written."""
        left = round(self._view.axis.x(slot(self._view.project, tick)[0]))
        return QRect(max(left, 0), self._top - 3, 110, 24)


def chord_at(project: Project, tick: int) -> ChordSpan | None:
    """The chord of the lane that is heard at `tick`."""
    index = bisect_right(project.chords, tick, key=lambda span: span.start) - 1
    span = project.chords[index] if index >= 0 else None
    return span if span is not None and tick < span.end else None


def slot(project: Project, tick: int) -> tuple[int, int]:
    """[start, end) of the chord at `tick` or, where there is none, of the room for one: as much of
    the bar as is free."""
    span = chord_at(project, tick)
    if span is not None:
        return span.start, span.end
    bar = project.tempo.bar_at(tick)
    before = [s.end for s in project.chords if s.end <= tick]
    after = [s.start for s in project.chords if s.start > tick]
    start = max([project.tempo.bar_start(bar), *before[-1:]])
    return start, min([project.tempo.bar_start(bar + 1), *after[:1]])


def written(project: Project, tick: int, text: str) -> SetChord:
    """The edit that writes the chord of a name over the slot at `tick`.

    Raises:
        StudioError: No chord has this name.
    """
    start, end = slot(project, tick)
    try:
        chord = Chord.parse(text.replace("♭", "b").replace("♯", "#"))
    except ValueError as error:
        hint = tr("Write it like Dm7, F#m7b5 or Bb/D.")
        raise StudioError(tr("No chord is called “{name}”.", name=text), hint) from error
    return SetChord(start, end - start, chord)


def pretty(project: Project, chord: Chord) -> str:
    """A chord as the song's key spells it."""
    return (project.key or Key(0)).chord_name(chord).replace("b", "♭").replace("#", "♯")
