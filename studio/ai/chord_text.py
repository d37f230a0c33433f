"""Chords as musicians write them in a line: `Dm7 | G7 | Cmaj7 A7`."""

from __future__ import annotations

from studio.core.errors import StudioError
from studio.domain.project import ChordSpan
from studio.domain.tempo import TempoMap
from studio.domain.theory import Chord


def read_chords(text: str, tempo: TempoMap, start: int) -> tuple[ChordSpan, ...]:
    """`Dm7 | G7 | Cmaj7 A7` from the bar at `start`; the chords of a bar share it evenly.

    Raises:
        StudioError: A word names no chord.
    """
    spans = []
    bar = tempo.bar_at(start)
    for index, words in enumerate(part.split() for part in text.strip().strip("|").split("|")):
        begin, end = tempo.bar_start(bar + index), tempo.bar_start(bar + index + 1)
        edges = [begin + (end - begin) * i // max(len(words), 1) for i in range(len(words) + 1)]
        for word, left, right in zip(words, edges, edges[1:], strict=False):
            spans.append(ChordSpan(left, right - left, _chord(word)))
    return tuple(spans)


def _chord(word: str) -> Chord:
    try:
        return Chord.parse(word)
    except ValueError:
        raise StudioError(
            f"No chord is called {word}.", "Write chords as Dm7 | G7 | Cmaj7."
        ) from None
