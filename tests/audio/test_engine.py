"""A real engine process, on the null device and on PortAudio over JACK."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil
import pytest

from studio.audio.client import EngineClient, EngineState
from studio.audio.device import NULL
from studio.audio.ears import Output
from studio.audio.engine import Engine
from studio.audio.shared import Command, Op, Shared
from studio.domain.project import Project, new_song
from studio.domain.track import TrackId
from studio.media.store import MediaStore
from studio.render.plan import Plan, compile_song, save_plan
from tests.audio import jackd
from tests.audio.capturing import capturing
from tests.audio.songs import BUS, DRUMS, KEYS, TAPE, difficult_song, steady_song
from tests.conftest import ExpectedLog

RATE = 48000
LONGEST_SECONDS = 60.0  # that a busy machine takes to come to something


@dataclass
class Desk:
    """A song, and an engine that plays it."""

    song: Project
    media: MediaStore
    plan: Plan
    client: EngineClient
    folder: Path

    def set_song(self, song: Project) -> None:
        self.plan = compile_song(song, self.media, self.plan)
        self.client.set_plan(self.plan)

    def meter(self, state: EngineState, track: str) -> npt.NDArray[np.float32]:
        """Peaks and RMS of one track."""
        ids = [entry.id for entry in self.plan.tracks]
        found: npt.NDArray[np.float32] = state.meters[ids.index(TrackId(track))]
        return found

    def start(self, device: str = NULL) -> None:
        """Start the engine and play the song from its start."""
        self.client.start(self.folder / "run", device, self.plan.sample_rate)
        self.client.set_plan(self.plan)
        self.play()

    def play(self) -> None:
        self.client.stop()
        until(self.client, lambda state: state.alive and not state.playing)
        self.client.play(0)
        until(self.client, lambda state: state.alive and state.playing and state.frame > 0)


def make_desk(folder: Path) -> Desk:
    media = MediaStore(folder / "media", folder / "cache")
    song = difficult_song(media)
    return Desk(song, media, compile_song(song, media), EngineClient(), folder)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An engine of its own for one test, not started."""
    made = make_desk(tmp_path)
    yield made
    made.client.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One engine on the null device for all tests that leave it as they found it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUTTI_HOME", str(tmp_path_factory.mktemp("home")))
        made = make_desk(tmp_path_factory.mktemp("desk"))
        try:
            made.start()
            yield made
        finally:
            made.client.close()


@pytest.fixture
def playing(running: Desk) -> Desk:
    """The running engine, playing its song from the start."""
    running.client.set_loop(0, None)
    running.set_song(running.song)
    running.play()
    return running


def until(
    client: EngineClient, condition: Callable[[EngineState], bool], seconds: float = LONGEST_SECONDS
) -> EngineState:
    """The first state of which `condition` is true."""
    end = time.monotonic() + seconds
    while not condition(state := client.state()):
        if time.monotonic() > end:
            pytest.fail(f"it never came to that; the last state is {state}")
        time.sleep(0.005)
    return state


# --- the transport ----------------------------------------------------------------------------


def test_playing_moves_the_song_at_its_rate_and_the_meters(playing: Desk) -> None:
    began, first = time.perf_counter(), playing.client.state()
    seen = np.zeros((len(playing.plan.tracks), 4))
    while time.perf_counter() - began < 1.0:
        seen = np.maximum(seen, playing.client.state().meters)
        time.sleep(0.01)
    last, took = playing.client.state(), time.perf_counter() - began
    assert abs(last.frame - first.frame - took * RATE) < 0.25 * RATE
    assert (seen > 1e-4).all(), "every strip of this song sounds in its first seconds"
    assert last.device == NULL
    assert last.silent
    assert last.latency_frames > 0
    assert last.load > 0
    heard = until(playing.client, lambda state: state.integrated_lufs > -70.0)
    assert heard.integrated_lufs < heard.true_peak_db < 0.0


def test_the_position_never_goes_back_while_it_plays(playing: Desk) -> None:
    before = playing.client.state()
    for _ in range(400):
        state = playing.client.state()
        assert state.frame >= before.frame or state.dropouts > before.dropouts
        before = state
        time.sleep(0.001)


def test_seek_loop_and_stop_are_where_they_say(playing: Desk) -> None:
    client = playing.client
    client.seek(200_000)
    until(client, lambda state: 200_000 <= state.frame < 230_000)
    client.set_loop(100_000, 109_999)
    client.seek(100_000)
    until(client, lambda state: 100_000 <= state.frame < 109_999)
    for _ in range(60):
        assert 100_000 <= client.state().frame < 110_000
        time.sleep(0.01)
    client.set_loop(0, None)
    until(client, lambda state: state.frame > 115_000)
    client.stop()
    stopped = until(client, lambda state: not state.playing)
    time.sleep(0.2)
    assert client.state().frame == stopped.frame
    client.play()
    until(client, lambda state: state.playing and 0 < state.frame - stopped.frame < RATE)


def test_a_count_in_comes_before_the_song(playing: Desk) -> None:
    client = playing.client
    client.stop()
    until(client, lambda state: not state.playing and not state.meters.any())
    client.play(96_000, count_in_bars=1)
    state = until(client, lambda state: state.playing)
    time.sleep(0.3)
    assert client.state().frame == state.frame <= 96_000


def test_an_audition_sounds_while_nothing_plays(playing: Desk) -> None:
    client = playing.client
    client.stop()
    until(client, lambda state: not state.playing and not state.meters.any())
    client.audition(DRUMS, 38, 110, 0.2)
    client.audition(TAPE, 60)  # no instrument: nothing happens
    until(client, lambda state: playing.meter(state, DRUMS)[0] > 0.02)
    assert not client.state().playing
    until(client, lambda state: not playing.meter(state, DRUMS).any())


# --- live changes -----------------------------------------------------------------------------


def test_a_fader_moves_what_is_heard_at_once(playing: Desk) -> None:
    client = playing.client
    client.set_loop(0, 96_000)
    until(client, lambda state: playing.meter(state, KEYS)[0] > 0.02)
    client.set_parameter(KEYS, "volume", -120.0)
    until(client, lambda state: not playing.meter(state, KEYS).any())
    assert playing.meter(client.state(), "master")[0] > 0
    client.set_parameter(KEYS, "volume", 0.0)
    until(client, lambda state: playing.meter(state, KEYS)[0] > 0.02)


def test_edits_are_heard_while_the_song_goes_on(playing: Desk) -> None:
    client, song = playing.client, playing.song
    before = client.state()
    for count in range(6):
        kept = song.tracks[: 2 if count % 2 else 3]
        playing.set_song(replace(song, tracks=(*kept, *song.tracks[3:])))
    state = until(client, lambda state: state.plan_version == before.plan_version + 6)
    until(client, lambda state: len(state.meters) == len(playing.plan.tracks) == 4)
    assert before.frame < state.frame < before.frame + 10 * RATE
    until(client, lambda state: playing.meter(state, BUS)[0] > 1e-4)


def test_plans_no_longer_heard_are_cleared_away(playing: Desk) -> None:
    song, plans = playing.song, playing.folder / "run" / "plans"
    for number in range(5):
        moved = replace(song.tracks[0].clips[0], start=number * 960)
        keys = replace(song.tracks[0], clips=(moved,))
        playing.set_song(replace(song, tracks=(keys, *song.tracks[1:])))
    last = playing.client.state().plan_version + 5
    end = time.monotonic() + LONGEST_SECONDS
    while len(list(plans.iterdir())) > 1 + len(song.tracks) and time.monotonic() < end:
        time.sleep(0.05)
    assert len(list(plans.iterdir())) <= 1 + len(song.tracks)
    assert playing.client.state().plan_version <= last
    until(playing.client, lambda state: (plans / str(state.plan_version)).exists())


def test_a_plan_that_cannot_be_read_is_told_and_the_song_plays_on(
    playing: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save_badly(_plan: Plan, path: Path) -> None:
        path.write_text('{"tracks": []', encoding="utf-8")

    with monkeypatch.context() as patch:
        patch.setattr("studio.audio.client.save_plan", save_badly)
        playing.client.set_plan(playing.plan)
    state = until(playing.client, lambda state: state.message != "")
    assert state.playing
    assert "cannot be read" in state.message
    playing.set_song(playing.song)
    until(playing.client, lambda state: state.message == "")


def test_what_is_stopped_falls_silent(desk: Desk) -> None:
    tap, client = desk.folder / "tap.f32", desk.client
    desk.start(f"{NULL}: {tap}")
    until(client, lambda state: state.frame > 20_000)
    client.stop()
    until(client, lambda state: not state.playing and not state.meters.any())
    client.close()
    samples = np.fromfile(tap, np.float32)
    assert np.abs(samples).max() > 0.05
    assert np.abs(samples[-2000:]).max() < 1e-3


def test_what_is_asked_before_the_song_came_holds(desk: Desk) -> None:
    client = desk.client
    client.start(desk.folder / "run", NULL)
    client.set_loop(4_000, 9_000)
    client.seek(4_000)
    client.play()
    client.set_plan(desk.plan)
    until(client, lambda state: state.playing)
    for _ in range(30):
        assert 4_000 <= client.state().frame <= 9_000
        time.sleep(0.01)


def test_a_song_at_another_rate_is_played_at_its_rate(desk: Desk) -> None:
    desk.start()
    desk.client.stop()
    desk.client.set_plan(compile_song(replace(desk.song, sample_rate=44100), desk.media))
    desk.play()
    state = desk.client.state()
    assert state.sample_rate == state.device_rate == 44100


# --- life of the process ----------------------------------------------------------------------


def test_a_killed_engine_is_replaced_by_one_that_plays_on(
    desk: Desk, expected_log: ExpectedLog
) -> None:
    expected_log("engine ended by itself")
    client = desk.client
    desk.start()
    client.set_loop(50_000, 150_000)
    client.seek(60_000)
    client.set_parameter(TAPE, "mute", 1.0)
    before = until(client, lambda state: 60_000 < state.frame < 150_000)
    pid = client.pid
    os.kill(pid, signal.SIGKILL)
    until(client, lambda _state: client.pid != pid)
    after = until(client, lambda state: state.alive and state.playing)
    assert before.frame - 2000 < after.frame < before.frame + 2 * RATE
    for _ in range(50):
        assert 50_000 <= client.state().frame < 150_000
        time.sleep(0.02)
    until(client, lambda state: desk.meter(state, KEYS)[0] > 0.01)
    until(client, lambda state: not desk.meter(state, TAPE).any())


def test_an_engine_that_keeps_ending_is_left_alone_with_a_sentence(
    desk: Desk, expected_log: ExpectedLog
) -> None:
    expected_log("engine ended by itself")
    client = desk.client
    client.start(desk.folder / "run", NULL)
    end = time.monotonic() + LONGEST_SECONDS
    while not client.state().message and time.monotonic() < end:
        if pid := client.pid:  # 0 would be all of us
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
    state = client.state()
    assert "keeps ending" in state.message
    assert not state.alive
    client.set_device(NULL)
    until(client, lambda state: state.alive and not state.message)


def test_the_engine_ends_when_its_pipe_does(tmp_path: Path) -> None:
    shared = Shared.create(tmp_path / "shared")
    words = ["--engine", "--shared", str(tmp_path / "shared"), "--device", NULL]
    process = subprocess.Popen([sys.executable, "-m", "studio", *words], stdin=subprocess.PIPE)
    assert process.stdin is not None
    end = time.monotonic() + LONGEST_SECONDS
    while (read := shared.read()) is None or not read[0].ready:
        assert time.monotonic() < end
        time.sleep(0.01)
    process.stdin.close()
    assert process.wait(LONGEST_SECONDS) == 0


def test_the_engine_does_not_outlive_a_killed_studio(tmp_path: Path) -> None:
    code = (
        "import sys, time, pathlib; from studio.audio.client import EngineClient;"
        f"c = EngineClient(); c.start(pathlib.Path({str(tmp_path / 'run')!r}), {NULL!r});"
        "print(c.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    engine = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    gone, _alive = psutil.wait_procs([engine], LONGEST_SECONDS)
    assert gone == [engine]


def test_the_piano_is_ready_before_it_is_wanted_and_no_plan_waits_for_it(tmp_path: Path) -> None:
    """Its butler's rounds are taken here, beside the null device's own thread."""
    (tmp_path / "plans").mkdir()
    shared = Shared.create(tmp_path / "shared")
    engine = Engine(tmp_path / "shared", NULL, RATE, 256)
    try:
        for version in (1, 2):
            song = compile_song(new_song(), MediaStore(tmp_path / "media"))
            save_plan(song, tmp_path / "plans" / str(version))
            assert shared.put(Command(Op.PLAN, a=version))
        end = time.monotonic() + LONGEST_SECONDS
        while not engine.is_warm:
            assert time.monotonic() < end
            engine.turn()
            state = shared.read()
        assert state is not None
        assert state[0].plan_version == 2
    finally:
        engine.close()


def test_the_engine_holds_neither_qt_nor_torch(desk: Desk) -> None:
    desk.start()
    maps = [entry.path.lower() for entry in psutil.Process(desk.client.pid).memory_maps()]
    assert any("portaudio" in path for path in maps)
    assert not [path for path in maps if "libqt" in path or "pyside" in path or "torch" in path]


# --- devices ----------------------------------------------------------------------------------


def test_a_device_that_is_not_there_is_told_and_replaced(desk: Desk) -> None:
    desk.client.start(desk.folder / "run", "Theremin")
    state = until(desk.client, lambda state: state.alive)
    assert state.silent
    assert "There is no audio device Theremin" in state.message
    assert desk.client.devices()[-1].name == NULL


@contextlib.contextmanager
def jack(folder: Path, sample_rate: int = RATE) -> Iterator[None]:
    """A JACK server; where there can be none, PortAudio has no device, and the test says so."""
    try:
        with jackd.server(folder, sample_rate=sample_rate):
            yield
    except jackd.NoServerError as reason:
        pytest.skip(f"PortAudio has no device here: {reason}")


def test_portaudio_plays_to_jack_and_lists_it(desk: Desk) -> None:
    with jack(desk.folder):
        desk.start("JACK")
        state = desk.client.state()
        with capturing("PortAudio", desk.folder) as captured:
            time.sleep(0.5)
        desk.client.refresh_devices()
        desk.client.close()
    assert state.device == "JACK Audio Connection Kit: system"
    assert not state.silent
    assert state.message == ""
    assert np.abs(captured.samples).max() > 0.02
    listed = desk.client.devices()
    assert listed[0] == Output("JACK Audio Connection Kit: system", 2, RATE, True)


def test_a_device_pulled_out_leaves_the_song_playing_without_sound(desk: Desk) -> None:
    client = desk.client
    with jack(desk.folder):
        desk.start("JACK")
    state = until(client, lambda state: state.silent)
    assert "stopped; playing without sound" in state.message
    until(client, lambda now: now.frame > state.frame)
    with jack(desk.folder):
        client.set_device("JACK")
        back = until(client, lambda state: state.alive and not state.silent and state.playing)
        client.close()
    assert back.frame >= state.frame
    assert back.message == ""


def test_a_device_at_another_rate_is_resampled(desk: Desk) -> None:
    desk.plan = compile_song(steady_song(desk.media, 2, 0, 440, 30), desk.media)
    with jack(desk.folder, 44100):
        desk.start("JACK")
        state = desk.client.state()
        with capturing("PortAudio", desk.folder) as captured:
            time.sleep(1.0)
        desk.client.close()
    assert (state.device_rate, state.sample_rate) == (44100, 48000)
    heard = captured.samples[:, 0]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert abs(spectrum.argmax() * 44100 / len(heard) - 440) < 2


def test_blocks_grow_where_the_device_keeps_missing_them(tmp_path: Path) -> None:
    """On JACK the server decides how often it asks, so this engine is told that it is another."""
    shared = Shared.create(tmp_path / "shared")
    code = (
        "import sys; from studio.audio import device, engine; device._JACK = 'another';"
        "engine.main(sys.argv[1:])"
    )
    words = [sys.executable, "-c", code, "--shared", str(tmp_path / "shared"), "--device", "JACK"]
    with jack(tmp_path):
        process = subprocess.Popen(words, stdin=subprocess.PIPE)
        assert process.stdin is not None
        try:
            _stall_until_blocks_grow(process.pid, shared)
        finally:
            process.stdin.close()
            process.wait()
    assert "Blocks of 512 frames now" in shared.message


def _stall_until_blocks_grow(pid: int, shared: Shared) -> None:
    end = time.monotonic() + LONGEST_SECONDS
    while (read := shared.read()) is None or read[0].block_frames < 512:
        assert time.monotonic() < end, read
        time.sleep(0.2)
        if read is not None and read[0].ready:
            os.kill(pid, signal.SIGSTOP)
            time.sleep(0.04)
            os.kill(pid, signal.SIGCONT)
