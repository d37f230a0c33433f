"""Chords as written, and chords heard in pieces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from studio.ai.composer.chords import chord_named, chord_of, quality_class, with_chords
from studio.ai.composer.keys import with_keys
from studio.ai.composer.piece import Piece
from studio.ai.composer.vocabulary import QUALITIES
from studio.domain.theory import QUALITIES as THEORY
from studio.domain.theory import Chord
from tests.ai.composer.music import Row, blocks, line, moved, music, part
from tests.ai.composer.pieces import pieces


def _class(name: str) -> int:
    return QUALITIES.index(name)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("", ""), ("maj", ""), ("M", ""), ("major", ""), ("add9", ""), ("maj(9)", ""),
        ("m", "m"), ("min", "m"), ("-", "m"), ("minor", "m"), ("mM7", "m"), ("minmaj7", "m"),
        ("min(9)", "m"), ("7", "7"), ("dominant", "7"), ("dominant-ninth", "7"), ("7+11", "7"),
        ("7-9", "7"), ("7(#9)", "7"), ("13", "7"), ("augmented-seventh", "7"), ("+7", "7"),
        ("maj7", "maj7"), ("M7", "maj7"), ("Δ", "maj7"), ("major-seventh", "maj7"),
        ("maj9(13,#11)", "maj7"), ("min7", "m7"), ("-7", "m7"), ("minor-11th", "m7"),
        ("min7(11)/b3", "m7"), ("m7add11", "m7"), ("dim", "dim"), ("o7", "dim"), ("°", "dim"),
        ("diminished-seventh", "dim"), ("aug", "aug"), ("+", "aug"), ("augmented", "aug"),
        ("M7+5", "aug"), ("sus4", "sus4"), ("7sus4", "sus4"), ("sus4(b7,9)", "sus4"),
        ("suspended-fourth", "sus4"), ("hdim7", "m7b5"), ("ø7", "m7b5"), ("m7-5", "m7b5"),
        ("half-diminished", "m7b5"), ("min7b5", "m7b5"), ("6", "6"), ("6/9", "6"), ("maj6", "6"),
        ("major-sixth", "6"), ("m6", "m6"), ("min6/5", "m6"), ("5", "5"), ("power", "5"),
        ("1", "5"), ("sus2", "5"), ("H", "none"), ("x?!", "none"),
    ],
)  # fmt: skip
def test_qualities_are_understood_however_they_are_written(written: str, name: str) -> None:
    assert quality_class(written) == _class(name)


@pytest.mark.parametrize("quality", THEORY)
def test_a_chord_of_the_theory_keeps_third_and_fifth_when_folded(quality: str) -> None:
    folded = QUALITIES[quality_class(quality)]
    assert folded != "none"
    steps, kept = ({step % 12 for step in THEORY[name]} for name in (quality, folded))
    third = 4 if 4 in steps else 3  # 10 semitones and a sharp ninth: the third is major
    assert (third in steps) == (third in kept)
    assert len(kept - steps) <= 1  # a fourth for an eleventh, a plain fifth for an altered one


def test_a_class_comes_back_as_its_chord() -> None:
    for number, name in enumerate(QUALITIES[1:], 1):
        assert chord_of(3, number) == Chord(3, name)
        assert quality_class(name) == number
    assert chord_of(-1, 1) is None
    assert chord_of(3, 0) is None


@pytest.mark.parametrize(
    ("text", "root", "name"),
    [("Dm7", 2, "m7"), ("C:dominant", 0, "7"), ("Bb/D", 10, ""), ("F#m7b5", 6, "m7b5"),
     ("A:min7(9)/b3", 9, "m7"), ("E♭6/9", 3, "6"), ("N", -1, "none"), ("N.C.", -1, "none"),
     ("X", -1, "none"), ("", -1, "none"), ("Cblah", -1, "none")],
)  # fmt: skip
def test_chords_are_read(text: str, root: int, name: str) -> None:
    assert chord_named(text) == (root, _class(name))


# --- heard --------------------------------------------------------------------------------------

_SOUNDS = {
    "": (48, 60, 64, 67), "m": (48, 60, 63, 67), "7": (48, 58, 64, 67), "maj7": (48, 59, 64, 67),
    "m7": (48, 58, 63, 67), "dim": (48, 60, 63, 66), "aug": (48, 60, 64, 68),
    "sus4": (48, 60, 65, 67), "m7b5": (48, 58, 63, 66), "5": (36, 48, 55),
    "6": (48, 57, 64, 67), "m6": (48, 57, 63, 67),
}  # fmt: skip


def _heard(piece: Piece) -> list[tuple[int, str]]:
    bars = with_chords(with_keys(piece)).bars
    return [
        (int(root), QUALITIES[quality])
        for root, quality in zip(bars["root"].ravel(), bars["quality"].ravel(), strict=True)
    ]


@pytest.mark.parametrize("quality", [name for name in _SOUNDS if name not in ("6", "m6")])
def test_a_chord_that_lasts_is_heard_as_what_it_is(quality: str) -> None:
    piece = music((part(), blocks([_SOUNDS[quality]] * 2)))
    assert set(_heard(piece)) == {(0, quality)}


def test_every_root_is_heard_alike() -> None:
    piece = music((part(), blocks([_SOUNDS["m7"], _SOUNDS["7"]])))
    for semitones in range(12):
        roots = [root for root, _ in _heard(moved(piece, semitones))]
        assert set(roots) == {semitones}


_I_VI_II_V: list[tuple[int, ...]] = [(48, 64, 67), (45, 60, 64), (50, 65, 69), (43, 62, 65, 71)]


def test_chords_change_where_the_music_does() -> None:
    chords = [(0, ""), (9, "m"), (2, "m"), (7, "7")]
    whole = music((part(), blocks(_I_VI_II_V)))
    assert _heard(whole) == [chord for chord in chords for _ in range(4)]
    halves = music((part(), blocks(_I_VI_II_V, each=2.0)))
    assert _heard(halves) == [chord for chord in chords for _ in range(2)]


def test_passing_notes_of_the_melody_do_not_change_the_chord() -> None:
    melody = line([76, 77, 79, 77, 76, 74, 72, 74] * 2, 0.5)
    piece = music((part(73, role="melody"), melody), (part(), blocks([_SOUNDS[""]] * 2)))
    assert set(_heard(piece)) == {(0, "")}


def test_broken_chords_are_chords_too() -> None:
    broken = [pitch for chord in _I_VI_II_V for pitch in (*chord[:3], chord[1]) * 2]
    found = _heard(music((part(24), line(broken, 0.5))))
    assert [root for root, _ in found[1::4]] == [0, 9, 2, 7]


def test_silence_holds_the_chord_inside_a_bar_and_an_empty_bar_has_none() -> None:
    rows: list[Row] = [*blocks([_SOUNDS[""]], 1.0), *blocks([_SOUNDS[""]], 4.0, 8.0)]
    found = _heard(music((part(), rows)))
    assert found[:4] == [(0, "")] * 4
    assert found[4:8] == [(-1, "none")] * 4
    assert found[8:] == [(0, "")] * 4


def test_drums_make_no_chord() -> None:
    assert set(_heard(music((part(drums=True, role="drums"), line([36, 40, 43] * 4))))) == {
        (-1, "none")
    }


@given(pieces())
def test_bars_with_a_chord_keep_what_they_have(piece: Piece) -> None:
    found = with_chords(piece).bars
    given_ = (piece.bars["root"] >= 0).any(1)
    np.testing.assert_array_equal(found["root"][given_], piece.bars["root"][given_])
    np.testing.assert_array_equal(found["quality"][given_], piece.bars["quality"][given_])
    assert ((found["root"] < 0) == (found["quality"] == 0))[~given_].all()
    for name in ("start", "length", "tonic", "mode", "section", "recall"):
        np.testing.assert_array_equal(found[name], piece.bars[name])
