"""A controller's lane without the mouse: points are picked, made, moved and taken away by keys."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from studio.domain.clip import ClipId
from studio.domain.notes import Automation
from studio.edit.controllers import DrawController, EraseController, MovePoint
from studio.ui.canvas.axis import TimeAxis
from studio.ui.piano_roll.roll_view import RollView

STEPS = 32  # from the bottom of a lane to its top
_SIDEWAYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_UP_DOWN = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
_MAKES = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_TAKES_AWAY = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


def takes(event: QKeyEvent) -> bool:
    """Whether a key is the lane's while it has the focus."""
    key = Qt.Key(event.key())
    known = key in _SIDEWAYS or key in _UP_DOWN or key in _MAKES or key in _TAKES_AWAY
    return known and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier


class Lane(Protocol):
    """The lane whose points they are."""

    view: RollView
    axis: TimeAxis
    parameter: str

    @property
    def lane(self) -> Automation | None: ...
    @property
    def span(self) -> tuple[float, float]: ...
    @property
    def rest(self) -> float: ...
    def invalidate_content(self) -> None: ...


class LaneKeys:
    """Each change is one undo step.

    Attributes:
        picked: The content tick of the point that keys move.
    """

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self.picked: int | None = None

    def pressed(self, event: QKeyEvent) -> bool:
        """Whether a key did something here."""
        clip, key = self._lane.view.song_clip, Qt.Key(event.key())
        if clip is None or not takes(event):
            return False
        if key in _SIDEWAYS:
            self._pick(_SIDEWAYS[key])
        elif key in _MAKES:
            self._make(clip.id)
        else:
            self._change(clip.id, _UP_DOWN.get(key))
        return True

    def _pick(self, by: int) -> None:
        """The point after the picked one, or before it; without one, the first or the last."""
        lane = self._lane.lane
        if lane is None:
            return
        ticks = lane.points["tick"].tolist()
        if self.picked in ticks:
            self.picked = ticks[min(max(ticks.index(self.picked) + by, 0), len(ticks) - 1)]
        else:
            self.picked = ticks[0] if by > 0 else ticks[-1]
        self._lane.axis.reveal(self.picked + self._lane.view.shift)
        self._lane.invalidate_content()

    def _make(self, clip: ClipId) -> None:
        """A point at the playhead, where the line is already."""
        view, lane = self._lane.view, self._lane.lane
        tick = view.studio.playback.position_tick - view.shift
        value = self._lane.rest if lane is None else float(lane.at([tick])[0])
        if tick >= 0:
            self.picked = tick
            view.do(DrawController(clip, self._lane.parameter, ((tick, value),)))

    def _change(self, clip: ClipId, by: int | None) -> None:
        """Up or down by a part of the range; None takes the point away."""
        view, lane, tick = self._lane.view, self._lane.lane, self.picked
        if lane is None or tick is None or tick not in lane.points["tick"]:
            return
        if by is None:
            self.picked = None
            view.do(EraseController(clip, self._lane.parameter, tick, tick))
            return
        low, high = self._lane.span
        value = float(lane.at([tick])[0]) + by * (high - low) / STEPS
        value = min(max(value, low), high)
        view.do(MovePoint(clip, self._lane.parameter, tick, tick, value))
