"""The parts of a song, from what its bars sound like."""

from __future__ import annotations

import numpy as np
import pytest

from studio.ai.listening.beats import beats_of
from studio.ai.listening.sections import sections_of
from studio.ai.listening.tonal import Tonal

BEAT = 0.5
ROOTS = {"A": (0, 5), "B": (9, 2)}  # pitch classes, turn about, a bar each


def sounding(form: str, rest: float, seed: int) -> Tonal:
    """Parts of eight bars of four beats, and after them `rest` seconds that are like none."""
    rng = np.random.default_rng(seed)
    edges = np.append(BEAT * np.arange(32 * len(form) + 1), [BEAT * 32 * len(form) + rest])
    treble = 0.15 * rng.uniform(size=(len(edges) - 1, 12))
    for beat in range(32 * len(form)):
        treble[beat, ROOTS[form[beat // 32]][beat // 4 % 2]] += 1.0
    treble[-1] = 5.0 * rng.uniform(size=12)
    colour = 1.0 + 0.05 * rng.uniform(size=(len(treble), 7))
    colour[-1] = 9.0
    return Tonal(edges, treble, 0.5 * treble, colour, 0.0)


@pytest.mark.parametrize("rest", [0.1, 1.9, 7.0])
@pytest.mark.parametrize("form", ["AAB", "ABA", "AABB"])
def test_parts_begin_where_the_harmony_turns_whatever_the_end_is_like(
    form: str, rest: float
) -> None:
    heard = sounding(form, rest, seed=len(form))
    beats = heard.edges[:-1]
    found = sections_of(heard, beats_of(beats, np.arange(len(beats)) % 4 == 0))
    turns = [16.0 * part for part in range(1, len(form)) if form[part] != form[part - 1]]
    assert [section.start for section in found[1:]] == pytest.approx(turns)
    plain = [label for label, last in zip(form, " " + form, strict=False) if label != last]
    assert [section.label for section in found] == plain
