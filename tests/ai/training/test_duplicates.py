"""The same music in another edition, key or arrangement."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.composer.piece import Piece
from studio.ai.training.composer.duplicates import MOST_OWNERS, groups, sketch
from tests.ai.composer.music import Row, blocks, moved, music, part


def _tune(seed: int, notes: int = 96) -> list[Row]:
    """A tune that wanders through a scale in quarters, eighths and halves."""
    rng = np.random.default_rng(seed)
    scale = np.array([60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77, 79])
    place, at, rows = 5, 0.0, []
    for _ in range(notes):
        place = int(np.clip(place + rng.integers(-3, 4), 0, len(scale) - 1))
        length = float(rng.choice([0.5, 1.0, 2.0]))
        rows.append((at, length, int(scale[place])))
        at += length
    return rows


def _song(seed: int) -> Piece:
    return music((part(73, role="melody"), _tune(seed)))


def test_a_tune_is_found_in_any_key_and_its_double_in_any_note_values() -> None:
    tune = _song(1)
    slow = music((part(), [(at * 2, length * 2, pitch) for at, length, pitch in _tune(1)]))
    found = groups([tune, moved(tune, 5), slow, _song(2)])
    assert found[0] == found[1] == found[2] != found[3]


def test_a_lead_sheet_and_the_bands_that_play_it_are_one() -> None:
    sheet = _song(3)
    comping = blocks([(48, 52, 55), (45, 48, 52)] * 20, 2.0)
    bands = [
        music((part(p, role="chords"), comping), (part(66, role="melody"), _tune(3)), source=source)
        for p, source in ((0, "pattern"), (24, "performed"))
    ]
    found = groups([sheet, *bands, _song(4)])
    assert found[0] == found[1] == found[2] != found[3]


def test_an_edition_with_some_other_notes_is_the_same_piece() -> None:
    rng = np.random.default_rng(0)
    other = [(at, length, pitch + int(rng.random() < 0.05)) for at, length, pitch in _tune(5)]
    assert len(set(groups([_song(5), music((part(), other))]))) == 1


def test_a_movement_belongs_to_the_whole_work() -> None:
    end = sum(length for _, length, _ in _tune(6))
    whole = [*_tune(6), *((at + end, length, pitch) for at, length, pitch in _tune(7, 400))]
    assert len(set(groups([_song(6), music((part(), whole))]))) == 1


def test_bands_over_one_pattern_are_not_the_same_song() -> None:
    comping = blocks([(48, 52, 55), (45, 48, 52), (50, 53, 57)] * 20, 1.5)
    bands = [
        music((part(role="chords"), comping), (part(role="melody"), _tune(s)), source="pattern")
        for s in (8, 9)
    ]
    assert len(set(groups(bands))) == 2


def test_scales_and_trills_join_nothing() -> None:
    scale = [(index * 0.5, 0.5, 60 + step) for index, step in enumerate([0, 2, 4, 5, 7, 9, 11] * 9)]
    trill = [(index * 0.25, 0.25, 60 + index % 2) for index in range(400)]
    assert len(sketch(music((part(), trill)))) == 0
    pieces = [music((part(), [*scale, *((a + 40, b, c) for a, b, c in _tune(s))])) for s in (1, 2)]
    assert len(set(groups(pieces))) == 2


def test_a_figure_that_everybody_plays_joins_nobody() -> None:
    common = _tune(11, 24)
    end = sum(length for _, length, _ in common)
    pieces = [
        music((part(), [*common, *((at + end, b, c) for at, b, c in _tune(100 + seed, 24))]))
        for seed in range(MOST_OWNERS + 2)
    ]
    assert len(set(groups(pieces))) == len(pieces)
    assert len(set(groups(pieces[:2]))) == 1


def test_drums_and_empty_pieces_are_alone() -> None:
    kit = music((part(drums=True, role="drums"), _tune(1)))
    empty = music((part(), []))
    assert len(set(groups([kit, kit, empty, empty]))) == 4
    assert groups([]) == []


@settings(max_examples=20)
@given(st.permutations(range(6)))
def test_the_order_of_the_pieces_does_not_matter(order: list[int]) -> None:
    pieces = [_song(1), _song(2), moved(_song(1), 3), _song(3), _song(2), _song(4)]
    plain, mixed = groups(pieces), groups([pieces[i] for i in order])
    for a, b in ((i, j) for i in range(6) for j in range(6)):
        assert (plain[a] == plain[b]) == (mixed[order.index(a)] == mixed[order.index(b)])
