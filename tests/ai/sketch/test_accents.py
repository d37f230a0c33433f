"""Accents for a part that is as even as a machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio.ai.requests import Request, Task
from studio.ai.sketch.cast import Player
from studio.ai.sketch.humanise import accented
from studio.ai.sketch.outcome import prepared
from studio.ai.sketch.score import Bar, Event, stream
from studio.domain.gap import Gap
from studio.domain.project import new_song

DRUMS = Player("drums", "Drums", 0, 35, 81)
PIANO = Player("chords", "Piano", 0, 48, 84)


def _bar() -> Bar:
    gap = Gap((), 0, 8 * 3840)
    request = Request(Task.COMPOSE, gap, "composer", "", 1, new_song(), "pop")
    return prepared(request)[0].bars[0]


def _even(pitches: dict[int, int]) -> list[Event]:
    return [Event(start, 120, pitch, 90) for start, pitch in sorted(pitches.items())]


def _steps() -> dict[int, int]:
    return {at: 60 + at // 480 for at in range(0, 3840, 480)}


def _played(player: Player, notes: list[Event]) -> npt.NDArray[np.float64]:
    rows = [
        [event.velocity for event in accented(player, notes, [_bar()] * len(notes), 0.7, rng)]
        for rng in (stream(seed, "accents") for seed in range(40))
    ]
    return np.asarray(np.mean(rows, axis=0))


def test_an_even_hat_is_struck_harder_on_the_beats_at_the_same_level() -> None:
    hats = _even(dict.fromkeys(range(0, 3840, 240), 42))
    loud = _played(DRUMS, hats)
    assert loud[0] > loud[2] > loud[1]
    assert abs(loud.mean() - 90) < 4


def test_what_has_dynamics_of_its_own_keeps_them() -> None:
    notes = [e._replace(velocity=v) for e, v in zip(_even(_steps()), (40, 110) * 4, strict=True)]
    loud = _played(PIANO, notes)
    assert (loud[1::2] > loud[::2] + 50).all()


def test_nothing_but_the_velocity_changes() -> None:
    notes = _even(_steps())
    played = accented(PIANO, notes, [_bar()] * len(notes), 0.7, stream(1, "accents"))
    assert [e._replace(velocity=90) for e in played] == notes
    assert accented(PIANO, [], [], 0.7, stream(1, "accents")) == []
    assert accented(PIANO, notes, [_bar()] * len(notes), 0.0, stream(1, "accents")) == notes
