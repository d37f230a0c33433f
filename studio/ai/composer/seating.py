"""Where the parts of a new song play: the melody above its band, and drums where a style has them.

Each instrument may do more; a network that has heard every arrangement there is would now and then
put a tune below the strings, or a backbeat where nobody claps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from studio.ai.composer.piece import CHORDS_PER_BAR, SUBS, Table
from studio.ai.composer.vocabulary import ACCOMPANIMENT
from studio.ai.requests import Task
from studio.ai.sketch.cast import Player
from studio.ai.sketch.form import SILENT
from studio.ai.sketch.humanise import held_events
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import Bar

LINES = ("melody", "counter")
_ABOVE = 64  # lowest key of a melody over a band, where its instrument goes far enough above
_OVERLAP = 2  # semitones of a melody's range that its band may use
_AROUND = 7  # semitones beyond what a track has played that it may reach
_ROOM = 12  # that a part keeps at least
_CALM = 0.45  # density below which chords without drums keep to the beats
_SWUNG = 0.2
_LEFT_HAND = 36  # lowest key of a hand that also plays the bass
_SUSTAINED = 40  # subs that a pad is held at least
_SHORTEST = 6  # subs of a note of a new part: bands that were learnt from have mere clicks
_RISE = 44.0  # semitones that a whole step of energy would lift a melody
_SUNG = 4  # semitones more than `_ROOM` that a verse has beneath a chorus
_MOST_REST = {"melody": 1, "counter": 3}  # bars for which a part is silent at most
_IDLE = ("counter", "arpeggio")  # parts that a last chord does without


def is_new(plan: Plan) -> bool:
    """Whether parts are written that were not there, and not more of what was."""
    return plan.request.task in (Task.COMPOSE, Task.ADD_PART, Task.HARMONISE)


def joins_in(plan: Plan) -> bool:
    """Whether what is written goes on from what is there, or goes with it."""
    return plan.request.task in (Task.EXTEND, Task.ADD_PART)


def seated(plan: Plan, players: Sequence[Player]) -> tuple[Player, ...]:
    """The players: those who play already where they do, those who accompany a new melody below
    it."""
    gap = plan.request.gap
    players = [where_heard(plan, player) for player in players]
    free = (gap.pitch_low, gap.pitch_high) == (0, 127)
    singers = [player for player in players if player.plays == "melody" and player.track is None]
    if not is_new(plan) or not free or not singers:
        return tuple(players)
    if len(players) == 1 and not plan.heard:
        return tuple(players)
    low = min(_lowest(player) for player in singers)
    return tuple(_seat(player, low) for player in players)


def where_heard(plan: Plan, player: Player) -> Player:
    """A player of a track with all the keys it was heard on, and some around them; with no others
    where what it played is rewritten."""
    gap = plan.request.gap
    again = held_events(plan, player) if plan.request.task is Task.REWRITE else []
    heard = [note.pitch for note in player.standing if not note.muted]
    heard += [event.pitch for event in again]
    if player.track is None or player.drums or not heard:
        return player
    low, high = min(heard) - _AROUND, max(heard) + _AROUND
    if not again:
        low, high = min(player.low, low), max(player.high, high)
    return replace(player, low=max(low, gap.pitch_low, 0), high=min(high, gap.pitch_high, 127))


def _lowest(melody: Player) -> int:
    return max(melody.low, min(_ABOVE, melody.high - _ROOM - 2))


def _seat(player: Player, low: int) -> Player:
    """A player where the melody's lowest key is `low`."""
    if player.track is not None:
        return player
    if player.plays == "melody":
        return replace(player, low=_lowest(player))
    if player.plays not in ACCOMPANIMENT:
        return player
    high = min(player.high, max(low + _OVERLAP, player.low + _ROOM))
    if player.left_hand:
        return replace(player, low=min(player.low, max(player.lowest, _LEFT_HAND)), high=high)
    return replace(player, high=high)


def risen(plan: Plan, bar: Bar) -> float:
    """How far a bar of a new song stands above the middle of those that are sung, in energy: a
    chorus above 0, a verse below; 0 where there is no such difference."""
    if plan.request.task is not Task.COMPOSE:
        return 0.0
    sung = [other.energy for other in plan.bars if "melody" not in SILENT.get(other.section, ())]
    middle = (min(sung) + max(sung)) / 2 if sung else bar.energy
    return bar.energy - middle


def kept_for_others(plan: Plan, player: Player, bar: Bar) -> npt.NDArray[np.bool_]:
    """The keys of a new melody that verses leave to the chorus, and a chorus to the verses."""
    keys, above = np.arange(128), risen(plan, bar)
    if player.plays != "melody" or player.track is not None or not above:
        return np.zeros(128, bool)
    room = min(round(_RISE * abs(above)), max(player.high - player.low - _ROOM, 0))
    if above > 0:
        return keys < player.low + room
    return keys > min(player.high - room, player.low + _ROOM + _SUNG)


def steps(plan: Plan, player: Player, row: Table, *, driven: bool) -> npt.NDArray[np.bool_]:
    """The places of a bar where a new part may strike: pads seldom, and chords no oftener than the
    density asks where no drums drive them.

    Args:
        row: The bar on the grid, a row of `BAR_DTYPE`.
        driven: Whether there are drums.

    Returns:
        Shape [subs].
    """
    subs = np.arange(int(row["length"]))
    if player.plays == "pad":
        changes = np.diff(row["root"].astype(int) * 64 + row["quality"], prepend=-1) != 0
        heads = np.flatnonzero(changes) * int(row["length"]) // CHORDS_PER_BAR
        half = 2 * SUBS if len(subs) % (2 * SUBS) == 0 else len(subs)
        return np.asarray(np.isin(subs, heads) | (subs % half == 0))
    if player.plays != "chords" or driven:
        return np.ones(len(subs), bool)
    half = 2 * SUBS // 3 if plan.dials.swing > _SWUNG else SUBS // 2
    calm = plan.dials.density < _CALM and int(row["unit"]) == 4
    return np.asarray((subs % SUBS == 0) | ((subs % SUBS == half) & (not calm)))


def sustained(plan: Plan, player: Player, *, driven: bool) -> int:
    """For how long a new part holds its notes at least, subs.

    Args:
        driven: Whether there are drums.
    """
    if not is_new(plan):
        return 0
    if player.plays == "pad":
        return _SUSTAINED
    calm = plan.dials.density < _CALM and not driven and player.track is None
    return SUBS if calm and player.plays == "chords" else _SHORTEST


def comes_in(
    plan: Plan,
    player: Player,
    bar: Bar,
    rested: int | None,
    *,
    alone: bool = False,
    played: bool = False,
) -> bool:
    """Whether a new part has to strike something in a bar: what was asked for and what goes on from
    a motif at once, others from the second bar on; then nobody rests for longer than such parts do,
    and the band ends together. What is rewritten falls silent nowhere.

    Args:
        player: Who might play, and of whom nothing rings on into the bar.
        rested: Whole bars for which it was silent; None before its first note.
        alone: Whether nobody else plays.
        played: Whether it began notes there that are to be replaced.
    """
    if plan.request.task is Task.REWRITE:
        return played
    motif = plan.request.task is Task.EXTEND and bool(plan.request.controls.source)
    if not is_new(plan) and not motif:
        return False
    if rested is None:
        late = len(plan.bars) == 1 or bar.start > plan.bars[0].start
        return alone or motif or player.asked or late
    most = 0 if alone else _MOST_REST.get(player.plays, 0)
    return rested >= most or (bar.final and player.plays not in _IDLE)
