"""Chord progressions as songs have them: bars that repeat earlier bars, and bars written anew.

Each bar either repeats the bar 1, 2, 4 or 8 before it or is new, as the states of a hidden Markov
model (Rabiner 1989) that knows where in its phrase the bar stands. A new bar draws where its chords
change and then each chord, a Roman numeral, from counts of what followed the chords before it at
such a place. Sparse counts lean on plainer ones (MacKay and Peto, A Hierarchical Dirichlet Language
Model, Natural Language Engineering 1, 1995).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from studio.domain.theory import QUALITIES

LAGS = (0, 1, 2, 4, 8)  # how many bars back a bar is repeated; 0: it is new
QUARTERS = 4  # places in a bar where a chord may change
DEGREES = ("I", "bII", "II", "bIII", "III", "IV", "#IV", "V", "bVI", "VI", "bVII", "VII")
KINDS = ("", "m", "dim", "aug", "sus")
START = "^"
MOST_HELD = 4  # bars
_OPEN = frozenset(("V", "v", "Vsus", "bVII", "viidim"))  # what a phrase may stay open on
_CLOSING = _OPEN | {"IV", "iv", "ii", "iidim", "bII", "V+"}  # what leads home

Floats: TypeAlias = npt.NDArray[np.float64]
Bar: TypeAlias = tuple[str, ...]  # the numeral in each quarter
Counts: TypeAlias = dict[str, dict[str, float]]


def _named(degree: int, kind: str) -> str:
    name = DEGREES[degree]
    lower = name.replace("I", "i").replace("V", "v")
    return {"": name, "m": lower, "dim": f"{lower}dim", "aug": f"{name}+", "sus": f"{name}sus"}[
        kind
    ]


NUMERALS: dict[str, tuple[int, str]] = {
    _named(degree, kind): (degree, kind) for degree in range(12) for kind in KINDS
}
_NUMERAL = {there: name for name, there in NUMERALS.items()}
NAMES = tuple(NUMERALS)
MASKS = tuple(str(mask) for mask in range(1 << QUARTERS))  # bit q: a chord begins in quarter q
STATES = tuple(str(lag) for lag in LAGS)


@cache
def kind_of(quality: str) -> str:
    """The triad of a quality of `theory.QUALITIES`; a bare fifth has none of `KINDS`."""
    steps = QUALITIES[quality]
    if 4 in steps:
        return "aug" if 8 in steps else ""
    if 3 in steps:
        return "dim" if 6 in steps else "m"
    return "" if quality == "5" else "sus"


@cache
def numeral(degree: int, quality: str, minor: bool) -> str:
    """The Roman numeral of a chord so many semitones above the tonic; a bare fifth is read as the
    triad that the key has there."""
    kind = kind_of(quality)
    if quality == "5" and degree in ((0, 5, 7) if minor else (2, 4, 9)):
        kind = "m"
    return _NUMERAL[degree, kind]


@dataclass(frozen=True, slots=True)
class Smoothed:
    """How often each name followed each context.

    Attributes:
        names: What is counted.
        tables: Counts by context, from the plainest context to the most telling one.
        weights: How many counts the plainer contexts are worth at each table.
    """

    names: tuple[str, ...]
    tables: tuple[Counts, ...]
    weights: tuple[float, ...]
    _told: dict[tuple[str, ...], Floats] = field(default_factory=dict, repr=False)
    _sums: dict[tuple[int, str], float] = field(default_factory=dict, repr=False)

    def given(self, contexts: tuple[str, ...]) -> Floats:
        """Probabilities of the names, not to be written to, in a context told in as many ways as
        there are tables."""
        if contexts not in self._told:
            found = np.full(len(self.names), 1.0 / len(self.names))
            for table, weight, context in zip(self.tables, self.weights, contexts, strict=False):
                counts = table.get(context)
                if counts is not None:
                    found *= weight
                    for name, count in counts.items():
                        found[self.names.index(name)] += count
                    found /= found.sum()
            found.setflags(write=False)
            self._told[contexts] = found
        return self._told[contexts]

    def chance(self, contexts: Sequence[str], name: str) -> float:
        """The probability of one name, as `given` tells it."""
        found = 1.0 / len(self.names)
        for level, context in enumerate(contexts):
            counts = self.tables[level].get(context)
            if counts is not None:
                key, weight = (level, context), self.weights[level]
                if key not in self._sums:
                    self._sums[key] = sum(counts.values())
                found = (counts.get(name, 0.0) + weight * found) / (self._sums[key] + weight)
        return found


# --- contexts ---------------------------------------------------------------------------------


def place(bar: int, bars: int) -> str:
    """Where a bar of a section stands: first, closing, before the close, or in its phrase."""
    if bar == 0:
        return "first"
    if bar >= bars - 2:
        return "close" if bar == bars - 1 else "before"
    return {0: "start", 3: "end"}.get(bar % 4, "inside")


def state_contexts(bar: int, bars: int, before: str) -> tuple[str, ...]:
    """For whether a bar is new: `before` is the state of the bar before it."""
    at = str(bar if bar < 8 else 8 + bar % 8)
    return "", at, f"{at} {before}", f"{at} {before} {place(bar, bars)}"


def mask_contexts(section: str, where: str, before: str) -> tuple[str, ...]:
    """For where chords change: `before` is the mask of the bar before it."""
    first = "first" if where == "first" else ""
    return first, f"{first} {before}", f"{where} {before}", f"{where} {before} {section}"


def numeral_contexts(
    minor: bool, section: str, where: str, quarter: int, history: Sequence[str]
) -> tuple[str, ...]:
    """For a chord that begins in a quarter of a bar, after those of `history`, latest last."""
    mode = "minor" if minor else "major"
    third, second, last = [START] * 3 if not history else ([START] * 3 + [*history])[-3:]
    at = where if quarter == 0 else "within"
    return (
        mode,
        f"{mode} {last}",
        f"{mode} {last} {at}",
        f"{mode} {last} {at} {section}",
        f"{mode} {second} {last}",
        f"{mode} {third} {second} {last}",
    )


def changes(bars: Sequence[Bar], bar: int) -> tuple[int, list[tuple[int, str]]]:
    """The mask of a bar, and the chords that begin in it with their quarters."""
    before = bars[bar - 1][-1] if bar else START
    found = []
    for quarter, name in enumerate(bars[bar]):
        if name != before:
            found.append((quarter, name))
        before = name
    return sum(1 << quarter for quarter, _ in found), found


def history_before(bars: Sequence[Bar], bar: int) -> list[str]:
    """The last three chords before a bar, latest last."""
    found: list[str] = []
    for index in range(bar - 1, -1, -1):
        for name in reversed(bars[index]):
            if not found or found[-1] != name:
                found.append(name)
        if len(found) > 3:
            break
    return found[2::-1] if len(found) >= 3 else found[::-1]


# --- the book ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A section to be written.

    Attributes:
        section: Its name in `vocabulary.SECTIONS`.
        fixed: Bars that stand already, by their index.
        looped: Whether nothing new may come after the first four bars.
        opens: Whether the first chord is the tonic's.
        share: Chords drawn are among the likeliest that make up this share, 0-1.
        tint: What follows what in the style (`tinted`), by context "mode last"; and its weight.
    """

    section: str
    minor: bool
    bars: int
    fixed: Mapping[int, Bar] = field(default_factory=dict)
    looped: bool = False
    opens: bool = False
    share: float = 0.95
    tint: Mapping[str, Floats] = field(default_factory=dict)
    tint_weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Book:
    """What was learnt of the progressions of a repertoire."""

    states: Smoothed
    masks: Smoothed
    numerals: Smoothed
    _known: dict[tuple[str, ...], Floats] = field(default_factory=dict, repr=False)

    # --- likelihood -------------------------------------------------------------------------

    def new_bar(self, section: str, minor: bool, bars: Sequence[Bar], bar: int) -> float:
        """Log-probability, nats, of a bar's content where it is new."""
        where, history = place(bar, len(bars)), history_before(bars, bar)
        before = str(changes(bars, bar - 1)[0]) if bar else ""
        mask, begun = changes(bars, bar)
        contexts = mask_contexts(section, where, before)
        chance = self.masks.chance(contexts, str(mask))
        if bar == 0:
            chance /= sum(self.masks.chance(contexts, odd) for odd in MASKS[1::2])
        found = np.log(chance)
        for quarter, name in begun:
            contexts = numeral_contexts(minor, section, where, quarter, history)
            rest = 1.0 - (self.numerals.chance(contexts, history[-1]) if history else 0.0)
            found += np.log(self.numerals.chance(contexts, name) / rest)
            history = [*history, name]
        return float(found)

    def mask_chances(self, section: str, where: str, before: str, bar: int) -> Floats:
        chances = self.masks.given(mask_contexts(section, where, before))
        if bar == 0:
            chances = chances * (np.arange(len(chances)) % 2)  # a section begins with a chord
        found: Floats = chances / chances.sum()
        return found

    def state_chances(self, bar: int, bars: int, before: str) -> Floats:
        contexts = state_contexts(bar, bars, before)
        if contexts not in self._known:
            chances = self.states.given(contexts) * np.array([lag <= bar for lag in LAGS])
            self._known[contexts] = chances / chances.sum()
        return self._known[contexts]

    def forward(self, section: str, minor: bool, bars: Sequence[Bar]) -> tuple[Floats, float]:
        """The chance that each bar is new given all up to it, and the log-likelihood in nats."""
        belief = {"": 1.0}
        fresh, total = np.zeros(len(bars)), 0.0
        for bar in range(len(bars)):
            emitted = self.emissions(section, minor, bars, bar)
            mixed = sum(
                chance * self.state_chances(bar, len(bars), before)
                for before, chance in belief.items()
            )
            joint = np.asarray(mixed) * emitted
            total += float(np.log(joint.sum()))
            joint /= joint.sum()
            fresh[bar] = joint[0]
            belief = {state: float(p) for state, p in zip(STATES, joint, strict=True) if p > 0}
        return fresh, total

    def emissions(self, section: str, minor: bool, bars: Sequence[Bar], bar: int) -> Floats:
        """How likely each state writes the bar as it is."""
        new = np.exp(self.new_bar(section, minor, bars, bar))
        same = [float(lag <= bar and bars[bar - lag] == bars[bar]) for lag in LAGS[1:]]
        return np.array([new, *same])

    # --- drawing ----------------------------------------------------------------------------

    def drawn(self, asked: Asked, rng: np.random.Generator, tries: int = 24) -> tuple[Bar, ...]:
        """A section whose phrases come to a cadence or go round in a loop."""
        found: tuple[Bar, ...] = ()
        for _ in range(tries):
            found = self._once(asked, rng)
            if is_rounded(found, asked):
                break
        return found

    def _once(self, asked: Asked, rng: np.random.Generator) -> tuple[Bar, ...]:
        bars: list[Bar] = []
        state = ""
        for bar in range(asked.bars):
            lag = 0
            if bar in asked.fixed:
                bars.append(asked.fixed[bar])
            else:
                lag = self._lag(asked, bar, state, rng)
                bars.append(bars[bar - lag] if lag else self._new(asked, bars, rng))
            state = str(lag)
        return tuple(bars)

    def _lag(self, asked: Asked, bar: int, before: str, rng: np.random.Generator) -> int:
        chances = self.state_chances(bar, asked.bars, before)
        if asked.looped and bar >= 4:
            chances = chances * (np.arange(len(LAGS)) > 0)
            if not chances.sum():
                return 4
        if bar + 1 in asked.fixed or bar - 1 in asked.fixed:
            return 0  # what stands beside it decides
        return LAGS[int(rng.choice(len(LAGS), p=chances / chances.sum()))]

    def _new(self, asked: Asked, bars: Sequence[Bar], rng: np.random.Generator) -> Bar:
        bar = len(bars)
        where, history = place(bar, asked.bars), history_before(bars, bar)
        before = str(changes(bars, bar - 1)[0]) if bar else ""
        masks = _likeliest(self.mask_chances(asked.section, where, before, bar), asked.share)
        mask = int(rng.choice(len(masks), p=masks))
        written = [history[-1] if history else ""] * QUARTERS
        for quarter in range(QUARTERS):
            if mask & (1 << quarter):
                later = asked.fixed.get(bar + 1) if mask >> (quarter + 1) == 0 else None
                name = self._next(asked, where, quarter, history, later, rng)
                if asked.opens and not history:
                    name = "i" if asked.minor else "I"
                written[quarter:] = [name] * (QUARTERS - quarter)
                history = [*history, name]
        return tuple(written)

    def _next(
        self,
        asked: Asked,
        where: str,
        quarter: int,
        history: Sequence[str],
        later: Bar | None,
        rng: np.random.Generator,
    ) -> str:
        contexts = numeral_contexts(asked.minor, asked.section, where, quarter, history)
        chances = self.numerals.given(contexts)
        told = asked.tint.get(contexts[1])
        if told is not None:
            chances = (1 - asked.tint_weight) * chances + asked.tint_weight * told
        if later is not None:
            chances = chances * self._toward(asked, later[0])
        barred = {"I" if asked.minor else "i", history[-1] if history else ""}
        chances = chances * np.array([name not in barred for name in NAMES])
        return NAMES[int(rng.choice(len(NAMES), p=_likeliest(chances, asked.share)))]

    def _toward(self, asked: Asked, later: str) -> Floats:
        """How likely `later` follows each chord."""
        at = NAMES.index(later)
        mode = "minor" if asked.minor else "major"
        rows = [
            self.numerals.given((mode, f"{mode} {name}"))[at] if name != later else 0.02
            for name in NAMES
        ]
        return np.array(rows)

    def approach(self, asked: Asked, history: Sequence[str], rng: np.random.Generator) -> str:
        """A chord that leads from what was heard home."""
        home = "i" if asked.minor else "I"
        contexts = numeral_contexts(asked.minor, asked.section, "before", 0, history)
        chances = self.numerals.given(contexts) * self._toward(asked, home)
        chances = chances * np.array([name in _CLOSING for name in NAMES])
        return NAMES[int(rng.choice(len(NAMES), p=_likeliest(chances, asked.share)))]


def _likeliest(chances: Floats, share: float) -> Floats:
    """The fewest that make up a share of the whole, summing to 1; the others 0."""
    order = np.argsort(-chances, kind="stable")
    rising = np.cumsum(chances[order]) / chances.sum()
    kept = np.zeros(len(chances))
    last = int(np.searchsorted(rising, min(share, 1.0 - 1e-9))) + 1
    kept[order[:last]] = chances[order[:last]]
    found: Floats = kept / kept.sum()
    return found


def is_home(name: str) -> bool:
    return name in ("I", "i")


def leads_home(name: str) -> bool:
    return name in _CLOSING


# --- cadences and loops -----------------------------------------------------------------------


def loop_bars(bars: Sequence[Bar]) -> int:
    """The length of the loop (1, 2 or 4 bars) that a section of at least twice that goes round in;
    0 for none."""
    for length in (1, 2, 4):
        if len(bars) >= 2 * length and all(
            bars[index] == bars[index - length] for index in range(length, len(bars))
        ):
            return length
    return 0


def longest_held(names: Sequence[str]) -> int:
    """How often the same name comes in a row at most, when the whole is repeated."""
    most = run = 0
    for index, name in enumerate([*names, *names]):
        run = run + 1 if index and name == names[index % len(names) - 1] else 1
        most = max(most, run)
    return most


def cadence(bars: Sequence[Bar], bar: int) -> str:
    """How the phrase that ends with a bar ends: `half`, `full`, or "" for neither."""
    heard = [name for index in range(max(bar - 1, 0), bar + 1) for name in bars[index]]
    if heard[-1] in _OPEN:
        return "half"
    before = [name for name in heard if name != heard[-1]]
    return "full" if is_home(heard[-1]) and before and before[-1] in _CLOSING else ""


def is_rounded(bars: Sequence[Bar], asked: Asked) -> bool:
    """Whether every eight bars, and the last ones, end with a cadence, or the whole is a loop; no
    chord is held for more than four bars; and a verse or chorus is at home once."""
    fixed = asked.fixed
    names = [name for bar in bars for name in bar]
    if asked.section in ("verse", "chorus") and not any(map(is_home, names)):
        return False
    if longest_held(names) > MOST_HELD * QUARTERS and not fixed:
        return False
    if loop_bars(bars) > 1 or len(bars) < 4:
        return True
    ends = {*range(7, len(bars), 8), len(bars) - 1}
    return all(bar in fixed or bool(cadence(bars, bar)) for bar in ends)


def tinted(minor: bool, progressions: Sequence[Sequence[Bar]]) -> dict[str, Floats]:
    """What follows what in looped progressions, by context "mode last", for `Asked.tint`."""
    mode = "minor" if minor else "major"
    found: dict[str, Floats] = {}
    for bars in progressions:
        names = [name for bar in bars for name in bar]
        turns = [name for i, name in enumerate(names) if i == 0 or name != names[i - 1]]
        for last, following in zip([START, *turns], [*turns, turns[0]], strict=True):
            if last != following:
                row = found.setdefault(f"{mode} {last}", np.zeros(len(NAMES)))
                row[NAMES.index(following)] += 1.0
    return {context: row / row.sum() for context, row in found.items()}
