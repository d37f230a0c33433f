"""A change of a chip is a change of the words, and of nothing else they say."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from studio.ai import chip_edits, lexicon
from studio.ai.requests import Chip
from studio.ai.words import understand


def chip_of(prompt: str, text: str, negative: str = "") -> tuple[Chip, tuple[Chip, ...]]:
    chips = understand(prompt, negative).chips
    return next(chip for chip in chips if chip.text == text), chips


@pytest.mark.parametrize(
    ("prompt", "text", "left"),
    [
        ("slow jazz, 84 bpm, D minor", "84 bpm", "slow jazz, D minor"),
        ("slow jazz at 84 bpm", "84 bpm", "slow jazz"),
        ("jazz with drums", "drums", "jazz"),
        ("drums", "drums", ""),
        ("without bass or drums, sad", "no bass", "no drums, sad"),
        ("late night piano", "calm", "dark piano"),
        ("string quartet", "only viola", "classical, only violin, only cello"),
        ("piano only", "only piano", ""),
        ("piano and sad piano", "piano", "sad"),
        ("intro 4, verse 8; slow", "Intro 4, Verse 8", "slow"),
        ("Am F C G, pop", "Am | F | C | G", "pop"),
        ("a walk by the sea, jazz", "walk", "a by the sea, jazz"),
    ],
)
def test_removing_a_chip_leaves_what_else_was_said(prompt: str, text: str, left: str) -> None:
    chip, chips = chip_of(prompt, text)
    assert chip_edits.removed(prompt, chip, chips) == left


def test_changing_a_chip_puts_other_words_in_its_place() -> None:
    chip, chips = chip_of("slow jazz at 84 bpm, sad", "84 bpm")
    words = chip_edits.completed(chip, "96")
    assert chip_edits.changed("slow jazz at 84 bpm, sad", chip, chips, words) == (
        "slow jazz 96 bpm, sad"
    )


@pytest.mark.parametrize(
    ("prompt", "text", "typed", "words"),
    [
        ("84 bpm", "84 bpm", "96", "96 bpm"),
        ("8 bars", "8 bars", "12", "12 bars"),
        ("2 minutes", "2 minutes", "3", "3 minutes"),
        ("no drums", "no drums", "strings", "no strings"),
        ("only piano", "only piano", "cello", "only cello"),
        ("D minor", "D minor", "F# dorian", "F# dorian"),
        ("D minor", "D minor", "piano", ""),
        ("jazz", "jazz", "zorblax", ""),
        ("jazz", "jazz", "  ", ""),
        ("zorblax", "zorblax", "sad", "sad"),
    ],
)
def test_what_is_typed_into_a_chip_must_say_such_a_thing(
    prompt: str, text: str, typed: str, words: str
) -> None:
    assert chip_edits.completed(chip_of(prompt, text)[0], typed) == words


def test_in_the_second_text_words_stand_without_no() -> None:
    chip, chips = chip_of("jazz", "no drums", "drums, strings")
    assert chip.negative
    assert chip_edits.removed("drums, strings", chip, chips) == "strings"


def test_a_dismissed_guess_is_in_quotation_marks_and_is_not_guessed_again() -> None:
    guessed = understand("jazz in a haunted castle", "", lambda phrase: ("mood", "dark"))
    chip = guessed.chips[-1]
    text = chip_edits.unread("jazz in a haunted castle", chip)
    assert text == "jazz in a “haunted castle”"
    again = understand(text, "", lambda phrase: ("mood", "dark"))
    assert again.moods == ()
    assert again.chips[-1].text == "“haunted castle”"


CHOICES = [
    "jazz",
    "sad",
    "piano",
    "84 bpm",
    "D minor",
    "3/4",
    "sparse",
    "slow",
    "8 bars",
    "zorblax",
]


@pytest.mark.parametrize("words", CHOICES)
def test_every_choice_of_a_chip_can_be_taken(words: str) -> None:
    chip = understand(words).chips[0]
    assert chip_edits.choices(chip)
    for choice in chip_edits.choices(chip):
        assert chip_edits.completed(chip, choice) == choice


SAID = [
    *sorted(lexicon.STYLES), *sorted(lexicon.MOODS), *sorted(lexicon.INSTRUMENTS),
    "84 bpm", "D minor", "7/8", "16 bars", "2 minutes", "verse 8, chorus 8", "Am | F | C | G",
    "sparse", "swing", "late night", "string quartet", "chiptune", "zorblax",
]  # fmt: skip
PARTS = st.tuples(st.sampled_from(["", "", "no ", "with ", "only "]), st.sampled_from(SAID))


def said(prompt: str) -> set[tuple[str, str]]:
    return {(chip.text.removeprefix("only "), chip.control) for chip in understand(prompt).chips}


@settings(max_examples=150)
@given(st.lists(PARTS, min_size=1, max_size=5), st.integers(0, 20))
def test_removing_any_chip_takes_that_one_and_no_other(
    parts: list[tuple[str, str]], which: int
) -> None:
    prompt = ", ".join(before + words for before, words in parts)
    chips = understand(prompt).chips
    assume(not any(chip.note for chip in chips))  # nothing is both wanted and refused
    chip = chips[which % len(chips)]
    gone = (chip.text.removeprefix("only "), chip.control)
    assert said(chip_edits.removed(prompt, chip, chips)) == said(prompt) - {gone}


@settings(max_examples=100)
@given(st.text(max_size=60), st.integers(0, 20))
def test_any_text_survives_the_removal_of_any_chip(text: str, which: int) -> None:
    chips = understand(text).chips
    if chips:
        chip = chips[which % len(chips)]
        assert len(chip_edits.removed(text, chip, chips)) <= len(text) + 60
        assert all(0 <= start < end <= len(text) for start, end in chip.spans)
