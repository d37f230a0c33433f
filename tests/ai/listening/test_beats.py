"""The bar pointer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.listening import beats
from studio.ai.listening.heard import Floats, Seconds

FPS = 50.0


def activation(seconds: Seconds, meter: int, length: float) -> Floats:
    """Likely at each of `seconds`, the first of each bar as a downbeat."""
    found = np.full((round(length * FPS), 2), 0.01, np.float32)
    for index, second in enumerate(seconds):
        column = 1 if index % meter == 0 else 0
        found[round(second * FPS) - 1 : round(second * FPS) + 2, column] = (0.2, 0.9, 0.2)
    return found


@pytest.mark.parametrize("meter", [3, 4])
@pytest.mark.parametrize("bpm", [80.0, 97.0, 120.0, 140.0])
def test_a_steady_beat_is_found_with_its_bars(bpm: float, meter: int) -> None:
    seconds = np.arange(0.3, 20.0, 60.0 / bpm)
    found, places, counted = beats.track(activation(seconds, meter, 20.5), FPS, (3, 4))
    assert len(found) == len(seconds)
    assert np.abs(found - seconds).max() <= 0.5 / FPS + 1e-6
    assert counted == meter
    assert places.tolist() == [index % meter for index in range(len(seconds))]
    assert beats.bpm_of(found) == pytest.approx(bpm, rel=0.01)


def test_a_tempo_that_drifts_is_followed() -> None:
    gaps = 60.0 / np.linspace(100.0, 118.0, 60)
    seconds = 0.5 + np.cumsum(gaps) - gaps[0]
    found, _, _ = beats.track(activation(seconds, 4, float(seconds[-1]) + 1.0), FPS, (4,))
    assert len(found) == len(seconds)
    assert np.abs(found - seconds).max() < 0.03


def test_a_beat_that_is_not_heard_is_counted_all_the_same() -> None:
    seconds = np.arange(0.2, 15.0, 0.5)
    heard = np.delete(seconds, [7, 8, 15])
    likely = activation(heard, 1, 15.5).sum(axis=1, keepdims=True) * np.array([[1.0, 0.0]])
    found, _, _ = beats.track(likely.astype(np.float32), FPS, (1,))
    assert len(found) == len(seconds)


def test_where_nothing_beats_there_are_no_beats() -> None:
    found, places, _ = beats.track(np.full((500, 2), 0.001, np.float32), FPS, (3, 4))
    assert len(found) == len(places) == 0
    assert beats.bpm_of(found) == 0.0


@given(st.integers(0, 2**32 - 1), st.integers(2, 400))
@settings(max_examples=25, deadline=None)
def test_beats_rise_at_tempos_that_are_tried(seed: int, frames: int) -> None:
    rng = np.random.default_rng(seed)
    likely = rng.dirichlet((0.4, 0.2, 3.0), frames)[:, :2].astype(np.float32)
    found, places, meter = beats.track(likely, FPS, (3, 4))
    assert (np.diff(found) > 0).all()
    assert set(places) <= set(range(meter))
    steps = (np.diff(places) - 1) % meter
    assert not steps.any()  # no place of the bar is left out


def test_beats_that_are_doubled_have_one_between_every_two() -> None:
    found = beats.doubled(np.arange(0.0, 12.0, 1.0))
    assert found.tolist() == np.arange(0.0, 11.5, 0.5).tolist()


def test_what_is_heard_as_a_downbeat_stands_out() -> None:
    seconds = np.arange(0.3, 20.0, 0.5)
    likely = activation(seconds, 4, 20.5)
    tilt = beats.tilt(likely, FPS, seconds)
    assert set(np.flatnonzero(tilt > 0)) == set(range(0, len(seconds), 4))
    assert abs(tilt.mean()) < 1e-9
    nothing = beats.tilt(np.zeros_like(likely), FPS, seconds)
    assert not nothing.any()
    assert not len(beats.tilt(likely, FPS, np.zeros(0)))
