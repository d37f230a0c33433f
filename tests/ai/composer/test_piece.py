"""The canonical order of a piece, and music files of any make on the grid and back."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ai.composer.piece import GRID_NOTE, Piece, PiecePart, ordered
from studio.ai.composer.song import SongPiece, notes_of, piece_of
from studio.ai.composer.vocabulary import LENGTHS, ROLES
from studio.domain.clip import NoteClip
from studio.domain.project import Project
from studio.io.midi import read_midi
from tests.ai.composer.pieces import pieces
from tests.io.test_midi import meta, midi, track

Row: TypeAlias = tuple[int, int, int, int]  # onset, length, pitch, velocity
LENGTH_TICKS = np.array(LENGTHS) * 40


# --- order ------------------------------------------------------------------------------------


@given(pieces(), st.randoms(use_true_random=False))
def test_the_order_of_notes_is_one_however_they_came(piece: Piece, random: Random) -> None:
    shuffled = list(range(len(piece.notes)))
    random.shuffle(shuffled)
    assert (ordered(piece.notes[np.array(shuffled, int)], piece.parts) == piece.notes).all()


@given(pieces())
def test_a_band_is_written_from_the_drums_up_bar_by_bar(piece: Piece) -> None:
    rank = [ROLES.index(part.role) for part in piece.parts]
    rows = piece.notes[["bar", "part", "sub", "pitch"]].tolist()
    keys = [(bar, rank[part], part, sub, pitch) for bar, part, sub, pitch in rows]
    assert keys == sorted(set(keys))


def test_of_equal_notes_the_first_given_is_kept() -> None:
    rows = [(0, 0, 6, 60, 5, 90, 0), (0, 0, 6, 60, 9, 10, 3), (0, 1, 6, 60, 5, 90, 0)]
    kept = ordered(np.array(rows, GRID_NOTE), (PiecePart(0, False, "melody"),))
    assert kept.tolist() == [rows[0], rows[2]]


# --- music files ------------------------------------------------------------------------------


def read(data: bytes, folder: Path) -> Project:
    path = folder / "found.mid"
    path.write_bytes(data)
    return read_midi(path)


def imported(project: Project) -> list[list[Row]]:
    """What each track of a song just read plays."""
    found = []
    for track_ in project.sources:
        (clip,) = track_.clips
        assert isinstance(clip, NoteClip)
        table = clip.notes.table
        columns = (table[name].tolist() for name in ("length", "pitch", "velocity"))
        found.append(list(zip((table["start"] + clip.shift).tolist(), *columns, strict=True)))
    return found


def back(found: SongPiece) -> list[list[Row]]:
    """What each part plays when its notes are a song's again."""
    parts = []
    for part in range(len(found.tracks)):
        mine = found.piece.notes[found.piece.notes["part"] == part]
        table = notes_of(mine, found.piece.bars).table
        onset = (table["start"] + table["timing"]).tolist()
        columns = (table[name].tolist() for name in ("length", "pitch", "velocity"))
        parts.append(sorted(zip(onset, *columns, strict=True)))
    return parts


def check(project: Project) -> SongPiece:
    """That every note of a song comes back within the grid, none lost and none made."""
    found = piece_of(project)
    for given_, again in zip(imported(project), back(found), strict=True):
        assert len(given_) == len(again)
        left = list(again)
        for onset, length, pitch, velocity in given_:
            nearest = int(np.abs(LENGTH_TICKS - length).min())
            match = next(
                row
                for row in left
                if abs(row[0] - onset) <= 4
                and abs(row[1] - length) == nearest
                and row[2:] == (pitch, velocity)
            )
            left.remove(match)
    return found


def line(*rows: Row, channel: int = 0) -> list[tuple[int, bytes]]:
    """Events of notes, in deltas."""
    events = []
    for onset, length, pitch, velocity in rows:
        events.append((onset, 1, bytes([0x90 | channel, pitch, velocity])))
        events.append((onset + length, 0, bytes([0x80 | channel, pitch, 64])))
    events.sort(key=lambda event: event[:2])
    last, deltas = 0, []
    for tick, _, data in events:
        deltas.append((tick - last, data))
        last = tick
    return deltas


def test_a_file_of_one_track_with_running_status(tmp_path: Path) -> None:
    part = track(
        (0, b"\xc0\x20"), (0, b"\x90\x24\x50"), (0, b"\x99\x26\x64"), (24, b"\x26\x00"),
        (0, b"\x90\x30\x51"), (24, b"\x24\x00"), (0, b"\x30\x00"), (1, b"\x28\x40"),
        (23, b"\x28\x00"),
    )  # fmt: skip
    found = check(read(midi(part, format=0, division=48), tmp_path))
    assert [(part.program, part.drums, part.role) for part in found.piece.parts] == [
        (32, False, "bass"), (0, True, "drums")
    ]  # fmt: skip
    rows = [(str(found.tracks[n["part"]]), int(n["sub"])) for n in found.piece.notes]
    drums, bass = found.tracks[1], found.tracks[0]
    assert rows == [(drums, 0), (bass, 0), (bass, 12), (bass, 24)]


def test_a_file_without_a_tempo_or_meter(tmp_path: Path) -> None:
    found = check(read(midi(track(*line((0, 96, 60, 80))), division=96), tmp_path))
    assert found.piece.bars["bpm"].tolist() == [120.0]
    assert (int(found.piece.bars["beats"][0]), int(found.piece.bars["unit"][0])) == (4, 4)
    assert (int(found.piece.bars["tonic"][0]), int(found.piece.bars["mode"][0])) == (-1, -1)


def test_seven_eight_and_a_meter_that_changes(tmp_path: Path) -> None:
    conductor = track(
        (0, meta(0x58, b"\x07\x03\x18\x08")), (0, meta(0x59, b"\xfe\x01")),
        (2 * 3360, meta(0x58, b"\x05\x02\x18\x08")),
    )  # fmt: skip
    rows = ((0, 480, 60, 80), (3360, 480, 62, 80), (3300 + 3360, 480, 64, 80), (8640, 960, 65, 80))
    found = check(read(midi(conductor, track(*line(*rows))), tmp_path))
    assert found.piece.bars["length"].tolist() == [84, 84, 120]
    places = [(int(n["bar"]), int(n["sub"]), int(n["deviation"])) for n in found.piece.notes]
    assert places == [(0, 0, 0), (1, 0, 0), (2, 0, -8), (2, 48, 0)]
    assert set(found.piece.bars["tonic"].tolist()) == {7}
    assert set(found.piece.bars["mode"].tolist()) == {1}


def test_tempo_changes(tmp_path: Path) -> None:
    slow, fast = (1_000_000).to_bytes(3, "big"), (400_000).to_bytes(3, "big")
    conductor = track((0, meta(0x51, slow)), (3840, meta(0x51, fast)))
    found = check(read(midi(conductor, track(*line((0, 7680, 60, 80)))), tmp_path))
    assert found.piece.bars["bpm"].tolist() == [60.0, 150.0]


def test_overlapping_equal_pitches(tmp_path: Path) -> None:
    rows = ((0, 1920, 60, 80), (480, 1920, 60, 81), (960, 240, 60, 82))
    check(read(midi(track(*line(*rows))), tmp_path))


def test_equal_pitches_struck_together_become_one(tmp_path: Path) -> None:
    rows = ((480, 240, 60, 80), (485, 960, 60, 81), (480, 240, 64, 80))
    found = piece_of(read(midi(track(*line(*rows))), tmp_path))
    assert back(found) == [[(480, 240, 64, 80), (488, 960, 60, 81)]]


def test_forty_tracks(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    tracks = []
    for number in range(40):
        starts = np.cumsum(rng.integers(241, 900, 30))  # never two on one place
        rows = [(int(s), int(rng.integers(20, 50)), 40 + number, 60 + number) for s in starts]
        tracks.append(track(*line(*rows, channel=number % 9)))
    found = check(read(midi(*tracks), tmp_path))
    assert len(found.tracks) == 40
    assert np.bincount(found.piece.notes["part"]).tolist() == [30] * 40


@pytest.mark.parametrize("data", [midi(track()), midi(), midi(track(), format=0)])
def test_a_file_without_a_note(data: bytes, tmp_path: Path) -> None:
    found = piece_of(read(data, tmp_path))
    assert (len(found.piece.notes), len(found.piece.bars), found.tracks) == (0, 0, ())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@given(
    st.sampled_from([24, 96, 120, 384, 480, 960, 1000]),
    st.sampled_from([(4, 2), (7, 3), (5, 2), (6, 3), (3, 2), (21, 2), (3, 4)]),
    st.lists(
        st.tuples(
            st.integers(0, 6000), st.integers(1, 5000), st.integers(0, 127), st.integers(1, 127)
        ),
        max_size=20,
        unique_by=lambda row: row[2],
    ),
)
def test_any_file_comes_back_within_the_grid(
    folder: Path, division: int, meter: tuple[int, int], rows: list[Row]
) -> None:
    conductor = track((0, meta(0x58, bytes([*meter, 24, 8]))))
    project = read(midi(conductor, track(*line(*rows)), division=division), folder)
    found = check(project)
    assert sum(map(len, back(found))) == len(rows)
