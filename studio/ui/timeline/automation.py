"""Automation over the clips: one parameter of each track as a line, whose points are drawn."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QMenu, QWidget

from studio.domain.notes import Automation
from studio.domain.project import Project
from studio.domain.track import SILENT_DB, Track, TrackId
from studio.edit.command import Command
from studio.edit.mixer import DrawAutomation, EraseAutomation, MoveAutomationPoint
from studio.render.knobs import PARAMETERS, Parameter
from studio.ui import theme
from studio.ui.canvas.gesture import Gesture
from studio.ui.canvas.pointer import Pointer
from studio.ui.mixer.names import knob_name, title_of
from studio.ui.timeline.clip_layout import ClipLayout, Row
from studio.ui.timeline.timeline_view import TimelineView
from studio.ui.tr import tr
from studio.ui.widgets.levels import db_words, fader_db, fader_position, pan_words
from studio.ui.widgets.value_row import decimals_of, share_of, value_of

VOLUME, PAN = "volume", "pan"
MARGIN_PX = 5.0  # above and below the line
REACH_PX = 7.0
POINT_PX = 3.0
STEP_PX = 4.0  # between the points of a stroke, and of the line as it is drawn
CHIP_PX = 17.0


@dataclass(frozen=True, slots=True)
class Scale:
    """One parameter of a track.

    Attributes:
        share: Where a value lies between the bottom (0) and the top (1); `value` is its inverse.
        now: The value where no automation says otherwise.
        base: The share from which the line is filled.
    """

    name: str
    share: Callable[[float], float]
    value: Callable[[float], float]
    words: Callable[[float], str]
    now: float
    base: float = 0.0


def parameters_of(project: Project, track: Track) -> dict[str, Scale]:
    """All that can be automated on a track, by the id that its lane has."""
    found = {
        VOLUME: _level(tr("Volume"), track.volume_db),
        PAN: Scale(tr("Pan"), lambda v: (v + 1) / 2, lambda s: round(2 * s - 1, 2), pan_words,
                   track.pan, 0.5),
    }  # fmt: skip
    levels = {send.bus: send.level_db for send in track.sends}
    for bus in project.buses:
        if bus.id in levels:
            found[f"send:{bus.id}"] = _level(tr("To {bus}", bus=bus.name), levels[bus.id])
    for device in track.effects:
        for knob in PARAMETERS.get(device.kind, ()):
            name = f"{title_of(device)}: {knob_name(knob.name).lower()}"
            now = device.parameter(knob.name, knob.default)
            found[f"{device.id}:{knob.name}"] = _knob(name, knob, now)
    return found


def _level(name: str, now: float) -> Scale:
    def value(share: float) -> float:
        db = fader_db(share)
        return db if db <= SILENT_DB else round(db, 1)

    return Scale(name, fader_position, value, lambda db: f"{db_words(db)} dB", now)


def _knob(name: str, knob: Parameter, now: float) -> Scale:
    return Scale(
        name,
        lambda v: min(max(share_of(knob, v), 0.0), 1.0),
        lambda s: value_of(knob, s),
        lambda v: f"{v:.{decimals_of(knob)}f} {knob.unit}".rstrip(),
        now,
    )


class AutomationLanes:
    """Lies over the clips while it is on; the mouse then draws lines instead of moving clips.

    Attributes:
        on: Whether it is shown.
    """

    def __init__(self, view: TimelineView, layout: ClipLayout, owner: QWidget) -> None:
        self.view, self._layout, self._owner = view, layout, owner
        self.on = False
        self._chosen: dict[TrackId, str] = {}

    # -- what is shown ------------------------------------------------------------------------
    def parameter(self, track: Track) -> str:
        """What the row of a track shows: what was chosen, else its first lane, else the volume."""
        known = parameters_of(self.view.project, track)
        first = next((a.parameter for a in track.automation if a.parameter in known), VOLUME)
        chosen = self._chosen.get(track.id, first)
        return chosen if chosen in known else VOLUME

    def scale(self, track: Track) -> Scale:
        return parameters_of(self.view.project, track)[self.parameter(track)]

    def lane(self, track: Track) -> Automation | None:
        parameter = self.parameter(track)
        found = next((a for a in track.automation if a.parameter == parameter), None)
        return found if found is not None and len(found.points) else None

    def choose(self, id: TrackId, parameter: str) -> None:
        self._chosen[id] = parameter
        self.view.shown_changed.emit()

    def row_at(self, y: float) -> tuple[Track, Row] | None:
        """The track at a height, and where its line may be drawn."""
        track = self.view.track_at(y)
        index = self.view.row_of(track.id) if track is not None else None
        if track is None or index is None or self.view.is_folded(track):
            return None
        return track, self._layout.row(index)

    # -- where things are ---------------------------------------------------------------------
    @staticmethod
    def y(row: Row, share: float) -> float:
        return row.top + MARGIN_PX + (1 - share) * max(row.height - 2 * MARGIN_PX, 1.0)

    @staticmethod
    def share(row: Row, y: float) -> float:
        inside = (y - row.top - MARGIN_PX) / max(row.height - 2 * MARGIN_PX, 1.0)
        return min(max(1 - inside, 0.0), 1.0)

    def point_at(self, at: Pointer) -> tuple[int, float] | None:
        """The tick and the value of the point under the pointer."""
        found = self.row_at(at.y)
        lane = self.lane(found[0]) if found is not None else None
        if found is None or lane is None:
            return None
        track, row = found
        scale = self.scale(track)
        near = np.abs(self.view.axis.xs(lane.points["tick"]) - at.x) <= REACH_PX
        away: dict[tuple[int, float], float] = {
            (tick, value): math.hypot(
                self.view.axis.x(tick) - at.x, self.y(row, scale.share(value)) - at.y
            )
            for tick, value, _ in lane.points[near].tolist()
        }
        nearest = min(away, key=lambda point: away[point], default=None)
        return nearest if nearest is not None and away[nearest] <= REACH_PX else None

    def chip(self, track: Track, row: Row) -> QRectF:
        """Where the name of the parameter stands; a press there opens the menu."""
        words = self._chip_words(track)
        wide = QFontMetricsF(theme.ui_font(theme.LABEL_PX)).horizontalAdvance(words) + 12
        return QRectF(4, row.top + 2, wide, min(CHIP_PX, row.height))

    def _chip_words(self, track: Track) -> str:
        return f"{self.scale(track).name}  ▾"

    # -- drawing ------------------------------------------------------------------------------
    def paint(self, painter: QPainter) -> None:
        if not self.on:
            return
        for index, track in enumerate(self.view.tracks):
            row = self._layout.row(index)
            in_sight = row.top < self._owner.height() and row.top + row.height > 0
            if in_sight and not self.view.is_folded(track):
                self._paint_row(painter, track, row)

    def _paint_row(self, painter: QPainter, track: Track, row: Row) -> None:
        wide = self._owner.width()
        painter.fillRect(QRectF(0, row.top, wide, row.height), theme.colour("canvas", 0.6))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale, lane = self.scale(track), self.lane(track)
        if lane is None:
            pen = QPen(theme.colour("text_3"), 1)
            pen.setDashPattern([4.0, 4.0])
            painter.setPen(pen)
            y = self.y(row, scale.share(scale.now))
            painter.drawLine(QPointF(0, y), QPointF(wide, y))
        else:
            self._paint_line(painter, track, row, lane)
        self._paint_chip(painter, track, row)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_line(self, painter: QPainter, track: Track, row: Row, lane: Automation) -> None:
        axis, scale = self.view.axis, self.scale(track)
        xs = self._sampled(lane)
        ticks = np.maximum(np.rint(axis.left + xs / axis.scale), 0).astype(np.int64)
        heights = [self.y(row, scale.share(value)) for value in lane.at(ticks).tolist()]
        path = QPainterPath(QPointF(float(xs[0]), heights[0]))
        for x, y in zip(xs[1:].tolist(), heights[1:], strict=True):
            path.lineTo(x, y)
        under = QPainterPath(path)
        bottom = self.y(row, scale.base)
        under.lineTo(float(xs[-1]), bottom)
        under.lineTo(float(xs[0]), bottom)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.track_colour(track.color, 0.22))
        painter.drawPath(under)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.track_colour(track.color), 1.75))
        painter.drawPath(path)
        painter.setPen(QPen(theme.track_colour(track.color), 1.5))
        painter.setBrush(theme.colour("text"))
        at = axis.xs(lane.points["tick"])
        seen = (at > -REACH_PX) & (at < self._owner.width() + REACH_PX)
        if np.count_nonzero(seen) <= self._owner.width() / 6:  # else they lie too close to take
            for x, value in zip(at[seen].tolist(), lane.points["value"][seen], strict=True):
                y = self.y(row, scale.share(float(value)))
                painter.drawEllipse(QPointF(x, y), POINT_PX, POINT_PX)

    def _sampled(self, lane: Automation) -> npt.NDArray[np.float64]:
        """Where the line is looked at: every few pixels, at each point and just before it."""
        points = self.view.axis.xs(lane.points["tick"])
        wide = self._owner.width()
        inside = points[(points > 0) & (points < wide)]
        even = np.arange(0, wide + STEP_PX, STEP_PX)
        return np.unique(np.concatenate([even, inside, inside - 0.5]))

    def _paint_chip(self, painter: QPainter, track: Track, row: Row) -> None:
        chip = self.chip(track, row)
        painter.setPen(QPen(theme.colour("line_strong"), 1))
        painter.setBrush(theme.colour("raised"))
        painter.drawRoundedRect(chip, 4, 4)
        painter.setFont(theme.ui_font(theme.LABEL_PX))
        painter.setPen(theme.colour("text"))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, self._chip_words(track))

    # -- gestures -----------------------------------------------------------------------------
    def gesture_at(self, at: Pointer) -> Gesture | None:
        found = self.row_at(at.y)
        if found is None:
            return None
        track, row = found
        if at.button is Qt.MouseButton.RightButton:
            return EraseStroke(self, at, track, row)
        if at.button is not Qt.MouseButton.LeftButton:
            return None
        if self.chip(track, row).contains(at.point):
            below = self.chip(track, row).bottomLeft()
            self.menu(track).popup(self._owner.mapToGlobal(below).toPoint())
            return None
        point = self.point_at(at)
        if point is None and self.view.tool == "draw":
            return LineStroke(self, at, track, row)
        return PointDrag(self, at, track, row, point)

    def menu(self, track: Track) -> QMenu:
        """What a row can show; lanes that are there are marked."""
        menu = QMenu(self._owner)
        menu.aboutToHide.connect(menu.deleteLater)
        held = {lane.parameter for lane in track.automation if len(lane.points)}
        shown = self.parameter(track)
        for parameter, scale in parameters_of(self.view.project, track).items():
            mark = "  ●" if parameter in held else ""
            entry = menu.addAction(scale.name + mark, partial(self.choose, track.id, parameter))
            entry.setCheckable(True)
            entry.setChecked(parameter == shown)
        lane = self.lane(track)
        if lane is not None:
            menu.addSeparator()
            last = int(lane.points["tick"][-1])
            clear = EraseAutomation(track.id, shown, 0, last)
            name = self.scale(track).name
            menu.addAction(tr("Clear {name}", name=name), partial(self.view.do, clear))
        return menu


class _Stroke(Gesture):
    cursor = Qt.CursorShape.CrossCursor
    at_once = True

    def __init__(self, lanes: AutomationLanes, at: Pointer, track: Track, row: Row) -> None:
        self.lanes, self.pressed, self.track, self.row = lanes, at, track, row
        self.view, self.scale = lanes.view, lanes.scale(track)
        self.parameter = lanes.parameter(track)

    def value_at(self, at: Pointer) -> float:
        return self.scale.value(self.lanes.share(self.row, at.y))

    def propose(self, command: Command, value: float | None = None) -> None:
        self.view.propose(command)
        self.view.said = "" if value is None else self.scale.words(value)

    def finish(self) -> None:
        self.view.commit()

    def click(self) -> None:
        self.view.commit()

    def cancel(self) -> None:
        self.view.drop()


class PointDrag(_Stroke):
    """Moves a point, or makes one where there is none and moves that; Shift keeps its time."""

    def __init__(
        self,
        lanes: AutomationLanes,
        at: Pointer,
        track: Track,
        row: Row,
        point: tuple[int, float] | None,
    ) -> None:
        super().__init__(lanes, at, track, row)
        self._point = point

    def drag(self, at: Pointer) -> None:
        value = self.value_at(at)
        if self._point is None:
            tick = self.view.land(self.view.axis.tick(at.x), bypass=at.alt).tick
            self.propose(DrawAutomation(self.track.id, self.parameter, ((tick, value),)), value)
            return
        tick, was = self._point
        if at == self.pressed:
            self.propose(MoveAutomationPoint(self.track.id, self.parameter, tick, tick, was), was)
            return
        by = self.view.axis.tick(at.x) - self.view.axis.tick(self.pressed.x)
        to = tick if at.shift or not by else self.view.land(tick + by, bypass=at.alt).tick
        command = MoveAutomationPoint(self.track.id, self.parameter, tick, max(to, 0), value)
        self.propose(command, value)


class LineStroke(_Stroke):
    """With the draw tool, values go where the pointer goes."""

    def __init__(self, lanes: AutomationLanes, at: Pointer, track: Track, row: Row) -> None:
        super().__init__(lanes, at, track, row)
        self._last = at
        self._points: dict[int, float] = {}

    def drag(self, at: Pointer) -> None:
        last, axis = self._last, self.view.axis
        steps = max(math.ceil(abs(at.x - last.x) / STEP_PX), 1)
        for step in range(1, steps + 1):
            x = last.x + (at.x - last.x) * step / steps
            y = last.y + (at.y - last.y) * step / steps
            value = self.scale.value(self.lanes.share(self.row, y))
            self._points[axis.tick(x)] = value
        self._last = at
        points = tuple(sorted(self._points.items()))
        self.propose(DrawAutomation(self.track.id, self.parameter, points), self.value_at(at))


class EraseStroke(_Stroke):
    """A right drag takes away the points it passes."""

    def drag(self, at: Pointer) -> None:
        ends = sorted((self.pressed.x, at.x))
        start = self.view.axis.tick(ends[0] - REACH_PX)
        end = self.view.axis.tick(ends[1] + REACH_PX)
        self.propose(EraseAutomation(self.track.id, self.parameter, start, end))
