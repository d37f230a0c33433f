"""The one way from a background thread to the main thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal


class MainThread(QObject):
    """Calls arrive in order on the thread this object lives on, through one queued signal."""

    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def __call__(self, call: Callable[[], None]) -> None:
        self._posted.emit(call)

    def _run(self, call: Callable[[], None]) -> None:
        call()
