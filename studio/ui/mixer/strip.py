"""One strip of the mixer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.domain.notes import Automation
from studio.domain.track import LOUDEST_DB, SILENT_DB, Track, TrackId, TrackKind
from studio.edit.command import Command
from studio.edit.mixer import SetMute, SetPan, SetSolo, SetVolume, ShiftAutomation
from studio.edit.tracks import SetTrack
from studio.ui import theme
from studio.ui.canvas.view import Chain
from studio.ui.mixer.fields import DbField, PanField
from studio.ui.mixer.loudness import LoudnessRows, MonitorSwitches
from studio.ui.mixer.sends import Sends
from studio.ui.mixer.slots import Slots
from studio.ui.mixer.strip_menu import strip_menu
from studio.ui.mixer.switch import Switch
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, label, restyle, row
from studio.ui.widgets.drags import Fader, Pan
from studio.ui.widgets.levels import level_db
from studio.ui.widgets.meter import Meter
from studio.workspace.studio import Studio

WIDTH_PX = 116
_COLOR_PX = 3
_NAME_MARGIN_PX = 5


def _no_peers(_track: TrackId) -> list[Strip]:
    return []


class Strip(QFrame):
    """Shows a track's mixer values; each gesture on it is one edit.

    Args:
        peers: The other strips that are selected with a track, and so go along with it.
    """

    def __init__(
        self, studio: Studio, track: Track, peers: Callable[[TrackId], list[Strip]] = _no_peers
    ) -> None:
        super().__init__()
        self._studio = studio
        self._peers_of = peers
        self.track = track
        self.setProperty("role", "strip")
        self.setFixedWidth(WIDTH_PX)
        self.setAccessibleName(tr("Mixer strip of {name}", name=track.name))
        box = column(self, theme.GAP, theme.SPACE + 2)
        box.setContentsMargins(theme.GAP, theme.GAP + _COLOR_PX, theme.GAP, theme.GAP)
        box.addWidget(self._build_name())
        self._slots = Slots(studio, track)
        self._sends = Sends(studio, track)
        self._chain = QWidget()
        chain = column(self._chain, 0, theme.SPACE)
        chain.addWidget(self._slots)
        chain.addWidget(self._sends)
        chain.addStretch(1)
        self._loudness = LoudnessRows() if track.kind is TrackKind.MASTER else None
        if self._loudness is not None:
            self.monitor = MonitorSwitches(studio.engine)
            chain.addWidget(self.monitor)
            chain.addWidget(self._loudness)
        box.addWidget(self._chain)
        box.addLayout(self._build_pan())
        box.addLayout(self._build_switches())
        box.addLayout(self._build_levels(), 1)
        self._db = DbField(tr("Volume of {name}, dB", name=track.name))
        self._db.edited.connect(self._set_volume)
        box.addWidget(self._db)
        self.show_track(track)

    # -- building -----------------------------------------------------------------------------
    def _build_name(self) -> NameField:
        self._name = NameField(tr("Name of the track"))
        self._name.editingFinished.connect(self._rename)
        self._name.setReadOnly(True)
        return self._name

    def _build_pan(self) -> QHBoxLayout:
        line = row(gap=2)
        self._pan = Pan(tr("Pan of {name}", name=self.track.name))
        self._pan.moved.connect(lambda pan: self._live("pan", pan))
        self._pan.committed.connect(self._set_pan)
        self._pan_field = PanField(tr("Pan position of {name}", name=self.track.name))
        self._pan_field.edited.connect(self._set_pan)
        line.addWidget(self._pan)
        line.addWidget(self._pan_field)
        return line

    def _build_switches(self) -> QHBoxLayout:
        line = row(gap=theme.SPACE)
        name = self.track.name
        self._mute = Switch("M", tr("Mute {name}", name=name), "mute")
        self._mute.held.connect(lambda on: self._live("mute", float(on)))
        self._mute.clicked.connect(self._set_mute)
        self._solo = Switch("S", tr("Solo {name}; Alt: alone", name=name), "solo")
        self._solo.held.connect(lambda on: self._live("solo", float(on)))
        self._solo.clicked.connect(self._set_solo)
        for button in (self._mute, self._solo):
            line.addWidget(button)
        if self.track.kind is TrackKind.MASTER:
            self._solo.hide()
        return line

    def _build_levels(self) -> QHBoxLayout:
        line = row(gap=theme.GAP)
        line.addStretch(1)
        self.fader = Fader(tr("Volume of {name}", name=self.track.name))
        self.fader.moved.connect(self._on_fader)
        self.fader.committed.connect(self._set_volume)
        line.addWidget(self.fader)
        side = QVBoxLayout()
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(2)
        self.meter = Meter(tr("Level of {name}", name=self.track.name))
        self.meter.clicked.connect(self._show_peak)
        side.addWidget(self.meter, 1, Qt.AlignmentFlag.AlignHCenter)
        self._peak = label("-∞", "peak")
        self._peak.setFixedWidth(36)
        self._peak.setAlignment(Qt.AlignmentFlag.AlignCenter)
        side.addWidget(self._peak)
        line.addLayout(side)
        return line

    # -- from the song to the screen ----------------------------------------------------------
    def show_track(self, track: Track) -> None:
        self.track = track
        if self._name.isReadOnly():
            self._name.show_name(track.name)
        self._slots.show_track(track)
        self._sends.show_track(track)
        self._pan.set_value(track.pan)
        self._pan_field.set_value(track.pan)
        self._mute.setChecked(track.muted)
        self._solo.setChecked(track.soloed)
        self.fader.set_value(track.volume_db)
        self._db.set_value(track.volume_db)
        self.follow_automation()
        self.update()

    def follow_automation(self) -> None:
        """Stand where the track's lines are at the playhead."""
        tick = self._studio.playback.position_tick
        volume, pan = self._automated("volume"), self._automated("pan")
        self.fader.set_automated(volume is not None)
        if volume is not None:
            db = float(volume.at(tick)[0])
            self.fader.set_value(db)
            self._db.set_value(round(db, 1))
        if pan is not None:
            self._pan.set_value(float(pan.at(tick)[0]))
            self._pan_field.set_value(float(pan.at(tick)[0]))

    def _automated(self, parameter: str) -> Automation | None:
        lanes = (lane for lane in self.track.automation if len(lane.points))
        return next((lane for lane in lanes if lane.parameter == parameter), None)

    @property
    def chain_height(self) -> int:
        """Px that devices and sends need."""
        return self._chain.minimumSizeHint().height()

    def set_chain_height(self, height: int) -> None:
        """Give devices and sends as much room as the longest chain has, so that faders line up."""
        self._chain.setFixedHeight(height)

    def show_selected(self, selected: bool) -> None:
        restyle(self, selected="true" if selected else "false")

    def show_meter(self) -> None:
        """Take over the levels that playback has now."""
        left, right, rms_left, rms_right = (
            level_db(float(level)) for level in self._studio.playback.meter(self.track.id)
        )
        self.meter.show_levels((left, right), (rms_left, rms_right))
        self._show_peak()
        if self._loudness is not None:
            self._loudness.show_state(self._studio.playback.state)

    def _show_peak(self) -> None:
        self._peak.setText(self.meter.words())
        restyle(self._peak, clipped="true" if self.meter.clipped else "false")

    # -- from the screen to the song ----------------------------------------------------------
    def _live(self, parameter: str, value: float) -> None:
        self._studio.playback.set_live(self.track.id, parameter, value)

    @property
    def _level(self) -> float:
        """Where the fader stands in the song, dB."""
        lane = self._automated("volume")
        tick = self._studio.playback.position_tick
        return self.track.volume_db if lane is None else float(lane.at(tick)[0])

    @property
    def _peers(self) -> list[Strip]:
        return self._peers_of(self.track.id)

    def _on_fader(self, db: float) -> None:
        self._live("volume", db)
        self._db.set_value(db)
        for peer in self._peers:
            level = peer.level_after(db - self._level)
            peer.fader.set_value(level)
            peer._live("volume", level)

    def level_after(self, by_db: float) -> float:
        """Where the fader goes along with another one; a closed one stays so."""
        level = self._level
        return level if level <= SILENT_DB else min(max(level + by_db, SILENT_DB), LOUDEST_DB)

    def _set_volume(self, db: float) -> None:
        by = db - self._level
        commands = [self._to_level(db)]
        commands += [peer._to_level(peer.level_after(by)) for peer in self._peers]
        chain = Chain(SetVolume.label, tuple(commands))
        self._studio.song.do(chain if len(commands) > 1 else commands[0], self)

    def _to_level(self, db: float) -> Command:
        return self._moved("volume", db) or SetVolume(self.track.id, db)

    def _set_pan(self, pan: float) -> None:
        command = self._moved("pan", pan) or SetPan(self.track.id, pan)
        self._studio.song.do(command, self)

    def _moved(self, parameter: str, value: float) -> Command | None:
        """Where a line says what the parameter is, the whole line moves."""
        if self._automated(parameter) is None:
            return None
        tick = self._studio.playback.position_tick
        return ShiftAutomation(self.track.id, parameter, tick, value)

    def _with_peers(self) -> frozenset[TrackId]:
        return frozenset({self.track.id, *(peer.track.id for peer in self._peers)})

    def _set_mute(self, muted: bool) -> None:
        self._studio.song.do(SetMute(self._with_peers(), muted), self)

    def _set_solo(self, soloed: bool) -> None:
        alone = bool(QApplication.keyboardModifiers() & Qt.KeyboardModifier.AltModifier)
        command = SetSolo(self._with_peers(), soloed or alone, exclusive=alone)
        self._studio.song.do(command, self)

    def _rename(self) -> None:
        name = self._name.text().strip() if self._name.isModified() else ""
        if name and name != self.track.name:
            self._studio.song.do(SetTrack(self.track.id, (("name", name),)), self)
        self._name.show_name(self.track.name)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.track.id not in self._studio.selection.tracks:
            self._studio.selection.set_tracks((self.track.id,))
        strip_menu(self._studio, self.track, self._name.begin, self).popup(event.globalPos())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Selects the track; with Ctrl it joins those that are selected, or leaves them."""
        selection, id = self._studio.selection, self.track.id
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            kept = tuple(other for other in selection.tracks if other != id)
            selection.set_tracks(kept if id in selection.tracks else (*kept, id))
        else:
            selection.set_tracks((id,))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        master = self.track.kind is TrackKind.MASTER
        color: QColor = theme.colour("text_3") if master else theme.track_colour(self.track.color)
        painter.fillRect(0, 0, self.width(), _COLOR_PX, color)
        painter.end()


class NameField(QLineEdit):
    """A name that a double-click, or F2, makes editable."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("kind", "name")
        self.setAccessibleName(name)
        self._full = ""
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.editingFinished.connect(lambda: self.setReadOnly(True))

    def show_name(self, name: str) -> None:
        """Show `name`, or as much of it as there is room for."""
        self._full = name
        self.setToolTip(tr("{name}: double-click to rename", name=name))
        room = self.width() - 2 * _NAME_MARGIN_PX
        self.setText(self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, room))
        self.setCursorPosition(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isReadOnly():
            self.show_name(self._full)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.isReadOnly():
            event.ignore()  # the strip selects its track
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.begin()

    def begin(self) -> None:
        self.setReadOnly(False)
        self.setText(self._full)
        self.setFocus()
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            self.begin()
        else:
            super().keyPressEvent(event)
