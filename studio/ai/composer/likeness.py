"""How far what is rewritten stays like what it was: as busy, and as long held."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio.ai.composer.draft import Draft, density_factor
from studio.ai.composer.piece import SUB_TICKS, Table
from studio.ai.composer.vocabulary import LENGTHS
from studio.ai.requests import Task
from studio.ai.sketch.cast import Player
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.settle import ONE_AT_A_TIME

_UNLIKE = 0.5  # nats a note, for twice or half as many notes as are rewritten


def held_in(draft: Draft, player: int, at: int) -> Table:
    """The notes of a player, by index, that the gap replaces in bar `at` of the grid."""
    held = draft.held
    found: Table = held[(held["part"] == draft.parts[player]) & (held["bar"] == at)]
    return found


def shortest(draft: Draft, plan: Plan, at: int, who: Sequence[int]) -> dict[int, int]:
    """How long notes of some players in bar `at` of the grid last at least, subs, by slot: half as
    long as most of what is rewritten there."""
    found: dict[int, int] = {}
    for player in who if plan.request.task is Task.REWRITE else ():
        held, part = held_in(draft, player, at), draft.parts[player]
        if len(held) and not draft.piece.parts[part].drums:
            usual = float(np.median(np.array(LENGTHS)[held["length"]]))
            least = int(usual / 2 / density_factor(plan))
            found[int(draft.lane.slot[part])] = min(least, LENGTHS[-1])
    return found


def unlike(draft: Draft, plan: Plan, notes: Table, player: int, at: int) -> float:
    """What it costs, nats a note, that a player would be busier or calmer in bar `at` of the grid
    than what is rewritten there was, the density dial counted in."""
    was = len(held_in(draft, player, at))
    if plan.request.task is not Task.REWRITE or not was:
        return 0.0
    count = int((notes["part"] == draft.parts[player]).sum())
    return _UNLIKE * abs(float(np.log2((1 + count) / (1 + was * density_factor(plan)))))


def held_until(draft: Draft, plan: Plan, player: Player, index: int, bar: int) -> int:
    """Up to which tick a player, of that index, may hold what it plays before a bar of the grid: a
    line that is rewritten leaves room in the next bar where it played."""
    held = draft.held
    mine = held[(held["part"] == draft.parts[index]) & (held["bar"] >= bar)]
    if plan.request.task is not Task.REWRITE or player.plays not in ONE_AT_A_TIME or not len(mine):
        return max(plan.bars[-1].end, plan.request.gap.end)
    first = int(mine["bar"].min())
    last = int(mine["sub"][mine["bar"] == first].max())
    return (int(draft.piece.bars["start"][first]) + last) * SUB_TICKS
