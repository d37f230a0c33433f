"""Accompaniment: voice-led chords in a style's manner, broken chords, pads, left hands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studio.ai.sketch.harmony import bass_of, is_muddy, lead
from studio.ai.sketch.score import EIGHTH, STEP, Bar, Event, Hit, fit, pick, stream
from studio.domain.theory import Chord

# `X` accented chord, `x` chord, `o` soft chord, `?` soft chord where busy, `1`-`5` one voice from
# the lowest, `t` the upper two; `-` holds, `.` rests.
FIGURES: dict[str, tuple[str, ...]] = {
    "pop": ("x-------x-----x-", "x---x---x---x---", "x-----x---x-----", "x-----x-x---x---"),
    "rock": ("x-x-x-x-x-x-x-x-", "X---x-x-X---x-x-", "X-------X-----x-", "x--x--x-x--x--x-"),
    "jazz": ("x-....x-....x-..", "..x-....x-....x-", "x-----x-........", "......x-......x-",
        "x--...x-..x-...."),
    "bossa nova": ("x--x--x---x--x--", "x-----x---x-----", "x-.x-.x-.x-..x-.", "x---..x-..x-..x-"),
    "blues": ("x-....x-x-....x-", "..x-....x-..x-..", "x---x-x-x---x-x-", "....x-......x-x-"),
    "funk": ("....X..o.x..X...", "x..o..x..o.xX...", "..x...x.X..x..x.", "X.....x..x....xx"),
    "house": ("..x-..x-..x-..x-", "x--x--x--x--x-x-", "x-.x-.x-..x-.x-.", "x..x..x...x..x.."),
    "lo-fi": ("x-----------..x-", "x-----..x-------", "x-------..x-....", "x-----x---------"),
    "picking": ("1-3-2-4-1-3-2-4-", "1-2-3-4-3-2-3-2-", "1-3-4-3-2-3-4-3-", "1---3-2-4-3-2---"),
    "strum": ("x---x-o-..o-x-o-", "X---x-o-x-o-x-o-", "x---x---x-o-x---", "x-o-x-o-x-o-x-o-"),
    "boom": ("....x-......x-o-", "....x-......x-..", "....x-o-....x-o-"),
    "waltz": ("....x-......x-..", "....x---....x---"),
    "ballad": ("x---2---3---2---", "1-2-3-4-3-2-3-2-", "x-------x---t---", "1---3---4---3---"),
    "ambient": ("x---------------", "1---2---3---4---", "x-------t-------"),
    "alberti": ("1-3-2-3-1-3-2-3-", "1-2-3-2-1-2-3-2-", "1---t---3---t---"),
    "skank": ("..x...x...x...x.", "..x...x...x..xx.", "..xx..xx..xx..xx"),
    "montuno": ("x-t-x-xt-xt-xt-x", "x-x-.x-x.x-x.x-x", "t-x-.xt-x-.xt-x-"),
    "power": ("X-------X-------", "X--x--x-X--x--x-", "XxxxXxxxXxxxXxxx", "X.xxX.xxX.xxX.xx"),
    "soul": ("x-----x---x-....", "..x-..x-....x-x-", "x---..x-..x-..x-", "x-------..o-x---"),
    "disco": ("..x...x...x...x.", "x.xxx.xxx.xxx.xx", "..xx..xx..xx..xx"),
    "trap": ("x-------------..", "x-----1-2-3-4-3-", "1-2-3-4-3-2-1-2-"),
    "arpeggio": ("1-2-3-4-3-2-3-4-", "1234123412341234", "1-3-2-4-1-3-2-4-", "4321432143214321"),
    "organ": ("x---------------", "x-----x---------"),
}  # fmt: skip
_SHORT = frozenset(("skank", "funk", "disco"))
_TWO_BARS = frozenset(("bossa nova", "funk", "montuno"))  # two bars make a figure
_FREE = frozenset(("jazz", "blues", "soul"))  # never two bars alike
_STRUMMED = frozenset(("strum", "boom", "picking"))
_LEVELS = {"X": 96, "x": 80, "o": 62, "?": 64, "t": 66}


def comp_bar(
    bar: Bar,
    figure: str,
    shapes: Sequence[tuple[int, ...]],
    seed: int,
    density: float,
    high: int,
    guitar: bool,
) -> list[Event]:
    """One bar of chords.

    Args:
        figure: A name of `FIGURES`.
        shapes: The voicing of each chord of the bar, rising pitches.
        high: The highest key it may use.
        guitar: Chords are strummed: the strings sound one after another.
    """
    if bar.final:
        return _close(bar, shapes[-1], guitar)
    pattern = _figure(bar, figure, seed, density)
    rng = stream(seed, "comp", bar.start)
    events: list[Event] = []
    for hit in _covering(_hits(bar, pattern), bar):
        if hit.mark == "?" and rng.random() > density:
            continue
        index = _span_at(bar, bar.start + hit.at)
        pitches = _voices(shapes[index], hit.mark, high)
        end = bar.chords[index].end - bar.start
        length = min(hit.length, end - hit.at)
        if figure in _SHORT:
            length = min(length, STEP + STEP // 2)
        events += _chord(bar, hit, pitches, length, guitar and figure in _STRUMMED, rng)
    return events


_BROKEN = frozenset("1234-")
_IN_THREE = ("123", "432", "132", "423")  # the voices of dotted beats, one after another


def _hits(bar: Bar, pattern: str) -> tuple[Hit, ...]:
    """A pattern laid over the bar; chords broken in running eighths run in dotted beats too."""
    hits = fit(pattern, bar.meter.beats, bar.meter.unit, False)
    running = frozenset(pattern) <= _BROKEN and pattern.count("-") <= 8
    if not running or any(pulse.length != 3 * EIGHTH for pulse in bar.pulses):
        return hits
    first = 2 * (pattern[2] != "2")
    return tuple(
        Hit(pulse.at + i * EIGHTH, EIGHTH, mark, pulse.strength if i == 0 else 0)
        for index, pulse in enumerate(bar.pulses)
        for i, mark in enumerate(_IN_THREE[first + index % 2])
    )


def _figure(bar: Bar, figure: str, seed: int, density: float) -> str:
    turned = bar.in_phrase % 2 == 1 if figure in _TWO_BARS else bar.ends_phrase and bar.energy > 0.6
    moment = (bar.in_phrase, bar.turn) if figure in _FREE else (turned,)
    pattern = pick(stream(seed, "figure", bar.letter, *moment), FIGURES[figure])
    if density < 0.3 and figure not in ("waltz", "boom", "skank"):
        pattern = "".join(
            "-" if i % 4 and mark not in "." else mark for i, mark in enumerate(pattern)
        )
    elif density > 0.75 and figure in ("pop", "ballad", "lo-fi", "soul", "organ", "ambient"):
        pattern = "".join(
            "o" if i % 4 == 2 and mark == "-" else mark for i, mark in enumerate(pattern)
        )
    return pattern


def _covering(hits: tuple[Hit, ...], bar: Bar) -> list[Hit]:
    """The hits, with one more for a chord of the bar that none would sound."""
    found = list(hits)
    for span in bar.chords:
        at = span.start - bar.start
        if not any(at <= hit.at < span.end - bar.start for hit in found):
            found.append(Hit(max(at, 0), span.length, "o", 1))
    return sorted(found)


def _span_at(bar: Bar, tick: int) -> int:
    return max((i for i, span in enumerate(bar.chords) if span.start <= tick), default=0)


def _voices(shape: tuple[int, ...], mark: str, high: int) -> tuple[int, ...]:
    if mark.isdigit():
        index = int(mark) - 1
        pitch = shape[index % len(shape)] + 12 * (index // len(shape))
        return (pitch if pitch <= min(high, shape[-1] + 7) else shape[-1],)
    return shape[-2:] if mark == "t" else shape


def _chord(
    bar: Bar,
    hit: Hit,
    pitches: tuple[int, ...],
    length: int,
    strummed: bool,
    rng: np.random.Generator,
) -> list[Event]:
    level = (
        _LEVELS.get(hit.mark, 72)
        + {3: 6, 2: 3, 1: 0, 0: -3}[hit.strength]
        + 12 * (bar.energy - 0.5)
    )
    down = hit.at % (2 * EIGHTH) == 0
    late = round(float(np.clip(rng.normal(2.0, 3.0), -6, 10))) if bar.start + hit.at else 0
    events = []
    for order, pitch in enumerate(pitches if down else pitches[::-1]):
        velocity = (
            level
            + rng.normal(0.0, 2.5)
            + (2 if pitch == pitches[-1] else 0)
            - 2 * (strummed and not down)
        )
        timing = max(late, 0) + (9 if down else 6) * order if strummed else late
        events.append(
            Event(
                bar.start + hit.at,
                max(length - 15, 30),
                pitch,
                int(np.clip(velocity, 25, 118)),
                timing,
            )
        )
    return events


def _close(bar: Bar, shape: tuple[int, ...], guitar: bool) -> list[Event]:
    return [
        Event(
            bar.start,
            bar.length,
            pitch,
            78 + (4 if pitch == shape[-1] else 0),
            order * (28 if guitar else 12),
        )
        for order, pitch in enumerate(shape)
    ]


def pad_bar(bar: Bar, shapes: Sequence[tuple[int, ...]], seed: int) -> list[Event]:
    """Sustained chords, louder where the section is; common tones are held, not struck again."""
    rng = stream(seed, "pad", bar.start)
    level = 52 + 22 * bar.energy
    held: dict[int, Event] = {}
    done: list[Event] = []
    for span, shape in zip(bar.chords, shapes, strict=True):
        done += [event for pitch, event in held.items() if pitch not in shape]
        held = {pitch: event for pitch, event in held.items() if pitch in shape}
        for pitch in shape:
            if pitch in held:
                held[pitch] = held[pitch]._replace(length=span.end - held[pitch].start)
            else:
                velocity = int(np.clip(level + rng.normal(0.0, 2.0), 25, 100))
                held[pitch] = Event(span.start, span.length, pitch, velocity)
    return sorted([*done, *held.values()])


def shapes_for(
    bar: Bar, previous: tuple[int, ...], voices: int, low: int, high: int, rootless: bool = False
) -> list[tuple[int, ...]]:
    """A voicing for each chord of the bar, each nearest to the one before."""
    found = []
    for span in bar.chords:
        count = 2 if span.chord.quality == "5" else voices
        previous = lead(span.chord, previous, count, low, high, rootless)
        found.append(previous)
    return found


def power_shape(chord: Chord, low: int, high: int) -> tuple[int, ...]:
    """Root, fifth and octave, as a distorted guitar plays them."""
    root = low + (chord.root - low) % 12
    fifth = (
        7
        if (chord.root + 7) % 12 in chord.pitch_classes
        else min(s for s in (*chord.intervals[1:], 7) if s > 2)
    )
    pitches = tuple(pitch for pitch in (root, root + fifth, root + 12) if pitch <= high)
    return (
        pitches
        if not is_muddy(pitches) or len(pitches) < 2
        else (root, root + 12)
        if root + 12 <= high
        else (root,)
    )


# Left hand where no bass plays: `R` root, `5` fifth above, `8` octave, `3` tenth.
LEFT_HANDS: dict[str, tuple[str, ...]] = {
    "arpeggio": ("R-5-8-5-R-5-8-5-", "R-5-8-3-8-5-8-5-", "R---5---8---5---"),
    "octaves": ("R-----R-R---R---", "R-------R-------"),
    "stride": ("R---....R---....", "R---....5---...."),
    "waltz": ("R---............",),
    "held": ("R---------------", "R-------5-------"),
    "walking": ("R---3---5---8---",),
}  # fmt: skip


def left_hand(bar: Bar, figure: str, seed: int, low: int, high: int) -> list[Event]:
    """A left hand for a piano (or guitar) that has no bass beside it, the root on every chord."""
    rng = stream(seed, "left", bar.start)
    pattern = pick(stream(seed, "left hand", bar.letter), LEFT_HANDS[figure])
    if bar.final:
        pattern = "R---------------"
    events: list[Event] = []
    for index, span in enumerate(bar.chords):
        root = low + (bass_of(span.chord) - low) % 12
        fifth = next((s for s in span.chord.intervals if s in (6, 7, 8)), 12)
        third = next((s for s in span.chord.intervals if s in (3, 4)), 0)
        steps = {"R": 0, "5": fifth, "8": 12, "3": 12 + third}
        if span.chord.bass is not None:
            steps = {"R": 0, "5": 12, "8": 12, "3": 12}
        hits = [h for h in bar.fit(pattern) if span.start <= bar.start + h.at < span.end]
        if not hits or bar.start + hits[0].at > span.start:
            hits.insert(0, Hit(max(span.start - bar.start, 0), span.length, "R", 3))
        for place, hit in enumerate(hits):
            pitch = root + steps["R" if place == 0 else hit.mark]
            until = hits[place + 1].at if place + 1 < len(hits) else span.end - bar.start
            length = min(hit.length, until - hit.at) if index or place else until - hit.at
            if pitch <= high:
                velocity = int(np.clip(74 + 8 * (place == 0) + rng.normal(0.0, 3.0), 30, 110))
                events.append(Event(bar.start + hit.at, max(length, 30), pitch, velocity))
    return events
