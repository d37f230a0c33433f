"""Bars and keys of the open clip's track that are marked, for a model to fill."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from studio.ui import theme
from studio.ui.canvas.pointer import Pointer
from studio.ui.piano_roll.note_gestures import NoteGesture
from studio.ui.piano_roll.roll_view import RollView


class KeyRangeDrag(NoteGesture):
    """Marks a stretch of time on some keys; a click marks nothing."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: RollView, at: Pointer) -> None:
        super().__init__(view, at)
        chosen = self.selection
        self._before = (chosen.span, chosen.span_tracks, chosen.span_keys)

    def drag(self, at: Pointer) -> None:
        view, track = self.view, self.view.track
        ticks = (self.pressed_tick, view.axis.tick(at.x))
        ends = [view.land(tick, bypass=at.alt) for tick in ticks]
        view.mark(ends[1])
        pitches = (self.pressed_pitch, view.pitch_at(at.y))
        low, high = (min(max(pitch, 0), 127) for pitch in sorted(pitches))
        view.said = f"{view.name(low)} – {view.name(high)}"
        if track is not None:
            self.selection.set_span((ends[0].tick, ends[1].tick), (track.id,), (low, high))

    def finish(self) -> None:
        self.view.drop()

    def click(self) -> None:
        self.selection.set_span(None)

    def cancel(self) -> None:
        self.view.drop()
        self.selection.set_span(*self._before)


def paint_range(painter: QPainter, view: RollView) -> None:
    """The marked range where it lies on the open clip's track."""
    chosen, track = view.studio.selection, view.track
    if chosen.span is None or track is None or track.id not in chosen.span_tracks:
        return
    left, right = (view.axis.x(tick) for tick in chosen.span)
    low, high = chosen.span_keys
    top, bottom = view.y(high), view.y(low) + view.rows.row_height
    painter.fillRect(QRectF(left, top, right - left, bottom - top), theme.colour("accent", 0.13))
