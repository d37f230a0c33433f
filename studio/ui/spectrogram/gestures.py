"""What a drag over the spectrogram selects: a box, an outline, what a brush covers, overtones."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath

from studio.ui.canvas.gesture import Gesture
from studio.ui.canvas.pointer import Pointer
from studio.ui.spectrogram.region import Region, brushed, harmonics
from studio.ui.spectrogram.scene import Scene

EDGE_PX = 5.0
BRUSH_PX = 26.0
HARMONIC_PX = 10.0  # how tall each overtone is at the fundamental
_LEAST_PX = 2.0
_CLOSING = 24


class Tool(StrEnum):
    BOX = "box"
    LASSO = "lasso"
    BRUSH = "brush"
    HARMONICS = "harmonics"


class Mode(StrEnum):
    """What becomes of what was selected before."""

    REPLACE = "replace"
    ADD = "add"
    TAKE_AWAY = "take away"

    @classmethod
    def of(cls, at: Pointer) -> Mode:
        return cls.ADD if at.shift else cls.TAKE_AWAY if at.alt else cls.REPLACE


class Picture(Protocol):
    """The canvas."""

    scene: Scene

    def clicked(self, at: Pointer) -> None: ...
    def peak_near(self, seconds: tuple[float, float], hz: float) -> float: ...


class Selecting(Gesture):
    """A drag whose outcome is shown at once and stays only once the button is let go."""

    cursor = Qt.CursorShape.CrossCursor
    scrolls = False

    def __init__(self, picture: Picture, at: Pointer) -> None:
        self._picture, self._at, self._mode = picture, at, Mode.of(at)
        self.scene = picture.scene
        self._before = self.scene.region

    def selected(self, at: Pointer) -> Region:
        """What the drag so far takes in."""
        raise NotImplementedError

    def drag(self, at: Pointer) -> None:
        found = self.selected(at)
        if self._mode is Mode.ADD:
            found = self._before.united(found)
        elif self._mode is Mode.TAKE_AWAY:
            found = self._before.without(found)
        self.scene.select(found)

    def click(self) -> None:
        self._picture.clicked(self._at)

    def cancel(self) -> None:
        self.scene.select(self._before)


class Boxing(Selecting):
    """All between two corners; their times land on the grid unless Alt is held."""

    def selected(self, at: Pointer) -> Region:
        scene, bypass = self.scene, at.alt
        times = [scene.landed(scene.seconds(x), bypass=bypass) for x in (self._at.x, at.x)]
        if abs(self._at.y - at.y) < _LEAST_PX or times[0] == times[1]:
            return Region(high=scene.high)
        return Region.box((times[0], times[1]), (scene.hz(self._at.y), scene.hz(at.y)), scene.high)


class Outlining(Selecting):
    """What a line drawn by hand encloses."""

    def __init__(self, picture: Picture, at: Pointer) -> None:
        super().__init__(picture, at)
        self._points = [at]

    def selected(self, at: Pointer) -> Region:
        last, scene = self._points[-1], self.scene
        if max(abs(at.x - last.x), abs(at.y - last.y)) >= _LEAST_PX:
            self._points.append(at)
        if len(self._points) < 3:
            return Region(high=scene.high)
        # Straight on the screen is curved in Hz: the line that closes it goes by many points.
        first, last = self._points[0], self._points[-1]
        back = [last.point + (first.point - last.point) * (n / _CLOSING) for n in range(_CLOSING)]
        line = [*(p.point for p in self._points), *back]
        points = [(scene.seconds(p.x()), scene.hz(p.y())) for p in line]
        return Region.outline(points, scene.high).inside(*scene.span)


class Brushing(Selecting):
    """What a round brush goes over; a click is a dab."""

    def __init__(self, picture: Picture, at: Pointer) -> None:
        super().__init__(picture, at)
        self._points = [at.point]

    def selected(self, at: Pointer) -> Region:
        last = self._points[-1]
        if max(abs(at.x - last.x()), abs(at.y - last.y())) >= BRUSH_PX / 8:
            self._points.append(at.point)
        return self.scene.from_screen(self._covered())

    def click(self) -> None:
        self.drag(self._at)

    def _covered(self) -> QPainterPath:
        return brushed(self._points, BRUSH_PX)


class Overtoning(Selecting):
    """A tone at the frequency pressed on, with all its overtones, for the time of the drag."""

    def selected(self, at: Pointer) -> Region:
        scene = self.scene
        times = [scene.landed(scene.seconds(x), bypass=at.alt) for x in (self._at.x, at.x)]
        if times[0] == times[1]:
            return Region(high=scene.high)
        hz = scene.hz(self._at.y)
        if not at.alt:
            hz = self._picture.peak_near((min(times), max(times)), hz)
        y = scene.y(hz)
        width = abs(scene.hz(y - HARMONIC_PX / 2) - scene.hz(y + HARMONIC_PX / 2))
        return harmonics((times[0], times[1]), max(hz, 20.0), width, scene.high)


class Stretching(Selecting):
    """An edge or a corner of a box is moved."""

    def __init__(self, picture: Picture, at: Pointer, box: QRectF, edges: str) -> None:
        super().__init__(picture, at)
        self._mode = Mode.REPLACE
        self._box, self._edges = box, edges
        self.cursor = cursor_of(edges)  # type: ignore[misc]  # each edge has its own

    def selected(self, at: Pointer) -> Region:
        scene = self.scene
        times = {"left": self._box.left(), "right": self._box.right()}
        heights = {"low": self._box.top(), "high": self._box.bottom()}
        for edge in self._edges.split():
            if edge in times:
                times[edge] = scene.landed(scene.seconds(at.x), bypass=at.alt)
            else:
                heights[edge] = scene.hz(at.y)
        if times["left"] == times["right"] or heights["low"] == heights["high"]:
            return scene.region
        return Region.box(
            (times["left"], times["right"]), (heights["low"], heights["high"]), scene.high
        )

    def click(self) -> None:
        """An edge that is only pressed stays."""


class Shifting(Selecting):
    """What is selected is moved; the middle of a box lands on a peak unless Alt is held."""

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, picture: Picture, at: Pointer) -> None:
        super().__init__(picture, at)
        self._mode = Mode.REPLACE

    def selected(self, at: Pointer) -> Region:
        scene, before = self.scene, self._before
        begin, end = before.seconds
        low, high = before.hz
        away = (at.x - self._at.x) / scene.axis.scale / scene.rate
        first, last = scene.span
        away = min(max(away, first - begin), last - end)
        away = scene.landed(begin + away, bypass=at.alt) - begin
        if before.is_all_of_its_time:
            return before.moved(away, 1.0)
        factor = scene.hz(at.y) / max(scene.hz(self._at.y), 1.0)
        middle = (max(low, 1.0) * high) ** 0.5
        if not at.alt and abs(at.y - self._at.y) >= _LEAST_PX:
            factor = self._picture.peak_near((begin + away, end + away), middle * factor) / middle
        return before.moved(away, min(factor, scene.high / high))


class OfTime(Selecting):
    """All frequencies of a time, dragged in the ruler."""

    cursor = Qt.CursorShape.ArrowCursor

    def selected(self, at: Pointer) -> Region:
        scene = self.scene
        times = [scene.landed(scene.seconds(x), bypass=at.alt) for x in (self._at.x, at.x)]
        if times[0] == times[1]:
            return Region(high=scene.high)
        return Region.box((times[0], times[1]), None, scene.high)


class OfBand(Selecting):
    """All of the clip's time in a band, dragged along the frequencies."""

    cursor = Qt.CursorShape.ArrowCursor

    def selected(self, at: Pointer) -> Region:
        scene = self.scene
        if abs(at.y - self._at.y) < _LEAST_PX:
            return Region(high=scene.high)
        return Region.box(scene.span, (scene.hz(self._at.y), scene.hz(at.y)), scene.high)


TOOLS: dict[Tool, type[Selecting]] = {
    Tool.BOX: Boxing,
    Tool.LASSO: Outlining,
    Tool.BRUSH: Brushing,
    Tool.HARMONICS: Overtoning,
}


def edges_at(scene: Scene, box: QRectF, at: QPointF) -> str:
    """Which edges of a box (seconds and Hz) are under a point: `left low`, `high`, or none."""
    left, right = scene.x(box.left()), scene.x(box.right())
    low, high = scene.y(box.top()), scene.y(box.bottom())
    found = []
    if high - EDGE_PX <= at.y() <= low + EDGE_PX:
        if abs(at.x() - left) <= EDGE_PX:
            found.append("left")
        elif abs(at.x() - right) <= EDGE_PX:
            found.append("right")
    if left - EDGE_PX <= at.x() <= right + EDGE_PX:
        if abs(at.y() - low) <= EDGE_PX and low < scene.height - 1:
            found.append("low")
        elif abs(at.y() - high) <= EDGE_PX and high > 1:
            found.append("high")
    return " ".join(found)


def cursor_of(edges: str) -> Qt.CursorShape:
    """The pointer over edges of a box."""
    shapes = Qt.CursorShape
    if " " not in edges:
        return shapes.SizeHorCursor if edges in ("left", "right") else shapes.SizeVerCursor
    rising = edges in ("left low", "right high")
    return shapes.SizeBDiagCursor if rising else shapes.SizeFDiagCursor
