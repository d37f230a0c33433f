"""What new parts have to strike: grooves, figures of a style, roots of the bass, last chords."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from studio.ai.composer.drumming import NEAR, Stroke, drum_strokes, kicked
from studio.ai.composer.piece import SUB_TICKS
from studio.ai.composer.seating import is_new
from studio.ai.requests import Task
from studio.ai.sketch.bass import LINES
from studio.ai.sketch.cast import Player
from studio.ai.sketch.comping import FIGURES
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import Bar, pick, stream

_DEEP = 16  # semitones of a bass or left hand that count as low
# Figures and lines that are their style: the network has heard few of them.
_TOLD_FIGURES = frozenset((
    "waltz", "skank", "boom", "bossa nova", "montuno", "funk", "disco", "house", "pop", "lo-fi",
    "soul",
))  # fmt: skip
_TOLD_LINES = frozenset((
    "pop", "soul", "house", "synthwave", "bossa nova", "latin", "reggae", "funk", "disco", "trap",
    "lo-fi",
))  # fmt: skip
_TWO_BARS = frozenset(("bossa nova", "montuno", "latin", "funk"))  # two bars make a figure
_HELD = (0.6, 1.0)  # how long its notes last, in those of the figure
_INTRO_BARS = 4  # at least, of an intro that builds up
_BAND = 3  # players at least of a band that comes in one after another
# Who waits for the second half of an intro, and how often.
_BUILDS: tuple[tuple[frozenset[str], float], ...] = (
    (frozenset(), 0.2),
    (frozenset(("drums",)), 0.35),
    (frozenset(("drums", "bass")), 0.25),
    (frozenset(("pad", "arpeggio", "drums")), 0.2),
)


def strokes(
    plan: Plan, players: Sequence[Player], bar: Bar, start: int | None = None
) -> dict[int, tuple[Stroke, ...]]:
    """What new parts have to strike in a bar, by the player's index: drums what their style shares,
    chords a figure that is their style; in the last bar whoever is lowest the root.

    Args:
        start: Of the bar of the grid, subs, from where places count; it may begin within the bar.
    """
    if not is_new(plan):
        return {}
    first = 0 if start is None else start - bar.start // SUB_TICKS
    found = _struck(plan, players, bar)
    return {
        index: tuple((keys, sub - first) for keys, sub in due if sub >= first)
        for index, due in found.items()
    }


def _struck(plan: Plan, players: Sequence[Player], bar: Bar) -> dict[int, tuple[Stroke, ...]]:
    if bar.final:
        return _homecoming(plan, players, bar)
    found = _bass(plan, players, bar)
    for index, player in enumerate(players):
        if player.drums:
            found[index] = drum_strokes(plan, bar)
        elif places := sorted(figure(plan, player, bar)):
            own = _comped if player.plays == "chords" else _lined
            found[index] = found.get(index, ()) + own(player, places)
    return found


def figure(plan: Plan, player: Player, bar: Bar) -> dict[int, int]:
    """Where a new part strikes in the figure or the line that a style is known by, and how long
    that lasts, subs; nothing where the style leaves it open."""
    if plan.guessed or not is_new(plan) or bar.final or player.track is not None:
        return {}
    known = {"chords": (plan.style.figure, _TOLD_FIGURES, FIGURES),
             "bass": (plan.style.bass, _TOLD_LINES, LINES)}  # fmt: skip
    if player.plays not in known or player.left_hand:
        return {}
    name, told, patterns = known[player.plays]
    if name not in told:
        return {}
    turned = bool(name in _TWO_BARS and bar.in_phrase % 2)
    pattern = pick(stream(plan.seed, player.plays, bar.letter, turned), patterns[name])
    hits = {hit.at // SUB_TICKS: hit for hit in bar.fit(pattern) if hit.mark != "?"}
    kicks = kicked(plan, bar) if player.plays == "bass" else frozenset()
    missed = {place for place in hits if place not in kicks and _misses(place, kicks, hits)}
    return {at: hit.length // SUB_TICKS for at, hit in hits.items() if at not in missed}


def _misses(place: int, kicks: Collection[int], struck: Collection[int]) -> bool:
    """Whether a bass at a place would nearly meet a kick that it does not play with before."""
    near = [kick for kick in kicks if abs(place - kick) <= NEAR]
    return any(place < kick or kick not in struck for kick in near)


def lasting(plan: Plan, player: Player, bar: Bar, sub: int) -> tuple[int, int] | None:
    """How long a note of a new part lasts at least and at most, subs, where a figure says so.

    Args:
        sub: From the start of the bar.
    """
    length = figure(plan, player, bar).get(sub)
    return None if length is None else (int(_HELD[0] * length), int(_HELD[1] * length))


def figured(
    plan: Plan, player: Player, bar: Bar, ticks: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """The places of a bar that a part's figure leaves to it, and the heads of chords that the
    figure would not sound.

    Args:
        ticks: From the start of the bar.

    Returns:
        Shape [places].
    """
    places = figure(plan, player, bar)
    if not places:
        return np.ones(len(ticks), bool)
    heads = []
    for span in bar.chords:
        first = (span.start - bar.start) // SUB_TICKS
        last = (span.end - bar.start) // SUB_TICKS
        heads += [] if any(first <= place < last for place in places) else [max(first, 0)]
    return np.isin(ticks // SUB_TICKS, [*places, *heads])


def builds_up(plan: Plan, players: Sequence[Player], player: Player, bar: Bar) -> bool:
    """Whether a player waits while an intro begins: a band comes in one after another."""
    if plan.request.task is not Task.COMPOSE or bar.section != "Intro" or player.asked:
        return False
    if bar.count < _INTRO_BARS or bar.count == len(plan.bars) or 2 * bar.place >= bar.count:
        return False
    if sum(one.plays in ("drums", "bass", "chords", "pad") for one in players) < _BAND:
        return False
    shares = [share for _, share in _BUILDS]
    which = stream(plan.seed, "intro").choice(len(_BUILDS), p=shares)
    return player.plays in _BUILDS[int(which)][0]


def walks(plan: Plan, player: Player) -> bool:
    """Whether a new bass walks: a note on every beat, and none twice running."""
    return (
        is_new(plan) and not plan.guessed and plan.style.bass == "walking"
        and player.plays == "bass" and player.track is None
    )  # fmt: skip


def _comped(player: Player, places: Sequence[int]) -> tuple[Stroke, ...]:
    """Two voices at least of a chord at each place."""
    middle = (player.low + player.high + 1) // 2
    low, high = frozenset(range(player.low, middle)), frozenset(range(middle, player.high + 1))
    return tuple((keys, place) for place in places for keys in (low, high) if keys)


def _lined(player: Player, places: Sequence[int]) -> tuple[Stroke, ...]:
    """A note at each place behind the bar's first."""
    keys = frozenset(range(player.low, player.high + 1))
    return tuple((keys, place) for place in places if place)


def _bass(plan: Plan, players: Sequence[Player], bar: Bar) -> dict[int, tuple[Stroke, ...]]:
    """A bass, or a left hand that plays it too and then low down, begins each bar on the root."""
    found: dict[int, tuple[Stroke, ...]] = {}
    root = bar.chord_at(bar.start).root
    for index, player in enumerate(players):
        low = range(player.low, min(player.low + _DEEP, player.high) + 1)
        if player.track is None and (player.left_hand or player.plays == "bass"):
            found[index] = ((frozenset(key for key in low if key % 12 == root), 0),)
        if walks(plan, player):
            keys = frozenset(range(player.low, player.high + 1))
            found[index] += tuple((keys, pulse.at // SUB_TICKS) for pulse in bar.pulses[1:])
    return found


def _homecoming(plan: Plan, players: Sequence[Player], bar: Bar) -> dict[int, tuple[Stroke, ...]]:
    """Whoever is lowest strikes the root; beside others only a bass, or a left hand."""
    root = bar.chord_at(bar.end - 1).root
    whole = plan.request.task is Task.COMPOSE
    found = [i for i, p in enumerate(players) if _is_lowest(p) or (whole and not p.drums)]
    if not found:
        return {}
    low = min(found, key=lambda i: (not _is_lowest(players[i]), players[i].low))
    player = players[low]
    keys = frozenset(k for k in range(player.low, player.high + 1) if k % 12 == root)
    return {low: ((keys, 0),)} if keys else {}


def _is_lowest(player: Player) -> bool:
    return player.plays == "bass" or player.left_hand
