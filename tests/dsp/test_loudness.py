"""Loudness beside a library that measures whole files."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest

from studio.dsp.loudness import SILENT_LUFS, LoudnessMeter

RATE = 48000


def metered(sound: np.ndarray, block: int = 1000) -> LoudnessMeter:
    meter = LoudnessMeter(RATE)
    for start in range(0, len(sound), block):
        meter.add(sound[start : start + block].astype(np.float32))
    return meter


@pytest.mark.parametrize("block", [64, 4096, 500_000])
def test_it_agrees_with_pyloudnorm(block: int) -> None:
    random = np.random.default_rng(1)
    sound = random.standard_normal((6 * RATE, 2)) * 0.1
    sound[2 * RATE : 4 * RATE] *= 0.01  # a pause that the gate leaves out
    wanted = pyloudnorm.Meter(RATE).integrated_loudness(sound)
    assert metered(sound, block).integrated_lufs == pytest.approx(wanted, abs=0.05)


def test_a_tone_of_1_khz_at_full_scale_measures_0_lufs_in_stereo() -> None:
    """EBU Tech 3341: a stereo sine at -23 dBFS measures -23 LUFS."""
    tone = np.sin(2 * np.pi * 1000 * np.arange(5 * RATE) / RATE) * 10 ** (-23 / 20)
    assert metered(np.stack([tone, tone], axis=1)).integrated_lufs == pytest.approx(-23.0, abs=0.1)


def test_silence_has_no_loudness() -> None:
    meter = metered(np.zeros((RATE, 2)))
    assert meter.integrated_lufs == SILENT_LUFS
    assert meter.true_peak_db == meter.peak_db == -120.0
    assert LoudnessMeter(RATE).integrated_lufs == SILENT_LUFS


def test_a_peak_between_samples_is_found() -> None:
    """A sine at a quarter of the rate, sampled 45 degrees off its peaks, reaches 3 dB more."""
    tone = np.sin(np.pi / 2 * np.arange(RATE) + np.pi / 4) * 0.5
    meter = metered(np.stack([tone, tone], axis=1), 777)
    assert meter.peak_db == pytest.approx(-9.03, abs=0.01)
    assert meter.true_peak_db == pytest.approx(-6.02, abs=0.2)
