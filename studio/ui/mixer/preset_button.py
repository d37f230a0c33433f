"""The presets of one kind of effect: shipped ones, one's own, and keeping another."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QPushButton, QStackedLayout, QWidget

from studio.ui.tr import tr
from studio.ui.widgets.boxes import row
from studio.ui.widgets.buttons import say, text_button
from studio.workspace.presets import Knobs, Presets

_WIDTH_PX = 190


class PresetButton(QWidget):
    """Names the preset in force, opens the menu, and takes the name of one to keep.

    Signals:
        chosen(str): The name of a preset.
    """

    chosen = Signal(str)

    def __init__(self, presets: Presets, kind: str) -> None:
        super().__init__()
        self._presets, self._kind = presets, kind
        self._knobs: Knobs = {}
        self._name = ""
        self.setFixedWidth(_WIDTH_PX)
        self._stack = QStackedLayout(self)
        self.button: QPushButton = text_button("", kind="small", name=tr("Preset"))
        self.menu = QMenu(self.button)
        self.menu.aboutToShow.connect(self._fill)
        self.button.clicked.connect(self._open)
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Name of the preset"))
        self.field.setProperty("kind", "inline")
        say(self.field, tr("Name of the preset"))
        self.field.returnPressed.connect(self._keep)
        asking = QWidget()
        line: QHBoxLayout = row(asking, 0, 2)
        line.addWidget(self.field, 1)
        line.addWidget(text_button(tr("Keep"), self._keep, kind="small"))
        self._stack.addWidget(self.button)
        self._stack.addWidget(asking)
        self.setSizePolicy(self.button.sizePolicy())

    def show_knobs(self, name: str, knobs: Knobs) -> None:
        """Show the preset chosen last, with a mark once a knob of it was turned."""
        self._knobs, self._name = knobs, name
        known = self._presets.find(self._kind, name)
        if known is None:
            text = tr("Preset")
        else:
            text = name if known == knobs else tr("{name} *", name=name)
        self.button.setText(f"{text}  ▾")
        turned = known is not None and known != knobs
        self.button.setToolTip(tr("{name}, with knobs turned", name=name) if turned else text)

    def _open(self) -> None:
        self.menu.popup(self.button.mapToGlobal(self.button.rect().bottomLeft()))

    def _fill(self) -> None:
        self.menu.clear()
        own = self._presets.own(self._kind)
        for name in self._presets.shipped(self._kind):
            if name not in own:
                self._add(name)
        if own:
            self.menu.addSeparator()
        for name in sorted(own):
            self._add(name)
        self.menu.addSeparator()
        self.menu.addAction(tr("Keep as a preset…"), self._ask)
        if self._name in own:
            forget = partial(self._forget, self._name)
            self.menu.addAction(tr("Remove “{name}”", name=self._name), forget)

    def _add(self, name: str) -> None:
        entry = self.menu.addAction(name, partial(self.chosen.emit, name))
        entry.setCheckable(True)
        entry.setChecked(name == self._name)

    def _ask(self) -> None:
        self.field.setText(self._name if self._name in self._presets.own(self._kind) else "")
        self._stack.setCurrentIndex(1)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _keep(self) -> None:
        name = self.field.text().strip()
        self._stack.setCurrentIndex(0)
        if name:
            self._presets.keep(self._kind, name, self._knobs)
            self.chosen.emit(name)

    def _forget(self, name: str) -> None:
        self._presets.forget(self._kind, name)
        self.show_knobs(self._name, self._knobs)
