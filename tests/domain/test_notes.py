"""Note tables and automation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from studio.domain.notes import HOLD, LINEAR, Automation, Notes
from tests import strategies


def test_notes_are_ordered_and_keep_their_ids() -> None:
    notes = Notes.of([960, 0, 0], [480] * 3, [60, 72, 48])
    assert notes.start.tolist() == [0, 0, 960]
    assert notes.pitch.tolist() == [48, 72, 60]
    assert notes.id.tolist() == [2, 1, 0]


def test_columns_cannot_be_written() -> None:
    with pytest.raises(ValueError):
        Notes.of(0, 480, 60).pitch[0] = 61


@pytest.mark.parametrize("column", [{"pitch": 200}, {"velocity": 0}, {"length": 0}, {"start": -1}])
def test_a_note_out_of_range_is_refused(column: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        Notes.of(**({"start": 0, "length": 1, "pitch": 60} | column))


def test_two_notes_cannot_share_an_id() -> None:
    with pytest.raises(ValueError):
        Notes.of([0, 1], [1, 1], [60, 61], id=[3, 3])


@given(strategies.notes(), strategies.notes())
def test_joined_notes_keep_the_ids_of_the_first(first: Notes, second: Notes) -> None:
    joined = first.joined(second)
    assert len(joined) == len(first) + len(second)
    assert joined.where(joined.mask_of(first.id.tolist())) == first


@given(strategies.notes())
def test_equal_notes_have_equal_digests(notes: Notes) -> None:
    again = Notes(notes.table[::-1])
    assert again == notes
    assert again.digest == notes.digest
    assert hash(again) == hash(notes)


def test_automation_holds_or_moves_in_a_line() -> None:
    lane = Automation.of("volume", [0, 100, 200], [0.0, -10.0, -10.0], [LINEAR, HOLD, HOLD])
    assert lane.at([0, 50, 100, 150, 300]).tolist() == [0.0, -5.0, -10.0, -10.0, -10.0]
    held = Automation.of("pan", [100, 200], [1.0, -1.0], HOLD)
    assert held.at([0, 199, 200]).tolist() == [1.0, 1.0, -1.0]


def test_automation_needs_rising_ticks() -> None:
    with pytest.raises(ValueError):
        Automation.of("pan", [10, 10], [0.0, 1.0])
    with pytest.raises(ValueError):
        Automation.of("pan", np.array([-5]), [0.0])
