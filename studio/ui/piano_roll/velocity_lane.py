"""Velocities as stems under the notes: drag one up or down, or draw a line across many."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.edit.notes import SetVelocities
from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.canvas.gesture import Gesture, GestureCanvas
from studio.ui.canvas.grid import draw_grid, grid_lines
from studio.ui.canvas.pointer import Pointer
from studio.ui.piano_roll.note_layout import NoteLayout
from studio.ui.piano_roll.note_painter import LOUDNESS_STEPS, loudness_colour
from studio.ui.piano_roll.roll_view import RollView
from studio.ui.rects import draw_rects, rects_of
from studio.ui.tr import tr

HEIGHT = 84
TOP, BOTTOM = 10.0, 6.0
HEAD = 3.5
REACH_PX = 6.0
ROUND_UP_TO = 800


class VelocityLane(GestureCanvas):
    """One stem a note, as high as the note is loud."""

    def __init__(self, view: RollView, parent: QWidget | None = None) -> None:
        super().__init__(view.axis, parent)
        self.view = view
        self._layout = NoteLayout(view)
        self.setMinimumHeight(48)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Velocities"))
        self.setToolTip(tr("Drag a stem, or a line across several; with the draw tool, by hand"))
        self.bindings = Bindings()
        studio, connect = view.studio, self.bindings.connect
        for signal in (view.axis.changed, view.snap.changed, view.shown_changed, view.opened):
            connect(signal, self.invalidate_grid)
        connect(studio.selection.changed, self.invalidate_content)
        connect(studio.playback.moved, self.follow)

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    def follow(self) -> None:
        self.move_playhead(self.axis.x(self.view.studio.playback.position_tick))

    # -- where things are ---------------------------------------------------------------------
    def stem_y(self, velocity: float) -> float:
        return TOP + (127 - velocity) / 126 * (self.height() - TOP - BOTTOM)

    def velocity_at(self, y: float) -> int:
        share = (y - TOP) / (self.height() - TOP - BOTTOM)
        return min(max(round(127 - share * 126), 1), 127)

    def near(self, x: float) -> frozenset[int]:
        """Ids of the notes whose stem is the nearest to `x`, within reach."""
        notes = self.view.notes
        if not len(notes):
            return frozenset()
        away = np.abs(self.axis.xs(notes.start + self.view.shift) - x)
        least = float(away.min())
        if least > REACH_PX:
            return frozenset()
        return frozenset(notes.id[away <= least + 0.5].tolist())

    # -- drawing ------------------------------------------------------------------------------
    def paint_grid(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), theme.colour("panel"))
        lines = grid_lines(
            self.view.project.tempo, self.axis, self.view.grid_step(self.axis.span[0])
        )
        draw_grid(painter, self.axis, lines, (0.6, 0.4, 0.0), QRectF(self.rect()))
        for velocity in (1, 64, 127):
            line = QRectF(0, round(self.stem_y(velocity)), self.width(), 1)
            painter.fillRect(line, theme.colour("line", 0.6))
        painter.fillRect(QRectF(0, 0, self.width(), 1), theme.colour("line"))

    def paint_content(self, painter: QPainter) -> None:
        clip, track = self.view.clip, self.view.track
        if clip is None or track is None:
            return
        start, end = self.axis.span
        first, last = np.searchsorted(clip.notes.start, [start - clip.shift, end - clip.shift])
        table = clip.notes.table[first:last]
        picked = np.fromiter(self.view.studio.selection.notes, np.int64)
        self._paint_stems(painter, table, track.color, False)
        if len(picked):
            chosen = table[np.isin(table["id"], picked)]
            self._paint_stems(painter, chosen, track.color, True)

    def _paint_stems(
        self, painter: QPainter, table: npt.NDArray[np.void], color: int, chosen: bool
    ) -> None:
        x = np.floor(self.axis.xs(table["start"] + self.view.shift))
        velocity = table["velocity"].astype(np.float64)
        if len(x) > self.axis.width:
            x, velocity = _highest(x, velocity)
        top = TOP + (127 - velocity) / 126 * (self.height() - TOP - BOTTOM)
        painter.setBrush(loudness_colour(color, LOUDNESS_STEPS - 1, chosen))
        painter.setOpacity(1.0 if chosen or not self.view.studio.selection.notes else 0.6)
        draw_rects(painter, rects_of(x, top, 2.0, self.height() - BOTTOM - top))
        if len(x) > ROUND_UP_TO:
            draw_rects(painter, rects_of(x - 2, top - 2, 6.0, 4.0))
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for left, y in zip(x.tolist(), top.tolist(), strict=True):
                painter.drawEllipse(QPointF(left + 1, y), HEAD, HEAD)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setOpacity(1.0)

    def paint_overlay(self, painter: QPainter) -> None:
        x = math.floor(self.axis.x(self.view.studio.playback.position_tick))
        painter.fillRect(QRectF(x, 0, 1, self.height()), theme.colour("text"))
        if self.gesture is not None:
            self.gesture.paint(painter)
        self.paint_said(painter, self.view.said)
        self.paint_focus(painter)

    # -- gestures -----------------------------------------------------------------------------
    def gesture_at(self, at: Pointer) -> Gesture | None:
        view = self.view
        if at.button is not Qt.MouseButton.LeftButton or view.clip is None or view.is_proposing:
            return None
        if view.tool in ("draw", "paint"):
            return HandDrag(self, at)
        near = self.near(at.x)
        return StemDrag(self, at, near) if near else RampDrag(self, at)

    def hover(self, at: Pointer) -> None:
        stem = bool(self.near(at.x))
        self.setCursor(Qt.CursorShape.SizeVerCursor if stem else Qt.CursorShape.CrossCursor)

    def scroll_rows(self, pixels: float) -> None:
        self.view.rows.scroll_by(pixels)

    def propose(self, ids: npt.NDArray[np.int64], velocity: npt.NDArray[np.float64]) -> None:
        """Show what these velocities look like."""
        clip_id = self.view.clip_id
        if clip_id is not None:
            rounded = np.clip(np.rint(velocity), 1, 127).astype(np.int64)
            pairs = tuple(zip(ids.tolist(), rounded.tolist(), strict=True))
            self.view.propose(SetVelocities(clip_id, pairs))


def _highest(
    x: npt.NDArray[np.float64], velocity: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Of stems on the same pixel (`x` rises) only the highest one, which hides the others."""
    first = np.flatnonzero(np.diff(x, prepend=-np.inf) > 0)
    return x[first], np.maximum.reduceat(velocity, first)


class _VelocityGesture(Gesture):
    cursor = Qt.CursorShape.SizeVerCursor

    def __init__(self, lane: VelocityLane, at: Pointer) -> None:
        self.lane, self.pressed, self.now = lane, at, at

    def finish(self) -> None:
        self.lane.view.commit()

    def cancel(self) -> None:
        self.lane.view.drop()


class StemDrag(_VelocityGesture):
    """Raises or lowers a stem, and with it the selected notes if it is one of them."""

    def __init__(self, lane: VelocityLane, at: Pointer, near: frozenset[int]) -> None:
        super().__init__(lane, at)
        selection, notes = lane.view.studio.selection, lane.view.notes
        self._grabbed = near & selection.notes or near
        ids = selection.notes if near & selection.notes else near
        moving = notes.where(notes.mask_of(ids))
        grabbed = notes.where(notes.mask_of(self._grabbed))
        self._ids, self._from = moving.id, moving.velocity.astype(np.float64)
        self._base = float(grabbed.velocity.max())

    def drag(self, at: Pointer) -> None:
        by = self.lane.velocity_at(at.y) - self._base
        self.lane.view.said = str(self.lane.velocity_at(at.y))
        self.lane.propose(self._ids, self._from + by)

    def click(self) -> None:
        self.lane.view.studio.selection.set_notes(self._grabbed)


class RampDrag(_VelocityGesture):
    """A line from press to pointer; stems it passes reach up to it (only selected ones, if any)."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, lane: VelocityLane, at: Pointer) -> None:
        super().__init__(lane, at)
        self._tick = lane.axis.tick(at.x)

    def drag(self, at: Pointer) -> None:
        self.now = at
        view = self.lane.view
        view.said = str(self.lane.velocity_at(at.y))
        notes, x0 = view.notes, self.lane.axis.x(self._tick)
        ends = sorted([(x0, self.pressed.y), (at.x, at.y)])
        x = self.lane.axis.xs(notes.start + view.shift)
        under = (x >= ends[0][0]) & (x <= ends[1][0])
        chosen = notes.mask_of(view.studio.selection.notes)
        under = under & chosen if (under & chosen).any() else under
        heights = [float(self.lane.velocity_at(y)) for _, y in ends]
        wanted = np.interp(x[under], [end[0] for end in ends], heights)
        self.lane.propose(notes.id[under], wanted)

    def paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("accent"), 1.5))
        start = QPointF(self.lane.axis.x(self._tick), self.pressed.y)
        painter.drawLine(start, self.now.point)
        painter.setPen(Qt.PenStyle.NoPen)

    def click(self) -> None:
        self.lane.view.studio.selection.set_notes(())


class HandDrag(_VelocityGesture):
    """With the tools that draw, stems reach up to where the pointer passed them."""

    cursor = Qt.CursorShape.CrossCursor
    at_once = True

    def __init__(self, lane: VelocityLane, at: Pointer) -> None:
        super().__init__(lane, at)
        self._drawn: dict[int, float] = {}  # velocity by note

    def drag(self, at: Pointer) -> None:
        view, last = self.lane.view, self.now
        self.now = at
        view.said = str(self.lane.velocity_at(at.y))
        clip = view.song_clip
        if clip is None:
            return
        x = self.lane.axis.xs(clip.notes.start + clip.shift)
        low, high = sorted((last.x, at.x))
        passed = (x >= low - REACH_PX / 2) & (x <= high + REACH_PX / 2)
        chosen = clip.notes.mask_of(view.studio.selection.notes)
        passed = passed & chosen if chosen.any() else passed
        ends = sorted([(last.x, last.y), (at.x, at.y)])
        heights = [float(self.lane.velocity_at(y)) for _, y in ends]
        wanted = np.interp(x[passed], [end[0] for end in ends], heights)
        self._drawn |= dict(zip(clip.notes.id[passed].tolist(), wanted.tolist(), strict=True))
        ids = np.array(list(self._drawn), dtype=np.int64)
        self.lane.propose(ids, np.array(list(self._drawn.values())))

    def click(self) -> None:
        self.finish()
