"""What is told of a part in a word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.ai.composer.descriptors import (
    NOT_TOLD,
    ONE_NOTE,
    REGISTER_NOT_TOLD,
    SEVERAL,
    descriptor,
)
from studio.ai.composer.piece import Piece
from studio.ai.composer.vocabulary import DENSITY_EDGES, REGISTER_EDGES, SIZES
from tests.ai.composer.music import blocks, line, music, part
from tests.ai.composer.pieces import pieces

_PIECE = music(
    (part(33), line([36, 38] * 8)),
    (part(0), blocks([(60, 64, 67)] * 4)),
    (part(drums=True, role="drums"), line([36] * 32, 0.5)),
)


def test_a_part_is_told_by_pitch_notes_and_chords() -> None:
    assert descriptor(_PIECE, 0, range(4)) == (1, 3, ONE_NOTE)  # 37; four notes a bar
    assert descriptor(_PIECE, 1, range(4)) == (4, 3, SEVERAL)  # 63.7; three a bar
    assert descriptor(_PIECE, 2, range(4)) == (REGISTER_NOT_TOLD, 5, ONE_NOTE)


def test_only_the_bars_asked_for_count() -> None:
    later = music((part(), [*line([40] * 4), *line([80] * 8, 0.5, 4.0)]))
    assert descriptor(later, 0, range(1)) == (1, 3, ONE_NOTE)
    assert descriptor(later, 0, range(1, 2)) == (6, 5, ONE_NOTE)
    assert descriptor(later, 0, [0, 1]) == descriptor(later, 0, range(2))


def test_silence_is_not_told_of() -> None:
    assert descriptor(_PIECE, 0, range(0)) == NOT_TOLD
    assert descriptor(music((part(), [(0.0, 1.0, 60)]), (part(), [])), 1, range(1)) == NOT_TOLD


def test_density_is_counted_in_bars_of_four_quarters() -> None:
    waltz = music((part(), line([60] * 6)), beats=3)
    assert descriptor(waltz, 0, range(2)) == descriptor(
        music((part(), line([60] * 8))), 0, range(2)
    )


def test_edges_lie_as_the_vocabulary_says() -> None:
    for number, edge in enumerate(REGISTER_EDGES):
        assert descriptor(music((part(), [(0.0, 1.0, edge)])), 0, range(1))[0] == number + 1
        assert descriptor(music((part(), [(0.0, 1.0, edge - 1)])), 0, range(1))[0] == number
    for notes in range(1, 20):
        found = descriptor(music((part(), line([60] * notes, 0.125))), 0, range(1))[1]
        assert found == sum(notes >= edge for edge in DENSITY_EDGES)


@given(pieces(), st.data())
def test_classes_fit_the_vocabulary(piece: Piece, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(piece.bars)))
    index = data.draw(st.integers(0, len(piece.parts) - 1))
    found = descriptor(piece, index, range(first, len(piece.bars)))
    for number, name in zip(found, ("register", "density", "polyphony"), strict=True):
        assert 0 <= number < SIZES[name]
