"""The piano roll: keys, notes, velocities, and what keys and menus do there."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QMenu, QScrollBar, QWidget

from studio.domain.clip import NoteClip
from studio.domain.track import TrackKind
from studio.edit.clips import AddClip
from studio.ui import theme
from studio.ui.actions import add_entry
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.rows_bar import RowsBar
from studio.ui.piano_roll.chord_ruler import ChordRuler
from studio.ui.piano_roll.controller_lane import BEND, ControllerLane
from studio.ui.piano_roll.function_panel import FunctionPanel
from studio.ui.piano_roll.functions import FUNCTIONS
from studio.ui.piano_roll.keyboard import Keyboard
from studio.ui.piano_roll.lane_corner import ControllerCorner, LaneCorner
from studio.ui.piano_roll.note_canvas import NoteCanvas
from studio.ui.piano_roll.note_edits import NoteEdits
from studio.ui.piano_roll.roll_bar import RollBar
from studio.ui.piano_roll.roll_view import RollView
from studio.ui.piano_roll.velocity_lane import HEIGHT, VelocityLane
from studio.ui.tr import tr
from studio.ui.wish_menu import add_wishes
from studio.workspace.studio import Studio


class PianoRoll(Editor):
    """Edits the clip that `Selection.note_clip` names."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        view = RollView(studio)
        edits = NoteEdits(view)
        super().__init__(studio, view, edits, parent)
        self.view, self.edits = view, edits
        self.ruler = ChordRuler(self.view)
        self.canvas = NoteCanvas(self.view)
        self.keyboard = Keyboard(self.view, self.canvas.keys)
        self.velocities = VelocityLane(self.view)
        self.controllers = ControllerLane(self.view)
        self._last_lane = BEND
        self.corner = LaneCorner(self.controllers)
        self.functions = FunctionPanel(self.view)
        self.bar = RollBar(self.view, self)
        self._arrange()
        self.setFocusProxy(self.canvas)
        self.setAccessibleName(tr("Piano roll"))
        self.canvas.hovered.connect(self.keyboard.show_hovered)
        self.canvas.menu_asked.connect(lambda at: self.menu().popup(at))
        self.canvas.clip_wanted.connect(self.make_clip)
        self.functions.left.connect(self.canvas.setFocus)

    def _arrange(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        self.rows_bar: QScrollBar = RowsBar(self.view.rows, self)
        grid.addWidget(self.bar, 0, 0, 1, 4)
        grid.addWidget(self.functions, 1, 3, 4, 1)
        grid.addWidget(_Plain(), 1, 0)
        grid.addWidget(self.ruler, 1, 1)
        grid.addWidget(self.keyboard, 2, 0)
        grid.addWidget(self.canvas, 2, 1)
        grid.addWidget(self.rows_bar, 2, 2)
        grid.addWidget(self.corner, 3, 0)
        grid.addWidget(self.velocities, 3, 1)
        grid.addWidget(ControllerCorner(self.controllers), 4, 0)
        grid.addWidget(self.controllers, 4, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(2, 1)
        self.velocities.setFixedHeight(HEIGHT)

    # -- edits --------------------------------------------------------------------------------
    def transpose(self, semitones: int) -> None:
        self.edits.transpose(semitones)

    def change_velocity(self, delta: int) -> None:
        self.edits.change_velocity(delta)

    def quantise(self) -> None:
        self.edits.quantise()

    def toggle_lock(self) -> None:
        self.edits.toggle_lock()

    def keep(self) -> None:
        self.edits.keep()

    def fit_to_key(self) -> None:
        self.edits.fit_to_key()

    def make_clip(self) -> None:
        """Make a clip of a bar at the playhead, on the selected or the first instrument track."""
        project, selection = self.studio.song.project, self.studio.selection
        fit = [t for t in project.sources if t.kind is TrackKind.INSTRUMENT]
        chosen = [t for t in fit if t.id in selection.tracks] or fit
        if not chosen:
            return
        tempo = project.tempo
        bar = tempo.bar_at(self.studio.playback.position_tick)
        start, end = tempo.bar_start(bar), tempo.bar_start(bar + 1)
        clip = NoteClip(project.new_clip_id(), start, end - start, name=chosen[0].name)
        if self.view.do(AddClip(chosen[0].id, clip)):
            selection.set_clips({clip.id})

    def shape(self, id: str = "quantise") -> None:
        """Open a function beside the notes; its outcome shows before it is applied."""
        if self.view.clip is not None:
            self.functions.open(id)

    # -- view ---------------------------------------------------------------------------------
    def toggle_audition(self) -> None:
        """Hear notes while they are drawn and dragged, here as in the preferences."""
        settings = self.studio.settings
        self.studio.set_settings(replace(settings, audition_notes=not settings.audition_notes))

    def toggle_controllers(self) -> None:
        """The lane of the pitch bend or of the controller shown last, or none."""
        lane = self.controllers
        if lane.parameter:
            self._last_lane = lane.parameter
            lane.choose("")
        else:
            lane.choose(self._last_lane)

    def toggle_fold(self) -> None:
        self.view.set_folded(not self.view.folded)

    def toggle_in_key(self) -> None:
        self.view.set_habit("in_key", not self.view.in_key)

    def toggle_typing(self) -> None:
        """Letters play notes: A is C, W C sharp, S D ...; Z and X change the octave."""
        self.view.set_habit("typing", not self.view.typing)
        self.canvas.setFocus()

    def toggle_stepping(self) -> None:
        """Write what is played at the playhead, step by step."""
        self.canvas.keys.let_all_go()
        self.view.set_habit("stepping", not self.view.stepping)
        self.canvas.setFocus()

    def toggle_names(self) -> None:
        self.view.set_habit("names", not self.view.names)

    def toggle_clip_loop(self) -> None:
        """Let the clip play round and round, or go on as before."""
        clip, playback = self.view.clip, self.studio.playback
        if clip is not None:
            playback.set_loop((clip.start, clip.end), not self.view.loops)

    def toggle_ghosts(self) -> None:
        self.view.set_ghosts(not self.view.ghosts)

    def toggle_heard(self) -> None:
        self.view.heard.switch(not self.view.heard.on)

    def zoom_fit(self) -> None:
        """The whole clip."""
        clip = self.view.clip
        if clip is not None:
            self.view.axis.show(clip.start, clip.end)
            self.view.centre_on_notes()

    def zoom_to_selection(self) -> None:
        chosen = self.view.chosen()
        if len(chosen):
            shift = self.view.shift
            self.view.axis.show(int(chosen.start.min()) + shift, int(chosen.end.max()) + shift)
            middle = (int(chosen.pitch.min()) + int(chosen.pitch.max())) / 2
            self.view.rows.centre(self.view.rows.of(middle))

    # -- keys and menu ------------------------------------------------------------------------
    def event(self, event: QEvent) -> bool:
        if self.functions.wants(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.functions.pressed(event.key()):
            super().keyPressEvent(event)

    def menu(self) -> QMenu:
        """The context menu of the notes."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        ghost = self.view.ghost_at(self.canvas.pointer.x, self.canvas.pointer.y)
        if ghost is not None and not self.studio.selection.notes:
            track, clip = ghost
            go = partial(self.studio.selection.set_clips, {clip})
            menu.addAction(tr("Go to the notes of {track}", track=track.name), go)
            menu.addSeparator()
        if self.studio.selection.notes:
            add_wishes(menu, self.studio)
            for id, act in (
                ("lock", self.toggle_lock),
                ("mute_selected", self.toggle_mute),
                ("keep", self.keep),
                ("split", self.split),
                ("join", self.join),
                ("duplicate", self.duplicate),
                ("cut", self.cut),
                ("copy", self.copy),
                ("delete", self.delete),
            ):
                add_entry(menu, id, act)
            menu.addSeparator()
        add_entry(menu, "paste", self.paste)
        add_entry(menu, "quantise", self.quantise)
        shapes = menu.addMenu(tr("Shape"))
        for id, function in FUNCTIONS.items():
            shapes.addAction(f"{tr(function.title)}…", partial(self.shape, id))
        add_entry(menu, "fit_to_key", self.fit_to_key)
        add_entry(menu, "select_all", self.select_all)
        return menu


class _Plain(QWidget):
    """An empty corner."""

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.colour("panel"))
