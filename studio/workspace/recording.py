"""Recording: counting in, following the engine while it writes, and ending in good order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from studio.audio.client import EngineClient, EngineState
from studio.core.errors import StudioError
from studio.core.settings import Settings
from studio.domain.notes import Notes
from studio.domain.tempo import TempoMap
from studio.domain.track import TrackId
from studio.edit.recording import PlaceRecorded
from studio.jobs.queue import Queue
from studio.media import recorded
from studio.media.recorded import Outline, RecordedTrack, Wish
from studio.workspace.arming import Arming
from studio.workspace.files import Files
from studio.workspace.landing import BeginRecording, Landing, ReadPlayed, RemoveRecorded
from studio.workspace.latency import measured_frames
from studio.workspace.playback import Playback
from studio.workspace.song import Song

POLL_MS = 33
_KEY_POLLS = 12  # between looks at what is played
_MANY_NOTES = 1000  # more of them are looked at less often
_ENGINE_POLLS = 90  # until one that does not answer is taken for ended


class State(StrEnum):
    """What the record button shows."""

    IDLE = "idle"
    STARTING = "starting"
    COUNTING_IN = "counting"
    RECORDING = "recording"


@dataclass
class _Take:
    """The recording under way."""

    folder: Path
    number: int
    outlines: dict[TrackId, Outline]
    start_tick: int
    tempo: TempoMap
    pid: int  # of the engine that writes it
    keys: bool = False  # MIDI is recorded
    played: PlaceRecorded = PlaceRecorded()
    reading: bool = False  # what was played
    moved: bool = False  # the song ran since
    polls: int = 0
    looked: int = 0  # at what is played, at which poll
    silent_polls: int = 0  # the engine did not answer


class Recording(QObject):
    """Records the armed tracks.

    Signals:
        changed(): The state, or whether it punches in and out.
        grew(): More was recorded (about 30 times a second).
        failed(StudioError): Nothing, or no more, is recorded; what was, is kept.
    """

    changed = Signal()
    grew = Signal()
    failed = Signal(object)

    def __init__(
        self,
        song: Song,
        files: Files,
        playback: Playback,
        arming: Arming,
        landing: Landing,
        jobs: Queue,
        engine: EngineClient,
        settings: Callable[[], Settings],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._song, self._files, self._landing = song, files, landing
        self._playback, self._arming = playback, arming
        self._jobs, self._engine, self._settings = jobs, engine, settings
        self._state = State.IDLE
        self._punch = False
        self._asked = False  # for a folder to record into
        self._tries = 0
        self._take: _Take | None = None
        self._told = ""  # the engine's trouble, as the musician knows it
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)
        arming.changed.connect(self._timer.start)
        song.changed.connect(self._on_song_changed)
        files.leaving.connect(self.stop)

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

    @property
    def growing(self) -> dict[TrackId, Outline]:
        """The outlines of the sound that is being recorded; those of MIDI stay empty."""
        return self._take.outlines if self._take is not None else {}

    @property
    def played(self) -> dict[TrackId, Notes]:
        """The notes that were played so far, in song ticks."""
        parts = self._take.played.played if self._take is not None else ()
        return {part.track: part.notes for part in parts}

    @property
    def begun_at(self) -> int:
        """The tick from which it is recorded."""
        return self._take.start_tick if self._take is not None else 0

    # -- recording ----------------------------------------------------------------------------
    def toggle_punch(self) -> None:
        self._punch = not self._punch
        self.changed.emit()

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
        self._playback.set_preview(None)
        if state in (State.STARTING, State.COUNTING_IN) and self._playback.counting_in:
            self._playback.stop()
        self._take = None
        self._set_state(State.IDLE)
        if take is not None:
            self._engine.ears.end_recording()
            self._land(take)

    def _begin(self) -> None:
        self._wish()
        self._asked, self._tries = False, self._tries + 1
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
        work, number = BeginRecording(self._files.media.folder.parent, wish), self._tries
        self._jobs.submit(
            work,
            on_done=lambda folder: self._start(folder, wish, number),
            on_failed=lambda error: self._on_not_begun(error, number),
        )

    def _wish(self) -> Wish:
        """What is to be recorded now. Raises StudioError where nothing can be."""
        if self._song.read_only:
            raise StudioError("This song can only be looked at and heard, so nothing is recorded.")
        if not self._playback.state.alive:
            raise StudioError("The audio engine is not there yet.", "Try again in a moment.")
        self._arming.arm_selected()
        if not self._arming.tracks:
            raise StudioError(
                "No track is armed to record.", "Press the round button on a track's head."
            )
        playback, rate = self._playback, self._song.project.sample_rate
        span = None
        if playback.loop is not None:
            span = (playback.frame_of(playback.loop[0]), playback.frame_of(playback.loop[1]))
        if self._punch and span is None:
            raise StudioError("There is no range to punch into.", "Set the loop's range first.")
        chosen, arming = self._settings(), self._arming
        named = (RecordedTrack(t.id, t.name, arming.channels(t)) for t in arming.tracks)
        return Wish(
            rate,
            tuple(named),
            measured_frames(chosen, playback.state),
            loop=span if playback.loop_on else None,
            punch=span if self._punch else None,
            sixteenths=chosen.record_sixteenths,
        )

    def _start(self, folder: Path, wish: Wish, number: int) -> None:
        """The folder is there: let the engine write into it."""
        if self._state is not State.STARTING or number != self._tries:  # changed one's mind
            self._jobs.submit(RemoveRecorded(folder))
            return
        outlines = {
            TrackId(track.track): Outline(recorded.outline_file(folder, index))
            for index, track in enumerate(wish.tracks)
        }
        try:
            number = self._engine.ears.record(folder)
        except StudioError as error:
            self._give_up(error)
            return
        keys = any(not track.channels for track in wish.tracks)
        tick, tempo = self._playback.position_tick, self._song.project.tempo
        self._take = _Take(folder, number, outlines, tick, tempo, self._engine.pid, keys)

    def _on_not_begun(self, error: StudioError, number: int) -> None:
        if number == self._tries:
            self._give_up(error)

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
        is_over = self._take is not None and state.ended >= self._take.number
        if state.trouble != self._told and not is_over:  # which `_end_by_itself` tells of
            self._told = state.trouble
            if self._told:
                self.failed.emit(StudioError(self._told))
        if self._take is not None:
            self._follow(self._take, state)
        elif self._state is State.STARTING:
            if not self._asked and self._arming.is_ready:
                self._ask()
        elif not self._arming.tracks:
            self._timer.stop()

    def _follow(self, take: _Take, state: EngineState) -> None:
        take.silent_polls = 0 if state.alive else take.silent_polls + 1
        if state.alive and state.ended >= take.number:
            self._end_by_itself(take, state.trouble)
        elif self._state is State.STARTING:
            take.polls += 1
            if state.recording == take.number:
                self._run(take)
            elif take.polls > _ENGINE_POLLS:
                self._end_by_itself(take, "The audio engine does not answer.")
        elif take.silent_polls or state.recording != take.number:
            self._end_by_itself(take, "The audio engine ended; what was recorded is kept.")
        else:
            self._go_on(take, state)

    def _run(self, take: _Take) -> None:
        """The engine writes: let the song move."""
        take.start_tick = self._playback.position_tick
        if self._playback.goes_on:
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
        self._look_at_keys(take)
        self.grew.emit()

    def _look_at_keys(self, take: _Take) -> None:
        """Show what is played; in a loop the next turn lets it be heard."""
        take.polls += 1
        notes = sum(len(part.notes) for part in take.played.played)
        wait = _KEY_POLLS * (1 + notes // _MANY_NOTES)
        if take.keys and not take.reading and take.polls - take.looked >= wait:
            take.reading, take.looked = True, take.polls
            work = ReadPlayed(take.folder, take.tempo)
            self._jobs.submit(
                work,
                on_done=lambda played: self._on_played(take, played),
                on_failed=self.failed.emit,
            )

    def _on_played(self, take: _Take, played: PlaceRecorded) -> None:
        take.reading = False
        if take is self._take and played != take.played:
            take.played = played
            self._let_hear(take)

    def _let_hear(self, take: _Take) -> None:
        if self._playback.loop_on and take.played.played:
            self._playback.set_preview(take.played.apply(self._song.project))

    def _on_song_changed(self, found: object, origin: object) -> None:
        """What is recorded keeps its bars, so it ends where they become longer or shorter."""
        take = self._take
        if take is None:
            return
        if self._song.project.tempo != take.tempo:
            self.stop()
            self.failed.emit(
                StudioError(
                    "Another tempo has ended the recording.",
                    "What was recorded until then is kept.",
                )
            )
        else:
            self._let_hear(take)

    def _end_by_itself(self, take: _Take, why: str) -> None:
        """The engine could not go on: take in what there is, and say why."""
        told, self._told = self._told, why
        self._take = None
        self._playback.set_preview(None)
        self._set_state(State.IDLE)
        self._land(take)
        if why and why != told:
            self.failed.emit(StudioError(why))

    def _land(self, take: _Take) -> None:
        engine = self._engine

        def is_whole() -> bool:
            return engine.has_ended(take.pid) or engine.state().ended >= take.number

        self._landing.land(take.folder, take.tempo, is_whole)
