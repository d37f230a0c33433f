"""How loud a part plays: its level, and a line's accents where the network was told of none.

Most written music that the network learnt from tells no velocities, so that in its manner the
accents follow the meter, the phrase and the contour, as good players shape a line.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio.ai.composer.piece import Table
from studio.ai.composer.vocabulary import VELOCITIES
from studio.ai.sketch.cast import Player
from studio.ai.sketch.score import Bar, stream

# How loud each role is before its instrument's own balance, and how far it goes from there: scores
# and patterns of every level were learnt from, and a band must not take on the level of one.
_LEVELS = {
    "melody": 86, "counter": 74, "chords": 76, "pad": 68, "arpeggio": 74, "bass": 86, "other": 80,
    "drums": 88,
}  # fmt: skip
_SOFTER, _LOUDER = 22, 26
_HEARD = 4  # notes by which a part's own level is known
_ACCENTS = {3: 6.0, 2: 4.0, 1: 1.0}  # by the strength of the beat
_BETWEEN, _OFF_GRID = -2.0, -5.0  # on half beats, and on everything else
_SWELL, _CONTOUR, _ENERGY, _CHANCE = 6.0, 0.5, 16.0, 2.5
_USUAL_ENERGY = 0.6
_HALF = 60  # ticks around a half beat


def level(player: Player) -> float:
    """The velocity around which a player plays before `Player.push`: as so far, else as its role
    does."""
    heard = [note.velocity for note in player.standing if not note.muted]
    if len(heard) >= _HEARD:
        return float(np.mean(heard)) - player.push
    return float(_LEVELS.get(player.plays, 80))


def allowed(player: Player) -> npt.NDArray[np.bool_]:
    """Classes of velocity that a player may use, shape [32]; drums have ghost notes."""
    middle = level(player)
    low, high = (16.0, 127.0) if player.drums else (middle - _SOFTER, middle + _LOUDER)
    classes = np.arange(VELOCITIES)
    return np.asarray((classes >= min(low // 4, 30)) & (classes <= max(high // 4, 1)))


def shaped(note: Table, start: int, player: Player, bar: Bar, seed: int) -> int:
    """The velocity of a note that the network said none of, before `Player.push`.

    Args:
        note: A row of `GRID_NOTE`.
        start: Where it stands, song ticks.
    """
    at = start - bar.start
    phrase = (bar.in_phrase + at / bar.length) / max(bar.phrase_bars, 1)
    accent = _accent(at, bar) + _SWELL * (np.sin(np.pi * np.clip(phrase, 0.0, 1.0)) - 0.5)
    contour = 0.0 if player.drums else _CONTOUR * (int(note["pitch"]) - _middle(player))
    chance = _CHANCE * stream(seed, "loudness", start, int(note["pitch"]), player.name).normal()
    found = level(player) + accent + contour + lift(bar) + chance
    return int(np.clip(round(found), 12, 124))


def lift(bar: Bar) -> float:
    """By how much a bar is louder than others for its place in the song, steps of velocity."""
    return _ENERGY * (bar.energy - _USUAL_ENERGY)


def _middle(player: Player) -> float:
    return (player.low + player.high) / 2


def _accent(at: int, bar: Bar) -> float:
    on = next((pulse for pulse in bar.pulses if pulse.at <= at < pulse.at + pulse.length), None)
    if on is None:
        return _OFF_GRID
    if at == on.at:
        return _ACCENTS[on.strength]
    return _BETWEEN if abs(at - on.at - on.length // 2) < _HALF else _OFF_GRID
