"""What sounds meanwhile, for melody and band to keep off each other's semitones."""

from __future__ import annotations

import numpy as np

from studio.ai.composer.asking import Rubs
from studio.ai.composer.piece import GRID_NOTE, Piece, PiecePart, Table
from studio.ai.composer.vocabulary import LENGTHS, length_class
from tests.ai.composer.pieces import bars


def _note(part: int, bar: int, sub: int, pitch: int, length: int) -> Table:
    note = np.zeros((), GRID_NOTE)
    note["part"], note["bar"], note["sub"], note["pitch"] = part, bar, sub, pitch
    note["length"] = length_class(length)
    return note


def _around(*notes: Table) -> Rubs:
    """Bar 1 of a piece whose part 0 plays chords, 1 a melody, 2 drums."""
    parts = (
        PiecePart(0, False, "chords"),
        PiecePart(73, False, "melody"),
        PiecePart(0, True, "drums"),
    )
    table = np.array([note.item() for note in notes], GRID_NOTE)
    return Rubs.around(Piece(bars(4), parts, table), 1)


def test_a_melody_hears_what_rings_from_the_bar_before() -> None:
    found = _around(_note(0, 0, 48, 64, 96))
    assert found.beside("melody", 0).tolist() == [63, 65]
    assert found.beside("melody", 48).tolist() == []
    assert found.beside("chords", 0).tolist() == []


def test_chords_keep_off_the_melody_and_nobody_off_drums() -> None:
    found = _around(_note(1, 1, 0, 71, 96), _note(2, 1, 0, 60, 96))
    assert found.beside("chords", 24).tolist() == [70, 72]
    assert found.beside("melody", 24).tolist() == []
    assert found.beside("bass", 24).tolist() == []


def test_a_passing_note_ends_before_it_rubs_for_long() -> None:
    found = _around(_note(0, 1, 48, 64, 48))
    assert found.room("melody", 24, 65) == 24 + 12
    assert found.room("melody", 48, 65) == 12
    assert found.room("melody", 24, 67) == LENGTHS[-1]


def test_what_was_just_written_is_heard_too() -> None:
    found = _around().along(_note(0, 1, 0, 64, 48))
    assert found.beside("melody", 24).tolist() == [63, 65]
    assert found.held(0, 24).tolist() == [64]
    assert found.held(0, 0).tolist() == []
    assert found.held(1, 24).tolist() == []


def test_a_tune_leaves_a_pitch_after_the_third_stroke() -> None:
    found = _around(*(_note(1, 1, 24 * i, 67, 12) for i in range(3)))
    assert found.insisted(1, 72).tolist() == [67]
    assert found.insisted(1, 48).tolist() == []
    assert found.insisted(0, 72).tolist() == []
