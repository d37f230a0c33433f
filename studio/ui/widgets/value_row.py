"""A value with a slider and a number, as rows of a grid."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QGridLayout, QLabel

from studio.render.knobs import Parameter
from studio.ui.widgets.boxes import label
from studio.ui.widgets.number_field import NumberField
from studio.ui.widgets.slider import ShareSlider


class ValueRow(QObject):
    """Two controls that show one value.

    Signals:
        edited(float): The user chose another value.
    """

    edited = Signal(float)

    def __init__(self, name: str, parameter: Parameter, slider_px: int, digits: str) -> None:
        super().__init__()
        self._parameter = parameter
        self.title: QLabel = label(name, "secondary")
        self.slider = ShareSlider(name, share_of(parameter, parameter.default))
        self.slider.setFixedWidth(slider_px)
        self.slider.edited.connect(lambda share: self._choose(value_of(parameter, share)))
        decimals = decimals_of(parameter)
        self.number = NumberField(
            name, low=parameter.low, high=parameter.high, decimals=decimals,
            step=max(10**-decimals, (parameter.high - parameter.low) / 100), unit=parameter.unit,
        )  # fmt: skip
        self.number.fit(digits)
        self.number.edited.connect(self._choose)
        self.set_value(parameter.default)

    @property
    def value(self) -> float:
        return self.number.value

    def set_value(self, value: float) -> None:
        """Show `value`; the user did not choose it, so `edited` stays quiet."""
        self.slider.set_share(share_of(self._parameter, value))
        self.number.set_value(value)

    def put_in(self, grid: QGridLayout, row: int) -> None:
        for column, widget in enumerate((self.title, self.slider, self.number)):
            grid.addWidget(widget, row, column)

    def _choose(self, value: float) -> None:
        self.set_value(value)
        self.edited.emit(value)


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
    return round(value, decimals_of(parameter))


def decimals_of(parameter: Parameter) -> int:
    """How many decimals of a value are shown."""
    if parameter.high >= 1000 or parameter.unit in ("ticks", "steps", "%"):
        return 0
    return 1 if parameter.high > 12 else 2


def _by_ratio(parameter: Parameter) -> bool:
    return parameter.low > 0 and parameter.high / parameter.low >= 20
