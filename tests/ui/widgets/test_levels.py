from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.track import LOUDEST_DB, SILENT_DB
from studio.ui.widgets.levels import (
    db_words,
    fader_db,
    fader_position,
    level_db,
    meter_position,
    pan_words,
    parse_db,
    parse_pan,
)


@given(st.floats(-80, LOUDEST_DB))
def test_a_fader_shows_the_level_it_was_given(db: float) -> None:
    assert fader_db(fader_position(db)) == pytest.approx(db, abs=1e-6)


@given(st.floats(0, 1), st.floats(0, 1))
def test_higher_on_the_fader_is_never_softer(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert fader_db(low) <= fader_db(high)


def test_the_ends_of_a_fader_are_silence_and_the_loudest_level() -> None:
    assert fader_db(0.0) == SILENT_DB
    assert fader_db(1.0) == LOUDEST_DB
    assert fader_position(SILENT_DB) == 0.0


@given(st.floats(-83, LOUDEST_DB))
def test_a_level_can_be_typed_as_it_is_written(db: float) -> None:
    assert parse_db(db_words(db)) == pytest.approx(db, abs=0.051)


@pytest.mark.parametrize("text", ["-∞", "-inf", "off", "−∞"])
def test_silence_can_be_typed(text: str) -> None:
    assert parse_db(text) == SILENT_DB


@given(st.integers(-100, 100))
def test_a_pan_position_can_be_typed_as_it_is_written(percent: int) -> None:
    assert parse_pan(pan_words(percent / 100)) == pytest.approx(percent / 100)


def test_a_meter_gives_the_top_18_db_half_its_length() -> None:
    assert meter_position(-60) == 0.0
    assert meter_position(6) == 1.0
    assert 0.4 < meter_position(-18) < 0.55


def test_a_linear_level_is_told_in_db() -> None:
    assert level_db(0.5) == pytest.approx(-6.02, abs=0.01)
    assert level_db(0.0) == SILENT_DB
