"""Beats of recordings that were made to a click, and of those that were not."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.listening.heard import Floats, Seconds
from studio.ai.listening.onsets import FPS, Onsets
from studio.ai.listening.steady import steadied


def struck(beats: Seconds, seed: int = 0) -> Onsets:
    """Strokes on beats and between them, low ones on the beats alone, over noise."""
    frames = round((float(beats[-1]) + 2.0) * FPS)
    noise = np.random.default_rng(seed).uniform(0.0, 0.1, (3, frames)).astype(np.float32)
    between = 0.5 * (beats[:-1] + beats[1:])
    for row, moments, level in ((0, beats, 1.0), (0, between, 0.8), (1, beats, 1.0)):
        at = np.rint(moments * FPS).astype(np.int64)
        noise[row, at] += level
    return Onsets(*(strength.astype(np.float32) for strength in noise))


def click(bpm: float, count: int, first: float = 0.4) -> Seconds:
    return np.asarray(first + 60.0 / bpm * np.arange(count), dtype=np.float64)


@given(bpm=st.floats(70.0, 190.0), seed=st.integers(0, 99), slipped=st.floats(0.1, 0.4))
@settings(max_examples=30, deadline=None)
def test_beats_of_a_click_are_even_where_they_were_heard_off_it(
    bpm: float, seed: int, slipped: float
) -> None:
    """Some lie half a beat off for a while, and all are told a little wrong."""
    true, rng = click(bpm, 96), np.random.default_rng(seed)
    heard = true + rng.normal(0.0, 0.008, len(true))
    heard[20 : 20 + int(slipped * len(true))] += 30.0 / bpm
    found = steadied(heard, struck(true, seed))
    assert np.ptp(np.diff(found)) < 1e-9
    assert len(found) == len(true)
    assert np.abs(found - true).max() < 0.012


@given(drift=st.floats(0.01, 0.2), bpm=st.floats(70.0, 190.0), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_beats_of_people_who_drift_stay_theirs(drift: float, bpm: float, seed: int) -> None:
    true = 0.4 + np.cumsum(60.0 / bpm * np.linspace(1.0 - drift, 1.0 + drift, 96))
    assert steadied(true, struck(true, seed)) is true


@given(seed=st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_beats_that_wander_stay_where_they_are(seed: int) -> None:
    """Each a little longer or shorter than the last, without a click to come back to."""
    gaps = 0.5 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.0, 0.006, 120)))
    true = 0.4 + np.cumsum(gaps)
    found = steadied(true, struck(true, seed))
    near = np.abs(found[:, None] - true[None]).min(axis=1)
    assert near.max() < 0.03


@given(count=st.integers(0, 23), seed=st.integers(0, 9))
@settings(max_examples=20, deadline=None)
def test_a_few_beats_tell_of_no_click(count: int, seed: int) -> None:
    few = click(120.0, 96)[:count]
    silence: Floats = np.zeros(round(60 * FPS), np.float32)
    assert steadied(few, struck(click(120.0, 96), seed)) is few
    assert steadied(few, Onsets(silence, silence, silence)) is few
    many = click(120.0, 96)
    assert steadied(many, Onsets(silence, silence, silence)) is many
