"""A controller, the pitch bend or the pressure under the notes: drawn by hand or as lines."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.domain.clip import ClipId
from studio.domain.notes import HOLD, Automation
from studio.edit.command import Command
from studio.edit.controllers import BEND_LIMIT, DrawController, EraseController, MovePoint
from studio.render.tables import controller_number, rest_value
from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.canvas.gesture import Gesture, GestureCanvas
from studio.ui.canvas.grid import draw_grid, grid_lines
from studio.ui.canvas.pointer import Pointer
from studio.ui.piano_roll.lane_keys import LaneKeys, takes
from studio.ui.piano_roll.roll_view import RollView
from studio.ui.tr import tr

HEIGHT = 84
TOP, BOTTOM = 8.0, 8.0
REACH_PX = 6.0
POINT_PX = 2.5
STEP_PX = 3.0  # between the points of a stroke
BEND = "bend"
NAMES = {
    BEND: "Pitch bend", "cc1": "Modulation", "cc11": "Expression", "cc7": "Volume", "cc10": "Pan",
    "cc64": "Sustain", "cc74": "Brightness", "cc71": "Resonance", "cc73": "Attack",
    "cc72": "Release", "cc91": "Reverb", "cc93": "Chorus", "cc2": "Breath", "pressure": "Pressure",
}  # fmt: skip


def lane_name(parameter: str) -> str:
    """What the window calls `cc<n>`, `bend` or `pressure`."""
    known = NAMES.get(parameter)
    return tr(known) if known else tr("Controller {n}", n=parameter.removeprefix("cc"))


class ControllerLane(GestureCanvas):
    """One lane of the open clip. It is hidden while no parameter is chosen.

    Signals:
        chosen(): Another lane, or none, is shown.
    """

    chosen = Signal()

    def __init__(self, view: RollView, parent: QWidget | None = None) -> None:
        super().__init__(view.axis, parent)
        self.view = view
        self.parameter = ""
        self.keys = LaneKeys(self)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Controller"))
        self.setToolTip(tr("Draw values; with Shift a straight line. A right drag erases."))
        self.setAccessibleDescription(
            tr("Left and Right pick a point, Up and Down move it, Enter makes one at the playhead")
        )
        self.bindings = Bindings()
        connect = self.bindings.connect
        for signal in (view.axis.changed, view.snap.changed, view.opened):
            connect(signal, self.invalidate_grid)
        connect(view.shown_changed, self.invalidate_content)
        connect(view.studio.playback.moved, self.follow)
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    def follow(self) -> None:
        self.move_playhead(self.axis.x(self.view.studio.playback.position_tick))

    def choose(self, parameter: str) -> None:
        """Show another lane, or (empty) none."""
        self.parameter = parameter
        self.setAccessibleName(lane_name(parameter) if parameter else tr("Controller"))
        self.setVisible(bool(parameter))
        self.invalidate_grid()
        self.chosen.emit()

    @property
    def lane(self) -> Automation | None:
        """What the open clip holds of it, where it holds something."""
        clip = self.view.clip
        lanes = clip.controllers if clip is not None else ()
        return next((lane for lane in lanes if lane.parameter == self.parameter), None)

    # -- where things are ---------------------------------------------------------------------
    @property
    def span(self) -> tuple[float, float]:
        """The values at the bottom and at the top."""
        if self.parameter != BEND:
            return 0.0, 127.0
        lane = self.lane
        largest = float(np.abs(lane.points["value"]).max()) if lane is not None else 0.0
        limit = next(limit for limit in (2.0, 12.0, BEND_LIMIT, largest) if largest <= limit)
        return -limit, limit

    @property
    def rest(self) -> float:
        """The value where nothing moves it."""
        return 0.0 if self.parameter == BEND else float(rest_value(self._number))

    @property
    def _number(self) -> int:
        return controller_number(self.parameter)

    def value_y(self, value: float) -> float:
        low, high = self.span
        return TOP + (high - value) / (high - low) * (self.height() - TOP - BOTTOM)

    def value_ys(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """The heights of many values; same shape."""
        low, high = self.span
        share = (high - values.astype(np.float64)) / (high - low)
        return TOP + share * (self.height() - TOP - BOTTOM)

    def value_at(self, y: float) -> float:
        low, high = self.span
        share = (y - TOP) / (self.height() - TOP - BOTTOM)
        value = min(max(high - share * (high - low), low), high)
        return round(value, 2) if self.parameter == BEND else float(round(value))

    def words(self, value: float) -> str:
        return f"{value:+.2f}" if self.parameter == BEND else f"{value:.0f}"

    def point_at(self, at: Pointer) -> tuple[int, float] | None:
        """The tick (content) and the value of the point under the pointer."""
        lane = self.lane
        if lane is None or not len(lane.points):
            return None
        x = self.axis.xs(lane.points["tick"] + self.view.shift)
        y = self.value_ys(lane.points["value"])
        away = np.hypot(x - at.x, y - at.y)
        index = int(np.argmin(away))
        if away[index] > REACH_PX:
            return None
        return int(lane.points["tick"][index]), float(lane.points["value"][index])

    # -- drawing ------------------------------------------------------------------------------
    def paint_grid(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), theme.colour("panel"))
        step = self.view.grid_step(self.axis.span[0])
        lines = grid_lines(self.view.project.tempo, self.axis, step)
        draw_grid(painter, self.axis, lines, (0.6, 0.4, 0.0), QRectF(self.rect()))
        painter.fillRect(QRectF(0, 0, self.width(), 1), theme.colour("line"))

    def paint_content(self, painter: QPainter) -> None:
        rest = round(self.value_y(self.rest)) if self.parameter else 0
        painter.fillRect(QRectF(0, rest, self.width(), 1), theme.colour("line", 0.9))
        clip, track, lane = self.view.clip, self.view.track, self.lane
        if clip is None or track is None:
            return
        if lane is None:
            self._paint_hint(painter)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self._path(lane, clip.start, clip.end)
        base = rest if self.parameter == BEND else self.height() - BOTTOM
        under = QPainterPath(line)
        under.lineTo(line.currentPosition().x(), base)
        under.lineTo(line.elementAt(0).x, base)
        painter.setBrush(theme.track_colour(track.color, 0.18))
        painter.drawPath(under)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.track_colour(track.color), 1.5))
        painter.drawPath(line)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.track_colour(track.color))
        self._paint_points(painter, lane)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _path(self, lane: Automation, start: int, end: int) -> QPainterPath:
        """The line of values over the part of the clip that is in sight."""
        left, right = self.axis.span
        start, end, shift = max(start, left), min(end, right), self.view.shift
        points = lane.points
        seen = (points["tick"] + shift > start) & (points["tick"] + shift < end)
        first = QPointF(self.axis.x(start), self.value_y(float(lane.at([start - shift])[0])))
        path = QPainterPath(first)
        before = int(np.searchsorted(points["tick"], start - shift, side="right")) - 1
        holds = before < 0 or points["curve"][before] == HOLD
        y = first.y()
        shown = points[seen]
        xs = self.axis.xs(shown["tick"] + shift)
        last = np.diff(np.floor(xs), append=np.inf) > 0  # of those on one pixel
        heights = self.value_ys(shown["value"][last]).tolist()
        held = (shown["curve"][last] == HOLD).tolist()
        for x, height, hold in zip(xs[last].tolist(), heights, held, strict=True):
            if holds:
                path.lineTo(x, y)
            path.lineTo(x, height)
            y, holds = height, hold
        path.lineTo(self.axis.x(end), self.value_y(float(lane.at([end - shift])[0])))
        return path

    def _paint_points(self, painter: QPainter, lane: Automation) -> None:
        """Points that lie apart can be taken hold of, so they show."""
        x = self.axis.xs(lane.points["tick"] + self.view.shift)
        apart = np.diff(x, prepend=-np.inf, append=np.inf)
        clear = np.minimum(apart[:-1], apart[1:]) > 2 * REACH_PX
        seen = clear & (x > -REACH_PX) & (x < self.width() + REACH_PX)
        y = self.value_ys(lane.points["value"][seen])
        for left, top in zip(x[seen].tolist(), y.tolist(), strict=True):
            painter.drawEllipse(QPointF(left, top), POINT_PX, POINT_PX)
        if self.keys.picked is not None and self.keys.picked in lane.points["tick"]:
            picked = QPointF(
                self.axis.x(self.keys.picked + self.view.shift),
                self.value_y(float(lane.at([self.keys.picked])[0])),
            )
            painter.setBrush(theme.colour("text"))
            painter.drawEllipse(picked, 2 * POINT_PX, 2 * POINT_PX)

    def _paint_hint(self, painter: QPainter) -> None:
        painter.setFont(theme.ui_font(theme.LABEL_PX))
        painter.setPen(theme.colour("text_3"))
        words = tr("Draw {name} here; with Shift a straight line", name=lane_name(self.parameter))
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, words)
        painter.setPen(Qt.PenStyle.NoPen)

    def paint_overlay(self, painter: QPainter) -> None:
        x = math.floor(self.axis.x(self.view.studio.playback.position_tick))
        painter.fillRect(QRectF(x, 0, 1, self.height()), theme.colour("text"))
        if self.gesture is not None:
            self.gesture.paint(painter)
        self.paint_said(painter, self.view.said)
        self.paint_focus(painter)

    # -- gestures -----------------------------------------------------------------------------
    def gesture_at(self, at: Pointer) -> Gesture | None:
        clip_id = self.view.clip_id
        if self.view.clip is None or clip_id is None or self.view.is_proposing:
            return None
        if at.button is Qt.MouseButton.RightButton:
            return EraseDrag(self, at, clip_id)
        if at.button is not Qt.MouseButton.LeftButton:
            return None
        point = self.point_at(at)
        if point is not None:
            return PointDrag(self, at, clip_id, point)
        return (LineDrag if at.shift else StrokeDrag)(self, at, clip_id)

    def double_click(self, at: Pointer) -> bool:
        """Takes the point away that is there."""
        point, clip_id = self.point_at(at), self.view.clip_id
        if point is None or clip_id is None:
            return False
        return self.view.do(EraseController(clip_id, self.parameter, point[0], point[0]))

    def hover(self, at: Pointer) -> None:
        on_point = self.view.clip is not None and self.point_at(at) is not None
        self.setCursor(Qt.CursorShape.SizeAllCursor if on_point else Qt.CursorShape.CrossCursor)

    # -- keys ---------------------------------------------------------------------------------
    def wants_key(self, event: QEvent) -> bool:
        return (isinstance(event, QKeyEvent) and takes(event)) or super().wants_key(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.keys.pressed(event):
            super().keyPressEvent(event)

    def scroll_rows(self, pixels: float) -> None:
        self.view.rows.scroll_by(pixels)

    def content_tick(self, x: float) -> int:
        """The tick of the clip's content at `x`, within what the clip shows."""
        clip = self.view.clip
        if clip is None:
            return 0
        return min(max(self.axis.tick(x), clip.start), clip.end - 1) - clip.shift


class _LaneDrag(Gesture):
    cursor = Qt.CursorShape.CrossCursor
    at_once = True

    def __init__(self, lane: ControllerLane, at: Pointer, clip: ClipId) -> None:
        self.lane, self.clip, self.pressed = lane, clip, at

    def propose(self, command: Command, value: float | None = None) -> None:
        """Show what the drag has done so far, and the value it came to."""
        self.lane.view.said = "" if value is None else self.lane.words(value)
        self.lane.view.propose(command)

    def finish(self) -> None:
        self.lane.view.commit()

    def cancel(self) -> None:
        self.lane.view.drop()


class StrokeDrag(_LaneDrag):
    """Writes where the pointer goes, a value every few pixels; a click writes one."""

    def __init__(self, lane: ControllerLane, at: Pointer, clip: ClipId) -> None:
        super().__init__(lane, at, clip)
        self._last = at
        self._points: dict[int, float] = {}

    def drag(self, at: Pointer) -> None:
        lane, last = self.lane, self._last
        steps = max(math.ceil(abs(at.x - last.x) / STEP_PX), 1)
        for step in range(1, steps + 1):
            share = step / steps
            x, y = last.x + (at.x - last.x) * share, last.y + (at.y - last.y) * share
            self._points[lane.content_tick(x)] = lane.value_at(y)
        self._last = at
        points = tuple(sorted(self._points.items()))
        self.propose(DrawController(self.clip, lane.parameter, points), lane.value_at(at.y))

    def click(self) -> None:
        self.finish()


class LineDrag(_LaneDrag):
    """A straight line from the press to the pointer; both ends snap."""

    def drag(self, at: Pointer) -> None:
        lane = self.lane
        ends = [self._end(self.pressed), self._end(at)]
        points = tuple(dict(ends).items())
        command = DrawController(self.clip, lane.parameter, points, straight=True)
        self.propose(command, ends[1][1])

    def _end(self, at: Pointer) -> tuple[int, float]:
        lane = self.lane
        tick = lane.view.land(lane.axis.tick(at.x), bypass=at.alt).tick
        return lane.content_tick(lane.axis.x(tick)), lane.value_at(at.y)


class PointDrag(_LaneDrag):
    """Moves a point; with Shift its time stays."""

    cursor = Qt.CursorShape.SizeAllCursor
    at_once = False

    def __init__(
        self, lane: ControllerLane, at: Pointer, clip: ClipId, point: tuple[int, float]
    ) -> None:
        super().__init__(lane, at, clip)
        self._tick, self._value = point

    def drag(self, at: Pointer) -> None:
        lane = self.lane
        by = lane.axis.tick(at.x) - lane.axis.tick(self.pressed.x)
        shift = lane.view.shift
        tick = self._tick
        if by and not at.shift:
            tick = lane.view.land(tick + shift + by, bypass=at.alt).tick - shift
        y = lane.value_y(self._value) + at.y - self.pressed.y
        value = lane.value_at(y)
        self.propose(MovePoint(self.clip, lane.parameter, self._tick, max(tick, 0), value), value)


class EraseDrag(_LaneDrag):
    """Takes away every point it passes."""

    def drag(self, at: Pointer) -> None:
        lane = self.lane
        ends = sorted((self.pressed.x, at.x))
        start, end = lane.content_tick(ends[0] - REACH_PX), lane.content_tick(ends[1] + REACH_PX)
        self.propose(EraseController(self.clip, lane.parameter, start, end))
