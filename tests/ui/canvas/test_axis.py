"""Ticks and pixels: one axis for all parts of a view."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ui.canvas.axis import LEAST_SCALE, MOST_SCALE, Follow, RowAxis, TimeAxis

BAR = 3840
scales = st.floats(LEAST_SCALE * 10, MOST_SCALE / 10)
lefts = st.floats(0, 1e6)


@given(scales, lefts, st.integers(0, 10**6))
def test_a_tick_is_found_again_where_it_is_shown(scale: float, left: float, tick: int) -> None:
    axis = TimeAxis(scale)
    axis.left = left
    assert axis.tick(axis.x(tick)) == tick
    assert axis.xs([tick])[0] == axis.x(tick)


@given(scales, lefts, st.floats(0, 800), st.floats(0.2, 5))
def test_zooming_leaves_the_tick_under_the_mouse_in_place(
    scale: float, left: float, x: float, factor: float
) -> None:
    axis = TimeAxis(scale)
    axis.left = left
    under = axis.left + x / axis.scale
    axis.zoom(factor, x)
    at_the_start = axis.left == 0.0
    assert at_the_start or axis.x(under) == pytest.approx(x, abs=1e-3)


def test_the_view_stays_between_the_start_and_the_end_of_the_song() -> None:
    axis = TimeAxis()
    axis.set_end(20 * BAR)
    axis.scroll_by(-500)
    assert axis.left == 0
    axis.scroll_by(1e9)
    assert axis.left == 20 * BAR


def test_back_returns_to_the_view_before_showing_a_range() -> None:
    axis = TimeAxis()
    axis.scroll_to(BAR)
    before = (axis.left, axis.scale)
    axis.show(4 * BAR, 8 * BAR)
    start, end = axis.span
    assert start <= 4 * BAR
    assert end >= 8 * BAR
    assert end - start < 4.5 * BAR
    axis.back()
    assert (axis.left, axis.scale) == before
    assert not axis.can_go_back


@pytest.mark.parametrize(
    ("follow", "left"), [(Follow.OFF, 0.0), (Follow.PAGE, None), (Follow.CENTRED, None)]
)
def test_the_view_follows_the_playhead_as_chosen(follow: Follow, left: float | None) -> None:
    axis = TimeAxis()
    axis.set_end(100 * BAR)
    axis.follow = follow
    tick = 50 * BAR
    axis.keep_in_sight(tick)
    x = axis.x(tick)
    if follow is Follow.OFF:
        assert axis.left == left
    elif follow is Follow.PAGE:
        assert 0 < x < axis.width * 0.1
        page = axis.left
        axis.keep_in_sight(tick + BAR)
        assert axis.left == page
    else:
        assert x == pytest.approx(axis.width / 2)


def test_an_axis_tells_of_a_change_and_only_of_a_change(qapp: Any) -> None:
    axis = TimeAxis()
    heard: list[int] = []
    axis.changed.connect(lambda: heard.append(1))
    axis.scroll_by(0)
    axis.set_width(axis.width)
    assert heard == []
    axis.scroll_by(10)
    assert heard == [1]


@given(st.floats(4, 40), st.floats(0, 1000), st.floats(0, 400))
def test_a_row_is_found_again_where_it_is_shown(height: float, top: float, y: float) -> None:
    rows = RowAxis(128, height, least=4, most=40)
    rows.scroll_to(top)
    row = rows.row(y)
    inside = rows.y(row) - 1e-6 <= y <= rows.y(row + 1) + 1e-6
    assert inside or row == 127


def test_rows_zoom_around_the_mouse_within_their_limits() -> None:
    rows = RowAxis(128, 13, least=4, most=40)
    rows.scroll_to(600)
    under = (200 + rows.top) / rows.row_height
    rows.zoom(1.5, 200)
    assert under * rows.row_height - rows.top == pytest.approx(200)
    rows.zoom(100, 200)
    assert rows.row_height == 40
    rows.zoom(0.001, 0)
    assert rows.row_height == 4
    assert rows.top == min(rows.top, rows.farthest)


@pytest.mark.parametrize(("height", "top"), [(135, 0.0), (130, 20.0)])
def test_a_row_is_revealed_only_where_most_of_it_is_hidden(height: int, top: float) -> None:
    rows = RowAxis(3, 50, least=4, most=50)
    rows.set_height(height)
    rows.reveal(2, most=True)
    assert rows.top == top
