"""A device's parameters, each with a slider and a number."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from studio.domain.device import Device, DeviceId
from studio.edit.command import Command
from studio.edit.tracks import SetDevice, SetKnobs
from studio.render.knobs import PARAMETERS, knobs_of
from studio.ui import theme
from studio.ui.bindings import Bindings, Debounced
from studio.ui.mixer.eq_curve import EqCurve
from studio.ui.mixer.names import knob_name, title_of
from studio.ui.mixer.preset_button import PresetButton
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, label, row
from studio.ui.widgets.buttons import icon_button
from studio.ui.widgets.overlay import Overlay
from studio.ui.widgets.value_row import ValueRow
from studio.workspace.studio import Studio

_RUN_MS = 400
_SLIDER_PX = 150


class DeviceEditor(Overlay):
    """A popup beside the slot; each run of changes to the same knobs is one step."""

    def __init__(self, studio: Studio, device: DeviceId, parent: QWidget) -> None:
        super().__init__(parent)
        self._studio = studio
        self._device = device
        self._gesture = studio.song.new_gesture()
        self._turning: frozenset[str] = frozenset()  # the knobs of the run under way
        self._pause = Debounced(self._end_run, _RUN_MS, self)
        self._rows: dict[str, ValueRow] = {}
        self.curve: EqCurve | None = None
        box = column(self, theme.PADDING, theme.GAP)
        found = self._find()
        self.setAccessibleName(title_of(found) if found is not None else "")
        if found is not None:
            self._build(box, found)
        self._bindings = Bindings()
        self._bindings.connect(studio.song.changed, self._on_song_changed)
        self._show()

    def closed(self) -> None:
        self._bindings.release()
        self._pause.cancel()

    def _build(self, box: QVBoxLayout, device: Device) -> None:
        head = row()
        self.power = icon_button(
            "power", tr("{effect} on or off", effect=title_of(device)), checkable=True, kind="slot"
        )
        self.power.clicked.connect(lambda on: self._do(SetDevice(device.id, "", float(not on))))
        self.presets = PresetButton(self._studio.presets, device.kind)
        self.presets.chosen.connect(self._choose_preset)
        head.addWidget(self.power)
        head.addWidget(label(self.accessibleName(), "strong"), 1)
        head.addWidget(self.presets)
        box.addLayout(head)
        if device.kind == "eq":
            self.curve = EqCurve()
            self.curve.moved.connect(self._set)
            self.curve.ended.connect(self._end_run)
            box.addWidget(self.curve)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.GAP + theme.SPACE)
        grid.setVerticalSpacing(theme.SPACE)
        for index, parameter in enumerate(PARAMETERS.get(device.kind, ())):
            made = ValueRow(knob_name(parameter.name), parameter, _SLIDER_PX, "00000.0")
            made.edited.connect(lambda value, name=parameter.name: self._set({name: value}))
            made.put_in(grid, index)
            self._rows[parameter.name] = made
        box.addLayout(grid)

    def _set(self, values: dict[str, float]) -> None:
        if self._turning != values.keys():
            self._end_run()
            self._turning = frozenset(values)
        self._do(SetKnobs(self._device, tuple(values.items()), None, self._gesture))
        self._pause.ask()

    def _choose_preset(self, name: str) -> None:
        device = self._find()
        knobs = self._studio.presets.find(device.kind, name) if device is not None else None
        if knobs is not None:
            self._end_run()
            self._do(SetKnobs(self._device, tuple(knobs.items()), name))

    def _do(self, command: Command) -> None:
        self._studio.song.do(command, self)

    def _end_run(self) -> None:
        self._gesture = self._studio.song.new_gesture()
        self._turning = frozenset()

    def _find(self) -> Device | None:
        tracks = self._studio.song.project.tracks
        return next((d for t in tracks for d in t.devices if d.id == self._device), None)

    def _on_song_changed(self, found: object, origin: object) -> None:
        self._show()

    def _show(self) -> None:
        device = self._find()
        if device is None:
            self.dismiss()
            return
        knobs = knobs_of(device)
        for name, shown in self._rows.items():
            shown.set_value(knobs[name])
        if self.curve is not None:
            self.curve.show_knobs(knobs)
        self.power.setChecked(not device.bypassed)
        self.presets.show_knobs(device.state, knobs)
