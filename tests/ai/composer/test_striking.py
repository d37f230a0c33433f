"""What new parts have to strike: the figures a style is known by."""

from __future__ import annotations

import numpy as np
import pytest

from studio.ai.composer.drumming import kicked
from studio.ai.composer.piece import SUB_TICKS
from studio.ai.composer.striking import builds_up, figure, figured, lasting, strokes, walks
from studio.ai.sketch.cast import Player
from tests.ai.composer.plans import planned, song


def _one(players: tuple[Player, ...], role: str) -> tuple[int, Player]:
    return next((i, player) for i, player in enumerate(players) if player.plays == role)


@pytest.mark.parametrize(("style", "beats"), [("reggae", {0, 24, 48, 72}), ("a waltz", {0})])
def test_chords_of_a_style_stay_off_the_beats_that_it_leaves(style: str, beats: set[int]) -> None:
    plan, players = planned(style, 16)
    index, player = _one(players, "chords")
    bar = plan.bars[1]
    ticks = np.arange(bar.length // SUB_TICKS) * SUB_TICKS
    places = set(np.flatnonzero(figured(plan, player, bar, ticks)).tolist())
    assert places
    assert not places & beats
    assert {sub for _, sub in strokes(plan, players, bar)[index]} <= places


def test_every_chord_of_a_bar_may_sound_whatever_the_figure_says() -> None:
    plan, players = song("house")
    _, player = _one(players, "chords")
    for bar in plan.bars:
        ticks = np.arange(bar.length // SUB_TICKS) * SUB_TICKS
        free = figured(plan, player, bar, ticks)
        for span in bar.chords:
            assert free[(span.start - bar.start) // SUB_TICKS : (span.end - bar.start) // 40].any()


def test_a_struck_figure_has_two_voices_and_its_own_lengths() -> None:
    plan, players = planned("reggae", 16)
    index, player = _one(players, "chords")
    due = strokes(plan, players, plan.bars[1])[index]
    for sub, length in figure(plan, player, plan.bars[1]).items():
        low, high = (keys for keys, at in due if at == sub)
        assert max(low) < min(high)
        within = lasting(plan, player, plan.bars[1], sub)
        assert within is not None
        assert 0 < within[0] <= length <= within[1] < 24
    assert lasting(plan, player, plan.bars[1], 1) is None


def test_a_bass_of_jazz_walks_on_every_beat_and_one_of_rock_does_not() -> None:
    plan, players = planned("jazz", 16)
    index, bass = _one(players, "bass")
    assert walks(plan, bass)
    for bar in plan.bars[:-1]:
        assert {sub for _, sub in strokes(plan, players, bar)[index]} == {0, 24, 48, 72}
    rock, others = planned("rock", 16)
    assert not any(walks(rock, player) for player in others)


@pytest.mark.parametrize("style", ["house", "disco", "pop"])
def test_no_line_of_a_bass_nearly_meets_a_kick(style: str) -> None:
    for seed in range(8):
        plan, players = planned(style, 16, seed)
        _, bass = _one(players, "bass")
        for bar in plan.bars[:-1]:
            places = figure(plan, bass, bar).keys()
            assert places
            for kick in kicked(plan, bar) - places:
                assert all(abs(place - kick) > 6 for place in places)


def test_in_a_bar_of_the_grid_that_begins_within_a_bar_nothing_is_struck_again() -> None:
    plan, players = planned("jazz", 16)
    index, _ = _one(players, "bass")
    bar = plan.bars[1]
    later = strokes(plan, players, bar, bar.start // SUB_TICKS + 48)
    assert {sub for _, sub in later[index]} == {0, 24}
    assert strokes(plan, players, bar, bar.start // SUB_TICKS) == strokes(plan, players, bar)


def test_a_band_comes_in_one_after_another_but_whoever_was_asked_for_at_once() -> None:
    late: set[str] = set()
    for seed in range(12):
        plan, players = song("pop", seed)
        intro = [bar for bar in plan.bars if bar.section == "Intro"]
        waiting = [[builds_up(plan, players, p, bar) for p in players] for bar in intro]
        assert waiting[0] == waiting[1]
        assert not any(any(row) for row in waiting[2:])
        assert not all(waiting[0])
        late |= {p.plays for p, waits in zip(players, waiting[0], strict=True) if waits}
        assert not any(builds_up(plan, players, p, b) for p in players for b in plan.bars[4:])
    assert {"drums", "bass"} <= late
    plan, players = planned("pop with drums, bass, piano: intro 4, verse 8", 12)
    assert not any(builds_up(plan, players, p, b) for p in players if p.asked for b in plan.bars)
