"""From beats to the song's time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.listening import fit
from studio.ai.listening.beats import beats_of
from studio.ai.listening.heard import Beats, notes_of
from studio.domain.tempo import TICKS_PER_QUARTER, TempoMap
from studio.domain.theory import Key


def tapped(start: float, gaps: list[float], meter: int = 4, pickup: int = 0) -> Beats:
    seconds = start + np.concatenate([[0.0], np.cumsum(gaps)])
    return beats_of(seconds, (np.arange(len(seconds)) - pickup) % meter == 0)


def quarters(beats: Beats, tempo: TempoMap) -> np.ndarray:
    """Where each beat lies, in quarters from the first bar line at a downbeat on."""
    first = int(np.flatnonzero(beats.downbeats)[0])
    line = int(tempo.ticks(beats.seconds[first]))
    bar = tempo.bar_start(tempo.bar_at(line + TICKS_PER_QUARTER // 8))
    return bar + (np.arange(len(beats)) - first) * TICKS_PER_QUARTER


rubato = st.lists(st.floats(0.3, 0.9), min_size=4, max_size=60)
starts = st.floats(0.0, 5.0)


@given(starts, rubato, st.integers(2, 5))
@settings(max_examples=80, deadline=None)
def test_every_beat_from_the_first_bar_on_lies_on_a_quarter(
    start: float, gaps: list[float], meter: int
) -> None:
    beats = tapped(start, gaps, meter)
    tempo = fit.tempo_map(beats)
    at = tempo.seconds(quarters(beats, tempo))
    assert np.abs(at - beats.seconds).max() <= fit.NEARNESS_SECONDS + 1e-3


@given(starts, st.floats(0.3, 0.9), st.integers(2, 5), st.integers(0, 4), st.integers(9, 60))
@settings(max_examples=60, deadline=None)
def test_a_steady_beat_is_one_tempo(
    start: float, gap: float, meter: int, pickup: int, count: int
) -> None:
    wobble = np.random.default_rng(count).uniform(-0.004, 0.004, count)
    beats = tapped(start, list(gap + np.diff(wobble, prepend=0.0)), meter, pickup % meter)
    tempo = fit.tempo_map(beats)
    assert len(tempo.tempos) <= 2  # the one before the first bar, and the song's
    assert tempo.tempos[-1].bpm == pytest.approx(60.0 / gap, rel=0.02)
    assert tempo.meters[-1].beats == meter


@given(rubato, st.integers(2, 5))
@settings(max_examples=40, deadline=None)
def test_a_downbeat_begins_a_bar(gaps: list[float], meter: int) -> None:
    beats = tapped(1.0, gaps, meter)
    tempo = fit.tempo_map(beats)
    ticks = quarters(beats, tempo)[beats.downbeats]
    assert all(tempo.position(int(tick)).beat == 1 for tick in ticks)


def test_without_beats_the_tempo_is_as_in_an_empty_song() -> None:
    assert fit.tempo_map(Beats()) == TempoMap()
    assert fit.tempo_map(beats_of(np.array([1.0]), np.array([True]))) == TempoMap()


@given(
    st.lists(
        st.tuples(st.floats(0, 9), st.floats(0.01, 2), st.integers(30, 90)), min_size=1, max_size=20
    )
)
@settings(max_examples=60, deadline=None)
def test_a_hummed_line_lands_on_the_grid_and_in_the_key(
    rows: list[tuple[float, float, int]],
) -> None:
    beats, key = tapped(0.2, [0.5] * 20), Key(2, "minor")
    heard = notes_of([(start, start + length, pitch, 90) for start, length, pitch in rows])
    found = fit.in_key(heard, beats, key)
    assert len(found) == len(heard)
    assert all(int(pitch) in key for pitch in found.pitch)
    parts = (found.start - 0.2) / 0.125
    on_grid = np.abs(parts - np.rint(parts)) < 1e-6
    assert (on_grid | (found.start == 0.0)).all()
    assert (found.end > found.start).all()
