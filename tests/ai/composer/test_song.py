"""Songs as pieces on the grid: what is heard of them, what they say, and what comes back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.composer.grid import in_ticks
from studio.ai.composer.piece import GRID_NOTE, Piece, ordered
from studio.ai.composer.song import (
    SongPiece,
    chords_in,
    notes_of,
    piece_of,
    section_named,
    sections_in,
)
from studio.ai.composer.vocabulary import LENGTHS, QUALITIES, SECTIONS
from studio.core.errors import StudioError
from studio.domain.clip import ClipId, NoteClip, TakeId
from studio.domain.device import DeviceId, soundfont
from studio.domain.gap import Gap
from studio.domain.notes import Notes
from studio.domain.project import ChordSpan, Marker, Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.theory import Chord, Key
from studio.domain.track import Track, TrackId, TrackKind
from tests.ai.composer.pieces import bars, pieces
from tests.strategies import projects

LAST = 960 * 4 * 20
LENGTH_TICKS = np.array(LENGTHS) * 40
songs = projects(most_tracks=4, last_tick=LAST)


def a_track(*clips: NoteClip, number: int = 1, role: str = "melody", program: int = 0) -> Track:
    """An instrument track `t<number>`."""
    return Track(
        TrackId(f"t{number}"),
        TrackKind.INSTRUMENT,
        "Lead",
        clips=clips,
        devices=(soundfont(DeviceId(f"d{number}"), program),),
        role=role,
    )


def song_of(*clips: NoteClip, tempo: TempoMap | None = None) -> Project:
    """A song of one melody."""
    song = new_song().with_new_track(a_track(*clips, number=9))
    return replace(song, tempo=tempo or TempoMap())


def clip_of(notes: Notes, take: str | None = None, start: int = 0, offset: int = 0) -> NoteClip:
    """A clip that shows eight bars of its content."""
    written_by = TakeId(take) if take else None
    return NoteClip(ClipId("c1"), start, 30720, notes, offset=offset, take=written_by)


def starts(piece: Piece) -> list[int]:
    start, _, timing = in_ticks(piece.notes, piece.bars)
    return [round(tick) for tick in (start + timing).tolist()]


# --- what is heard ----------------------------------------------------------------------------


def shown(song: Project) -> dict[tuple[str, str, int], tuple[int, int]]:
    """Onset and length of each note that is heard, by track, clip and note."""
    found: dict[tuple[str, str, int], tuple[int, int]] = {}
    for track in song.tracks:
        for clip in track.clips:
            if not isinstance(clip, NoteClip) or clip.muted:
                continue
            for row in clip.notes.table:
                inside = clip.offset <= row["start"] < clip.offset + clip.length
                if inside and not row["muted"]:
                    start = int(row["start"]) + clip.shift
                    length = min(int(row["length"]), clip.end - start)
                    onset = max(start + int(row["timing"]), 0)
                    found[track.id, clip.id, int(row["id"])] = (onset, length)
    return found


def by_name(found: SongPiece) -> dict[tuple[str, str, int], int]:
    """The index of each note, by track, clip and note."""
    notes = found.piece.notes
    rows = zip(notes["part"].tolist(), found.clip.tolist(), found.id.tolist(), strict=True)
    names = [(str(found.tracks[part]), str(found.clips[clip]), id) for part, clip, id in rows]
    return {name: index for index, name in enumerate(names)}


@given(songs)
def test_what_is_heard_of_a_song_comes_back_within_the_grid(song: Project) -> None:
    found, heard = piece_of(song), shown(song)
    start, length, timing = in_ticks(found.piece.notes, found.piece.bars)
    indices = by_name(found)
    assert len(indices) == len(found.piece.notes)
    assert indices.keys() <= heard.keys()
    for name, index in indices.items():
        onset, lasting = heard[name]
        reached = start[index] + timing[index]
        assert abs(reached - onset) <= 3.75 or (onset == 0 and -123.75 < reached < 0)
        nearest = int(np.abs(LENGTH_TICKS - lasting).min())
        assert abs(int(length[index]) - lasting) == nearest


@given(songs)
@settings(max_examples=40)
def test_pitches_velocities_and_locks_are_the_song_s_own(song: Project) -> None:
    found = piece_of(song)
    clips = [song.clip(id) for id in found.clips]
    for index, note in enumerate(found.piece.notes):
        clip = clips[found.clip[index]]
        assert isinstance(clip, NoteClip)
        (row,) = clip.notes.table[clip.notes.id == found.id[index]]
        assert (row["pitch"], row["velocity"]) == (note["pitch"], note["velocity"])
        assert row["locked"] == found.locked[index]


@given(songs, st.integers(0, LAST), st.integers(1, LAST), st.integers(0, 100))
@settings(max_examples=60)
def test_what_a_gap_would_replace_is_told_from_what_it_keeps(
    song: Project, start: int, length: int, low: int
) -> None:
    tracks = tuple(track.id for track in song.sources[::2])
    gap = Gap(tracks, start, start + length, low, 127)
    found = piece_of(song)
    held = found.in_gap(song, gap)
    for (track, clip_id, id), index in by_name(found).items():
        clip = song.clip(ClipId(clip_id))
        assert isinstance(clip, NoteClip)
        inside = bool(gap.holds(clip)[clip.notes.id == id][0])
        assert held[index] == (inside and track in gap.tracks)


def test_muted_notes_and_clips_are_left_out() -> None:
    notes = Notes.of([0, 960], [480, 480], [60, 62], muted=[True, False])
    assert starts(piece_of(song_of(clip_of(notes))).piece) == [960]
    assert len(piece_of(song_of(replace(clip_of(notes), muted=True))).piece.notes) == 0


def test_a_clip_shows_what_lies_between_its_edges() -> None:
    notes = Notes.of([0, 960, 1920], [9600, 480, 9600], [60, 62, 64])
    clip = replace(clip_of(notes, start=3840, offset=960), length=1920)
    found = piece_of(song_of(clip)).piece
    assert starts(found) == [3840, 4800]
    assert in_ticks(found.notes, found.bars)[1].tolist() == [480, 960]


def test_equal_notes_of_two_clips_on_a_track_are_one() -> None:
    first = clip_of(Notes.of([0], [480], [60]))
    second = replace(clip_of(Notes.of([3], [960], [60])), id=ClipId("c2"))
    found = piece_of(song_of(first, second))
    assert len(found.piece.notes) == 1
    assert found.clips[found.clip[0]] == "c2"


# --- where it stands --------------------------------------------------------------------------


@given(pieces())
def test_notes_of_a_piece_put_in_a_song_are_the_same_piece(piece: Piece) -> None:
    # a song's track that tells no role would get one
    parts = tuple(replace(p, role="pad" if p.role == "other" else p.role) for p in piece.parts)
    piece = replace(piece, parts=parts, notes=ordered(piece.notes, parts))
    tempo = TempoMap.constant(120, int(piece.bars["beats"][0]), int(piece.bars["unit"][0]))
    end = int(piece.bars["length"].sum()) * 40
    song = replace(new_song(), tempo=tempo)
    for number, part in enumerate(piece.parts):
        notes = notes_of(piece.notes[piece.notes["part"] == number], piece.bars)
        clip = NoteClip(ClipId(f"c{number + 50}"), 0, end + 999_999, notes, take=TakeId("k1"))
        song = song.with_new_track(a_track(clip, number=number + 10, role=part.role))
    again = piece_of(song).piece
    assert (again.notes == piece.notes).all()


def test_what_a_model_wrote_stands_where_it_wrote_it() -> None:
    notes = Notes.of([40, 480], [240, 240], [60, 60], timing=[0, -60])
    written = piece_of(song_of(clip_of(notes, take="k1"))).piece.notes
    assert written["sub"].tolist() == [1, 12]
    assert written["deviation"].tolist() == [0, -8]


def test_what_was_played_is_put_on_the_grid() -> None:
    notes = Notes.of([40, 470, 1930], [240, 240, 240], [60, 60, 60])
    written = piece_of(song_of(clip_of(notes))).piece.notes
    assert written["sub"].tolist() == [0, 12, 48]
    assert written["deviation"].tolist() == [5, -1, 1]


def test_a_note_just_before_the_last_bar_line_finds_its_downbeat() -> None:
    notes = Notes.of([3830], [10], [60])
    song = song_of(replace(clip_of(notes), length=3840))
    found = piece_of(song).piece
    assert len(found.bars) == 2
    assert (int(found.notes["bar"][0]), int(found.notes["deviation"][0])) == (1, -1)


def test_notes_keep_half_a_tick_of_what_the_grid_knows() -> None:
    notes = notes_of(np.array([(0, 0, 6, 60, 5, 90, -3)], GRID_NOTE), bars(1))
    row = notes.table[0]
    assert (row["start"], row["length"], row["pitch"], row["velocity"]) == (240, 240, 60, 90)
    assert row["timing"] == -22


# --- what a song says -------------------------------------------------------------------------


def test_an_empty_song_is_an_empty_piece() -> None:
    found = piece_of(new_song())
    assert (len(found.piece.bars), len(found.piece.notes), found.tracks) == (0, 0, ())


def test_bars_reach_as_far_as_asked() -> None:
    assert len(piece_of(new_song(), until=3841).piece.bars) == 2
    assert len(piece_of(song_of(clip_of(Notes.empty())), until=3841).piece.bars) == 8


def test_every_instrument_is_a_part_heard_or_not() -> None:
    song = song_of(clip_of(Notes.of([0], [480], [60])))
    song = song.with_new_track(a_track(number=10, role="bass", program=33))
    drums = replace(a_track(number=11, role=""), devices=(soundfont(DeviceId("d11"), 25, True),))
    found = piece_of(song.with_new_track(drums))
    assert found.tracks == ("t9", "t10", "t11")
    assert [(p.program, p.drums, p.role) for p in found.piece.parts] == [
        (0, False, "melody"), (33, False, "bass"), (25, True, "drums")
    ]  # fmt: skip


def test_a_part_without_a_role_gets_one_and_its_notes_the_order_of_it() -> None:
    low = Notes.of(np.arange(16) * 960, [900] * 16, [36, 38, 40, 41] * 4)
    high = Notes.of(np.arange(32) * 480, [400] * 32, [72, 74, 76, 77] * 8)
    song = new_song().with_new_track(a_track(clip_of(high), number=8, role="melody", program=73))
    below = replace(clip_of(low), id=ClipId("c2"))
    found = piece_of(song.with_new_track(a_track(below, number=9, role="", program=33)))
    assert [part.role for part in found.piece.parts] == ["melody", "bass"]
    assert found.piece.notes["part"][0] == 1
    assert found.clips[found.clip[0]] == "c2"


def test_a_part_right_on_the_grid_shows_no_player_s_timing() -> None:
    exact, loose = Notes.of([0, 480], [240] * 2, [60] * 2), Notes.of([0, 495], [240] * 2, [60] * 2)
    song = song_of(clip_of(exact)).with_new_track(a_track(number=10, role="pad"))
    song = song.with_new_track(a_track(replace(clip_of(loose), id=ClipId("c2")), number=11))
    found = piece_of(song).piece
    assert [part.performed for part in found.parts] == [False, True, True]


def test_more_instruments_than_a_piece_holds_are_refused() -> None:
    tracks = tuple(a_track(number=number + 10) for number in range(257))
    song = new_song()
    with pytest.raises(StudioError, match="more than 256 instruments"):
        piece_of(replace(song, tracks=(*tracks, *song.tracks)))


@pytest.mark.parametrize(
    ("key", "tonic", "mode"),
    [
        (None, -1, -1),
        (Key(2, "minor"), 2, 1),
        (Key(7, "mixolydian"), 7, 0),
        (Key(9, "dorian"), 9, 1),
        (Key(4, "chromatic"), 4, -1),
        (Key(4, "blues"), 4, 1),
    ],
)
def test_a_key_is_a_tonic_and_a_major_or_minor_third(
    key: Key | None, tonic: int, mode: int
) -> None:
    found = piece_of(replace(new_song(), key=key), until=960).piece.bars
    assert (found["tonic"][0], found["mode"][0]) == (tonic, mode)


def test_chords_stand_in_the_fourths_of_bars() -> None:
    lane = (
        ChordSpan(0, 1920, Chord.parse("Dm9")),
        ChordSpan(1920, 1920, Chord.parse("G13")),
        ChordSpan(4800, 960, Chord.parse("C6/9")),
    )
    root, quality = chords_in(bars(3), lane)
    assert root.tolist() == [[2, 2, 7, 7], [-1, 0, -1, -1], [-1] * 4]
    assert [[QUALITIES[q] for q in row] for row in quality] == [
        ["m7", "m7", "7", "7"], ["none", "6", "none", "none"], ["none"] * 4
    ]  # fmt: skip
    assert chords_in(bars(1, 3, 4), lane)[0].tolist() == [[2, 2, 2, 7]]


@given(projects(most_tracks=0, last_tick=LAST))
@settings(max_examples=40)
def test_every_chord_of_the_lane_that_fills_a_bar_is_found(song: Project) -> None:
    table = piece_of(song, until=LAST).piece.bars
    for bar in table:
        middle = (int(bar["start"]) + int(bar["length"]) / 8) * 40
        sounding = [span.chord.root for span in song.chords if span.start <= middle < span.end]
        assert int(bar["root"][0]) == (sounding[0] if sounding else -1)


def test_sections_start_at_the_bar_line_nearest_to_their_marker() -> None:
    markers = (Marker(3900, "Verse 1"), Marker(9000, "hit!"), Marker(11_400, "Refrain"))
    names = [SECTIONS[index] for index in sections_in(bars(5), markers)]
    assert names == ["", "verse", "verse", "chorus", "chorus"]


@pytest.mark.parametrize(
    ("name", "section"),
    [
        ("Verse", "verse"), ("VERSE 2", "verse"), ("verse2", "verse"), ("Chorus (last)", "chorus"),
        ("Pre-Chorus", "pre-chorus"), ("prechorus", "pre-chorus"), ("Intro", "intro"),
        ("Break", "interlude"), ("Theme A", "theme"), ("Coda", "outro"), ("Solo: sax", "solo"),
        ("introvert", ""), ("", ""), ("A", ""),
    ],
)  # fmt: skip
def test_markers_name_sections_as_musicians_do(name: str, section: str) -> None:
    assert SECTIONS[section_named(name)] == section
