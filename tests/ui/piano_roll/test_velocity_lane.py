"""Velocities as stems."""

from __future__ import annotations

import pytest

from studio.ui.piano_roll.piano_roll import PianoRoll
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import Mouse, escape
from tests.ui.canvas.scene import BAR, BEAT
from tests.ui.piano_roll.keys import notes, steps


@pytest.fixture
def mouse(roll: PianoRoll) -> Mouse:
    return Mouse(roll.velocities)


def velocities(studio: Studio) -> list[int]:
    return [int(velocity) for velocity in notes(studio).velocity]


def test_a_stem_is_dragged(roll: PianoRoll, studio: Studio, mouse: Mouse) -> None:
    lane = roll.velocities
    x = roll.view.axis.x(BEAT)
    mouse.drag((x, lane.stem_y(60)), (x, lane.stem_y(110)))
    assert velocities(studio) == pytest.approx([40, 110, 80, 100], abs=1)
    assert steps(studio) == 1


def test_a_stem_of_the_selection_takes_the_others_along(
    roll: PianoRoll, studio: Studio, mouse: Mouse
) -> None:
    studio.selection.set_notes({0, 1, 3})
    lane = roll.velocities
    x = roll.view.axis.x(BEAT)
    mouse.drag((x, lane.stem_y(60)), (x, lane.stem_y(100)))
    assert velocities(studio) == pytest.approx([80, 100, 80, 127], abs=1)
    assert steps(studio) == 1


def test_a_line_makes_a_ramp_in_one_step(roll: PianoRoll, studio: Studio, mouse: Mouse) -> None:
    lane, axis = roll.velocities, roll.view.axis
    mouse.drag((axis.x(-BEAT * 0.0) + 10, lane.stem_y(10)), (axis.x(BAR) + 1, lane.stem_y(110)))
    found = velocities(studio)
    assert found[0] == 40  # the line began behind it
    assert found[1] < found[2] < found[3]
    assert found[3] == pytest.approx(10 + 100 * (150 - 10) / 191, abs=3)
    assert steps(studio) == 1


def test_a_line_backwards_is_the_same_ramp(roll: PianoRoll, studio: Studio, mouse: Mouse) -> None:
    lane, axis = roll.velocities, roll.view.axis
    mouse.drag((axis.x(BAR) + 10, lane.stem_y(120)), (axis.x(0) + 2, lane.stem_y(20)))
    found = velocities(studio)
    assert found[1] < found[2] < found[3]


def test_a_line_touches_only_the_selection_where_there_is_one(
    roll: PianoRoll, studio: Studio, mouse: Mouse
) -> None:
    studio.selection.set_notes({2})
    lane, axis = roll.velocities, roll.view.axis
    mouse.drag((axis.x(0) + 12, lane.stem_y(120)), (axis.x(BAR) - 5, lane.stem_y(120)))
    assert velocities(studio) == pytest.approx([40, 60, 120, 100], abs=1)


def test_escape_takes_a_ramp_back(roll: PianoRoll, studio: Studio, mouse: Mouse) -> None:
    before = studio.song.project
    lane, axis = roll.velocities, roll.view.axis
    mouse.hold((axis.x(0) + 12, lane.stem_y(120)), (axis.x(BAR), lane.stem_y(120)))
    assert roll.view.project is not before
    escape(lane)
    mouse.release(5, 5)
    assert studio.song.project is before
    assert roll.view.project is before


def test_stems_that_stand_together_move_together(
    roll: PianoRoll, studio: Studio, mouse: Mouse
) -> None:
    from studio.edit.notes import MoveNotes
    from tests.ui.piano_roll.keys import CLIP

    studio.song.do(MoveNotes(CLIP, frozenset({1}), by_ticks=-BEAT))
    lane = roll.velocities
    mouse.drag(
        (roll.view.axis.x(0) + 1, lane.stem_y(60)), (roll.view.axis.x(0) + 1, lane.stem_y(80))
    )
    by_id = dict(zip(notes(studio).id.tolist(), velocities(studio), strict=True))
    assert (by_id[0], by_id[1]) == (pytest.approx(60, abs=1), pytest.approx(80, abs=1))


def test_with_the_draw_tool_velocities_are_drawn_by_hand(
    roll: PianoRoll, studio: Studio, mouse: Mouse
) -> None:
    roll.set_tool("draw")
    lane = roll.velocities
    mouse.press(lane.axis.x(0), lane.stem_y(20))
    for tick, velocity in ((BEAT * 0.5, 110), (BEAT, 110), (BEAT * 1.5, 30), (BEAT * 2.2, 30)):
        mouse.move(lane.axis.x(tick), lane.stem_y(velocity))
    mouse.release(lane.axis.x(BEAT * 2.2), lane.stem_y(30))
    drawn = notes(studio).velocity.tolist()
    assert drawn[0] == pytest.approx(20, abs=2)
    assert drawn[1] == pytest.approx(110, abs=2)
    assert drawn[2] == pytest.approx(30, abs=2)
    assert drawn[3] == 100
    assert steps(studio) == 1
