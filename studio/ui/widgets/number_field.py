"""A number that is typed, turned with the wheel, or stepped with the arrow keys."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit

from studio.ui import theme
from studio.ui.widgets.boxes import restyle
from studio.ui.widgets.buttons import say

_NOTCH = 120  # eighths of a degree a wheel turns between two clicks


def parse_number(text: str) -> float:
    """A number as people write it: comma or point, with or without a unit behind it.

    Raises:
        ValueError: There is none.
    """
    plain = text.strip().replace("−", "-").replace(",", ".")
    end = len(plain)
    while end and not plain[:end].strip().lstrip("+-").replace(".", "", 1).isdecimal():
        end -= 1
    if not end:
        raise ValueError(f"{text!r} is no number")
    return float(plain[:end])


class NumberField(QLineEdit):
    """Shows `value` with its unit; commits on Enter, on leaving, on wheel and arrow keys.

    `zero` is what 0 is called ("auto"). Escape restores what was there. Ctrl makes a step a tenth
    as large, Shift ten times.

    Signals:
        edited(float): The user changed the value. Setting `value` from code does not emit it.
    """

    edited = Signal(float)

    def __init__(
        self,
        name: str,
        *,
        low: float,
        high: float,
        decimals: int = 0,
        step: float = 1.0,
        unit: str = "",
        zero: str = "",
        parse: Callable[[str], float] = parse_number,
    ) -> None:
        super().__init__()
        self._low, self._high, self._decimals, self._step = low, high, decimals, step
        self._unit = f" {unit}" if unit else ""
        self._zero, self._parse = zero, parse
        self._value = low
        self._turned = 0
        self.setProperty("kind", "inline")
        self.setFont(theme.mono_font())
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        say(self, name)
        self.returnPressed.connect(self._enter)
        self.textEdited.connect(lambda: restyle(self, bad=False))
        self.set_value(low)

    @property
    def value(self) -> float:
        return self._value

    def set_value(self, value: float) -> None:
        """Show `value` unless the user is typing."""
        self._value = min(max(value, self._low), self._high)
        if not (self.hasFocus() and self.isModified()):
            self._show()

    def fit(self, sample: str) -> None:
        """Make the field as wide as `sample` and its unit need."""
        metrics = QFontMetrics(self.font())
        self.setFixedWidth(metrics.horizontalAdvance(sample + self._unit) + 18)

    def words(self, value: float) -> str:
        """How `value` is written."""
        if self._zero and not value:
            return self._zero
        return f"{value:.{self._decimals}f}{self._unit}"

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._turned += event.angleDelta().y() or event.angleDelta().x()
        notches = int(self._turned / _NOTCH)
        self._turned -= notches * _NOTCH
        if notches:
            self._nudge(notches, event.modifiers())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Up: 1,
            Qt.Key.Key_Down: -1,
            Qt.Key.Key_PageUp: 10,
            Qt.Key.Key_PageDown: -10,
        }
        if event.key() in steps:
            self._nudge(steps[Qt.Key(event.key())], event.modifiers())
        elif event.key() == Qt.Key.Key_Escape:
            self._show()
            self.clearFocus()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.isModified():
            self._commit()

    def _nudge(self, steps: int, modifiers: Qt.KeyboardModifier) -> None:
        size = self._step
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            size = self._step / 10 if self._decimals else self._step
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            size = self._step * 10
        self._take(self._value + steps * size)

    def _enter(self) -> None:
        self._commit()
        if not self.isModified():
            self.clearFocus()

    def _commit(self) -> None:
        try:
            said = self.text().strip()
            value = 0.0 if self._zero and said in ("", self._zero) else self._parse(said)
        except ValueError:
            restyle(self, bad=True)
            self.setToolTip(self._range_words())
            return
        self._take(value)

    def _take(self, value: float) -> None:
        bounded = round(min(max(value, self._low), self._high), self._decimals)
        before, self._value = self._value, bounded
        self._show()
        if bounded != before:
            self.edited.emit(bounded)

    def _show(self) -> None:
        restyle(self, bad=False)
        self.setText(self.words(self._value))
        self.setModified(False)
        self.setToolTip(self.accessibleName())

    def _range_words(self) -> str:
        return f"{self.accessibleName()}: {self.words(self._low)} – {self.words(self._high)}"
