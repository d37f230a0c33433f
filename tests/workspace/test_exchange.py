"""Files of other programs come into the song that was open when they were asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from pytestqt.qtbot import QtBot

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, ClipId, NoteClip
from studio.domain.notes import Notes
from studio.domain.project import Marker, new_song
from studio.domain.tempo import TempoMap
from studio.edit.takes import new_instrument
from studio.io.export import Export
from studio.io.midi import write_midi
from studio.jobs.queue import JobQueue
from studio.workspace.exchange import Exchange
from studio.workspace.files import Files
from studio.workspace.main_thread import MainThread
from studio.workspace.song import Song
from studio.workspace.takes import Takes


class Desk:
    def __init__(self) -> None:
        self.song = Song()
        self.jobs = JobQueue(MainThread())
        takes = Takes(self.song)
        self.files = Files(self.song, takes, self.jobs)
        self.exchange = Exchange(self.song, takes, self.jobs, self.files)
        self.errors: list[StudioError] = []
        self.files.failed.connect(self.errors.append)
        self.exchange.failed.connect(self.errors.append)
        self.files.start((), 30.0)

    def recordings(self) -> list[AudioClip]:
        return [clip for _, clip in self.song.project.clips() if isinstance(clip, AudioClip)]


@pytest.fixture
def desk(qapp: Any) -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.jobs.close()
    desk.files.close()


@pytest.mark.skipif(os.name == "nt", reason="there all names are Unicode")
def test_files_named_in_an_old_encoding_come_in_and_are_saved(
    desk: Desk, tmp_path: Path, rain: Path, qtbot: QtBot
) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.wav"))
    notes = odd.with_suffix(".mid")
    rain.rename(odd)
    clip = NoteClip(ClipId("c9"), 0, 3840, Notes.of([0], 480, [60]))
    keys = replace(new_instrument(new_song(), "Keys", 0), clips=(clip,))
    write_midi(new_song().with_new_track(keys), notes)
    desk.exchange.import_paths([odd, notes])
    qtbot.waitUntil(lambda: bool(desk.recordings()), timeout=10_000)
    desk.files.save_as(tmp_path / "Song")
    qtbot.waitUntil(lambda: not desk.song.dirty, timeout=10_000)
    assert desk.recordings()[0].source.name == "caf?.wav"
    assert desk.errors == []


@pytest.fixture
def rain(tmp_path: Path) -> Path:
    path = tmp_path / "rain.wav"
    soundfile.write(path, np.random.default_rng(1).normal(0, 0.1, 4800), 48000)
    return path


def settle(desk: Desk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not desk.jobs.jobs, timeout=10_000)


def test_a_recording_comes_in_as_one_step(desk: Desk, rain: Path, qtbot: QtBot) -> None:
    desk.exchange.import_paths([rain], tick=960)
    settle(desk, qtbot)
    [clip] = desk.recordings()
    assert (clip.start, clip.name) == (960, "rain")
    assert desk.files.media.has(clip.source.media)
    assert len(desk.song.steps) == 1


def test_nothing_to_import_is_no_job(desk: Desk) -> None:
    desk.exchange.import_paths([])
    assert not desk.jobs.jobs


def test_what_was_imported_for_a_song_does_not_land_in_another(
    desk: Desk, rain: Path, qtbot: QtBot
) -> None:
    desk.exchange.import_paths([rain])
    desk.files.new()
    settle(desk, qtbot)
    assert not desk.recordings()
    assert not desk.song.can_undo


def test_what_is_imported_while_the_song_is_saved_elsewhere_goes_along(
    desk: Desk, rain: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    desk.files.save_as(tmp_path / "Song")
    desk.exchange.import_paths([rain])
    settle(desk, qtbot)
    qtbot.waitUntil(lambda: bool(desk.recordings()), timeout=10_000)
    assert desk.files.folder == tmp_path / "Song.tutti"
    [clip] = desk.recordings()
    assert desk.files.media.has(clip.source.media)


def test_a_file_that_cannot_be_read_says_so(desk: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "noise.wav").write_bytes(b"no music")
    desk.exchange.import_paths([tmp_path / "noise.wav"])
    settle(desk, qtbot)
    assert len(desk.errors) == 1
    assert not desk.song.can_undo


def test_an_export_tells_what_it_wrote(
    desk: Desk, rain: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    desk.exchange.import_paths([rain])
    settle(desk, qtbot)
    with qtbot.waitSignal(desk.exchange.exported, timeout=30_000) as exported:
        desk.exchange.export(tmp_path / "out", Export(mix=False, midi=True))
    assert all(path.exists() for path in exported.args[0].paths)


def test_a_midi_file_gives_an_empty_song_its_shape(
    desk: Desk, tmp_path: Path, qtbot: QtBot
) -> None:
    written = replace(new_song(), tempo=TempoMap.constant(100, 3), markers=(Marker(0, "Verse"),))
    for name in ("Bass", "Piano"):
        written = written.with_new_track(new_instrument(written, name, 33))
        clip = NoteClip(written.new_clip_id(), 0, 2880, Notes.of([0, 960], 480, 40))
        written = written.with_clip_on(
            next(track.id for track in written.sources if track.name == name), clip
        )
    write_midi(written, tmp_path / "song.mid")
    desk.exchange.import_paths([tmp_path / "song.mid"])
    settle(desk, qtbot)
    song = desk.song.project
    assert [track.name for track in song.sources] == ["Bass", "Piano"]
    assert song.tempo == written.tempo
    assert [marker.name for marker in song.markers] == ["Verse"]
    assert all(track.sends for track in song.sources)
    desk.exchange.import_paths([tmp_path / "song.mid"], tick=2880)
    settle(desk, qtbot)
    later = desk.song.project.sources[2:]
    assert [clip.start for track in later for clip in track.clips] == [2880, 2880]
    assert len(desk.song.steps) == 2


def test_a_recording_goes_on_the_track_it_was_dropped_on(
    desk: Desk, rain: Path, qtbot: QtBot
) -> None:
    desk.exchange.import_paths([rain])
    settle(desk, qtbot)
    [track] = desk.song.project.sources
    desk.exchange.import_paths([rain, rain], track.id, 96000)
    settle(desk, qtbot)
    assert [len(found.clips) for found in desk.song.project.sources] == [2, 1]


def test_a_midi_file_without_notes_changes_nothing(
    desk: Desk, tmp_path: Path, qtbot: QtBot
) -> None:
    said: list[StudioError] = []
    desk.song.failed.connect(said.append)
    write_midi(new_song(), tmp_path / "empty.mid")
    desk.exchange.import_paths([tmp_path / "empty.mid"])
    settle(desk, qtbot)
    assert [error.message for error in said + desk.errors] == [
        "There are no notes in that MIDI file."
    ]
    assert not desk.song.can_undo
