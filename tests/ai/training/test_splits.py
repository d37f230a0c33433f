"""What is learnt from and what is held out."""

from __future__ import annotations

from collections import Counter, defaultdict
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.training.composer.splits import (
    LEFT_OUT,
    SPLITS,
    Ties,
    assigned,
    fingerprints,
    groove_key,
    title_key,
)


def _bands(titles: int = 900, grooves: int = 200, seed: int = 0) -> list[Ties]:
    """Lead sheets, and three bands over each, every one over a random groove."""
    rng = np.random.default_rng(seed)
    ties = []
    for number in range(titles):
        ties.append(Ties(f"sheets/{number}", f"The Song No {number}"))
        ties += [
            Ties(f"bands/{number}/{band}", f"song no {number}", groove=f"g/{band}")
            for band in rng.choice(grooves, 3, replace=False)
        ]
    return ties


def _split(ties: list[Ties]) -> list[str]:
    return assigned(ties, range(len(ties)))


def test_nearly_all_is_learnt_from_and_three_in_a_hundred_measure() -> None:
    ties = [Ties(f"k{number}", f"song number {number}") for number in range(6000)]
    counts = Counter(_split(ties))
    assert set(counts) == set(SPLITS)
    for name in ("valid", "test"):
        assert 0.02 < counts[name] / len(ties) < 0.04


def test_a_title_is_never_in_two_splits() -> None:
    ties = _bands()
    seen = defaultdict(set)
    for tie, split in zip(ties, _split(ties), strict=True):
        seen[title_key(tie.title)].add(split)
    assert all(len(splits - {LEFT_OUT}) == 1 for splits in seen.values())


def test_a_groove_that_is_held_out_is_not_learnt_from() -> None:
    ties = _bands()
    splits = _split(ties)
    over: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for tie, split in zip(ties, splits, strict=True):
        if tie.groove:
            over[tie.groove][split] += 1
    held = [counts for counts in over.values() if not counts["train"]]
    assert 3 <= len(held) <= 30
    assert all(counts["valid"] + counts["test"] > 0 for counts in held)
    assert splits.count(LEFT_OUT) < 0.1 * len(splits)
    assert splits.count("train") > 0.8 * len(splits)


def test_a_groove_is_one_however_it_is_called() -> None:
    assert groove_key("jazz JazzCombo") == groove_key("stdlib/jazzcombo") == "jazzcombo"


def test_works_and_near_duplicates_hang_together() -> None:
    ties = [Ties(f"{n}", f"movement {n % 4} of {n}", group=f"work {n // 4}") for n in range(4000)]
    duplicates = list(range(len(ties)))
    for number in range(0, 4000, 40):
        duplicates[number + 8] = duplicates[number]
    splits = assigned(ties, duplicates)
    for number in range(0, 4000, 4):
        assert len(set(splits[number : number + 4])) == 1
    for number in range(0, 4000, 40):
        assert splits[number] == splits[number + 8]
    assert set(splits) == set(SPLITS)


def test_published_splits_are_kept_and_their_kin_follow() -> None:
    ties = [
        Ties("a", "O Sacred Head", split="train"),
        Ties("b", "O sacred head", split="test"),
        Ties("c", "O Sacred Head!"),
        Ties("d", "Another Hymn", split="train"),
        Ties("e", "Another hymn"),
        Ties("f", "A Third Hymn", split="valid"),
        Ties("g", "Third hymn"),
    ]
    assert _split(ties) == ["train", "test", "test", "train", "train", "valid", "valid"]


def test_what_is_put_together_from_held_out_titles_is_not_learnt_from() -> None:
    songs = [Ties(f"s{number}", f"song number {number}") for number in range(400)]
    held = dict(zip((tie.title for tie in songs), _split(songs), strict=True))
    mixed = [
        Ties(f"m{number}", f"mixture {number}", parents=(f"song number {number}", "song number 0"))
        for number in range(400)
    ]
    splits = _split([*songs, *mixed])
    assert splits[:400] == list(held.values())
    for tie, split in zip(mixed, splits[400:], strict=True):
        origins = {held[title] for title in tie.parents}
        assert split != "train" or origins == {"train"}
    assert splits[400:].count("train") > 300


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Bashful Lover", "bashful lover, the"), ("Summertime (Billy Stewart)", "summertime"),
        ("Ça ira", "CA IRA"), ("Don't", "dont"), ("You & I", "you and i"),
        ("Grieg: I Love Thee", "grieg i love thee"),
    ],
)  # fmt: skip
def test_titles_are_one_however_they_are_spelt(one: str, other: str) -> None:
    assert title_key(one) == title_key(other) != ""


def test_titles_that_tell_nothing_tie_nothing() -> None:
    for title in ("", "anonim: kyrie", "Anonymous: Minuet", "Traditional: Jig", "?!", "12"):
        assert title_key(title) == ""
    ties = [Ties(f"{number}", "anonim: kyrie") for number in range(2000)]
    assert len(set(_split(ties))) == 3


@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_pieces_does_not_matter(random: Random) -> None:
    ties = _bands(60, 20)
    splits = dict(zip(ties, _split(ties), strict=True))
    random.shuffle(ties)
    assert dict(zip(ties, _split(ties), strict=True)) == splits


def test_new_pieces_leave_the_split_of_others_as_it_was() -> None:
    ties = _bands(200)
    more = [Ties(f"new{number}", f"some new song {number}") for number in range(300)]
    assert _split([*ties, *more])[: len(ties)] == _split(ties)


def test_fingerprints_tell_the_splits_apart() -> None:
    keys, splits = ["a", "b", "c", "d"], ["train", "test", "train", LEFT_OUT]
    found = fingerprints(keys, splits)
    assert set(found) == set(SPLITS)
    assert found == fingerprints(keys[::-1], splits[::-1])
    assert found == fingerprints(keys[:3], splits[:3])
    assert found["train"] != fingerprints(["a", "b"], ["train", "train"])["train"]
