"""What each part of a piece plays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from studio.ai.composer.piece import Piece, ordered
from studio.ai.composer.roles import role_named, with_roles
from studio.ai.composer.vocabulary import ROLES
from tests.ai.composer.music import blocks, line, music, part
from tests.ai.composer.pieces import pieces

_TUNE = [72, 74, 76, 72, 76, 77, 79, 79, 79, 81, 79, 77, 76, 72, 67, 72] * 2
_BASS = [36, 43, 41, 43, 45, 40, 41, 43] * 4
_CHORDS = [(60, 64, 67), (57, 60, 65), (59, 62, 67), (60, 64, 67)] * 4
_KIT = [36, 42, 38, 42] * 8


def _roles(piece: Piece) -> list[str]:
    return [part.role for part in with_roles(piece).parts]


def test_a_band_without_names_is_heard() -> None:
    piece = music(
        (part(0), blocks(_CHORDS, 2.0)),
        (part(65), line(_TUNE)),
        (part(38), line(_BASS)),
        (part(drums=True), line(_KIT)),
        (part(89), blocks(_CHORDS[:4], 8.0)),
        (part(24), line([pitch for chord in _CHORDS for pitch in (*chord, chord[1])], 0.5)),
    )
    assert _roles(piece) == ["chords", "melody", "bass", "drums", "pad", "arpeggio"]


def test_the_lowest_line_is_the_bass_whatever_plays_it() -> None:
    piece = music((part(0), line(_BASS)), (part(0), line(_TUNE)))
    assert _roles(piece) == ["bass", "melody"]


def test_a_quartet_is_melody_two_inner_voices_and_bass() -> None:
    voices = [line([pitch - down for pitch in _TUNE]) for down in (0, 5, 9, 22)]
    strings = music(*((part(40 + i), voice) for i, voice in enumerate(voices)))
    choir = music(*((part(52), voice) for voice in voices))
    named = music(
        *(
            (part(52, name), voice)
            for name, voice in zip(("Soprano", "Alto", "Tenore", "Baßo"), voices, strict=True)
        )
    )
    for piece in (strings, choir, named):
        assert _roles(piece) == ["melody", "counter", "counter", "bass"]


def test_of_several_voices_one_has_the_melody() -> None:
    piece = music(
        (part(52, "[Voce]"), line([pitch - 5 for pitch in _TUNE])),
        (part(52, "[Voce]"), line(_TUNE)),
    )
    assert _roles(piece) == ["counter", "melody"]


def test_what_doubles_the_melody_plays_it() -> None:
    piece = music(
        (part(40), line(_TUNE)),
        (part(73), line([pitch + 12 for pitch in _TUNE])),
        (part(41), line([pitch - 8 for pitch in _TUNE])),
    )
    assert _roles(piece) == ["melody", "melody", "counter"]


def test_what_doubles_the_bass_or_lies_as_low_is_bass_too() -> None:
    piece = music(
        (part(40), line(_TUNE)),
        (part(43, "Violone"), line(_BASS)),
        (part(42), line([pitch + 12 for pitch in _BASS])),
        (part(19, "Organo"), line([pitch for pitch in _BASS for _ in range(2)], 0.5)),
        (part(47), line([36, 36, 43, 43] * 8)),
    )
    assert _roles(piece) == ["melody", "bass", "bass", "bass", "other"]


def test_a_tune_alone_is_the_melody_even_when_it_leaps() -> None:
    leaping = [60, 67, 64, 72, 60, 69, 65, 72] * 8
    assert _roles(music((part(21), line(leaping, 0.5)))) == ["melody"]
    assert _roles(music((part(33), line(_BASS)))) == ["bass"]


def test_chords_alone_are_chords_and_a_piano_alone_is_everything() -> None:
    assert _roles(music((part(0), blocks(_CHORDS)))) == ["chords"]
    both = [*line(_TUNE, 0.5), *blocks([(48, 52)] * 8, 2.0)]
    assert _roles(music((part(0), both))) == ["other"]


def test_of_two_hands_the_upper_has_the_melody() -> None:
    left = [*line(_BASS), *blocks([(52, 55)] * 32, 1.0)]
    right = [*line(_TUNE), *line([pitch - 4 for pitch in _TUNE])]
    assert _roles(music((part(0), right), (part(0), left))) == ["melody", "chords"]


def test_a_bass_that_is_called_a_lead_is_no_melody() -> None:
    piece = music((part(87, "Bass Lead"), line(_BASS)), (part(80, "Square Lead"), line(_TUNE)))
    assert _roles(piece) == ["bass", "melody"]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Walk", "bass"), ("Bass", "bass"), ("bass:", "bass"), ("BASSVS.", "bass"),
        ("Basso continuo", "bass"), ("Baſso.", "bass"), ("Contrabass", "bass"),
        ("Fundamento", "bass"), ("Basvs", "bass"), ("Bassa", ""),
        ("Fingered Bass", ""), ("Finger Bass", "bass"), ("Bassoon 1", ""), ("Bass Clarinet", ""),
        ("Vocal", "melody"), ("Singstimme\nVoice", "melody"), ("CANTVS.", "melody"),
        ("Lead Guitar", "melody"), ("Melody", "melody"), ("Chord-Guitar", "chords"),
        ("Rhythm Guitar", "chords"), ("Warm Pad", "pad"), ("Arpeggio-8", "arpeggio"),
        ("Drum kit", "drums"), ("Piano", ""), ("", ""), ("Parpignol", ""),
    ],
)  # fmt: skip
def test_names_tell(name: str, role: str) -> None:
    assert role_named(name) == role


def test_notes_follow_the_order_of_the_roles() -> None:
    piece = with_roles(music((part(65), line(_TUNE)), (part(38), line(_BASS))))
    np.testing.assert_array_equal(piece.notes, ordered(piece.notes, piece.parts))
    assert [piece.notes["part"][0], piece.notes["part"][4]] == [1, 0]


@given(pieces())
def test_known_roles_stay_and_no_note_is_lost(piece: Piece) -> None:
    found = with_roles(piece)
    for before, after in zip(piece.parts, found.parts, strict=True):
        assert before.role in (after.role, "other")
        assert after.role in ROLES
    assert sorted(found.notes.tolist()) == sorted(piece.notes.tolist())
    np.testing.assert_array_equal(found.bars, piece.bars)
    assert with_roles(Piece(found.bars, (), found.notes[:0])).parts == ()
