"""MIDI of any make becomes notes in ticks, tracks and meters, and lands on the grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ai.composer.grid import in_ticks
from studio.ai.composer.keys import NO_SIGNATURE
from studio.ai.composer.vocabulary import QUALITIES, SECTIONS
from studio.ai.training.composer.gridded import fifths_of, piece_of, tempo_map
from studio.ai.training.composer.raw import (
    RAW_NOTE,
    RawPart,
    RawPiece,
    off_grid_share,
    read_midi,
    scaled,
    shifted,
    velocity_spread,
    with_largest,
    with_merged,
    with_percussion,
)
from studio.core.errors import StudioError
from tests.ai.training.midi import Track, meter, midi, scale, signature, tempo


def _piece(rows: list[tuple[int, int, int, int, int]], parts: int = 1) -> RawPiece:
    named = tuple(RawPart(f"part {i}", 24 + i, False) for i in range(parts))
    return RawPiece(np.array(rows, RAW_NOTE), named)


@pytest.mark.parametrize("per_quarter", [24, 96, 480, 960, 1024])
def test_ticks_count_960_to_the_quarter_whatever_the_file_counts(per_quarter: int) -> None:
    raw = read_midi(midi(Track(scale(4, step=0.5)), per_quarter=per_quarter))
    assert raw.notes["start"].tolist() == [0, 480, 960, 1440]
    assert raw.notes["length"].tolist() == [480] * 4


def test_a_file_of_type_0_with_running_status_reads_as_any_other() -> None:
    name_and_notes = bytes.fromhex(
        "00c020"
        "00903c50"
        "603c00"
        "003e50"
        "603e00"  # one status byte for four events
        "00995a40"
        "60995a00"
        "00ff2f00"
    )
    data = b"MThd" + bytes.fromhex("00000006000000010060")
    data += b"MTrk" + len(name_and_notes).to_bytes(4, "big") + name_and_notes
    raw = with_merged(read_midi(data))
    pitched = raw.notes[[not raw.parts[part].drums for part in raw.notes["part"]]]
    assert pitched["pitch"].tolist() == [60, 62]
    assert pitched["start"].tolist() == [0, 960]
    assert sorted(part.drums for part in raw.parts) == [False, True]


def test_a_file_without_a_tempo_has_none() -> None:
    piece = piece_of(read_midi(midi(Track(scale(8)))))
    assert not piece.has_tempo
    assert (piece.bars["bpm"] == 0).all()


def test_meters_and_tempos_change_where_the_file_says() -> None:
    changes = (meter(7, 8), tempo(100), tempo(60, 7.0), meter(3, 4, 7.0))
    piece = piece_of(read_midi(midi(Track(meta=changes), Track(scale(14)))))
    bars = piece.bars
    assert bars["beats"].tolist() == [7, 7, 3, 3, 3]
    assert bars["length"].tolist() == [84, 84, 72, 72, 72]
    assert np.allclose(bars["bpm"], [100, 100, 60, 60, 60], atol=0.01)


def test_a_meter_that_changes_inside_a_bar_cuts_that_bar() -> None:
    piece = piece_of(read_midi(midi(Track(meta=(meter(4, 4), meter(3, 4, 9.5))), Track(scale(14)))))
    assert piece.bars["length"].tolist()[:4] == [96, 96, 36, 72]
    assert (piece.bars["beats"][2], piece.bars["unit"][2]) == (3, 8)


def test_a_file_that_tells_its_meter_late_begins_in_four_quarters() -> None:
    raw = read_midi(midi(Track(meta=(meter(3, 4, 8.0),)), Track(scale(14))))
    assert raw.meters == ((0, 4, 4), (8 * 960, 3, 4))


def test_overlapping_notes_of_one_pitch_are_both_kept() -> None:
    raw = read_midi(midi(Track([(0, 2, 60, 80), (1, 2, 60, 90)])))
    assert sorted(raw.notes["start"].tolist()) == [0, 960]
    assert len(piece_of(raw).notes) == 2


def test_of_forty_tracks_the_sixteen_with_most_notes_stay() -> None:
    tracks = [Track(scale(1 + i), f"track {i}", program=24 + i % 8) for i in range(40)]
    raw = with_largest(with_merged(read_midi(midi(*tracks))))
    assert [part.name for part in raw.parts] == [f"track {i}" for i in range(24, 40)]
    assert raw.dropped_parts == 24
    assert np.bincount(raw.notes["part"]).tolist() == list(range(25, 41))


def test_an_empty_file_has_no_notes() -> None:
    raw = with_merged(read_midi(midi(Track())))
    assert (len(raw.notes), raw.parts) == (0, ())


@pytest.mark.parametrize("data", [b"", b"MThd", b"not music at all, not music at all"])
def test_what_is_no_midi_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(StudioError, match="readable MIDI"):
        read_midi(data)


def test_a_piece_with_a_broken_clock_is_refused() -> None:
    with pytest.raises(StudioError, match="longer than any music"):
        read_midi(midi(Track([(0, 1, 60, 80), (20_000, 1, 60, 80)]), per_quarter=24))


def test_both_hands_of_a_piano_are_one_part_and_two_violins_are_two() -> None:
    tracks = (
        Track(scale(4), "upper", 0),
        Track(scale(3, pitch=48), "lower", 0),
        Track(scale(2), "", 40),
        Track(scale(2), "", 40),
        Track((), "empty", 41),
    )
    raw = with_merged(read_midi(midi(*tracks)))
    assert [part.program for part in raw.parts] == [0, 40, 40]
    assert np.bincount(raw.notes["part"]).tolist() == [7, 2, 2]


def test_keyboards_with_names_of_their_own_stay_apart() -> None:
    tracks = (Track(scale(4), "Melody", 0), Track(scale(3), "Chord-Piano", 0))
    assert len(with_merged(read_midi(midi(*tracks))).parts) == 2


def test_all_drums_are_one_kit() -> None:
    tracks = (
        Track([(0, 0.1, 36, 90)], "Kick", drums=True),
        Track(scale(2), "Bass", 33),
        Track([(1, 0.1, 38, 90)], "Snare", drums=True),
    )
    raw = with_merged(read_midi(midi(*tracks)))
    assert [part.drums for part in raw.parts] == [True, False]
    assert np.bincount(raw.notes["part"]).tolist() == [2, 2]


def test_percussion_of_a_score_takes_its_keys_of_the_kit() -> None:
    tracks = (Track([(0, 1, 60, 80)] * 1, "Triangle", 0), Track(scale(2), "Timpani", 47))
    raw = with_percussion(read_midi(midi(*tracks)))
    assert [part.drums for part in raw.parts] == [True, False]
    assert raw.notes["pitch"][raw.notes["part"] == 0].tolist() == [81]


def test_a_clock_that_does_not_count_quarters_is_set_right() -> None:
    raw = replace(_piece([(0, 864, 60, 80, 0), (864, 864, 62, 80, 0)]), tempos=((0, 180.0),))
    right = scaled(raw, 960 / 864)
    assert right.notes["start"].tolist() == [0, 960]
    assert right.tempos[0][1] == pytest.approx(200.0)


def test_what_holds_from_the_start_still_does_when_a_piece_moves() -> None:
    raw = replace(
        _piece([(0, 480, 60, 80, 0)]),
        meters=((0, 3, 4), (2880, 4, 4)),
        chords=((0.0, "C"),),
        keys=((0, 0, 0),),
    )
    later = shifted(raw, 1920)
    assert later.meters == ((0, 3, 4), (4800, 4, 4))
    assert later.keys == ((0, 0, 0),)
    assert later.chords == ((2.0, "C"),)
    assert later.notes["start"].tolist() == [1920]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 64 * 24),
            st.sampled_from([1, 2, 3, 4, 6, 8, 12, 24, 48, 96]),
            st.integers(0, 127),
            st.integers(1, 127),
            st.integers(0, 2),
        ),
        max_size=60,
        unique_by=lambda row: (row[0], row[2], row[4]),
    )
)
def test_a_bar_of_rest_before_a_piece_changes_nothing_but_the_bar(
    rows: list[tuple[int, int, int, int, int]],
) -> None:
    raw = _piece([(s * 40, n * 40, p, v, t) for s, n, p, v, t in rows], parts=3)
    now, later = piece_of(raw), piece_of(shifted(raw, 3840))
    assert (later.notes["bar"] == now.notes["bar"] + 1).all()
    for name in ("part", "sub", "pitch", "length", "velocity", "deviation"):
        assert (later.notes[name] == now.notes[name]).all()


@given(st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 127)), max_size=60))
def test_every_onset_comes_back_from_the_grid(onsets: list[tuple[int, int]]) -> None:
    raw = _piece([(start, 200, pitch, 80, 0) for start, pitch in onsets])
    piece = piece_of(raw)
    start, _, timing = in_ticks(piece.notes, piece.bars)
    played = np.sort(start + timing)
    for at, _ in onsets:
        assert np.abs(played - at).min() <= 121  # of two on one place, one is kept


def test_given_keys_chords_and_sections_stand_in_their_bars() -> None:
    raw = replace(
        read_midi(midi(Track(meta=(meter(4, 4),)), Track(scale(16)))),
        keys=((0, 9, 1), (2 * 3840, 0, 0)),
        chords=((0.0, "Am"), (2.0, "F:major"), (4.0, "G7"), (7.0, "N")),
        sections=((0.0, "Verse 1"), (8.0, "chorus")),
    )
    bars = piece_of(raw).bars
    assert bars["tonic"].tolist() == [9, 9, 0, 0]
    assert bars["mode"].tolist() == [1, 1, 0, 0]
    assert bars["root"][:2].tolist() == [[9, 9, 5, 5], [7, 7, 7, -1]]
    assert [QUALITIES[q] for q in bars["quality"][0]] == ["m", "m", "", ""]
    assert [SECTIONS[s] for s in bars["section"]] == ["verse", "verse", "chorus", "chorus"]


def test_what_is_not_given_stays_unknown() -> None:
    bars = piece_of(read_midi(midi(Track(scale(8))))).bars
    assert (bars["tonic"] == -1).all()
    assert (bars["root"] == -1).all()
    assert (bars["section"] == 0).all()


def test_key_signatures_are_told_bar_by_bar() -> None:
    raw = read_midi(midi(Track(meta=(signature("Eb"), signature("G", 4.0))), Track(scale(12))))
    bars = piece_of(raw).bars
    assert fifths_of(raw, bars).tolist() == [-3, 1, 1]
    assert fifths_of(replace(raw, signatures=()), bars).tolist() == [NO_SIGNATURE] * 3


def test_tempos_beyond_all_music_are_brought_back() -> None:
    raw = replace(_piece([(0, 480, 60, 80, 0)]), tempos=((0, 5.0), (960, 2000.0)))
    assert [change.bpm for change in tempo_map(raw).tempos] == [20.0, 400.0]


def test_playing_shows_in_onsets_and_velocities() -> None:
    rng = np.random.default_rng(1)
    written = _piece([(i * 320, 300, 60, 80, 0) for i in range(99)])
    notes = written.notes.copy()
    notes["start"] += rng.integers(-40, 40, len(notes)) + 40
    notes["velocity"] = rng.integers(40, 100, len(notes))
    played = replace(written, notes=notes)
    assert off_grid_share(written) == 0
    assert off_grid_share(played) > 0.6
    assert velocity_spread(written) == 0
    assert velocity_spread(played) > 10
