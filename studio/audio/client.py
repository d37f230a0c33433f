"""The window's end of the engine: starts the process, sends commands, reads its state.

Nothing here waits for the engine: commands go into a ring in mapped memory, the state is read from
it. A watching thread starts a new engine when one ends by itself, and gives it the same state.
"""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import subprocess
import threading
import time
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from studio.audio.ears import Ears, Output
from studio.audio.monitor import MonitorChoice
from studio.audio.process import DEVICES_FILE, EngineProcess, end, list_devices
from studio.audio.shared import COUNTING_IN, MOVING, Command, Op, Shared, Status
from studio.core.errors import StudioError
from studio.domain.track import TrackId
from studio.render.plan import Plan, plan_files, save_plan

_LOG = logging.getLogger(__name__)

_RESTARTS = 3  # within _RESTART_SECONDS; then the engine is left alone
_RESTART_SECONDS = 20.0
_WATCH_SECONDS = 0.25
_JITTER_FRAMES = 1000


def _no_meters() -> npt.NDArray[np.float32]:
    return np.zeros((0, 4), np.float32)


@dataclass(frozen=True, slots=True)
class EngineState:
    """What is heard now.

    Attributes:
        frame: Song frame that leaves the loudspeaker now, latency taken off.
        playing: Whether the song moves, or counts in.
        counting_in: Whether it counts in.
        meters: Peak left, peak right, RMS left, RMS right of each track of the plan, linear,
            float32 [tracks, 4].
        dropouts: Blocks that the device did not get in time, by its own count.
        late_blocks: Blocks that took longer to make than to play.
        load: 99th percentile of a block's making time, as a fraction of its length.
        latency_frames: From making to hearing, song rate.
        block_frames: Frames the device asks for at a time.
        sample_rate, device_rate: Hz; where they differ, the output is resampled.
        device: Name of the device in use.
        silent: There is no sound: the null device stands in.
        message: What the musician should know of the device, or nothing.
        stream_frame: Frames handed to the device so far; commands are stamped with it.
        plan_version: The plan that is heard.
        alive: The engine answers.
        short_term_lufs: Loudness of the last three seconds; -70 for silence.
        integrated_lufs, true_peak_db: Of all since the song last began to play; -70 and -120 for
            silence.
        inputs_version: The inputs that are listened to.
        input: Name of the input that is open, or nothing.
        input_channels: 1 or 2 while one is open.
        input_peaks: Of its channels, linear.
        input_latency_frames: As the device says.
        recording: Number of the recording under way, or 0.
        ended: Number of the last recording that is whole.
        measured, measured_frames: Number and outcome of the last measurement; -1: nothing came
            back.
        keys: The last keys played on a MIDI input, oldest first: (number, pitch, velocity), where
            velocity 0 lets go.
        trouble: Why nothing, or no more, can be recorded; or nothing.
    """

    frame: int = 0
    playing: bool = False
    counting_in: bool = False
    meters: npt.NDArray[np.float32] = field(default_factory=_no_meters)
    dropouts: int = 0
    late_blocks: int = 0
    load: float = 0.0
    latency_frames: int = 0
    block_frames: int = 0
    sample_rate: int = 0
    device_rate: int = 0
    device: str = ""
    silent: bool = True
    message: str = ""
    stream_frame: int = 0
    plan_version: int = 0
    alive: bool = False
    short_term_lufs: float = -70.0
    integrated_lufs: float = -70.0
    true_peak_db: float = -120.0
    inputs_version: int = 0
    input: str = ""
    input_channels: int = 0
    input_peaks: tuple[float, float] = (0.0, 0.0)
    input_latency_frames: int = 0
    recording: int = 0
    ended: int = 0
    measured: int = 0
    measured_frames: int = 0
    keys: tuple[tuple[int, int, int], ...] = ()
    trouble: str = ""


@dataclass(slots=True)
class _Wanted:
    """What a new engine is told, so that it goes on where the last one ended."""

    plan_version: int = 0
    playing: bool = False
    frame: int = 0
    loop: tuple[int, int] | None = None
    metronome: bool = False
    parameters: dict[tuple[int, int], float] = field(default_factory=dict)


class EngineClient:
    """Starts an engine and speaks with it; of recording, through its `ears`,
    of how the mix is listened to, through its `monitor`.

    Every method may be called from any thread and returns at once, except `set_plan`, which writes
    the tracks that changed and so belongs on a background thread, and `close`.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()  # one writer at a time; never held for long
        self.ears = Ears(self._put, self._lock)
        self.monitor = MonitorChoice(self._put, self._lock)
        self._wanted = _Wanted()
        self._files_lock = threading.Lock()  # plans are written or cleared away
        self._tracks: dict[TrackId, tuple[int, tuple[str, ...]]] = {}  # row, its parameters
        self._engine: EngineProcess | None = None
        self._lister: subprocess.Popen[bytes] | None = None
        self._last = EngineState()
        self._starts: deque[float] = deque(maxlen=_RESTARTS + 1)
        self._number = 0
        self._cleared = 0
        self._failed = ""
        self._outdated = self._closing = False
        self._wake = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="engine watch", daemon=True)

    # -- life ----------------------------------------------------------------------------------
    def start(
        self, run_dir: Path, device: str = "", sample_rate: int = 48000, block_frames: int = 256
    ) -> None:
        """Start the engine; commands may follow at once.

        Args:
            run_dir: Folder for the mapped files; made if need be.
            device: Part of a device's name, or empty for the usual one.
            sample_rate: The song's, Hz.
            block_frames: Frames a block; the engine takes more where the device needs it.
        """
        run_dir.mkdir(parents=True, exist_ok=True)
        (run_dir / "plans").mkdir(exist_ok=True)
        self._run_dir, self._device = run_dir, device
        self.ears.folder = run_dir
        self._sample_rate, self._block_frames = sample_rate, block_frames
        self._launch()
        self._watcher.start()

    def close(self) -> None:
        """End the engine and take its files away."""
        self._closing = True
        self._wake.set()
        if self._watcher.is_alive():
            self._watcher.join()
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.end()
            shutil.rmtree(self._run_dir / "plans", ignore_errors=True)
        if self._lister is not None:
            end(self._lister)

    def set_device(self, name: str = "", block_frames: int = 0) -> None:
        """Go on with another output (or look for the same one again), and another block length."""
        with self._lock:
            self._device = name
            self._block_frames = block_frames or self._block_frames
            self._starts.clear()
            self._failed = ""
            self._start_again()

    def devices(self) -> tuple[Output, ...]:
        """The outputs as last listed, the usual one first; empty until the engine runs."""
        try:
            found = json.loads((self._run_dir / DEVICES_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ()
        return tuple(Output(**entry) for entry in found)

    def refresh_devices(self) -> None:
        """Look again which outputs there are; `devices` tells within a second or so."""
        with self._lock:
            if self._lister is not None and self._lister.poll() is not None:
                end(self._lister)
                self._lister = None
            if self._lister is None:
                self._lister = list_devices(self._run_dir)

    # -- the song ------------------------------------------------------------------------------
    def set_plan(self, plan: Plan) -> int:
        """Write `plan` for the engine and have it heard from the next block on.

        Returns:
            The number by which `EngineState.plan_version` will name it.

        Raises:
            StudioError: The run folder cannot be written.
        """
        with self._files_lock:
            version = self._wanted.plan_version + 1
            _write_plan(plan, _plan_file(self._run_dir, version))
            self._announce(plan, version)
        return version

    def _announce(self, plan: Plan, version: int) -> None:
        with self._lock:
            self._tracks = {t.id: (row, t.parameters) for row, t in enumerate(plan.tracks)}
            self._wanted.plan_version = version
            self._wanted.parameters.clear()
            if plan.sample_rate == self._sample_rate:
                self._put(Command(Op.PLAN, a=version))
            else:
                self._sample_rate = plan.sample_rate
                self._start_again()

    def set_parameter(self, track: TrackId, parameter: str, value: float, at: int = 0) -> None:
        """Move a parameter of a strip (`TrackPlan.parameters`) until the next plan."""
        with self._lock:
            row, known = self._tracks.get(track, (0, ()))
            if parameter in known:
                index = known.index(parameter)
                self._wanted.parameters[row, index] = value
                self._put(Command(Op.PARAMETER, at, a=row, b=index, x=value))

    def audition(
        self, track: TrackId, pitch: int, velocity: int = 100, seconds: float = 0.4
    ) -> None:
        """Let a track's instrument sound one note, whether the song plays or not."""
        with self._lock:
            if track in self._tracks:
                row = self._tracks[track][0]
                self._put(Command(Op.AUDITION, a=row, b=pitch, c=velocity, x=seconds))

    # -- transport -----------------------------------------------------------------------------
    def play(self, frame: int | None = None, at: int = 0, count_in_bars: int = 0) -> None:
        """Play on, or from a song frame; `at` is the stream frame to do it, 0 for at once."""
        with self._lock:
            self._wanted.playing = True
            if frame is not None:
                self._wanted.frame = frame
            self._put(Command(Op.PLAY, at, a=-1 if frame is None else frame, b=count_in_bars))

    def stop(self, at: int = 0) -> None:
        """Stop where the song stands."""
        with self._lock:
            self._wanted.playing = False
            self._put(Command(Op.STOP, at))

    def seek(self, frame: int, at: int = 0) -> None:
        """Go to a song frame, playing on if it played."""
        with self._lock:
            self._wanted.frame = frame
            self._put(Command(Op.SEEK, at, a=frame))

    def set_loop(self, start: int, end: int | None, at: int = 0) -> None:
        """Repeat [start, end) song frames; no end ends it."""
        with self._lock:
            self._wanted.loop = None if end is None else (start, end)
            self._put(Command(Op.LOOP, at, a=start, b=-1 if end is None else end))

    def set_metronome(self, on: bool) -> None:
        """Click on every beat while the song moves, or not."""
        with self._lock:
            self._wanted.metronome = on
            self._put(Command(Op.METRONOME, a=int(on)))

    # -- state ---------------------------------------------------------------------------------
    def state(self) -> EngineState:
        """What is heard now; costs a few microseconds."""
        engine = self._engine
        read = engine.shared.read() if engine is not None else None
        if engine is None or read is None or not read[0].ready:
            silence = np.zeros_like(self._last.meters)
            message = self._failed or self._last.message
            return replace(self._last, alive=False, meters=silence, message=message)
        self._last = self._state(engine.shared, *read)
        return self._last

    def _state(
        self, shared: Shared, status: Status, meters: npt.NDArray[np.float32]
    ) -> EngineState:
        return EngineState(
            frame=self._heard(status),
            playing=bool(status.playing),
            counting_in=status.playing == COUNTING_IN,
            meters=meters,
            dropouts=status.dropouts,
            late_blocks=status.late_blocks,
            load=status.load,
            latency_frames=status.latency_frames,
            block_frames=status.block_frames,
            sample_rate=self._sample_rate,
            device_rate=status.device_rate,
            device=shared.device,
            silent=bool(status.silent),
            message=self._failed or shared.message,
            stream_frame=status.stream_frame,
            plan_version=status.plan_version,
            alive=not self._failed,
            short_term_lufs=status.short_term_lufs,
            integrated_lufs=status.integrated_lufs,
            true_peak_db=status.true_peak_db,
            inputs_version=status.inputs_version,
            input=shared.input,
            input_channels=status.input_channels,
            input_peaks=(status.input_left, status.input_right),
            input_latency_frames=status.input_latency_frames,
            recording=status.recording,
            ended=status.ended,
            measured=status.measured,
            measured_frames=status.measured_frames,
            keys=shared.last_keys(),
            trouble=shared.trouble,
        )

    def _heard(self, status: Status) -> int:
        """The song frame heard now, from that of the last block and the time since.

        Blocks do not come quite evenly; what looks like a small step back is none.
        """
        if status.playing != MOVING:
            return status.heard_frame
        passed = (time.perf_counter_ns() - status.clock_ns) * self._sample_rate // 1_000_000_000
        frame = status.heard_frame + min(passed, 2 * status.block_frames)
        if (loop := self._wanted.loop) is not None and status.heard_frame < loop[1] <= frame:
            frame -= loop[1] - loop[0]
        before = self._last.frame
        return before if 0 < before - frame < _JITTER_FRAMES else frame

    @property
    def pid(self) -> int:
        """The engine's process id, 0 before it was started."""
        engine = self._engine
        return engine.pid if engine is not None else 0

    def has_ended(self, pid: int) -> bool:
        """Whether the engine of that process id, one of this client's, is no more."""
        engine = self._engine
        return engine is not None and (engine.pid != pid or engine.has_ended)

    # -- the process ---------------------------------------------------------------------------
    def _launch(self) -> None:
        """Start an engine and tell it all that is wanted."""
        self._number += 1
        self._starts.append(time.monotonic())
        self._engine = EngineProcess(
            self._run_dir, self._number, self._device, self._sample_rate, self._block_frames
        )
        wanted = self._wanted
        if wanted.plan_version:
            self._put(Command(Op.PLAN, a=wanted.plan_version))
        if wanted.metronome:
            self._put(Command(Op.METRONOME, a=1))
        self.monitor.tell()
        if wanted.loop is not None:
            self._put(Command(Op.LOOP, a=wanted.loop[0], b=wanted.loop[1]))
        if self.ears.version:
            self._put(Command(Op.INPUTS, a=self.ears.version))
        for (row, index), value in wanted.parameters.items():
            self._put(Command(Op.PARAMETER, a=row, b=index, x=value))
        self._put(Command(Op.SEEK, a=wanted.frame))
        if wanted.playing:
            self._put(Command(Op.PLAY, a=-1))

    def _put(self, command: Command) -> None:
        engine = self._engine
        if engine is not None and not engine.shared.put(command):
            _LOG.error("The audio engine does not take its commands; %s is lost.", command.op.name)

    def _start_again(self) -> None:
        """Have the watching thread replace the engine by one that is told what is wanted now."""
        self._outdated = True
        self._wake.set()

    def _watch(self) -> None:
        while not self._closing:
            self._wake.wait(_WATCH_SECONDS)
            self._wake.clear()
            if self._must_replace() and not self._closing:
                self._replace()
            self._drop_old_plans()

    def _must_replace(self) -> bool:
        if self._outdated:
            return True
        if self._failed or self._engine is None or not self._engine.is_dead:
            return False
        now = time.monotonic()
        if len(self._starts) > _RESTARTS and now - self._starts[0] < _RESTART_SECONDS:
            self._failed = "The audio engine keeps ending; choose an audio device to try again."
            return False
        _LOG.warning("The audio engine ended by itself; starting it again.")
        return True

    def _replace(self) -> None:
        """End the engine, and start one that goes on from what was heard last."""
        with self._lock:
            state = self.state()
            if state.plan_version:
                self._wanted.frame = state.frame
            engine, self._engine = self._engine, None
        if engine is not None:
            engine.end()
        with self._lock:
            self._outdated = False
            self._launch()

    # -- files ---------------------------------------------------------------------------------
    def _drop_old_plans(self) -> None:
        """Take away what only plans needed that no engine reads any more."""
        heard = self.state().plan_version
        with self._files_lock:
            current = _plan_file(self._run_dir, self._wanted.plan_version)
            if heard != self._wanted.plan_version or heard == self._cleared:
                return
            self._cleared = heard
            try:
                keep = plan_files(current)
            except ValueError:  # the engine has told of it
                return
            for path in current.parent.iterdir():
                if path.name not in keep:
                    with contextlib.suppress(OSError):  # Windows: still mapped
                        path.unlink()


def _plan_file(run_dir: Path, version: int) -> Path:
    return run_dir / "plans" / str(version)


def _write_plan(plan: Plan, path: Path) -> None:
    try:
        save_plan(plan, path)
    except OSError as error:
        raise StudioError(
            f"The song could not be handed to the audio engine: {error.strerror}.",
            f"Make room on the disk that holds {path.parent}.",
        ) from error
