"""The limiter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.dsp.limiter import STEP_FRAMES, Limiter

RATE = 48000


def limited(sound: np.ndarray, ceiling: float, block: int) -> np.ndarray:
    limiter, out = Limiter(RATE), sound.astype(np.float32).copy()
    limiter.turn(ceiling, 0.1)
    for start in range(0, out.shape[1], block):
        limiter.process(out[:, start : start + block])
    return out


@given(st.integers(0, 1000), st.floats(0.05, 1.0), st.floats(0.1, 30.0))
def test_nothing_passes_the_ceiling(seed: int, ceiling: float, loud: float) -> None:
    sound = np.random.default_rng(seed).standard_normal((2, 20 * 64)) * loud
    sound[:, :: 1 + seed % 300] *= 10
    out = limited(sound, ceiling, 64 * (1 + seed % 5) if (20 % (1 + seed % 5)) == 0 else 64)
    assert np.abs(out).max() <= ceiling * (1 + 1e-5)


def test_what_is_below_the_ceiling_is_only_delayed() -> None:
    sound = (np.random.default_rng(1).standard_normal((2, 4096)) * 0.1).astype(np.float32)
    out = limited(sound, 0.9, 512)
    assert np.array_equal(out[:, STEP_FRAMES:], sound[:, :-STEP_FRAMES])
    assert Limiter.latency_frames == STEP_FRAMES


def test_blocks_change_nothing() -> None:
    sound = np.random.default_rng(2).standard_normal((2, 8192)) * 3.0
    wanted = limited(sound, 0.5, 64)
    for block in (128, 1024, 8192):
        assert np.array_equal(limited(sound, 0.5, block), wanted)


def test_it_lets_go_after_a_peak() -> None:
    sound = np.full((2, RATE), 0.4)
    sound[:, 1000] = 4.0
    out = limited(sound, 0.5, 64)[0]
    assert out[1000 + 64] == pytest.approx(0.5, rel=1e-4)
    assert out[1500] < 0.2
    assert out[-1] == pytest.approx(0.4, rel=1e-3)


def test_both_sides_are_turned_down_alike() -> None:
    sound = np.zeros((2, 4096))
    sound[0], sound[1] = 2.0, 0.1
    out = limited(sound, 0.5, 64)
    assert out[1, 1000] / out[0, 1000] == pytest.approx(0.05, rel=1e-4)
