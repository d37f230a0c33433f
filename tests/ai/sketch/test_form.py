"""Forms are as long as was asked, and phrases divide them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.ai.sketch.form import FORMS, phrase_lengths, places, sections


@given(st.integers(1, 300), st.sampled_from(sorted(FORMS)))
def test_a_form_is_exactly_as_long_as_asked(bars: int, family: str) -> None:
    laid = sections(bars, family)
    assert sum(section.bars for section in laid) == bars
    assert all(section.bars > 0 for section in laid)
    assert len(places(laid)) == bars


names = st.sampled_from(("Intro", "Verse", "Chorus", "Bridge", "Outro", "A", "B"))


@given(st.integers(1, 200), st.lists(st.tuples(names, st.integers(0, 16)), min_size=1, max_size=6))
def test_a_form_that_was_named_is_kept_and_filled_up(
    bars: int, asked: list[tuple[str, int]]
) -> None:
    laid = sections(bars, "song", asked)
    assert sum(section.bars for section in laid) == bars
    assert {section.name for section in laid} <= {name for name, _ in asked}


def test_sections_are_named_as_asked_and_returns_are_counted() -> None:
    laid = sections(20, "song", [("Verse", 8), ("Chorus", 4), ("Verse", 8)])
    assert [(s.name, s.letter, s.bars, s.turn) for s in laid] == [
        ("Verse", "A", 8, 0), ("Chorus", "B", 4, 0), ("Verse", "A", 8, 1),
    ]  # fmt: skip


def test_a_blues_is_made_of_choruses_of_twelve() -> None:
    assert [section.bars for section in sections(26, "blues")] == [12, 12, 2]
    assert [section.bars for section in sections(8, "blues")] == [8]


@given(st.integers(1, 64))
def test_phrases_are_of_about_four_bars(bars: int) -> None:
    lengths = phrase_lengths(bars)
    assert sum(lengths) == bars
    assert all(length <= 6 for length in lengths)
    assert all(length >= 3 for length in lengths[:-1])
