"""Which of several candidates for a bar to trust."""

from __future__ import annotations

import numpy as np
import pytest

from studio.ai.composer.piece import GRID_NOTE, Table
from studio.ai.composer.ranking import agreement, plausible


def _bar(*notes: tuple[int, int]) -> Table:
    """Notes of one part, by place and pitch."""
    found = np.zeros(len(notes), GRID_NOTE)
    for row, (sub, pitch) in zip(found, notes, strict=True):
        row["sub"], row["pitch"] = sub, pitch
    return found


def test_what_most_candidates_would_play_is_agreed_on() -> None:
    apart, first, second = _bar((12, 71)), _bar((0, 60), (24, 64)), _bar((0, 60), (24, 67))
    found = agreement([apart, first, second])
    assert found == pytest.approx([0.0, 0.25, 0.25])


def test_one_candidate_agrees_with_nobody() -> None:
    assert agreement([_bar((0, 60))]) == [0.0]


def test_a_likelihood_above_the_middle_is_no_merit() -> None:
    assert plausible([-3.0, -2.0, -1.0]) == [-3.0, -2.0, -2.0]
