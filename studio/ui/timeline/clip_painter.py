"""Draws the clips of one track: bodies and names, notes in miniature, waveforms, fades."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from studio.domain.clip import AudioClip, Clip, ClipId
from studio.domain.track import Track
from studio.ui import icons, theme
from studio.ui.canvas.rects import draw_rects, rects_of, thinned
from studio.ui.canvas.shapes import TrackShapes
from studio.ui.timeline.clip_layout import HEADER, ClipLayout, Row
from studio.ui.timeline.timeline_view import TimelineView
from studio.ui.timeline.waveforms import Waveforms

ROUND_FROM_PX = 24.0  # narrower clips are plain rectangles, drawn in one call
NAME_FROM_PX = 34.0
NOTES_FROM_PX = 6.0
RADIUS = 4.0
SPARKLE = 11.0


@dataclass(frozen=True, slots=True)
class _Look:
    body: QColor
    header: QColor
    notes: QColor
    name: QColor


def _look(track: Track, muted: bool, selected: bool) -> _Look:
    if muted:
        grey = theme.colours().text_3
        tint = theme.mixed(theme.colours().tracks[track.color % 8], grey, 0.8)
        return _Look(
            _faded(tint, 0.12), _faded(tint, 0.28), _faded(tint, 0.5), theme.colour("text_3")
        )
    color = track.color
    header = theme.mixed(theme.colours().tracks[color % 8], theme.colours().canvas, 0.46)
    body = theme.track_colour(color, 0.34 if selected else 0.2)
    if selected:
        header = theme.mixed(theme.colours().tracks[color % 8], theme.colours().canvas, 0.22)
    return _Look(body, header, theme.track_colour(color), theme.colour("text"))


def _faded(color: QColor, alpha: float) -> QColor:
    made = QColor(color)
    made.setAlphaF(alpha)
    return made


class ClipPainter:
    """Draws one row at a time; many clips or notes cost one call, not one each."""

    def __init__(self, view: TimelineView, waveforms: Waveforms) -> None:
        self._view = view
        self._waveforms = waveforms
        self._layout = ClipLayout(view)
        self._font = theme.ui_font(theme.LABEL_PX, 500)
        self._metrics = QFontMetricsF(self._font)

    def paint_row(
        self, painter: QPainter, track: Track, row: Row, selected: frozenset[ClipId]
    ) -> None:
        shapes = self._view.shapes(track)
        seen = shapes.between(*self._view.axis.span)
        if not len(seen):
            return
        width = self._view.axis.ticks(1.0)
        wide = (shapes.end[seen] - shapes.start[seen]) >= ROUND_FROM_PX * width
        self._paint_narrow(painter, track, row, shapes, seen[~wide], selected)
        for index in seen[wide].tolist():
            clip = shapes.clips[index]
            self._paint_body(painter, row, clip, _look(track, clip.muted, clip.id in selected))
        self._paint_notes(painter, track, row, shapes)
        for index in seen[wide].tolist():
            self._paint_front(painter, track, row, shapes.clips[index], selected)

    # -- bodies -------------------------------------------------------------------------------
    def _paint_narrow(
        self,
        painter: QPainter,
        track: Track,
        row: Row,
        shapes: TrackShapes,
        seen: npt.NDArray[np.int64],
        selected: frozenset[ClipId],
    ) -> None:
        chosen = np.array([shapes.clips[i].id in selected for i in seen.tolist()], dtype=np.bool_)
        x = self._view.axis.xs(shapes.start[seen])
        right = self._view.axis.xs(shapes.end[seen])
        for muted in (False, True):
            for is_chosen in (False, True):
                kind = (shapes.muted[seen] == muted) & (chosen == is_chosen)
                if not kind.any():
                    continue
                look = _look(track, muted, is_chosen)
                wide = np.maximum(right[kind] - x[kind] - 1, 1)
                painter.setBrush(look.body)
                draw_rects(painter, rects_of(x[kind], row.top, wide, row.height))
                painter.setBrush(look.header)
                draw_rects(painter, rects_of(x[kind], row.top, wide, min(HEADER, row.height)))

    def _paint_body(self, painter: QPainter, row: Row, clip: Clip, look: _Look) -> None:
        box = self._layout.box(clip, row)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(look.body)
        painter.drawRoundedRect(box, RADIUS, RADIUS)
        painter.setBrush(look.header)
        painter.drawPath(_header_path(box, self._layout.header(row)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if isinstance(clip, AudioClip):
            body = self._layout.body(box, row)
            self._waveforms.paint(painter, self._view, clip, body, look.notes)

    # -- notes --------------------------------------------------------------------------------
    def _paint_notes(self, painter: QPainter, track: Track, row: Row, shapes: TrackShapes) -> None:
        rects, muted = self._note_rects(row, shapes)
        for is_muted in (False, True):
            mine = rects[muted == is_muted]
            if len(mine):
                painter.setBrush(_look(track, is_muted, False).notes)
                draw_rects(painter, mine)

    def _note_rects(
        self, row: Row, shapes: TrackShapes
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
        axis = self._view.axis
        start, end = axis.span
        long_enough = (shapes.end - shapes.start) * axis.scale >= NOTES_FROM_PX
        seen = (shapes.note_start < end) & (shapes.note_end > start)
        seen &= long_enough[shapes.note_clip] if len(long_enough) else False
        low, high = shapes.low, shapes.high
        top = row.top + self._layout.header(row) + 3
        room = max(row.top + row.height - 4 - top, 2.0)
        tall = float(np.clip(room / (high - low + 1), 1.5, 3.0))
        x = axis.xs(shapes.note_start[seen])
        wide = np.maximum(axis.xs(shapes.note_end[seen]) - x - 0.5, 1.0)
        y = top + (room - tall) * (high - shapes.note_pitch[seen]) / max(high - low, 1)
        muted = shapes.muted[shapes.note_clip[seen]] if len(shapes.muted) else seen[seen]
        rects = rects_of(x, np.round(y * 2) / 2, wide, tall)
        if len(rects) > 4 * axis.width:
            kept = thinned(rects)
            return rects[kept], muted[kept]
        return rects, muted

    # -- what lies in front -------------------------------------------------------------------
    def _paint_front(
        self, painter: QPainter, track: Track, row: Row, clip: Clip, selected: frozenset[ClipId]
    ) -> None:
        box = self._layout.box(clip, row)
        look = _look(track, clip.muted, clip.id in selected)
        if self._layout.header(row):
            self._paint_name(painter, box, clip, look)
        if isinstance(clip, AudioClip):
            self._paint_fades(painter, row, clip, look)
        if clip.id in selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("text"), 1.5))
            painter.drawRoundedRect(box.adjusted(0.75, 0.75, -0.75, -0.75), RADIUS, RADIUS)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_name(self, painter: QPainter, box: QRectF, clip: Clip, look: _Look) -> None:
        left, right = max(box.left(), 0.0) + 6, box.right() - 5
        if right - left < NAME_FROM_PX:
            return
        if clip.take is not None:
            ratio = painter.device().devicePixelRatio()
            mark = icons.pixmap(
                "sparkle", "text_3" if clip.muted else "text", round(SPARKLE), ratio
            )
            painter.drawPixmap(QPointF(left, box.top() + (HEADER - SPARKLE) / 2), mark)
            left += SPARKLE + 3
        painter.setFont(self._font)
        painter.setPen(look.name)
        room = right - left
        name = clip.name
        if self._metrics.horizontalAdvance(name) > room:
            name = self._metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(left, box.top(), room, HEADER), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(Qt.PenStyle.NoPen)

    def _paint_fades(self, painter: QPainter, row: Row, clip: AudioClip, look: _Look) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.name, 1.0))
        for line in self._fade_lines(row, clip):
            painter.setBrush(theme.colour("canvas", 0.45))
            painter.drawPath(line)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _fade_lines(self, row: Row, clip: AudioClip) -> Iterable[QPainterPath]:
        body = self._layout.body(self._layout.box(clip, row), row)
        fade_in, fade_out = self._layout.fade_xs(clip, row)
        if clip.fade_in_frames:
            yield _fade_path(QPointF(body.left(), body.bottom()), QPointF(fade_in, body.top()))
        if clip.fade_out_frames:
            yield _fade_path(QPointF(body.right(), body.bottom()), QPointF(fade_out, body.top()))


def _header_path(box: QRectF, height: float) -> QPainterPath:
    path = QPainterPath()
    if height < RADIUS:
        return path
    left, top, right, d = box.left(), box.top(), box.right(), 2 * RADIUS
    path.moveTo(left, top + height)
    path.arcTo(left, top, d, d, 180, -90)
    path.arcTo(right - d, top, d, d, 90, -90)
    path.lineTo(right, top + height)
    path.closeSubpath()
    return path


def _fade_path(silent: QPointF, full: QPointF) -> QPainterPath:
    """The part that an equal-power fade takes away: a quarter of a sine between two corners."""
    path = QPainterPath(silent)
    across, up = full.x() - silent.x(), full.y() - silent.y()
    for step in np.linspace(0, 1, 17)[1:]:
        path.lineTo(silent.x() + across * step, silent.y() + up * np.sin(step * np.pi / 2))
    path.lineTo(silent.x(), full.y())
    path.closeSubpath()
    return path
