"""What is selected of a recording's sound: any part of its time and its frequencies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPainterPathStroker, QPolygonF, QTransform

from studio.ai.painter.hole import Hole, Lasso, Strokes

_KILO = 1000.0  # Qt's own reckoning wants sides of like size: seconds and kHz


@dataclass(frozen=True)
class Region:
    """An area in seconds of a recording and in kHz; equal where its outlines are.

    Attributes:
        high: The highest frequency there is, Hz: what reaches from 0 to it holds all of a time.
    """

    path: QPainterPath = field(default_factory=QPainterPath)
    high: float = 24000.0

    @classmethod
    def box(
        cls, seconds: tuple[float, float], hz: tuple[float, float] | None, high: float
    ) -> Region:
        """All between two moments and two frequencies; without frequencies, all of that time."""
        low, top = hz or (0.0, high)
        path = QPainterPath()
        low, top = max(min(low, top), 0.0), min(max(low, top), high)
        begin, end = min(seconds), max(seconds)
        corners = [_place(begin, low), _place(end, low), _place(end, top), _place(begin, top)]
        path.addPolygon(QPolygonF(corners))
        path.closeSubpath()
        return cls(path, high)

    @classmethod
    def outline(cls, points: Sequence[tuple[float, float]], high: float) -> Region:
        """What a line through (seconds, Hz) encloses once its end is joined to its beginning."""
        path = QPainterPath()
        path.addPolygon(QPolygonF([_place(x, y) for x, y in points]))
        path.closeSubpath()
        path.setFillRule(Qt.FillRule.WindingFill)
        return cls(path.simplified(), high)

    def __bool__(self) -> bool:
        return not self.path.isEmpty()

    # -- looking ------------------------------------------------------------------------------
    @property
    def seconds(self) -> tuple[float, float]:
        area = self.path.boundingRect()
        return area.left(), area.right()

    @property
    def hz(self) -> tuple[float, float]:
        area = self.path.boundingRect()
        return area.top() * _KILO, area.bottom() * _KILO

    @property
    def polygons(self) -> list[list[tuple[float, float]]]:
        """Outlines as (seconds, Hz); areas that lie apart are apart, a hole in one hangs on it."""
        made = self.path.toFillPolygons()
        return [[(p.x(), p.y() * _KILO) for p in polygon.toList()] for polygon in made]

    @property
    def rectangle(self) -> QRectF | None:
        """Seconds and Hz where it is one box; None where it is anything else."""
        found = self.polygons
        if len(found) != 1:
            return None
        corners = {(round(x, 9), round(y, 6)) for x, y in found[0]}
        times, heights = {x for x, _ in corners}, {y for _, y in corners}
        if len(corners) != 4 or len(times) != 2 or len(heights) != 2:
            return None
        (begin, end), (low, high) = self.seconds, self.hz
        return QRectF(begin, low, end - begin, high - low)

    @property
    def is_of_boxes(self) -> bool:
        """Whether it is nothing but boxes, as overtones are."""
        corners = (polygon.count() for polygon in self.path.toSubpathPolygons())
        return all(count <= 5 for count in corners)

    @property
    def is_all_of_its_time(self) -> bool:
        box = self.rectangle
        return box is not None and box.top() <= 1e-3 and box.bottom() >= self.high - 1e-3

    def holds(self, seconds: float, hz: float) -> bool:
        return self.path.contains(QPointF(seconds, hz / _KILO))

    # -- changing -----------------------------------------------------------------------------
    def united(self, other: Region) -> Region:
        return Region(self.path.united(other.path).simplified(), other.high)

    def without(self, other: Region) -> Region:
        return Region(self.path.subtracted(other.path).simplified(), self.high)

    def moved(self, seconds: float, factor: float) -> Region:
        """Later, and higher by a factor."""
        return Region(QTransform(1, 0, 0, factor, seconds, 0).map(self.path), self.high)

    def inside(self, begin: float, end: float) -> Region:
        """What of it lies between two moments and between 0 Hz and the highest."""
        room = Region.box((begin, end), None, self.high)
        return Region(self.path.intersected(room.path).simplified(), self.high)

    # -- for a model --------------------------------------------------------------------------
    def strokes(self, sample_rate: int, frames: int) -> Strokes:
        """As holes and outlines, in frames of a recording of so many.

        What is thinner than a frame or than a hertz is left out.
        """
        holes, outlines = [], []
        for polygon in self.polygons:
            times = [x * sample_rate for x, _ in polygon]
            heights = [y for _, y in polygon]
            begin, end = max(min(times), 0.0), min(max(times), float(frames))
            if end - begin < 1.0 or max(heights) - min(heights) < 1.0:
                continue
            part = Region.outline(polygon, self.high)
            if part.is_all_of_its_time:
                holes.append(Hole(round(begin), max(round(end), round(begin) + 1)))
            else:
                points = zip(times, heights, strict=True)
                outlines.append(Lasso(tuple((min(max(x, 0.0), frames), y) for x, y in points)))
        return Strokes(tuple(holes), tuple(outlines))


def _place(seconds: float, hz: float) -> QPointF:
    """On a fine grid: Qt takes sides that all but meet for ones that cross."""
    return QPointF(round(seconds, 7), round(hz / _KILO, 6))


def brushed(points: Sequence[QPointF], width: float) -> QPainterPath:
    """What a round brush covers, on the screen."""
    line = QPainterPath(points[0])
    for point in points[1:] or [points[0] + QPointF(0.01, 0.0)]:
        line.lineTo(point)
    pen = QPainterPathStroker()
    pen.setWidth(width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCurveThreshold(1.0)
    return pen.createStroke(line).simplified()


def harmonics(seconds: tuple[float, float], hz: float, width: float, high: float) -> Region:
    """A band of `width` Hz around a frequency and each of its multiples up to `high`."""
    path = QPainterPath()
    begin, end = min(seconds), max(seconds)
    half = min(width, 0.9 * hz) / 2
    for number in range(1, int((high - half) // hz) + 1):
        low = (number * hz - half) / _KILO
        path.addRect(QRectF(begin, low, end - begin, 2 * half / _KILO))
    return Region(path, high)
