"""The ruler of the song: sections, chords, tempo and meter over the bars; a drag in its lower half
marks bars."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from studio.domain.project import Marker
from studio.domain.track import TrackId
from studio.edit.tempo import MoveMarker
from studio.ui import theme
from studio.ui.canvas.gesture import Gesture
from studio.ui.canvas.pointer import Pointer
from studio.ui.canvas.ruler import BARS_HEIGHT, HANDLE_PX, Ruler, Scrub
from studio.ui.timeline.chord_lane import ChordLane, chord_at
from studio.ui.timeline.tempo_lane import TempoLane
from studio.ui.timeline.timeline_view import TimelineView
from studio.ui.tr import tr

SECTIONS_HEIGHT = 18
_TINT = 0.3  # how much of a track colour a section's band has


class SongRuler(Ruler):
    """Sections (named markers) and, where the song has any, chords, tempo and meter above the bars.

    Signals:
        marker_asked(tick, QPoint): The menu of the markers is wanted, at a global position.
        rename_asked(tick): A section was double-clicked.
        chord_asked(tick, QPoint): The menu of the chords is wanted.
        chord_edit_asked(tick): The row of the chords was double-clicked.
        tempo_asked(QPointF, QPoint): The menu of the tempos and meters is wanted, for a place in
            the ruler.
        tempo_edit_asked(QPointF): The rows of the tempos and meters were double-clicked there.
    """

    marker_asked = Signal(int, QPoint)
    rename_asked = Signal(int)
    chord_asked = Signal(int, QPoint)
    chord_edit_asked = Signal(int)
    tempo_asked = Signal(QPointF, QPoint)
    tempo_edit_asked = Signal(QPointF)

    def __init__(self, view: TimelineView, parent: QWidget | None = None) -> None:
        self.chords = ChordLane(view, SECTIONS_HEIGHT)
        self.tempos = TempoLane(view)
        super().__init__(view, parent, above=SECTIONS_HEIGHT)
        self.timeline = view
        self._make_room()
        self.bindings.connect(view.shown_changed, self._make_room)

    def _make_room(self) -> None:
        """Show the row of the chords while there are any, and those of tempo and meter."""
        self.tempos.top = SECTIONS_HEIGHT + self.chords.height
        above = self.tempos.top + self.tempos.height
        if above != self.above:
            self.above = above
            self.setFixedHeight(above + BARS_HEIGHT)

    # -- sections -----------------------------------------------------------------------------
    def sections(self) -> list[tuple[Marker, int]]:
        """Each marker with the tick where its section ends."""
        project = self.view.project
        markers = project.markers
        last = max(self.timeline.end, self.axis.span[1])
        ends = [*(marker.tick for marker in markers[1:]), last]
        return list(zip(markers, ends, strict=True)) if markers else []

    def section_at(self, x: float) -> Marker | None:
        tick = self.axis.tick(x)
        return next((m for m, end in self.sections() if m.tick <= tick < end), None)

    def paint_marks(self, painter: QPainter) -> None:
        self._paint_sections(painter)
        self.chords.paint(painter)
        self.tempos.paint(painter, self.width())

    def _paint_sections(self, painter: QPainter) -> None:
        names: list[str] = []
        font = theme.ui_font(theme.LABEL_PX)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        for marker, end in self.sections():
            if marker.name not in names:
                names.append(marker.name)
            left, right = self.axis.x(marker.tick), self.axis.x(end)
            if right < 0 or left > self.width():
                continue
            color = theme.track_hex(_SECTION_COLOURS[names.index(marker.name) % 6])
            box = QRectF(left, 1, max(right - left - 1, 2), SECTIONS_HEIGHT - 3)
            painter.fillRect(box, theme.mixed(theme.colours().canvas, color, _TINT))
            inner = QRectF(max(left, 0) + 6, 0, right - max(left, 0) - 10, SECTIONS_HEIGHT - 1)
            if inner.width() > 12:
                painter.setPen(theme.colour("text"))
                name = metrics.elidedText(marker.name, Qt.TextElideMode.ElideRight, inner.width())
                painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, name)
                painter.setPen(Qt.PenStyle.NoPen)

    def name_area(self, tick: int) -> QRect:
        """Where a section that starts at `tick` carries its name."""
        return QRect(max(round(self.axis.x(tick)), 0), 0, 120, 24)

    # -- gestures -----------------------------------------------------------------------------
    def gesture_at(self, at: Pointer) -> Gesture | None:
        if at.button is Qt.MouseButton.LeftButton and self.chords.holds(at.y):
            span = chord_at(self.view.project, self.axis.tick(at.x))
            return _Seek(self, span.start) if span is not None else None
        if at.button is Qt.MouseButton.LeftButton and self.tempos.holds(at.y):
            return self.tempos.gesture(self, at)
        if at.y < SECTIONS_HEIGHT and at.button is Qt.MouseButton.LeftButton:
            marker = self.section_at(at.x)
            if marker is not None and abs(self.axis.x(marker.tick) - at.x) <= HANDLE_PX:
                return _MarkerDrag(self, marker)
            return _Seek(self, marker.tick) if marker is not None else None
        return super().gesture_at(at)

    def lower_drag(self, at: Pointer) -> Gesture:
        return Scrub(self, at, heard=True) if at.ctrl else RulerRange(self, at)

    def lower_hint(self) -> str:
        return tr("Click to play from here, drag to mark bars; with Ctrl to hear what is there")

    def hover(self, at: Pointer) -> None:
        super().hover(at)
        if self.chords.holds(at.y):
            self.setToolTip(tr("Double-click to write a chord"))
        elif self.tempos.holds(at.y):
            self.setToolTip(self.tempos.hint(at.y))
            sizes = Qt.CursorShape.SizeHorCursor, Qt.CursorShape.SizeVerCursor
            self.setCursor(sizes[0] if self.tempos.is_meter(at.y) else sizes[1])

    def double_click(self, at: Pointer) -> bool:
        if self.chords.holds(at.y):
            self.chord_edit_asked.emit(max(self.axis.tick(at.x), 0))
            return True
        if self.tempos.holds(at.y):
            self.tempo_edit_asked.emit(QPointF(at.x, at.y))
            return True
        marker = self.section_at(at.x) if at.y < SECTIONS_HEIGHT else None
        if marker is not None:
            self.rename_asked.emit(marker.tick)
        return marker is not None

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        tick = max(self.axis.tick(event.pos().x()), 0)
        if self.chords.holds(event.pos().y()):
            self.chord_asked.emit(tick, event.globalPos())
            return
        if self.tempos.holds(event.pos().y()):
            self.tempo_asked.emit(QPointF(event.pos()), event.globalPos())
            return
        landing = self.view.land(tick)
        marker = self.section_at(event.pos().x()) if event.pos().y() < SECTIONS_HEIGHT else None
        self.marker_asked.emit(marker.tick if marker else landing.tick, event.globalPos())


_SECTION_COLOURS = (6, 3, 1, 2, 0, 4)


class RulerRange(Gesture):
    """A click seeks; a drag marks a range on the selected tracks, or on all."""

    cursor = Qt.CursorShape.IBeamCursor

    def __init__(self, ruler: SongRuler, at: Pointer) -> None:
        self._ruler, self._pressed = ruler, at
        self._selection = ruler.view.studio.selection
        self._before = (self._selection.span, self._selection.span_tracks)
        self._tick = ruler.axis.tick(at.x)

    def _tracks(self) -> tuple[TrackId, ...]:
        shown = tuple(track.id for track in self._ruler.view.project.sources)
        chosen = tuple(id for id in self._selection.tracks if id in shown)
        return chosen or shown

    def drag(self, at: Pointer) -> None:
        view = self._ruler.view
        ends = [view.land(tick, bypass=at.alt).tick for tick in (self._tick, view.axis.tick(at.x))]
        start, end = min(ends), max(ends)
        tracks = self._tracks()
        self._selection.set_span((start, end) if end > start and tracks else None, tracks)

    def click(self) -> None:
        self._ruler.seek(self._pressed)

    def cancel(self) -> None:
        self._selection.set_span(*self._before)


class _Seek(Gesture):
    """A click on a section or a chord goes to its start."""

    scrolls = False

    def __init__(self, ruler: SongRuler, tick: int) -> None:
        self._ruler, self._tick = ruler, tick

    def click(self) -> None:
        self._ruler.playback.seek(self._tick)


class _MarkerDrag(Gesture):
    """Moves the border between two sections."""

    cursor = Qt.CursorShape.SizeHorCursor

    def __init__(self, ruler: SongRuler, marker: Marker) -> None:
        self._ruler, self._marker = ruler, marker

    def drag(self, at: Pointer) -> None:
        view = self._ruler.view
        to = view.land(view.axis.tick(at.x), bypass=at.alt).tick
        view.propose(MoveMarker(self._marker.tick, to))

    def click(self) -> None:
        self._ruler.playback.seek(self._marker.tick)

    def finish(self) -> None:
        self._ruler.view.commit()

    def cancel(self) -> None:
        self._ruler.view.drop()
