"""What a new drum part shares with its style: groove, hand, fills and cymbals of each section.

A network that goes on from what it heard plays one bar for ever: no fill leads into a chorus, and
nothing tells there that it is one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from studio.ai.composer.piece import SUB_TICKS, SUBS
from studio.ai.composer.seating import risen
from studio.ai.requests import Task
from studio.ai.sketch.groove_patterns import (
    BRUSHED,
    CLAP,
    CLOSED_HAT,
    CRASH,
    DRUM_KEYS,
    FILLS,
    GROOVES,
    KICK,
    OPEN_HAT,
    PEDAL_HAT,
    RIDE,
    RIDE_BELL,
    SNARE,
    STEADY,
)
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.score import Bar, fit, pick, stream

PITCHES = 128  # drums count from here
CRASHES = (CRASH, 52, 55, 57)  # they open a phrase,
_CRASHING = ("metal", "classical")  # but here they keep the time, or colour it
_HALF_TIME = re.compile(r"\bhalf[\s-]?time\b")
_SNARES, _KICKS, _RIDES = frozenset("SsC"), frozenset("K"), frozenset("R")
_SNARE_KEYS = (SNARE, 40)
_RIDE_KEYS = (RIDE, RIDE_BELL, 59)
_HAND = (CLOSED_HAT, PEDAL_HAT, OPEN_HAT, *_RIDE_KEYS, 54, 56, 69, 70)  # what keeps the time
_LIFTING = frozenset("ROtkw")  # what a chorus has that its verse may not have
# What is struck where a groove has one of them.
_FAMILY = {
    "K": (35, KICK), "S": _SNARE_KEYS, "R": _RIDE_KEYS, "B": _RIDE_KEYS,
    "H": (CLOSED_HAT, PEDAL_HAT, OPEN_HAT), "P": (CLOSED_HAT, PEDAL_HAT, OPEN_HAT),
    "O": (CLOSED_HAT, PEDAL_HAT, OPEN_HAT),
}  # fmt: skip
NEAR = 6  # subs from a kick that sound like a miss
_SWINGS = 4  # subs by which swing moves a stroke
_PERCUSSIVE = ("latin", "bossa nova", "folk")
_PERCUSSION = _LIFTING | frozenset("svmogbhlirt")
_ALIKE = {
    KICK: (35,),
    SNARE: (40,),
    CLAP: (SNARE,),
    RIDE: (59,),
    CLOSED_HAT: (PEDAL_HAT,),
}  # what does as well
_FILLED = 0.3  # of the phrases inside a section, and more of them where surprise is asked for
_ARRIVAL = 0.68  # energy from which on a section opens with a crash each time it returns
_LEAST_BARS = 4  # of a section that ends with a fill
_LEAST_PULSES = 3  # of a bar that has room for one

# Keys of which one is struck, drums from 128, and its place in the bar in subs.
Stroke = tuple[frozenset[int], int]


def drum_strokes(plan: Plan, bar: Bar) -> tuple[Stroke, ...]:
    """What a new drum part has to strike in a bar, in order: what its style shares, in a chorus
    what tells it from a verse, and where a phrase ends its fill instead."""
    head, fill = _fill(plan, bar)
    found = [*groove_of(plan, bar), *_lift(plan, bar)]
    if head is None:
        closes = bar.place == bar.count - 1  # it may fill there by itself
        head = bar.length // SUB_TICKS * (3 if closes else 4) // 4
    found = [(keys, sub) for keys, sub in found if sub < head]
    if _arrives(plan, bar):
        found.append((_kit((CRASH, 57)), 0))
    return tuple(sorted({*found, *fill}, key=lambda stroke: (stroke[1], min(stroke[0]))))


def spared(plan: Plan, bar: Bar, ticks: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """What a new drum part does not strike at places of a bar.

    Args:
        ticks: From the start of the bar.

    Returns:
        Shape [places, 128], by key.
    """
    found = ~_usual(plan, bar, ticks)
    subs = ticks // SUB_TICKS
    for keys, sub in kept_clear(plan, bar):
        found[np.ix_(subs == sub, _keys(keys))] = True
    if plan.style_name not in _CRASHING:
        found[np.ix_((subs > 0) | bool(bar.in_phrase), np.array(CRASHES))] = True
    found[:, ~_hand(plan, bar)] = True
    head, _ = _fill(plan, bar)
    if head is not None:
        found[np.ix_(subs >= head, np.array(_HAND))] = True
    for keys, sub in drum_strokes(plan, bar):
        found[np.ix_(subs == sub, _keys(keys))] = False
    return found


def _usual(plan: Plan, bar: Bar, ticks: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Where the grooves of a style have each drum; anywhere where sections are not told apart."""
    found = np.ones((len(ticks), PITCHES), bool)
    if _is_arranged(plan) and _rows(plan.style_name)[0]:
        places = _places(plan.style_name, _is_loud(plan, bar), bar.meter.beats, bar.meter.unit)
        found[:] = False
        subs = ticks // SUB_TICKS
        for keys, struck in places:
            near = np.abs(subs[:, None] - np.array(struck)).min(1) <= _SWINGS
            found[np.ix_(near, np.array(keys))] = True
        found[:, CRASHES] = True
    return found


# --- groove -----------------------------------------------------------------------------------


def groove_of(plan: Plan, bar: Bar) -> tuple[Stroke, ...]:
    """The strokes of a plan's style, or those of half-time where the words ask for it; none of a
    style that is only a guess."""
    meter = bar.meter
    if _halves(plan) and (meter.beats, meter.unit) == (4, 4):
        return (_kit((KICK, 35)), 0), (_kit(_SNARE_KEYS), 2 * SUBS)
    return () if plan.guessed else grooved(plan.style_name, meter.beats, meter.unit)


@cache
def grooved(style: str, beats: int, unit: int) -> tuple[Stroke, ...]:
    """The kicks, backbeats and rides without which a bar is not of a style: in most of its
    grooves."""
    grooves = _rows(style)[0]
    found: list[Stroke] = []
    for marks in (_KICKS, _SNARES, _RIDES):
        keys: dict[int, list[int]] = {}
        for groove in grooves:
            for mark in marks & groove.keys():
                for hit in fit(groove[mark], beats, unit):
                    if hit.mark in "Xx" and hit.strength:
                        keys.setdefault(hit.at // SUB_TICKS, []).append(DRUM_KEYS[mark])
        often = {sub: struck for sub, struck in keys.items() if 2 * len(struck) > len(grooves)}
        found += [(_kit(_with_alike(often[sub])), sub) for sub in often]
    return tuple(sorted(found, key=lambda stroke: (stroke[1], min(stroke[0]))))


def kicked(plan: Plan, bar: Bar) -> frozenset[int]:
    """Where a plan's style has its kicks, subs."""
    return frozenset(sub for keys, sub in groove_of(plan, bar) if PITCHES + KICK in keys)


def kept_clear(plan: Plan, bar: Bar) -> tuple[Stroke, ...]:
    """Where a style with a backbeat has a kick and no snare; in half-time every other beat."""
    found = groove_of(plan, bar)
    snares = _kit(_SNARE_KEYS)
    backbeats = {sub for keys, sub in found if keys & snares}
    kicks = {sub for keys, sub in found if not keys & snares}
    if _halves(plan):
        kicks |= set(range(0, 4 * SUBS, SUBS))
    return tuple((snares, sub) for sub in sorted(kicks - backbeats)) if backbeats else ()


@cache
def _places(
    style: str, loud: bool, beats: int, unit: int
) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
    """Keys, and the subs of a bar at which any groove of a style's verses has them, with those of
    its choruses if `loud`."""
    quiet, louder = _rows(style)
    found: dict[tuple[int, ...], set[int]] = {}
    for groove in (*quiet, *BRUSHED.get(style, ()), *(louder if loud else ())):
        for mark, pattern in groove.items():
            struck = {hit.at // SUB_TICKS for hit in fit(pattern, beats, unit, mark in STEADY)}
            found.setdefault(_FAMILY.get(mark, (DRUM_KEYS[mark],)), set()).update(struck)
    return tuple((keys, tuple(sorted(struck))) for keys, struck in found.items() if struck)


def _keys(keys: Collection[int]) -> npt.NDArray[np.int64]:
    return np.array([key - PITCHES for key in keys], np.int64)


def _halves(plan: Plan) -> bool:
    return bool(_HALF_TIME.search(plan.request.prompt.lower()))


def _rows(style: str) -> tuple[Sequence[Mapping[str, str]], Sequence[Mapping[str, str]]]:
    """The grooves of a style's verses and choruses."""
    return GROOVES.get(style, ((), ()))


def _kit(keys: Collection[int]) -> frozenset[int]:
    return frozenset(PITCHES + key for key in keys)


def _with_alike(keys: Collection[int]) -> frozenset[int]:
    return frozenset(keys).union(*(_ALIKE.get(key, ()) for key in keys))


# --- sections ---------------------------------------------------------------------------------


def _is_arranged(plan: Plan) -> bool:
    """Whether sections are told apart: in a new song of a style that was asked for."""
    return plan.request.task is Task.COMPOSE and not plan.guessed and not _halves(plan)


def _is_loud(plan: Plan, bar: Bar) -> bool:
    """Whether a bar stands above others, in a style with a groove for that."""
    return risen(plan, bar) > 0 and bool(_rows(plan.style_name)[1])


def _groove(plan: Plan, bar: Bar) -> Mapping[str, str]:
    """The groove of a section; empty where sections are not told apart."""
    quiet, loud = _rows(plan.style_name)
    grooves = tuple(loud if _is_loud(plan, bar) else quiet)
    if not _is_arranged(plan) or not grooves:
        return {}
    return pick(stream(plan.seed, "groove", bar.letter), grooves)


def _lift(plan: Plan, bar: Bar) -> list[Stroke]:
    """What keeps the time: in a verse the beats and the last stroke of its hats or ride, in a
    chorus all of what is its own; and the percussion that a style lives on."""
    groove = _groove(plan, bar)
    own = _LIFTING if _is_loud(plan, bar) else frozenset[str]()
    own |= _PERCUSSION if plan.style_name in _PERCUSSIVE else frozenset()
    found = [
        (mark, hit.at)
        for mark in sorted(own & groove.keys())
        for hit in bar.fit(groove[mark])
        if hit.mark in "Xx"
    ]
    for mark in sorted(frozenset("HR") & groove.keys() - own):
        hits = bar.fit(groove[mark], mark in STEADY)
        found += [(mark, hit.at) for hit in hits if hit.strength or hit is hits[-1]]
    return [(_kit(_with_alike((DRUM_KEYS[mark],))), at // SUB_TICKS) for mark, at in found]


def _hand(plan: Plan, bar: Bar) -> npt.NDArray[np.bool_]:
    """The keys that may be struck, shape [128]: of those that keep the time what the section's
    groove has; all where that has none."""
    found = np.ones(PITCHES, bool)
    marks = frozenset(_groove(plan, bar))
    if not marks & frozenset("HROP"):
        return found
    found[list(_HAND)] = False
    for mark in marks:
        found[list(_FAMILY.get(mark, (DRUM_KEYS[mark],)))] = True
    found[OPEN_HAT] = "O" in marks
    return found


def _arrives(plan: Plan, bar: Bar) -> bool:
    """Whether a section opens with a crash."""
    if not _is_arranged(plan) or not bar.starts_section or bar.start == plan.bars[0].start:
        return False
    often = bar.energy > _ARRIVAL or (bar.turn == 0 and risen(plan, bar) > 0)
    return often and plan.style.fills in ("kit", "electronic")


def _fill(plan: Plan, bar: Bar) -> tuple[int | None, tuple[Stroke, ...]]:
    """Where a bar's fill begins, subs, and its strokes: as a section ends, now and then as a phrase
    does; None without one."""
    options = FILLS[plan.style.fills]
    closes = bar.place == bar.count - 1
    rng = stream(plan.seed, "fill", bar.start)
    if not options or not _is_arranged(plan) or bar.final or bar.count < _LEAST_BARS:
        return None, ()
    if len(bar.pulses) < _LEAST_PULSES or not bar.ends_phrase:
        return None, ()
    if not closes and rng.random() > _FILLED + 0.5 * plan.dials.surprise:
        return None, ()
    beats, fill = pick(rng, options)
    head = bar.pulses[-min(beats, len(bar.pulses) - 1) if closes else -1].at
    strokes = {
        (_kit(_with_alike((DRUM_KEYS[mark],))), hit.at // SUB_TICKS)
        for mark, pattern in fill.items()
        for hit in bar.fit(pattern)
        if hit.at >= head
    }
    return head // SUB_TICKS, tuple(sorted(strokes, key=lambda one: (one[1], min(one[0]))))
