from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.tempo import MeterChange, TempoChange, TempoMap
from studio.ui.transport.fields import bars_text, clock_text, read_meter, read_position

TEMPO = TempoMap((TempoChange(0, 120.0),), (MeterChange(0, 4, 4), MeterChange(4 * 3840, 6, 8)))


@given(st.integers(0, 10**6))
def test_a_position_can_be_typed_as_it_is_shown(tick: int) -> None:
    assert read_position(bars_text(TEMPO, tick), TEMPO) == tick


@pytest.mark.parametrize(
    ("text", "tick"),
    [("1", 0), ("2", 3840), ("2.2", 4800), ("2,2,120", 4920), ("0:02", 3840), ("1:00.5", 116160)],
)
def test_positions_are_bars_or_minutes(text: str, tick: int) -> None:
    assert read_position(text, TempoMap()) == tick


@pytest.mark.parametrize("text", ["", "x", "0", "1.0", "1.2.3.4", "-3", "1:2:3"])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_position(text, TempoMap())


@pytest.mark.parametrize(
    ("text", "meter"), [("4/4", (4, 4)), (" 6 / 8 ", (6, 8)), ("12/16", (12, 16))]
)
def test_meters_are_read(text: str, meter: tuple[int, int]) -> None:
    assert read_meter(text) == meter


@pytest.mark.parametrize("text", ["", "4", "4/5", "0/4", "65/4", "a/b"])
def test_what_is_no_meter_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_meter(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00.00"), (17.42, "0:17.42"), (59.999, "1:00.00"), (61.5, "1:01.50")],
)
def test_time_is_told_in_minutes(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text
