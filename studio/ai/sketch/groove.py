"""Drums: a groove for each section, ghost notes, fills at phrase ends, crashes at new sections."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

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
    SIDE_STICK,
    SNARE,
    STEADY,
)  # fmt: skip
from studio.ai.sketch.score import EIGHTH, STEP, Bar, Event, pick, stream

# Spread, within styles, as drummers' velocities are (groove-midi: standard deviation about 30).
_LOUDNESS = {"X": 114, "x": 88, "o": 56, "g": 32, "?": 66}
_OFF_BEAT = 0.8  # a cymbal's stroke between beats, beside one on them
_HATS = (CLOSED_HAT, PEDAL_HAT, OPEN_HAT)
_LENGTH = STEP // 2


def drum_bar(
    bar: Bar,
    style: str,
    fills: str,
    seed: int,
    density: float,
    surprise: float,
    brushes: bool = False,
) -> list[Event]:
    """One bar of drums.

    Args:
        style: A name of `GROOVES`.
        fills: A name of `FILLS`.
        brushes: Whether the kit is played with brushes, where `BRUSHED` knows the style.
        density: 0-1: below 0.35 the strokes in between are thinned, above 0.6 optional ones sound.
    """
    rng = stream(seed, "drums", bar.start)
    if bar.final:
        return _last_stroke(bar)
    brushes = brushes and style in BRUSHED
    fills = "brushes" if brushes else fills
    groove = _groove(bar, style, seed, brushes)
    events: list[Event] = []
    for drum, pattern in groove.items():
        hits = [
            hit
            for hit in bar.fit(pattern, drum in STEADY)
            if _sounds(drum, hit.mark, hit.strength, density, rng)
        ]
        events += [_stroke(bar, hit.at, DRUM_KEYS[drum], hit.mark, rng) for hit in hits]
    if bar.ends_phrase and bar.count > 1:
        events = _with_fill(events, bar, fills, seed, surprise)
    arrives = bar.starts_section and (bar.turn == 0 or bar.energy > 0.68)
    if arrives and bar.energy > 0.5 and fills in ("kit", "electronic"):
        events = [
            e for e in events if not (e.start == bar.start and e.pitch in (*_HATS, RIDE, CRASH))
        ]
        events.append(Event(bar.start, bar.meter.ticks_per_beat, CRASH, 100))
    return sorted(_one_hand(events)) or [_stroke(bar, 0, KICK, "x", rng)]


def _groove(bar: Bar, style: str, seed: int, brushes: bool) -> Mapping[str, str]:
    quiet, loud = (BRUSHED[style],) * 2 if brushes else GROOVES[style]
    options = loud if bar.energy > 0.68 else quiet
    return pick(stream(seed, "groove", bar.letter, bar.energy > 0.68), options)


def _sounds(drum: str, mark: str, strength: int, density: float, rng: np.random.Generator) -> bool:
    roll = rng.random()
    if mark == "?":
        return roll < density
    if mark == "g":
        return roll < 0.35 + 0.65 * density
    if drum in STEADY and strength == 0 and density < 0.35:
        return roll < 0.25 + density
    if drum == "K" and strength == 0:
        return roll < 0.6 + 0.6 * density
    return True


def _stroke(bar: Bar, at: int, key: int, mark: str, rng: np.random.Generator) -> Event:
    level = _LOUDNESS[mark] * (0.82 + 0.25 * bar.energy) + rng.normal(0.0, 6.0)
    if key in (*_HATS, RIDE) and at not in {pulse.at for pulse in bar.pulses}:
        level *= _OFF_BEAT
    late = round(float(np.clip(rng.normal(0.0, 8.0), -20, 20)))
    late += 6 if key in (SNARE, CLAP, SIDE_STICK) else 0
    if at == 0 and bar.start == 0:
        late = max(late, 0)
    return Event(bar.start + at, _LENGTH, key, int(np.clip(level, 20, 124)), late)


def _with_fill(
    events: list[Event], bar: Bar, fills: str, seed: int, surprise: float
) -> list[Event]:
    options = FILLS[fills]
    rng = stream(seed, "fill", bar.start)
    closes = bar.place == bar.count - 1
    if not options or (not closes and rng.random() > 0.45 + 0.5 * surprise):
        return events
    beats, fill = pick(rng, options)
    beats = min(beats, max(len(bar.pulses) - 1, 1)) if closes else 1
    head = bar.pulses[-beats].at
    kept = [e for e in events if e.start < bar.start + head or e.pitch == KICK]
    added = [
        _stroke(bar, hit.at, DRUM_KEYS[drum], hit.mark, rng)
        for drum, pattern in fill.items()
        for hit in bar.fit(pattern)
        if hit.at >= head
    ]
    return kept + added if len(bar.pulses) > 1 else events


def _last_stroke(bar: Bar) -> list[Event]:
    """The song ends together: kick and cymbal on one, and silence."""
    level = int(84 + 30 * bar.energy)
    ring = max(bar.length - EIGHTH, 1)
    return [Event(bar.start, _LENGTH, KICK, level), Event(bar.start, ring, CRASH, level - 16)]


def _one_hand(events: list[Event]) -> list[Event]:
    """No drum twice at once, and no closed hi-hat beside an open one."""
    struck: dict[tuple[int, int], Event] = {}
    for event in events:
        other = struck.get((event.start, event.pitch))
        if other is None or other.velocity < event.velocity:
            struck[event.start, event.pitch] = event
    open_hats = {start for start, key in struck if key == OPEN_HAT}
    return [
        e
        for e in struck.values()
        if e.pitch not in (CLOSED_HAT, PEDAL_HAT) or e.start not in open_hats
    ]


def swung(event: Event, bar: Bar, eighths: float, sixteenths: float) -> Event:
    """The event with its off-beat played late: `timing` moves, the grid place stays.

    Args:
        eighths: 0 straight to 1 triplets, for off-beat eighths; `sixteenths` likewise.
    """
    at = event.start - bar.start
    pulse = next((p for p in reversed(bar.pulses) if p.at <= at), bar.pulses[0])
    within = at - pulse.at
    late = 0
    if pulse.length == 2 * EIGHTH:
        if eighths and within >= EIGHTH:
            late = round(eighths * EIGHTH / 3) if within == EIGHTH else round(eighths * EIGHTH / 6)
        elif eighths and within == STEP:
            late = round(eighths * EIGHTH / 6)
    if sixteenths and at % EIGHTH == STEP:
        late += round(sixteenths * STEP / 3)
    return event._replace(timing=event.timing + late) if late else event
