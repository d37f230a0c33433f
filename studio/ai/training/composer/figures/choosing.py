"""For which tasks the composer is the default, by a rule and on the validation excerpts.

The test excerpts of `tasks` choose nothing. What stands here is what the model's card claims.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio.ai.requests import Request
from studio.ai.training.composer.figures import tasks
from studio.ai.training.composer.figures.songs import Player
from studio.ai.training.composer.figures.tasks import ROLES, Trial

# What a card may claim, by the kinds of trials that speak for it.
CLAIMS = {
    "extend": ("extend", "extend backwards"),
    **{f"add_part:{role}": (f"add {role}",) for role in ROLES},
}
# Excerpts of a collection beside those that `songs` asks for: few collections have some parts.
_MORE = dict.fromkeys(CLAIMS, 2.0) | {
    "extend": 1.5,
    "add_part:drums": 3.0,
    "add_part:counter": 10.0,
}
RULE = (
    "A model takes a task from the one before it where one F1, of onsets or of pitches, is above "
    "the other's (the 95 % interval of the difference, excerpt by excerpt, wholly above 0), the "
    "other F1 is not below it (the interval not wholly below 0), and it is told from people no "
    "better (the area not larger). Where there are too few excerpts for an area it does not."
)


def measure(work: Path, players: list[Player], songs: int) -> dict[str, Any]:
    """By claim: the figures of `tasks.compared`."""
    return {claim: tasks.compared(some, players) for claim, some in _trials(work, songs).items()}


def requests(work: Path, player: Player, songs: int) -> Iterator[Request]:
    """Those whose takes are measured."""
    for found in _trials(work, songs).values():
        for seed, one in enumerate(found):
            yield one.request(player, seed)


def _trials(work: Path, songs: int) -> dict[str, list[Trial]]:
    """By claim; each excerpt is extended one way, every other the other way."""
    found = {}
    for claim, kinds in CLAIMS.items():
        each = round(max(songs // 10, 2) * _MORE[claim])
        of_kinds = tasks.trials(work, each, "valid", kinds).values()
        turns = enumerate(zip(*of_kinds, strict=False))
        found[claim] = [some[index % len(kinds)] for index, some in turns]
    return found


def default(row: dict[str, Any]) -> str:
    """The title of the model that `RULE` leaves the task to."""
    first: str
    first, *others = row["models"]
    for title in others:
        if _takes_over(row, first, title):
            first = title
    return first


def _takes_over(row: dict[str, Any], before: str, title: str) -> bool:
    difference = row["differences"][f"{title} - {before}"]
    onset, pitch = difference["onset"], difference["pitch"]  # each with its lower and upper end
    area, other = (row["models"][one]["area"][0] for one in (title, before))
    return bool(max(onset[1], pitch[1]) > 0 and min(onset[2], pitch[2]) >= 0 and area <= other)


def draw(data: dict[str, Any], folder: Path) -> list[str]:
    del data, folder
    return []


def tell(data: dict[str, Any]) -> str:
    chosen = ", ".join(f"{claim}: {default(row)}" for claim, row in data.items())
    return (
        f"{RULE} By excerpts of the validation split, which otherwise chose only between three "
        "copies of the weights; measured like the tasks above, extending forwards and "
        f"backwards by turns. It says: {chosen}.\n\n"
        "As first written, the rule asked for onsets alone; that pitches may speak too was added "
        "when these figures had been seen. The test excerpts above are the check, though an "
        "earlier version's figures of them were known.\n\n" + tasks.tables(data)
    )
