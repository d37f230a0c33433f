"""Recording through a real engine: to the frame, to the disk as it comes, and safe from crashes."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from studio.audio.client import EngineClient, EngineState
from studio.audio.device import LOOP_BACK, NULL
from studio.audio.ears import Ears
from studio.audio.hearing import HEARD_FRAMES, Hearing
from studio.audio.inputs import Inputs, Source
from studio.audio.listening import Listening
from studio.audio.midi_input import channel_message, is_called
from studio.audio.player import Player
from studio.audio.recorder import Recorder
from studio.audio.shared import Shared
from studio.media import recorded
from studio.media.recorded import Log, RecordedTrack, Wish
from studio.media.store import MediaStore
from studio.render.offline import render_song
from studio.render.plan import compile_song
from studio.workspace.landing import latency_frames
from tests.audio import jackd
from tests.audio.songs import KEYS, TAPE, difficult_song
from tests.conftest import ExpectedLog

RATE = 48000
LONGEST_SECONDS = 60.0  # that a busy machine takes to come to something
SOUND = Source(TAPE, (0, 1))
HANDS = Source(KEYS)


class Booth:
    """A song, an engine, and folders to record into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.media = MediaStore(folder / "media", folder / "cache")
        self.song = difficult_song(self.media)
        self.client = EngineClient()
        self._count = 0

    def start(self, device: str, *sources: Source, input_name: str = LOOP_BACK) -> None:
        self.client.start(self.folder / "run", device, RATE)
        self.client.set_plan(compile_song(self.song, self.media))
        self.until(lambda state: state.plan_version > 0)
        version = self.client.ears.set_inputs(Inputs(sources, input_name))
        self.until(lambda state: state.inputs_version == version)

    def until(
        self, condition: Callable[[EngineState], bool], seconds: float = LONGEST_SECONDS
    ) -> EngineState:
        end = time.monotonic() + seconds
        while not condition(state := self.client.state()):
            if time.monotonic() > end:
                pytest.fail(f"it never came to that; the last state is {state}")
            time.sleep(0.005)
        return state

    def begin(self, *tracks: RecordedTrack, measured: int | None = None) -> tuple[Path, int]:
        """Record; the folder and the recording's number."""
        self._count += 1
        folder = self.folder / "Song.tutti" / recorded.FOLDER / str(self._count)
        recorded.begin(folder, Wish(RATE, tracks, measured))
        number = self.client.ears.record(folder)
        self.until(lambda state: state.recording == number)
        return folder, number

    def end(self, number: int) -> None:
        self.client.stop()
        self.client.ears.end_recording()
        self.until(lambda state: state.ended == number)

    def measure(self) -> int:
        number = self.client.ears.measure()
        return self.until(lambda state: state.measured == number).measured_frames


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    made = Booth(tmp_path)
    yield made
    made.client.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booth]:
    """One engine that hears itself, for all tests that leave it as they found it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUTTI_HOME", str(tmp_path_factory.mktemp("home")))
        made = Booth(tmp_path_factory.mktemp("booth"))
        try:
            made.start(NULL, SOUND)
            yield made
        finally:
            made.client.close()


TRACK = RecordedTrack(TAPE, "Tape", (0, 1))


def sound_of(folder: Path) -> npt.NDArray[np.float32]:
    found: npt.NDArray[np.float32] = soundfile.read(
        recorded.wav(folder, 0), dtype="float32", always_2d=True
    )[0]
    return found


def heard(folder: Path, log: Log) -> npt.NDArray[np.float32]:
    """What was recorded to the first run of the song, in the song's place."""
    run = log.runs[0]
    first = run.stream - log.begin + latency_frames(recorded.read_wish(folder), log)
    return sound_of(folder)[first : first + run.frames]


@contextlib.contextmanager
def jack(folder: Path) -> Iterator[Any]:
    """A JACK server and a client that leads cables."""
    import jack

    try:
        with jackd.server(folder, sample_rate=RATE):
            client = jack.Client("cables", no_start_server=True)
            yield client
            client.deactivate()
            client.close()
    except jackd.NoServerError as reason:
        pytest.skip(f"there is no device here: {reason}")


def lead_back(cables: Any) -> None:
    """A cable from the engine's outputs to its inputs, and to nothing else."""
    outs = cables.get_ports("PortAudio", is_output=True, is_audio=True)
    ins = cables.get_ports("PortAudio", is_input=True, is_audio=True)
    for port in ins:
        for other in cables.get_all_connections(port):
            cables.disconnect(other, port)
    for out, back in zip(outs, ins, strict=True):
        cables.connect(out, back)


def test_what_is_heard_is_recorded_bit_for_bit_in_its_place(running: Booth) -> None:
    folder, number = running.begin(TRACK)
    running.client.play(0)
    running.until(lambda state: state.frame > RATE)
    running.end(number)
    log = recorded.read_log(folder)
    bounce = np.concatenate(list(render_song(running.song, running.media)))
    found = heard(folder, log)[:RATE]
    assert np.abs(found).max() > 0.1
    assert (found == bounce[: len(found)]).all()
    outline = recorded.Outline(recorded.outline_file(folder, 0))
    assert outline.read_on()
    assert outline.pairs.max() == pytest.approx(sound_of(folder).max())


def test_a_measured_cable_brings_material_back_to_its_frame(booth: Booth) -> None:
    with jack(booth.folder) as cables:
        booth.start("JACK", SOUND, input_name="JACK")
        lead_back(cables)
        measured = booth.measure()
        folder, number = booth.begin(TRACK, measured=measured)
        booth.client.play(0)
        booth.until(lambda state: state.frame > RATE)
        booth.end(number)
        booth.client.close()
    bounce = np.concatenate(list(render_song(booth.song, booth.media)))
    found = heard(folder, recorded.read_log(folder))[: RATE // 2]
    apart = [
        float(np.abs(found[8:-8] - bounce[8 + by : len(found) - 8 + by]).max()) for by in (-1, 0, 1)
    ]
    assert measured > 0
    assert np.abs(found).max() > 0.1
    assert min(apart) < 1e-3, f"an xrun of the device, or {apart}"


def test_nothing_comes_back_without_a_cable(booth: Booth) -> None:
    with jack(booth.folder):
        booth.start("JACK", SOUND, input_name="JACK")
        assert booth.measure() == -1
        booth.client.close()


def test_a_killed_engine_leaves_everything_up_to_then(
    booth: Booth, expected_log: ExpectedLog
) -> None:
    expected_log("engine ended by itself")
    booth.start(NULL, SOUND)
    folder, _ = booth.begin(TRACK)
    booth.client.play(0)
    before = booth.until(lambda state: state.frame > RATE)
    pid = booth.client.pid
    os.kill(pid, signal.SIGKILL)
    booth.until(lambda _state: booth.client.pid != pid)
    found = heard(folder, recorded.read_log(folder))
    assert before.frame - len(found) < RATE // 5  # what one round of the butler may take
    assert np.abs(found).max() > 0.1


def test_a_loop_is_written_down_turn_by_turn(running: Booth) -> None:
    running.client.set_loop(10_000, 34_000)
    folder, number = running.begin(TRACK)
    running.client.play(10_000)
    start = running.client.state().stream_frame
    running.until(lambda state: state.stream_frame > start + 3 * RATE)
    running.end(number)
    running.client.set_loop(0, None)
    runs = recorded.read_log(folder).runs
    assert len(runs) >= 4
    assert {run.song for run in runs} == {10_000}
    assert {run.frames for run in runs[:-1]} == {24_000}


def test_a_device_that_is_pulled_out_keeps_what_was_recorded(booth: Booth) -> None:
    with jack(booth.folder) as cables:
        booth.start("JACK", SOUND, input_name="JACK")
        lead_back(cables)
        folder, number = booth.begin(TRACK)
        booth.client.play(0)
        booth.until(lambda state: state.frame > RATE // 2)
    state = booth.until(lambda state: state.ended == number)
    assert "What was recorded until then is kept" in state.trouble
    assert len(sound_of(folder)) > RATE // 2


def test_without_an_input_it_says_so(booth: Booth) -> None:
    booth.start(NULL, SOUND, input_name="")
    assert "no audio input" in booth.client.state().trouble
    folder = booth.folder / "1"
    recorded.begin(folder, Wish(RATE, (TRACK,)))
    number = booth.client.ears.record(folder)
    state = booth.until(lambda state: state.ended == number)
    assert "no audio input" in state.trouble
    assert booth.measure() == -1


def test_a_full_disk_ends_the_recording_with_a_sentence(
    booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine's process may write a file of 300 kB and no more."""
    monkeypatch.setattr("studio.audio.process.sys.executable", str(_limited(booth.folder)))
    booth.start(NULL, SOUND)
    folder, number = booth.begin(TRACK)
    state = booth.until(lambda state: state.ended == number)
    assert "disk is full" in state.trouble
    assert len(sound_of(folder)) > 10_000


def _limited(folder: Path) -> Path:
    """A Python whose files can be no longer than 300 kB."""
    import sys

    path = folder / "python"
    code = "import resource, signal, os, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    code += "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)); "
    code += "import runpy; sys.argv[0] = 'studio'; runpy.run_module('studio', run_name='__main__')"
    path.write_text(f'#!/bin/sh\nshift 2\nexec {sys.executable} -c "{code}" "$@"\n')
    path.chmod(0o755)
    return path


def test_a_disk_that_keeps_it_waiting_moves_nothing(tmp_path: Path) -> None:
    """What the input holds no more is silence; all after it lies where it was heard."""
    recorded.begin(tmp_path, Wish(RATE, (TRACK,)))
    hearing, frames = Hearing(RATE), 2 * HEARD_FRAMES
    ramp = np.arange(1, frames + 1, dtype=np.float32)[:, None]
    for start in range(0, frames, 2**16):
        hearing.take(ramp[start : start + 2**16], missed=False)
    recorder = Recorder(tmp_path, hearing, 0, 0, (0, 0, 0))
    recorder.end(frames, 0)
    until = time.monotonic() + LONGEST_SECONDS
    while not recorder.is_over:
        assert time.monotonic() < until
        time.sleep(0.01)
    found = sound_of(tmp_path)[:, 0]
    assert recorder.trouble == ""
    assert len(found) == frames
    assert not found[: recorder.lost_frames].any()
    assert (found[recorder.lost_frames :] == ramp[recorder.lost_frames :, 0]).all()
    assert HEARD_FRAMES <= recorder.lost_frames < frames - HEARD_FRAMES // 2


def test_an_input_that_stops_by_itself_ends_the_recording(
    tmp_path: Path, expected_log: ExpectedLog
) -> None:
    """The output goes on: blocks are asked for here as a device would."""
    expected_log("Stage box stopped")
    shared = Shared.create(tmp_path / "shared")
    player = Player(shared, RATE, lambda: None)
    listening = Listening(tmp_path, shared, player, RATE, lambda: None)
    client = Ears(player._want, threading.RLock())
    client.folder = tmp_path
    player.hearing.channels, shared.input = 2, "Stage box"
    client.set_inputs(Inputs((SOUND,)))
    listening.look()
    recorded.begin(tmp_path / "1", Wish(RATE, (TRACK,)))
    number = client.record(tmp_path / "1")
    heard, block = np.full((1024, 2), 0.5, np.float32), np.zeros((1024, 2), np.float32)
    for turn in range(200):
        if turn < 60:
            player.hear(heard, False)
        player.fill(block, False)
        listening.look()
    until = time.monotonic() + LONGEST_SECONDS
    while player.ended != number:
        assert time.monotonic() < until
        listening.look()
    assert "The audio input Stage box stopped." in shared.trouble
    assert (sound_of(tmp_path / "1") == 0.5).all()
    assert len(sound_of(tmp_path / "1")) >= 58 * 1024


def test_another_input_ends_the_recording_first(running: Booth) -> None:
    folder, number = running.begin(TRACK)
    running.client.play(0)
    running.until(lambda state: state.frame > RATE // 4)
    running.client.ears.set_inputs(Inputs((), LOOP_BACK))
    state = running.until(lambda state: state.ended == number)
    assert "The audio input was changed." in state.trouble
    assert np.abs(heard(folder, recorded.read_log(folder))).max() > 0.1
    running.client.stop()
    version = running.client.ears.set_inputs(Inputs((SOUND,), LOOP_BACK))
    running.until(lambda state: state.inputs_version == version)


def test_an_outline_grows_by_what_was_added(tmp_path: Path) -> None:
    outline = recorded.Outline(tmp_path / "1.outline")
    assert not outline.read_on()
    whole = np.arange(200, dtype=np.float32).reshape(-1, 2)
    with (tmp_path / "1.outline").open("wb") as file:
        for start in range(0, 100, 7):
            file.write(whole[start : start + 7].tobytes() + b"\0" * 3)  # the next is on its way
            file.flush()
            assert outline.read_on()
            assert (outline.pairs == whole[: start + 7]).all()
            file.seek(-3, os.SEEK_CUR)
            file.truncate()


# --- keyboards --------------------------------------------------------------------------------
def test_clocks_and_broken_messages_are_no_playing() -> None:
    assert channel_message([0x93, 60, 100]) == (0x93, 60, 100)
    assert channel_message([0xC0, 5]) == (0xC0, 5)
    for data in ([], [0xF8], [0xF0, 1, 2, 0xF7], [0x90, 60], [0x90, 60, 200], [60, 100]):
        assert channel_message(data) is None


def test_a_keyboard_sounds_through_its_track_and_is_written_down(booth: Booth) -> None:
    with jackd.keyboard(booth.folder) as keys:
        booth.start(f"{NULL}: {booth.folder / 'tap.f32'}", HANDS, input_name="")
        assert booth.client.state().trouble == ""
        folder, number = booth.begin(RecordedTrack(KEYS, "Keys"))
        keys.send(0x90, 64, 101)
        row = [track.id for track in booth.song.tracks].index(KEYS)
        state = booth.until(lambda state: bool(state.meters[row][0] > 0.01))
        assert not state.playing
        keys.send(0x80, 64, 0)
        booth.until(lambda state: bool(state.meters[row][0] < 0.001))
        booth.end(number)
        booth.client.close()
    log = recorded.read_log(folder)
    assert [message for _, message in log.messages] == [(0x90, 64, 101), (0x80, 64, 0)]
    assert log.begin <= log.messages[0][0] < log.messages[1][0] <= log.end


def test_a_keyboard_that_is_pulled_out_lets_go_of_its_keys_and_works_again(booth: Booth) -> None:
    row = [track.id for track in booth.song.tracks].index(KEYS)
    with jackd.keyboard(booth.folder) as keys:
        booth.start(NULL, HANDS, input_name="")
        keys.send(0xB0, 64, 127)
        keys.send(0x90, 64, 101)
        booth.until(lambda state: bool(state.meters[row][0] > 0.01))
        keys.pull_out()
        state = booth.until(lambda state: state.trouble != "")
        assert state.trouble == "The MIDI keyboard Keys:out was pulled out."
        booth.until(lambda state: bool(state.meters[row][0] < 0.001))
        keys.plug_in()
        booth.until(lambda state: state.trouble == "")
        keys.send(0x90, 64, 101)
        booth.until(lambda state: bool(state.meters[row][0] > 0.01))
        booth.client.close()


def test_a_keyboard_keeps_its_name_wherever_it_is_plugged_in() -> None:
    """ALSA numbers what is plugged in; its `Midi Through` is there without any keyboard."""
    ports = ["Midi Through:Midi Through Port-0 14:0", "Hands 49:Hands 49 MIDI 1 24:0"]
    for name, port in (("", ports[1]), ("Hands 49:Hands 49 MIDI 1 20:0", ports[1]),
                       ("hands", ports[1]), ("midi through", ports[0])):  # fmt: skip
        assert [port for port in ports if is_called(name, port)] == [port]


def test_monitoring_is_heard_only_where_it_is_switched_on(running: Booth) -> None:
    """A loop-back that is monitored would feed itself, so the tape is turned down."""
    row = [track.id for track in running.song.tracks].index(TAPE)
    running.client.audition(KEYS, 60, 120, 2.0)
    running.until(lambda state: state.input_peaks[0] > 0.02)
    assert not running.client.state().meters[row].any()
    running.client.set_parameter(TAPE, "volume", -40.0)
    running.client.ears.set_inputs(Inputs((Source(TAPE, (0, 1), monitor=True),), LOOP_BACK))
    running.client.audition(KEYS, 60, 120, 2.0)
    running.until(lambda state: bool(state.meters[row][0] > 1e-4))
    running.client.ears.set_inputs(Inputs((SOUND,), LOOP_BACK))
    running.client.set_parameter(TAPE, "volume", -6.0)
