"""Keys and chords are read and written as musicians do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.theory import QUALITIES, SCALES, Chord, Key, pitch_class, pitch_name

chords = st.builds(
    lambda root, quality, bass: Chord(root, quality, None if bass == root else bass),
    st.integers(0, 11),
    st.sampled_from(sorted(QUALITIES)),
    st.none() | st.integers(0, 11),
)
keys = st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(SCALES)))


@given(chords, st.booleans())
def test_a_chord_reads_back_from_its_name(chord: Chord, flats: bool) -> None:
    assert Chord.parse(chord.name(flats)) == chord


@given(keys)
def test_a_key_reads_back_from_its_name(key: Key) -> None:
    assert Key.parse(key.name) == key


@pytest.mark.parametrize(
    ("written", "root", "quality", "bass"),
    [
        ("C", 0, "", None),
        ("Bb", 10, "", None),
        ("F♯m7♭5", 6, "m7b5", None),
        ("Gø", 7, "m7b5", None),
        ("Ebmaj7", 3, "maj7", None),
        ("CΔ7", 0, "maj7", None),
        ("A-7", 9, "m7", None),
        ("D7(b9)", 2, "7b9", None),
        ("C6/9", 0, "69", None),
        ("Am(maj7)", 9, "mmaj7", None),
        ("E7#5", 4, "aug7", None),
        ("Bb/D", 10, "", 2),
        ("C/C", 0, "", None),
        ("F#dim7/A", 6, "dim7", 9),
    ],
)
def test_lead_sheet_spellings_are_understood(
    written: str, root: int, quality: str, bass: int | None
) -> None:
    assert Chord.parse(written) == Chord(root, quality, bass)


@pytest.mark.parametrize("written", ["", "H", "Cfoo", "C/", "7", "C//E", "Xm"])
def test_what_is_no_chord_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no chord is called"):
        Chord.parse(written)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("C", Key(0)),
        ("Bbm", Key(10, "minor")),
        (" f# dorian ", Key(6, "dorian")),
        ("E♭ MAJOR", Key(3)),
        ("A aeolian", Key(9, "minor")),
        ("D harmonic minor", Key(2, "harmonic minor")),
    ],
)
def test_keys_are_read_in_any_usual_form(written: str, key: Key) -> None:
    assert Key.parse(written) == key


@pytest.mark.parametrize("written", ["", "H minor", "C purple", "minor"])
def test_what_is_no_key_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no key is called"):
        Key.parse(written)


def test_a_key_or_chord_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError):
        Key(12)
    with pytest.raises(ValueError):
        Key(0, "purple")
    with pytest.raises(ValueError):
        Chord(0, "purple")


@given(keys, st.integers(0, 127))
def test_the_nearest_pitch_is_in_the_key_and_none_is_nearer(key: Key, pitch: int) -> None:
    found = key.nearest(pitch)
    assert found in key
    distance = abs(found - pitch)
    nearer = range(max(pitch - distance + 1, 0), min(pitch + distance, 128))
    assert not any(other in key for other in nearer)
    if pitch in key:
        assert found == pitch


DIATONIC = {
    "major": 0, "dorian": 10, "phrygian": 8, "lydian": 7, "mixolydian": 5, "minor": 3, "locrian": 1,
}  # fmt: skip


@given(st.integers(0, 11), st.sampled_from(sorted(DIATONIC)))
def test_modes_share_the_signature_of_their_major_key(tonic: int, mode: str) -> None:
    key = Key(tonic, mode)
    parent = Key((tonic + DIATONIC[mode]) % 12)
    assert set(key.pitch_classes) == set(parent.pitch_classes)
    assert key.fifths == parent.fifths


def test_signatures_count_sharps_and_flats() -> None:
    assert [Key.parse(name).fifths for name in ("C", "G", "D", "F", "Bb", "Eb")] == [
        0,
        1,
        2,
        -1,
        -2,
        -3,
    ]
    assert Key.parse("E minor").fifths == 1
    assert Key.parse("D minor").uses_flats
    assert Key.parse("D minor").name == "D minor"
    assert Key.parse("C# minor").name == "C# minor"


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("C major", "C Dm Bb Eb Ab F#m7b5 C#dim7"),
        ("G major", "D7 F Bb Eb C#m7b5 D#dim"),
        ("E major", "F#m7 G#7 D C A#dim7"),
        ("A minor", "Am G#dim7 Bb E7 C F"),
        ("D minor", "C#dim Eb Gm Bb A7"),
        ("G# minor", "D#m E F# C#m A#dim"),
        ("F minor", "Db Eb Ab Bbm Edim"),
    ],
)
def test_a_chord_is_spelled_as_in_its_key(key: str, names: str) -> None:
    for name in names.split():
        assert Key.parse(key).chord_name(Chord.parse(name)) == name


@given(chords, st.integers(0, 11), st.sampled_from(sorted(DIATONIC)))
def test_a_chord_of_the_key_is_spelled_with_the_keys_own_accidentals(
    chord: Chord, tonic: int, mode: str
) -> None:
    key = Key(tonic, mode)
    if chord.root in key.pitch_classes and chord.bass is None:
        assert key.chord_name(chord) == chord.name(key.uses_flats)


@given(chords, st.integers(0, 11))
def test_a_chord_moved_up_holds_the_same_intervals(chord: Chord, steps: int) -> None:
    moved = Chord((chord.root + steps) % 12, chord.quality)
    assert moved.pitch_classes == {(pc + steps) % 12 for pc in chord.pitch_classes}
    assert moved.intervals == chord.intervals


def test_no_two_qualities_hold_the_same_notes() -> None:
    assert len(set(QUALITIES.values())) == len(QUALITIES)


def test_names_of_pitches() -> None:
    assert pitch_name(60) == "C4"
    assert pitch_name(70, flats=True) == "Bb4"
    assert pitch_class("B", "♭") == pitch_class("a", "#") == 10


def test_a_key_is_read_whatever_the_spaces() -> None:
    assert Key.parse("a  harmonic   minor") == Key(9, "harmonic minor")


def test_a_bass_that_is_no_note_is_refused() -> None:
    with pytest.raises(ValueError, match="no such chord"):
        Chord(0, "", 12)
