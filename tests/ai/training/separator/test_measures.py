"""Figures of stems, against their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from studio.ai.requests import STEMS
from studio.ai.training.separator.measures import Measures, sdr_db, si_sdr_db
from tests.ai.training.separator.small import sounds


def test_a_tenth_of_noise_is_twenty_decibels() -> None:
    rng = np.random.default_rng(0)
    sound, noise = rng.standard_normal((2, 2, 44100))
    assert sdr_db(sound, sound + 0.1 * noise) == pytest.approx(20, abs=0.1)
    assert si_sdr_db(sound, 0.5 * (sound + 0.1 * noise)) == pytest.approx(20, abs=0.1)
    assert sdr_db(sound, 0.5 * sound) == pytest.approx(10 * np.log10(4), abs=1e-6)
    assert si_sdr_db(sound, 0.5 * sound) > 100


def test_a_silent_stem_has_leakage_and_no_ratio() -> None:
    stems = sounds(0, 1)
    stems[2] = 0
    found = stems.copy()
    found[2] = 0.01 * stems.sum(0)
    measures = Measures()
    measures.add(stems, found)
    told = measures.told()
    assert list(told) == list(STEMS)
    assert told["vocals"] == {"leakage": pytest.approx(-40, abs=0.01)}
    assert told["drums"]["sdr"] > 100


def test_a_silent_stretch_tells_nothing() -> None:
    measures = Measures()
    measures.add(np.zeros((4, 2, 100)), np.zeros((4, 2, 100)))
    assert not any(measures.told().values())
