"""The installed Qt binding counts references to None: a release that does not ends the program."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, QRectF, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

CALLS = 2000


def drift(call: Callable[[], object]) -> int:
    """By how much the count of references to None changes over many calls.

    A call that drops one lowers it by `CALLS`; caches and the collector move it a little.
    """
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        call()
    return sys.getrefcount(None) - before


@pytest.fixture
def canvas() -> QImage:
    return QImage(16, 16, QImage.Format.Format_RGB32)


def test_painting_keeps_the_count(qtbot: QtBot, canvas: QImage) -> None:
    painter = QPainter(canvas)
    color, box, path = QColor("red"), QRectF(1, 1, 4, 4), QPainterPath()
    calls: list[Callable[[], object]] = [
        painter.save,
        painter.restore,
        lambda: painter.setPen(color),
        lambda: painter.setBrush(color),
        lambda: painter.fillRect(box, color),
        lambda: painter.drawRect(box),
        lambda: painter.drawLine(0, 0, 3, 3),
        lambda: painter.translate(0, 0),
        lambda: path.addRect(box),
    ]
    drifts = [drift(call) for call in calls]
    painter.end()
    assert min(drifts) > -CALLS // 2, drifts


def test_widgets_and_objects_keep_the_count(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    thing, timer = QObject(), QTimer()
    calls: list[Callable[[], object]] = [
        label.update,
        lambda: label.resize(10, 10),
        lambda: label.setText("x"),
        lambda: label.setEnabled(True),
        lambda: thing.setObjectName("x"),
        lambda: thing.blockSignals(False),
        lambda: timer.setInterval(10),
        timer.stop,
    ]
    drifts = [drift(call) for call in calls]
    assert min(drifts) > -CALLS // 2, drifts
