"""The lanes: where clips lie, are drawn, and are taken hold of."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from studio.ai.listening.told import in_words
from studio.domain.clip import AudioClip, NoteClip
from studio.domain.track import Track
from studio.edit.clips import SetClip
from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.canvas.gesture import Gesture
from studio.ui.canvas.grid import draw_grid, grid_lines
from studio.ui.canvas.pointer import Pointer
from studio.ui.timeline.automation import AutomationLanes
from studio.ui.timeline.clip_layout import ClipLayout
from studio.ui.timeline.clip_painter import ClipPainter
from studio.ui.timeline.drag_out import DragOut
from studio.ui.timeline.drops import DropCanvas
from studio.ui.timeline.gap_overlay import GapOverlay
from studio.ui.timeline.gestures import (
    BandDrag,
    DrawDrag,
    EraseDrag,
    FadeDrag,
    GainDrag,
    KnifeCut,
    MoveDrag,
    RangeDrag,
    SlipDrag,
    StretchDrag,
    TrimDrag,
    can_hold_notes,
)
from studio.ui.timeline.hit import ClipPart, Hit, HitTest
from studio.ui.timeline.recording_overlay import RecordingOverlay
from studio.ui.timeline.take_lanes import TakeLanes
from studio.ui.timeline.timeline_view import TimelineView
from studio.ui.timeline.waveforms import Waveforms
from studio.ui.tr import tr

GRID_ALPHAS = (0.7, 0.5, 0.3)
_CURSORS = {
    ClipPart.LEFT: Qt.CursorShape.SizeHorCursor,
    ClipPart.RIGHT: Qt.CursorShape.SizeHorCursor,
    ClipPart.FADE_IN: Qt.CursorShape.PointingHandCursor,
    ClipPart.FADE_OUT: Qt.CursorShape.PointingHandCursor,
    ClipPart.GAIN: Qt.CursorShape.SizeVerCursor,
    ClipPart.BODY: Qt.CursorShape.ArrowCursor,
}
_RESET = {  # what a double click on a handle sets
    ClipPart.GAIN: ("gain_db", 0.0),
    ClipPart.FADE_IN: ("fade_in_frames", 0),
    ClipPart.FADE_OUT: ("fade_out_frames", 0),
}
_TOOL_CURSORS = {
    "draw": Qt.CursorShape.CrossCursor,
    "erase": Qt.CursorShape.CrossCursor,
    "knife": Qt.CursorShape.SplitHCursor,
    "range": Qt.CursorShape.IBeamCursor,
}


class Lanes(DropCanvas):
    """Clips on tracks.

    Signals:
        opened(ClipId): A clip was double-clicked.
        menu_asked(QPoint): The context menu is wanted, at a global position.
    """

    opened = Signal(str)
    menu_asked = Signal(QPoint)

    def __init__(self, view: TimelineView, parent: QWidget | None = None) -> None:
        super().__init__(view, parent)
        self.layout_ = ClipLayout(view)
        self._hits = HitTest(view)
        self._waveforms = Waveforms(view.studio, self)
        self._painter = ClipPainter(view, self._waveforms)
        self._gaps = GapOverlay(view, self.layout_)
        self._growing = RecordingOverlay(view, self.layout_)
        self.automation = AutomationLanes(view, self.layout_, self)
        self._hovered: Hit | None = None
        self._drag_out = DragOut(view.studio, self)
        self.toggle_play = lambda: view.studio.playback.toggle()  # noqa: PLW0108 - looked up anew
        self.takes = TakeLanes(view, self._waveforms, self)
        self.setMinimumSize(160, 80)
        self.setAccessibleName(tr("Clips"))
        self.setAccessibleDescription(tr("Clips of every track over time"))
        self.bindings = Bindings()
        self._bind()

    def _bind(self) -> None:
        studio, connect = self.view.studio, self.bindings.connect
        for signal in (self.axis.changed, self.view.rows.changed, self.view.snap.changed):
            connect(signal, self.invalidate_grid)
        connect(self.view.shown_changed, self.invalidate_grid)
        connect(studio.selection.changed, self.invalidate_content)
        connect(self._waveforms.ready, self.invalidate_content)
        connect(studio.listening.changed, self.invalidate_content)
        connect(studio.missing.changed, self.invalidate_content)
        connect(studio.generation.overlay_changed, self.update)
        connect(studio.recording.grew, self.update)
        connect(studio.playback.moved, self.follow)
        connect(self.view.tool_changed, self._show_cursor)

    def follow(self) -> None:
        """Move the playhead, and the view with it while the song plays."""
        playback = self.view.studio.playback
        if playback.playing and self.gesture is None:
            self.axis.keep_in_sight(playback.position_tick)
        self.move_playhead(self.axis.x(playback.position_tick))

    # -- drawing ------------------------------------------------------------------------------
    def paint_grid(self, painter: QPainter) -> None:
        bottom = min(float(self.view.rows.y(self.view.rows.rows)), float(self.height()))
        lines = grid_lines(
            self.view.project.tempo, self.axis, self.view.grid_step(self.axis.span[0])
        )
        draw_grid(painter, self.axis, lines, GRID_ALPHAS, QRectF(self.rect()))
        for row in range(len(self.view.tracks) + 1):
            y = round(self.view.rows.y(row))
            if 0 <= y <= bottom:
                painter.fillRect(QRectF(0, y - 1, self.width(), 1), theme.colour("line"))

    def paint_content(self, painter: QPainter) -> None:
        selected = self.view.studio.selection.clips
        for index, track in enumerate(self.view.tracks):
            row = self.layout_.row(index)
            if row.top >= self.height() or row.top + row.height <= 0:
                continue
            if self.view.is_folded(track):
                self._painter.paint_folded(painter, self.view.members(track), row)
            else:
                self._painter.paint_row(painter, track, row, selected)
        self.automation.paint(painter)

    def paint_overlay(self, painter: QPainter) -> None:
        self._paint_range(painter)
        self._gaps.paint(painter)
        self._growing.paint(painter)
        self._paint_handles(painter)
        self._paint_snap_line(painter)
        x = math.floor(self.axis.x(self.view.studio.playback.position_tick))
        painter.fillRect(QRectF(x, 0, 1, self.height()), theme.colour("text"))
        if self.gesture is not None:
            self.gesture.paint(painter)
        self.paint_said(painter, self.view.said)
        self.paint_drop(painter)
        self.paint_focus(painter)

    def _paint_range(self, painter: QPainter) -> None:
        selection = self.view.studio.selection
        if selection.span is None:
            return
        left, right = (self.axis.x(tick) for tick in selection.span)
        for id in selection.span_tracks:
            index = self.view.row_of(id)
            if index is not None:
                top, bottom = self.view.rows.y(index), self.view.rows.y(index + 1)
                box = QRectF(left, top, right - left, bottom - top - 1)
                painter.fillRect(box, theme.colour("accent", 0.13))
                for x in (left, right - 1):
                    painter.fillRect(QRectF(x, top, 1, bottom - top - 1), theme.colour("accent"))

    def _paint_handles(self, painter: QPainter) -> None:
        hit = self._hovered
        if hit is None or not isinstance(hit.clip, AudioClip) or self.view.is_proposing:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.colour("text"))
        painter.setPen(QPen(theme.colour("canvas"), 1))
        if self.layout_.box(hit.clip, hit.row).width() >= 60:
            for name, centre in self.layout_.handles(hit.clip, hit.row).items():
                radius = 4.5 if hit.part.value == name else 3.5
                painter.drawEllipse(centre, radius, radius)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_snap_line(self, painter: QPainter) -> None:
        if self.view.snap_line is not None and self.gesture is not None:
            x = math.floor(self.axis.x(self.view.snap_line))
            painter.fillRect(QRectF(x, 0, 1, self.height()), theme.colour("accent", 0.9))

    def name_area(self) -> QRect | None:
        """Where the first selected clip carries its name; None where that is out of sight."""
        chosen = self.view.selected()
        row = self.view.row_of(chosen[0][0].id) if chosen else None
        if row is None:
            return None
        box = self.layout_.box(chosen[0][1], self.layout_.row(row))
        left = max(round(box.left()), 0)
        area = QRect(left, round(box.top()) - 3, max(round(box.right()) - left, 120), 24)
        return area if self.rect().intersects(area) else None

    # -- gestures -----------------------------------------------------------------------------
    def gesture_at(self, at: Pointer) -> Gesture | None:
        if self.automation.on:
            return self.automation.gesture_at(at)
        hit = self._hits.at(at.x, at.y)
        if at.button is Qt.MouseButton.RightButton:
            self._choose(hit)
            return None
        if at.button is not Qt.MouseButton.LeftButton:
            return None
        if self.view.tool == "range":
            return RangeDrag(self.view, at)
        if self.view.tool == "erase":
            return EraseDrag(self.view, at)
        if hit is not None:
            return self._clip_gesture(at, hit)
        track = self.view.track_at(at.y)
        if self.view.tool == "draw" and track is not None and _can_draw(self.view, track):
            return DrawDrag(self.view, at, track)
        return BandDrag(self.view, at)

    def _clip_gesture(self, at: Pointer, hit: Hit) -> Gesture:
        if self.view.tool == "knife":
            return KnifeCut(self.view, at, hit.clip)
        if at.ctrl and at.alt:
            return SlipDrag(self.view, at, hit)
        if hit.part in (ClipPart.LEFT, ClipPart.RIGHT):
            return StretchDrag(self.view, at, hit) if at.shift else TrimDrag(self.view, at, hit)
        if isinstance(hit.clip, AudioClip):
            if hit.part in (ClipPart.FADE_IN, ClipPart.FADE_OUT):
                return FadeDrag(self.view, at, hit.clip, hit.part)
            if hit.part is ClipPart.GAIN:
                return GainDrag(self.view, at, hit, hit.clip)
        return MoveDrag(self.view, at, hit)

    def _choose(self, hit: Hit | None) -> None:
        """A right click selects what it is about."""
        selection = self.view.studio.selection
        if hit is not None and hit.clip.id not in selection.clips:
            selection.set_clips({hit.clip.id})
            selection.set_tracks((hit.track.id,))

    def double_click(self, at: Pointer) -> bool:
        if self.automation.on:
            return False
        hit = self._hits.at(at.x, at.y)
        if hit is None:
            return self._draw_clip(at)
        if hit.part in _RESET:
            self.view.do(SetClip(frozenset({hit.clip.id}), (_RESET[hit.part],)))
        else:
            self.view.studio.selection.set_clips({hit.clip.id})
            self.opened.emit(hit.clip.id)
        return True

    def _draw_clip(self, at: Pointer) -> bool:
        track = self.view.track_at(at.y)
        if track is not None and self.view.is_folded(track):
            self.view.toggle_fold(track.group)
            return True
        if track is None or not _can_draw(self.view, track) or self.view.tool == "range":
            return False
        DrawDrag(self.view, at, track).click()
        chosen = self.view.studio.selection.note_clip
        if chosen is not None:
            self.opened.emit(chosen)
        return True

    def hover(self, at: Pointer) -> None:
        found = self._hits.at(at.x, at.y) if not self.automation.on else None
        before, self._hovered = self._hovered, found
        self._show_cursor()
        if before != self._hovered:
            self._tell()
            self.update()

    def _tell(self) -> None:
        hit = self._hovered
        if hit is None:
            self.setToolTip("")
            return
        kind = tr("Notes") if isinstance(hit.clip, NoteClip) else tr("Recording")
        told = f"{hit.clip.name or kind} · {hit.track.name}"
        listening = self.view.studio.listening
        heard = listening.heard(hit.clip) if isinstance(hit.clip, AudioClip) else None
        self.setToolTip(f"{told}\n{in_words(heard)}" if heard is not None else told)

    def _show_cursor(self) -> None:
        if self.gesture is not None:
            return
        if self.automation.on:
            self.setCursor(Qt.CursorShape.CrossCursor)
            return
        tool = _TOOL_CURSORS.get(self.view.tool)
        part = self._hovered.part if self._hovered is not None else ClipPart.BODY
        edge = part is not ClipPart.BODY and self.view.tool in ("select", "draw")
        self.setCursor(_CURSORS[part] if edge or tool is None else tool)

    def scroll_rows(self, pixels: float) -> None:
        self.view.rows.scroll_by(pixels)

    def zoom_rows(self, factor: float, y: float) -> None:
        self.view.rows.zoom(factor, y)

    # -- keys ---------------------------------------------------------------------------------
    def keyPressEvent(self, event: QKeyEvent) -> None:
        selection, generation = self.view.studio.selection, self.view.studio.generation
        returns = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if returns and selection.span is not None:
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                generation.go()
            else:
                generation.wanted.emit()
        elif event.key() == Qt.Key.Key_Escape and self.gesture is None:
            selection.clear()
        else:
            super().keyPressEvent(event)

    # -- Qt -----------------------------------------------------------------------------------
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Clips that are dragged out of the window stay where they were, and go on as files."""
        window = self.window()
        inside = window.rect().contains(self.mapTo(window, event.position().toPoint()))
        if self._drag_out.waiting:
            if inside:
                self._drag_out.stop()
        elif isinstance(self.gesture, MoveDrag) and not inside:
            clips = self.gesture.moving
            self.cancel_gesture()
            self._drag_out.begin(clips)
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag_out.stop()
        super().mouseReleaseEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.axis.set_width(self.width())
        self.view.rows.set_height(self.height())

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        self.update()
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self.automation.on:
            self.menu_asked.emit(event.globalPos())


def _can_draw(view: TimelineView, track: Track) -> bool:
    return can_hold_notes(track) and not view.is_folded(track)
