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
from studio.ai.sketch.groove_patterns import CLAP, DRUM_KEYS, GROOVES, KICK, SIDE_STICK, SNARE
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import fit

LINES = ("melody", "counter")
_ABOVE = 64  # lowest key of a melody over a band, where its instrument goes far enough above
_OVERLAP = 6  # semitones of a melody's range that its band may use
_ROOM = 12  # that a part keeps at least
_BENEATH = ("chords", "pad", "arpeggio", "counter")
_SNARES, _KICKS = frozenset("SsC"), frozenset("K")

Stroke = tuple[frozenset[int], int]  # keys of which one is struck, and its place in the bar in subs


def is_new(plan: Plan) -> bool:
    """Whether parts are written that were not there, and not more of what was."""
    return plan.request.task in (Task.COMPOSE, Task.ADD_PART, Task.HARMONISE)


def seated(plan: Plan, players: Sequence[Player]) -> tuple[Player, ...]:
    """The players, those who accompany a new melody below it."""
    gap = plan.request.gap
    free = (gap.pitch_low, gap.pitch_high) == (0, 127)
    singers = [player for player in players if player.plays == "melody" and player.track is None]
    if not is_new(plan) or not free or not singers:
        return tuple(players)
    if len(players) == 1 and not plan.heard:
        return tuple(players)
    low = min(_lowest(player) for player in singers)
    return tuple(_seat(player, low) for player in players)


def _lowest(melody: Player) -> int:
    return max(melody.low, min(_ABOVE, melody.high - _ROOM - 2))


def _seat(player: Player, low: int) -> Player:
    """A player where the melody's lowest key is `low`."""
    if player.track is not None:
        return player
    if player.plays == "melody":
        return replace(player, low=_lowest(player))
    if player.plays not in _BENEATH:
        return player
    return replace(player, high=min(player.high, max(low + _OVERLAP, player.low + _ROOM)))


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
    """What does as well: the other kick, another snare."""
    return frozenset({KICK: 35, SNARE: 40, CLAP: SNARE}[key] for key in keys if key != SIDE_STICK)
