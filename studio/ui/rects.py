"""Many rectangles in one call: QPainter reads them straight from numpy memory."""

from __future__ import annotations

from typing import TypeAlias, cast

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from shiboken6 import wrapInstance

Rects: TypeAlias = npt.NDArray[np.float64]
"""Shape [n, 4]: x, y, width, height in logical pixels."""


def rects_of(
    x: npt.ArrayLike, y: npt.ArrayLike, width: npt.ArrayLike, height: npt.ArrayLike
) -> Rects:
    """Rectangles from columns; a scalar stands for a whole column."""
    columns = (x, y, width, height)
    sizes = [np.size(column) for column in columns]
    made = np.empty((max(sizes) if min(sizes) else 0, 4))
    for index, column in enumerate(columns):
        made[:, index] = column
    return made


def draw_rects(painter: QPainter, rects: Rects) -> None:
    """Draw with the painter's pen and brush. A QRectF is four doubles, as is a row of `rects`."""
    memory = np.ascontiguousarray(rects, dtype=np.float64)
    if len(memory):
        first = cast(QRectF, wrapInstance(memory.ctypes.data, QRectF))
        painter.drawRects(first, len(memory))


def thinned(rects: Rects) -> npt.NDArray[np.int64]:
    """Indices of one rectangle for each pixel that some rectangle starts in, the widest one there.

    Where thousands of notes share a few pixels the picture stays the same and costs little.
    """
    x, y = np.floor(rects[:, 0]).astype(np.int64), np.floor(rects[:, 1] * 2).astype(np.int64)
    cell = (y - y.min()) * (int(x.max() - x.min()) + 1) + x - x.min()
    widest = np.argsort(rects[:, 2], kind="stable")
    kept = np.full(int(cell.max()) + 1, -1, dtype=np.int64)
    kept[cell[widest]] = widest
    return kept[kept >= 0]
