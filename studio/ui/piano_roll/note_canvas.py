"""Where notes are drawn and taken hold of."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from studio.domain.theory import pitch_name
from studio.edit.notes import ChangeVelocity, DeleteNotes
from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.canvas.gesture import Gesture, GestureCanvas
from studio.ui.canvas.grid import draw_grid, grid_lines
from studio.ui.canvas.pointer import Pointer
from studio.ui.piano_roll.empty_state import paint_empty
from studio.ui.piano_roll.gap_overlay import GapOverlay
from studio.ui.piano_roll.key_range import KeyRangeDrag, paint_range
from studio.ui.piano_roll.keyboard import is_black
from studio.ui.piano_roll.note_gestures import (
    CutNotes,
    DrawNoteDrag,
    EraseNotesDrag,
    MoveNotesDrag,
    NoteBand,
    PaintNotesDrag,
    ResizeDrag,
)
from studio.ui.piano_roll.note_keys import NoteKeys
from studio.ui.piano_roll.note_layout import NoteHit, NoteLayout, NotePart
from studio.ui.piano_roll.note_painter import NotePainter
from studio.ui.piano_roll.roll_view import RollView
from studio.ui.tr import tr

WHEEL_VELOCITY = 4  # a notch
GRID_ALPHAS = (1.0, 0.6, 0.28)
_ERASES = ("draw", "paint", "erase")  # tools whose right drag erases
_TOOL_CURSORS = {
    "paint": Qt.CursorShape.CrossCursor,
    "draw": Qt.CursorShape.CrossCursor,
    "erase": Qt.CursorShape.CrossCursor,
    "knife": Qt.CursorShape.SplitHCursor,
    "range": Qt.CursorShape.CrossCursor,
}


class NoteCanvas(GestureCanvas):
    """The notes of the open clip.

    Signals:
        hovered(int | None): The pitch under the pointer.
        menu_asked(QPoint): The context menu is wanted, at a global position.
        clip_wanted(): An empty roll was double-clicked.
    """

    hovered = Signal(object)
    menu_asked = Signal(QPoint)
    clip_wanted = Signal()

    def __init__(self, view: RollView, parent: QWidget | None = None) -> None:
        super().__init__(view.axis, parent)
        self.view = view
        self.layout_ = NoteLayout(view)
        self._painter = NotePainter(view, self.layout_)
        self._gap = GapOverlay(view, self.layout_)
        self.keys = NoteKeys(view)
        self.toggle_play = lambda: view.studio.playback.toggle()  # noqa: PLW0108 - looked up anew
        self._hit: NoteHit | None = None
        self._turn: tuple[frozenset[int], int, int] | None = None  # notes, gesture, total
        self.setMinimumSize(160, 60)
        self.setAccessibleName(tr("Notes"))
        self.setAccessibleDescription(tr("Notes of the open clip, pitch over time"))
        self.bindings = Bindings()
        self._bind()

    def _bind(self) -> None:
        studio, connect = self.view.studio, self.bindings.connect
        for signal in (self.axis.changed, self.view.rows.changed, self.view.snap.changed):
            connect(signal, self.invalidate_grid)
        connect(self.view.shown_changed, self.invalidate_grid)
        connect(self.view.opened, self.invalidate_grid)
        connect(self.view.ghosts_changed, self.invalidate_content)
        connect(self.view.habits_changed, self.invalidate_content)
        connect(studio.selection.changed, self.invalidate_content)
        connect(studio.generation.overlay_changed, self.update)
        connect(studio.playback.moved, self.follow)
        connect(self.view.tool_changed, self._show_cursor)
        connect(studio.playback.key_played, self.keys.heard)

    def follow(self) -> None:
        """Move the playhead, and the view with it while the clip plays."""
        playback, clip = self.view.studio.playback, self.view.clip
        tick = playback.position_tick
        inside = clip is not None and clip.start <= tick < clip.end
        if playback.playing and inside and self.gesture is None:
            self.axis.keep_in_sight(tick)
        self.move_playhead(self.axis.x(tick))

    # -- drawing ------------------------------------------------------------------------------
    def paint_grid(self, painter: QPainter) -> None:
        self._paint_rows(painter)
        tempo = self.view.project.tempo
        lines = grid_lines(tempo, self.axis, self.view.grid_step(self.axis.span[0]))
        draw_grid(painter, self.axis, lines, GRID_ALPHAS, QRectF(self.rect()))
        self._shade_outside(painter)

    def _paint_rows(self, painter: QPainter) -> None:
        rows, key = self.view.rows, self.view.project.key
        track = self.view.track
        drums = track is not None and track.is_drums
        for row in range(rows.row(0), rows.row(self.height()) + 1):
            pitch = rows.pitch(row)
            y = round(rows.y(row))
            tall = round(rows.y(row + 1)) - y
            inside = not is_black(pitch) if key is None else pitch in key
            token = "row_scale" if inside or drums else "row_out"
            if key is not None and not drums and pitch % 12 == key.tonic:
                token = "row_root"
            painter.fillRect(QRectF(0, y, self.width(), tall), theme.colour(token))
            strong = pitch % 12 == 0 and not drums
            line = theme.colour("line", 0.9 if strong else 0.3)
            painter.fillRect(QRectF(0, y + tall - 1, self.width(), 1), line)

    def _shade_outside(self, painter: QPainter) -> None:
        clip = self.view.clip
        if clip is None:
            return
        left, right = self.axis.x(clip.start), self.axis.x(clip.end)
        shade, height = theme.colour("canvas", 0.55), self.height()
        painter.fillRect(QRectF(0, 0, max(left, 0), height), shade)
        painter.fillRect(QRectF(right, 0, max(self.width() - right, 0), height), shade)
        track = self.view.track
        color = theme.track_colour(track.color if track else 0, 0.6)
        for x in (left, right):
            painter.fillRect(QRectF(math.floor(x), 0, 1, height), color)

    def paint_content(self, painter: QPainter) -> None:
        if self.view.ghosts and self.view.clip is not None:
            self._painter.paint_ghosts(painter)
        self._painter.paint_heard(painter)
        self._painter.paint(painter)

    def paint_overlay(self, painter: QPainter) -> None:
        if self.view.clip is None and self.view.coming is None:
            paint_empty(painter, QRectF(self.rect()))
        paint_range(painter, self.view)
        self._gap.paint(painter)
        if self.view.snap_line is not None and self.gesture is not None:
            x = math.floor(self.axis.x(self.view.snap_line))
            painter.fillRect(QRectF(x, 0, 1, self.height()), theme.colour("accent", 0.9))
        x = math.floor(self.axis.x(self.view.studio.playback.position_tick))
        painter.fillRect(QRectF(x, 0, 1, self.height()), theme.colour("text"))
        if self.gesture is not None:
            self.gesture.paint(painter)
        self.paint_said(painter, self.view.said)
        self.paint_focus(painter)

    # -- gestures -----------------------------------------------------------------------------
    def gesture_at(self, at: Pointer) -> Gesture | None:
        self._close_turn()
        view, hit = self.view, self.layout_.at(at.x, at.y)
        if view.clip is None:
            return None
        if at.button is Qt.MouseButton.RightButton:
            return self._right_drag(at, hit)
        if at.button is not Qt.MouseButton.LeftButton:
            return None
        if view.is_proposing:  # a function's outcome is shown: notes can be picked, no more
            return NoteBand(view, at, self.layout_)
        if view.tool == "range":
            return KeyRangeDrag(view, at)
        if view.tool == "erase":
            return EraseNotesDrag(view, at, self.layout_)
        if view.tool == "paint":
            return PaintNotesDrag(view, at)
        if hit is not None:
            return self._note_gesture(at, hit)
        if view.tool == "draw":
            return DrawNoteDrag(view, at)
        return NoteBand(view, at, self.layout_)

    def _right_drag(self, at: Pointer, hit: NoteHit | None) -> Gesture | None:
        """Erases with the tools that draw and erase; else it selects what the menu is about."""
        if self.view.tool in _ERASES and not self.view.is_proposing:
            return EraseNotesDrag(self.view, at, self.layout_)
        selection = self.view.studio.selection
        if hit is not None and hit.id not in selection.notes:
            selection.set_notes({hit.id})
        return None

    def _note_gesture(self, at: Pointer, hit: NoteHit) -> Gesture:
        if self.view.tool == "knife":
            return CutNotes(self.view, at, hit)
        if hit.part is not NotePart.BODY and not at.ctrl:
            return ResizeDrag(self.view, at, hit)
        return MoveNotesDrag(self.view, at, hit)

    def double_click(self, at: Pointer) -> bool:
        """Draws a note where there is none, and takes away the one there is."""
        clip_id, hit = self.view.clip_id, self.layout_.at(at.x, at.y)
        if self.view.clip is None or clip_id is None:
            self.clip_wanted.emit()
            return True
        if self.view.tool != "select" or self.view.is_proposing:
            return False
        if hit is not None:
            return self.view.do(DeleteNotes(clip_id, frozenset({hit.id})))
        self.begin(DrawNoteDrag(self.view, at), at)
        return True

    def hover(self, at: Pointer) -> None:
        self._close_turn()
        self._hit = self.layout_.at(at.x, at.y) if self.view.clip is not None else None
        self.hovered.emit(self.view.pitch_at(at.y))
        self._show_cursor()
        hit = self._hit
        self.setToolTip("" if hit is None else f"{pitch_name(hit.pitch)} · {hit.velocity}")

    def _show_cursor(self) -> None:
        if self.gesture is not None:
            return
        on_edge = self._hit is not None and self._hit.part is not NotePart.BODY
        if on_edge and self.view.tool in ("select", "draw"):
            self.setCursor(Qt.CursorShape.SizeHorCursor)
        else:
            self.setCursor(_TOOL_CURSORS.get(self.view.tool, Qt.CursorShape.ArrowCursor))

    # -- wheel --------------------------------------------------------------------------------
    def wheel(self, at: Pointer, steps: float) -> bool:
        """Alt+wheel over a note makes it (or the selection it is in) louder or softer."""
        clip_id = self.view.clip_id
        hit = self.layout_.at(at.x, at.y) if at.alt and clip_id is not None else None
        if hit is None or clip_id is None:
            return at.alt
        chosen = self.view.studio.selection.notes
        ids = chosen if hit.id in chosen else frozenset({hit.id})
        if self._turn is None or self._turn[0] != ids:
            self._close_turn()
            self._turn = (ids, self.view.studio.song.new_gesture(), 0)
        total = self._turn[2] + round(steps * WHEEL_VELOCITY)
        self._turn = (ids, self._turn[1], total)
        self.view.studio.song.do(ChangeVelocity(clip_id, ids, total, self._turn[1]), self.view)
        return True

    def _close_turn(self) -> None:
        """What follows a run of wheel turns is a step of its own."""
        if self._turn is not None:
            self._turn = None
            self.view.studio.song.close_step()

    def scroll_rows(self, pixels: float) -> None:
        self.view.rows.scroll_by(pixels)

    def zoom_rows(self, factor: float, y: float) -> None:
        self.view.rows.zoom(factor, y)

    # -- Qt -----------------------------------------------------------------------------------
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.keys.pressed(event):
            return
        escaped = event.key() == Qt.Key.Key_Escape and self.gesture is None
        if escaped and not self.view.is_proposing:
            self.view.studio.selection.set_notes(())
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self.keys.released(event):
            super().keyReleaseEvent(event)

    def wants_key(self, event: QEvent) -> bool:
        played = isinstance(event, QKeyEvent) and self.keys.wants(event)
        return played or super().wants_key(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.keys.let_all_go()
        super().focusOutEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.axis.set_width(self.width())
        self.view.rows.set_height(self.height())

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered.emit(None)
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.view.tool not in _ERASES:
            self.menu_asked.emit(event.globalPos())
