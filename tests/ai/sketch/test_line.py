"""A line finds its way between what is given, over the chords, within its compass."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.ai.sketch.line import Slot, solve
from studio.ai.sketch.score import stream

C_MAJOR = frozenset((0, 2, 4, 5, 7, 9, 11))
C = frozenset((0, 4, 7))


def slots(count: int, **values: object) -> list[Slot]:
    made = [Slot(i * 480, 480, 3 if i % 8 == 0 else 0, C_MAJOR, C) for i in range(count)]
    if values:
        made[-1] = replace(made[-1], **values)  # type: ignore[arg-type]
    return made


@given(st.integers(1, 24), st.integers(0, 50), st.floats(0.0, 1.0))
def test_a_line_keeps_to_its_scale_and_compass(count: int, seed: int, freedom: float) -> None:
    line = solve(slots(count), 60, 79, stream(seed), freedom=freedom)
    assert len(line) == count
    assert all(60 <= pitch <= 79 and pitch % 12 in C_MAJOR for pitch in line)


def test_strong_beats_rest_on_the_chord_and_big_leaps_are_rare() -> None:
    lines = [solve(slots(32), 57, 81, stream(seed), freedom=0.4) for seed in range(30)]
    assert np.mean([pitch % 12 in C for line in lines for pitch in line[::8]]) > 0.8
    moves = [abs(b - a) for line in lines for a, b in pairwise(line)]
    assert np.mean([move <= 4 for move in moves]) > 0.8
    assert max(moves) <= 12


@given(st.integers(0, 30), st.integers(48, 90), st.integers(48, 90))
def test_given_notes_are_passed_through(seed: int, fixed: int, before: int) -> None:
    line = solve(slots(8, fixed=fixed), 60, 79, stream(seed), before=(before,))
    assert line[-1] == fixed


@given(st.integers(0, 30))
def test_a_phrase_closes_where_it_is_told(seed: int) -> None:
    line = solve(slots(12, close=(0,)), 60, 79, stream(seed), freedom=0.8)
    assert line[-1] % 12 == 0


def test_the_line_moves_towards_what_follows() -> None:
    near = [solve(slots(6), 57, 81, stream(seed), after=79)[-1] for seed in range(12)]
    far = [solve(slots(6), 57, 81, stream(seed), after=57)[-1] for seed in range(12)]
    assert np.mean(near) > np.mean(far) + 4


def test_equal_seeds_give_equal_lines() -> None:
    assert solve(slots(16), 60, 79, stream(5)) == solve(slots(16), 60, 79, stream(5))
    assert solve([], 60, 79, stream(5)) == []
