"""Learns the counts of `studio.ai.composer.progressions` from the sections of songs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from studio.ai.composer.progressions import (
    LAGS,
    MASKS,
    NAMES,
    STATES,
    Bar,
    Book,
    Counts,
    Floats,
    Smoothed,
    changes,
    history_before,
    mask_contexts,
    numeral_contexts,
    place,
    state_contexts,
)

ROUNDS = 1  # of expectation and maximisation
_STATE_WEIGHTS = (1.0, 20.0, 10.0, 4.0)
_MASK_WEIGHTS = (1.0, 10.0, 30.0, 60.0)
_NUMERAL_WEIGHTS = (1.0, 20.0, 50.0, 100.0, 40.0, 100.0)
_LEAST = 3.5  # contexts heard less than this add nothing to the plainer ones
_LEAST_COUNT = 0.6
_UNMATCHED, _MATCHED = 1.0, 0.15  # the first guess at whether a bar is new


class Stretch(NamedTuple):
    """A section of a song: one numeral for each quarter of each bar."""

    title: str
    section: str
    minor: bool
    bars: tuple[Bar, ...]


def learnt(stretches: Sequence[Stretch], rounds: int = ROUNDS) -> Book:
    """A book by expectation and maximisation (Dempster, Laird and Rubin 1977)."""
    guesses = [_guess(stretch.bars) for stretch in stretches]
    book = _book(stretches, guesses)
    for _ in range(rounds):
        book = _book(stretches, [posteriors(book, stretch) for stretch in stretches])
    return book


def _guess(bars: Sequence[Bar]) -> Floats:
    """Chances [bar, state before, state], before anything is known."""
    found = np.zeros((len(bars), len(LAGS) + 1, len(LAGS)))
    before = np.eye(len(LAGS) + 1)[-1]
    for bar in range(len(bars)):
        same = [float(lag <= bar and bars[bar] == bars[bar - lag]) for lag in LAGS[1:]]
        new = _MATCHED if any(same) else _UNMATCHED
        here = np.array([new, *((1 - new) * s / max(sum(same), 1) for s in same)])
        found[bar] = before[:, None] * here
        before = np.append(here, 0.0)
    return found


def posteriors(book: Book, stretch: Stretch) -> Floats:
    """Chances of (state before, state) at each bar given the whole, shape [bars, 6, 5]; the sixth
    state before is the section's start."""
    bars = stretch.bars
    count, states = len(bars), [*STATES, ""]
    emitted = [book.emissions(stretch.section, stretch.minor, bars, b) for b in range(count)]
    moves = [
        np.array([book.state_chances(bar, count, state) for state in states]) * emitted[bar]
        for bar in range(count)
    ]
    after = [np.ones(len(LAGS))]
    for bar in range(count - 1, 0, -1):
        row = moves[bar][:-1] @ after[0]
        after.insert(0, row / row.sum())
    found = np.zeros((count, len(states), len(LAGS)))
    before = np.eye(len(states))[-1]
    for bar in range(count):
        joint = before[:, None] * moves[bar] * after[bar]
        found[bar] = joint / joint.sum()
        forward = before @ moves[bar]
        before = np.append(forward / forward.sum(), 0.0)
    return found


def _book(stretches: Sequence[Stretch], chances: Sequence[Floats]) -> Book:
    states: list[Counts] = [defaultdict(lambda: defaultdict(float)) for _ in _STATE_WEIGHTS]
    masks: list[Counts] = [defaultdict(lambda: defaultdict(float)) for _ in _MASK_WEIGHTS]
    numerals: list[Counts] = [defaultdict(lambda: defaultdict(float)) for _ in _NUMERAL_WEIGHTS]
    for stretch, found in zip(stretches, chances, strict=True):
        _count_states(states, stretch, found)
        for bar in range(len(stretch.bars)):
            _count_bar(masks, numerals, stretch, bar, float(found[bar, :, 0].sum()))
    return Book(
        Smoothed(STATES, _pruned(states), _STATE_WEIGHTS),
        Smoothed(MASKS, _pruned(masks), _MASK_WEIGHTS),
        Smoothed(NAMES, _pruned(numerals), _NUMERAL_WEIGHTS),
    )


def _count_states(tables: Sequence[Counts], stretch: Stretch, found: Floats) -> None:
    for bar, before, state in zip(*np.nonzero(found > 1e-3), strict=True):
        name = [*STATES, ""][before]
        contexts = state_contexts(int(bar), len(stretch.bars), name)
        _add(tables, contexts, STATES[state], float(found[bar, before, state]))


def _count_bar(
    masks: Sequence[Counts],
    numerals: Sequence[Counts],
    stretch: Stretch,
    bar: int,
    weight: float,
) -> None:
    """Count what is new in a bar, as far as it is believed to be new."""
    if weight < 0.01:
        return
    bars = stretch.bars
    where, history = place(bar, len(bars)), history_before(bars, bar)
    before = str(changes(bars, bar - 1)[0]) if bar else ""
    mask, begun = changes(bars, bar)
    _add(masks, mask_contexts(stretch.section, where, before), str(mask), weight)
    for quarter, name in begun:
        contexts = numeral_contexts(stretch.minor, stretch.section, where, quarter, history)
        _add(numerals, contexts, name, weight)
        history = [*history, name]


def _add(tables: Sequence[Counts], contexts: Iterable[str], name: str, weight: float) -> None:
    for table, context in zip(tables, contexts, strict=True):
        table[context][name] += weight


def _pruned(tables: Sequence[Counts]) -> tuple[Counts, ...]:
    """Plain dictionaries of short numbers, without what was hardly heard."""
    return tuple(
        {
            context: {name: _short(n) for name, n in sorted(row.items()) if n >= _LEAST_COUNT}
            for context, row in sorted(table.items())
            if sum(row.values()) >= _LEAST
        }
        for table in tables
    )


def _short(count: float) -> float:
    """One decimal below ten, none above."""
    return round(count, 1) if count < 10 and round(count, 1) % 1 else round(count)


def nats(book: Book, stretches: Iterable[Stretch]) -> tuple[float, float]:
    """Nats for each bar, and for each chord that begins."""
    total, bars, chords = 0.0, 0, 0
    for stretch in stretches:
        total -= book.forward(stretch.section, stretch.minor, stretch.bars)[1]
        bars += len(stretch.bars)
        chords += sum(len(changes(stretch.bars, b)[1]) for b in range(len(stretch.bars)))
    return total / max(bars, 1), total / max(chords, 1)
