"""The timeline: ruler, track headers, lanes and overview, and what keys and menus do there."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QScrollBar, QWidget

from studio.core.errors import StudioError
from studio.domain.gap import Gap
from studio.domain.tempo import MeterChange
from studio.domain.track import TrackId
from studio.edit.groups import GroupTracks, UngroupTracks
from studio.edit.takes import KeepNotes
from studio.edit.tempo import SetMarker
from studio.ui.canvas.axis import WHOLE
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.name_edit import NameEdit
from studio.ui.canvas.rows_bar import RowsBar
from studio.ui.canvas.tools import Tools
from studio.ui.dialogs import split_stems
from studio.ui.timeline import chord_lane, tempo_lane
from studio.ui.timeline.clip_edits import ClipEdits
from studio.ui.timeline.headers import WIDTH, Headers
from studio.ui.timeline.lanes import Lanes
from studio.ui.timeline.menus import Menus
from studio.ui.timeline.overview import Overview
from studio.ui.timeline.song_ruler import SongRuler
from studio.ui.timeline.timeline_view import TimelineView
from studio.ui.tr import tr
from studio.ui.widgets.buttons import icon_button
from studio.workspace.studio import Studio

_ROOM = 0.96  # share of the width that bars about to be written may end at


class Timeline(Editor):
    """The middle of the window.

    Signals:
        clip_opened(ClipId): A clip was double-clicked.
    """

    clip_opened = Signal(str)

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        view = TimelineView(studio)
        edits = ClipEdits(view)
        super().__init__(studio, view, edits, parent)
        self.view, self.edits = view, edits
        self.ruler = SongRuler(self.view)
        self.headers = Headers(self.view)
        self.lanes = Lanes(self.view)
        self.overview = Overview(self.view)
        self.tools = Tools(self.view)
        words = tr("Automation over the clips  ·  A")
        self.automate = icon_button("automation", words, self.toggle_automation, checkable=True)
        self.tools.add(self.automate)
        self.menus = Menus(self.view, self, self)
        self._arrange()
        self.setFocusProxy(self.lanes)
        self.setAccessibleName(tr("Timeline"))
        self.lanes.opened.connect(self.clip_opened)
        self.lanes.dropped.connect(studio.exchange.import_paths)
        self.lanes.menu_asked.connect(self.menus.clips)
        self.headers.menu_asked.connect(self.menus.track)
        self.ruler.marker_asked.connect(self.menus.marker)
        self.ruler.rename_asked.connect(self.rename_marker)
        self.ruler.chord_asked.connect(self.menus.chord)
        self.ruler.chord_edit_asked.connect(self.write_chord)
        self.ruler.tempo_asked.connect(self.menus.tempo)
        self.ruler.tempo_edit_asked.connect(self.write_tempo)
        studio.song.replaced.connect(self.view.forget)
        self._awaited: Gap | None = None  # shown whole while it is written into an empty song
        studio.generation.overlay_changed.connect(self._show_gap)

    def _arrange(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        corner = _Corner(self.tools)
        self.rows_bar: QScrollBar = RowsBar(self.view.rows, self)
        grid.addWidget(corner, 0, 0)
        grid.addWidget(self.ruler, 0, 1)
        grid.addWidget(self.headers, 1, 0)
        grid.addWidget(self.lanes, 1, 1)
        grid.addWidget(self.rows_bar, 0, 2, 3, 1)
        grid.addWidget(_Corner(None), 2, 0)
        grid.addWidget(self.overview, 2, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)

    def _show_gap(self) -> None:
        """What is written into an empty song is seen whole from the first bar on; of what is
        written elsewhere, as much as there is room for."""
        overlay = self.studio.generation.overlay
        gap = overlay.gap if overlay is not None else None
        is_next, self._awaited = gap is not None and gap != self._awaited, gap
        if gap is None or not is_next:
            return
        if not self.view.end:
            self.view.axis.show(gap.start, gap.end)
        elif not self.studio.playback.playing:  # else the view goes with what is heard
            self._scroll_to(gap)

    def _scroll_to(self, gap: Gap) -> None:
        axis = self.view.axis
        left, right = axis.span
        if gap.start < left:
            axis.scroll_to(gap.start)
        elif gap.end > right:
            axis.scroll_to(min(gap.start, gap.end - _ROOM * (right - left)))

    # -- edits --------------------------------------------------------------------------------
    def ripple_delete(self) -> None:
        self.edits.ripple_delete()

    def insert_time(self) -> None:
        self.edits.insert_time()

    def keep(self) -> None:
        """Accept what a model wrote into the selected clips."""
        chosen = self.studio.selection.clips
        self.view.do(KeepNotes(chosen))

    def group_tracks(self) -> None:
        """Make a group of the selected tracks; take them apart where they are all of one."""
        chosen = frozenset(self.studio.selection.tracks)
        tracks = [track for track in self.studio.song.project.sources if track.id in chosen]
        names = {track.group for track in tracks}
        if len(names) == 1 and names != {""}:
            self.view.do(UngroupTracks(chosen))
        else:
            self.view.do(GroupTracks(chosen, tr("Group")))

    def toggle_automation(self) -> None:
        """Lines of one parameter a track over the clips, or the clips themselves."""
        self.lanes.automation.on = not self.lanes.automation.on
        self.automate.setChecked(self.lanes.automation.on)
        self.lanes.invalidate_content()

    def show_takes(self) -> None:
        """Show the takes of the selected clip as lanes, or hide them."""
        chosen = self.studio.selection.clips
        if self.lanes.takes.isVisible():
            self.lanes.takes.close_lanes()
        elif len(chosen) != 1 or not self.lanes.takes.open(next(iter(chosen))):
            words = tr("Takes come from recording in a loop, or from a model's variations.")
            self.studio.notice.emit("info", tr("Select one clip that has several takes."), words)

    def split_stems(self) -> None:
        """Ask how to split the selected recordings."""
        split_stems.offer(self.studio, self.window())

    def rename_clips(self) -> None:
        """Edit the name of the selected clips where the first one in sight carries it."""
        area = self.lanes.name_area()
        if area is not None:
            name = self.view.selected()[0][1].name
            NameEdit(self.lanes, area, name, tr("Name of the clip"), self.edits.rename)

    def rename_track(self, id: TrackId) -> None:
        """Edit a track's name in place, if it is in sight."""
        head = self.headers.header(id)
        if head is not None:
            head.rename()

    def rename_marker(self, tick: int) -> None:
        """Edit the name of the section that starts at `tick`; there need not be one yet."""
        markers = {marker.tick: marker.name for marker in self.studio.song.project.markers}
        NameEdit(
            self.ruler,
            self.ruler.name_area(tick),
            markers.get(tick, ""),
            tr("Name of the section"),
            lambda name: self.view.do(SetMarker(tick, name)),
        )

    def write_chord(self, tick: int) -> None:
        """Edit the chord that is heard at `tick`; there need not be one yet."""
        project = self.studio.song.project
        span = chord_lane.chord_at(project, tick)
        name = chord_lane.pretty(project, span.chord) if span is not None else ""

        def done(text: str) -> None:
            try:
                self.view.do(chord_lane.written(self.studio.song.project, tick, text))
            except StudioError as error:
                self.studio.tell(error)

        area = self.ruler.chords.name_area(tick)
        NameEdit(self.ruler, area, name, tr("Name of the chord"), done)

    def write_tempo(self, at: QPointF) -> None:
        """Edit the tempo or the meter that begins at a place of the ruler; elsewhere, one that is
        to begin there."""
        lane, meter = self.ruler.tempos, self.ruler.tempos.is_meter(at.y())
        change, there = lane.meter_at(at.x()) if meter else lane.tempo_at(at.x())
        tick = self.view.axis.tick(at.x())
        tick = change.tick if there else tick if meter else self.view.land(tick).tick
        if isinstance(change, MeterChange):
            words, said = tempo_lane.meter_words(change), tr("Meter")
        else:
            words, said = tempo_lane.bpm_words(change.bpm), tr("Tempo")

        def done(text: str) -> None:
            try:
                self.view.do(tempo_lane.written(tick, text))
            except StudioError as error:
                self.studio.tell(error)

        x = self.view.axis.x(tick)
        NameEdit(self.ruler, lane.area(x, meter), words, said, done)

    # -- view ---------------------------------------------------------------------------------
    def toggle_tempo(self) -> None:
        """Show the rows of tempo and meter in the ruler, or not."""
        self.view.toggle_tempo()

    def zoom_fit(self) -> None:
        """The whole song."""
        self.view.axis.show(0, max(self.view.end, 4 * WHOLE))

    def zoom_to_selection(self) -> None:
        """The selected range, else the selected clips."""
        chosen, span = self.view.selected(), self.studio.selection.span
        if span is not None:
            self.view.axis.show(*span)
        elif chosen:
            end = max(self.view.project.clip_end(clip) for _, clip in chosen)
            self.view.axis.show(min(clip.start for _, clip in chosen), end)


class _Corner(QWidget):
    """The empty square beside ruler or overview, with the tools in it."""

    def __init__(self, tools: Tools | None) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        if tools is not None:
            tools.setParent(self)
            tools.move(6, 12)
