"""Where the parts of a new song play: the melody above its band, and drums where a style has them.

Each instrument may do more; a network that has heard every arrangement there is would now and then
put a tune below the strings, or a backbeat where nobody claps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from studio.ai.composer.piece import SUB_TICKS
from studio.ai.requests import Task
from studio.ai.sketch.cast import Player
from studio.ai.sketch.groove_patterns import DRUM_KEYS, GROOVES, KICK, SNARE
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import fit

LINES = ("melody", "counter")
_BENEATH = {"chords": 70, "pad": 70, "arpeggio": 74, "counter": 72}  # highest key under a melody
_ABOVE = 64  # lowest key of a melody over a band
_ROOM = 12  # semitones that a part keeps at least
_SNARES, _KICKS = frozenset("SsC"), frozenset("K")

Stroke = tuple[frozenset[int], int]  # keys of which one is struck, and its place in the bar in subs


def seated(plan: Plan, players: Sequence[Player]) -> tuple[Player, ...]:
    """The players of a new song, those who accompany a melody below it."""
    gap = plan.request.gap
    free = (gap.pitch_low, gap.pitch_high) == (0, 127)
    if plan.request.task is not Task.COMPOSE or not free:
        return tuple(players)
    if not any(player.plays == "melody" for player in players) or len(players) < 2:
        return tuple(players)
    return tuple(_seat(player) for player in players)


def _seat(player: Player) -> Player:
    if player.track is not None:
        return player
    if player.plays == "melody":
        return replace(player, low=max(player.low, min(_ABOVE, player.high - _ROOM)))
    high = _BENEATH.get(player.plays, player.high)
    return replace(player, high=min(player.high, max(high, player.low + _ROOM)))


@cache
def strokes(style: str, beats: int, unit: int) -> tuple[Stroke, ...]:
    """The kicks and backbeats without which a bar is not of a style: in most of its grooves."""
    grooves = GROOVES.get(style, ((), ()))[0]
    found: list[Stroke] = []
    for marks in (_KICKS, _SNARES):
        keys: dict[int, list[int]] = {}
        for groove in grooves:
            for mark in marks & groove.keys():
                for hit in fit(groove[mark], beats, unit):
                    if hit.mark in "Xx" and hit.strength:
                        keys.setdefault(hit.at // SUB_TICKS, []).append(DRUM_KEYS[mark])
        often = {sub: struck for sub, struck in keys.items() if 2 * len(struck) > len(grooves)}
        found += [(frozenset(often[sub]) | _alike(often[sub]), sub) for sub in sorted(often)]
    return tuple(sorted(found, key=lambda stroke: (stroke[1], min(stroke[0]))))


def _alike(keys: Sequence[int]) -> frozenset[int]:
    """What does as well: the other kick, a snare for a side stick or for hands."""
    return frozenset((35,) if KICK in keys else (SNARE, 40))
