"""What timeline and piano roll have in common for the window: the slots that its actions call."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtWidgets import QWidget

from studio.ui.canvas.axis import Follow
from studio.ui.canvas.view import View
from studio.workspace.studio import Studio

ZOOM_STEP = 1.5


class Edits(Protocol):
    """Edits of what is selected; each one is one undo step."""

    def select_all(self) -> None: ...
    def select_next(self, by: int) -> None: ...
    def delete(self) -> None: ...
    def duplicate(self) -> None: ...
    def cut(self) -> None: ...
    def copy(self) -> None: ...
    def paste(self) -> None: ...
    def split(self) -> None: ...
    def join(self) -> None: ...
    def nudge(self, by_steps: int) -> None: ...
    def toggle_mute(self) -> None: ...


class Editor(QWidget):
    """An editing view. Its slots are named as the actions of the window."""

    def __init__(self, studio: Studio, view: View, edits: Edits, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.studio = studio
        self._view, self._edits = view, edits

    # -- edits --------------------------------------------------------------------------------
    def select_all(self) -> None:
        self._edits.select_all()

    def select_next(self) -> None:
        self._edits.select_next(1)

    def select_previous(self) -> None:
        self._edits.select_next(-1)

    def delete(self) -> None:
        self._edits.delete()

    def duplicate(self) -> None:
        self._edits.duplicate()

    def cut(self) -> None:
        self._edits.cut()

    def copy(self) -> None:
        self._edits.copy()

    def paste(self) -> None:
        self._edits.paste()

    def split(self) -> None:
        self._edits.split()

    def join(self) -> None:
        self._edits.join()

    def nudge_left(self) -> None:
        self._edits.nudge(-1)

    def nudge_right(self) -> None:
        self._edits.nudge(1)

    def toggle_mute(self) -> None:
        self._edits.toggle_mute()

    # -- view ---------------------------------------------------------------------------------
    def set_tool(self, name: str) -> None:
        """Choose a tool; one that this view does not have changes nothing."""
        if name in self._view.tools:
            self._view.set_tool(name)

    def toggle_snap(self) -> None:
        self._view.snap.toggle()

    def toggle_follow(self) -> None:
        """Follow the playhead page by page, or not at all."""
        axis = self._view.axis
        axis.follow = Follow.PAGE if axis.follow is Follow.OFF else Follow.OFF

    def zoom_in(self) -> None:
        self._zoom(ZOOM_STEP)

    def zoom_out(self) -> None:
        self._zoom(1 / ZOOM_STEP)

    def zoom_back(self) -> None:
        """To the view before the last zoom to something."""
        self._view.axis.back()

    def _zoom(self, factor: float) -> None:
        """Around the playhead where it is in sight, else around the middle."""
        axis = self._view.axis
        x = axis.x(self.studio.playback.position_tick)
        axis.zoom(factor, x if 0 <= x <= axis.width else axis.width / 2)
