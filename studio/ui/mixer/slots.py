"""The device chain of a strip: its instrument, its effects, and adding more."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QSizePolicy

from studio.domain.device import SOUNDFONT, Device
from studio.domain.general_midi import FAMILIES, KITS, sound_name
from studio.domain.track import Track, TrackKind
from studio.edit.tracks import AddDevice, MoveDevice, RemoveDevice, SetDevice, SetInstrument
from studio.ui.mixer.device_editor import DeviceEditor
from studio.ui.mixer.names import EFFECTS, title_of
from studio.ui.mixer.slot_button import SlotButton
from studio.ui.tr import tr
from studio.ui.widgets.boxes import clear, column, row
from studio.ui.widgets.buttons import icon_button, text_button
from studio.workspace.studio import Studio


class Slots(QFrame):
    """Rebuilt only when the chain is another one."""

    def __init__(self, studio: Studio, track: Track) -> None:
        super().__init__()
        self._studio = studio
        self._track = track
        self._shown: tuple[Device, ...] | None = None
        self._box = column(self, 0, 2)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def show_track(self, track: Track) -> None:
        self._track = track
        shown = tuple(_as_shown(device) for device in track.devices)
        if shown == self._shown:
            return
        self._shown = shown
        clear(self._box)
        if track.kind is TrackKind.INSTRUMENT:
            self._box.addWidget(self._instrument())
        for device in track.effects:
            self._box.addWidget(self._effect(device))
        self._box.addWidget(self._adder())

    def _instrument(self) -> QPushButton:
        device = self._track.instrument
        program = int(device.parameter("program", 0)) if device is not None else 0
        button = SlotButton(sound_name(program, self._track.is_drums))
        button.setAccessibleName(tr("Sound of {name}", name=self._track.name))
        button.setToolTip(tr("Choose another sound"))
        menu = QMenu(button)
        menu.aboutToShow.connect(lambda: self._fill_sounds(menu))
        button.clicked.connect(lambda: _drop_down(menu, button))
        return button

    def _fill_sounds(self, menu: QMenu) -> None:
        if menu.actions():
            return
        for index, (family, names) in enumerate(FAMILIES):
            sounds = menu.addMenu(tr(family))
            for offset, name in enumerate(names):
                self._add_sound(sounds, tr(name), index * 8 + offset, drums=False)
        kits = menu.addMenu(tr("Drums"))
        for program, name in KITS.items():
            self._add_sound(kits, tr(name), program, drums=True)

    def _add_sound(self, menu: QMenu, name: str, program: int, *, drums: bool) -> None:
        command = SetInstrument(self._track.id, program, drums)
        menu.addAction(name).triggered.connect(lambda: self._studio.song.do(command, self))

    def _effect(self, device: Device) -> QFrame:
        line = QFrame()
        box = row(line, 0, 0)
        name = title_of(device)
        power = icon_button(
            "power", tr("{effect} on or off", effect=name), checkable=True, kind="slot"
        )
        power.setChecked(not device.bypassed)
        power.clicked.connect(
            lambda on: self._studio.song.do(SetDevice(device.id, "", float(not on)), self)
        )
        open_button = SlotButton(name)
        open_button.setAccessibleName(tr("Open {effect}", effect=name))
        open_button.clicked.connect(lambda: self._open(device, open_button))
        open_button.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        open_button.setToolTip(tr("{effect}: drag it to another place", effect=name))
        open_button.shifted.connect(lambda places: self._shift(device, places))
        for text, places in ((tr("Earlier\tAlt+Up"), -1), (tr("Later\tAlt+Down"), 1)):
            entry = open_button.addAction(text)
            entry.triggered.connect(lambda _on=False, by=places: self._shift(device, by))
        remove = open_button.addAction(tr("Remove {effect}", effect=name))
        remove.triggered.connect(lambda: self._studio.song.do(RemoveDevice(device.id), self))
        box.addWidget(power)
        box.addWidget(open_button, 1)
        return line

    def _shift(self, device: Device, places: int) -> None:
        at = next(i for i, d in enumerate(self._track.devices) if d.id == device.id)
        first = 0 if self._track.instrument is None else 1
        to = min(max(at + places, first), len(self._track.devices) - 1)
        self._studio.song.do(MoveDevice(device.id, to), self)

    def _open(self, device: Device, below: QPushButton) -> None:
        editor = DeviceEditor(self._studio, device.id, self.window())
        editor.open_at(below.mapToGlobal(below.rect().bottomLeft()))
        editor.setFocus()

    def _adder(self) -> QPushButton:
        name = tr("Add an effect to {name}", name=self._track.name)
        button = text_button(tr("+ effect"), kind="slot", name=name)
        menu = QMenu(button)
        for kind, title in EFFECTS.items():
            entry = menu.addAction(tr(title))
            entry.triggered.connect(lambda _on=False, kind=kind: self._add(kind))
        button.clicked.connect(lambda: _drop_down(menu, button))
        self._adder_button = button
        return button

    def _add(self, kind: str) -> None:
        project = self._studio.song.project
        device = Device(project.new_device_id(), kind, latency_frames=0)
        at = len(self._track.devices)
        if self._track.kind is TrackKind.MASTER and self._track.devices:
            at -= 1  # the limiter stays last
        if self._studio.song.do(AddDevice(self._track.id, device, at), self):
            # Later: the menu still gives the focus back, and the slots are not laid out yet.
            QTimer.singleShot(0, self, lambda: self._open(device, self._adder_button))


def _as_shown(device: Device) -> Device:
    """What of a device a slot shows: an effect's knobs are none of it."""
    return device if device.kind == SOUNDFONT else replace(device, parameters=(), state="")


def _drop_down(menu: QMenu, button: QPushButton) -> None:
    """Show `menu` under `button`, which keeps its padding: one with a menu of its own loses it."""
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
