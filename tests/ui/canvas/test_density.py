"""Crowds of notes as a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtGui import QColor

from studio.ui.canvas.density import FULL, density_picture, is_dense
from studio.ui.rects import rects_of


def test_a_pixel_is_lit_where_a_note_is_and_more_where_there_are_more(qapp: Any) -> None:
    column = np.array([3, 7] + [5] * FULL)
    row = np.array([1, 0] + [2] * FULL)
    picture = density_picture(column, row, (10, 4), QColor(200, 100, 50))
    lit = [(x, y) for x in range(10) for y in range(4) if picture.pixelColor(x, y).alpha()]
    assert sorted(lit) == [(3, 1), (5, 2), (7, 0)]
    assert 0 < picture.pixelColor(3, 1).alpha() < 255
    assert picture.pixelColor(5, 2) == QColor(200, 100, 50)


def test_notes_outside_the_picture_are_left_out(qapp: Any) -> None:
    column, row = np.array([-1, 4, 0, 0]), np.array([0, 0, -1, 2])
    picture = density_picture(column, row, (4, 2), QColor("white"))
    assert not any(picture.pixelColor(x, y).alpha() for x in range(4) for y in range(2))


def test_only_many_narrow_notes_are_a_crowd() -> None:
    assert is_dense(rects_of(np.arange(500), 0, 1.0, 1), 400)
    assert not is_dense(rects_of(np.arange(300), 0, 1.0, 1), 400)
    assert not is_dense(rects_of(np.arange(500), 0, 9.0, 1), 400)
