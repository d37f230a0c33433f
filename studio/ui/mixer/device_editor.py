"""A device's parameters, each with a slider and a number."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QGridLayout, QWidget

from studio.domain.device import Device, DeviceId
from studio.edit.tracks import SetDevice
from studio.render.knobs import PARAMETERS, Parameter
from studio.ui import theme
from studio.ui.bindings import Bindings, Debounced
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, label
from studio.ui.widgets.number_field import NumberField
from studio.ui.widgets.overlay import Overlay
from studio.ui.widgets.slider import ShareSlider
from studio.workspace.studio import Studio

_RUN_MS = 400


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
        self._rows: dict[str, tuple[Parameter, ShareSlider, NumberField]] = {}
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
            name = knob_name(parameter.name)
            slider = ShareSlider(name, share_of(parameter, parameter.default))
            slider.setFixedWidth(150)
            slider.edited.connect(lambda share, p=parameter: self._set(p, value_of(p, share)))
            number = NumberField(
                name, low=parameter.low, high=parameter.high, decimals=_decimals(parameter),
                step=max(10 ** -_decimals(parameter), (parameter.high - parameter.low) / 100),
                unit=parameter.unit,
            )  # fmt: skip
            number.fit("00000.0")
            number.edited.connect(lambda value, p=parameter: self._set(p, value))
            grid.addWidget(label(name, "secondary"), index, 0)
            grid.addWidget(slider, index, 1)
            grid.addWidget(number, index, 2)
            self._rows[parameter.name] = (parameter, slider, number)

    def _set(self, parameter: Parameter, value: float) -> None:
        self._studio.song.do(SetDevice(self._device, parameter.name, value, self._gesture), self)
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
        for parameter, slider, number in self._rows.values():
            value = device.parameter(parameter.name, parameter.default)
            slider.set_share(share_of(parameter, value))
            number.set_value(value)


def share_of(parameter: Parameter, value: float) -> float:
    """Where a value lies on its slider, 0-1; frequencies and times by ratio, the rest evenly."""
    if _by_ratio(parameter):
        whole = math.log(parameter.high / parameter.low)
        return math.log(max(value, parameter.low) / parameter.low) / whole
    return (value - parameter.low) / (parameter.high - parameter.low)


def value_of(parameter: Parameter, share: float) -> float:
    """The inverse of `share_of`, rounded as it is shown."""
    if _by_ratio(parameter):
        value = parameter.low * math.pow(parameter.high / parameter.low, share)
    else:
        value = parameter.low + share * (parameter.high - parameter.low)
    return round(value, _decimals(parameter))


def _by_ratio(parameter: Parameter) -> bool:
    return parameter.low > 0 and parameter.high / parameter.low >= 20


def _decimals(parameter: Parameter) -> int:
    if parameter.high >= 1000:
        return 0
    return 1 if parameter.high > 12 else 2
