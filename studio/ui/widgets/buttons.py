"""Buttons: an icon or words, a kind, a name for screen readers and a tooltip with its key."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from studio.ui import icons, theme


def icon_button(
    icon: str,
    name: str,
    on_click: Callable[[], object] | None = None,
    *,
    color: str = "text_2",
    checkable: bool = False,
    kind: str = "quiet",
) -> QToolButton:
    """A button that is only an icon; `name` is its tooltip and accessible name."""
    button = QToolButton()
    button.setIcon(icons.icon(icon, color))
    button.setIconSize(QSize(theme.ICON, theme.ICON))
    button.setCheckable(checkable)
    button.setProperty("kind", kind)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    say(button, name)
    if on_click is not None:
        button.clicked.connect(lambda _checked: on_click())
    return button


def action_button(action: QAction, *, icon: str = "", text: str = "") -> QToolButton:
    """A button for an action of the table; it follows the action's state and names its key."""
    button = QToolButton()
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setIconSize(QSize(theme.ICON, theme.ICON))
    button.setCheckable(action.isCheckable())

    def follow() -> None:
        button.setEnabled(action.isEnabled())
        button.setChecked(action.isChecked())
        button.setToolTip(action.toolTip())
        button.setAccessibleName(action.text())

    follow()
    action.changed.connect(follow)
    action.toggled.connect(follow)
    button.clicked.connect(action.trigger)
    button.clicked.connect(follow)
    if icon:
        button.setIcon(icons.icon(icon))
    if text:
        button.setText(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button


def text_button(
    text: str,
    on_click: Callable[[], object] | None = None,
    *,
    kind: str = "",
    name: str = "",
    checkable: bool = False,
) -> QPushButton:
    """A button of words; `name` says more than the words where they are short."""
    button = QPushButton(text)
    if kind:
        button.setProperty("kind", kind)
    button.setCheckable(checkable)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAutoDefault(False)
    button.setAccessibleName(name or text)
    if name:
        button.setToolTip(name)
    if on_click is not None:
        button.clicked.connect(lambda _checked: on_click())
    return button


def say(widget: QWidget, name: str, tip: str = "") -> None:
    """Give `widget` its accessible name, and the same (or `tip`) as tooltip."""
    widget.setAccessibleName(name)
    widget.setToolTip(tip or name)
