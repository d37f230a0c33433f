"""Keys heard in pieces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ai.composer.keys import NO_SIGNATURE, with_keys
from studio.ai.composer.piece import Piece
from tests.ai.composer.music import blocks, line, moved, music, part
from tests.ai.composer.pieces import pieces

# "Twinkle, twinkle": in C, tune and chords.
_TUNE = (60, 60, 67, 67, 69, 69, 67, 67, 65, 65, 64, 64, 62, 62, 60, 60)
_CHORDS = ((48, 52, 55), (48, 53, 57), (48, 53, 57), (47, 50, 55), (48, 52, 55))
_MINOR = ((45, 60, 64), (50, 62, 65), (52, 59, 62, 68), (45, 60, 64), (50, 65, 69), (45, 60, 64))


def _keys(piece: Piece) -> set[tuple[int, int]]:
    bars = with_keys(piece).bars
    return {
        (int(tonic), int(mode)) for tonic, mode in zip(bars["tonic"], bars["mode"], strict=True)
    }


def test_a_tune_in_c_major_is_heard_in_c_major() -> None:
    assert _keys(music((part(), line(_TUNE)))) == {(0, 0)}


def test_minor_is_told_from_its_relative_major() -> None:
    assert _keys(music((part(), blocks(_MINOR)))) == {(9, 1)}


@pytest.mark.parametrize("semitones", range(-6, 7))
def test_the_key_moves_with_the_music(semitones: int) -> None:
    piece = music((part(), blocks(_CHORDS)), (part(73), line(_TUNE)))
    assert _keys(moved(piece, semitones)) == {(semitones % 12, 0)}


def test_a_long_stay_in_another_key_is_a_change_of_key_and_one_bar_is_not() -> None:
    there = [[pitch + 6 for pitch in chord] for chord in _CHORDS] * 3
    piece = with_keys(music((part(), blocks([*_CHORDS * 2, *there]))))
    assert set(piece.bars["tonic"][:8]) == {0}
    assert set(piece.bars["tonic"][-12:]) == {6}
    passing = [*_CHORDS * 2, (49, 53, 56), *_CHORDS * 2]
    assert _keys(music((part(), blocks(passing)))) == {(0, 0)}


def test_a_signature_decides_where_the_notes_leave_it_open() -> None:
    piece = music((part(), blocks([(50, 57, 62)] * 4)))  # D and A alone
    two_sharps = np.full(len(piece.bars), 2)
    assert with_keys(piece, two_sharps).bars["tonic"][0] == 2
    assert with_keys(piece, two_sharps).bars["mode"][0] == 0
    one_flat = with_keys(piece, np.full(len(piece.bars), -1)).bars
    assert (one_flat["tonic"][0], one_flat["mode"][0]) == (2, 1)
    unknown = with_keys(piece, np.full(len(piece.bars), NO_SIGNATURE)).bars
    np.testing.assert_array_equal(unknown, with_keys(piece).bars)


def test_drums_have_no_key() -> None:
    assert _keys(music((part(drums=True, role="drums"), line([36, 38, 36, 38])))) == {(-1, -1)}


def test_what_drums_play_does_not_change_the_key() -> None:
    kit = (part(drums=True, role="drums"), line([37, 42, 46, 49] * 4))
    assert _keys(music((part(), line(_TUNE)), kit)) == {(0, 0)}


@given(pieces())
def test_known_keys_stay_and_unknown_ones_are_filled(piece: Piece) -> None:
    bars = piece.bars.copy()
    bars["tonic"][::2] = bars["mode"][::2] = -1
    found = with_keys(Piece(bars, piece.parts, piece.notes)).bars
    known = (bars["tonic"] >= 0) & (bars["mode"] >= 0)
    assert (found["tonic"][known] == bars["tonic"][known]).all()
    sounds = any(not piece.parts[note["part"]].drums for note in piece.notes)
    assert ((found["tonic"] >= 0) | known).all() == (sounds or known.all())


@given(pieces(), st.integers(1, 11))
def test_every_key_is_found_alike(piece: Piece, semitones: int) -> None:
    bars = piece.bars.copy()
    bars["tonic"] = bars["mode"] = -1
    notes = piece.notes[np.array([not p.drums for p in piece.parts])[piece.notes["part"]]]
    here = Piece(bars, piece.parts, notes)
    there = moved(here, semitones)
    found, other = with_keys(here).bars, with_keys(there).bars
    if len(notes):
        assert (other["tonic"] == (found["tonic"] + semitones) % 12).mean() > 0.99
        assert (other["mode"] == found["mode"]).mean() > 0.99
