"""A drummer tells a chorus from a verse, fills where a section ends, and keeps to the style."""

from __future__ import annotations

import numpy as np
import pytest

from studio.ai.composer.drumming import PITCHES, drum_strokes, spared
from studio.ai.composer.piece import SUB_TICKS
from studio.ai.sketch.groove_patterns import (
    CLOSED_HAT,
    CRASH,
    GROOVES,
    HIGH_TOM,
    KICK,
    OPEN_HAT,
    RIDE,
    SNARE,
)
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import Bar
from tests.ai.composer.plans import planned, song


def _free(plan: Plan, bar: Bar) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Shape [subs, 128]."""
    return ~spared(plan, bar, np.arange(bar.length // SUB_TICKS) * SUB_TICKS)


def _keys(plan: Plan, bar: Bar) -> set[int]:
    return {key - PITCHES for keys, _ in drum_strokes(plan, bar) for key in keys}


@pytest.mark.parametrize("style", ["rock", "ballad"])
def test_the_hand_that_keeps_the_time_changes_in_the_chorus(style: str) -> None:
    plan, _ = song(style)
    verse, chorus = plan.bars[5], plan.bars[13]
    assert (verse.section, chorus.section) == ("Verse", "Chorus")
    assert _free(plan, verse)[:, CLOSED_HAT].any()
    assert not _free(plan, verse)[:, [RIDE, OPEN_HAT]].any()
    assert not {RIDE, OPEN_HAT} <= _keys(plan, verse)
    assert {RIDE, OPEN_HAT} & _keys(plan, chorus)


def test_a_section_ends_with_a_fill_and_a_chorus_opens_with_a_crash() -> None:
    plan, _ = song("rock")
    last, first = plan.bars[11], plan.bars[12]
    assert (last.section, first.section) == ("Verse", "Chorus")
    filled = [sub for keys, sub in drum_strokes(plan, last) if sub >= 48]
    assert len(set(filled)) >= 2
    assert not _free(plan, last)[90, [CLOSED_HAT, OPEN_HAT, RIDE]].any()
    opened = _free(plan, first)
    assert opened[0, CRASH]
    assert not opened[1:, CRASH].any()
    assert CRASH in _keys(plan, first)
    assert CRASH not in _keys(plan, plan.bars[13])


def test_what_has_to_be_struck_may_be_struck() -> None:
    for style in GROOVES:
        plan, _ = song(style)
        for bar in plan.bars[:-1]:
            free = _free(plan, bar)
            strokes = drum_strokes(plan, bar)
            for keys, sub in strokes:
                assert free[sub, [key - PITCHES for key in keys]].all(), (style, bar.section, sub)
            order = [(sub, min(keys)) for keys, sub in strokes]
            assert order == sorted(order)


@pytest.mark.parametrize("style", GROOVES)
def test_time_is_kept_to_the_end_of_every_bar(style: str) -> None:
    plan, players = planned(style, 16)
    steady = any(mark in groove for groove in GROOVES[style][0] for mark in "HR")
    for bar in plan.bars[:-1] if steady and any(player.drums for player in players) else ():
        strokes = drum_strokes(plan, bar)
        assert max(sub for _, sub in strokes) * SUB_TICKS >= bar.length * 2 // 3


def test_a_waltz_has_its_kick_on_one_and_nothing_between_its_beats() -> None:
    plan, _ = planned("a waltz at 90", 16)
    free = _free(plan, plan.bars[1])
    assert np.flatnonzero(free[:, KICK]).max() <= 4
    between = np.arange(8, 17)
    off_beat = free[np.concatenate([between, between + 24, between + 48])]
    assert not off_beat[:, [KICK, CLOSED_HAT, RIDE]].any()


def test_reggae_drops_the_one() -> None:
    plan, _ = song("reggae")
    assert not _free(plan, plan.bars[5])[0, [KICK, 35]].any()


def test_toms_are_for_fills() -> None:
    plan, _ = song("pop")
    assert not _free(plan, plan.bars[5])[:, HIGH_TOM].any()


def test_half_time_and_drums_for_a_style_that_nobody_named_are_left_alone() -> None:
    plan, _ = planned("rock, half-time feel", 16)
    free = _free(plan, plan.bars[1])
    assert free[:, [RIDE, HIGH_TOM, CLOSED_HAT]].all()
    assert not free[[0, 24, 72], SNARE].any()
