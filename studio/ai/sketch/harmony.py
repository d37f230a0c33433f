"""Functional harmony: numerals to chords, progressions to bars, scales to chords, voice leading."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np

from studio.ai.sketch.progressions import CADENCES, PROGRESSIONS
from studio.ai.sketch.score import Pulse, pick
from studio.domain.project import ChordSpan
from studio.domain.theory import Chord, Key

_NUMERAL = re.compile(r"^([b#]?)(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)([^/]*)(?:/(.+))?$")
_DEGREES = {"I": 0, "II": 2, "III": 4, "IV": 5, "V": 7, "VI": 9, "VII": 11}
_MINOR_SUFFIX = {"": "m", "7": "m7", "9": "m9", "6": "m6", "11": "m11", "5": "5"}


@cache
def chord_of(numeral: str, tonic: int) -> Chord:
    """A roman numeral over a tonic: `bVImaj7`, `iim7b5`, `V7/ii`, `V/7` (over the seventh degree).

    Raises:
        ValueError: It is no numeral.
    """
    found = _NUMERAL.match(numeral)
    if not found:
        raise ValueError(f"no chord is called {numeral!r}")
    sign, degree, suffix, over = found.groups()
    root = (tonic + _DEGREES[degree.upper()] + {"b": -1, "#": 1, "": 0}[sign]) % 12
    quality = suffix
    if degree.islower() and not suffix.startswith(("m", "dim")):
        quality = _MINOR_SUFFIX[suffix]
    if over == "7":  # a passing bass: the third of the dominant
        return Chord(root, quality, (root + 4) % 12)
    if over:
        target = chord_of(over, tonic).root
        return Chord((target + 7) % 12, quality)
    return Chord(root, quality)


def family(key: Key) -> str:
    """Which progressions a key takes: those in major or those in minor."""
    return "minor" if key.is_minor or key.mode in ("phrygian", "locrian") else "major"


# Chords of a mode that its plain major or minor progressions would leave.
MODAL = {
    "dorian": ("i IV i IV", "i bVII IV i", "i7 ii7 bIIImaj7 IV7", "i IV bVII i"),
    "phrygian": ("i bII i bII", "i bII bIII bII", "i bVII bII i"),
    "lydian": ("Imaj7 II Imaj7 II", "I II vii iii", "Imaj7 II iii7 II"),
    "mixolydian": ("I bVII IV I", "I bVII I bVII", "I v bVII IV", "I7 v7 I7 IV"),
    "locrian": ("im7b5 bII bV bII",),
}


def material(
    style: str, key: Key, letter: str, rng: np.random.Generator
) -> tuple[tuple[Chord, ...], ...]:
    """A progression for a section's material: per bar, its chords."""
    if key.mode in MODAL:
        numerals = pick(rng, MODAL[key.mode])
    else:
        table = PROGRESSIONS[style][family(key)]
        numerals = pick(rng, table.get(letter) or table.get("B") or table["A"])
    return parse(numerals, key.tonic)


def parse(numerals: str, tonic: int) -> tuple[tuple[Chord, ...], ...]:
    return tuple(
        tuple(chord_of(numeral, tonic) for numeral in bar.split(",")) for bar in numerals.split()
    )


def cadence(kind: str, key: Key, rng: np.random.Generator) -> tuple[tuple[Chord, ...], ...]:
    """The last two bars: a dominant or subdominant, and the tonic."""
    if key.mode in MODAL:
        close = {
            "lydian": "II I",
            "mixolydian": "bVII I",
            "dorian": "IV i",
            "phrygian": "bII i",
            "locrian": "bII im7b5",
        }
        return parse(close[key.mode], key.tonic)
    return parse(pick(rng, CADENCES[kind][family(key)]), key.tonic)


def half_cadence(kind: str, key: Key) -> tuple[Chord, ...]:
    """A bar that leaves a phrase open, on the dominant."""
    if key.mode in MODAL:
        return ()
    numeral = {"plain": "V", "jazz": "V7", "blues": "V7", "classical": "V", "power": "V5"}.get(kind)
    return (chord_of(numeral, key.tonic),) if numeral else ()


def vary(
    bars: Sequence[tuple[Chord, ...]], key: Key, surprise: float, rng: np.random.Generator
) -> list[tuple[Chord, ...]]:
    """The progression with some chords led into by their own dominant, or replaced by relatives."""
    varied = list(bars)
    for index in range(1, len(varied) - 1):
        roll = rng.random()
        here, following = varied[index], varied[index + 1]
        if len(here) > 1 or len(following) > 1 or here == following:
            continue
        if roll < 0.28 * surprise and following[0].root != key.tonic:
            varied[index] = (here[0], Chord((following[0].root + 7) % 12, "7"))
        elif roll < 0.45 * surprise:
            varied[index] = (_relative(here[0], key),)
    return varied


def _relative(chord: Chord, key: Key) -> Chord:
    """The chord a third below (major) or above (minor), two notes in common, if the key has it."""
    third = chord.intervals[1] if len(chord.intervals) > 2 else 7
    other = Chord((chord.root + 9) % 12, "m") if third == 4 else Chord((chord.root + 3) % 12, "")
    return other if other.pitch_classes <= set(key.pitch_classes) else chord


def spread(chords: Sequence[Chord], start: int, beats: Sequence[Pulse]) -> tuple[ChordSpan, ...]:
    """Chords over a bar, each beginning on a felt beat; as many as there are beats."""
    chords = chords[: len(beats)]
    end = beats[-1].at + beats[-1].length
    count = len(beats)
    heads = [beats[-(-index * count // len(chords))].at for index in range(len(chords))]
    grouped = [pulse.at for pulse in beats if pulse.strength >= 2]
    if len(chords) == 2 and len(grouped) == 2:
        heads = grouped
    bounds = pairwise([*heads, end])
    return tuple(
        ChordSpan(start + at, until - at, chord)
        for chord, (at, until) in zip(chords, bounds, strict=True)
    )


# --- scales over chords -----------------------------------------------------------------------


@cache
def scale_over(key: Key, chord: Chord) -> frozenset[int]:
    """Pitch classes a line may use: the chord, and the key's notes that do not contradict it.

    A note of the key that lies a semitone from an altered chord tone on the same degree gives way
    to it (G sharp over E7 silences G in A minor).
    """
    tones = chord.pitch_classes
    altered = [tone for tone in tones if tone not in key.pitch_classes]
    kept = {
        pc for pc in key.pitch_classes
        if pc in tones or not any((pc - tone) % 12 in (1, 11) for tone in altered)
    }  # fmt: skip
    return frozenset(kept | tones)


@cache
def core(chord: Chord) -> frozenset[int]:
    """The tones a strong beat may rest on: root, third, fifth and seventh, not the added ones."""
    return frozenset((chord.root + step) % 12 for step in chord.intervals if step < 12)


@cache
def crowded(chord: Chord) -> frozenset[int]:
    """Tones with another one a semitone below, such as the root over a major seventh."""
    tones = chord.pitch_classes
    return frozenset(tone for tone in tones if (tone - 1) % 12 in tones)


@cache
def bass_of(chord: Chord) -> int:
    """The pitch class that belongs in the bass."""
    return chord.root if chord.bass is None else chord.bass


# --- voicings ---------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def voicings(
    chord: Chord, voices: int, low: int, high: int, rootless: bool
) -> tuple[tuple[int, ...], ...]:
    """Every close and drop-2 voicing of a chord within [low, high], rising, none muddy."""
    found: set[tuple[int, ...]] = set()
    tones = _tones_for(chord, voices, rootless)
    for turn in range(len(tones)):
        order = [*tones[turn:], *tones[:turn]]
        for base in range(low, high + 1):
            if base % 12 != order[0]:
                continue
            close = _stacked(base, order)
            for shape in (close, _drop_two(close)):
                if shape[0] >= low and shape[-1] <= high and not is_muddy(shape):
                    found.add(shape)
    return tuple(sorted(found))


def _tones_for(chord: Chord, voices: int, rootless: bool) -> list[int]:
    """Pitch classes to sound, least needed left out: the fifth first, then the root."""
    steps = list(chord.intervals)
    if rootless and len(steps) >= 4:
        steps.remove(0)
    while len(steps) > voices:
        drop = next((step for step in (7, 0, 5, 14) if step in steps), steps[-1])
        steps.remove(drop)
    return [(chord.root + step) % 12 for step in sorted({step % 12 for step in steps})]


def _stacked(base: int, order: Sequence[int]) -> tuple[int, ...]:
    pitches = [base]
    for pitch_class in order[1:]:
        pitches.append(pitches[-1] + ((pitch_class - pitches[-1]) % 12 or 12))
    return tuple(pitches)


def _drop_two(close: tuple[int, ...]) -> tuple[int, ...]:
    """The second voice from the top an octave down."""
    if len(close) < 4:
        return close
    return tuple(sorted((*close[:-2], close[-2] - 12, close[-1])))


def is_muddy(pitches: Sequence[int]) -> bool:
    """Whether two notes below C3 (MIDI 48) lie within a third, or below E3 within a tone."""
    rising = sorted(pitches)
    return any(
        (lower < 48 and upper - lower < 5) or (lower < 52 and upper - lower < 3)
        for lower, upper in pairwise(rising)
    )


def is_clustered(pitches: Sequence[int]) -> bool:
    """Whether a semitone lies below middle C (MIDI 60), or three notes within a minor third."""
    return any(upper - lower == 1 and lower < 60 for lower, upper in pairwise(pitches)) or any(
        upper - lower <= 3 for lower, upper in zip(pitches, pitches[2:], strict=False)
    )


def lead(
    chord: Chord,
    previous: Sequence[int],
    voices: int,
    low: int,
    high: int,
    rootless: bool = False,
    top: int | None = None,
) -> tuple[int, ...]:
    """The voicing nearest to the previous one, and whose top stays near `top` (or where it was)."""
    options = voicings(chord, voices, low, high, rootless)
    if not options:
        return _anywhere(chord, low, high)
    middle = (low + high) / 2
    wanted_top = top if top is not None else (previous[-1] if previous else None)

    def cost(shape: tuple[int, ...]) -> float:
        moved = (
            sum(min(abs(pitch - other) for other in previous) for pitch in shape) if previous else 0
        )
        jump = abs(shape[-1] - wanted_top) * 0.6 if wanted_top is not None else 0.0
        clash = 2.0 if len(shape) > 1 and shape[-1] - shape[-2] == 1 else 0.0
        clash += 4.0 * is_clustered(shape)
        wide = 1.5 if shape[-1] - shape[0] > 17 else 0.0
        return moved + jump + clash + wide + 0.25 * abs(float(np.mean(shape)) - middle)

    return min(options, key=lambda shape: (cost(shape), shape))


def _anywhere(chord: Chord, low: int, high: int) -> tuple[int, ...]:
    """Where no full voicing fits a narrow band: the chord tones that do, far enough apart."""
    kept: list[int] = []
    for pitch in range(low, high + 1):
        if pitch % 12 in chord.pitch_classes and not is_muddy([*kept, pitch]) and len(kept) < 4:
            kept.append(pitch)
    return tuple(kept)
