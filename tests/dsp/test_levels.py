"""Decibels, pan, fades."""

from __future__ import annotations

import numpy as np
import pytest

from studio.dsp.levels import decibels, fade, gain, pan_gains


def test_decibels_and_factors_are_inverse() -> None:
    db = np.array([-60.0, -6.0, 0.0, 6.0])
    assert decibels(gain(db)) == pytest.approx(db)
    assert gain(-6.0206) == pytest.approx(0.5, rel=1e-4)


def test_silence_has_an_end() -> None:
    assert gain([-120.0, -200.0]).tolist() == [0.0, 0.0]
    assert decibels(0.0) == -120.0


def test_a_pan_keeps_the_power_and_is_even() -> None:
    pans = np.linspace(-1, 1, 21)
    gains = pan_gains(pans)
    assert (gains**2).sum(axis=0) == pytest.approx(np.full(21, 2.0))
    assert gains[0] == pytest.approx(gains[1][::-1])
    assert pan_gains(0.0).tolist() == [1.0, 1.0]
    assert pan_gains(-1.0)[1] == 0.0


def test_a_fade_in_and_its_fade_out_keep_the_power() -> None:
    positions = np.arange(-10, 510)
    up, down = fade(positions, 500), fade(499 - positions, 500)
    assert (up**2 + down**2) == pytest.approx(np.ones(520), abs=1e-6)
    assert up[:10].max() == 0.0
    assert up[-10:].min() == 1.0
    assert np.all(np.diff(up) >= 0)


def test_a_fade_of_nothing_is_a_step() -> None:
    assert fade([-1, 0], 0).tolist() == [0.0, 1.0]
