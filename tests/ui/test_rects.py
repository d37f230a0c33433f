"""Rectangles drawn from numpy memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from studio.ui.rects import draw_rects, rects_of, thinned


def blank() -> QImage:
    image = QImage(80, 40, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    return image


def test_a_batch_looks_like_the_rectangles_drawn_one_by_one(qapp: Any) -> None:
    rng = np.random.default_rng(5)
    rects = rects_of(rng.integers(0, 70, 30), rng.integers(0, 30, 30), rng.integers(1, 9, 30), 3.0)
    batch, single = blank(), blank()
    for image in (batch, single):
        painter = QPainter(image)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("orange"))
        if image is batch:
            draw_rects(painter, rects)
        else:
            for x, y, wide, tall in rects.tolist():
                painter.drawRect(QRectF(x, y, wide, tall))
        painter.end()
    assert batch == single
    assert batch != blank()


def test_a_column_that_is_a_view_of_another_array_is_drawn_right(qapp: Any) -> None:
    wide = np.zeros((3, 8))
    wide[:, ::2] = [[1, 1, 4, 4], [20, 1, 4, 4], [40, 1, 4, 4]]
    image = blank()
    painter = QPainter(image)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("white"))
    draw_rects(painter, wide[:, ::2])
    draw_rects(painter, np.zeros((0, 4)))
    painter.end()
    lit = [image.pixelColor(x, 3).value() > 0 for x in (2, 10, 22, 42)]
    assert lit == [True, False, True, True]


def test_columns_and_scalars_make_rectangles() -> None:
    assert rects_of([1, 2], 3, [4, 5], 6).tolist() == [[1, 3, 4, 6], [2, 3, 5, 6]]
    assert rects_of(1, 2, 3, 4).tolist() == [[1, 2, 3, 4]]
    assert rects_of([], 2, [], 4).shape == (0, 4)


def test_thinning_keeps_the_widest_rectangle_of_each_pixel() -> None:
    rects = rects_of([1.1, 1.9, 1.5, 30.0], [5, 5, 5, 5], [1.0, 9.0, 2.0, 1.0], 2.0)
    kept = rects[thinned(rects)]
    assert sorted(kept[:, 2].tolist()) == [1.0, 9.0]
    assert set(kept[:, 0].tolist()) == {1.9, 30.0}
