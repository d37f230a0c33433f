"""Tracks put straight, melodies swung, songs written and listened to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mido
import numpy as np
import symusic
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.training.composer.bands.charts import MELODY_NOTE, Change, Chart, Section
from studio.ai.training.composer.bands.grooves import Family, Groove
from studio.ai.training.composer.bands.listen import heard
from studio.ai.training.composer.bands.songs import Band, Made, saved, thinned
from studio.ai.training.composer.bands.styles import ROWS
from studio.ai.training.composer.bands.tracks import (
    LONGEST,
    SUB,
    TPQ,
    Track,
    columns,
    grounded,
    honest,
    melody_track,
    plucked,
    ranged,
    read,
    straight,
    swings,
)
from studio.domain.theory import Chord


def track(name: str, *notes: tuple[float, float, int], program: int = 0) -> Track:
    """A track of notes (quarter, length, pitch)."""
    rows = columns((q * TPQ, (q + length) * TPQ, pitch, 90) for q, length, pitch in notes)
    return Track(name, program, name.startswith("Drum"), rows)


def chart(bars: int = 8) -> Chart:
    verse = ((Change(0.0, Chord(0)),), (Change(0.0, Chord(5)),)) * (bars // 4)
    sections = (Section("verse", verse), Section("chorus", verse))
    return Chart("A song", (4, 4), 0, False, sections, "CC0", "here", ("A song",))


ROWS_OF_NOTES = st.lists(
    st.tuples(
        st.floats(-0.2, 40), st.floats(0, 60), st.integers(36, 40), st.integers(1, 127)
    ),
    min_size=1,
    max_size=40,
)  # fmt: skip


@settings(max_examples=40)
@given(ROWS_OF_NOTES)
def test_straight_notes_are_on_the_grid_and_never_overlap(
    rows: list[tuple[float, float, int, int]],
) -> None:
    end = 32 * TPQ
    table = columns((s * TPQ, (s + n) * TPQ, p, v) for s, n, p, v in rows)
    notes = straight(Track("Chord", 0, False, table), end).notes
    assert (notes["start"] % SUB == 0).all()
    assert (notes["start"] >= 0).all()
    assert (notes["end"] > notes["start"]).all()
    assert (notes["end"] - notes["start"] <= LONGEST).all()
    for pitch in np.unique(notes["pitch"]):
        line = notes[notes["pitch"] == pitch]
        assert (line["end"][:-1] <= line["start"][1:]).all()
    places = {(max(round(round(s * TPQ) / SUB), 0), p) for s, _, p, _ in rows}
    places = {(at, pitch) for at, pitch in places if at < 32 * 24 and (at + 1, pitch) not in places}
    assert places <= {(int(n["start"]) // SUB, int(n["pitch"])) for n in notes}


def test_a_pad_is_struck_again_instead_of_held_for_minutes() -> None:
    notes = straight(track("Chord-Sus", (0, 40, 60)), 64 * TPQ).notes
    assert [(int(n["start"]) // TPQ, int(n["end"]) // TPQ) for n in notes] == [
        (0, 16), (16, 32), (32, 40),
    ]  # fmt: skip


def test_a_stutter_is_one_note_and_a_drum_roll_stays_one() -> None:
    stutter = [(0.96, 0.04, 60), (1.0, 0.5, 60), (1.5, 0.5, 62)]
    assert straight(track("Chord", *stutter), 8 * TPQ).notes["start"].tolist() == [
        TPQ,
        TPQ * 3 // 2,
    ]
    assert len(straight(track("Drum", *stutter), 8 * TPQ).notes) == 3


@given(st.integers(0, 127))
def test_bands_play_no_note_too_low_or_too_high(pitch: int) -> None:
    for name, program, low in (("Bass", 33, 28), ("Chord", 0, 36), ("Bass", 62, 36)):
        moved = int(ranged(track(name, (0, 1, pitch), program=program)).notes["pitch"][0])
        assert low <= moved <= 98
        assert (moved - pitch) % 12 == 0
        assert moved == pitch or not low <= pitch <= 98
    drums = track("Drum", (0, 1, pitch))
    assert ranged(drums).notes["pitch"].tolist() == [pitch]


def test_a_walking_bass_meets_the_chords() -> None:
    song = chart(8)  # C and F in turn
    walk = track("Walk", *((q, 0.9, 47 - q % 12) for q in range(16)), program=32)
    pitches = grounded(walk, song).notes["pitch"].tolist()
    assert [p % 12 for p in pitches[::4]] == [0, 5, 0, 5]
    assert [p for i, p in enumerate(pitches) if i % 4] == [47 - q % 12 for q in range(16) if q % 4]
    assert all(abs(int(p) - 47 + q % 12) <= 6 for q, p in enumerate(pitches))
    held = Chart("", (4, 4), 0, False, (Section("verse", ((Change(0.0, Chord(0)),),) * 4),), "", "")
    assert {int(p) % 12 for p in grounded(walk, held).notes["pitch"][4::4]} <= {0, 4, 7}


def test_tracks_are_named_by_what_they_do() -> None:
    assert honest(track("Bass-8", (0, 1, 67), program=95)).name == "Riff-8"
    assert honest(track("Bass-8", (0, 1, 40), program=58)).name == "Bass-8"
    assert honest(track("Bass", (0, 1, 60), program=33)).name == "Bass"
    assert honest(track("AcousticBass", (0, 1, 40), program=32)).name == "Bass"
    assert honest(track("Strings", (0, 1, 60), program=48)).name == "Chord-Strings"
    drums = Track("ClosedHiHat", 0, True, columns([(0, 20, 42, 90)]))
    assert honest(drums).name == "Drum"


def test_swing_is_heard_from_the_off_beats() -> None:
    long_short = [(q + at, 0.2, 60) for q in range(20) for at in (0, 2 / 3)]
    even = [(q + at, 0.2, 60) for q in range(20) for at in (0, 0.5)]
    assert swings([straight(track("Chord", *long_short), 1 << 20)]) is True
    assert swings([straight(track("Chord", *even), 1 << 20)]) is False
    assert swings([track("Chord", (0, 1, 60), (1, 1, 60))]) is None


def test_a_melody_swings_with_its_band() -> None:
    melody = np.array([(0, 0.5, 60), (0.5, 0.5, 62), (1, 1, 64)], MELODY_NOTE)
    swung = melody_track(melody, 73, swing=True)
    assert (swung.notes["start"] / TPQ * 3).round().tolist() == [0, 2, 3]
    assert (swung.notes["end"] / TPQ * 3).round().tolist() == [2, 3, 6]
    plain = melody_track(melody, 73, swing=False)
    assert plain.notes["start"].tolist() == [0, TPQ // 2, TPQ]
    assert plain.name == "Melody"


def test_strings_plucked_again_end_where_the_next_chord_begins(tmp_path: Path) -> None:
    file = mido.MidiFile(ticks_per_beat=192)
    line = mido.MidiTrack([mido.MetaMessage("track_name", name="Plectrum")])
    for gap, pitch in ((0, 50), (5, 57), (187, 50), (5, 55)):
        line.append(mido.Message("note_on", note=pitch, velocity=80, time=gap))
    line.append(mido.Message("note_off", note=55, time=100))
    file.tracks.append(line)
    file.save(str(tmp_path / "p.mid"))
    notes = plucked(tmp_path / "p.mid", track("Plectrum", (0, 1, 50)), 1.0).notes
    rows = [(int(n["start"]), int(n["pitch"]), int(n["end"])) for n in notes]
    assert rows == [(0, 50, TPQ), (0, 57, TPQ), (TPQ, 50, 2 * TPQ), (TPQ, 55, TPQ + 262)]


def test_a_resting_track_rests_in_all_sections_of_a_kind_and_drums_never() -> None:
    every = [(float(q), 1.0, 60) for q in range(32)]
    tracks = [track("Drum", *every), track("Chord-1", *every), track("Chord-2", *every)]
    rests = 0
    for seed in range(12):
        found = thinned(tracks, chart(8), np.random.default_rng(seed))
        assert len(found[0].notes) == 32
        for line in found[1:]:
            sections = (line.notes["start"] // (16 * TPQ)).tolist()
            assert sections.count(1) == 16
            assert sections.count(0) in (0, 16)
            rests += 0 not in sections
    assert rests > 0


def test_a_saved_song_reads_back_and_sounds_right(tmp_path: Path) -> None:
    song = chart(16)
    end = len(song.bars) * 4
    drums = track("Drum", *((float(q), 0.25, 36) for q in range(end)))
    roots = [(4.0 * i, 2.0, 36 if i % 2 == 0 else 41) for i in range(len(song.bars))]
    family = Family("stdlib/x", 4, (4, 4), (Groove("X", 2, "main"),))
    made = Made(
        song, Band(ROWS[0], family, None), 97.0, (drums, track("Bass", *roots, program=33)),
        False, ("stdlib/x:X",),
    )  # fmt: skip
    saved(tmp_path, "song", made, {"has_tempo": False})
    told = json.loads((tmp_path / "song.json").read_text(encoding="utf-8"))
    assert told["chords"][:3] == [[0.0, "C"], [4.0, "F"], [8.0, "C"]]
    assert told["sections"] == [[0.0, "verse"], [32.0, "chorus"]]
    assert (told["has_velocity"], told["has_deviation"], told["has_tempo"]) == (True, False, False)
    assert told["styles"] == ["pop"]
    assert told["groove"] == "stdlib/x"
    back = read(tmp_path / "song.mid", 1.0)
    assert [t.name for t in back] == ["Drum", "Bass"]
    assert (back[1].notes == made.tracks[1].notes).all()
    result = heard(tmp_path / "song.mid")
    assert (result.bars, round(result.bpm), result.tracks) == (len(song.bars), 97, 2)
    assert (result.bass_on_chord, result.drum_bars, result.off_grid) == (1.0, 1.0, 0.0)
    assert result.longest_quarters == 2.0
    score: Any = symusic.Score(str(tmp_path / "song.mid"))
    assert score.key_signatures[0].key == 0


def test_a_wrong_bass_is_heard(tmp_path: Path) -> None:
    song = chart(16)
    wrong = track("Bass", *((4.0 * i, 2.0, 37) for i in range(len(song.bars))), program=33)
    family = Family("stdlib/x", 4, (4, 4), (Groove("X", 2, "main"),))
    made = Made(song, Band(ROWS[0], family, None), 97.0, (wrong,), None, ())
    saved(tmp_path, "song", made)
    result = heard(tmp_path / "song.mid")
    assert (result.bass_in_chord, result.drum_bars) == (0.0, 0.0)
