"""The transport bar."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QWidget

from studio.edit.tempo import SetKey, SetMeter, SetTempo
from studio.ui import icons, theme
from studio.ui.actions import MENUS, Actions, with_key
from studio.ui.bindings import Bindings
from studio.ui.tr import tr
from studio.ui.transport.fields import (
    Gesture,
    KeyChooser,
    TypedField,
    bars_text,
    clock_text,
    read_meter,
    read_position,
)
from studio.ui.transport.master import MasterMeter
from studio.ui.widgets.boxes import ElidedLabel, frame, label, restyle, row
from studio.ui.widgets.buttons import action_button, say
from studio.ui.widgets.number_field import NumberField
from studio.workspace.recording import State
from studio.workspace.studio import Studio

HEIGHT_PX = 52
ARMED = "armed"
_TITLE_PX = 220
_ROOMY_PX, _NARROW_PX, _LEAST_PX = 1460, 1310, 1080
_BUTTONS = (  # each with its icon
    "return", "play", "record", "loop", "punch", "metronome", "count_in", "undo", "redo",
)  # fmt: skip
_LEFT = ("return", "play", "record", "loop", "punch", "metronome", "count_in")


class TransportBar(QFrame):
    """Reads from and writes to the song and playback; every control is an edit that undoes."""

    def __init__(self, studio: Studio, actions: Actions) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self.setProperty("edge", "bottom")
        self.setFixedHeight(HEIGHT_PX)
        self._studio = studio
        self._gesture = Gesture(studio.song.new_gesture)
        self._bindings = Bindings()
        self._build(actions)
        bindings, song, playback = self._bindings, studio.song, studio.playback
        bindings.connect(song.changed, self._on_song_changed)
        bindings.connect(song.state_changed, self._show_title)
        bindings.connect(studio.files.opened, self._show_title)
        bindings.connect(playback.moved, self._show_position)
        bindings.connect(playback.playing_changed, self._show_playing)
        bindings.connect(studio.recording.changed, self._show_recording)
        bindings.connect(studio.arming.changed, self._show_recording)
        bindings.connect(studio.settings_changed, self._show_recording)
        self._show_song()
        self._show_recording()

    def open_menu(self) -> None:
        self.menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def release(self) -> None:
        self._bindings.release()
        self._gesture.release()
        self._master.release()

    def _build(self, actions: Actions) -> None:
        line = row(self, 0, theme.GAP)
        line.setContentsMargins(theme.GAP, 0, theme.PADDING, 0)
        line.addWidget(self._build_menu(actions))
        self._title = ElidedLabel("", "secondary")
        self._title.setMinimumWidth(100)
        self._title.setMaximumWidth(_TITLE_PX)
        line.addWidget(self._title)
        line.addSpacing(theme.PADDING)
        self._buttons = {id: action_button(actions[id], icon=id) for id in _BUTTONS}
        self._buttons["count_in"].setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for id in _LEFT:
            line.addWidget(self._buttons[id])
        line.addSpacing(theme.GAP)
        line.addWidget(self._build_position())
        line.addWidget(self._build_tempo(actions))
        line.addWidget(self._build_meter())
        self._key = KeyChooser()
        self._key.chosen.connect(lambda key: self._studio.song.do(SetKey(key), self))
        line.addWidget(self._key)
        line.addStretch(1)
        for id in ("undo", "redo"):
            self._buttons[id].setProperty("kind", "quiet")
            line.addWidget(self._buttons[id])
        line.addSpacing(theme.GAP)
        self._master = MasterMeter(self._studio)
        line.addWidget(self._master)
        self._find = _find_button(actions)
        line.addWidget(self._find)

    def _build_menu(self, actions: Actions) -> QPushButton:
        button = QPushButton(tr("Tutti"))
        button.setProperty("kind", "quiet")
        button.setIcon(icons.icon("menu", "text_2"))
        button.setFont(theme.ui_font(theme.TEXT_PX + 1, 700))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(button)
        self.menus = {name: actions.menu(name, menu) for name in MENUS}
        for submenu in self.menus.values():
            menu.addMenu(submenu)
        button.setMenu(menu)
        say(button, tr("Menu"))
        self.menu = menu
        return button

    def _build_position(self) -> QFrame:
        self._position = TypedField(
            tr("Position: bar, beat, tick"), "000.0.000", self._read_position
        )
        self._position.setFont(theme.mono_font(theme.LARGE_PX))
        self._position.setFixedWidth(108)
        self._position.entered.connect(self._studio.playback.seek)
        self._clock = label("0:00.00", "number")
        self._clock.setProperty("role", "clock")
        self._clock.setFixedWidth(66)
        return _boxed(self._position, self._clock)

    def _build_tempo(self, actions: Actions) -> QFrame:
        self._tempo = NumberField(tr("Tempo"), low=10, high=960, decimals=2, step=1, unit=tr("bpm"))
        self._tempo.fit("000.00")
        self._tempo.edited.connect(self._set_tempo)
        self._tap = action_button(actions["tap"], text=tr("Tap"))
        self._tap.setProperty("kind", "small")
        return _boxed(self._tempo, self._tap)

    def _build_meter(self) -> QFrame:
        self._meter = TypedField(tr("Meter"), "00/00", read_meter)
        self._meter.entered.connect(self._set_meter)
        return _boxed(self._meter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out first what has another place or a key."""
        super().resizeEvent(event)
        roomy, narrow = self.width() >= _ROOMY_PX, self.width() < _NARROW_PX
        least = self.width() < _LEAST_PX
        self._clock.setVisible(roomy)
        self._find.setText(tr("Find anything") if roomy else "")
        for part in (self._tap, self._title, self._buttons["undo"], self._buttons["redo"]):
            part.setVisible(not narrow)
        for id in ("punch", "count_in"):
            self._buttons[id].setVisible(not least)

    # -- from the song to the screen ----------------------------------------------------------
    def _on_song_changed(self, found: object, origin: object) -> None:
        self._show_song()

    def _show_song(self) -> None:
        self._key.show_key(self._studio.song.project.key)
        self._show_title()
        self._show_position()
        self._show_playing()

    def _show_title(self) -> None:
        name = self._studio.files.name or tr("Untitled")
        self._title.setText(name + (" •" if self._studio.song.dirty else ""))

    def _show_position(self) -> None:
        tempo, tick = self._studio.song.project.tempo, self._studio.playback.position_tick
        self._position.show_text(bars_text(tempo, tick))
        self._clock.setText(clock_text(float(tempo.seconds(tick))))
        self._tempo.set_value(tempo.tempo_at(tick))
        meter = tempo.meter_at(tick)
        self._meter.show_text(f"{meter.beats}/{meter.unit}")

    def _show_playing(self) -> None:
        playing = self._studio.playback.playing
        self._buttons["play"].setIcon(icons.icon("stop" if playing else "play", "accent"))
        restyle(self._buttons["play"], on="true" if playing else "false")

    def _show_recording(self) -> None:
        """Armed, counting in, recording: ever more of the record colour."""
        recording, button = self._studio.recording, self._buttons["record"]
        state = recording.state
        look = ARMED if state is State.IDLE and self._studio.arming.tracks else str(state)
        filled = state is State.RECORDING
        button.setIcon(icons.icon("record", *(["on_accent"] * 2 if filled else ["record"] * 2)))
        restyle(button, recording=look)
        bars = self._studio.settings.count_in_bars
        self._buttons["count_in"].setText(str(bars) if bars else "")

    # -- from the screen to the song ----------------------------------------------------------
    def _read_position(self, text: str) -> int:
        return read_position(text, self._studio.song.project.tempo)

    def _set_tempo(self, bpm: float) -> None:
        position = self._studio.playback.position_tick
        tempos = self._studio.song.project.tempo.tempos
        tick = max(change.tick for change in tempos if change.tick <= position)
        self._studio.song.do(SetTempo(tick, bpm, self._gesture.number()), self)

    def _set_meter(self, meter: tuple[int, int]) -> None:
        position = self._studio.playback.position_tick
        start = self._studio.song.project.tempo.meter_at(position).tick
        self._studio.song.do(SetMeter(start, *meter), self)


def _boxed(*widgets: QWidget) -> QFrame:
    box = frame("field")
    box.setFixedHeight(theme.CONTROL_HEIGHT)
    line = row(box, 0, theme.SPACE)
    line.setContentsMargins(theme.SPACE, 0, theme.SPACE, 0)
    for widget in widgets:
        line.addWidget(widget)
    return box


def _find_button(actions: Actions) -> QPushButton:
    button = QPushButton(tr("Find anything"))
    button.setIcon(icons.icon("search", "text_2"))
    button.setIconSize(QSize(theme.ICON, theme.ICON))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    say(button, tr("Find anything"), with_key(tr("Find anything"), ("Ctrl+K",)))
    button.clicked.connect(lambda: actions.run("palette"))
    return button
