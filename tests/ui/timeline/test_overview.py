"""The whole song in a strip."""

from __future__ import annotations

import pytest

from studio.ui.timeline.timeline import Timeline
from tests.ui.canvas.hands import Mouse, differs, escape, pixel
from tests.ui.canvas.scene import BAR


@pytest.fixture
def mouse(timeline: Timeline) -> Mouse:
    timeline.view.axis.show(BAR, 2 * BAR)
    return Mouse(timeline.overview)


def test_dragging_the_frame_goes_elsewhere(timeline: Timeline, mouse: Mouse) -> None:
    overview, axis = timeline.overview, timeline.view.axis
    frame, left, scale = overview.frame(), axis.left, axis.scale
    middle = frame.center()
    mouse.drag((middle.x(), middle.y()), (middle.x() + overview.px(BAR), middle.y()))
    assert axis.left == pytest.approx(left + BAR, rel=0.05)
    assert axis.scale == scale


def test_dragging_an_edge_zooms_and_leaves_the_other_edge(timeline: Timeline, mouse: Mouse) -> None:
    overview, axis = timeline.overview, timeline.view.axis
    frame, left, scale = overview.frame(), axis.left, axis.scale
    mouse.drag((frame.right(), 10), (frame.right() + overview.px(BAR), 10))
    assert axis.left == pytest.approx(left, rel=0.02)
    assert axis.scale == pytest.approx(scale / 2, rel=0.1)


def test_escape_returns_to_where_it_was(timeline: Timeline, mouse: Mouse) -> None:
    axis = timeline.view.axis
    before = (axis.left, axis.scale)
    frame = timeline.overview.frame()
    mouse.hold((frame.left(), 10), (frame.left() - 60, 10))
    assert axis.left < before[0]
    escape(timeline.overview)
    assert (axis.left, axis.scale) == pytest.approx(before)


def test_a_double_click_shows_the_whole_song(timeline: Timeline, mouse: Mouse) -> None:
    mouse.double_click(100, 10)
    assert timeline.view.axis.left == 0
    assert timeline.view.axis.span[1] >= 4 * BAR


def test_every_track_has_a_stripe_where_its_clips_are(timeline: Timeline) -> None:
    timeline.view.axis.show(0, 8 * BAR)
    overview = timeline.overview
    filled = pixel(overview, overview.px(BAR), 5)
    empty = pixel(overview, overview.px(6 * BAR), 5)
    assert differs(filled, empty) > 40
