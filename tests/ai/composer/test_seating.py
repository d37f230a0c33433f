"""Where the parts of a new song play."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.ai.composer.seating import seated, strokes
from studio.ai.requests import Request, Task
from studio.ai.sketch.cast import Player
from studio.ai.sketch.outcome import prepared
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.styles import STYLES
from studio.domain.gap import Gap
from studio.domain.project import new_song


def _planned(prompt: str, gap: Gap | None = None) -> tuple[Plan, tuple[Player, ...]]:
    gap = gap or Gap((), 0, 8 * 3840)
    return prepared(Request(Task.COMPOSE, gap, "composer", "", 1, new_song(), prompt))


@pytest.mark.parametrize("style", STYLES)
def test_a_melody_has_most_of_its_range_above_its_band(style: str) -> None:
    plan, players = _planned(style)
    found = seated(plan, players)
    singers = [player for player in found if player.plays == "melody"]
    for player, before in zip(found, players, strict=True):
        assert before.low <= player.low < player.high <= before.high
        assert player.high - player.low >= min(12, before.high - before.low)
        if player.plays in ("chords", "pad") and singers:
            assert player.high <= max(singers[0].low + 6, player.low + 12)


def test_a_band_of_pitches_that_was_asked_for_is_left_alone() -> None:
    plan, players = _planned("pop", Gap((), 0, 8 * 3840, pitch_low=48, pitch_high=60))
    assert seated(plan, players) == players


def test_who_plays_on_a_track_that_is_there_stays_where_it_is() -> None:
    plan, players = _planned("pop")
    task = replace(plan.request, task=Task.REWRITE)
    assert seated(replace(plan, request=task), players) == players


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("meter", [(4, 4), (3, 4), (7, 8), (12, 8)])
def test_strokes_come_in_the_order_in_which_drums_are_written(
    style: str, meter: tuple[int, int]
) -> None:
    found = [(sub, min(keys)) for keys, sub in strokes(style, *meter)]
    assert found == sorted(set(found))
    assert all(sub < meter[0] * 96 // meter[1] for sub, _ in found)


def test_rock_claps_on_two_and_four() -> None:
    snares = [sub for keys, sub in strokes("rock", 4, 4) if 38 in keys]
    assert snares == [24, 72]
