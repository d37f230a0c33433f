"""Controllers under the notes: each drag is one undo step, and Escape takes it back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from studio.domain.clip import NoteClip
from studio.domain.notes import Automation
from studio.edit.controllers import DrawController
from studio.ui.piano_roll.controller_lane import ControllerLane
from studio.ui.piano_roll.piano_roll import PianoRoll
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import RIGHT, SHIFT, Mouse, differs, escape, pixel
from tests.ui.canvas.scene import BEAT
from tests.ui.piano_roll.keys import CLIP, clip, steps


@pytest.fixture
def lane(roll: PianoRoll) -> ControllerLane:
    roll.toggle_controllers()
    roll.controllers.choose("cc1")
    return roll.controllers


def held(studio: Studio) -> Automation:
    (found,) = clip(studio).controllers
    return found


def at(lane: ControllerLane, tick: float, value: float) -> tuple[float, float]:
    return lane.axis.x(tick), lane.value_y(value)


def test_a_stroke_is_drawn_in_one_step(lane: ControllerLane, studio: Studio) -> None:
    Mouse(lane).drag(at(lane, BEAT, 20), at(lane, 3 * BEAT, 100))
    assert steps(studio) == 1
    assert studio.song.undo_label == "Draw controller"
    low, middle, high = held(studio).at([BEAT + 30, 2 * BEAT, 3 * BEAT])
    assert low == pytest.approx(20, abs=4)
    assert middle == pytest.approx(60, abs=4)
    assert high == pytest.approx(100, abs=2)
    studio.song.undo()
    assert clip(studio).controllers == ()


def test_shift_draws_a_straight_line_whose_ends_snap(lane: ControllerLane, studio: Studio) -> None:
    Mouse(lane).drag(at(lane, BEAT + 20, 10), at(lane, 3 * BEAT - 20, 110), SHIFT)
    points = held(studio).points
    assert points["tick"].tolist() == [BEAT, 3 * BEAT]
    assert held(studio).at([2 * BEAT])[0] == pytest.approx(60, abs=3)


def test_escape_takes_a_stroke_back(lane: ControllerLane, studio: Studio) -> None:
    Mouse(lane).hold(at(lane, BEAT, 20), at(lane, 3 * BEAT, 100))
    assert lane.lane is not None
    escape(lane)
    assert lane.lane is None
    assert steps(studio) == 0


def test_a_point_is_dragged_and_taken_away(lane: ControllerLane, studio: Studio) -> None:
    studio.song.do(DrawController(CLIP, "cc1", ((0, 30.0), (2 * BEAT, 60.0)), straight=True))
    Mouse(lane).drag(at(lane, 2 * BEAT, 60), at(lane, 3 * BEAT, 90))
    moved = held(studio).points[1]
    assert int(moved["tick"]) == 3 * BEAT
    assert float(moved["value"]) == pytest.approx(90, abs=2)
    Mouse(lane).double_click(*at(lane, 3 * BEAT, float(moved["value"])))
    assert held(studio).points["tick"].tolist() == [0]
    assert steps(studio) == 3


def test_a_right_drag_erases_what_it_passes(lane: ControllerLane, studio: Studio) -> None:
    Mouse(lane).drag(at(lane, BEAT, 20), at(lane, 3 * BEAT, 100))
    Mouse(lane).drag(at(lane, 2 * BEAT, 60), at(lane, 4 * BEAT, 60), button=RIGHT)
    assert held(studio).points["tick"].max() < 2 * BEAT
    assert steps(studio) == 2


def test_the_pitch_bend_has_its_own_middle_and_range(lane: ControllerLane, studio: Studio) -> None:
    lane.choose("bend")
    assert lane.span == (-2.0, 2.0)
    Mouse(lane).click(*at(lane, BEAT, 1.0))
    assert held(studio).at([BEAT])[0] == pytest.approx(1.0, abs=0.05)
    studio.song.do(DrawController(CLIP, "bend", ((0, -7.0),)))
    assert lane.span == (-12.0, 12.0)


def test_lanes_are_chosen_in_a_menu_that_marks_what_the_clip_holds(
    roll: PianoRoll, lane: ControllerLane, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.song.do(DrawController(CLIP, "cc22", ((0, 5.0),)))
    monkeypatch.setattr(QMenu, "popup", lambda menu, at: menu.aboutToShow.emit())
    QTest.mouseClick(roll.corner.button, Qt.MouseButton.LeftButton)
    entries = {entry.text(): entry for entry in roll.corner.menu.actions()}
    assert entries["Modulation"].isChecked()
    entries["Controller 22  ●"].trigger()
    assert lane.parameter == "cc22"
    roll.toggle_controllers()
    assert not lane.isVisible()
    roll.toggle_controllers()
    assert lane.parameter == "cc22"


def test_the_lane_shows_its_values_and_says_what_to_do_without(
    lane: ControllerLane, studio: Studio
) -> None:
    empty = lane.grab().toImage()
    x, y = at(lane, 2 * BEAT, 40)
    before = pixel(lane, x + 3, y)
    studio.song.do(DrawController(CLIP, "cc1", ((0, 120.0),)))
    assert lane.grab().toImage() != empty
    assert differs(before, pixel(lane, x + 3, y)) > 8


def test_another_clip_has_lanes_of_its_own(lane: ControllerLane, studio: Studio) -> None:
    studio.song.do(DrawController(CLIP, "cc1", ((0, 120.0),)))
    other = next(c for _, c in studio.song.project.clips() if c.id != CLIP)
    assert isinstance(other, NoteClip)
    studio.selection.set_note_clip(other.id)
    assert lane.lane is None


def test_points_are_made_picked_moved_and_taken_away_by_keys(
    lane: ControllerLane, studio: Studio
) -> None:
    lane.setFocus()
    for tick in (BEAT, 3 * BEAT):
        studio.playback.seek(tick)
        QTest.keyClick(lane, Qt.Key.Key_Return)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Right, Qt.Key.Key_Up):
        QTest.keyClick(lane, key)
    points = held(studio).points
    assert points["tick"].tolist() == [BEAT, 3 * BEAT]
    assert points["value"].tolist() == pytest.approx([2 * 127 / 32, 127 / 32])
    QTest.keyClick(lane, Qt.Key.Key_Delete)
    assert held(studio).points["tick"].tolist() == [BEAT]
    assert steps(studio) == 6
