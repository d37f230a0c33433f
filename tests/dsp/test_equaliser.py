"""The equaliser's curves, measured."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import sosfreqz

from studio.dsp.biquads import (
    equaliser_sections,
    high_shelf,
    low_cut,
    low_shelf,
    peak,
    response_db,
)
from studio.dsp.equaliser import Equaliser

RATE = 48000
FLAT = {
    "low_cut_hz": 20.0, "low_db": 0.0, "low_hz": 120.0, "mid_db": 0.0, "mid_hz": 1000.0,
    "mid_q": 1.0, "high_db": 0.0, "high_hz": 6000.0,
}  # fmt: skip


def db_at(section: np.ndarray, hz: float) -> float:
    _, response = sosfreqz(section[None], worN=[2 * np.pi * hz / RATE])
    return float(20 * np.log10(abs(response[0])))


def test_each_section_does_what_it_says() -> None:
    assert db_at(peak(1000, 6.0, 2.0, RATE), 1000) == pytest.approx(6.0, abs=0.01)
    assert db_at(peak(1000, 6.0, 2.0, RATE), 30) == pytest.approx(0.0, abs=0.05)
    assert db_at(low_shelf(200, -9.0, RATE), 10) == pytest.approx(-9.0, abs=0.05)
    assert db_at(low_shelf(200, -9.0, RATE), 8000) == pytest.approx(0.0, abs=0.05)
    assert db_at(high_shelf(4000, 5.0, RATE), 22000) == pytest.approx(5.0, abs=0.05)
    assert db_at(high_shelf(4000, 5.0, RATE), 60) == pytest.approx(0.0, abs=0.05)
    assert db_at(low_cut(100, RATE), 100) == pytest.approx(-3.01, abs=0.05)
    assert db_at(low_cut(100, RATE), 25) == pytest.approx(-24.1, abs=0.3)


def test_flat_changes_no_sample_and_blocks_change_nothing() -> None:
    sound = (np.random.default_rng(1).standard_normal((2, 4096)) * 0.3).astype(np.float32)
    equaliser, out = Equaliser(RATE), sound.copy()
    equaliser.turn(**FLAT)
    equaliser.process(out)
    assert np.array_equal(out, sound)
    found = []
    for block in (64, 4096):
        equaliser, out = Equaliser(RATE), sound.copy()
        equaliser.turn(**{**FLAT, "mid_db": 6.0, "low_cut_hz": 80.0})
        for start in range(0, 4096, block):
            equaliser.process(out[:, start : start + block])
        found.append(out)
    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], sound)


def test_the_curve_that_is_drawn_is_what_a_tone_meets() -> None:
    knobs = FLAT | {"low_cut_hz": 80.0, "low_db": 4.0, "mid_db": -6.0, "high_db": 3.0}
    every, used = equaliser_sections(RATE, **knobs)
    hz = np.array([40.0, 200.0, 1000.0, 9000.0])
    drawn = response_db(every[used], hz, RATE)
    assert drawn == pytest.approx([sum(db_at(s, f) for s in every[used]) for f in hz], abs=1e-6)
    assert response_db(every[:0], hz, RATE).tolist() == [0.0] * 4
    equaliser = Equaliser(RATE)
    equaliser.turn(**knobs)
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)
    sound = np.stack([tone, tone])
    equaliser.process(sound)
    level = 20 * np.log10(np.abs(sound[0, RATE // 2 :]).max())
    assert level == pytest.approx(drawn[2], abs=0.05)
