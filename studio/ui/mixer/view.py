"""The mixer: a strip a track, the buses, and the master at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from studio.domain.track import TrackId
from studio.edit.command import ChangeSet
from studio.ui.bindings import Bindings, Coalesced
from studio.ui.mixer.strip import Strip
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, row
from studio.workspace.studio import Studio

_STRIPS_A_TURN = 2


class MixerView(QFrame):
    """Strips follow the song; meters move only while the mixer is in sight."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setProperty("role", "canvas")
        self.setAccessibleName(tr("Mixer"))
        self._studio = studio
        self.strips: dict[TrackId, Strip] = {}
        self._content = QWidget()
        self._line = row(self._content, 0, 1)
        self._line.setAlignment(Qt.AlignmentFlag.AlignLeft)
        area = QScrollArea()
        area.setWidget(self._content)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setAccessibleName(tr("Strips"))
        self._master_side = column(None, 0, 0)
        box = row(self, 0, 1)
        box.addWidget(area, 1)
        box.addLayout(self._master_side)
        self._lining_up = Coalesced(self._line_up, 0, self)  # once added slots have a size
        self._adding = Coalesced(self._add_strips, 0, self)
        bar = area.horizontalScrollBar()
        bar.rangeChanged.connect(
            lambda low, high: self._master_side.setContentsMargins(
                0, 0, 0, bar.sizeHint().height() if high > low else 0
            )
        )
        self._bindings = Bindings()
        self._bindings.connect(studio.song.changed, self._on_song_changed)
        self._bindings.connect(studio.selection.changed, self._show_selected)
        self._bindings.connect(studio.playback.meters_changed, self._show_meters)
        self._bindings.connect(studio.playback.moved, self._follow_automation)
        self._rebuild()

    def release(self) -> None:
        self._bindings.release()
        self._lining_up.cancel()
        self._adding.cancel()

    def _on_song_changed(self, found: ChangeSet, origin: object) -> None:
        project = self._studio.song.project
        if found.order or [track.id for track in project.tracks] != list(self.strips):
            self._rebuild()
            return
        for id in found.strips:
            if id in self.strips:
                self.strips[id].show_track(project.track(id))
        self._lining_up.ask()

    def _rebuild(self) -> None:
        """Strips of tracks that are still there are kept, with their meters."""
        project = self._studio.song.project
        wanted = {track.id: track for track in project.tracks}
        for id in [id for id in self.strips if id not in wanted]:
            gone = self.strips.pop(id)
            gone.hide()
            gone.deleteLater()
        for id, strip in self.strips.items():
            strip.show_track(wanted[id])
        self._add_strips()

    def _add_strips(self) -> None:
        """Make the next strips that are missing: each takes milliseconds, so few a turn."""
        project = self._studio.song.project
        missing = [track for track in project.tracks if track.id not in self.strips]
        made = {
            track.id: Strip(self._studio, track, self._peers) for track in missing[:_STRIPS_A_TURN]
        }
        there = self.strips | made
        self.strips = {track.id: there[track.id] for track in project.tracks if track.id in there}
        for index, (id, strip) in enumerate(self.strips.items()):
            if id == project.master.id:
                self._master_side.addWidget(strip)
            else:
                self._line.insertWidget(index, strip)
        self._show_selected()
        self._lining_up.ask()
        if len(missing) > len(made):
            self._adding.ask()

    def _peers(self, id: TrackId) -> list[Strip]:
        chosen = self._studio.selection.tracks
        others = chosen if id in chosen else ()
        return [self.strips[other] for other in others if other != id and other in self.strips]

    def _line_up(self) -> None:
        height = max((strip.chain_height for strip in self.strips.values()), default=0)
        for strip in self.strips.values():
            strip.set_chain_height(height)

    def _show_selected(self) -> None:
        for id, strip in self.strips.items():
            strip.show_selected(id in self._studio.selection.tracks)

    def _follow_automation(self) -> None:
        if self.isVisible():
            for strip in self.strips.values():
                if strip.track.automation:
                    strip.follow_automation()

    def _show_meters(self) -> None:
        if self.isVisible():
            for strip in self.strips.values():
                strip.show_meter()
