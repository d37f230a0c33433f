"""Which part of a recording's file belongs where in the song."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.domain.clip import AudioSource
from studio.domain.tempo import TempoMap
from studio.jobs.queue import InlineQueue
from studio.media import recorded
from studio.media.recorded import Log, LogWriter, RecordedTrack, Run, Wish
from studio.media.store import MediaStore
from studio.workspace import landing
from studio.workspace.files import Files
from studio.workspace.landing import (
    Landed,
    Landing,
    LandRecording,
    Piece,
    latency_frames,
    pieces,
)
from studio.workspace.song import Song
from studio.workspace.takes import Takes

RATE = 48000
TRACKS = (RecordedTrack("t1", "Voice", (0,)),)
LONG = 2**62


def log(*runs: Run, begin: int = 1000) -> Log:
    return Log(begin, 512, 256, 64, runs, (), 10**9)


def found(wish: Wish, *runs: Run, frames: int = 10 * RATE) -> list[Piece]:
    return list(pieces(wish, log(*runs), frames))


def wish(**fields: object) -> Wish:
    return Wish(RATE, TRACKS, **fields)  # type: ignore[arg-type]


def test_latency_is_what_the_device_says_unless_it_was_measured() -> None:
    assert latency_frames(wish(), log()) == 512 + 256 + 64
    assert latency_frames(wish(measured_frames=900), log()) == 900 + 64


@given(
    stream=st.integers(0, 5 * RATE),
    song=st.integers(0, 5 * RATE),
    length=st.integers(0, 5 * RATE) | st.just(LONG),
    frames=st.integers(0, 10 * RATE),
    punch=st.none() | st.tuples(st.integers(0, 4 * RATE), st.integers(4 * RATE, 9 * RATE)),
)
def test_each_frame_lies_its_latency_after_the_song(
    stream: int, song: int, length: int, frames: int, punch: tuple[int, int] | None
) -> None:
    made = wish(punch=punch)
    for piece in found(made, Run(stream, song, length), frames=frames):
        late = latency_frames(made, log())
        assert piece.offset_frames - (piece.song_frame - song) == stream - 1000 + late
        assert piece.offset_frames >= 0
        assert piece.offset_frames + piece.length_frames <= frames
        assert piece.song_frame >= song
        assert piece.song_frame + piece.length_frames <= song + length
        if punch is not None:
            assert punch[0] <= piece.song_frame
            assert piece.song_frame + piece.length_frames <= punch[1]


def test_each_turn_of_a_loop_is_a_take_and_none_is_lost() -> None:
    loop = (RATE, 3 * RATE)
    length = 2 * RATE
    runs = [Run(1000 + n * length, RATE, length) for n in range(3)]
    runs.append(Run(1000 + 3 * length, RATE, RATE + 10))
    (piece,) = found(wish(loop=loop), *runs, frames=8 * RATE)
    late = 832
    assert piece.turns == tuple(n * length + late for n in range(4))
    assert piece.turn == 3
    assert (piece.song_frame, piece.length_frames) == (RATE, length)


def test_a_turn_that_was_broken_off_early_is_kept_but_not_shown() -> None:
    length = 2 * RATE
    runs = (Run(1000, 0, length), Run(1000 + length, 0, RATE // 2))
    (piece,) = found(wish(loop=(0, length)), *runs)
    assert len(piece.turns) == 2
    assert piece.turn == 0


def test_what_comes_before_the_loop_is_a_clip_of_its_own() -> None:
    runs = (Run(1000, 0, 3 * RATE), Run(1000 + 3 * RATE, RATE, 2 * RATE))
    before, turns = found(wish(loop=(RATE, 3 * RATE)), *runs)
    assert (before.song_frame, before.length_frames, before.turns) == (0, RATE, ())
    assert len(turns.turns) == 2


def test_a_first_turn_that_began_in_the_middle_stays_beneath_the_others() -> None:
    runs = (Run(1000, RATE, RATE), Run(1000 + RATE, 0, 2 * RATE), Run(1000 + 3 * RATE, 0, 2 * RATE))
    parts = found(wish(loop=(0, 2 * RATE)), *runs)
    assert [piece.muted for piece in parts] == [True, False]
    assert len(parts[1].turns) == 2


def test_a_fragment_of_a_turn_does_not_silence_the_long_one_before_it() -> None:
    first, rest = Run(1000, RATE, 3 * RATE), Run(1000 + 3 * RATE, 0, RATE // 4)
    parts = found(wish(loop=(0, 4 * RATE)), first, rest)
    heard = sum(piece.length_frames for piece in parts if not piece.muted)
    assert heard == 3 * RATE + RATE // 4


@given(
    starts=st.lists(st.integers(0, 20).map(lambda n: n * RATE // 4), min_size=2, max_size=4),
    lengths=st.lists(st.integers(1, 8).map(lambda n: n * RATE // 4), min_size=4, max_size=4),
)
def test_of_passes_over_the_same_bars_the_last_is_heard_and_none_is_lost(
    starts: list[int], lengths: list[int]
) -> None:
    runs, stream = list[Run](), 1000
    for start, length in zip(starts, lengths, strict=False):
        runs.append(Run(stream, start, length))
        stream += length
    sounding = np.zeros(30 * RATE // 4, np.int64)
    kept = 0
    for piece in found(wish(), *runs, frames=40 * RATE):
        quarter = slice(
            piece.song_frame * 4 // RATE, (piece.song_frame + piece.length_frames) * 4 // RATE
        )
        sounding[quarter] += not piece.muted
        kept += piece.length_frames
    assert sounding.max() == 1
    assert kept == sum(run.frames for run in runs)


def test_another_tempo_since_leaves_a_recording_in_its_bars() -> None:
    before, now = TempoMap.constant(120.0), TempoMap.constant(90.0)
    source = AudioSource("a" * 64, RATE, 10 * RATE, 1, "Voice")
    piece = Piece(before.frame(3840, RATE) + 7, 0, RATE)
    landed = Landed(Path(), wish(), log(), (source,), ((piece,),))
    assert landed.command(before, now).sung[0].song_frame == now.frame(3840, RATE) + 7
    assert landed.command(before, before) == landed.command(before)


@pytest.mark.parametrize("line", [*range(6), None])
def test_a_damaged_log_leaves_nothing_out(tmp_path: Path, line: int | None) -> None:
    """Whichever line of it is lost, or all of it."""
    recorded.begin(tmp_path, wish())
    writer = LogWriter(tmp_path)
    writer.add("begin", 1000, 0, 0, 0)
    writer.add("run", 1000, 0)
    writer.add("midi", 9000, 0x90, 60, 99)
    writer.add("midi", 19000, 0x80, 60, 0)
    writer.add("rest", 99000)
    writer.add("end", 99000)
    writer.close()
    path = tmp_path / "log.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    if line is None:
        lines = []
    else:
        lines[line] = bytes(len(lines[line]) - 1) + b"\n"
    path.write_bytes(b"".join(lines))
    known = recorded.read_log(tmp_path)
    assert sum(piece.length_frames for piece in pieces(wish(), known, 98000)) >= 97000
    struck = notes_of(Wish(RATE, KEYS), known)
    assert len(struck) == (line not in (2, None))


def test_files_that_are_still_written_do_not_become_the_songs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their content is what they are known by there."""
    monkeypatch.setattr(landing, "_WAIT_SECONDS", 0.0)
    folder, media = tmp_path / "1", MediaStore(tmp_path / "media")
    recorded.begin(folder, wish())
    soundfile.write(recorded.wav(folder, 0), np.ones(RATE), RATE, "FLOAT")
    errors, found = list[StudioError](), list[Landed]()
    for is_whole in (False, True):
        work = LandRecording(folder, media, partial(bool, is_whole))
        InlineQueue().submit(work, on_done=found.append, on_failed=errors.append)
    assert [error.message for error in errors] == ["The recording is not written to its end yet."]
    assert [made.pieces[0][0].length_frames for made in found] == [RATE]
    assert recorded.wav(folder, 0).exists(), "it stays until the song is kept"


@pytest.fixture
def song(qapp: Any) -> Iterator[tuple[Path, list[str], Landing]]:
    """The folder of an open song, what is said of it, and what lands in it."""
    song, said = Song(), list[str]()
    files = Files(song, Takes(song), InlineQueue())
    landing = Landing(song, files)
    landing.noted.connect(lambda message, _hint: said.append(message))
    files.start((), 10.0)
    yield files.media.folder.parent, said, landing
    files.close()


@pytest.mark.parametrize("content", ["sound", "broken", "silence", "none"])
def test_sound_that_has_no_place_in_the_song_is_kept_and_told_of(
    song: tuple[Path, list[str], Landing], content: str
) -> None:
    """The song never ran, as where a recording is ended while bars are counted in."""
    place, said, landing = song
    for number in ("0001", "0001"):
        folder = place / recorded.FOLDER / number
        recorded.begin(folder, wish())
        path = recorded.wav(folder, 0)
        if content != "none":
            sound = np.zeros(RATE) if content == "silence" else np.linspace(0, 1, RATE)
            soundfile.write(path, sound, RATE, "FLOAT")
        if content == "broken":
            path.write_bytes(b"gone" + path.read_bytes()[4:])
        writer = LogWriter(folder)
        writer.add("begin", 1000, 0, 0, 0)
        writer.close()
        landing.land(folder, TempoMap.constant(120.0), lambda: True)
        assert not folder.exists()
    aside = place / recorded.FOLDER / recorded.UNPLACED
    kept = content in ("sound", "broken")
    assert [path.parent.name for path in sorted(aside.glob("*/1.wav"))] == ["0001", "0002"][
        : 2 * kept
    ]
    sentence = "What was recorded has no place in the song." if kept else "Nothing was recorded."
    assert said == [sentence] * 2
    assert recorded.all_in(place) == [], "it is not taken in again"


# --- what is played ---------------------------------------------------------------------------
KEYS = (RecordedTrack("t2", "Keys"),)
LATE = 512 + 64  # what leaves the loudspeaker was made so much earlier


def notes_of(made: Wish, log: Log) -> list[tuple[int, int]]:
    """Start and pitch of what lands, at 120 bpm."""
    command = Landed(Path(), made, log, (None,), ((),)).command(TempoMap.constant(120.0))
    return [
        (int(start), int(pitch))
        for part in command.played
        for start, pitch in zip(part.notes.start, part.notes.pitch, strict=True)
    ]


def key(song_frame: int, run: Run, pitch: int) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """A key struck when that frame of the run was heard, and let go soon after."""
    at = run.stream + song_frame - run.song + LATE
    return (at, (0x90, pitch, 90)), (at + 2400, (0x80, pitch, 0))


def test_keys_land_by_what_was_heard_when_they_were_struck() -> None:
    run = Run(5000, RATE, 4 * RATE)
    struck = (*key(RATE + RATE // 2, run, 60), *key(2 * RATE, run, 62))
    made = Log(1000, 512, 256, 64, (run,), struck, 10**6)
    assert notes_of(Wish(RATE, KEYS), made) == [(2880, 60), (3840, 62)]


def test_a_key_struck_just_before_the_song_begins_is_its_first_note() -> None:
    run = Run(50_000, 0, 4 * RATE)
    struck = (*key(-RATE // 10, run, 60), *key(-RATE, run, 40))
    made = Log(1000, 512, 256, 64, (run,), tuple(sorted(struck)), 10**6)
    assert notes_of(Wish(RATE, KEYS), made) == [(0, 60)]


def test_turns_of_a_loop_are_played_over_each_other() -> None:
    turns = (Run(1000, 0, RATE), Run(1000 + RATE, 0, RATE))
    struck = (*key(0, turns[0], 60), *key(RATE // 2, turns[1], 64))
    made = Log(1000, 512, 256, 64, turns, struck, 10**6)
    assert notes_of(Wish(RATE, KEYS, loop=(0, RATE)), made) == [(0, 60), (960, 64)]


def test_what_is_played_outside_the_punch_is_not_kept() -> None:
    run = Run(1000, 0, 4 * RATE)
    struck = (*key(RATE // 2, run, 60), *key(RATE + 4800, run, 64), *key(3 * RATE, run, 67))
    made = Log(1000, 512, 256, 64, (run,), struck, 10**6)
    assert [pitch for _, pitch in notes_of(Wish(RATE, KEYS, punch=(RATE, 2 * RATE)), made)] == [64]
