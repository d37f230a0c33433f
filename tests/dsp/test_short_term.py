"""Short-term and endless loudness, against the test signals of EBU Tech 3341."""

from __future__ import annotations

import numpy as np
import pytest

from studio.dsp.loudness import SILENT_LUFS, LoudnessMeter, ProgrammeMeter, ShortTermMeter

RATE = 48000


def sine(level_db: float, seconds: float) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    tone = 10 ** (level_db / 20) * np.sin(2 * np.pi * 1000 * time)
    return np.stack([tone, tone], axis=1).astype(np.float32)


@pytest.mark.parametrize("level_db", [-23.0, -33.0])
@pytest.mark.parametrize("block", [256, 1000, 48000])
def test_a_stereo_sine_reads_its_level(level_db: float, block: int) -> None:
    meter = ShortTermMeter(RATE)
    sound = sine(level_db, 4)
    for start in range(0, len(sound), block):
        lufs = meter.add(sound[start : start + block])
    assert lufs == pytest.approx(level_db, abs=0.1)


def test_it_forgets_after_three_seconds() -> None:
    meter = ShortTermMeter(RATE)
    meter.add(sine(-10, 3))
    assert meter.add(np.zeros((round(3.1 * RATE), 2), np.float32)) == SILENT_LUFS


def test_silence_before_counts_as_silence() -> None:
    meter = ShortTermMeter(RATE)
    assert meter.add(sine(-20, 1.5)) == pytest.approx(-23.0, abs=0.15)


@pytest.mark.parametrize("levels", [[-20.0], [0.0, -12.0, -55.0, -3.3, -19.7], [-60.0, -69.0]])
def test_a_meter_that_goes_on_and_on_agrees_with_one_that_keeps_all(levels: list[float]) -> None:
    whole = np.concatenate([sine(level, 0.7) for level in levels])
    endless, keeping = ProgrammeMeter(RATE), LoudnessMeter(RATE)
    for start in range(0, len(whole), 5000):
        endless.add(whole[start : start + 5000])
    keeping.add(whole)
    assert endless.integrated_lufs == pytest.approx(keeping.integrated_lufs, abs=0.02)
    assert endless.true_peak_db == pytest.approx(keeping.true_peak_db, abs=0.01)


def test_the_parts_that_are_far_below_do_not_count() -> None:
    meter = ProgrammeMeter(RATE)
    for level in (-40.0, -23.0, -40.0):
        meter.add(sine(level, 10))
    assert meter.integrated_lufs == pytest.approx(-23.0, abs=0.2)
    meter.reset()
    assert (meter.integrated_lufs, meter.true_peak_db) == (SILENT_LUFS, -120.0)
