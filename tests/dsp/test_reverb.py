"""The hall."""

from __future__ import annotations

import numpy as np
import pytest

from studio.dsp.reverb import Reverb

RATE = 48000


def answer(seconds: float = 3.0, block: int = 1024, rate: int = RATE, **knobs: float) -> np.ndarray:
    """What comes back from a click on both sides, shape [2, frames]."""
    reverb = Reverb(rate)
    setting = {"decay_seconds": 1.8, "predelay_ms": 18.0, "damping_hz": 6500.0, "low_cut_hz": 180.0}
    reverb.turn(**{**setting, **knobs})
    sound = np.zeros((2, round(seconds * rate)), np.float32)
    sound[:, 0] = 1.0
    parts = [reverb.process(sound[:, i : i + block]) for i in range(0, sound.shape[1], block)]
    return np.concatenate(parts, axis=1)


def fallen_db(sound: np.ndarray, start: float, end: float) -> float:
    """How much the remaining energy falls between two times (Schroeder's integral)."""
    left = np.cumsum(sound[0, ::-1].astype(np.float64) ** 2)[::-1]
    return float(10 * np.log10(left[round(start * RATE)] / left[round(end * RATE)]))


@pytest.mark.parametrize("decay", [0.8, 1.8, 3.0])
def test_it_decays_in_the_time_it_is_told(decay: float) -> None:
    sound = answer(2 * decay, decay_seconds=decay, damping_hz=18000.0, low_cut_hz=20.0)
    fallen = fallen_db(sound, 0.15 * decay, 0.65 * decay)
    assert fallen == pytest.approx(30.0, rel=0.15)


def test_damping_makes_high_sounds_die_first() -> None:
    sound = answer(2.0, damping_hz=3000.0)[0]
    early, late = (np.abs(np.fft.rfft(sound[a : a + RATE // 4])) ** 2 for a in (4800, 48000))

    def high_part(power: np.ndarray) -> float:
        return float(power[4000 // 4 :].sum() / power.sum())

    assert high_part(late) < 0.2 * high_part(early)


def test_it_waits_for_the_predelay_and_answers_on_both_sides_differently() -> None:
    sound = answer(1.0, predelay_ms=40.0)
    assert not sound[:, : round(0.04 * RATE)].any()
    part = sound[:, RATE // 10 :]
    alike = float(np.corrcoef(part)[0, 1])
    assert abs(alike) < 0.3


def test_it_is_dense_and_does_not_ring() -> None:
    """After 150 ms echoes are many (the sound is noise-like), and no tone stands out."""
    sound = answer(2.0)[0, round(0.15 * RATE) : round(0.65 * RATE)].astype(np.float64)
    envelope = np.exp(-6.9 / 1.8 * np.arange(len(sound)) / RATE)
    level = sound / envelope
    kurtosis = float(((level - level.mean()) ** 4).mean() / level.var() ** 2)
    assert kurtosis < 6.0  # noise has 3, single echoes far more
    power = np.abs(np.fft.rfft(level * np.hanning(len(level)))) ** 2
    band = power[200:2500]
    around = np.convolve(band, np.full(101, 1 / 101), mode="same")
    assert (band[50:-50] / around[50:-50]).max() < 40.0


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
def test_blocks_change_nothing(rate: int) -> None:
    wanted = answer(0.5, 64, rate, predelay_ms=120.0)
    for block in (100, 4096, 24000):
        assert np.array_equal(answer(0.5, block, rate, predelay_ms=120.0), wanted)


def test_it_is_linear() -> None:
    random = np.random.default_rng(1)
    one, two = (random.standard_normal((2, 8192)).astype(np.float32) for _ in range(2))
    apart = Reverb(RATE).process(one) + Reverb(RATE).process(two)
    assert np.abs(Reverb(RATE).process(one + two) - apart).max() < 1e-5


def test_it_is_about_as_loud_as_what_goes_in() -> None:
    sound = (np.random.default_rng(1).standard_normal((2, 2 * RATE)) * 0.1).astype(np.float32)
    out = Reverb(RATE).process(sound)[:, RATE:]
    assert 0.05 < np.sqrt((out**2).mean()) < 0.2
