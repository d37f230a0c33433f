"""Bass lines: the root of every chord where it begins, and the way to the next one."""

from __future__ import annotations

import numpy as np

from studio.ai.sketch.harmony import bass_of, scale_over
from studio.ai.sketch.score import EIGHTH, STEP, Bar, Event, Hit, pick, stream
from studio.domain.theory import Chord, Key

# `R` root, `3` `5` `7` chord tones, `6` sixth, `8` octave, `a` approach to what follows, `g` a
# ghosted root, `?` root only where it is busy; `-` holds, `.` rests.
LINES: dict[str, tuple[str, ...]] = {
    "pop": ("R-----R-R---5---", "R-------R-----a-", "R-R-R-R-R-R-R-a-", "R-----5-8---5-a-"),
    "rock": ("R-R-R-R-R-R-R-R-", "R-R-R-R-R-R-5-a-", "R--R--R-R--R--a-", "R---R-R-R---R-a-"),
    "walking": ("R---3---5---a---",),
    "bossa nova": ("R-----5-5-----R-", "R-----R-5-----5-", "R-----5-8-----5-"),
    "blues": ("R---3---5---6---", "R---3---5---a---", "R-R-3-3-5-5-6-6-", "R-----R-5-----a-"),
    "funk": ("R..R..8.g.R.5.a.", "R-.g8..R..5.R.a.", "R.g.R.8...R.7.5.", "R..8..R.R..5..7."),
    "house": ("R...R-..R...R-a.", "R-.R..8-R-.R..5-", "R-8-R-8-R-8-R-a-", "R..R..R-..R.R-a-"),
    "lo-fi": ("R-----..R-5---a-", "R-------..R---5-", "R---..R-5-----a-", "R-----R-..5-..a-"),
    "country": ("R-------5-------", "R-----..5-----..", "R---....5---..a-"),
    "waltz": ("R-----------....", "R---........5---", "R-----------a---"),
    "ballad": ("R-----------5---", "R-----R-R-----a-", "R-------5-------", "R-----R-5---3---"),
    "ambient": ("R---------------", "R-----------5---"),
    "classical": ("R---....5---....", "R-------3-------", "R---3---5---a---", "R-------R---a---"),
    "reggae": ("R---..R-5---3---", "R---R-..5---..3-", "R-..3-5-..8---a-", "R-----R-..5-3-R-"),
    "latin": ("R-----5-----8---", "R-----5-8---5---", "R-----R-5-----a-", "R-----5---8-5---"),
    "metal": ("R-RRR-RRR-RRR-RR", "R-R-R-R-R-R-R-R-", "RRR-R-R-RRR-R-a-"),
    "soul": ("R---..R-5---a-8-", "R-----R-..3-5-a-", "R--R..5-8---5-a-", "R---R-..5-6-8-a-"),
    "disco": ("R-8-R-8-R-8-R-8-", "R-8-R-8-R-8-5-a-", "R.88R.88R.88R.8a"),
    "trap": ("R-------------..", "R-----R-----....", "R-------..R---8-"),
    "drum and bass": ("R-------------..", "R-----R---8-----", "R-..R-----5-a---"),
    "synthwave": ("R-R-R-R-R-R-R-R-", "RRRRRRRRRRRRRRRR", "R.RRR.RRR.RRR.RR"),
    "folk": ("R-------5-------", "R-----..R---a---", "R-------..5---a-"),
}  # fmt: skip

_CHROMATIC = frozenset(("walking", "blues", "funk", "bossa nova", "latin", "soul"))
_TWO_BARS = frozenset(("bossa nova", "funk", "soul", "latin", "lo-fi"))  # two bars make a figure
_GAP = {"funk": 60, "house": 60, "disco": 40, "trap": 20}  # ticks of air before the next note


def bass_bar(
    bar: Bar,
    line: str,
    seed: int,
    following: Chord | None,
    before: int | None,
    low: int,
    high: int,
    density: float,
    surprise: float,
    in_scale: bool,
) -> list[Event]:
    """One bar of bass.

    Args:
        line: A name of `LINES`.
        following: The chord of the next bar, to lead to.
        before: The pitch last played.
        in_scale: Whether approach notes keep to the key and the chord.
    """  # fmt: skip
    again = bar.turn * (surprise > 0.6)
    rng = stream(seed, "bass", bar.letter, line in _TWO_BARS and bar.in_phrase % 2, again)
    free = stream(seed, "bass colour", bar.start)
    if bar.final:
        root = _near(
            bass_of(bar.chords[-1].chord), before or (low + high) // 2, low, min(high, low + 14)
        )
        return [Event(bar.start, bar.length, root, 92)]
    pattern = _pattern(bar, line, rng, density)
    events: list[Event] = []
    pitch = before if before is not None else _home(bar.chords[0].chord, low, high)
    hits = _with_roots(bar.fit(pattern), bar)
    octaves = "8" in pattern  # they go up from a root that stays
    for index, hit in enumerate(hits):
        chord = bar.chord_at(bar.start + hit.at)
        target = _next_chord(bar, hits, index, following)
        if hit.mark == "?" and free.random() > density:
            continue
        pitch = _pitch(
            hit,
            chord,
            bar.key,
            target,
            low + 5 if octaves and hit.mark != "a" else pitch,
            (low, high),
            line in _CHROMATIC and not in_scale,
            free,
        )
        events.append(_event(bar, hit, pitch, line, free))
    if line == "walking":
        return _walk(bar, events, following, (low, high), in_scale, free)
    return events


def _pattern(bar: Bar, line: str, rng: np.random.Generator, density: float) -> str:
    pattern = pick(rng, LINES[line])
    if density < 0.3 and line not in ("walking", "metal"):
        kept = [
            "-" if mark in "a?g357" and index % 4 else mark for index, mark in enumerate(pattern)
        ]
        pattern = "".join(kept)
    if bar.energy < 0.45 and line in ("rock", "pop", "disco", "house"):
        pattern = "R-------R-----a-"
    return pattern


def _with_roots(hits: tuple[Hit, ...], bar: Bar) -> list[Hit]:
    """The hits with a root wherever a chord begins."""
    heads = [span.start - bar.start for span in bar.chords]
    kept = [hit for hit in hits if hit.at not in heads]
    placed = sorted([*kept, *(Hit(max(at, 0), bar.length, "R", 3) for at in heads)])
    ends = [hit.at for hit in placed[1:]] + [bar.length]
    lengths = {hit.at: hit.length for hit in hits}
    return [
        hit._replace(length=min(lengths.get(hit.at, end - hit.at), end - hit.at))
        for hit, end in zip(placed, ends, strict=True)
    ]


def _next_chord(bar: Bar, hits: list[Hit], index: int, following: Chord | None) -> Chord:
    if index + 1 < len(hits):
        return bar.chord_at(bar.start + hits[index + 1].at)
    return following or bar.chords[-1].chord


def _home(chord: Chord, low: int, high: int) -> int:
    return _near(bass_of(chord), low + 10, low, high)


def _near(pitch_class: int, to: int, low: int, high: int) -> int:
    """The pitch of a class within [low, high] nearest to `to`; where none is, `to`."""
    options = [pitch for pitch in range(low, high + 1) if pitch % 12 == pitch_class]
    if not options:
        return max(low, min(high, to))
    return min(options, key=lambda pitch: (abs(pitch - to), pitch))


def _pitch(
    hit: Hit, chord: Chord, key: Key, target: Chord, last: int, compass: tuple[int, int],
    chromatic: bool,
    rng: np.random.Generator,
) -> int:  # fmt: skip
    low, high = compass
    middle = (2 * last + low + 10) // 3  # near the last note, but not for ever upwards
    root = _near(bass_of(chord), middle, low, min(high, low + 19))
    if hit.mark in "Rg?":
        return root
    if hit.mark == "8":
        return root + 12 if root + 12 <= high else root if root - 12 < low else root - 12
    if hit.mark == "a":
        goal = _near(bass_of(target), last, low, high)
        pitch = approach(last, goal, chord, key, chromatic, rng, compass)
        beside = high < 40 and pitch > 36  # a guitar's low string sounds a tone or two above
        return root if beside else pitch
    step = _degree(hit.mark, chord, key)
    above = root + step
    return above if above <= min(high, low + 22) or above - 12 < low else above - 12


def _degree(mark: str, chord: Chord, key: Key) -> int:
    """Semitones above the root of a chord degree that fits the chord and the key."""
    steps = sorted(step for step in chord.intervals if step < 12)
    if chord.bass is not None:
        return 0 if mark != "5" else 12
    fifth = next(
        (step for step in steps if step in (6, 7, 8)), 7 if (chord.root + 7) % 12 in key else 0
    )
    if mark == "3":
        return next((step for step in steps if step in (3, 4, 5, 2)), fifth)
    if mark == "7":
        return next((step for step in steps if step in (10, 11)), fifth)
    if mark == "6":
        return 9 if (chord.root + 9) % 12 in key and 4 in steps else fifth
    return fifth


def approach(
    last: int,
    target: int,
    chord: Chord,
    key: Key,
    chromatic: bool,
    rng: np.random.Generator,
    compass: tuple[int, int],
) -> int:
    """A note a step from `target`: of the key, or a semitone away where `chromatic`."""
    low, high = compass
    scale = scale_over(key, chord)
    near = [target + step for step in (-1, 1, -2, 2) if low <= target + step <= high]
    usable = [
        pitch for pitch in near if pitch % 12 in scale or (chromatic and abs(pitch - target) == 1)
    ]
    usable = [pitch for pitch in usable if pitch != last] or usable
    if not usable:
        return _near(bass_of(chord), last, low, high)
    side = 1 if last > target else -1
    ranked = sorted(
        usable, key=lambda p: ((p - target) * side < 0, abs(p - last) > 7, abs(p - target), p)
    )
    near = [pitch for pitch in ranked[:2] if abs(pitch - last) <= 5] or ranked
    return near[0] if rng.random() < 0.8 or len(near) == 1 else near[1]


def _walk(
    bar: Bar,
    events: list[Event],
    following: Chord | None,
    compass: tuple[int, int],
    in_scale: bool,
    rng: np.random.Generator,
) -> list[Event]:
    """Replace the inner notes by a line that moves by step and chord tone towards the next root."""
    low, high = compass
    heads = {span.start for span in bar.chords}
    walked: list[Event] = []
    for index, event in enumerate(events):
        if not walked:
            walked.append(event)
            continue
        last = walked[-1].pitch
        if event.start in heads:
            root = bass_of(bar.chord_at(event.start))
            walked.append(event._replace(pitch=_near(root, (3 * last + low + 10) // 4, low, high)))
            continue
        chord = bar.chord_at(event.start)
        upcoming = events[index + 1].start if index + 1 < len(events) else None
        if upcoming is None or upcoming in heads:
            goal = following or chord if upcoming is None else bar.chord_at(upcoming)
            target = _near(bass_of(goal), last, low, high)
            pitch = approach(last, target, chord, bar.key, not in_scale, rng, compass)
        else:
            pitch = _stride(last, walked, chord, bar.key, compass, rng)
        walked.append(event._replace(pitch=pitch))
    return walked


def _stride(
    last: int,
    walked: list[Event],
    chord: Chord,
    key: Key,
    compass: tuple[int, int],
    rng: np.random.Generator,
) -> int:
    low, high = compass
    going = 1 if len(walked) < 2 else (1 if walked[-1].pitch >= walked[-2].pitch else -1)
    if last > high - 6:
        going = -1
    elif last < low + 6:
        going = 1
    elif len(walked) < 2 and rng.random() < 0.4:
        going = -1
    scale, tones = scale_over(key, chord), chord.pitch_classes
    options = [
        last + going * step for step in (1, 2, 3, 4, 5) if (last + going * step) % 12 in scale
    ]
    options = [pitch for pitch in options if low <= pitch <= high] or [last]
    weights = np.array([1.8 if pitch % 12 in tones else 1.0 for pitch in options])
    return int(rng.choice(options, p=weights / weights.sum()))


def _event(bar: Bar, hit: Hit, pitch: int, line: str, rng: np.random.Generator) -> Event:
    strong = {3: 12, 2: 6, 1: 0, 0: -5}[hit.strength]
    level = (
        84
        + strong
        + 10 * (bar.energy - 0.5)
        + rng.normal(0.0, 3.0)
        - (34 if hit.mark == "g" else 0)
    )
    air = _GAP.get(line, 24)
    length = STEP // 2 if hit.mark == "g" else max(hit.length - air, min(hit.length, EIGHTH // 2))
    late = round(float(np.clip(rng.normal(0.0, 3.0), -8, 8))) if bar.start + hit.at else 0
    return Event(bar.start + hit.at, length, pitch, int(np.clip(level, 25, 120)), late)
