"""Hearing the song: what the engine plays, where it is, and how loud each strip is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Signal

from studio.audio.client import EngineClient, EngineState
from studio.core.errors import StudioError
from studio.domain.project import Project
from studio.domain.tempo import TempoMap
from studio.domain.track import TrackId
from studio.jobs.queue import Context, Lane, Queue
from studio.media.store import MediaStore
from studio.render.plan import Plan, compile_song
from studio.workspace.song import Song

POLL_MS = 16
_LONGEST_WAIT = 60  # polls until a plan that was taken over is surely heard
_SILENCE: npt.NDArray[np.float32] = np.zeros(4, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class CompilePlan:
    """Turn a song into what the engine plays, and hand it over; the plan and its number there."""

    project: Project
    media: MediaStore
    previous: Plan | None
    engine: EngineClient
    title: ClassVar[str] = "Prepare playback"
    lane: ClassVar[Lane] = Lane.CPU

    def run(self, context: Context) -> tuple[Plan, int]:
        plan = compile_song(self.project, self.media, self.previous, partly=True)
        context.check_cancelled()
        return plan, self.engine.set_plan(plan)


class Playback(QObject):
    """The transport as the window knows it. Positions are song ticks.

    Signals:
        playing_changed(): It started or stopped.
        moved(): The position is another one (60 times a second while playing).
        loop_changed(): The loop, or whether it is on.
        metronome_changed(): The click was switched.
        meters_changed(): New meter values (60 times a second while anything sounds).
        key_played(pitch, velocity): A key of a MIDI input went down, or (velocity 0) up.
        device_changed(): Another device, latency or sentence about it.
        failed(StudioError): The song, or a recording in it, could not be made ready to be heard.
    """

    playing_changed = Signal()
    moved = Signal()
    loop_changed = Signal()
    metronome_changed = Signal()
    meters_changed = Signal()
    key_played = Signal(int, int)
    device_changed = Signal()
    failed = Signal(object)

    def __init__(
        self,
        song: Song,
        jobs: Queue,
        engine: EngineClient,
        media: Callable[[], MediaStore],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._song, self._jobs, self._engine, self._media = song, jobs, engine, media
        self._state = EngineState()
        self._plan: Plan | None = None
        self._rows: dict[TrackId, int] = {}
        self._told: frozenset[str] = frozenset()  # what is not heard, as the window knows
        self._compiling = False
        self._stale = False
        self._preview: Project | None = None
        self._written = (0, 0)  # of the preview: up to which tick, and where that will end
        self._waiting = False  # for more of it to be written
        self._loop: tuple[int, int] | None = None
        self._loop_on = False
        self._metronome = False
        self._asked_tick = 0
        self._followed = False  # until a stop was asked for, the position is where it is heard
        self._tempo = song.project.tempo  # of the plan that is heard
        self._coming: dict[int, TempoMap] = {}  # of plans handed over, by their numbers
        self._waited = 0
        self._begun = False  # the engine has a plan
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)
        song.changed.connect(self._on_song_changed)
        song.replaced.connect(self._on_song_replaced)

    def start(self) -> None:
        """Begin to listen to the engine and send it the song."""
        self._timer.start()
        self._refresh()

    def close(self) -> None:
        self._timer.stop()

    # -- looking ------------------------------------------------------------------------------
    @property
    def playing(self) -> bool:
        return self._state.playing

    @property
    def goes_on(self) -> bool:
        """Whether it plays and was not asked to stop, which is heard a moment later."""
        return self.playing and self._followed

    @property
    def position_tick(self) -> int:
        """What is heard now (what would be, while stopped)."""
        if not self.goes_on:
            return self._asked_tick
        return self._tick(self._state.frame)

    @property
    def counting_in(self) -> bool:
        """Whether bars are counted before the song moves."""
        return self._state.counting_in

    @property
    def loop(self) -> tuple[int, int] | None:
        return self._loop

    @property
    def loop_on(self) -> bool:
        return self._loop_on

    @property
    def metronome(self) -> bool:
        return self._metronome

    @property
    def state(self) -> EngineState:
        """Device, dropouts, latency and load, as the engine last said."""
        return self._state

    def meter(self, track: TrackId) -> npt.NDArray[np.float32]:
        """Peak left, peak right, RMS left, RMS right, linear, shape [4]."""
        row = self._rows.get(track, -1)
        if not 0 <= row < len(self._state.meters):
            return _SILENCE
        values: npt.NDArray[np.float32] = self._state.meters[row]
        return values

    # -- transport ----------------------------------------------------------------------------
    def toggle(self) -> None:
        if self.goes_on:
            self.stop()
        else:
            self.play()

    def play(self, count_in_bars: int = 0) -> None:
        self._followed, self._waiting = True, False
        self._engine.seek(self.frame_of(self._asked_tick))
        self._engine.play(count_in_bars=count_in_bars)

    def stop(self) -> None:
        """Stop, and stay where it was heard last."""
        self._asked_tick = self.position_tick
        self._followed = self._waiting = False
        self._engine.stop()
        self.moved.emit()

    def seek(self, tick: int) -> None:
        self._asked_tick, self._waiting = max(tick, 0), False
        self._engine.seek(self.frame_of(self._asked_tick))
        self.moved.emit()

    def set_loop(self, loop: tuple[int, int] | None, on: bool | None = None) -> None:
        """Set the loop's range in ticks, and whether it is used (by default, if there is one)."""
        if loop is not None and loop[0] >= loop[1]:
            loop = None
        self._loop = loop
        self._loop_on = (loop is not None) if on is None else (on and loop is not None)
        self._send_loop()
        self.loop_changed.emit()

    def set_metronome(self, on: bool) -> None:
        self._metronome = on
        self._engine.set_metronome(on)
        self.metronome_changed.emit()

    def audition(
        self, track: TrackId, pitch: int, velocity: int = 90, seconds: float = 0.4
    ) -> None:
        """Sound a note at once, playing or not."""
        self._engine.audition(track, pitch, velocity, seconds)

    def set_live(self, track: TrackId, parameter: str, value: float) -> None:
        """Move a fader's sound before its edit: `volume` (dB), `pan`, or `send:<bus>` (dB)."""
        self._engine.set_parameter(track, parameter, value)

    def set_preview(self, project: Project | None, written: tuple[int, int] = (0, 0)) -> None:
        """Hear `project` in place of the song while a model writes; None ends that.

        Args:
            written: Up to which tick it is written, and up to which it will be. Playing waits
                there where the song goes no further.
        """
        self._written = written if project is not None else (0, 0)
        if project is not self._preview:
            self._preview = project
            self._refresh()

    def reload(self) -> None:
        """Compile everything anew: the song's recordings lie in another folder now."""
        self._plan, self._told = None, frozenset()
        self._refresh()

    # -- keeping the engine up to date --------------------------------------------------------
    def _refresh(self) -> None:
        """Compile what changed, one compilation at a time; the last song wins."""
        if not self._timer.isActive():
            return  # there is no engine yet; `start` comes back here
        if self._compiling:
            self._stale = True
            return
        project = self._preview or self._song.project
        work = CompilePlan(project, self._media(), self._plan, self._engine)
        self._compiling, self._stale = True, False
        self._jobs.submit(work, on_done=self._on_compiled, on_failed=self._on_compile_failed)

    def _on_compiled(self, made: tuple[Plan, int]) -> None:
        plan, version = made
        self._plan = plan
        self._coming[version] = plan.tempo
        self._rows = {track.id: row for row, track in enumerate(plan.tracks)}
        self._compiling = False
        self._tell(plan.problems)
        if self._stale:
            self._refresh()

    def _tell(self, problems: Sequence[StudioError]) -> None:
        """Say what is not heard, once as long as it lasts."""
        told, self._told = self._told, frozenset(map(str, problems))
        fresh = [error for error in problems if str(error) not in told]
        if len(fresh) > 1:
            names = " ".join(error.message for error in fresh)
            self.failed.emit(StudioError(f"{len(fresh)} recordings are not heard.", names))
        elif fresh:
            self.failed.emit(fresh[0])

    def _on_compile_failed(self, error: StudioError) -> None:
        self._compiling = False
        if self._stale:
            self._refresh()
        else:
            self.failed.emit(error)

    def _retime(self, before: EngineState) -> None:
        """Count frames by the tempo of the plan that is heard, from when its frames are heard.

        The engine goes on in the same bar, so the tempo by which less is skipped is the right one;
        what is on its way to the loudspeaker still counts by the one before.
        """
        version = self._state.plan_version
        coming = self._coming.get(version)
        if coming is None:
            return
        if version != before.plan_version:
            self._waited = 0
        frame, tick = self._state.frame, self._tick(before.frame)
        skipped = abs(coming.tick_of_frame(frame, self._song.project.sample_rate) - tick)
        self._waited += 1
        moves = self.playing and self._waited < _LONGEST_WAIT
        if moves and skipped > abs(self._tick(frame) - tick):
            return
        before_tempo, self._tempo = self._tempo, coming
        self._coming = {number: tempo for number, tempo in self._coming.items() if number > version}
        if self._tempo != before_tempo:
            self._send_loop()
        if not self._begun:  # before its first plan the engine knows frames, not bars
            self._begun = True
            self._engine.seek(self.frame_of(self._asked_tick))

    def _on_song_changed(self, found: object, origin: object) -> None:
        self._refresh()

    def _on_song_replaced(self) -> None:
        self._plan, self._preview, self._told = None, None, frozenset()
        self._followed = False
        self._engine.stop()
        self.set_loop(None)
        self.seek(0)

    def _send_loop(self) -> None:
        if self._loop is not None and self._loop_on:
            self._engine.set_loop(self.frame_of(self._loop[0]), self.frame_of(self._loop[1]))
        else:
            self._engine.set_loop(0, None)

    def _keep_behind(self) -> None:
        """Stay behind what is being written, and go on once there is more or all of it."""
        until, end = self._written
        until = max(until, self._song.project.end)
        if self._waiting and until > self._asked_tick:
            self.play()
        elif self._waiting and until >= end:
            self._waiting = False  # nothing more comes
        elif self.playing and until <= self.position_tick < end:
            self.stop()
            self._asked_tick, self._waiting = until, True

    def _poll(self) -> None:
        before, self._state = self._state, self._engine.state()
        now = self._state
        self._retime(before)
        self._keep_behind()
        if now.playing != before.playing:
            if not now.playing and self._followed:
                self._asked_tick = self._tick(before.frame)
            self.playing_changed.emit()
        if now.playing and now.frame != before.frame:
            self.moved.emit()
        if _sounds(now) or _sounds(before):
            self.meters_changed.emit()
        for pitch, velocity in _fresh_keys(before, now):
            self.key_played.emit(pitch, velocity)
        if _device(now) != _device(before):
            self.device_changed.emit()

    def frame_of(self, tick: int) -> int:
        """The song frame at which a tick is heard."""
        return self._tempo.frame(tick, self._song.project.sample_rate)

    def _tick(self, frame: int) -> int:
        return self._tempo.tick_of_frame(max(frame, 0), self._song.project.sample_rate)


def _sounds(state: EngineState) -> bool:
    heard = any(state.input_peaks)
    return heard or (bool(len(state.meters)) and bool(state.meters.any()))


def _fresh_keys(before: EngineState, now: EngineState) -> list[tuple[int, int]]:
    """Keys that one state tells of and the one before did not; a new engine counts anew."""
    known = before.keys[-1][0] if before.keys else 0
    last = now.keys[-1][0] if now.keys else 0
    known = known if last >= known else 0
    return [(pitch, velocity) for number, pitch, velocity in now.keys if number > known]


def _device(state: EngineState) -> tuple[object, ...]:
    return (state.device, state.latency_frames, state.dropouts, state.message, state.alive)
