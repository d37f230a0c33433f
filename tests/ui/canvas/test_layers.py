"""Three layers: what is kept as a picture is drawn once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.ui.canvas.layers import Canvas
from tests.ui.canvas.at_ratio import run_at_ratio_two
from tests.ui.canvas.hands import differs, pixel, shown


class Painting(Canvas):
    """Counts how often each layer is drawn, and where."""

    def __init__(self) -> None:
        super().__init__()
        self.grids = self.contents = 0
        self.repainted: list[QRect] = []

    def paint_grid(self, painter: QPainter) -> None:
        self.grids += 1
        painter.fillRect(0, 0, 40, 40, QColor("#112233"))

    def paint_content(self, painter: QPainter) -> None:
        self.contents += 1
        painter.fillRect(20, 0, 40, 40, QColor("#00ff00"))

    def paint_overlay(self, painter: QPainter) -> None:
        painter.fillRect(50, 0, 2, 100, QColor("#ffffff"))

    def paintEvent(self, event: QPaintEvent) -> None:
        self.repainted.append(event.rect())
        super().paintEvent(event)


@pytest.fixture
def canvas(qtbot: QtBot) -> Painting:
    canvas = Painting()
    qtbot.addWidget(canvas)
    shown(canvas, 120, 100)
    return canvas


def test_moving_the_playhead_draws_two_strips_and_neither_grid_nor_content(
    canvas: Painting,
) -> None:
    canvas.move_playhead(30)
    QApplication.processEvents()
    drawn = canvas.grids, canvas.contents
    canvas.repainted.clear()
    canvas.move_playhead(80)
    QApplication.processEvents()
    assert (canvas.grids, canvas.contents) == drawn
    width = sum(rect.width() for rect in canvas.repainted)
    assert 0 < width < canvas.width()
    canvas.repainted.clear()
    canvas.move_playhead(80.4)
    QApplication.processEvents()
    assert canvas.repainted == []


def test_a_change_of_the_content_leaves_the_grid_as_it_was_drawn(canvas: Painting) -> None:
    grids, contents = canvas.grids, canvas.contents
    canvas.invalidate_content()
    canvas.grab()
    assert (canvas.grids, canvas.contents) == (grids, contents + 1)
    canvas.invalidate_grid()
    canvas.grab()
    assert (canvas.grids, canvas.contents) == (grids + 1, contents + 2)


def test_overlay_lies_over_content_and_content_over_grid(canvas: Painting) -> None:
    assert differs(pixel(canvas, 10, 10), QColor("#112233")) == 0
    assert differs(pixel(canvas, 30, 10), QColor("#00ff00")) == 0
    assert differs(pixel(canvas, 50, 10), QColor("#ffffff")) == 0


def test_another_size_draws_everything_anew(canvas: Painting) -> None:
    grids = canvas.grids
    canvas.resize(160, 100)
    canvas.grab()
    assert canvas.grids == grids + 1


def test_layers_are_sharp_at_device_pixel_ratio_two(tmp_path: Path) -> None:
    said = run_at_ratio_two(
        """
        from tests.ui.canvas.test_layers import Painting
        from tests.ui.canvas.hands import shown
        canvas = shown(Painting(), 120, 100)
        picture = canvas.grab().toImage()
        print(picture.width(), picture.devicePixelRatio(), canvas._grid.width())
        print([picture.pixelColor(x, 4).name() for x in (39, 40, 99, 100, 103, 104)])
        """,
        tmp_path,
    )
    assert said[0] == "240 2.0 240"
    assert said[1] == "['#112233', '#00ff00', '#00ff00', '#ffffff', '#ffffff', '#00ff00']"
