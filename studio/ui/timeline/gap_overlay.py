"""A gap that is being written: a dashed frame that fills bar by bar, and its notes so far."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.domain.gap import Part
from studio.domain.notes import Notes
from studio.ui import theme
from studio.ui.rects import draw_rects, rects_of
from studio.ui.timeline.clip_layout import HEADER, ClipLayout
from studio.ui.timeline.timeline_view import TimelineView
from studio.ui.tr import tr
from studio.workspace.generation import Overlay

DASH = [4.0, 3.0]


class GapOverlay:
    """Draws `Generation.overlay` over the lanes. New parts stand in rows below the tracks."""

    def __init__(self, view: TimelineView, layout: ClipLayout) -> None:
        self._view, self._layout = view, layout

    def paint(self, painter: QPainter) -> None:
        overlay = self._view.studio.generation.overlay
        if overlay is None:
            return
        rows = self._rows(overlay)
        for first, last in _runs(sorted(rows)):
            self._paint_frame(painter, overlay, first, last)
        for row, (part, color) in rows.items():
            if part is not None:
                self._paint_notes(painter, part.notes, row, color)
        if rows:
            self._paint_words(painter, overlay, min(rows))

    def _rows(self, overlay: Overlay) -> dict[int, tuple[Part | None, QColor]]:
        """Which rows are written, by what part so far, in which colour."""
        parts = overlay.result.parts
        written = {part.track: part for part in parts if part.track is not None}
        rows: dict[int, tuple[Part | None, QColor]] = {}
        for row, track in enumerate(self._view.tracks):
            if track.id in overlay.gap.tracks or track.id in written:
                rows[row] = (written.get(track.id), theme.track_colour(track.color))
        below = len(self._view.tracks)
        for index, part in enumerate(part for part in parts if part.track is None):
            rows[below + index] = (part, theme.track_colour(below + index))
        return rows

    def _paint_frame(self, painter: QPainter, overlay: Overlay, first: int, last: int) -> None:
        axis, gap = self._view.axis, overlay.gap
        top, bottom = self._layout.row(first).top, self._layout.row(last)
        left, right = axis.x(gap.start), axis.x(gap.end)
        box = QRectF(left, top, right - left, bottom.top + bottom.height - top)
        painter.fillRect(box, theme.colour("canvas", 0.9))
        painter.fillRect(box, theme.colour("accent", 0.06))
        until = axis.x(min(max(overlay.result.written_until, gap.start), gap.end))
        painter.fillRect(
            QRectF(left, top, until - left, box.height()), theme.colour("accent", 0.07)
        )
        pen = QPen(theme.colour("accent"), 1.5)
        pen.setDashPattern(DASH)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(0.75, 0.75, -0.75, -0.75))
        painter.setPen(Qt.PenStyle.NoPen)

    def _paint_notes(self, painter: QPainter, notes: Notes, row: int, color: QColor) -> None:
        if not len(notes):
            return
        box, axis = self._layout.row(row), self._view.axis
        top, room = box.top + HEADER + 4, max(box.height - HEADER - 10, 4.0)
        pitch = notes.pitch.astype(np.float64)
        spread = max(float(np.ptp(pitch)), 12.0)
        y = top + (pitch.max() - pitch) / spread * room
        x = axis.xs(notes.start)
        wide = np.maximum(axis.xs(notes.end) - x - 1, 1.5)
        painter.setBrush(color)
        draw_rects(painter, rects_of(x, y, wide, 2.5))

    def _paint_words(self, painter: QPainter, overlay: Overlay, row: int) -> None:
        left = max(self._view.axis.x(overlay.gap.start), 0.0)
        box = self._layout.row(row)
        painter.setFont(theme.ui_font(theme.LABEL_PX, 500))
        painter.setPen(theme.colour("accent"))
        painter.drawText(QPointF(left + 7, box.top + 13), self.words(overlay))
        painter.setPen(Qt.PenStyle.NoPen)

    def words(self, overlay: Overlay) -> str:
        """Which bar is being written, of which."""
        tempo, gap = self._view.project.tempo, overlay.gap
        first, last = tempo.bar_at(gap.start), tempo.bar_at(gap.end - 1)
        now = min(max(tempo.bar_at(overlay.result.written_until), first), last)
        if first == last:
            return tr("writing bar {bar}", bar=first)
        return tr("writing bar {bar} of {first}–{last}", bar=now, first=first, last=last)


def _runs(rows: list[int]) -> list[tuple[int, int]]:
    """Neighbouring rows as (first, last)."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs
