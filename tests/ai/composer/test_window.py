"""What the network sees and is asked for."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.ai.composer.piece import GRID_NOTE, Piece, PiecePart
from studio.ai.composer.vocabulary import END_OF_BAR, FEATURES, FIELDS, OFFSETS, SIZES, TAGS
from studio.ai.composer.window import (
    Example,
    Hidden,
    Lane,
    Opening,
    example,
    fields,
    lane,
    prefix,
)
from studio.ai.training.composer.examples import cut, transposed
from tests.ai.composer.pieces import bars, pieces


@st.composite
def openings(draw: st.DrawFn, piece: Piece) -> Opening:
    first = draw(st.integers(0, len(piece.bars) - 1))
    last = draw(st.integers(first + 1, len(piece.bars)))
    everyone = tuple(range(len(piece.parts)))
    parts = tuple(sorted(draw(st.sets(st.sampled_from(everyone), min_size=1))))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kept = rng.random(len(piece.notes)) < draw(st.sampled_from([0.0, 0.3]))
    return Opening(first, last, parts, kept, outline=draw(st.booleans()))


def _lane(piece: Piece, opening: Opening) -> Lane:
    return lane(piece, opening, range(len(piece.parts)))


def _has(features: np.ndarray, group: str) -> np.ndarray:
    low = OFFSETS[group]
    return np.asarray(((features >= low) & (features < low + SIZES[group])).any(-1))


def _note_rows(found: Example) -> np.ndarray:
    return np.asarray((found.features == OFFSETS["kind"] + 3).any(-1))


@given(st.data())
def test_each_row_of_the_gap_is_followed_by_its_target(data: st.DataObject) -> None:
    piece = data.draw(pieces())
    opening = data.draw(openings(piece))
    ways = _lane(piece, opening)
    found = example(piece, opening, ways, 400)
    rows = found.target[found.prefix :]
    answer = piece.notes[opening.open_notes(piece)]
    if opening.outline:
        assert (rows[:, :5] < 0).all()
        known = rows[rows[:, 0] < -1]
        np.testing.assert_array_equal(-2 - known[:, :4], fields(piece, answer, ways)[:, :4])
        return
    written = rows[rows[:, 0] != END_OF_BAR]
    np.testing.assert_array_equal(written, fields(piece, answer, ways))
    assert (rows[:, 0] == END_OF_BAR).sum() == opening.last - opening.first
    is_note = _note_rows(found)[found.prefix :]
    follows = np.append(is_note[1:], False)
    np.testing.assert_array_equal(rows[:, 0] != END_OF_BAR, follows)
    ahead = found.beats[found.prefix :][1:][follows[:-1]]
    np.testing.assert_allclose(found.target_beats[found.prefix :][follows], ahead)


@given(st.data())
def test_the_prefix_never_shows_what_is_to_be_written(data: st.DataObject) -> None:
    piece = data.draw(pieces())
    opening = data.draw(openings(piece))
    rows = prefix(piece, opening, _lane(piece, opening), 100_000)
    notes = (rows.features == OFFSETS["kind"] + 3).any(-1)
    hidden = opening.open_notes(piece).sum()
    if opening.outline:
        assert notes.sum() == len(piece.notes)
        plan = notes & (rows.features == OFFSETS["tag"] + TAGS.index("plan")).any(-1)
        assert plan.sum() == hidden
        unknown = OFFSETS["velocity"] + SIZES["velocity"] - 1
        assert (rows.features[plan] == unknown).any(-1).all()
    else:
        assert notes.sum() == len(piece.notes) - hidden


@given(st.data(), st.integers(20, 300))
def test_the_prefix_keeps_to_its_budget(data: st.DataObject, budget: int) -> None:
    piece = data.draw(pieces())
    opening = data.draw(openings(piece))
    rows = prefix(piece, opening, _lane(piece, opening), budget)
    least = 1 + len(piece.parts) + opening.last - opening.first
    assert len(rows) <= max(budget, least)
    assert rows.features.min() >= 0
    assert rows.features.max() < FEATURES


def test_the_bars_beside_the_gap_come_before_those_farther_away() -> None:
    notes = np.zeros(120, GRID_NOTE)
    notes["bar"] = np.repeat(np.arange(12), 10)
    notes["sub"] = np.tile(np.arange(10) * 6, 12)
    notes["pitch"] = 60
    whole = Piece(bars(12), (PiecePart(0, False, "melody"),), notes)
    opening = Opening(5, 7, (0,), np.zeros(120, bool))
    rows = prefix(whole, opening, _lane(whole, opening), 2 + 2 + 44)
    kinds = (rows.features == OFFSETS["kind"] + 3).any(-1)
    near = rows.beats[kinds] / 4
    assert set(np.floor(near).astype(int)) <= {-2, -1, 2, 3}
    assert kinds.sum() == 40


@given(pieces(), st.integers(-5, 6))
def test_transposing_moves_pitches_keys_and_chords_together(piece: Piece, semitones: int) -> None:
    moved = transposed(piece, semitones)
    drums = np.array([part.drums for part in piece.parts])[piece.notes["part"]]
    np.testing.assert_array_equal(moved.notes["pitch"][drums], piece.notes["pitch"][drums])
    pitched = ~drums & (piece.bars["root"][piece.notes["bar"], 0] >= 0)
    before = (piece.notes["pitch"].astype(int) - piece.bars["root"][piece.notes["bar"], 0]) % 12
    after = (moved.notes["pitch"].astype(int) - moved.bars["root"][moved.notes["bar"], 0]) % 12
    np.testing.assert_array_equal(before[pitched], after[pitched])


@given(pieces(), st.integers(0, 2**32 - 1))
def test_an_example_is_cut_alike_from_equal_seeds_and_fits(piece: Piece, seed: int) -> None:
    first, second = (cut(piece, np.random.default_rng(seed), 256) for _ in range(2))
    if first is None or second is None:
        assert first is second
        return
    assert len(first) <= 256
    assert (first.target >= 0).any()
    np.testing.assert_array_equal(first.features, second.features)


@given(st.data())
def test_what_is_hidden_is_not_told(data: st.DataObject) -> None:
    piece = data.draw(pieces())
    opening = data.draw(openings(piece))
    found = example(piece, opening, _lane(piece, opening), 300, Hidden(*[True] * 8))
    for group in ("velocity", "deviation"):
        told = found.features[_has(found.features, group)] - OFFSETS[group]
        assert not ((told >= 0) & (told < SIZES[group] - 1)).any()
    assert not _has(found.features, "degree").any()
    for place in range(4):
        told = found.features - OFFSETS[f"root {place}"]
        assert not ((told > 0) & (told < 13)).any()
    assert not (
        (found.features > OFFSETS["section"]) & (found.features < OFFSETS["bars left"])
    ).any()


def test_the_end_of_the_music_is_told_where_it_is_meant() -> None:
    notes = np.zeros(12, GRID_NOTE)
    notes["bar"] = np.arange(12)
    notes["pitch"] = 60
    whole = Piece(bars(12), (PiecePart(0, False, "melody"),), notes)
    end = OFFSETS["tag"] + TAGS.index("end")
    for ends in (False, True):
        opening = Opening(8, 12, (0,), np.zeros(12, bool), ends=ends)
        found = example(whole, opening, _lane(whole, opening), 300)
        told = found.beats[(found.features == end).any(-1)]
        assert set(told.tolist()) == ({12.0} if ends else set())


def test_music_that_tells_no_velocity_is_never_asked_for_one() -> None:
    notes = np.zeros(24, GRID_NOTE)
    notes["bar"] = np.repeat(np.arange(12), 2)
    notes["sub"] = np.tile([0, 24], 12)
    notes["pitch"] = 60
    whole = Piece(bars(12), (PiecePart(0, False, "melody"),), notes, has_velocity=False)
    heard = []
    for seed in range(30):
        found = cut(whole, np.random.default_rng(seed), 256)
        if found is None:
            continue
        assert (found.target[:, FIELDS.index("velocity")] < 0).all()
        told = found.features - OFFSETS["velocity"]
        heard.append(bool(((told >= 0) & (told < SIZES["velocity"] - 1)).any()))
    assert set(heard) == {True, False}
