"""Chords from numerals, scales over chords, voicings and how they move."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ai.sketch import harmony
from studio.ai.sketch.listen import Heard, chord_in, chords_over, key_of
from studio.ai.sketch.progressions import CADENCES, PROGRESSIONS
from studio.ai.sketch.score import pulses, stream
from studio.ai.sketch.styles import STYLES
from studio.domain.theory import QUALITIES, SCALES, Chord, Key

any_chord = st.builds(Chord, st.integers(0, 11), st.sampled_from(sorted(QUALITIES)))
any_key = st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(SCALES)))


@pytest.mark.parametrize(
    ("numeral", "name"),
    [
        ("I", "C"), ("vi7", "Am7"), ("bVImaj7", "Abmaj7"), ("iim7b5", "Dm7b5"), ("V7/ii", "A7"),
        ("#ivm7b5", "Gbm7b5"), ("V/7", "G/B"), ("imadd9", "Cmadd9"), ("bVII5", "Bb5"),
    ],
)  # fmt: skip
def test_numerals_name_chords(numeral: str, name: str) -> None:
    assert harmony.chord_of(numeral, 0) == Chord.parse(name)


def test_every_style_has_progressions_in_both_modes_and_all_are_readable() -> None:
    assert set(PROGRESSIONS) == set(STYLES)
    for modes in PROGRESSIONS.values():
        for materials in modes.values():
            for numerals in (text for options in materials.values() for text in options):
                assert harmony.parse(numerals, 5)
    for kind in {style.cadence for style in STYLES.values()}:
        assert set(CADENCES[kind]) == {"major", "minor"}


@given(any_key, any_chord)
def test_a_scale_over_a_chord_holds_the_chord_and_nothing_strange(key: Key, chord: Chord) -> None:
    scale = harmony.scale_over(key, chord)
    assert chord.pitch_classes <= scale <= chord.pitch_classes | set(key.pitch_classes)


def test_a_raised_leading_note_silences_the_natural_one() -> None:
    scale = harmony.scale_over(Key(9, "minor"), Chord.parse("E7"))
    assert 8 in scale
    assert 7 not in scale


@given(any_chord, st.integers(2, 5), st.booleans())
def test_voicings_are_never_muddy_and_stay_in_their_compass(
    chord: Chord, voices: int, rootless: bool
) -> None:
    shapes = harmony.voicings(chord, voices, 50, 76, rootless)
    assert shapes
    for shape in shapes:
        assert list(shape) == sorted(set(shape))
        assert 50 <= shape[0] <= shape[-1] <= 76
        assert not harmony.is_muddy(shape)
        assert {pitch % 12 for pitch in shape} <= chord.pitch_classes


@given(st.lists(any_chord, min_size=2, max_size=8))
def test_chords_are_led_by_small_moves(chords: list[Chord]) -> None:
    shape: tuple[int, ...] = ()
    tops = []
    for chord in chords:
        shape = harmony.lead(chord, shape, 4, 50, 76)
        tops.append(shape[-1])
    assert np.mean([abs(b - a) for a, b in pairwise(tops)]) <= 6


def test_a_cadence_ends_on_the_tonic_in_every_mode() -> None:
    for mode in SCALES:
        key = Key(4, mode)
        for kind in CADENCES:
            for seed in range(4):
                before, last = harmony.cadence(kind, key, stream(seed, "cadence"))
                assert last[-1].root == 4
                assert before[-1].root != 4


@given(st.integers(1, 5), st.integers(1, 16), st.sampled_from((2, 4, 8, 16)))
def test_chords_are_spread_over_a_bar_without_a_hole(count: int, beats: int, unit: int) -> None:
    spans = harmony.spread([Chord(n) for n in range(count)], 960, pulses(beats, unit))
    assert spans[0].start == 960
    assert spans[-1].end == 960 + beats * 3840 // unit
    assert all(a.end == b.start for a, b in pairwise(spans))


@given(st.integers(0, 11), st.sampled_from(("", "m", "7", "m7", "maj7", "dim", "m7b5")))
def test_a_chord_that_sounds_is_heard(root: int, quality: str) -> None:
    chord = Chord(root, quality)
    notes = [Heard(0, 3840, 36 + root, 90, True)]
    notes += [Heard(0, 3840, 60 + root + step, 90, True) for step in chord.intervals]
    assert chord_in(notes, 0, 3840, None) == chord
    assert chord_in([], 0, 3840, None) is None


def test_a_bar_whose_halves_differ_has_two_chords() -> None:
    first = [Heard(0, 1920, pitch, 90, True) for pitch in (36, 60, 64, 67)]
    second = [Heard(1920, 3840, pitch, 90, True) for pitch in (35, 59, 63, 66)]
    spans = chords_over([*first, *second], 0, 3840, 1920, None)
    assert [span.chord for span in spans] == [Chord(0), Chord(11)]


@given(st.integers(0, 11), st.sampled_from(("major", "minor")))
def test_a_scale_that_ends_on_its_tonic_tells_its_key(tonic: int, mode: str) -> None:
    key = Key(tonic, mode)
    pitches = [60 + tonic + step for step in (*SCALES[mode], 12)]
    pitches = [*pitches, pitches[0] + 7, pitches[0]]
    notes = [Heard(i * 960, i * 960 + 960, pitch, 90, True) for i, pitch in enumerate(pitches)]
    assert key_of(notes) == key
    assert key_of([]) is None
