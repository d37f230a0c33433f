"""Draws the clips of one track: bodies and names, notes in miniature, waveforms, fades."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QPolygonF,
)

from studio.ai.listening.told import in_brief
from studio.domain.clip import AudioClip, Clip, ClipId
from studio.domain.track import Track
from studio.dsp.levels import shaped
from studio.ui import icons, theme
from studio.ui.canvas.density import density_picture, is_dense
from studio.ui.canvas.shapes import TrackShapes
from studio.ui.rects import Rects, draw_rects, rects_of
from studio.ui.timeline.beat_marks import BeatMarks
from studio.ui.timeline.clip_layout import HEADER, ClipLayout, Row
from studio.ui.timeline.timeline_view import TimelineView
from studio.ui.timeline.waveforms import Waveforms

ROUND_FROM_PX = 24.0  # narrower clips are plain rectangles, drawn in one call
NAME_FROM_PX = 34.0
NOTES_FROM_PX = 6.0
RADIUS = 4.0
SPARKLE = 11.0
READABLE = 4.5  # contrast of a name with what is behind it
# How much of the canvas is in the colour behind a clip's name, by whether it is selected: the
# first that lets the name be read.
_SHADES = {False: (0.46, 0.52, 0.58, 0.64), True: (0.22, 0.16, 0.1, 0.04, 0.3)}
NAME_GAP = 8.0
_GONE = Qt.BrushStyle.BDiagPattern  # over the clips of a recording that is missing
NAME_PX = 120.0  # of a long name, before what was heard gives way


@dataclass(frozen=True, slots=True)
class _Look:
    body: QColor
    header: QColor
    notes: QColor
    name: str  # a token


@theme.cached
def _look(color: int, muted: bool, selected: bool) -> _Look:
    """How a clip of a track colour looks."""
    own, canvas = theme.track_hex(color), theme.colours().canvas
    if muted:
        grey = theme.mixed(own, theme.colours().text_3, 0.8)
        return _Look(_faded(grey, 0.12), _faded(grey, 0.28), _faded(grey, 0.5), "text_2")
    body = theme.track_colour(color, 0.34 if selected else 0.2)
    shades = [theme.mixed(own, canvas, share) for share in _SHADES[selected]]
    header = next((shade for shade in shades if _reads(shade)), shades[-1])
    return _Look(body, header, theme.track_colour(color), theme.ink_on(header.name()))


def _reads(shade: QColor) -> bool:
    return theme.contrast(theme.colour(theme.ink_on(shade.name())), shade) >= READABLE


@theme.cached
def _corners(height: int, ratio: float) -> tuple[QPixmap, QPixmap]:
    """What rounds the left and the right edge of a clip: its corners in the colour behind it.

    Drawing a rounded, smooth rectangle for every clip would take longer than all else.
    """
    made = []
    for shift in (0.0, -2 * RADIUS):
        size = QSize(math.ceil(RADIUS * ratio), math.ceil(height * ratio))
        edge = QPixmap(size)
        edge.setDevicePixelRatio(ratio)
        edge.fill(Qt.GlobalColor.transparent)
        with QPainter(edge) as painter:
            painter.fillRect(QRectF(0, 0, RADIUS, height), theme.colour("canvas"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOut)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(Qt.GlobalColor.black)
            painter.drawRoundedRect(QRectF(shift, 0, 3 * RADIUS, height), RADIUS, RADIUS)
        made.append(edge)
    return made[0], made[1]


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
        self._beats = BeatMarks(view)
        self._font = theme.ui_font(theme.LABEL_PX, 500)
        self._metrics = QFontMetricsF(self._font)

    def paint_row(
        self, painter: QPainter, track: Track, row: Row, selected: frozenset[ClipId]
    ) -> None:
        shapes = self._view.shapes(track)
        seen = shapes.between(*self._view.axis.span)
        if not len(seen):
            return
        self._paint_bodies(painter, track, row, shapes, seen, selected)
        wide = (shapes.end[seen] - shapes.start[seen]) * self._view.axis.scale >= ROUND_FROM_PX
        large = [shapes.clips[index] for index in seen[wide].tolist()]
        for clip in large:
            self._paint_edges(painter, row, clip)
        self._paint_notes(painter, track, row, shapes)
        for clip, after in zip_longest(large, large[1:]):
            next_x = self._view.axis.x(after.start) if after is not None else math.inf
            self._paint_front(painter, track, row, clip, clip.id in selected, next_x)
        for clip, after in pairwise(large):
            self._paint_crossing(painter, row, clip, after)

    def paint_folded(self, painter: QPainter, tracks: Sequence[Track], row: Row) -> None:
        """A folded group: a stripe of clips for each of its tracks."""
        tall = row.height / len(tracks)
        for index, track in enumerate(tracks):
            shapes = self._view.shapes(track)
            seen = shapes.between(*self._view.axis.span)
            x = self._view.axis.xs(shapes.start[seen])
            wide = np.maximum(self._view.axis.xs(shapes.end[seen]) - x - 1, 1)
            painter.setBrush(theme.track_colour(track.color, 0.25 if track.muted else 0.55))
            top = row.top + index * tall
            draw_rects(painter, rects_of(x, top, wide, max(tall - 1, 1.0)))

    # -- bodies -------------------------------------------------------------------------------
    def _paint_bodies(
        self,
        painter: QPainter,
        track: Track,
        row: Row,
        shapes: TrackShapes,
        seen: npt.NDArray[np.int64],
        selected: frozenset[ClipId],
    ) -> None:
        chosen = np.zeros(len(seen), dtype=np.bool_)
        if selected:
            chosen[:] = [shapes.clips[index].id in selected for index in seen.tolist()]
        x = self._view.axis.xs(shapes.start[seen])
        wide = np.maximum(self._view.axis.xs(shapes.end[seen]) - x - 1, 1)
        header = self._layout.header(row)
        for muted in (False, True):
            for is_chosen in (False, True):
                kind = (shapes.muted[seen] == muted) & (chosen == is_chosen)
                if not kind.any():
                    continue
                look = _look(track.color, muted, is_chosen)
                painter.setBrush(look.body)
                draw_rects(painter, rects_of(x[kind], row.top, wide[kind], row.height))
                painter.setBrush(look.header)
                draw_rects(painter, rects_of(x[kind], row.top, wide[kind], header))

    def _paint_edges(self, painter: QPainter, row: Row, clip: Clip) -> None:
        left, right = _corners(round(row.height), painter.device().devicePixelRatio())
        box = self._layout.box(clip, row)
        painter.drawPixmap(box.topLeft(), left)
        painter.drawPixmap(QPointF(box.right() - RADIUS, box.top()), right)

    # -- notes --------------------------------------------------------------------------------
    def _paint_notes(self, painter: QPainter, track: Track, row: Row, shapes: TrackShapes) -> None:
        rects, muted = self._note_rects(row, shapes)
        for is_muted in (False, True):
            mine = rects[muted == is_muted]
            color = _look(track.color, is_muted, False).notes
            if len(mine) and is_dense(mine, self._view.axis.width):
                self._paint_dense(painter, row, mine, color)
            elif len(mine):
                painter.setBrush(color)
                draw_rects(painter, mine)

    def _paint_dense(self, painter: QPainter, row: Row, rects: Rects, color: QColor) -> None:
        ratio = painter.device().devicePixelRatio()
        size = (math.ceil(self._view.axis.width * ratio), math.ceil(row.height * ratio))
        column = (rects[:, 0] * ratio).astype(np.int64)
        line = ((rects[:, 1] - row.top) * ratio).astype(np.int64)
        picture = density_picture(column, line, size, color)
        picture.setDevicePixelRatio(ratio)
        painter.drawImage(QPointF(0, row.top), picture)

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
        return rects_of(x, np.round(y * 2) / 2, wide, tall), muted

    # -- what lies in front -------------------------------------------------------------------
    def _paint_front(
        self,
        painter: QPainter,
        track: Track,
        row: Row,
        clip: Clip,
        selected: bool,
        next_x: float,
    ) -> None:
        box = self._layout.box(clip, row)
        look = _look(track.color, clip.muted, selected)
        if self._layout.header(row):
            until = self._paint_heard(painter, box, clip, look, min(box.right(), next_x))
            self._paint_name(painter, box, clip, look, until)
        if isinstance(clip, AudioClip):
            body = self._layout.body(box, row)
            if any(s.media == clip.source.media for s in self._view.studio.missing.sources):
                painter.fillRect(body, QBrush(theme.colour("record", 0.5), _GONE))
            self._waveforms.paint(painter, self._view, clip, body, look.notes)
            self._paint_fades(painter, row, clip)
            self._beats.paint(painter, clip, body)
        if selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("text"), 1.5))
            painter.drawRoundedRect(box.adjusted(0.75, 0.75, -0.75, -0.75), RADIUS, RADIUS)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_heard(
        self, painter: QPainter, box: QRectF, clip: Clip, look: _Look, until: float
    ) -> float:
        """Write the tempo and key of a recording at the right, where that leaves room for its name
        or much of it; where the name must end."""
        heard = self._view.studio.listening.heard(clip) if isinstance(clip, AudioClip) else None
        words = in_brief(heard) if heard is not None else ""
        right = min(until, float(self._view.axis.width)) - NAME_GAP
        left = right - self._metrics.horizontalAdvance(words)
        name = min(self._metrics.horizontalAdvance(clip.name) + SPARKLE, NAME_PX) + 2 * NAME_GAP
        if not words or max(box.left(), 0.0) + name > left:
            return until
        painter.setFont(self._font)
        painter.setPen(theme.colour(look.name))
        painter.setOpacity(0.75)
        place = QRectF(left, box.top(), right - left, HEADER)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)
        painter.setOpacity(1.0)
        painter.setPen(Qt.PenStyle.NoPen)
        return left

    def _paint_name(
        self, painter: QPainter, box: QRectF, clip: Clip, look: _Look, until: float
    ) -> None:
        left, right = max(box.left(), 0.0) + 6, until - 5
        if right - left < NAME_FROM_PX:
            return
        if clip.take is not None:
            ratio = painter.device().devicePixelRatio()
            mark = icons.pixmap("sparkle", look.name, round(SPARKLE), ratio)
            painter.drawPixmap(QPointF(left, box.top() + (HEADER - SPARKLE) / 2), mark)
            left += SPARKLE + 3
        painter.setFont(self._font)
        painter.setPen(theme.colour(look.name))
        room = right - left
        name = clip.name
        if isinstance(clip, AudioClip) and len(clip.turns) > 1:
            name = f"{name}  {clip.turn + 1}/{len(clip.turns)}"
        if self._metrics.horizontalAdvance(name) > room:
            name = self._metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(left, box.top(), room, HEADER), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(Qt.PenStyle.NoPen)

    def _paint_fades(self, painter: QPainter, row: Row, clip: AudioClip) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("text_2" if clip.muted else "text"), 1.0))
        for line in self._fade_lines(row, clip):
            painter.setBrush(theme.colour("canvas", 0.45))
            painter.drawPath(line)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _fade_lines(self, row: Row, clip: AudioClip) -> Iterable[QPainterPath]:
        body = self._layout.body(self._layout.box(clip, row), row)
        fade_in, fade_out = self._layout.fade_xs(clip, row)
        left, right = QPointF(body.left(), body.bottom()), QPointF(body.right(), body.bottom())
        if clip.fade_in_frames:
            yield _fade_path(left, QPointF(fade_in, body.top()), clip.fade_shape)
        if clip.fade_out_frames:
            yield _fade_path(right, QPointF(fade_out, body.top()), clip.fade_shape)

    def _paint_crossing(self, painter: QPainter, row: Row, first: Clip, second: Clip) -> None:
        """Two lines where two recordings overlap and so cross-fade."""
        if not (isinstance(first, AudioClip) and isinstance(second, AudioClip)):
            return
        above, below = self._layout.box(second, row), self._layout.box(first, row)
        shared = above.left(), min(below.right(), above.right())
        if shared[1] - shared[0] < 2 or below.right() > above.right() or first.muted:
            return
        body = self._layout.body(above, row)
        ends = (
            (QPointF(shared[1], body.bottom()), QPointF(shared[0], body.top()), first.fade_shape),
            (QPointF(shared[0], body.bottom()), QPointF(shared[1], body.top()), second.fade_shape),
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("text"), 1.2))
        for silent, full, shape in ends:
            painter.drawPolyline(QPolygonF(_fade_points(silent, full, shape)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _fade_points(silent: QPointF, full: QPointF, shape: str) -> list[QPointF]:
    """The line of a fade between two corners."""
    across, up = full.x() - silent.x(), full.y() - silent.y()
    steps = np.linspace(0, 1, 17)
    return [
        QPointF(silent.x() + across * step, silent.y() + up * risen)
        for step, risen in zip(steps.tolist(), shaped(steps, shape).tolist(), strict=True)
    ]


def _fade_path(silent: QPointF, full: QPointF, shape: str) -> QPainterPath:
    """The part that a fade takes away."""
    path = QPainterPath(silent)
    for point in _fade_points(silent, full, shape)[1:]:
        path.lineTo(point)
    path.lineTo(silent.x(), full.y())
    path.closeSubpath()
    return path
