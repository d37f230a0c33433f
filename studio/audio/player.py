"""The body of the audio callback: takes commands, moves the transport, publishes what is heard.

It runs on the device's thread, so it makes no large arrays, opens no file and waits for nothing.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studio.audio.hearing import Hearing
from studio.audio.latency import Probe
from studio.audio.monitor import Monitor
from studio.audio.recorder import Recorder
from studio.audio.shared import COUNTING_IN, MOVING, STRIPS, Command, Meters, Op, Shared, Status
from studio.domain.track import SILENT_DB
from studio.render.graph import Graph
from studio.render.live import Live, LiveInstrument, Message
from studio.render.plan import TrackPlan
from studio.render.transport import SHORTEST_LOOP_FRAMES, Transport

_HOLD_SECONDS = 2.0  # a plan that takes longer to load is no longer waited for
_PEAK_FALL_DB = 40.0  # a second: slow enough to be read, quick enough that a stop is seen
_RMS_SECONDS = 0.3
_INAUDIBLE = 10 ** (-72 / 20)  # a meter shows nothing below
_MARKS = 1024
RECENT_FRAMES = 2**17
SILENT_LUFS = -70.0
_LOADS = 1024
_FOLLOWING = 0.001  # a block: the mean of a few seconds
_FOR_BUTLER = (Op.PLAN, Op.INPUTS, Op.RECORD, Op.MEASURE)
_SPEAK_OF_PLAN = (Op.PLAY, Op.PARAMETER, Op.AUDITION)


@dataclass(frozen=True, slots=True)
class Running:
    """What the player must know of the device that calls it."""

    latency_frames: int = 0
    block_frames: int = 0
    device_rate: int = 0
    silent: bool = False
    input_latency_frames: int = 0


class Player:
    """Fills blocks at the song's rate, and says in shared memory what is heard.

    A command that speaks of the plan waits for the plan announced before it, and holds those that
    follow. `wake` is called when there is a plan to be loaded.

    Attributes:
        stream_frame: Frames made so far.
        wanted_version: The plan asked for last.
        plan_version: The plan that is heard.
        running: The device in use.
        loads: Making times of the last blocks, as fractions of their length.
        load: As published.
        recent: The last frames made, float32 [RECENT_FRAMES, 2]; frame n lies at n % RECENT_FRAMES.
        short_term_lufs, integrated_lufs, true_peak_db: As published.
        hearing: What comes in.
        wanted_inputs, wanted_recording, wanted_measurement: What was asked for last.
        inputs_version, recording, ended, measured, measured_frames: As published.
        recorder: Of the recording under way.
        probe: Of the measurement under way.
    """

    def __init__(self, shared: Shared, sample_rate: int, wake: Callable[[], None]) -> None:
        self.stream_frame = 0
        self.wanted_version = self.plan_version = 0
        self.dropouts = self.late_blocks = 0
        self.running = Running()
        self.loads = np.zeros(_LOADS)
        self.load = 0.0
        self.recent = np.zeros((RECENT_FRAMES, 2), np.float32)
        self.short_term_lufs = self.integrated_lufs = SILENT_LUFS
        self.true_peak_db = SILENT_DB
        self.transport: Transport | None = None
        self.hearing = Hearing(sample_rate)
        self._monitor = Monitor(sample_rate)
        self._offset = 0.0
        self._compared = 0  # blocks of the input that is open
        self.wanted_inputs = self.wanted_recording = self.wanted_measurement = 0
        self.inputs_version = self.recording = self.ended = 0
        self.measured = self.measured_frames = 0
        self.recorder: Recorder | None = None
        self.probe: Probe | None = None
        self._live: tuple[Live, ...] = ()
        self._live_offer: tuple[Live, ...] = ()
        self._keys: deque[tuple[int, Message]] = deque()  # what came, and when
        self._began = 0  # `time.perf_counter_ns()` of the block being made
        self._shared = shared
        self._sample_rate = sample_rate
        self._wake = wake
        self._offer: tuple[Transport | Graph | None, int] | None = None
        self._tracks: tuple[TrackPlan, ...] = ()
        self._blocks = 0
        self._held: deque[Command] = deque()
        self._settled = 0  # stream frame from which on a missed block is told of
        self._clock_start = 0  # the stream frame at which the transport's clock began
        self._hold_until = -1
        self._marks = [(0, 0, 0)] * _MARKS  # stream frame, song frame, playing: one a block
        self._meters = np.zeros((STRIPS, 4), np.float32)
        self._levels = np.zeros((STRIPS, 4), np.float32)
        self._strips = 0

    def fill(self, out: npt.NDArray[np.float32], missed: bool) -> None:
        """Make the next block, float32 [frames, 2]; `missed`: the device went without one."""
        began, start = time.perf_counter_ns(), self.stream_frame
        self._began = began
        self.dropouts += missed and start > self._settled
        self._compare(self.hearing.count - start - len(out))
        self._take_offer()
        self._obey()
        self._take_keys(start)
        self._make(out)
        self._remember(out, start)
        self._monitor.process(out)
        self._count(len(out), time.perf_counter_ns() - began)
        self._publish(began, start)
        self._blocks += 1

    def use(self, running: Running) -> None:
        """From another thread: the device from now on; its first blocks come unevenly."""
        self._settled = self.stream_frame + self._sample_rate
        self.running = running

    # -- what comes in -------------------------------------------------------------------------
    def hear(self, block: npt.NDArray[np.float32], missed: bool) -> None:
        """Take in what was heard, float32 [frames, channels], before the block of that time."""
        self.hearing.take(block, missed)

    def press(self, message: Message, clock_ns: int) -> None:
        """From another thread: a MIDI message that came at that time."""
        self._keys.append((clock_ns, message))

    def offer_live(self, live: tuple[Live, ...]) -> None:
        """From another thread: what sounds beside the song from the next block on."""
        self._live_offer = live

    @property
    def live(self) -> tuple[Live, ...]:
        """What sounds beside the song; what was there before may be closed once this changed."""
        return self._live

    @property
    def latencies(self) -> tuple[int, int, int]:
        """Out, in and of the mixer, frames."""
        own = self.transport.mixer.latency if self.transport is not None else 0
        return self.running.latency_frames, self.running.input_latency_frames, own

    @property
    def offset(self) -> int:
        """What to add to a stream frame for the frame of `hearing` that came in with it."""
        return round(self._offset)

    def _compare(self, offset: int) -> None:
        """Follow the two clocks; in one stream at one rate they never part.

        Where rates are converted, blocks come in and go out unevenly: only the mean tells.
        """
        if not self.hearing.channels:
            self._compared = 0
        else:
            self._compared += 1
            self._offset += (offset - self._offset) * max(1 / self._compared, _FOLLOWING)

    @property
    def clock_start(self) -> int:
        """The stream frame at which the transport's clock began."""
        return self._clock_start

    def _take_keys(self, start: int) -> None:
        """Let the armed instruments sound what was played since the last block."""
        while self._keys:
            clock_ns, message = self._keys.popleft()
            if len(message) == 3 and message[0] & 0xE0 == 0x80:  # note on or note off
                is_on = message[0] & 0x10
                self._shared.note_key(message[1], message[2] if is_on else 0)
            for live in self._live:
                if isinstance(live, LiveInstrument):
                    live.play(message)
            if (recorder := self.recorder) is not None:  # the butler may take it away meanwhile
                ago = (self._began - clock_ns) * self._sample_rate // 1_000_000_000
                recorder.note("midi", start - ago, *message)

    # -- plans ---------------------------------------------------------------------------------
    def offer(self, song: Transport | Graph | None, version: int) -> None:
        """From another thread: what to play from the next block on; None if it cannot be had."""
        self._offer = (song, version)

    @property
    def is_offered(self) -> bool:
        """What was offered has not been taken yet."""
        return self._offer is not None

    def _take_offer(self) -> None:
        if (live := self._live_offer) is not self._live and self.transport is not None:
            self._live = live
            self.transport.mixer.set_live(live)
        if self._offer is None:
            return
        (song, version), self._offer = self._offer, None
        if isinstance(song, Transport):
            self.transport = song
            self._clock_start = self.stream_frame
            self._tracks = song.mixer.plan.tracks
        elif song is not None and self.transport is not None:
            self.transport.set_plan(song)
            self._tracks = song.plan.tracks
        self.plan_version = version

    # -- a block -------------------------------------------------------------------------------
    def _obey(self) -> None:
        """Hand on the commands that have come; the transport does each at its stream frame."""
        while (command := self._shared.peek()) is not None:
            if command.op in _FOR_BUTLER:
                self._want(command)
                self._wake()
            elif command.op is Op.MONITOR:
                self._monitor.choose(bool(command.a), bool(command.b))
            else:
                self._held.append(command)
            self._shared.take()
        while self._held and self.transport is not None and not self._must_wait(self._held[0]):
            self._hand_on(self.transport, self._held.popleft())

    def _want(self, command: Command) -> None:
        """Leave to the butler what is slow."""
        if command.op is Op.PLAN:
            self.wanted_version = command.a
        elif command.op is Op.INPUTS:
            self.wanted_inputs = command.a
        elif command.op is Op.RECORD:
            self.wanted_recording = command.a
        else:
            self.wanted_measurement = command.a

    def _must_wait(self, command: Command) -> bool:
        if command.op not in _SPEAK_OF_PLAN or self.plan_version == self.wanted_version:
            self._hold_until = -1
            return False
        if self._hold_until < 0:
            self._hold_until = self.stream_frame + round(_HOLD_SECONDS * self._sample_rate)
        return self.stream_frame < self._hold_until

    def _hand_on(self, transport: Transport, command: Command) -> None:
        op, a, b = command.op, command.a, command.b
        at = command.at - self._clock_start if command.at else None
        if op is Op.PLAY:
            if a >= 0:
                transport.seek(a, at)
            transport.play(at, b)
        elif op is Op.STOP:
            transport.stop(at)
        elif op is Op.SEEK:
            transport.seek(a, at)
        elif op is Op.LOOP:
            transport.set_loop(a, b if b - a >= SHORTEST_LOOP_FRAMES else None, at)
        elif op is Op.METRONOME:
            transport.set_metronome(bool(a), at)
        elif op is Op.AUDITION:
            transport.audition(a, b, command.c, round(command.x * self._sample_rate), at)
        elif op is Op.PARAMETER and a < len(self._tracks):
            names = self._tracks[a].parameters
            if b < len(names):
                transport.set_parameter(a, names[b], command.x, at)

    def _make(self, out: npt.NDArray[np.float32]) -> None:
        if self.transport is None:
            out[:] = 0.0
            self.stream_frame += len(out)
            return
        transport = self.transport
        state = MOVING if transport.playing else COUNTING_IN if transport.counting_in else 0
        self._marks[self._blocks % _MARKS] = (self.stream_frame, transport.frame, state)
        transport.process(out)
        if (probe := self.probe) is not None:
            probe.add(out, self.stream_frame)
        self.stream_frame += len(out)

    def _remember(self, out: npt.NDArray[np.float32], start: int) -> None:
        """Leave the block where the butler can measure it."""
        at = start % RECENT_FRAMES
        first = min(len(out), RECENT_FRAMES - at)
        self.recent[at : at + first] = out[:first]
        self.recent[: len(out) - first] = out[first:]

    # -- what is said of it --------------------------------------------------------------------
    def _count(self, frames: int, nanoseconds: int) -> None:
        load = nanoseconds * self._sample_rate / (frames * 1e9)
        self.loads[self._blocks % _LOADS] = load
        self.late_blocks += load > 1.0
        self._meter(frames)

    def _meter(self, frames: int) -> None:
        """Let the meters fall, and rise to what this block held."""
        if self.transport is None:
            return
        mixer, seconds = self.transport.mixer, frames / self._sample_rate
        strips = self._strips = min(len(mixer.plan.tracks), STRIPS)
        shown, levels = self._meters[:strips], self._levels[:strips]
        mixer.take_levels(levels)
        shown[:, :2] *= 10.0 ** (-_PEAK_FALL_DB * seconds / 20.0)
        np.maximum(shown[:, :2], levels[:, :2], out=shown[:, :2])
        np.square(shown[:, 2:], out=shown[:, 2:])  # shown as amplitude, averaged as power
        np.square(levels[:, 2:], out=levels[:, 2:])
        shown[:, 2:] += (levels[:, 2:] - shown[:, 2:]) * min(seconds / _RMS_SECONDS, 1.0)
        np.sqrt(shown[:, 2:], out=shown[:, 2:])
        shown[shown < _INAUDIBLE] = 0.0

    def _publish(self, began: int, start: int) -> None:
        latency = self._latency()
        heard, playing = self._at(start - latency)
        self._shared.publish(
            Status(
                ready=self.running.block_frames > 0,
                clock_ns=began,
                stream_frame=self.stream_frame,
                heard_frame=heard,
                playing=playing,
                plan_version=self.plan_version,
                dropouts=self.dropouts,
                late_blocks=self.late_blocks,
                load=self.load,
                latency_frames=latency,
                block_frames=self.running.block_frames,
                device_rate=self.running.device_rate,
                silent=self.running.silent,
                strips=self._strips,
                short_term_lufs=self.short_term_lufs,
                integrated_lufs=self.integrated_lufs,
                true_peak_db=self.true_peak_db,
                inputs_version=self.inputs_version,
                input_channels=self.hearing.channels,
                input_latency_frames=self.running.input_latency_frames,
                input_left=float(self.hearing.peaks[0]),
                input_right=float(self.hearing.peaks[1]),
                recording=self.recording,
                ended=self.ended,
                measured=self.measured,
                measured_frames=self.measured_frames,
            ),
            self._write_meters,
        )

    def _latency(self) -> int:
        own = self.transport.mixer.latency if self.transport is not None else 0
        return self.running.latency_frames + own

    def _at(self, stream_frame: int) -> tuple[int, int]:
        """Where the song was at a stream frame of late, and whether it ran."""
        for back in range(min(self._blocks + 1, _MARKS)):
            stream, song, playing = self._marks[(self._blocks - back) % _MARKS]
            if stream <= stream_frame:
                break
        if playing != MOVING:
            return song, playing
        frame = song + max(stream_frame - stream, 0)
        loop = self.transport.loop if self.transport is not None else None
        if loop is not None and song < loop[1] <= frame:
            frame -= loop[1] - loop[0]
        return frame, playing

    def _write_meters(self, meters: Meters) -> None:
        meters[: self._strips] = self._meters[: self._strips]
