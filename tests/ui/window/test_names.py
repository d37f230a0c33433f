"""Everything can be reached and has a name."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTabBar,
    QWidget,
)

from studio.ui.actions import ROWS, key_text
from studio.ui.main_window import MainWindow
from studio.ui.widgets.drags import Dragged

CONTROLS = (QAbstractButton, QAbstractSlider, QLineEdit, QPlainTextEdit, Dragged)


def controls(window: MainWindow) -> list[QWidget]:
    for tab in range(3):
        window.dock.page(tab)
    return [
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, CONTROLS)
        and not isinstance(widget, QScrollBar)
        and not widget.objectName().startswith("qt_")
        and type(widget).__module__.startswith(("studio.", "PySide6."))
    ]


def test_every_control_has_a_name_and_a_tooltip(window: MainWindow) -> None:
    found = controls(window)
    assert len(found) > 60
    nameless = [f"{type(w).__name__} in {w.parent()}" for w in found if not w.accessibleName()]
    assert nameless == []
    silent = [
        w.accessibleName()
        for w in found
        if not w.toolTip() and not isinstance(w.parent(), QTabBar)  # the tab bar's own arrows
    ]
    assert silent == []


def test_every_control_can_be_reached_by_keyboard_or_by_an_action(window: MainWindow) -> None:
    unreachable = [
        f"{type(w).__name__} {w.accessibleName()!r}"
        for w in controls(window)
        if not w.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert unreachable == []


def test_buttons_of_actions_name_their_key(window: MainWindow) -> None:
    tips = {button.toolTip() for button in window.bar.findChildren(QAbstractButton)}
    keys = {row.id: key_text(row.keys[0]) for row in ROWS if row.keys}
    for id in ("return", "play", "loop", "metronome", "undo", "redo", "palette"):
        assert any(tip.endswith(keys[id]) for tip in tips), id


def test_tab_leaves_the_prompt(window: MainWindow) -> None:
    window.generate.focus_prompt()
    assert window.focusWidget() is window.generate.prompt.field
    window.focusNextChild()
    assert window.focusWidget() is not window.generate.prompt.field
