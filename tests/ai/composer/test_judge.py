"""Which of several bars is better."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from studio.ai.composer.judge import verdict
from studio.ai.composer.piece import GRID_NOTE, Table
from studio.ai.composer.vocabulary import QUALITIES
from tests.ai.composer.pieces import bars


def _tune(pitches: Sequence[int]) -> Table:
    notes = np.zeros(len(pitches), GRID_NOTE)
    notes["sub"], notes["pitch"] = np.arange(len(pitches)) * 24, pitches
    notes["length"] = 15
    return notes


def _judged(pitches: Sequence[int], root: int, tonic: int) -> float:
    bar = bars(1)
    bar["root"], bar["quality"], bar["tonic"] = root, QUALITIES.index(""), tonic
    return verdict(_tune(pitches), bar[0], ["melody"], [0])


@pytest.mark.parametrize("tonic", range(12))
def test_over_the_tonics_chord_a_tune_touches_the_tonic(tonic: int) -> None:
    home = [60 + tonic + step for step in (4, 7, 12, 7)]
    away = [60 + tonic + step for step in (4, 7, 16, 7)]
    assert _judged(home, tonic, tonic) > _judged(away, tonic, tonic)
    other = (tonic + 5) % 12  # the same tunes where that chord is not at home
    assert _judged(home, tonic, other) == _judged(away, tonic, other)


def test_chords_are_not_hammered() -> None:
    bar = bars(1)[0]

    def judged(places: int) -> float:
        notes = np.zeros(places, GRID_NOTE)
        notes["sub"], notes["pitch"] = np.arange(places) * 96 // places, 60
        return verdict(notes, bar, ["chords"], [0])

    assert judged(16) < judged(12) < judged(8) == judged(4)
