"""Mono and dim change what is heard, without a click, and nothing else."""

from __future__ import annotations

from pathlib import Path
from threading import RLock

import numpy as np
import pytest

from studio.audio.monitor import Monitor, MonitorChoice
from studio.audio.player import Player
from studio.audio.shared import Command, Shared

RATE = 48000


def heard(monitor: Monitor, left: float, right: float, blocks: int = 8) -> np.ndarray:
    """What becomes of steady sound, [frames, 2]."""
    made = []
    for _ in range(blocks):
        block = np.tile(np.array([left, right], np.float32), (256, 1))
        monitor.process(block)
        made.append(block)
    return np.concatenate(made)


def test_mono_is_the_mean_of_both_sides() -> None:
    monitor = Monitor(RATE)
    monitor.choose(mono=True, dim=False)
    assert heard(monitor, 0.8, 0.2)[-1] == pytest.approx([0.5, 0.5])


def test_dim_is_twenty_decibels_softer_and_comes_back() -> None:
    monitor = Monitor(RATE)
    monitor.choose(mono=False, dim=True)
    assert heard(monitor, 0.8, -0.4)[-1] == pytest.approx([0.08, -0.04])
    monitor.choose(mono=False, dim=False)
    heard(monitor, 0.8, -0.4)
    block = np.random.default_rng(1).normal(0, 0.2, (256, 2)).astype(np.float32)
    after = block.copy()
    monitor.process(after)
    assert (after == block).all()


def test_changes_glide() -> None:
    monitor = Monitor(RATE)
    monitor.choose(mono=True, dim=True)
    steps = np.abs(np.diff(heard(monitor, 0.9, -0.3), axis=0))
    assert steps.max() < 0.004


def test_what_is_chosen_reaches_the_one_that_makes_the_sound(tmp_path: Path) -> None:
    shared = Shared.create(tmp_path / "shared")
    player = Player(shared, RATE, lambda: None)

    def put(command: Command) -> None:
        assert shared.put(command)

    choice = MonitorChoice(put, RLock())
    choice.choose(mono=True, dim=False)
    for _ in range(8):
        player.fill(np.zeros((256, 2), np.float32), False)
    assert heard(player._monitor, 0.6, 0.0, 1)[-1] == pytest.approx([0.3, 0.3])
    choice.choose(mono=False, dim=True)
    for _ in range(8):
        player.fill(np.zeros((256, 2), np.float32), False)
    assert heard(player._monitor, 0.6, 0.0, 1)[-1] == pytest.approx([0.06, 0.0])
