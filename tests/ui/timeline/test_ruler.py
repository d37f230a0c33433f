"""The ruler: seeking, looping, sections."""

from __future__ import annotations

import pytest

from studio.domain.project import Marker
from studio.ui.timeline.timeline import Timeline
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import Mouse, escape
from tests.ui.canvas.scene import BAR, BEAT

SECTION_Y, LOOP_Y, SEEK_Y = 6, 23, 40


@pytest.fixture
def mouse(timeline: Timeline) -> Mouse:
    return Mouse(timeline.ruler)


def x(timeline: Timeline, tick: float) -> float:
    return timeline.view.axis.x(tick)


def test_a_click_seeks_to_the_grid(timeline: Timeline, studio: Studio, mouse: Mouse) -> None:
    mouse.click(x(timeline, 1.26 * BAR), SEEK_Y)
    assert studio.playback.position_tick == BAR + BEAT
    mouse.click(x(timeline, 2.01 * BAR), LOOP_Y)
    assert studio.playback.position_tick == 2 * BAR
    assert studio.playback.loop is None


def test_a_drag_in_the_upper_half_makes_a_loop(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    mouse.drag((x(timeline, 3 * BAR), LOOP_Y), (x(timeline, 1.02 * BAR), LOOP_Y))
    assert studio.playback.loop == (BAR, 3 * BAR)
    assert studio.playback.loop_on


def test_the_loop_is_moved_and_its_edges_are_dragged(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    studio.playback.set_loop((BAR, 2 * BAR))
    mouse.drag((x(timeline, 1.5 * BAR), LOOP_Y), (x(timeline, 2.5 * BAR), LOOP_Y))
    assert studio.playback.loop == (2 * BAR, 3 * BAR)
    mouse.drag((x(timeline, 3 * BAR), LOOP_Y), (x(timeline, 4 * BAR), LOOP_Y))
    assert studio.playback.loop == (2 * BAR, 4 * BAR)
    mouse.drag((x(timeline, 2 * BAR), LOOP_Y), (x(timeline, BAR), LOOP_Y))
    assert studio.playback.loop == (BAR, 4 * BAR)


def test_escape_leaves_the_loop_as_it_was(timeline: Timeline, studio: Studio, mouse: Mouse) -> None:
    studio.playback.set_loop((BAR, 2 * BAR))
    mouse.hold((x(timeline, 1.5 * BAR), LOOP_Y), (x(timeline, 3.5 * BAR), LOOP_Y))
    assert timeline.ruler.loop_shown() == (3 * BAR, 4 * BAR)
    escape(timeline.ruler)
    mouse.release(5, 5)
    assert studio.playback.loop == (BAR, 2 * BAR)


def test_a_click_on_a_section_goes_to_its_start(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    mouse.click(x(timeline, 3 * BAR), SECTION_Y)
    assert studio.playback.position_tick == 2 * BAR


def test_the_border_of_a_section_is_dragged_in_one_step(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    mouse.drag((x(timeline, 2 * BAR), SECTION_Y), (x(timeline, 3 * BAR), SECTION_Y))
    assert studio.song.project.markers == (Marker(0, "Verse"), Marker(3 * BAR, "Chorus"))
    assert len(studio.song.steps) == 1


def test_sections_reach_to_the_next_one_and_the_last_to_the_end(timeline: Timeline) -> None:
    names = [(marker.name, marker.tick, end) for marker, end in timeline.ruler.sections()]
    assert names[0] == ("Verse", 0, 2 * BAR)
    assert names[1][:2] == ("Chorus", 2 * BAR)
    assert names[1][2] >= 4 * BAR
