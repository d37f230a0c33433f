"""Connections that end together, and calls that wait for a run of others to end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer


class Bindings:
    """Signal connections of one view."""

    def __init__(self) -> None:
        self._made: list[tuple[Any, Callable[..., object]]] = []

    def connect(self, signal: Any, slot: Callable[..., object]) -> None:
        """Call `slot` whenever `signal` is emitted, until `release`."""
        signal.connect(slot)
        self._made.append((signal, slot))

    def release(self) -> None:
        """End every connection made here; calling it twice does nothing more."""
        made, self._made = self._made, []
        for signal, slot in made:
            signal.disconnect(slot)


class Debounced(QObject):
    """Calls `act` once, `milliseconds` after the last `ask`."""

    def __init__(self, act: Callable[[], None], milliseconds: int, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(milliseconds)
        self._timer.timeout.connect(act)

    def ask(self) -> None:
        self._timer.start()

    def cancel(self) -> None:
        self._timer.stop()


class Coalesced(Debounced):
    """Calls `act` at most once every `milliseconds`, however often it is asked."""

    def ask(self) -> None:
        if not self._timer.isActive():
            self._timer.start()
