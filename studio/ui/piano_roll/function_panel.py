"""Beside the notes: the fields of a function, whose outcome is seen and heard until it is applied
or left."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QWidget,
)

from studio.edit.command import Command
from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.canvas.snap import GRIDS
from studio.ui.piano_roll.functions import FUNCTIONS, Asked, Function
from studio.ui.piano_roll.roll_view import RollView
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, label, row
from studio.ui.widgets.buttons import icon_button, text_button
from studio.ui.widgets.choice import Choice
from studio.ui.widgets.value_row import ValueRow

WIDTH = 292
_SLIDER_PX = 96
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SHOWN = "shown"
_GRIDS = {_SHOWN: "As shown"} | {grid.id: grid.title for grid in GRIDS if grid.step > 0}


class FunctionPanel(QFrame):
    """Proposes its edit to the view at every change; what was typed is there the next time.

    Signals:
        left(): It was closed; the keys belong to the notes again.
    """

    left = Signal()

    def __init__(self, view: RollView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._values = {id: _defaults(function) for id, function in FUNCTIONS.items()}
        self._grid_id = _SHOWN
        self._seed = 0
        self._rows: dict[str, ValueRow] = {}
        self._entered = False  # the key that is on its way here ended a number
        self.setProperty("role", "panel")
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(tr("What to do to the notes"))
        self._box = column(self, theme.PADDING, theme.GAP)
        self.choice = Choice(tr("Function"), {f.id: f.title for f in FUNCTIONS.values()})
        head = row()
        head.addWidget(self.choice, 1)
        head.addWidget(icon_button("close", tr("Leave the notes as they were  ·  Esc"), self.leave))
        self._box.addLayout(head)
        self._about = label("", "small", wrap=True)
        self._box.addWidget(self._about)
        self._fields = QFrame()
        self._box.addWidget(self._fields)
        self._box.addStretch(1)
        self._box.addLayout(self._build_foot())
        self.choice.chosen.connect(self._on_chosen)
        self._bindings = Bindings()
        self.hide()

    @property
    def function(self) -> Function:
        return FUNCTIONS[self.choice.value]

    # -- opening and leaving ------------------------------------------------------------------
    def open(self, id: str) -> None:
        """Show a function and what it would do."""
        if self.isHidden():
            connect, studio = self._bindings.connect, self._view.studio
            connect(studio.selection.changed, self.propose)
            connect(studio.song.changed, lambda _found, _origin: self.propose())
            connect(self._view.opened, self.leave)
            self.show()
        self.choice.pick(id)
        first = next(iter(self._rows.values()), None)
        (first.slider if first is not None else self.apply_button).setFocus()

    def leave(self) -> None:
        """Leave the notes as they were."""
        if not self.isHidden():
            self._end()
            self._view.drop()

    def apply(self) -> None:
        """Do what is shown, as one undo step."""
        if not self.isHidden():
            self._end()
            self._view.commit()

    def _end(self) -> None:
        self._bindings.release()
        self.hide()
        self._view.studio.playback.set_preview(None)
        self.left.emit()

    def pressed(self, key: int) -> bool:
        """Whether a key applied or left what is shown; Enter belongs to a field or a button."""
        entered, self._entered = self._entered, False
        if entered:
            return True
        focused = QApplication.focusWidget()
        on_button = isinstance(focused, QAbstractButton) and focused is not self.apply_button
        if self.isHidden() or (key != Qt.Key.Key_Escape and (key not in _ENTER or on_button)):
            return False
        (self.apply if key in _ENTER else self.leave)()
        return True

    def wants(self, event: QEvent) -> bool:
        """Whether a key is meant for what is shown, not for the window."""
        return (
            not self.isHidden()
            and event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in _ENTER
            and not event.modifiers()
        )

    # -- what is shown ------------------------------------------------------------------------
    def propose(self) -> None:
        """Show and let be heard what the fields say."""
        command = self._command()
        if command is None or not self._view.propose(command):
            self._view.drop()
        studio = self._view.studio
        if studio.generation.overlay is None:
            shown = self._view.project if self._view.is_proposing else None
            studio.playback.set_preview(shown)
        self._about.setText(self._words())

    def _command(self) -> Command | None:
        view, clip = self._view, self._view.song_clip
        if clip is None:
            return None
        ids = view.studio.selection.notes or frozenset(clip.notes.id.tolist())
        grid = next((grid.step for grid in GRIDS if grid.id == self._grid_id), 0)
        values, key = self._values[self.function.id], view.studio.song.project.key
        shown = view.grid_step(view.axis.span[0])
        return self.function.make(Asked(clip.id, ids, values, grid or shown, key, self._seed))

    def _words(self) -> str:
        count = len(self._view.studio.selection.notes)
        if count:
            return tr("1 selected note") if count == 1 else tr("{n} selected notes", n=count)
        return tr("All notes of the clip")

    # -- building -----------------------------------------------------------------------------
    def _on_chosen(self) -> None:
        self._box.removeWidget(self._fields)
        self._fields.hide()
        self._fields.deleteLater()
        self._fields = self._built(self.function)
        self._box.insertWidget(2, self._fields)
        self._again.setVisible(self.function.chance)
        self.propose()

    def _built(self, function: Function) -> QFrame:
        made = QFrame()
        grid = QGridLayout(made)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.GAP)
        grid.setVerticalSpacing(theme.GAP)
        self._rows = {}
        if function.grid:
            grid.addWidget(label(tr("Grid"), "secondary"), 0, 0)
            grid.addWidget(self._grid_choice(), 0, 1, 1, 2)
        for name, parameter in function.fields:
            shown = ValueRow(tr(name), parameter, _SLIDER_PX, "-000")
            shown.set_value(self._values[function.id][parameter.name])
            shown.edited.connect(lambda value, key=parameter.name: self._set(key, value))
            shown.number.returnPressed.connect(self._on_entered)
            shown.put_in(grid, grid.rowCount())
            self._rows[parameter.name] = shown
        if function.switches:
            grid.addLayout(self._switches(function), grid.rowCount(), 0, 1, 3)
        return made

    def _grid_choice(self) -> Choice:
        choice = Choice(tr("Grid"), _GRIDS)
        choice.pick(self._grid_id)
        choice.chosen.connect(lambda: self._set_grid(choice.value))
        return choice

    def _switches(self, function: Function) -> QHBoxLayout:
        line = row(gap=theme.SPACE)
        for title, name, _ in function.switches:
            button = text_button(tr(title), kind="small", name=tr(title), checkable=True)
            button.setChecked(bool(self._values[function.id][name]))
            button.clicked.connect(lambda on, key=name: self._set(key, float(on)))
            line.addWidget(button)
        line.addStretch(1)
        return line

    def _build_foot(self) -> QHBoxLayout:
        line = row()
        self._again = icon_button("die", tr("Another chance"), self._roll)
        self.apply_button: QPushButton = text_button(tr("Apply"), self.apply, kind="accent")
        self.apply_button.setToolTip(tr("Apply  ·  Enter"))
        cancel = text_button(tr("Cancel"), self.close, kind="quiet")
        cancel.setToolTip(tr("Leave the notes as they were  ·  Esc"))
        line.addWidget(self._again)
        line.addStretch(1)
        line.addWidget(cancel)
        line.addWidget(self.apply_button)
        return line

    # -- fields -------------------------------------------------------------------------------
    def _set(self, name: str, value: float) -> None:
        self._values[self.function.id][name] = value
        self.propose()

    def _set_grid(self, id: str) -> None:
        self._grid_id = id
        self.propose()

    def _on_entered(self) -> None:
        self._entered = True

    def _roll(self) -> None:
        self._seed += 1
        self.propose()


def _defaults(function: Function) -> dict[str, float]:
    fields = {parameter.name: parameter.default for _, parameter in function.fields}
    return fields | {name: float(on) for _, name, on in function.switches}
