"""What may be written where."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ai.composer.piece import BAR_DTYPE, SUBS
from studio.ai.composer.rules import MOST_NOTES, BarRules, Cursor, bar_rules
from studio.ai.composer.vocabulary import END_OF_BAR
from studio.ai.requests import Request, Task
from studio.ai.sketch.outcome import prepared
from studio.domain.gap import Gap
from studio.domain.project import new_song


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


@given(st.data(), st.integers(0, 2**32 - 1))
def test_what_has_to_be_struck_is_struck_whatever_else_is_chosen(
    data: st.DataObject, seed: int
) -> None:
    strokes = ((frozenset((163, 164)), 0), (frozenset((166, 168)), 24), (frozenset((164,)), 72))
    drums, piano = data.draw(free_places(4)), data.draw(free_places(4))
    drums[:, :128], piano[:, 128:] = False, False
    drums[:, 128 + 36] = True
    drums[24, 128 + 38] = True
    piano[0, [48, 60]] = True
    roots = ((frozenset((48, 60)), 0),)
    alone = frozenset((2,) if seed % 2 else ())
    rules = BarRules({1: drums, 2: piano}, alone, {1: 0, 2: 1}, {1: strokes, 2: roots})
    rng = np.random.default_rng(seed)
    at, found = Cursor(), set()
    while (slot := int(rng.choice(np.flatnonzero(rules.slots(at))))) != END_OF_BAR:
        beat = int(rng.choice(np.flatnonzero(rules.beats(at, slot))))
        sub = beat * SUBS + int(rng.choice(np.flatnonzero(rules.subs(at, slot, beat))))
        pitch = int(rng.choice(np.flatnonzero(rules.pitches(at, slot, sub))))
        at = rules.moved(at, slot, sub, pitch)
        found.add((sub, pitch))
    if at.count < MOST_NOTES:
        due = (*strokes, *roots)
        assert all(any((sub, key) in found for key in keys) for keys, sub in due)


@given(st.integers(0, 2**32 - 1))
def test_who_must_play_plays_wherever_it_likes(seed: int) -> None:
    free = {slot: np.ones((48, 256), bool) for slot in (0, 1, 2)}
    free[2][:] = False
    rules = BarRules(free, frozenset((0, 1)), {0: 0, 1: 1, 2: 2}, must=(1, 2))
    rng = np.random.default_rng(seed)
    at, found = Cursor(), set()
    while (slot := int(rng.choice(np.flatnonzero(rules.slots(at))))) != END_OF_BAR:
        at = rules.moved(at, slot, int(rng.choice(np.flatnonzero(rules._open(at, slot)))), 60)
        found.add(slot)
    assert 1 in found
    assert 2 not in found  # nothing is free for it


def test_drums_go_on_behind_their_last_due_stroke_though_a_bass_is_due_too() -> None:
    free = {slot: np.ones((96, 256), bool) for slot in (0, 1, 2)}
    due = {0: ((frozenset((164,)), 0), (frozenset((166,)), 72)), 1: ((frozenset((40,)), 0),)}
    rules = BarRules(free, frozenset((1,)), {0: 0, 1: 1, 2: 2}, due)
    struck = rules.moved(rules.moved(Cursor(), 0, 0, 164), 0, 72, 166)
    assert np.flatnonzero(rules.slots(struck)).tolist() == [0, 1]
    assert rules._open(struck, 0)[84:].all()
    assert np.flatnonzero(rules.slots(Cursor())).tolist() == [0]
    brushes = BarRules(free, frozenset((1,)), {0: 0, 1: 1, 2: 2}, {1: due[1]})
    assert np.flatnonzero(brushes.slots(Cursor())).tolist() == [0, 1]


def _keys_of(prompt: str, role: str, bar: int = 0, bars: int = 4) -> set[int]:
    """The keys that a part of a new song may strike as a bar begins; drums count from 0 too."""
    gap = Gap((), 0, bars * 3840)
    plan, players = prepared(Request(Task.COMPOSE, gap, "composer", "", 1, new_song(), prompt))
    row = np.zeros((), BAR_DTYPE)
    row["start"], row["length"] = bar * 96, 96
    count = range(len(players))
    rules = bar_rules(
        plan, players, list(count), list(count), plan.bars[bar], row,
        [player.plays == role for player in players], [{}] * len(players),
    )  # fmt: skip
    slot = next(index for index in count if players[index].plays == role)
    return {int(key) % 128 for key in np.flatnonzero(rules.pitches(Cursor(), slot, 0))}


def test_congas_and_claves_are_for_styles_that_have_them() -> None:
    latin = {62, 63, 64, 69, 75}
    assert not _keys_of("rock", "drums") & latin
    assert _keys_of("latin", "drums") & latin
    assert {36, 42, 49} <= _keys_of("rock", "drums")


def test_crashes_open_a_phrase_and_end_a_song() -> None:
    struck = [49 in _keys_of("soul", "drums", bar, 8) for bar in range(8)]
    assert struck == [True, False, False, False, True, False, False, True]


def test_a_tune_keeps_its_highest_keys_for_the_chorus_and_its_lowest_for_the_verse() -> None:
    prompt = "pop with flute, verse 8, chorus 8, all over one chord: " + "C | " * 16
    verse, chorus = (_keys_of(prompt, "melody", bar, 16) for bar in (0, 8))
    assert min(verse) < min(chorus)
    assert max(verse) < max(chorus)


@pytest.mark.parametrize("prompt", ["pop in D major", "only flute, in D major"])
def test_a_tune_ends_on_the_tonic_or_its_third_and_a_short_one_on_the_tonic(prompt: str) -> None:
    assert {key % 12 for key in _keys_of(prompt, "melody", 15, 16)} == {2, 6}
    assert {key % 12 for key in _keys_of(prompt, "melody", 3)} == {2}
