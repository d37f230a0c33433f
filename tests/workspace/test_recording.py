"""Recording as the window knows it, over a real engine that hears itself."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from studio.audio.device import LOOP_BACK, NULL
from studio.core import paths, settings
from studio.core.settings import Settings
from studio.domain.clip import AudioClip, NoteClip
from studio.domain.track import Track, TrackId, TrackInput, TrackKind
from studio.edit.tempo import SetTempo
from studio.io import folder_lock, recovery
from studio.media import recorded
from studio.workspace.recording import State
from studio.workspace.studio import Studio
from tests.audio import jackd
from tests.conftest import ExpectedLog
from tests.workspace.test_playback import piece

WAIT_MS = 40_000
BAR = 3840


def keep_settings() -> None:
    chosen = Settings(
        audio_device=NULL, input_device=LOOP_BACK, count_in_bars=0, autosave_seconds=30.0
    )
    settings.save(chosen, paths.settings_file())


class Booth:
    """A studio with a piano to be heard and a voice to be recorded."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        keep_settings()
        self.qtbot = qtbot
        self.said: list[str] = []
        self.studio = Studio(folder / "run")
        self.studio.notice.connect(lambda _level, message, _hint: self.said.append(message))
        self.studio.start()
        self.until(lambda: self.studio.playback.state.plan_version > 0)

    def open(self, *, armed: bool = False) -> TrackId:
        song, listens = piece(4), TrackInput(armed=armed)
        voice = Track(song.new_track_id(), TrackKind.AUDIO, "Voice", input=listens)
        self.studio.song.open(song.with_new_track(voice), saved=False)
        self.until(lambda: len(self.studio.playback.state.meters) == 4)
        return voice.id

    def until(self, condition: Any) -> None:
        try:
            self.qtbot.waitUntil(lambda: bool(condition()), timeout=WAIT_MS)
        except QtBot.TimeoutError:
            state, recording = self.studio.playback.state, self.studio.recording.state
            pytest.fail(f"it never came to that: {recording}, {state}; said: {self.said}")

    def record(self, track: TrackId) -> None:
        self.studio.arming.set_armed(track, True)
        self.studio.recording.toggle()
        self.until(lambda: self.studio.recording.state is State.RECORDING)

    def clips(self, track: TrackId) -> list[AudioClip]:
        found = self.studio.song.project.track(track).clips
        return [clip for clip in found if isinstance(clip, AudioClip)]

    @property
    def folder(self) -> Path:
        return self.studio.files.media.folder.parent

    def close(self) -> None:
        self.studio.close()


@pytest.fixture
def booth(qapp: Any, qtbot: QtBot, tmp_path: Path) -> Iterator[Booth]:
    made = Booth(tmp_path, qtbot)
    yield made
    made.close()


def test_a_recording_lands_as_one_step_and_its_folder_goes_once_the_song_is_kept(
    booth: Booth,
) -> None:
    voice = booth.open()
    recording, song = booth.studio.recording, booth.studio.song
    recording.toggle()
    assert recording.state is State.IDLE
    assert booth.said.pop() == "No track is armed to record."
    booth.studio.playback.seek(BAR)
    booth.record(voice)
    booth.until(lambda: len(recording.growing[voice].pairs) > 40)
    assert recording.begun_at == BAR
    recording.toggle()
    booth.until(lambda: booth.clips(voice))
    (clip,) = booth.clips(voice)
    assert clip.start == BAR
    assert clip.seconds > 0.3
    assert booth.studio.playback.playing, "ending a recording lets the song play on"
    assert song.undo_label == "Record"
    booth.until(lambda: not (booth.folder / recorded.FOLDER).exists())
    song.undo()
    assert not booth.clips(voice)
    assert booth.studio.files.media.has(clip.source.media), "undo keeps the file"
    song.redo()
    assert booth.clips(voice) == [clip]


def test_a_recording_begun_as_another_ends_runs_too(booth: Booth) -> None:
    voice = booth.open()
    recording = booth.studio.recording
    booth.record(voice)
    booth.until(lambda: len(recording.growing[voice].pairs) > 40)
    recording.toggle()
    booth.until(lambda: booth.clips(voice))
    booth.studio.playback.stop()
    booth.studio.playback.seek(3 * BAR)
    recording.toggle()
    booth.qtbot.waitUntil(lambda: recording.state is State.RECORDING, timeout=8000)
    booth.qtbot.waitUntil(lambda: booth.studio.playback.position_tick > 3 * BAR, timeout=8000)
    booth.qtbot.wait(500)
    recording.toggle()
    booth.qtbot.waitUntil(lambda: len(booth.clips(voice)) == 2, timeout=8000)


def test_another_tempo_ends_a_recording_which_stays_in_its_bar(booth: Booth) -> None:
    voice = booth.open()
    recording, song = booth.studio.recording, booth.studio.song
    booth.studio.arming.set_armed(voice, True)
    booth.studio.playback.seek(3 * BAR)
    recording.toggle()
    booth.until(lambda: recording.state is State.RECORDING)
    booth.until(lambda: booth.studio.playback.playing)
    before = len(recording.growing[voice].pairs)
    booth.until(lambda: len(recording.growing[voice].pairs) > before + 80)
    song.do(SetTempo(tick=0, bpm=97.0))
    assert recording.state is State.IDLE
    assert booth.said[-1] == "Another tempo has ended the recording."
    booth.qtbot.waitUntil(lambda: bool(booth.clips(voice)), timeout=8000)
    assert booth.clips(voice)[0].start == 3 * BAR


def test_a_dead_engine_ends_the_recording_and_keeps_it(
    booth: Booth, expected_log: ExpectedLog
) -> None:
    expected_log("engine ended by itself")
    voice = booth.open()
    booth.record(voice)
    booth.until(lambda: len(booth.studio.recording.growing[voice].pairs) > 60)
    os.kill(booth.studio.engine.pid, signal.SIGKILL)
    booth.until(lambda: booth.clips(voice))
    assert booth.studio.recording.state is State.IDLE
    assert "The audio engine ended; what was recorded is kept." in booth.said
    assert booth.clips(voice)[0].seconds > 0.3


def test_what_a_crash_left_is_found_at_the_next_start(
    booth: Booth, tmp_path: Path, studio_home: Path
) -> None:
    voice = booth.open()
    booth.studio.files.save_as(tmp_path / "Kept.tutti")
    booth.until(lambda: not booth.studio.song.dirty)
    booth.record(voice)
    booth.until(lambda: len(booth.studio.recording.growing[voice].pairs) > 60)
    (left,) = recorded.all_in(booth.folder)
    crashed = tmp_path / "Crashed.tutti"
    shutil.copytree(booth.folder, crashed)  # as the disk was at that moment
    (crashed / folder_lock.NAME).unlink()
    booth.studio.playback.stop()
    booth.until(lambda: booth.clips(voice))
    assert [found.path for found in recovery.recoverable([crashed])] == [crashed]
    booth.studio.files.open(crashed)
    booth.until(lambda: booth.studio.files.folder == crashed)
    booth.until(lambda: booth.clips(voice))
    assert booth.clips(voice)[0].seconds > 0.3
    assert "What was being recorded when the studio ended is back." in booth.said
    booth.until(lambda: not recorded.all_in(crashed))
    assert recovery.recoverable([crashed]) == [] or booth.studio.song.dirty
    assert left.name == "0001"


def test_a_song_that_is_left_takes_its_recording_along(booth: Booth, tmp_path: Path) -> None:
    voice = booth.open()
    booth.record(voice)
    booth.until(lambda: len(booth.studio.recording.growing[voice].pairs) > 60)
    booth.studio.files.save_as(tmp_path / "Elsewhere.tutti")
    assert booth.studio.recording.state is State.IDLE
    booth.until(lambda: booth.clips(voice))
    booth.until(lambda: booth.studio.files.folder == tmp_path / "Elsewhere.tutti")
    booth.until(lambda: not recorded.all_in(booth.folder))
    (clip,) = booth.clips(voice)
    assert booth.studio.files.media.has(clip.source.media)
    assert not any("is back" in said for said in booth.said), "it is taken in once"


def test_counting_in_punch_and_latency(booth: Booth) -> None:
    voice = booth.open(armed=True)
    studio = booth.studio
    studio.latency.start()
    booth.until(lambda: not studio.latency.busy)
    state = studio.playback.state
    assert [entry.rpartition("=")[2] for entry in studio.settings.latencies] == [
        str(state.block_frames)
    ]
    studio.set_settings(replace(studio.settings, count_in_bars=1))
    studio.recording.toggle_punch()
    studio.recording.toggle()
    assert booth.said.pop() == "There is no range to punch into."
    studio.playback.set_loop((480, 960), on=False)
    studio.recording.toggle()
    booth.until(lambda: studio.recording.state is State.COUNTING_IN)
    booth.until(lambda: studio.recording.state is State.RECORDING)
    booth.until(lambda: studio.playback.position_tick > 1200)
    studio.playback.stop()
    booth.until(lambda: booth.clips(voice))
    (clip,) = booth.clips(voice)
    assert clip.start == 480
    assert studio.song.project.clip_end(clip) == 960
    assert clip.offset_frames > 2 * 48000, "the count-in is in the file, to be drawn out"


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[jackd.Keyboard]:
    """Plugged in before the booth's engine is started."""
    with jackd.keyboard(tmp_path) as plugged:
        yield plugged


def test_keys_in_a_loop_are_heard_in_the_next_turn_and_land_as_one_clip(
    keys: jackd.Keyboard, booth: Booth
) -> None:
    """The song plays on the null device."""
    booth.open()
    studio = booth.studio
    piano = studio.song.project.sources[0]
    studio.playback.set_loop((3 * BAR, 4 * BAR))
    studio.playback.seek(3 * BAR)
    booth.record(piano.id)
    booth.until(lambda: studio.playback.playing)
    keys.send(0x90, 72, 101)
    keys.send(0x80, 72, 0)
    booth.until(lambda: len(studio.recording.played.get(piano.id, ())) > 0)
    preview = studio.playback._preview
    assert preview is not None, "the next turn lets it be heard"
    assert len(preview.track(piano.id).clips[0].notes) > 4 * 4  # type: ignore[union-attr]
    keys.pull_out()
    booth.until(lambda: booth.said)
    assert booth.said == ["The MIDI keyboard Keys:out was pulled out."]
    assert studio.recording.state is State.RECORDING
    keys.plug_in()
    studio.playback.stop()
    booth.until(lambda: studio.song.undo_label == "Record")
    (clip,) = studio.song.project.track(piano.id).clips
    assert isinstance(clip, NoteClip)
    mine = clip.notes.where(clip.notes.pitch == 72)
    assert len(mine) == 1
    assert ((mine.start >= 3 * BAR) & (mine.start < 4 * BAR)).all()
    assert (mine.velocity == 101).all()
    assert studio.playback._preview is None
