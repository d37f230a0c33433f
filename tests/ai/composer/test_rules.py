"""What may be written where."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from studio.ai.composer.piece import SUBS
from studio.ai.composer.rules import BarRules, Cursor
from studio.ai.composer.vocabulary import END_OF_BAR


@st.composite
def free_places(draw: st.DrawFn, quarters: int) -> npt.NDArray[np.bool_]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    share = draw(st.sampled_from([0.0, 0.01, 0.3]))
    return rng.random((quarters * SUBS, 256)) < share


@given(st.data(), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_whatever_is_chosen_a_bar_ends_with_its_notes_in_order_and_free(
    data: st.DataObject, quarters: int, seed: int
) -> None:
    free = {slot: data.draw(free_places(quarters)) for slot in (3, 0, 7)}
    alone, ranks = frozenset((0,)), {3: 0, 0: 5, 7: 9}
    rules = BarRules(free, alone, ranks)
    rng = np.random.default_rng(seed)
    at, found = Cursor(), []
    while True:
        slots = np.flatnonzero(rules.slots(at))
        slot = int(rng.choice(slots))
        if slot == END_OF_BAR:
            break
        beat = int(rng.choice(np.flatnonzero(rules.beats(at, slot))))
        sub = beat * SUBS + int(rng.choice(np.flatnonzero(rules.subs(at, slot, beat))))
        pitch = int(rng.choice(np.flatnonzero(rules.pitches(at, slot, sub))))
        assert free[slot][sub, pitch]
        at = rules.moved(at, slot, sub, pitch)
        found.append((ranks[slot], sub, pitch))
    assert found == sorted(set(found))
    lone = [sub for rank, sub, _ in found if rank == 5]
    assert len(lone) == len(set(lone))


def test_a_bar_in_which_nothing_is_free_can_only_end() -> None:
    rules = BarRules({2: np.zeros((96, 256), bool)}, frozenset(), {2: 0})
    assert np.flatnonzero(rules.slots(Cursor())).tolist() == [END_OF_BAR]
