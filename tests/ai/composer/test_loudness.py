"""How loud a part plays where the network says nothing of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.ai.composer.loudness import allowed, level, shaped
from studio.ai.composer.piece import GRID_NOTE
from studio.ai.requests import Request, Task
from studio.ai.sketch.cast import Player
from studio.ai.sketch.listen import Heard
from studio.ai.sketch.outcome import prepared
from studio.ai.sketch.plan import Plan
from studio.domain.gap import Gap
from studio.domain.project import new_song

PLAYER = Player("melody", "Flute", 73, 60, 84)


def _plan() -> Plan:
    gap = Gap((), 0, 8 * 3840)
    return prepared(Request(Task.COMPOSE, gap, "composer", "", 1, new_song(), "pop"))[0]


def _velocity(start: int, pitch: int = 72, player: Player = PLAYER) -> float:
    plan = _plan()
    bar = next(bar for bar in plan.bars if bar.start <= start < bar.end)
    note = np.zeros((), GRID_NOTE)
    note["pitch"] = pitch
    return float(np.mean([shaped(note, start, player, bar, seed) for seed in range(60)]))


def test_beats_are_louder_than_what_lies_between() -> None:
    one, half, sixteenth = _velocity(3840), _velocity(3840 + 480), _velocity(3840 + 240)
    assert one > half > sixteenth


def test_a_line_grows_as_it_rises() -> None:
    assert _velocity(3840, 84) > _velocity(3840, 60) + 5


def test_a_part_plays_about_as_loud_as_it_did() -> None:
    heard = tuple(Heard(at * 480, at * 480 + 240, 72, 50, True) for at in range(8))
    quiet = replace(PLAYER, standing=heard, push=6)
    assert level(quiet) == 44
    assert _velocity(3840, player=quiet) < _velocity(3840) - 20
    classes = np.flatnonzero(allowed(quiet))
    assert classes.min() <= 44 // 4 <= classes.max()
    assert classes.max() * 4 < 80


@pytest.mark.parametrize("velocity", [1, 127])
def test_the_loudest_and_the_softest_may_go_on(velocity: int) -> None:
    heard = tuple(Heard(at * 480, at * 480 + 240, 72, velocity, True) for at in range(8))
    assert allowed(replace(PLAYER, standing=heard)).any()
    assert 1 <= _velocity(3840, player=replace(PLAYER, standing=heard)) <= 127
