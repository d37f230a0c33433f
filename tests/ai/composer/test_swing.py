"""Swing heard in pieces."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from studio.ai.composer.piece import Piece
from studio.ai.composer.swing import with_swing
from tests.ai.composer.music import Row, music, part
from tests.ai.composer.pieces import pieces


def _ride(second: float, quarters: int = 16) -> list[Row]:
    """A stroke on each quarter, and one at `second` (in quarters) after it."""
    return [(q + at, 0.25, 51) for q in range(quarters) for at in (0.0, second)]


def _heard(rows: list[Row], *, unit: int = 4, drums: bool = True) -> bool | None:
    beats = 4 if unit == 4 else 6
    return with_swing(music((part(drums=drums), rows), beats=beats, unit=unit)).swing


def test_long_short_eighths_swing_and_even_ones_do_not() -> None:
    assert _heard(_ride(2 / 3)) is True
    assert _heard(_ride(0.5)) is False


def test_few_eighths_tell_nothing() -> None:
    assert _heard(_ride(2 / 3, 4)) is None
    assert _heard([(float(q), 1.0, 36) for q in range(32)]) is None


def test_even_triplets_and_sixteenths_tell_nothing() -> None:
    triplets = [(q + at / 3, 0.25, 51) for q in range(16) for at in range(3)]
    assert _heard(triplets) is None
    sixteenths = [(q + at / 4, 0.25, 51) for q in range(16) for at in range(4)]
    assert _heard(sixteenths) is not True


def test_dotted_rhythms_are_swing_in_a_band_alone() -> None:
    assert _heard(_ride(0.75)) is True
    assert _heard(_ride(0.75), drums=False) is None


def test_eighths_of_six_eight_have_no_swing() -> None:
    assert _heard(_ride(2 / 3), unit=8) is None


def test_eighths_played_late_swing() -> None:
    piece = music((part(drums=True), _ride(0.5)))
    notes = piece.notes.copy()
    notes["deviation"][notes["sub"] % 24 == 12] = 14  # 105 ticks of 960: 61 % of the quarter
    assert with_swing(replace(piece, notes=notes)).swing is True


def test_a_straight_melody_does_not_hide_a_swung_band() -> None:
    tune = [(q + at, 0.5, 72) for q in range(0, 16, 4) for at in (0.0, 0.5)]
    piece = music((part(drums=True), _ride(2 / 3)), (part(65), tune))
    assert with_swing(piece).swing is True


@given(pieces(), st.sampled_from([True, False]))
def test_what_is_known_stays(piece: Piece, known: bool) -> None:
    assert with_swing(replace(piece, swing=known)).swing is known
    assert with_swing(replace(piece, swing=None)).swing in (True, False, None)
