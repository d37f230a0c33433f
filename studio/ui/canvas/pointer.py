"""Where the mouse is, and what is held down."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QSinglePointEvent

Modifier = Qt.KeyboardModifier


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the mouse is, in the canvas's logical pixels, and what is held down."""

    x: float
    y: float
    modifiers: Qt.KeyboardModifier = Modifier.NoModifier
    button: Qt.MouseButton = Qt.MouseButton.LeftButton

    @classmethod
    def of(cls, event: QSinglePointEvent) -> Pointer:
        at = event.position()
        return cls(at.x(), at.y(), event.modifiers(), event.button())

    @property
    def ctrl(self) -> bool:
        return bool(self.modifiers & Modifier.ControlModifier)

    @property
    def shift(self) -> bool:
        return bool(self.modifiers & Modifier.ShiftModifier)

    @property
    def alt(self) -> bool:
        return bool(self.modifiers & Modifier.AltModifier)

    @property
    def point(self) -> QPointF:
        return QPointF(self.x, self.y)
