"""The counting baselines are fair: whole probabilities, only where something is asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.composer.piece import GRID_NOTE, Piece, PiecePart
from studio.ai.composer.vocabulary import FIELDS, length_class
from studio.ai.composer.window import Example, Opening, example, lane
from studio.ai.training.composer.figures.ngrams import (
    SLOT_SYMBOLS,
    Baseline,
    Interpolated,
    facts_of,
)
from tests.ai.composer.pieces import bars, pieces


def gap(piece: Piece) -> Example:
    """All of a piece, to be written."""
    parts = tuple(range(len(piece.parts)))
    opening = Opening(0, len(piece.bars), parts, np.zeros(len(piece.notes), bool))
    return example(piece, opening, lane(piece, opening, parts), 512)


def scale(bars_: int = 16, step: int = 2) -> Piece:
    """Quarter notes of one part that go up, bar after bar the same."""
    notes = np.zeros(bars_ * 4, GRID_NOTE)
    notes["bar"], notes["sub"] = np.arange(bars_ * 4) // 4, np.arange(bars_ * 4) % 4 * 24
    notes["pitch"] = 60 + np.arange(bars_ * 4) % 4 * step
    notes["length"], notes["velocity"] = length_class(24), 80
    table = bars(bars_)
    table["tonic"] = table["mode"] = table["root"] = -1
    return Piece(table, (PiecePart(0, False, "melody"),), notes)


@settings(max_examples=30)
@given(st.data())
def test_probabilities_of_all_symbols_sum_to_one(data: st.DataObject) -> None:
    classes = data.draw(st.integers(2, 12))
    seed = data.draw(st.integers(0, 999))
    rng = np.random.default_rng(seed)
    contexts = rng.integers(0, 4, (60, 3))
    table = Interpolated(classes)
    table.learn(contexts, rng.integers(0, classes, 60))
    asked = np.repeat(rng.integers(0, 6, (8, 3)), classes, axis=0)
    chance = table.probability(asked, np.tile(np.arange(classes), 8)).reshape(8, classes)
    np.testing.assert_allclose(chance.sum(1), 1.0)
    assert (chance > 0).all()


def test_a_longer_context_tells_more_where_it_was_seen() -> None:
    contexts = np.array([[0, 0], [0, 1]] * 50)
    table = Interpolated(4)
    table.learn(contexts, np.array([0, 3] * 50))
    known, unknown = np.array([[0, 1]]), np.array([[0, 7]])
    three = np.array([3])
    assert table.probability(known, three)[0] > 0.9
    assert table.probability(unknown, three)[0] == pytest.approx(0.5, abs=0.05)


@settings(max_examples=25)
@given(pieces(), st.booleans())
def test_every_field_that_is_asked_for_has_a_likelihood_and_no_other(
    piece: Piece, rich: bool
) -> None:
    one = gap(piece)
    baseline = Baseline(rich=rich)
    baseline.learn(facts_of([gap(scale()), one]))
    nats = baseline.nats(facts_of([one]))
    asked = one.target[one.prefix :] >= 0
    assert np.array_equal(np.isfinite(nats), asked)
    assert (nats[asked] >= 0).all()


@settings(max_examples=25)
@given(pieces())
def test_the_slots_that_are_possible_share_one_probability(piece: Piece) -> None:
    one = gap(piece)
    facts = facts_of([one])
    for rich in (False, True):
        baseline = Baseline(rich=rich)
        baseline.learn(facts_of([gap(scale())]))
        asked = {name: column[:1].repeat(SLOT_SYMBOLS) for name, column in facts.items()}
        asked["symbol"] = np.arange(SLOT_SYMBOLS)
        there = (asked["open"] >> asked["symbol"]) & 1
        asked["alike"] = np.ones(SLOT_SYMBOLS, np.int64)
        asked["scored slot"] = there
        for name in FIELDS[1:]:
            asked[f"scored {name}"] = np.zeros(SLOT_SYMBOLS, np.int64)
        nats = baseline.nats(asked)[:, 0]
        assert np.exp(-nats[there > 0]).sum() == pytest.approx(1.0)


@pytest.mark.parametrize("rich", [False, True])
def test_what_repeats_is_soon_expected(rich: bool) -> None:
    baseline = Baseline(rich=rich)
    baseline.learn(facts_of([gap(scale()) for _ in range(8)]))
    nats = baseline.nats(facts_of([gap(scale())]))
    assert float(np.nanmean(nats[8:, FIELDS.index("pitch")])) < 0.2


def test_intervals_carry_what_is_learnt_into_another_key() -> None:
    learnt = facts_of([gap(scale()) for _ in range(8)])
    moved = scale()
    moved.notes["pitch"] += 11
    nats = {}
    for rich in (False, True):
        baseline = Baseline(rich=rich)
        baseline.learn(learnt)
        found = baseline.nats(facts_of([gap(moved)]))[8:, FIELDS.index("pitch")]
        nats[rich] = float(np.nanmean(found))
    assert nats[True] < 0.6 * nats[False]


def test_a_note_knows_those_before_it_and_those_of_its_own_slot() -> None:
    piece = scale(2)
    other = PiecePart(32, False, "bass")
    low = piece.notes.copy()
    low["part"], low["pitch"] = 1, 40
    both = np.concatenate([low[:4], piece.notes[:4], low[4:], piece.notes[4:]])
    facts = facts_of([gap(Piece(piece.bars, (*piece.parts, other), both))])
    first = np.flatnonzero(facts["pitch"] == 60)[1]  # of the second bar
    assert facts["last pitch"][first] == 40
    assert facts["own pitch"][first] == 66
    assert facts["own second pitch"][first] == 64
