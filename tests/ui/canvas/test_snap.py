"""Where edges land."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.tempo import TempoMap
from studio.ui.canvas.axis import TimeAxis
from studio.ui.canvas.snap import ADAPTIVE_PX, GRIDS, Snap, adaptive_step

BAR, BEAT = 3840, 960
FOUR = TempoMap.constant(120)
WALTZ_AFTER_TWO = FOUR.with_meter(2 * BAR, 3, 4)


def axis_of(px_a_bar: float) -> TimeAxis:
    return TimeAxis(px_a_bar / BAR)


@pytest.mark.parametrize(
    ("px_a_bar", "step"),
    [(4, 4 * BAR), (16, BAR), (60, BEAT), (250, BEAT // 4), (5000, BEAT // 16)],
)
def test_the_adaptive_grid_follows_the_zoom(px_a_bar: float, step: int) -> None:
    assert adaptive_step(FOUR, 0, px_a_bar / BAR) == step


@given(st.floats(2, 20000), st.integers(0, 20 * BAR))
def test_an_adaptive_step_is_never_too_narrow_to_aim_at(px_a_bar: float, tick: int) -> None:
    scale = px_a_bar / BAR
    assert adaptive_step(WALTZ_AFTER_TWO, tick, scale) * scale >= ADAPTIVE_PX


@given(st.sampled_from([grid.id for grid in GRIDS]), st.integers(0, 12 * BAR), st.floats(20, 2000))
def test_a_landing_is_at_most_half_a_step_away_and_lands_on_itself(
    grid: str, tick: int, px_a_bar: float
) -> None:
    snap, axis = Snap(), axis_of(px_a_bar)
    snap.set_grid(grid)
    landed = snap.land(WALTZ_AFTER_TWO, tick, axis).tick
    step = snap.step(WALTZ_AFTER_TWO, tick, axis.scale)
    assert abs(landed - tick) <= step
    assert snap.land(WALTZ_AFTER_TWO, landed, axis).tick == landed


def test_bars_of_a_later_meter_are_where_its_bars_are() -> None:
    snap = Snap()
    snap.set_grid("bar")
    assert snap.land(WALTZ_AFTER_TWO, 2 * BAR + 3000, axis_of(100)).tick == 2 * BAR + 3 * BEAT


def test_triplets_divide_a_half_into_three() -> None:
    snap = Snap()
    snap.set_grid("1/4t")
    assert [snap.land(FOUR, t, axis_of(100)).tick for t in (600, 1300, 1900)] == [640, 1280, 1920]


def test_a_clip_edge_nearby_wins_over_the_grid() -> None:
    snap, axis = Snap(), axis_of(384)  # 10 ticks a pixel
    edges = np.array([1000])
    near = snap.land(FOUR, 1010, axis, edges)
    assert (near.tick, near.on_element) == (1000, True)
    far = snap.land(FOUR, 1150, axis, edges)
    assert (far.tick, far.on_element) == (1200, False)


def test_elements_can_be_switched_off_by_themselves() -> None:
    snap = Snap()
    snap.set_elements(False)
    assert snap.land(FOUR, 1010, axis_of(384), np.array([1000])).tick == 960


def test_nothing_snaps_while_it_is_off_or_passed_by() -> None:
    snap, axis = Snap(), axis_of(100)
    assert snap.land(FOUR, 1234, axis, bypass=True).tick == 1234
    snap.toggle()
    landing = snap.land(FOUR, 1234, axis)
    assert (landing.tick, landing.snapped) == (1234, False)
    snap.set_grid("1/4")
    assert snap.on


def test_an_unknown_grid_is_refused() -> None:
    with pytest.raises(KeyError):
        Snap().set_grid("1/7")
