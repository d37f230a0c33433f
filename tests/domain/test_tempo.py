"""Time: ticks, seconds, frames and bars agree with each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.tempo import MeterChange, Position, TempoChange, TempoMap
from tests import strategies


def test_a_minute_at_120_bpm_is_120_quarters() -> None:
    tempo = TempoMap()
    assert float(tempo.seconds(120 * 960)) == 60.0
    assert tempo.frame(120 * 960, 48000) == 60 * 48000


def test_a_tempo_change_takes_hold_at_its_tick() -> None:
    tempo = TempoMap((TempoChange(0, 60.0), TempoChange(960, 120.0)))
    assert tempo.seconds([0, 960, 1920]).tolist() == [0.0, 1.0, 1.5]
    assert tempo.tempo_at(959) == 60.0
    assert tempo.tempo_at(960) == 120.0


@given(strategies.tempo_maps(), st.lists(strategies.ticks(), min_size=1, max_size=20))
def test_ticks_come_back_from_seconds(tempo: TempoMap, ticks: list[int]) -> None:
    assert tempo.ticks(tempo.seconds(ticks)).tolist() == ticks


@given(strategies.tempo_maps(), strategies.ticks(), strategies.ticks())
def test_time_only_goes_forward(tempo: TempoMap, a: int, b: int) -> None:
    first, second = sorted((a, b))
    frames = tempo.frames(np.array([first, second]), 48000)
    assert frames[0] <= frames[1]


@given(strategies.tempo_maps(), strategies.ticks())
def test_a_position_names_its_tick(tempo: TempoMap, tick: int) -> None:
    position = tempo.position(tick)
    meter = tempo.meter_at(tick)
    within = (position.beat - 1) * meter.ticks_per_beat + position.tick
    assert tempo.bar_start(position.bar) + within == tick
    assert 1 <= position.beat <= meter.beats


@given(strategies.tempo_maps(), st.integers(1, 200))
def test_a_bar_starts_in_itself(tempo: TempoMap, bar: int) -> None:
    assert tempo.position(tempo.bar_start(bar)) == Position(bar, 1, 0)


@given(
    strategies.tempo_maps(), strategies.ticks(), st.integers(1, 12), st.sampled_from((2, 4, 8, 16))
)
def test_setting_a_meter_keeps_every_later_change_on_its_bar(
    tempo: TempoMap, tick: int, beats: int, unit: int
) -> None:
    bar = tempo.bar_at(tick)
    changed = tempo.with_meter(tick, beats, unit)
    wanted = {tempo.bar_at(m.tick): (m.beats, m.unit) for m in tempo.meters} | {bar: (beats, unit)}
    assert {changed.bar_at(m.tick): (m.beats, m.unit) for m in changed.meters} == wanted


@given(strategies.tempo_maps(), st.lists(strategies.ticks(), min_size=1, max_size=20))
def test_the_nearest_beat_is_one_and_none_is_nearer(tempo: TempoMap, ticks: list[int]) -> None:
    for tick, near in zip(ticks, tempo.nearest_beats(ticks).tolist(), strict=True):
        assert tempo.position(near).tick == 0
        assert abs(near - tick) <= int(tempo.beat_ticks(tick)) // 2


def test_bar_starts_follow_the_meter() -> None:
    tempo = TempoMap(meters=(MeterChange(0, 4, 4), MeterChange(3840, 7, 8)))
    assert tempo.bar_starts(0, 12000) == [0, 3840, 7200, 10560]
    assert tempo.next_bar(3841) == 7200
    assert tempo.next_bar(7200) == 7200


@pytest.mark.parametrize(
    ("tempos", "meters"),
    [
        ((), (MeterChange(0, 4, 4),)),
        ((TempoChange(10, 120.0),), (MeterChange(0, 4, 4),)),
        ((TempoChange(0, 5.0),), (MeterChange(0, 4, 4),)),
        ((TempoChange(0, 120.0),), (MeterChange(0, 4, 5),)),
        ((TempoChange(0, 120.0),), (MeterChange(0, 4, 4), MeterChange(100, 3, 4))),
    ],
)
def test_a_map_that_makes_no_sense_is_refused(
    tempos: tuple[TempoChange, ...], meters: tuple[MeterChange, ...]
) -> None:
    with pytest.raises(ValueError):
        TempoMap(tempos, meters)
