"""Buttons of one view: its tools, its snap menu, and how it follows the playhead."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.canvas.axis import Follow
from studio.ui.canvas.snap import GRIDS
from studio.ui.canvas.view import View
from studio.ui.tr import tr
from studio.ui.widgets.boxes import row
from studio.ui.widgets.buttons import icon_button

SIZE = 22
_TOOLS = {
    "select": ("select", "Select tool  ·  1"),
    "draw": ("pencil", "Draw tool  ·  2"),
    "erase": ("erase", "Erase tool  ·  3"),
    "knife": ("knife", "Knife tool  ·  4"),
    "paint": ("paint", "Paint tool  ·  6"),
    "range": ("range", "Range tool: mark bars to write  ·  5"),
}
_FOLLOW = {
    Follow.OFF: "Do not follow the playhead",
    Follow.PAGE: "Turn the page at the playhead",
    Follow.CENTRED: "Keep the playhead in the middle",
}


class Tools(QWidget):
    """A compact row of tool buttons with the snap menu."""

    def __init__(self, view: View, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        layout = row(self, gap=1)
        self._buttons: dict[str, QToolButton] = {}
        for name in view.tools:
            icon, words = _TOOLS[name]
            button = icon_button(icon, tr(words), partial(view.set_tool, name), checkable=True)
            self._buttons[name] = button
            layout.addWidget(_small(button))
        self._snap = icon_button("magnet", tr("Snap"), checkable=True)
        self._snap.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._snap.setMenu(self._menu_of_snaps())
        layout.addWidget(_small(self._snap))
        self.bindings = Bindings()
        self.bindings.connect(view.tool_changed, self._show)
        self.bindings.connect(view.snap.changed, self._show)
        self._show()

    def add(self, button: QToolButton) -> None:
        """One more button, behind the others."""
        layout = self.layout()
        assert layout is not None
        layout.addWidget(_small(button))

    def _show(self) -> None:
        for name, button in self._buttons.items():
            button.setChecked(name == self._view.tool)
        snap = self._view.snap
        self._snap.setChecked(snap.on)
        state = tr(snap.grid.title) if snap.on else tr("off")
        self._snap.setToolTip(tr("Snap: {state}  ·  N; hold Alt to leave the grid", state=state))

    def _menu_of_snaps(self) -> QMenu:
        menu = QMenu(self)
        menu.setAccessibleName(tr("What edges snap to"))
        menu.aboutToShow.connect(lambda: self._fill(menu))
        return menu

    def _fill(self, menu: QMenu) -> None:
        snap, axis = self._view.snap, self._view.axis
        menu.clear()
        on = menu.addAction(tr("Snap"), snap.toggle)
        on.setCheckable(True)
        on.setChecked(snap.on)
        menu.addSeparator()
        grids = QActionGroup(menu)
        for grid in GRIDS:
            entry = menu.addAction(tr(grid.title), partial(snap.set_grid, grid.id))
            entry.setCheckable(True)
            entry.setChecked(grid is snap.grid)
            grids.addAction(entry)
        menu.addSeparator()
        elements = menu.addAction(
            tr("Clip edges, playhead and markers"), lambda: snap.set_elements(not snap.elements)
        )
        elements.setCheckable(True)
        elements.setChecked(snap.elements)
        offset = menu.addAction(
            tr("Keep the distance from the grid"),
            lambda: snap.set_keeps_offset(not snap.keeps_offset),
        )
        offset.setCheckable(True)
        offset.setChecked(snap.keeps_offset)
        menu.addSeparator()
        follows = QActionGroup(menu)
        for follow, words in _FOLLOW.items():
            entry = menu.addAction(tr(words), partial(self._set_follow, follow))
            entry.setCheckable(True)
            entry.setChecked(axis.follow is follow)
            follows.addAction(entry)

    def _set_follow(self, follow: Follow) -> None:
        self._view.axis.follow = follow


def _small(button: QToolButton) -> QToolButton:
    button.setFixedSize(SIZE, SIZE)
    button.setIconSize(QSize(theme.ICON - 2, theme.ICON - 2))
    button.setStyleSheet("padding: 0;")
    return button
