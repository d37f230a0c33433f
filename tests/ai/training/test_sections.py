"""Bars that come back, and the names of sections."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from studio.ai.composer.piece import Piece
from studio.ai.composer.vocabulary import SECTIONS
from studio.ai.training.composer.sections import LIKENESS, section_class, with_recall
from tests.ai.composer.music import line, music, part
from tests.ai.composer.pieces import pieces

_A, _B, _C = [60, 62, 64, 65], [67, 65, 64, 62], [72, 71, 69, 67]


def _recall(*bars: list[int], each: float = 1.0) -> list[int]:
    notes = [pitch for bar in bars for pitch in bar]
    found: list[int] = with_recall(music((part(), line(notes, each)))).bars["recall"].tolist()
    return found


def test_each_bar_recalls_the_first_one_like_it() -> None:
    assert _recall(_A, _B, _A, _C, _B, _A) == [-1, -1, 0, -1, 1, 0]


def test_a_bar_that_differs_in_one_note_of_many_is_the_same() -> None:
    scale = [60 + step for step in range(16)]
    assert _recall(scale, [*scale[:-1], 50], each=0.25) == [-1, 0]  # 15 of 17
    assert _recall(scale, [*scale[:-2], 50, 51], each=0.25) == [-1, -1]  # 14 of 18


def test_another_key_is_another_bar() -> None:
    assert _recall(_A, [pitch + 1 for pitch in _A]) == [-1, -1]


def test_another_part_is_another_bar() -> None:
    piece = music((part(), line(_A)), (part(), line(_A, start=4.0)))
    assert with_recall(piece).bars["recall"].tolist() == [-1, -1]


def test_nearly_empty_bars_recall_nothing() -> None:
    piece = music((part(), [(0.0, 4.0, 60), (4.0, 4.0, 60), (12.0, 4.0, 60)]))
    assert with_recall(piece).bars["recall"].tolist() == [-1] * 4


@given(pieces())
def test_recalled_bars_lie_earlier_and_share_enough(piece: Piece) -> None:
    notes = piece.notes
    contents = [
        {(n["part"], n["sub"], n["pitch"]) for n in notes[notes["bar"] == bar]}
        for bar in range(len(piece.bars))
    ]
    found = with_recall(piece).bars["recall"]
    for bar, earlier in enumerate(found.tolist()):
        alike = [
            other
            for other in range(bar)
            if len(contents[bar]) >= 3
            and len(contents[bar] & contents[other])
            >= LIKENESS * len(contents[bar] | contents[other])
        ]
        assert earlier == min(alike, default=-1)
    for name in ("start", "tonic", "root", "section"):
        np.testing.assert_array_equal(with_recall(piece).bars[name], piece.bars[name])


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Intro", "intro"), ("verse 2", "verse"), ("Pre-Chorus", "pre-chorus"),
        ("CHORUS B", "chorus"), ("refrain", "chorus"), ("guitar solo", "solo"),
        ("bridge", "bridge"), ("Outro", "outro"), ("coda", "outro"), ("interlude", "interlude"),
        ("main theme", "theme"), ("silence", ""), ("Z", ""),
    ],
)  # fmt: skip
def test_names_of_sections_are_understood(written: str, name: str) -> None:
    assert section_class(written) == SECTIONS.index(name)
