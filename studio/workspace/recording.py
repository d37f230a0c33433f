"""Recording: which tracks are armed, what they listen to, and taking what came into the song."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from studio.audio.client import EngineClient, EngineState
from studio.audio.inputs import Inputs, Source
from studio.core.errors import StudioError
from studio.core.settings import Settings
from studio.domain.track import Track, TrackId, TrackKind
from studio.jobs.queue import Queue
from studio.media import recorded
from studio.media.recorded import Outline, RecordedTrack, Wish
from studio.workspace.files import Files
from studio.workspace.landing import BeginRecording, Landed, LandRecording, RemoveRecorded
from studio.workspace.playback import Playback
from studio.workspace.selection import Selection
from studio.workspace.song import Song

MONO_1, MONO_2, STEREO = (0,), (1,), (0, 1)
POLL_MS = 33
_ENGINE_POLLS = 90  # until one that does not answer is taken for ended
_RECORDABLE = (TrackKind.AUDIO, TrackKind.INSTRUMENT)


class State(StrEnum):
    """What the record button shows."""

    IDLE = "idle"
    STARTING = "starting"
    COUNTING_IN = "counting"
    RECORDING = "recording"


@dataclass(frozen=True, slots=True)
class TrackInput:
    """What an audio track hears; not a part of the song.

    Attributes:
        channels: `MONO_1`, `MONO_2` or `STEREO`.
        monitor: Whether it is heard while armed; off at first, for loudspeakers would howl.
    """

    channels: tuple[int, ...] = MONO_1
    monitor: bool = False


@dataclass
class _Take:
    """The recording under way."""

    folder: Path
    number: int
    wish: Wish
    outlines: dict[TrackId, Outline]
    start_tick: int
    moved: bool = False  # the song ran since
    silent_polls: int = 0  # the engine did not answer


class Recording(QObject):
    """Arms tracks, records, and puts what came where it was heard, as one step.

    Signals:
        changed(): What is armed, how it is heard, or the state.
        grew(): More was recorded (about 30 times a second).
        failed(StudioError): Nothing, or no more, is recorded; what was, is kept.
        noted(message, hint): Something the musician should know.
    """

    changed = Signal()
    grew = Signal()
    failed = Signal(object)
    noted = Signal(str, str)

    def __init__(
        self,
        song: Song,
        selection: Selection,
        files: Files,
        playback: Playback,
        jobs: Queue,
        engine: EngineClient,
        settings: Callable[[], Settings],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._song, self._selection, self._files = song, selection, files
        self._playback, self._jobs, self._engine = playback, jobs, engine
        self._settings = settings
        self._armed: tuple[TrackId, ...] = ()
        self._inputs: dict[TrackId, TrackInput] = {}
        self._state = State.IDLE
        self._punch = False
        self._take: _Take | None = None
        self._told = ""  # the engine's trouble, as the musician knows it
        self._sent = Inputs()
        self._version = 0  # of what was sent
        self._asked = False  # for a folder to record into
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)
        song.changed.connect(self._on_song_changed)
        song.replaced.connect(self._on_song_replaced)
        files.leaving.connect(self.stop)
        files.opened.connect(self._recover)

    def close(self) -> None:
        """The studio ends; what is being recorded is found again at the next start."""
        self._timer.stop()

    # -- looking ------------------------------------------------------------------------------
    @property
    def state(self) -> State:
        return self._state

    @property
    def punch(self) -> bool:
        """Whether only the loop's range is kept."""
        return self._punch

    def is_armed(self, track: TrackId) -> bool:
        return track in self._armed

    def input_of(self, track: TrackId) -> TrackInput:
        return self._inputs.get(track, TrackInput())

    def level(self, track: TrackId) -> float:
        """The peak of what an armed track hears, linear."""
        found = self._song.project.find_track(track)
        if found is None or found.kind is not TrackKind.AUDIO or track not in self._armed:
            return 0.0
        peaks = self._playback.state.input_peaks
        return max(peaks[channel] for channel in self.input_of(track).channels)

    @property
    def growing(self) -> dict[TrackId, Outline]:
        """The outlines of the sound that is being recorded; those of MIDI stay empty."""
        return self._take.outlines if self._take is not None else {}

    @property
    def begun_at(self) -> int:
        """The tick from which it is recorded."""
        return self._take.start_tick if self._take is not None else 0

    # -- arming -------------------------------------------------------------------------------
    def set_armed(self, track: TrackId, on: bool) -> None:
        """Have a track listen to its input, or not."""
        found = self._song.project.find_track(track)
        if found is None or found.kind not in _RECORDABLE or on == (track in self._armed):
            return
        others = tuple(other for other in self._armed if other != track)
        self._armed = (*others, track) if on else others
        self._tell_engine()
        self.changed.emit()

    def toggle_armed(self) -> None:
        """Arm the selected tracks, or disarm them where all are armed."""
        chosen = [track.id for track in self._selected()]
        on = not all(id in self._armed for id in chosen)
        for id in chosen:
            self.set_armed(id, on)

    def set_input(self, track: TrackId, channels: tuple[int, ...]) -> None:
        self._inputs[track] = replace(self.input_of(track), channels=channels)
        self._tell_engine()
        self.changed.emit()

    def set_monitor(self, track: TrackId, on: bool) -> None:
        """Hear a track's input through its effects while it is armed."""
        self._inputs[track] = replace(self.input_of(track), monitor=on)
        self._tell_engine()
        self.changed.emit()

    def toggle_monitor(self) -> None:
        """Hear the selected audio tracks' inputs while armed, or not."""
        chosen = [track.id for track in self._selected() if track.kind is TrackKind.AUDIO]
        on = not all(self.input_of(id).monitor for id in chosen)
        for id in chosen:
            self.set_monitor(id, on)

    def toggle_punch(self) -> None:
        self._punch = not self._punch
        self.changed.emit()

    def refresh_inputs(self) -> None:
        """The preferences name other inputs, or the engine has just been started."""
        self._tell_engine()

    def _selected(self) -> list[Track]:
        found = [self._song.project.find_track(id) for id in self._selection.tracks]
        return [track for track in found if track is not None and track.kind in _RECORDABLE]

    def _tell_engine(self) -> None:
        if self._armed:
            self._timer.start()
        tracks = [self._song.project.find_track(id) for id in self._armed]
        sources = tuple(self._source(track) for track in tracks if track is not None)
        chosen = self._settings()
        wanted = Inputs(sources, chosen.input_device, chosen.midi_input)
        if not self._engine.pid or wanted == self._sent:
            return
        self._sent, self._told = wanted, ""
        try:
            self._version = self._engine.set_inputs(wanted)
        except StudioError as error:
            self.failed.emit(error)

    def _source(self, track: Track) -> Source:
        if track.kind is TrackKind.INSTRUMENT:
            return Source(track.id)
        heard = self.input_of(track.id)
        return Source(track.id, heard.channels, heard.monitor)

    # -- recording ----------------------------------------------------------------------------
    def toggle(self) -> None:
        """Record from the playhead, counting in where the song rests; or end the recording.

        A recording that ends so lets the song play on.
        """
        if self._state is State.IDLE:
            try:
                self._begin()
            except StudioError as error:
                self.failed.emit(error)
        else:
            self.stop()

    def stop(self) -> None:
        """End the recording under way, if any; it is taken in as soon as it is whole."""
        take, state = self._take, self._state
        if state in (State.STARTING, State.COUNTING_IN) and self._playback.counting_in:
            self._playback.stop()
        self._take = None
        self._set_state(State.IDLE)
        if take is not None:
            self._engine.end_recording()
            self._land(take.folder, take.number)

    def _begin(self) -> None:
        self._wish()
        self._asked = False
        self._set_state(State.STARTING)
        self._timer.start()

    def _ask(self) -> None:
        """The inputs are open: have a folder made."""
        self._asked = True
        try:
            wish = self._wish()
        except StudioError as error:
            self._give_up(error)
            return
        work = BeginRecording(self._files.media.folder.parent, wish)
        self._jobs.submit(
            work, on_done=lambda folder: self._start(folder, wish), on_failed=self._give_up
        )

    def _wish(self) -> Wish:
        """What is to be recorded now. Raises StudioError where nothing can be."""
        if self._song.read_only:
            raise StudioError("This song can only be looked at and heard, so nothing is recorded.")
        if not self._playback.state.alive:
            raise StudioError("The audio engine is not there yet.", "Try again in a moment.")
        if not self._armed:
            for track in self._selected():
                self.set_armed(track.id, True)
        tracks = [track for track in self._song.project.sources if track.id in self._armed]
        if not tracks:
            raise StudioError(
                "No track is armed to record.", "Press the round button on a track's head."
            )
        playback, rate = self._playback, self._song.project.sample_rate
        span = None
        if playback.loop is not None:
            span = (playback.frame_of(playback.loop[0]), playback.frame_of(playback.loop[1]))
        if self._punch and span is None:
            raise StudioError("There is no range to punch into.", "Set the loop's range first.")
        named = tuple(
            RecordedTrack(track.id, track.name, self._source(track).channels) for track in tracks
        )
        chosen = self._settings()
        return Wish(
            rate,
            named,
            self.measured_frames,
            loop=span if playback.loop_on else None,
            punch=span if self._punch else None,
            sixteenths=chosen.record_sixteenths,
        )

    def _start(self, folder: Path, wish: Wish) -> None:
        """The folder is there: let the engine write into it."""
        if self._state is not State.STARTING:  # changed one's mind
            self._jobs.submit(RemoveRecorded(folder))
            return
        outlines = {
            TrackId(track.track): Outline(recorded.outline_file(folder, index))
            for index, track in enumerate(wish.tracks)
        }
        try:
            number = self._engine.record(folder)
        except StudioError as error:
            self._give_up(error)
            return
        self._take = _Take(folder, number, wish, outlines, self._playback.position_tick)

    def _give_up(self, error: StudioError) -> None:
        self._take = None
        self._set_state(State.IDLE)
        self.failed.emit(error)

    def _set_state(self, state: State) -> None:
        if state is not self._state:
            self._state = state
            self.changed.emit()

    # -- following the engine -----------------------------------------------------------------
    def _poll(self) -> None:
        state = self._playback.state
        if state.trouble != self._told:
            self._told = state.trouble
            if self._told and self._take is None:
                self.failed.emit(StudioError(self._told))
        if self._take is not None:
            self._follow(self._take, state)
        elif self._state is State.STARTING:
            if not self._asked and state.inputs_version >= self._version:
                self._ask()
        elif not self._armed:
            self._timer.stop()

    def _follow(self, take: _Take, state: EngineState) -> None:
        take.silent_polls = 0 if state.alive else take.silent_polls + 1
        if state.alive and state.ended >= take.number:
            self._end_by_itself(take, state.trouble)
        elif self._state is State.STARTING:
            if state.recording == take.number:
                self._run(take)
            elif take.silent_polls > _ENGINE_POLLS:
                self._end_by_itself(take, "The audio engine does not answer.")
        elif take.silent_polls or state.recording != take.number:
            self._end_by_itself(take, "The audio engine ended; what was recorded is kept.")
        else:
            self._go_on(take, state)

    def _run(self, take: _Take) -> None:
        """The engine writes: let the song move."""
        take.start_tick = self._playback.position_tick
        if self._playback.playing:
            self._set_state(State.RECORDING)
        else:
            bars = self._settings().count_in_bars
            self._playback.play(count_in_bars=bars)
            self._set_state(State.COUNTING_IN if bars else State.RECORDING)

    def _go_on(self, take: _Take, state: EngineState) -> None:
        take.moved = take.moved or state.playing
        if take.moved and not state.playing:
            self.stop()
            return
        if self._state is State.COUNTING_IN and state.playing and not state.counting_in:
            self._set_state(State.RECORDING)
        for outline in take.outlines.values():
            outline.read_on()
        self.grew.emit()

    def _end_by_itself(self, take: _Take, why: str) -> None:
        """The engine could not go on: take in what there is, and say why."""
        self._take, self._told = None, why
        self._set_state(State.IDLE)
        self._land(take.folder, take.number)
        if why:
            self.failed.emit(StudioError(why))

    # -- taking it in -------------------------------------------------------------------------
    def _land(self, folder: Path, number: int) -> None:
        pid = self._engine.pid

        def is_whole() -> bool:
            state = self._engine.state()
            return state.ended >= number or not state.alive or self._engine.pid != pid

        self._files.in_turn(
            lambda song: LandRecording(folder, song.media, is_whole), self._on_landed
        )

    def _recover(self) -> None:
        """Take in what a run that ended badly has left in the song's folder."""
        if self._song.read_only or self._take is not None:
            return
        for folder in recorded.all_in(self._files.media.folder.parent):
            self._files.in_turn(
                lambda song, folder=folder: LandRecording(folder, song.media, lambda: True),
                self._on_recovered,
            )

    def _on_recovered(self, landed: Landed) -> None:
        if self._on_landed(landed):
            self.noted.emit("What was being recorded when the studio ended is back.", "")

    def _on_landed(self, landed: Landed) -> bool:
        """Put it into the song; whether there was anything."""
        command = landed.command(self._song.project.tempo)
        if not command.sung and not command.played:
            self._jobs.submit(RemoveRecorded(landed.folder))
            if not self._told:
                self.noted.emit("Nothing was recorded.", "")
            return False
        self._song.close_step()
        if self._song.do(command):
            self._song.close_step()
            remove = RemoveRecorded(landed.folder)
            self._files.keep_now(lambda: self._jobs.submit(remove))
        return True

    # -- latency ------------------------------------------------------------------------------
    @property
    def measured_frames(self) -> int | None:
        """From playing to hearing, as measured for the devices in use; None if it never was."""
        wanted = latency_key(self._playback.state)
        for entry in self._settings().latencies:
            name, _, frames = entry.rpartition("=")
            if name == wanted and frames.isdecimal():
                return int(frames)
        return None

    # -- the song -----------------------------------------------------------------------------
    def _on_song_changed(self, found: object, origin: object) -> None:
        there = {track.id for track in self._song.project.sources}
        if not there.issuperset(self._armed):
            self._armed = tuple(id for id in self._armed if id in there)
            self._tell_engine()
            self.changed.emit()

    def _on_song_replaced(self) -> None:
        self._inputs.clear()
        self._armed, self._punch = (), False
        self._tell_engine()
        self.changed.emit()


def latency_key(state: EngineState) -> str:
    """What a measured latency belongs to: devices, rate and block."""
    return f"{state.device} | {state.input} | {state.device_rate} | {state.block_frames}"


def with_latency(settings: Settings, state: EngineState, frames: int) -> Settings:
    """The preferences with a measured latency for the devices in use."""
    key = latency_key(state)
    others = tuple(entry for entry in settings.latencies if entry.rpartition("=")[0] != key)
    return replace(settings, latencies=(*others, f"{key}={frames}"))
