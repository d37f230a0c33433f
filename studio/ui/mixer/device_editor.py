"""A device's parameters, each with a slider and a number."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from studio.domain.device import Device, DeviceId
from studio.edit.tracks import SetDevice
from studio.render.knobs import PARAMETERS, knobs_of
from studio.ui import theme
from studio.ui.bindings import Bindings, Debounced
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, label
from studio.ui.widgets.overlay import Overlay
from studio.ui.widgets.value_row import ValueRow
from studio.workspace.studio import Studio

_RUN_MS = 400
_SLIDER_PX = 150


EFFECTS = {
    "eq": "Equaliser",
    "compressor": "Compressor",
    "reverb": "Reverb",
    "delay": "Delay",
    "chorus": "Chorus",
    "saturation": "Saturation",
    "limiter": "Limiter",
}
_UNITS = {"hz", "db", "ms", "seconds"}


def title_of(device: Device) -> str:
    """What the window calls a device."""
    known = EFFECTS.get(device.kind)
    return tr(known) if known is not None else device.kind.capitalize()


def knob_name(parameter: str) -> str:
    """`low_cut_hz` as `Low cut`: the unit stands beside the number."""
    words = [word for word in parameter.split("_") if word not in _UNITS]
    frequency = parameter.endswith("_hz") and words in (["low"], ["mid"], ["high"])
    said = " ".join([*words, "frequency"] if frequency else words).capitalize()
    return tr(said.replace(" q", " Q"))


class DeviceEditor(Overlay):
    """A popup beside the slot; each run of changes to one parameter is one step."""

    def __init__(self, studio: Studio, device: DeviceId, parent: QWidget) -> None:
        super().__init__(parent)
        self._studio = studio
        self._device = device
        self._gesture = studio.song.new_gesture()
        self._pause = Debounced(self._end_run, _RUN_MS, self)
        self._rows: dict[str, ValueRow] = {}
        box = column(self, theme.PADDING, theme.GAP)
        found = self._find()
        self.setAccessibleName(title_of(found) if found is not None else "")
        box.addWidget(label(self.accessibleName(), "strong"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.GAP + theme.SPACE)
        grid.setVerticalSpacing(theme.SPACE)
        box.addLayout(grid)
        if found is not None:
            self._build(grid, found)
        self._bindings = Bindings()
        self._bindings.connect(studio.song.changed, self._on_song_changed)
        self._show()

    def closed(self) -> None:
        self._bindings.release()
        self._pause.cancel()

    def _build(self, grid: QGridLayout, device: Device) -> None:
        for index, parameter in enumerate(PARAMETERS.get(device.kind, ())):
            made = ValueRow(knob_name(parameter.name), parameter, _SLIDER_PX, "00000.0")
            made.edited.connect(lambda value, name=parameter.name: self._set(name, value))
            made.put_in(grid, index)
            self._rows[parameter.name] = made

    def _set(self, parameter: str, value: float) -> None:
        self._studio.song.do(SetDevice(self._device, parameter, value, self._gesture), self)
        self._pause.ask()

    def _end_run(self) -> None:
        self._gesture = self._studio.song.new_gesture()

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
        for name, shown in self._rows.items():
            shown.set_value(knobs_of(device)[name])
