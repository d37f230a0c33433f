"""Meters have pulses, and patterns fit every one of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ai.sketch.listen import Heard
from studio.ai.sketch.score import STEP, Event, fit, pick, pulses, stream
from studio.ai.sketch.settle import Standing, beside

meters = st.tuples(st.integers(1, 64), st.sampled_from((1, 2, 4, 8, 16, 32)))
patterns = st.text("Xxo-.?R5", min_size=16, max_size=16)


@given(meters)
def test_pulses_fill_a_bar_without_a_hole(meter: tuple[int, int]) -> None:
    beats, unit = meter
    at = 0
    for pulse in pulses(beats, unit):
        assert pulse.at == at
        at += pulse.length
    assert at == beats * 3840 // unit
    assert pulses(beats, unit)[0].strength == 3


@pytest.mark.parametrize(
    ("meter", "lengths"),
    [
        ((4, 4), [4, 4, 4, 4]),
        ((3, 4), [4, 4, 4]),
        ((6, 8), [6, 6]),
        ((12, 8), [6, 6, 6, 6]),
        ((7, 8), [4, 4, 6]),
        ((5, 8), [6, 4]),
        ((5, 4), [4, 4, 4, 4, 4]),
        ((2, 2), [4, 4, 4, 4]),
    ],
)
def test_pulses_are_those_a_musician_taps(meter: tuple[int, int], lengths: list[int]) -> None:
    assert [pulse.length // STEP for pulse in pulses(*meter)] == lengths


@given(patterns, meters, st.booleans())
def test_a_pattern_stays_inside_the_bar_of_any_meter(
    pattern: str, meter: tuple[int, int], steady: bool
) -> None:
    hits = fit(pattern, *meter, steady)
    bar = meter[0] * 3840 // meter[1]
    assert [hit.at for hit in hits] == sorted({hit.at for hit in hits})
    ends = [hit.at for hit in hits[1:]] + [bar]
    for hit, end in zip(hits, ends[: len(hits)], strict=True):
        assert 0 <= hit.at < hit.at + hit.length <= end
        assert hit.mark in pattern


def test_a_pattern_in_its_own_meter_is_itself() -> None:
    hits = fit("R-----5-..x---o.", 4, 4)
    assert [(hit.at // STEP, hit.length // STEP, hit.mark) for hit in hits] == [
        (0, 6, "R"), (6, 2, "5"), (10, 4, "x"), (14, 1, "o"),
    ]  # fmt: skip


def test_a_waltz_keeps_the_downbeat_and_both_after_beats() -> None:
    assert [hit.at // STEP for hit in fit("x...o.......o...", 3, 4)] == [0, 4, 8]


def test_streams_with_a_name_of_their_own_do_not_disturb_each_other() -> None:
    assert stream(1, "a").random() == stream(1, "a").random()
    assert stream(1, "a").random() != stream(1, "b").random()
    assert stream(1, "a").random() != stream(2, "a").random()
    assert pick(stream(3, "x"), "abc") in "abc"


def test_a_note_gives_way_to_what_stands() -> None:
    kept = [Heard(480, 960, 60, 90, True), Heard(1920, 2400, 60, 90, True, muted=True)]
    standing = Standing(kept)
    assert beside(Event(0, 960, 60, 80), standing, alone=False) == Event(0, 480, 60, 80)
    assert beside(Event(500, 100, 60, 80), standing, alone=False) is None
    assert beside(Event(500, 100, 64, 80), standing, alone=False) == Event(500, 100, 64, 80)
    assert beside(Event(500, 100, 64, 80), standing, alone=True) is None
    assert beside(Event(1920, 100, 64, 80), standing, alone=True) == Event(1920, 100, 64, 80)
    assert beside(Event(1920, 100, 60, 80), standing, alone=True) is None


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60)), max_size=30),
    st.integers(0, 220),
    st.integers(1, 80),
)
def test_every_standing_note_that_sounds_in_a_stretch_is_found(
    notes: list[tuple[int, int]], start: int, length: int
) -> None:
    kept = [Heard(at, at + long, 60, 90, True) for at, long in notes]
    found = Standing(kept).during(start, start + length)
    assert list(found) == sorted(found)
    for note in kept:
        assert (note in found) or note.end <= start or note.start >= start + length
