"""Where a tick is on the screen, and a row: the two axes that every part of a view shares."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from studio.domain.tempo import TICKS_PER_QUARTER

WHOLE = 4 * TICKS_PER_QUARTER
LEAST_SCALE, MOST_SCALE = 1e-5, 2.0  # pixels a tick
MOST_VIEWS = 50  # remembered for going back
FIT_MARGIN = 0.02  # of the width, on each side


class Follow(StrEnum):
    """How the view keeps the playhead in sight."""

    OFF = "off"
    PAGE = "page"
    CENTRED = "centred"


class TimeAxis(QObject):
    """Ticks to pixels and back, shared by ruler, lanes and whatever else shows the same stretch.

    Attributes:
        left: The tick at x = 0; a float, so that slow scrolling is smooth.
        scale: Pixels a tick.
        width: Of the view, px.
        end: The last tick that may be scrolled to the left edge.
        follow: How the playhead is kept in sight.
    """

    changed = Signal()

    def __init__(self, scale: float = 72 / WHOLE, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.left = 0.0
        self.scale = scale
        self.width = 800
        self.end = 16 * WHOLE
        self.follow = Follow.PAGE
        self._views: list[tuple[float, float]] = []

    # -- looking ------------------------------------------------------------------------------
    def x(self, tick: float) -> float:
        return (tick - self.left) * self.scale

    def xs(self, ticks: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Pixels for many ticks; same shape."""
        return (np.asarray(ticks, dtype=np.float64) - self.left) * self.scale

    def tick(self, x: float) -> int:
        """The nearest tick, never before the song's start."""
        return max(round(self.left + x / self.scale), 0)

    def ticks(self, pixels: float) -> float:
        """How many ticks so many pixels are."""
        return pixels / self.scale

    @property
    def span(self) -> tuple[int, int]:
        """The ticks in sight, [start, end)."""
        return max(int(self.left), 0), int(self.left + self.width / self.scale) + 1

    @property
    def can_go_back(self) -> bool:
        return bool(self._views)

    # -- moving -------------------------------------------------------------------------------
    def set_width(self, width: int) -> None:
        if width != self.width and width > 0:
            self.width = width
            self.changed.emit()

    def set_end(self, end: int) -> None:
        """Tell where the content ends; the view itself does not jump."""
        self.end = max(end, 4 * WHOLE)

    def scroll_to(self, left: float) -> None:
        left = min(max(left, 0.0), max(float(self.end), self.left))
        if left != self.left:
            self.left = left
            self.changed.emit()

    def scroll_by(self, pixels: float) -> None:
        self.scroll_to(self.left + self.ticks(pixels))

    def zoom(self, factor: float, at_x: float) -> None:
        """Zoom so that the tick under `at_x` stays where it is, but never before the start."""
        anchor = self.left + at_x / self.scale
        scale = min(max(self.scale * factor, LEAST_SCALE), MOST_SCALE)
        if scale != self.scale:
            self.scale = scale
            self.left = max(anchor - at_x / scale, 0.0)
            self.changed.emit()

    def show(self, start: float, end: float) -> None:
        """Zoom to [start, end); `back` returns to what is in sight now."""
        self.remember()
        margin = self.width * FIT_MARGIN if start > 0 else 0.0
        room = max(self.width - margin - self.width * FIT_MARGIN, 1.0)
        self.scale = min(max(room / max(end - start, 1.0), LEAST_SCALE), MOST_SCALE)
        self.left = max(start - margin / self.scale, 0.0)
        self.changed.emit()

    def remember(self) -> None:
        """Keep what is in sight, for `back`."""
        self._views = [*self._views[-MOST_VIEWS:], (self.left, self.scale)]

    def back(self) -> None:
        """Return to the view before the last `show`."""
        if self._views:
            self.left, self.scale = self._views.pop()
            self.changed.emit()

    def reveal(self, tick: float, margin: float = 48.0) -> None:
        """Scroll as little as needed to bring `tick` into sight."""
        x = self.x(tick)
        if x < 0:
            self.scroll_to(tick - self.ticks(margin))
        elif x > self.width:
            self.scroll_to(tick - self.ticks(self.width - margin))

    def keep_in_sight(self, tick: float) -> None:
        """Follow the playhead, as `follow` says."""
        x = self.x(tick)
        if self.follow is Follow.CENTRED:
            self.scroll_to(tick - self.ticks(self.width / 2))
        elif self.follow is Follow.PAGE and not 0 <= x <= self.width * 0.98:
            self.scroll_to(tick - self.ticks(self.width * 0.04))


class RowAxis(QObject):
    """Rows of one height to pixels and back: the keys of a piano roll, the first row on top.

    Attributes:
        top: Pixels scrolled away above.
        row_height: Pixels, a float while zooming.
        height: Of the view, px.
        rows: How many there are.
    """

    changed = Signal()

    def __init__(
        self,
        rows: int,
        row_height: float,
        *,
        least: float,
        most: float,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.rows = rows
        self.row_height = row_height
        self.top = 0.0
        self.height = 400
        self._least, self._most = least, most

    @property
    def farthest(self) -> float:
        """The largest `top` there is."""
        return max(self.rows * self.row_height - self.height, 0.0)

    def y(self, row: float) -> float:
        return row * self.row_height - self.top

    def row(self, y: float) -> int:
        """The row at `y`, kept among those there are."""
        return min(max(int((y + self.top) // self.row_height), 0), self.rows - 1)

    def set_height(self, height: int) -> None:
        if height != self.height and height > 0:
            self.height = height
            self.top = min(self.top, self.farthest)
            self.changed.emit()

    def set_rows(self, rows: int) -> None:
        if rows != self.rows:
            self.rows = rows
            self.top = min(self.top, self.farthest)
            self.changed.emit()

    def scroll_to(self, top: float) -> None:
        top = min(max(top, 0.0), self.farthest)
        if top != self.top:
            self.top = top
            self.changed.emit()

    def scroll_by(self, pixels: float) -> None:
        self.scroll_to(self.top + pixels)

    def zoom(self, factor: float, at_y: float) -> None:
        """Zoom so that the row under `at_y` stays where it is."""
        anchor = (at_y + self.top) / self.row_height
        self.row_height = min(max(self.row_height * factor, self._least), self._most)
        self.top = min(max(anchor * self.row_height - at_y, 0.0), self.farthest)
        self.changed.emit()

    def reveal(self, row: int, *, most: bool = False) -> None:
        """Scroll as little as needed to bring a row that is out of sight into it.

        Args:
            most: Also where less than two thirds of it are in sight: for the rest of it alone the
                first row is not cut.
        """
        y = self.y(row)
        least = self.row_height * 2 / 3 if most else 1.0  # px of it that have to be in sight
        if y + self.row_height < least:
            self.scroll_by(y)
        elif y + least > self.height:
            self.scroll_by(y + self.row_height - self.height)

    def centre(self, row: float) -> None:
        self.scroll_to((row + 0.5) * self.row_height - self.height / 2)
