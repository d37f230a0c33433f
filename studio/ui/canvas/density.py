"""Notes that are under a pixel wide, as a picture of how many there are."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage

from studio.ui.rects import Rects

FAINTEST, FULL = 120, 5  # opacity of a single note (0-255), and how many are fully opaque
MOST_WIDTH_PX = 2.5


def is_dense(rects: Rects, width_px: int) -> bool:
    """Whether there are more rectangles than columns, and they are hardly wider than one."""
    return len(rects) > width_px and float(np.median(rects[:, 2])) <= MOST_WIDTH_PX


def density_picture(
    column: npt.NDArray[np.int64], row: npt.NDArray[np.int64], size: tuple[int, int], color: QColor
) -> QImage:
    """A picture of `size` (width, height) pixels; those outside of it are left out.

    Args:
        column, row: The pixel of each note, shape [n].
    """
    width, height = size
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    cell = row[inside] * width + column[inside]
    counts = np.bincount(cell, minlength=width * height)
    pixels = _shades(color.rgba())[np.minimum(counts, FULL)]
    return QImage(
        pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied
    ).copy()


@cache
def _shades(rgba: int) -> npt.NDArray[np.uint32]:
    """The colour of a pixel that 0, 1, ... FULL notes share, premultiplied ARGB."""
    alpha = np.linspace(FAINTEST, 255, FULL)
    shades = np.zeros(FULL + 1, dtype=np.uint32)
    shades[1:] = alpha.astype(np.uint32) << 24
    for shift in (16, 8, 0):
        shades[1:] |= ((rgba >> shift & 255) * alpha / 255).astype(np.uint32) << shift
    return shades
