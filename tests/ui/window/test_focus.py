"""The keyboard's focus goes through the window in its order, and is seen wherever it is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from studio.ui import theme
from studio.ui.dock import MIXER
from studio.ui.main_window import MainWindow
from tests.ui.window.test_names import controls

RING = {"light": theme.LIGHT, "dark": theme.DARK}


def stops(window: MainWindow) -> list[QWidget]:
    """What Tab goes through, from the menu button on until it comes round."""
    found: list[QWidget] = []
    window.bar.findChildren(QPushButton)[0].setFocus()
    for _ in range(400):
        now = window.focusWidget()
        if now in found:
            break
        found.append(now)
        window.focusNextChild()
    return found


def test_tab_goes_through_the_panels_in_their_order(window: MainWindow) -> None:
    parts = [window.bar, window.generate, window.timeline, window.dock, window.takes, window.status]
    order = [
        next(at for at, part in enumerate(parts) if part is stop or part.isAncestorOf(stop))
        for stop in stops(window)
    ]
    assert order == sorted(order)
    assert set(order) >= {0, 1, 2, 3}


@pytest.mark.parametrize("choice", RING)
def test_the_focus_is_seen_on_every_control(
    window: MainWindow, qapp: QApplication, choice: str
) -> None:
    """A ring or a mark in a colour that stands out appears around or in what has the focus."""
    window.dock.show_page(MIXER)
    theme.apply(qapp, choice)
    rings = [int(getattr(RING[choice], name)[1:], 16) for name in ("accent", "text")]
    unseen, looked_at = [], 0
    for control in controls(window):
        if not control.isVisible() or not control.isEnabled():
            continue
        looked_at += 1
        window.timeline.setFocus()
        before = pixels(window, control)
        control.setFocus(Qt.FocusReason.TabFocusReason)
        after = pixels(window, control)
        if not any(((after == ring) & (before != ring)).sum() >= 4 for ring in rings):
            unseen.append(f"{type(control).__name__} {control.accessibleName()!r}")
        if isinstance(control, QLineEdit | QPlainTextEdit):
            control.clearFocus()
    theme.apply(qapp)
    assert unseen == []
    assert looked_at > 50


def pixels(window: MainWindow, control: QWidget) -> npt.NDArray[np.uint32]:
    area = control.rect().translated(control.mapTo(window, QPoint(0, 0))).adjusted(-2, -2, 2, 2)
    image = window.grab(area).toImage().convertToFormat(QImage.Format.Format_RGB32)
    found = np.frombuffer(image.constBits(), np.uint32) & np.uint32(0xFFFFFF)
    return found.reshape(image.height(), image.bytesPerLine() // 4).copy()
