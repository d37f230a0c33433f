"""Chords as musicians write them in a line: `Dm7 | G7 | Cmaj7 A7`."""

from __future__ import annotations

from collections.abc import Sequence

from studio.core.errors import StudioError
from studio.domain.project import ChordSpan
from studio.domain.tempo import TempoMap
from studio.domain.theory import Chord


def read_chords(text: str, tempo: TempoMap, start: int) -> tuple[ChordSpan, ...]:
    """`Dm7 | G7 | Cmaj7 A7` from the bar at `start`; the chords of a bar share it evenly.

    Raises:
        StudioError: A word names no chord.
    """
    return _spans(chord_bars(text), tempo, start)


def chord_bars(text: str) -> tuple[tuple[str, ...], ...]:
    """The names in each bar of a line of chords; none for an empty line."""
    line = text.strip().strip("|")
    return tuple(tuple(part.split()) for part in line.split("|")) if line.strip() else ()


def _spans(bars: Sequence[Sequence[str]], tempo: TempoMap, start: int) -> tuple[ChordSpan, ...]:
    spans = []
    bar = tempo.bar_at(start)
    for index, words in enumerate(bars):
        begin, end = tempo.bar_start(bar + index), tempo.bar_start(bar + index + 1)
        edges = [begin + (end - begin) * i // max(len(words), 1) for i in range(len(words) + 1)]
        for word, left, right in zip(words, edges, edges[1:], strict=False):
            spans.append(ChordSpan(left, right - left, _chord(word)))
    return tuple(spans)


def chords_over(
    bars: Sequence[Sequence[str]], tempo: TempoMap, start: int, end: int
) -> tuple[ChordSpan, ...]:
    """The chords of `bars`, again and again from the bar at `start` until `end`.

    Raises:
        StudioError: A word names no chord.
    """
    count = len(tempo.bar_starts(tempo.bar_start(tempo.bar_at(start)), end))
    turns = -(-count // len(bars))
    return tuple(span for span in _spans((*bars,) * turns, tempo, start) if span.start < end)


def _chord(word: str) -> Chord:
    try:
        return Chord.parse(word)
    except ValueError:
        raise StudioError(
            f"No chord is called {word}.", "Write chords as Dm7 | G7 | Cmaj7."
        ) from None
