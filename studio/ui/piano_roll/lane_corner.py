"""The corners left of the lanes: what a lane shows, and which controller is beneath it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QVBoxLayout

from studio.ui import theme
from studio.ui.actions import ROWS, with_key
from studio.ui.piano_roll.controller_lane import NAMES, ControllerLane, lane_name
from studio.ui.tr import tr
from studio.ui.widgets.boxes import ElidedLabel, column
from studio.ui.widgets.buttons import text_button


class LaneCorner(QFrame):
    """Names the velocities, and opens the menu of controllers."""

    def __init__(self, lane: ControllerLane) -> None:
        super().__init__()
        self._lane = lane
        box: QVBoxLayout = column(self, 0, theme.SPACE)
        box.setContentsMargins(theme.GAP, theme.GAP, 2, theme.GAP)
        box.addWidget(ElidedLabel(tr("velocity"), "label"))
        action = next(row for row in ROWS if row.id == "controllers")
        name = with_key(tr(action.title), action.keys)
        self.button: QPushButton = text_button(tr("+ lane"), kind="slot", name=name)
        self.menu = QMenu(self.button)
        self.menu.aboutToShow.connect(self._fill)
        self.button.clicked.connect(self.open)
        box.addWidget(self.button)
        box.addStretch(1)

    def open(self) -> None:
        self.menu.popup(self.button.mapToGlobal(self.button.rect().bottomLeft()))

    def _fill(self) -> None:
        """Those the clip holds are marked, and stand there even where they have no name."""
        self.menu.clear()
        clip = self._lane.view.clip
        held = {c.parameter for c in clip.controllers} if clip is not None else set()
        for parameter in (*NAMES, *sorted(held - NAMES.keys())):
            mark = "  ●" if parameter in held else ""
            entry = self.menu.addAction(
                lane_name(parameter) + mark, partial(self._lane.choose, parameter)
            )
            entry.setCheckable(True)
            entry.setChecked(parameter == self._lane.parameter)
        self.menu.addSeparator()
        none = self.menu.addAction(tr("No lane"), partial(self._lane.choose, ""))
        none.setEnabled(bool(self._lane.parameter))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.colour("panel"))
            painter.fillRect(0, 0, self.width(), 1, theme.colour("line"))


class ControllerCorner(QFrame):
    """Names the lane beside it, with the values at its top and bottom."""

    def __init__(self, lane: ControllerLane) -> None:
        super().__init__()
        self._lane = lane
        lane.view.shown_changed.connect(self.update)
        lane.chosen.connect(self._follow)
        self.hide()

    def _follow(self) -> None:
        self.setVisible(bool(self._lane.parameter))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        low, high = self._lane.span if self._lane.parameter else (0.0, 0.0)
        area = self.rect().adjusted(6, 4, -3, -4)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        top, bottom = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.colour("panel"))
            painter.fillRect(0, 0, self.width(), 1, theme.colour("line"))
            painter.setPen(theme.colour("text_3"))
            painter.setFont(theme.mono_font(9))
            painter.drawText(area, top | right, f"{high:g}")
            painter.drawText(area, bottom | right, f"{low:g}")
            words = lane_name(self._lane.parameter) if self._lane.parameter else ""
            painter.setFont(theme.ui_font(theme.LABEL_PX if len(words) < 10 else theme.TINY_PX))
            middle = area.adjusted(0, 14, 0, -14)
            wrap = int(left | Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(middle, wrap, words.lower())
