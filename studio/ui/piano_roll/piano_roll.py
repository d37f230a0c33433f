"""The piano roll: keys, notes, velocities, and what keys and menus do there."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QMenu, QScrollBar, QWidget

from studio.domain.clip import NoteClip
from studio.domain.track import TrackKind
from studio.edit.clips import AddClip
from studio.ui import theme
from studio.ui.actions import add_entry
from studio.ui.canvas.editor import Editor
from studio.ui.canvas.rows_bar import RowsBar
from studio.ui.canvas.tools import Tools
from studio.ui.piano_roll.chord_ruler import ChordRuler
from studio.ui.piano_roll.keyboard import Keyboard
from studio.ui.piano_roll.note_canvas import NoteCanvas
from studio.ui.piano_roll.note_edits import NoteEdits
from studio.ui.piano_roll.roll_view import PITCHES, RollView
from studio.ui.piano_roll.velocity_lane import HEIGHT, VelocityLane
from studio.ui.tr import tr
from studio.ui.widgets.boxes import ElidedLabel, row
from studio.ui.widgets.buttons import icon_button, text_button
from studio.ui.wish_menu import add_wishes
from studio.workspace.studio import Studio

MOST_NAME_PX = 120  # of a recording in the bar


class PianoRoll(Editor):
    """Edits the clip that `Selection.note_clip` names."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        view = RollView(studio)
        edits = NoteEdits(view)
        super().__init__(studio, view, edits, parent)
        self.view, self.edits = view, edits
        self.ruler = ChordRuler(self.view)
        self.keyboard = Keyboard(self.view)
        self.canvas = NoteCanvas(self.view)
        self.velocities = VelocityLane(self.view)
        self.tools = Tools(self.view)
        self.ghosts = icon_button(
            "ghost", tr("Notes of other tracks  ·  ,"), self.toggle_ghosts, checkable=True
        )
        self.heard = icon_button(
            "heard", tr("Notes heard in the recording  ·  H"), self.toggle_heard, checkable=True
        )
        words = tr("Hear the notes of the recording")
        self.hear = text_button(words, self.view.hear, kind="link", name=words)
        self.name = ElidedLabel("", "small")
        self._arrange()
        self.setFocusProxy(self.canvas)
        self.setAccessibleName(tr("Piano roll"))
        self.canvas.hovered.connect(self.keyboard.show_hovered)
        self.canvas.menu_asked.connect(lambda at: self.menu().popup(at))
        self.canvas.clip_wanted.connect(self.make_clip)
        self.view.opened.connect(self._show_name)
        self.view.shown_changed.connect(self._show_name)
        self.view.ghosts_changed.connect(self._show_name)
        self._show_name()

    def _arrange(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        bar = QWidget()
        line = row(bar, gap=theme.GAP)
        line.setContentsMargins(theme.GAP, 2, theme.GAP, 2)
        for button in (self.ghosts, self.heard):
            button.setFixedSize(22, 22)
            button.setStyleSheet("padding: 0;")
        for widget in (self.tools, self.ghosts, self.heard, self.name):
            line.addWidget(widget)
        line.addStretch(1)
        line.addWidget(self.hear)
        self.rows_bar: QScrollBar = RowsBar(self.view.rows, self)
        grid.addWidget(bar, 0, 0, 1, 3)
        grid.addWidget(_Plain(""), 1, 0)
        grid.addWidget(self.ruler, 1, 1)
        grid.addWidget(self.keyboard, 2, 0)
        grid.addWidget(self.canvas, 2, 1)
        grid.addWidget(self.rows_bar, 2, 2)
        grid.addWidget(_Plain(tr("velocity")), 3, 0)
        grid.addWidget(self.velocities, 3, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(2, 1)
        self.velocities.setFixedHeight(HEIGHT)

    def _show_name(self) -> None:
        track, clip, key = self.view.track, self.view.clip, self.view.project.key
        parts = [] if track is None or clip is None else [track.name, clip.name]
        if key is not None and parts:
            parts.append(key.name)
        self.name.setText("  ·  ".join(part for part in dict.fromkeys(parts) if part))
        self.ghosts.setChecked(self.view.ghosts)
        self._show_heard()

    def _show_heard(self) -> None:
        """Offer to hear the recording behind the clip, where nobody did."""
        clip, unheard = self.view.clip, self.view.unheard()
        behind = clip is not None and self.studio.transcripts.recording(clip) is not None
        self.heard.setVisible(behind)
        self.heard.setChecked(self.view.heard)
        self.hear.setVisible(unheard is not None)
        if unheard is not None:
            name = unheard.name or unheard.source.name
            short = self.hear.fontMetrics().elidedText(
                name, Qt.TextElideMode.ElideRight, MOST_NAME_PX
            )
            self.hear.setText(tr("Hear the notes of {name}", name=short))
            whole = tr("Hear the notes of {name}", name=name)
            self.hear.setToolTip(whole)
            self.hear.setAccessibleName(whole)

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

    # -- view ---------------------------------------------------------------------------------
    def toggle_ghosts(self) -> None:
        self.view.set_ghosts(not self.view.ghosts)

    def toggle_heard(self) -> None:
        self.view.set_heard(not self.view.heard)

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
            self.view.rows.centre(PITCHES - 1 - middle)

    # -- menu ---------------------------------------------------------------------------------
    def menu(self) -> QMenu:
        """The context menu of the notes."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
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
        add_entry(menu, "fit_to_key", self.fit_to_key)
        add_entry(menu, "select_all", self.select_all)
        return menu


class _Plain(QWidget):
    """A corner with a word in it."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.colour("panel"))
            painter.fillRect(0, 0, self.width(), 1 if self._words else 0, theme.colour("line"))
            painter.setFont(theme.ui_font(theme.LABEL_PX))
            painter.setPen(theme.colour("text_3"))
            area = self.rect().adjusted(8, 8, 0, 0)
            painter.drawText(
                area, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, self._words
            )
