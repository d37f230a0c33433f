"""A tune breathes."""

from __future__ import annotations

import numpy as np

from studio.ai.composer.phrasing import breathless, rhythms
from studio.ai.composer.piece import GRID_NOTE

ROW = np.arange(8) * 12
SUNG = np.array([0, 24, 36, 48])


def test_an_even_row_is_worse_than_a_rhythm_and_a_third_time_worse_than_a_second() -> None:
    assert breathless(SUNG, [], 96, ends=False) == 0
    assert breathless(ROW, [], 96, ends=False) > 0
    twice, thrice = ([SUNG] * n for n in (1, 2))
    assert breathless(SUNG, twice, 96, ends=False) == 0
    assert breathless(SUNG, thrice, 96, ends=False) > 0


def test_the_last_note_of_a_phrase_is_held() -> None:
    late = np.array([0, 24, 48, 84])
    assert breathless(late, [], 96, ends=False) == 0
    assert breathless(late, [], 96, ends=True) > breathless(SUNG, [], 96, ends=True) == 0


def test_a_silent_bar_is_no_fault_of_rhythm() -> None:
    assert breathless(np.zeros(0, int), [ROW, ROW], 96, ends=True) == 0


def test_one_note_a_bar_may_come_once_but_not_twice_running() -> None:
    held = np.zeros(1, int)
    assert breathless(held, [SUNG, SUNG], 96, ends=True) == 0
    assert breathless(held, [SUNG, held], 96, ends=True) > 0
    assert breathless(SUNG, [held, held], 96, ends=True) == 0


def test_nothing_is_heard_before_the_first_bar_so_that_one_long_note_may_open_a_song() -> None:
    tune = np.zeros(2, GRID_NOTE)
    tune["sub"] = 0, 24
    assert rhythms(tune, 0) == []
    assert [one.tolist() for one in rhythms(tune, 1)] == [[0, 24]]
    assert [one.tolist() for one in rhythms(tune, 2)] == [[0, 24], []]
    assert breathless(np.zeros(1, int), rhythms(tune, 0), 96, ends=False) == 0
