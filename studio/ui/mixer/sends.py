"""The sends of a strip: a pot for each bus."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from studio.domain.track import SILENT_DB, Track, TrackId, TrackKind
from studio.edit.mixer import SetSend
from studio.ui import theme
from studio.ui.tr import tr
from studio.ui.widgets.boxes import ElidedLabel, clear, column, row
from studio.ui.widgets.drags import Level
from studio.workspace.studio import Studio


class Sends(QWidget):
    """Made anew only where buses come, go or are renamed."""

    def __init__(self, studio: Studio, track: Track) -> None:
        super().__init__()
        self._studio = studio
        self._track = track
        self._wanted: dict[TrackId, str] = {}
        self.pots: dict[TrackId, Level] = {}
        self._box = column(self, 0, 2)

    def show_track(self, track: Track) -> None:
        self._track = track
        buses = () if track.kind is TrackKind.MASTER else self._studio.song.project.buses
        wanted = {bus.id: bus.name for bus in buses if bus.id != track.id}
        if wanted != self._wanted:
            self._wanted = wanted
            clear(self._box)
            self.pots = {id: self._add(id, name) for id, name in wanted.items()}
        levels = {send.bus: send.level_db for send in track.sends}
        for id, pot in self.pots.items():
            pot.set_value(levels.get(id, SILENT_DB))

    def _add(self, bus: TrackId, name: str) -> Level:
        line = QWidget()
        box = row(line, 0, theme.SPACE)
        pot = Level(tr("Send of {track} to {bus}", track=self._track.name, bus=name))
        pot.moved.connect(
            lambda db: self._studio.playback.set_live(self._track.id, f"send:{bus}", db)
        )
        pot.committed.connect(lambda db: self._set(bus, db))
        box.addWidget(pot)
        box.addWidget(ElidedLabel(name, "label"), 1)
        line.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        line.customContextMenuRequested.connect(
            lambda at: self.menu(bus).popup(line.mapToGlobal(at))
        )
        self._box.addWidget(line)
        return pot

    def menu(self, bus: TrackId) -> QMenu:
        """Whether a send is taken before the fader, and taking it away."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        send = next((send for send in self._track.sends if send.bus == bus), None)
        early = menu.addAction(tr("Before the fader"))
        early.setCheckable(True)
        early.setEnabled(send is not None)
        if send is not None:
            early.setChecked(send.pre_fader)
            moved = SetSend(self._track.id, bus, send.level_db, not send.pre_fader)
            early.triggered.connect(lambda: self._studio.song.do(moved, self))
        menu.addAction(tr("Send nothing"), lambda: self._set(bus, SILENT_DB))
        return menu

    def _set(self, bus: TrackId, db: float) -> None:
        level = None if db <= SILENT_DB else db
        self._studio.song.do(SetSend(self._track.id, bus, level), self)
