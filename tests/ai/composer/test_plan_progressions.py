"""Progressions drawn from what songs do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.composer import plans
from studio.ai.composer.progressions import (
    MASKS,
    NAMES,
    Asked,
    Bar,
    Smoothed,
    cadence,
    changes,
    history_before,
    is_rounded,
    longest_held,
    loop_bars,
    numeral,
    numeral_contexts,
    tinted,
)

SONGS = plans.shipped().books["songs"]
BARS = st.lists(st.tuples(*[st.sampled_from(NAMES)] * 4), min_size=1, max_size=12)


def held(*names: str) -> list[Bar]:
    """Bars of one chord each."""
    return [(name,) * 4 for name in names]


@pytest.mark.parametrize(
    ("degree", "quality", "minor", "name"),
    [
        (0, "maj7", False, "I"),
        (9, "m7", False, "vi"),
        (10, "", False, "bVII"),
        (7, "9sus4", False, "Vsus"),
        (2, "m7b5", True, "iidim"),
        (8, "aug", True, "bVI+"),
        (0, "5", True, "i"),
        (0, "5", False, "I"),
    ],
)
def test_a_chord_is_called_by_its_degree_and_triad(
    degree: int, quality: str, minor: bool, name: str
) -> None:
    assert numeral(degree, quality, minor) == name


def test_sparse_counts_lean_on_plainer_ones() -> None:
    found = Smoothed(("a", "b"), ({"": {"a": 9.0}}, {"x": {"b": 1.0}}), (1.0, 1.0))
    plain = found.given(("", "nowhere"))
    assert plain.tolist() == pytest.approx([0.95, 0.05])
    assert found.given(("", "x")).tolist() == pytest.approx([0.475, 0.525])


@settings(max_examples=40)
@given(st.lists(st.sampled_from(NAMES), max_size=4), st.booleans(), st.integers(0, 3))
def test_chances_of_the_next_chord_sum_to_one_and_agree(
    history: list[str], minor: bool, quarter: int
) -> None:
    contexts = numeral_contexts(minor, "verse", "start", quarter, history)
    chances = SONGS.numerals.given(contexts)
    assert chances.sum() == pytest.approx(1.0)
    assert chances[3] == pytest.approx(SONGS.numerals.chance(contexts, NAMES[3]))
    assert (chances > 0).all()


@settings(max_examples=40)
@given(BARS)
def test_changes_and_history_tell_a_bar_whole(bars: list[Bar]) -> None:
    heard: list[str] = []
    for bar, names in enumerate(bars):
        assert history_before(bars, bar) == heard[-3:]
        mask, begun = changes(bars, bar)
        again = [heard[-1] if heard else ""] * 4
        for quarter, name in begun:
            assert mask & (1 << quarter)
            again[quarter:] = [name] * (4 - quarter)
        assert tuple(again) == names
        heard += [name for _, name in begun]


@settings(max_examples=40)
@given(
    st.integers(0, 2**32),
    st.booleans(),
    st.integers(1, 20),
    st.dictionaries(
        st.integers(0, 19), st.sampled_from([held("IV")[0], ("I", "I", "v", "v")]), max_size=4
    ),
)
def test_a_section_has_its_bars_and_what_stands_stays(
    seed: int, minor: bool, bars: int, fixed: dict[int, Bar]
) -> None:
    fixed = {at: bar for at, bar in fixed.items() if at < bars}
    asked = Asked("chorus", minor, bars, fixed)
    found = SONGS.drawn(asked, np.random.default_rng(seed), tries=2)
    assert len(found) == bars
    assert all(len(bar) == 4 and set(bar) <= set(NAMES) for bar in found)
    assert all(found[at] == bar for at, bar in fixed.items())
    assert found == SONGS.drawn(asked, np.random.default_rng(seed), tries=2)


def test_phrases_come_to_a_cadence_or_go_round_and_no_chord_stands_still() -> None:
    for seed in range(40):
        asked = Asked("verse", seed % 3 == 0, 8)
        found = SONGS.drawn(asked, np.random.default_rng(seed), tries=100)
        assert is_rounded(found, asked)
        assert loop_bars(found) > 1 or cadence(found, 7)
        assert longest_held([name for bar in found for name in bar]) <= 16


def test_a_looped_section_says_nothing_new_after_four_bars() -> None:
    for seed in range(20):
        found = SONGS.drawn(
            Asked("verse", True, 12, looped=True), np.random.default_rng(seed), tries=1
        )
        assert set(found[4:]) <= set(found[:4])


def test_a_style_that_knows_one_way_on_takes_it_most_of_the_time() -> None:
    tint = tinted(False, [held("I", "bII")])
    asked = Asked("verse", False, 8, tint=tint, tint_weight=0.9)
    found = [SONGS.drawn(asked, np.random.default_rng(seed), tries=1) for seed in range(20)]
    assert sum("bII" in bar for bars in found for bar in bars) > 20


@pytest.mark.parametrize(
    ("bars", "length"),
    [
        (held("I", "I", "I", "I"), 1),
        (held("I", "V", "I", "V"), 2),
        (held("I", "V", "vi", "IV", "I", "V", "vi", "IV"), 4),
        (held("I", "V", "vi", "IV", "I", "V", "vi", "V"), 0),
        (held("I", "V", "vi", "IV"), 0),
    ],
)
def test_loops_are_told_by_their_length(bars: list[Bar], length: int) -> None:
    assert loop_bars(bars) == length


@pytest.mark.parametrize(
    ("bars", "kind"),
    [
        (held("I", "V"), "half"),
        (held("V", "I"), "full"),
        (held("iv", "i"), "full"),
        (held("vi", "I"), ""),
        (held("V", "vi"), ""),
        ([("I", "I", "V", "I")], "full"),
    ],
)
def test_cadences_are_told_by_how_a_phrase_ends(bars: list[Bar], kind: str) -> None:
    assert cadence(bars, len(bars) - 1) == kind


def test_what_songs_play_is_likelier_than_the_same_chords_in_disorder() -> None:
    usual = held(*["I", "V", "vi", "IV"] * 2)
    odd = held("vi", "bII", "IV", "#IV", "I", "bVI", "vii", "bVII")
    likely, unlikely = (SONGS.forward("chorus", False, bars)[1] for bars in (usual, odd))
    assert likely > unlikely + 10


def test_a_bar_that_returns_is_believed_to_be_no_new_one() -> None:
    fresh, _ = SONGS.forward("verse", False, held(*["I", "V", "vi", "IV"] * 2))
    assert fresh[0] == 1.0
    assert fresh[5:].max() < 0.2


def test_masks_of_a_first_bar_begin_with_a_chord() -> None:
    chances = SONGS.mask_chances("verse", "first", "", 0)
    assert chances.sum() == pytest.approx(1.0)
    assert not any(chances[int(mask)] for mask in MASKS[::2])
