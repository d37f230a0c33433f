"""Selecting clips, tracks and ranges."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.ui.timeline.timeline import Timeline
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import CTRL, Mouse, escape
from tests.ui.canvas.scene import BAR, BASS, PIANO, RAIN
from tests.ui.timeline.places import BASS_CLIP, CHORUS, RAIN_CLIP, VERSE, at


@pytest.fixture
def mouse(timeline: Timeline) -> Mouse:
    return Mouse(timeline.lanes)


def test_a_click_selects_one_clip_and_opens_its_notes(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    mouse.click(*at(timeline, BAR, 0))
    assert studio.selection.clips == {VERSE}
    assert studio.selection.note_clip == VERSE
    assert studio.selection.tracks == (PIANO,)
    mouse.click(*at(timeline, BAR, 1))
    assert studio.selection.clips == {BASS_CLIP}


def test_ctrl_click_adds_and_takes_away(timeline: Timeline, studio: Studio, mouse: Mouse) -> None:
    mouse.click(*at(timeline, BAR, 0))
    mouse.click(*at(timeline, BAR, 1), CTRL)
    assert studio.selection.clips == {VERSE, BASS_CLIP}
    mouse.click(*at(timeline, BAR, 0), CTRL)
    assert studio.selection.clips == {BASS_CLIP}


def test_a_click_on_an_empty_lane_selects_nothing(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    studio.selection.set_clips({VERSE})
    mouse.click(*at(timeline, 6 * BAR, 1))
    assert studio.selection.clips == frozenset()
    assert studio.selection.tracks == (BASS,)


def test_a_rubber_band_selects_what_it_touches(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    mouse.drag(at(timeline, 5 * BAR, 2), at(timeline, 2.5 * BAR, 0))
    assert studio.selection.clips == {CHORUS, RAIN_CLIP}
    assert studio.selection.span is None


def test_ctrl_keeps_what_was_selected_before_the_band(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    studio.selection.set_clips({VERSE})
    mouse.drag(at(timeline, 5 * BAR, 2), at(timeline, 2.5 * BAR, 2), CTRL)
    assert studio.selection.clips == {VERSE, RAIN_CLIP}


def test_a_band_over_empty_lanes_marks_a_range_to_write(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    mouse.drag(at(timeline, 4.02 * BAR, 0), at(timeline, 6.03 * BAR, 1))
    assert studio.selection.span == (4 * BAR, 6 * BAR)
    assert studio.selection.span_tracks == (PIANO, BASS)


def test_the_range_tool_marks_a_range_across_clips(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    timeline.set_tool("range")
    mouse.drag(at(timeline, 1.02 * BAR, 0), at(timeline, 3.03 * BAR, 1))
    assert studio.selection.span == (BAR, 3 * BAR)
    assert studio.selection.span_tracks == (PIANO, BASS)
    assert studio.song.steps == ()


def test_escape_during_a_range_drag_brings_the_old_range_back(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    studio.selection.set_span((0, BAR), (PIANO,))
    timeline.set_tool("range")
    mouse.hold(at(timeline, 2 * BAR, 0), at(timeline, 4 * BAR, 2))
    assert studio.selection.span == (2 * BAR, 4 * BAR)
    escape(timeline.lanes)
    assert (studio.selection.span, studio.selection.span_tracks) == ((0, BAR), (PIANO,))


def test_a_drag_in_the_lower_half_of_the_ruler_marks_a_range_on_the_selected_tracks(
    timeline: Timeline, studio: Studio
) -> None:
    ruler = Mouse(timeline.ruler)
    y = timeline.ruler.height() - 5
    x0, x1 = timeline.view.axis.x(BAR), timeline.view.axis.x(3 * BAR)
    ruler.drag((x0, y), (x1, y))
    assert list(studio.selection.span_tracks) == [PIANO, BASS, RAIN]
    studio.selection.set_tracks((BASS,))
    ruler.drag((x0, y), (x1, y))
    assert studio.selection.span == (BAR, 3 * BAR)
    assert list(studio.selection.span_tracks) == [BASS]


def test_return_on_a_range_asks_for_the_prompt(timeline: Timeline, studio: Studio) -> None:
    asked: list[int] = []
    studio.generation.wanted.connect(lambda: asked.append(1))
    QTest.keyClick(timeline.lanes, Qt.Key.Key_Return)
    assert asked == []
    studio.selection.set_span((0, BAR), (PIANO,))
    QTest.keyClick(timeline.lanes, Qt.Key.Key_Return)
    assert asked == [1]


def test_escape_without_a_drag_deselects_all(timeline: Timeline, studio: Studio) -> None:
    studio.selection.set_clips({VERSE})
    studio.selection.set_span((0, BAR), (PIANO,))
    escape(timeline.lanes)
    assert studio.selection.clips == frozenset()
    assert studio.selection.span is None
