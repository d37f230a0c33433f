"""Hearing the song through a real engine on the null device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from studio.audio.client import EngineClient
from studio.audio.device import NULL
from studio.domain.clip import AudioClip, AudioSource, NoteClip
from studio.domain.notes import Notes
from studio.domain.project import Project, new_song
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.takes import new_instrument
from studio.edit.tempo import SetTempo
from studio.edit.tracks import AddTrack
from studio.jobs.queue import JobQueue
from studio.media.store import MediaStore
from studio.workspace.main_thread import MainThread
from studio.workspace.playback import Playback
from studio.workspace.song import Song
from studio.workspace.span import SpanPlayer

WAIT_MS = 60_000


class Desk:
    def __init__(self, folder: Path) -> None:
        self.song = Song()
        self.jobs = JobQueue(MainThread())
        self.engine = EngineClient()
        media = MediaStore(folder / "media", folder / "cache")
        self.playback = Playback(self.song, self.jobs, self.engine, lambda: media)
        self.errors: list[object] = []
        self.playback.failed.connect(self.errors.append)
        self.engine.start(folder / "run", NULL)
        self.playback.start()

    def close(self) -> None:
        self.playback.close()
        self.jobs.close()
        self.engine.close()


@pytest.fixture
def desk(qapp: Any, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.close()


def play(desk: Desk, qtbot: QtBot) -> None:
    desk.playback.play()
    qtbot.waitUntil(lambda: desk.playback.playing, timeout=WAIT_MS)


def stopped(desk: Desk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not desk.playback.playing, timeout=WAIT_MS)


def test_it_plays_on_from_where_it_was_stopped(desk: Desk, qtbot: QtBot) -> None:
    desk.playback.seek(3840)
    play(desk, qtbot)
    qtbot.waitUntil(lambda: desk.playback.position_tick > 3840 + 200, timeout=WAIT_MS)
    desk.playback.toggle()
    place = desk.playback.position_tick
    stopped(desk, qtbot)
    assert desk.playback.position_tick == place
    assert 3840 < place < 3840 + 9600


def test_going_to_the_start_right_after_a_stop_is_not_forgotten(desk: Desk, qtbot: QtBot) -> None:
    desk.playback.seek(3840)
    play(desk, qtbot)
    desk.playback.stop()
    desk.playback.seek(0)
    stopped(desk, qtbot)
    assert desk.playback.position_tick == 0


def test_a_span_is_played_and_nothing_after_it(desk: Desk, qtbot: QtBot) -> None:
    desk.playback.seek(7680)
    play(desk, qtbot)
    SpanPlayer(desk.playback, desk.playback).play(960, 1920)
    qtbot.waitUntil(lambda: 960 <= desk.playback.position_tick < 1920, timeout=WAIT_MS)
    stopped(desk, qtbot)
    assert desk.playback.position_tick == 960
    play(desk, qtbot)
    qtbot.waitUntil(lambda: desk.playback.position_tick > 2000, timeout=WAIT_MS)
    desk.playback.stop()


def test_another_song_is_heard_from_its_start(desk: Desk, qtbot: QtBot) -> None:
    desk.playback.seek(7680)
    desk.playback.set_loop((3840, 9600))
    play(desk, qtbot)
    desk.song.open(new_song())
    stopped(desk, qtbot)
    assert desk.playback.position_tick == 0
    assert desk.playback.loop is None


def test_a_tempo_change_keeps_the_bar_that_is_heard(desk: Desk, qtbot: QtBot) -> None:
    desk.playback.seek(100 * 3840)
    play(desk, qtbot)
    qtbot.waitUntil(lambda: not desk.jobs.jobs, timeout=WAIT_MS)
    places: list[int] = []
    desk.playback.moved.connect(lambda: places.append(desk.playback.position_tick))
    version = desk.playback.state.plan_version
    desk.song.do(SetTempo(0, 60.0))
    qtbot.waitUntil(lambda: desk.playback.state.plan_version > version, timeout=WAIT_MS)
    count = len(places)
    qtbot.waitUntil(lambda: len(places) > count + 5, timeout=WAIT_MS)
    assert min(places) >= 100 * 3840
    assert max(places) < 110 * 3840
    desk.playback.stop()
    stopped(desk, qtbot)


def test_a_loop_needs_a_length(desk: Desk) -> None:
    desk.playback.set_loop((3840, 7680))
    assert desk.playback.loop_on
    desk.playback.set_loop((3840, 3840))
    assert desk.playback.loop is None
    assert not desk.playback.loop_on


def test_a_missing_recording_is_told_of_once_and_all_else_is_heard(
    desk: Desk, qtbot: QtBot
) -> None:
    source = AudioSource("0" * 64, 48000, 4800, 1, "gone.wav")
    clip = AudioClip(desk.song.project.new_clip_id(1), 0, source, 0, 4800)
    qtbot.waitUntil(lambda: desk.playback.state.plan_version == 1, timeout=WAIT_MS)
    desk.song.do(
        AddTrack(Track(desk.song.project.new_track_id(), TrackKind.AUDIO, "Rain", (clip,)))
    )
    qtbot.waitUntil(lambda: desk.playback.state.plan_version == 2, timeout=WAIT_MS)
    desk.song.do(SetTempo(0, 90.0))
    qtbot.waitUntil(lambda: desk.playback.state.plan_version == 3, timeout=WAIT_MS)
    said = [str(error) for error in desk.errors]
    assert said == ["The recording “gone.wav” is missing from the song's folder."]
    play(desk, qtbot)
    desk.playback.stop()
    stopped(desk, qtbot)
    assert [str(error) for error in desk.errors] == said
    assert desk.playback.meter(TrackId("nobody")).tolist() == [0, 0, 0, 0]


def test_several_missing_recordings_are_one_sentence(desk: Desk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: desk.playback.state.plan_version == 1, timeout=WAIT_MS)
    sources = [AudioSource(str(n) * 64, 48000, 4800, 1, f"{n}.wav") for n in range(3)]
    song = desk.song.project
    clips = tuple(
        AudioClip(song.new_clip_id(1 + n), 3840 * n, source, 0, 4800)
        for n, source in enumerate(sources)
    )
    desk.song.do(AddTrack(Track(song.new_track_id(), TrackKind.AUDIO, "Rain", clips)))
    qtbot.waitUntil(lambda: desk.playback.state.plan_version == 2, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: bool(desk.errors), timeout=WAIT_MS)
    (said,) = map(str, desk.errors)
    assert said.startswith("3 recordings are not heard.")
    assert all(source.name in said for source in sources)


def test_what_is_asked_before_the_engine_is_ready_is_played_in_its_bars(
    desk: Desk, qtbot: QtBot
) -> None:
    bar = 3840
    for bpm in (300.0, 240.0, 84.0):
        desk.song.do(SetTempo(0, bpm))
        qtbot.wait(30)
    desk.playback.set_loop((4 * bar, 8 * bar))
    desk.playback.seek(5 * bar)
    play(desk, qtbot)
    for _ in range(40):
        qtbot.wait(50)
        assert 5 * bar <= desk.playback.position_tick < 7 * bar


def test_playing_waits_for_what_is_still_being_written(desk: Desk, qtbot: QtBot) -> None:
    song = piece(4)
    desk.song.do(SetTempo(0, 240.0))
    desk.playback.set_preview(song, (3840, 4 * 3840))
    play(desk, qtbot)
    stopped(desk, qtbot)
    assert desk.playback.position_tick == 3840
    desk.playback.set_preview(song, (2 * 3840, 4 * 3840))
    qtbot.waitUntil(lambda: desk.playback.playing, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: desk.playback.position_tick == 2 * 3840, timeout=WAIT_MS)
    stopped(desk, qtbot)
    desk.song.open(song)
    desk.playback.seek(2 * 3840)
    desk.playback.set_preview(song, (3 * 3840, 4 * 3840))
    play(desk, qtbot)  # in a song that is there, nothing has to be waited for
    qtbot.waitUntil(lambda: desk.playback.position_tick > 3.2 * 3840, timeout=WAIT_MS)
    desk.playback.stop()
    stopped(desk, qtbot)


def test_playing_goes_on_once_all_is_written_and_not_where_it_was_cancelled(
    desk: Desk, qtbot: QtBot
) -> None:
    song = piece(4)
    desk.playback.set_preview(song, (960, 4 * 3840))
    play(desk, qtbot)
    stopped(desk, qtbot)
    desk.playback.set_preview(None)
    qtbot.wait(200)
    assert not desk.playback.playing
    desk.playback.set_preview(song, (960, 4 * 3840))
    desk.playback.seek(0)
    play(desk, qtbot)
    stopped(desk, qtbot)
    desk.playback.set_preview(None)
    desk.song.do(AddTrack(song.sources[0]))
    qtbot.waitUntil(lambda: desk.playback.position_tick > 960, timeout=WAIT_MS)
    assert desk.playback.playing
    desk.playback.stop()
    stopped(desk, qtbot)


def piece(bars: int) -> Project:
    """A piano that plays a quarter on each beat."""
    song = new_song()
    track = new_instrument(song, "Piano", 0)
    song = song.with_new_track(track)
    notes = Notes.of([beat * 960 for beat in range(4 * bars)], [960] * 4 * bars, [60] * 4 * bars)
    return song.with_clip_on(track.id, NoteClip(song.new_clip_id(), 0, bars * 3840, notes))


def test_keys_of_an_input_are_told_once_each(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    desk.playback.key_played.connect(lambda *key: told.append(key))
    state = desk.playback.state
    for keys in (((1, 60, 90),), ((1, 60, 90), (2, 60, 0), (3, 62, 70)), ((1, 64, 50),)):
        monkeypatch.setattr(desk.engine, "state", lambda keys=keys: replace(state, keys=keys))
        desk.playback._poll()
        desk.playback._poll()
    assert told == [(60, 90), (60, 0), (62, 70), (64, 50)]
