"""Draws notes: brightness is velocity, an outline is a lock, dashes are what a model just wrote."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.domain.track import Track
from studio.ui import theme
from studio.ui.canvas.density import density_picture, is_dense
from studio.ui.piano_roll.note_layout import NoteLayout
from studio.ui.piano_roll.roll_view import RollView
from studio.ui.rects import Rects, draw_rects, rects_of, thinned

LOUDNESS_STEPS = 8
ROUND_UP_TO = 800  # more notes than this in sight are plain rectangles
RADIUS = 2.5
MARK_FROM_PX = 16.0
MARK_ROW_PX = 10.0
DASH = [2.5, 2.0]
LEAST_HEARD_PX = 3.0
NAME_FROM_PX, NAME_ROW_PX = 34.0, 12.0
MOST_NAMES = 300


@theme.cached
def loudness_colour(track_color: int, step: int, chosen: bool) -> QColor:
    """The track's colour, from faint (soft) to full (loud); selected notes are nearly text."""
    color = theme.track_hex(track_color)
    if chosen:
        text = theme.colours().text
        return theme.mixed(color, text, 0.45 + 0.25 * step / (LOUDNESS_STEPS - 1))
    return theme.mixed(color, theme.colours().canvas, 0.55 * (1 - step / (LOUDNESS_STEPS - 1)))


class NotePainter:
    """Draws the ghosts and the open clip's notes in a few calls each."""

    def __init__(self, view: RollView, layout: NoteLayout) -> None:
        self._view, self._layout = view, layout

    # -- others -------------------------------------------------------------------------------
    def paint_ghosts(self, painter: QPainter) -> None:
        """Notes of other tracks, and of other clips on this one."""
        for track in self._view.other_tracks():
            self._paint_ghost(painter, track)
        mine = self._view.track
        if mine is not None:
            self._paint_ghost(painter, mine, apart=True)

    def paint_heard(self, painter: QPainter) -> None:
        """Outlines of the notes that are heard in the recording behind the clip."""
        ghosts, axis = self._view.heard.notes(), self._view.axis
        if ghosts is None:
            return
        start, end = axis.span
        seen = (ghosts.start < end) & (ghosts.end > start) & self._view.rows.have(ghosts.pitch)
        x = axis.xs(ghosts.start[seen])
        wide = np.maximum(axis.xs(ghosts.end[seen]) - x - 1, LEAST_HEARD_PX)
        y = self._view.ys(ghosts.pitch[seen])
        rects = _few(rects_of(x, y, wide, max(self._view.rows.row_height - 1, 1.0)), axis.width)
        colour = ghosts.track.color
        painter.setBrush(theme.track_colour(colour, 0.16))
        draw_rects(painter, rects)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.track_colour(colour, 0.6), 1))
        draw_rects(painter, _inset(rects, 0.5))
        painter.setPen(Qt.PenStyle.NoPen)

    def _paint_ghost(self, painter: QPainter, track: Track, *, apart: bool = False) -> None:
        shapes, axis = self._view.shapes(track), self._view.axis
        start, end = axis.span
        seen = (shapes.note_start < end) & (shapes.note_end > start)
        seen &= self._view.rows.have(shapes.note_pitch)
        if apart:
            mine = [i for i, clip in enumerate(shapes.clips) if clip.id == self._view.clip_id]
            seen &= ~np.isin(shapes.note_clip, mine)
        x = axis.xs(shapes.note_start[seen])
        wide = np.maximum(axis.xs(shapes.note_end[seen]) - x - 1, 1.0)
        y = self._view.ys(shapes.note_pitch[seen].astype(np.uint8)) + 0.5
        rects = rects_of(x, y, wide, max(self._view.rows.row_height - 1.5, 1.0))
        painter.setBrush(theme.track_colour(track.color, 0.3 if apart else 0.22))
        draw_rects(painter, _few(rects, axis.width))

    # -- the clip's own -----------------------------------------------------------------------
    def paint(self, painter: QPainter) -> None:
        clip, track = self._view.clip, self._view.track
        if clip is None or track is None:
            return
        seen = self._layout.in_sight(clip.notes, clip.shift)
        rects = self._layout.rects(clip.notes, seen, clip.shift)
        picked = np.fromiter(self._view.studio.selection.notes, np.int64)
        if is_dense(rects, 4 * self._view.axis.width):
            self._paint_dense(painter, rects, clip.notes.pitch[seen], track)
            kept = np.isin(clip.notes.id[seen], picked)
            seen, rects = seen[kept], rects[kept]
        table = clip.notes.table[seen]
        chosen = np.isin(table["id"], picked)
        heard = (table["start"] >= clip.offset) & (table["start"] < clip.offset + clip.length)
        painter.setOpacity(0.35)
        self._paint_kinds(painter, track, table[~heard], rects[~heard], chosen[~heard])
        painter.setOpacity(1.0)
        self._paint_kinds(painter, track, table[heard], rects[heard], chosen[heard])
        self._paint_names(painter, track, table[heard], rects[heard], chosen[heard])

    def _paint_dense(
        self, painter: QPainter, rects: Rects, pitch: npt.NDArray[np.uint8], track: Track
    ) -> None:
        """How many notes there are in each pixel of each row; only selected ones are told apart."""
        rows, ratio = self._view.rows, painter.device().devicePixelRatio()
        top, bottom = rows.row(0), rows.row(rows.height)
        size = (math.ceil(self._view.axis.width * ratio), bottom - top + 1)
        column = (rects[:, 0] * ratio).astype(np.int64)
        row = rows.of_all(pitch).astype(np.int64) - top
        picture = density_picture(column, row, size, theme.track_colour(track.color))
        wide, tall = size[0] / ratio, size[1] * rows.row_height
        painter.drawImage(QRectF(0, rows.y(top), wide, tall), picture)

    def _paint_kinds(
        self,
        painter: QPainter,
        track: Track,
        table: npt.NDArray[Any],
        rects: Rects,
        chosen: npt.NDArray[np.bool_],
    ) -> None:
        if not len(table):
            return
        rounded = len(rects) <= ROUND_UP_TO and self._view.rows.row_height >= 7
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, rounded)
        hollow = table["muted"]
        self._paint_filled(painter, track, table[~hollow], rects[~hollow], chosen[~hollow])
        self._paint_hollow(painter, track, rects[hollow], chosen[hollow])
        self._paint_fresh(painter, track, rects[table["fresh"] & ~hollow])
        self._paint_locked(painter, rects[table["locked"]])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_filled(
        self,
        painter: QPainter,
        track: Track,
        table: npt.NDArray[Any],
        rects: Rects,
        chosen: npt.NDArray[np.bool_],
    ) -> None:
        steps = table["velocity"].astype(np.int64) * LOUDNESS_STEPS // 128
        for step in np.unique(steps).tolist():
            for is_chosen in (False, True):
                mine = rects[(steps == step) & (chosen == is_chosen)]
                painter.setBrush(loudness_colour(track.color, step, is_chosen))
                self._draw(painter, mine)

    def _paint_hollow(
        self, painter: QPainter, track: Track, rects: Rects, chosen: npt.NDArray[np.bool_]
    ) -> None:
        painter.setBrush(theme.track_colour(track.color, 0.08))
        for is_chosen in (False, True):
            color = theme.colour("text") if is_chosen else theme.track_colour(track.color, 0.7)
            painter.setPen(QPen(color, 1))
            self._draw(painter, _inset(rects[chosen == is_chosen], 0.5))
        painter.setPen(Qt.PenStyle.NoPen)

    def _paint_fresh(self, painter: QPainter, track: Track, rects: Rects) -> None:
        if not len(rects):
            return
        painter.setBrush(theme.colour("canvas", 0.3))
        pen = QPen(theme.mixed(theme.track_hex(track.color), theme.colours().text, 0.55), 1)
        pen.setDashPattern(DASH)
        painter.setPen(pen)
        self._draw(painter, _inset(rects, 0.5))
        painter.setPen(Qt.PenStyle.NoPen)

    def _paint_locked(self, painter: QPainter, rects: Rects) -> None:
        if not len(rects):
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("text"), 1.5))
        self._draw(painter, _inset(rects, 0.75))
        painter.setPen(Qt.PenStyle.NoPen)
        if len(rects) <= ROUND_UP_TO and self._view.rows.row_height >= MARK_ROW_PX:
            for x, y, _, tall in rects[rects[:, 2] >= MARK_FROM_PX].tolist():
                _paint_lock(painter, x + 5, y + tall / 2)

    def _paint_names(
        self,
        painter: QPainter,
        track: Track,
        table: npt.NDArray[Any],
        rects: Rects,
        chosen: npt.NDArray[np.bool_],
    ) -> None:
        """What each note is called, where it is tall and wide enough and there are not many."""
        roomy = rects[:, 2] >= NAME_FROM_PX
        if not self._view.names or self._view.rows.row_height < NAME_ROW_PX:
            return
        if np.count_nonzero(roomy) > MOST_NAMES:
            return
        painter.setFont(theme.mono_font(9, 500))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for row, rect, is_chosen in zip(
            table[roomy], rects[roomy].tolist(), chosen[roomy].tolist(), strict=True
        ):
            step = int(row["velocity"]) * LOUDNESS_STEPS // 128
            fill = theme.track_hex(track.color)
            if row["muted"]:
                ink = "text_2"
            else:
                fill = loudness_colour(track.color, step, is_chosen).name()
                ink = theme.ink_on(fill)
            x = rect[0] + (13 if row["locked"] else 4)
            area = QRectF(max(x, 4.0), rect[1], rect[0] + rect[2] - x - 2, rect[3])
            painter.setPen(theme.colour(ink, 0.85))
            painter.drawText(area, left, self._view.name(int(row["pitch"])))
        painter.setPen(Qt.PenStyle.NoPen)

    def _draw(self, painter: QPainter, rects: Rects) -> None:
        if len(rects) > ROUND_UP_TO or self._view.rows.row_height < 7:
            draw_rects(painter, rects)
            return
        for x, y, wide, tall in rects.tolist():
            painter.drawRoundedRect(QRectF(x, y, wide, tall), RADIUS, RADIUS)


def _paint_lock(painter: QPainter, x: float, middle: float) -> None:
    """A padlock 5 px wide; `middle` is its height on the screen."""
    color = theme.colour("on_accent")
    painter.setPen(QPen(color, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(QRectF(x + 1, middle - 3.6, 3, 4.5), 0, 180 * 16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(QRectF(x, middle - 1, 5, 4), 0.8, 0.8)


def _inset(rects: Rects, by: float) -> Rects:
    made: Rects = rects + np.array([by, by, -2 * by, -2 * by])
    return made


def _few(rects: Rects, width: int) -> Rects:
    return rects[thinned(rects)] if len(rects) > 4 * width else rects
