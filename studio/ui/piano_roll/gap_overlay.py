"""What a model is writing, over the notes: the gap, what it replaces, and its notes so far."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from studio.domain.clip import NoteClip
from studio.domain.gap import Gap
from studio.domain.notes import Notes
from studio.ui import theme
from studio.ui.piano_roll.note_layout import NoteLayout
from studio.ui.piano_roll.roll_view import RollView
from studio.ui.rects import draw_rects, rects_of

_DASH = [4.0, 3.0]
_NOTE_DASH = [2.5, 2.0]


class GapOverlay:
    """Draws `Generation.overlay` where it writes on the open clip's track; while no clip is open,
    the first of its new parts."""

    def __init__(self, view: RollView, layout: NoteLayout) -> None:
        self._view, self._layout = view, layout
        self._held: tuple[NoteClip, Gap, Notes] | None = None  # what goes, as last looked for

    def paint(self, painter: QPainter) -> None:
        view = self._view
        overlay, clip, track = view.studio.generation.overlay, view.clip, view.track
        if overlay is None:
            return
        part = view.coming
        if part is not None:
            self._paint_frame(painter, overlay.gap)
            self._paint_notes(painter, part.notes, len(view.project.sources))
        elif clip is not None and track is not None and track.id in overlay.gap.tracks:
            self._paint_leaving(painter, clip, overlay.gap)
            self._paint_frame(painter, overlay.gap)
            self._paint_notes(painter, overlay.notes(track.id), track.color)

    def _paint_leaving(self, painter: QPainter, clip: NoteClip, gap: Gap) -> None:
        """Notes that give way are dim, so that they are told from those that come."""
        if self._held is None or self._held[0] is not clip or self._held[1] is not gap:
            self._held = (clip, gap, clip.notes.where(gap.holds(clip)))
        leaving = self._held[2]
        seen = self._layout.in_sight(leaving, clip.shift)
        painter.setBrush(theme.colour("canvas", 0.72))
        draw_rects(painter, self._layout.rects(leaving, seen, clip.shift))

    def _paint_frame(self, painter: QPainter, gap: Gap) -> None:
        view = self._view
        left, right = view.axis.x(gap.start), view.axis.x(gap.end)
        top = max(view.y(gap.pitch_high), -2.0)
        bottom = min(view.y(gap.pitch_low) + view.rows.row_height, view.rows.height + 2.0)
        pen = QPen(theme.colour("accent"), 1.5)
        pen.setDashPattern(_DASH)
        painter.setPen(pen)
        painter.setBrush(theme.colour("accent", 0.05))
        painter.drawRect(QRectF(left, top, right - left, bottom - top))

    def _paint_notes(self, painter: QPainter, notes: Notes, color: int) -> None:
        axis = self._view.axis
        x = axis.xs(notes.start)
        wide = axis.xs(notes.end) - x - 1
        tall = self._view.rows.row_height - 1.5
        pen = QPen(theme.track_colour(color), 1)
        pen.setDashPattern(_NOTE_DASH)
        painter.setPen(pen)
        painter.setBrush(theme.track_colour(color, 0.4))
        draw_rects(painter, rects_of(x, self._view.ys(notes.pitch) + 0.5, wide, tall))
        painter.setPen(Qt.PenStyle.NoPen)
