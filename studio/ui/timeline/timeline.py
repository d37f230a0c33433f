"""The timeline: ruler, track headers, lanes and overview, and what keys and menus do there."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QScrollBar, QWidget

from studio.domain.clip import NoteClip
from studio.domain.track import TrackId
from studio.edit.takes import KeepNotes
from studio.edit.tempo import SetMarker
from studio.ui.canvas.name_edit import NameEdit
from studio.ui.canvas.rows_bar import RowsBar
from studio.ui.canvas.tools import Tools
from studio.ui.timeline.clip_edits import ClipEdits
from studio.ui.timeline.headers import WIDTH, Headers
from studio.ui.timeline.lanes import Lanes
from studio.ui.timeline.menus import Menus
from studio.ui.timeline.overview import Overview
from studio.ui.timeline.song_ruler import SongRuler
from studio.ui.timeline.timeline_view import TimelineView
from studio.ui.tr import tr
from studio.workspace.studio import Studio

ZOOM_STEP = 1.5


class Timeline(QWidget):
    """The middle of the window.

    Signals:
        clip_opened(ClipId): A clip was double-clicked.
    """

    clip_opened = Signal(str)

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio = studio
        self.view = TimelineView(studio)
        self.edits = ClipEdits(self.view)
        self.ruler = SongRuler(self.view)
        self.headers = Headers(self.view)
        self.lanes = Lanes(self.view)
        self.overview = Overview(self.view)
        self.tools = Tools(self.view)
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
        studio.song.replaced.connect(self.view.forget)

    def _arrange(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        corner = _Corner(self.tools)
        self.rows_bar: QScrollBar = RowsBar(self.view.rows)
        grid.addWidget(corner, 0, 0)
        grid.addWidget(self.ruler, 0, 1)
        grid.addWidget(self.headers, 1, 0)
        grid.addWidget(self.lanes, 1, 1)
        grid.addWidget(self.rows_bar, 0, 2, 3, 1)
        grid.addWidget(_Corner(None), 2, 0)
        grid.addWidget(self.overview, 2, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)

    # -- edits --------------------------------------------------------------------------------
    def select_all(self) -> None:
        self.edits.select_all()

    def select_next(self) -> None:
        self.edits.select_next(1)

    def select_previous(self) -> None:
        self.edits.select_next(-1)

    def delete(self) -> None:
        self.edits.delete()

    def duplicate(self) -> None:
        self.edits.duplicate()

    def cut(self) -> None:
        self.edits.cut()

    def copy(self) -> None:
        self.edits.copy()

    def paste(self) -> None:
        self.edits.paste()

    def split(self) -> None:
        self.edits.split()

    def join(self) -> None:
        self.edits.join()

    def nudge_left(self) -> None:
        self.edits.nudge(-1)

    def nudge_right(self) -> None:
        self.edits.nudge(1)

    def toggle_mute(self) -> None:
        self.edits.toggle_mute()

    def keep(self) -> None:
        """Accept what a model wrote into the selected clips."""
        chosen = self.studio.selection.clips
        self.view.do(KeepNotes(chosen))

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

    # -- view ---------------------------------------------------------------------------------
    def set_tool(self, name: str) -> None:
        if name in self.view.tools:
            self.view.set_tool(name)

    def toggle_snap(self) -> None:
        self.view.snap.toggle()

    def zoom_in(self) -> None:
        self._zoom(ZOOM_STEP)

    def zoom_out(self) -> None:
        self._zoom(1 / ZOOM_STEP)

    def zoom_fit(self) -> None:
        """The whole song."""
        self.view.axis.show(0, max(self.view.project.end, 4 * 3840))

    def zoom_back(self) -> None:
        self.view.axis.back()

    def zoom_to_selection(self) -> None:
        """The selected range, else the selected clips."""
        chosen, span = self.view.selected(), self.studio.selection.span
        if span is not None:
            self.view.axis.show(*span)
        elif chosen:
            end = max(self.view.project.clip_end(clip) for _, clip in chosen)
            self.view.axis.show(min(clip.start for _, clip in chosen), end)

    def reveal_clip(self, clip: NoteClip) -> None:
        """Bring a clip into sight."""
        self.view.axis.reveal(clip.start)

    def _zoom(self, factor: float) -> None:
        """Around the playhead where it is in sight, else around the middle."""
        axis = self.view.axis
        x = axis.x(self.studio.playback.position_tick)
        axis.zoom(factor, x if 0 <= x <= axis.width else axis.width / 2)

    def menu_at(self, at: QPoint) -> None:
        self.menus.clips(at)


class _Corner(QWidget):
    """The empty square beside ruler or overview, with the tools in it."""

    def __init__(self, tools: Tools | None) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        if tools is not None:
            tools.setParent(self)
            tools.move(6, 12)
