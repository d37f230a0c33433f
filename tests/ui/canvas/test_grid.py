"""Lines of bars, beats and parts."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.tempo import TempoMap
from studio.ui.canvas.axis import TimeAxis
from studio.ui.canvas.grid import LEAST_BAR_PX, bar_stride, grid_lines

BAR, BEAT = 3840, 960
MIXED = TempoMap.constant(120).with_meter(2 * BAR, 3, 4).with_meter(2 * BAR + 9 * BEAT, 7, 8)


@given(st.floats(1, 4000), st.integers(0, 10 * BAR), st.sampled_from([120, 240, 480, 960]))
def test_no_line_is_drawn_twice_or_out_of_sight(px_a_bar: float, left: int, part: int) -> None:
    axis = TimeAxis(px_a_bar / BAR)
    axis.left = float(left)
    lines = grid_lines(MIXED, axis, part)
    every = np.concatenate([lines.bars, lines.beats, lines.parts])
    start, end = axis.span
    assert len(np.unique(every)) == len(every)
    assert not len(every) or (every.min() >= start and every.max() < end)


def test_bars_are_where_the_tempo_map_says() -> None:
    axis = TimeAxis(100 / BAR)
    lines = grid_lines(MIXED, axis, BEAT)
    assert lines.bars.tolist() == MIXED.bar_starts(*axis.span)


def test_far_away_only_some_bars_have_lines() -> None:
    axis = TimeAxis(1 / BAR)
    bars = grid_lines(TempoMap.constant(120), axis, BAR).bars
    assert np.diff(axis.xs(bars)).min() >= LEAST_BAR_PX


@given(st.floats(0.01, 500), st.floats(1, 100))
def test_a_stride_is_the_least_power_of_two_that_leaves_room(bar_px: float, least: float) -> None:
    stride = bar_stride(bar_px, least)
    assert stride & (stride - 1) == 0
    assert bar_px * stride >= least
    assert stride == 1 or bar_px * stride / 2 < least
