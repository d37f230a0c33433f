"""A button that shows one of several values and lists them all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QPushButton

from studio.ui.tr import tr
from studio.ui.widgets.buttons import say


class Choice(QPushButton):
    """A button that shows one of several values and lists them all.

    Signals:
        chosen(): Another value was picked.
    """

    chosen = Signal()

    def __init__(self, name: str, values: Mapping[str, str]) -> None:
        super().__init__()
        self._values = dict(values)
        self.value = next(iter(values))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoDefault(False)
        say(self, name)
        menu = QMenu(self)
        for value, text in values.items():
            menu.addAction(tr(text)).triggered.connect(partial(self.pick, value))
        self.setMenu(menu)
        self.pick(self.value)

    def pick(self, value: str) -> None:
        self.value = value
        self.setText(f"{tr(self._values[value])}  ▾")
        self.chosen.emit()
