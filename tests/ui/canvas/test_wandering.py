"""Wandering hands: whatever is pressed, dragged and typed can be undone."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.ui.canvas.gesture import GestureCanvas
from studio.ui.piano_roll.piano_roll import PianoRoll
from studio.ui.timeline.timeline import Timeline
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import ALT, CTRL, LEFT, MIDDLE, NONE, RIGHT, SHIFT, Mouse, escape, shown
from tests.ui.canvas.scene import BAR

DEEDS = 300
T = TypeVar("T")
SLOTS = (
    "select_all", "select_next", "select_previous", "delete", "duplicate", "cut", "copy", "paste",
    "split", "join", "nudge_left", "nudge_right", "toggle_mute", "keep", "zoom_in", "zoom_out",
    "zoom_fit", "zoom_back", "zoom_to_selection", "toggle_snap",
)  # fmt: skip
SONG_SLOTS = (
    *SLOTS, "ripple_delete", "insert_time", "toggle_tempo", "show_takes", "group_tracks",
)  # fmt: skip
ROLL_SLOTS = (*SLOTS, "quantise", "toggle_lock", "toggle_ghosts", "fit_to_key", "make_clip")
TOOLS = ("select", "draw", "erase", "knife", "range")


class Wanderer:
    """Does one thing after another, chosen by a seed."""

    def __init__(
        self, seed: int, view: Timeline | PianoRoll, canvases: tuple[GestureCanvas, ...]
    ) -> None:
        self._rng = np.random.default_rng(seed)
        self._view, self._canvases = view, canvases

    def one_of(self, *choices: T) -> T:
        return choices[int(self._rng.integers(len(choices)))]

    def place(self, canvas: QWidget) -> tuple[float, float]:
        x = float(self._rng.uniform(-10, canvas.width() + 10))
        return x, float(self._rng.uniform(-10, canvas.height() + 10))

    def deed(self, studio: Studio, slots: tuple[str, ...]) -> None:
        canvas = self._canvases[int(self._rng.integers(len(self._canvases)))]
        mouse = Mouse(canvas)
        act = int(self._rng.integers(9))
        if act < 3:
            self.drag(mouse, canvas)
        elif act == 3:
            mouse.double_click(*self.place(canvas))
        elif act == 4:
            mouse.wheel(*self.place(canvas), 1, self.modifiers())
        elif act < 7:
            getattr(self._view, self.one_of(*slots))()
        elif act == 7:
            studio.playback.seek(int(self._rng.integers(0, 6 * BAR)))
            self._view.set_tool(self.one_of(*TOOLS))
        elif self._rng.random() < 0.5:
            studio.song.undo()
        else:
            studio.song.redo()

    def modifiers(self) -> Qt.KeyboardModifier:
        return self.one_of(NONE, NONE, CTRL, SHIFT, ALT, CTRL | SHIFT, CTRL | ALT)

    def drag(self, mouse: Mouse, canvas: QWidget) -> None:
        button, held = self.one_of(LEFT, LEFT, LEFT, RIGHT, MIDDLE), self.modifiers()
        start, end = self.place(canvas), self.place(canvas)
        mouse.hold(start, end, held, button)
        if self._rng.random() < 0.25:
            escape(canvas)
        mouse.release(*end, held, button)


def wander(studio: Studio, wanderer: Wanderer, slots: tuple[str, ...]) -> None:
    start = studio.song.project
    for _ in range(DEEDS):
        wanderer.deed(studio, slots)
        QApplication.processEvents()
    assert len(studio.song.steps) > 5  # it did something
    while studio.song.can_undo:
        studio.song.undo()
    assert studio.song.project is start


@pytest.mark.parametrize("seed", range(3))
def test_a_wandering_hand_on_the_timeline_can_be_undone(
    studio: Studio, qtbot: QtBot, seed: int
) -> None:
    timeline = Timeline(studio)
    qtbot.addWidget(timeline)
    shown(timeline, 850, 400)
    canvases = (timeline.lanes, timeline.lanes, timeline.ruler, timeline.overview)
    wander(studio, Wanderer(seed, timeline, canvases), SONG_SLOTS)
    assert timeline.view.project is studio.song.project


@pytest.mark.parametrize("seed", range(3))
def test_a_wandering_hand_on_the_piano_roll_can_be_undone(
    studio: Studio, qtbot: QtBot, seed: int
) -> None:
    studio.selection.set_note_clip(studio.song.project.sources[0].clips[0].id)
    roll = PianoRoll(studio)
    qtbot.addWidget(roll)
    shown(roll, 850, 460)
    canvases = (roll.canvas, roll.canvas, roll.velocities, roll.ruler)
    wander(studio, Wanderer(seed, roll, canvases), ROLL_SLOTS)
    assert roll.view.project is studio.song.project
