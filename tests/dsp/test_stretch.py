"""Time-stretching."""

from __future__ import annotations

import numpy as np
import pytest

from studio.dsp.stretch import stretch

RATE = 48000


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.5])
def test_length_changes_and_pitch_stays(factor: float) -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE).astype(np.float32) * 0.3
    out = stretch(np.stack([tone, tone]), RATE, factors=np.full(2 * RATE, factor))
    assert out.shape[0] == 2
    assert out.shape[1] == pytest.approx(2 * RATE / factor, rel=0.02)
    middle = out[0, RATE // 4 : RATE // 4 + RATE // 2]
    hz = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 1 << 18)).argmax() * RATE / (1 << 18)
    assert hz == pytest.approx(440.0, abs=2.0)


def test_the_factor_may_change_on_the_way() -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE).astype(np.float32) * 0.3
    factors = np.repeat([0.5, 2.0], RATE)
    out = stretch(tone[None], RATE, factors=factors)
    assert out.shape[1] == pytest.approx(2 * RATE + RATE / 2, rel=0.05)
