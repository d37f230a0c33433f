"""The eight track colours as a menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from studio.ui import theme
from studio.ui.tr import tr

COLOURS = ("Sky", "Amber", "Green", "Rose", "Brick", "Slate", "Blue", "Sand")
_SWATCH_PX = 12


def colour_menu(parent: QWidget, choose: Callable[[int], object]) -> QMenu:
    """A menu that hands the index of the colour picked to `choose`."""
    menu = QMenu(tr("Colour"), parent)
    ratio = parent.devicePixelRatioF()
    for index, name in enumerate(COLOURS):
        swatch = QPixmap(round(_SWATCH_PX * ratio), round(_SWATCH_PX * ratio))
        swatch.setDevicePixelRatio(ratio)
        swatch.fill(theme.track_colour(index))
        menu.addAction(QIcon(swatch), tr(name), partial(choose, index))
    return menu
