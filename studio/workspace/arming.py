"""Which tracks are armed, what they listen to, and telling the engine of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from studio.audio.client import EngineClient
from studio.audio.inputs import Inputs, Source
from studio.core.errors import StudioError
from studio.core.settings import Settings
from studio.domain.track import Track, TrackId, TrackInput, TrackKind
from studio.edit.arming import RECORDABLE, SetArmed, SetInput, SetMonitor
from studio.workspace.playback import Playback
from studio.workspace.selection import Selection
from studio.workspace.song import Song


class Arming(QObject):
    """Armed tracks: audio tracks hear the input, instrument tracks the MIDI keyboard.

    What is armed and heard is a part of the song: it is saved with it and can be undone.

    Signals:
        changed(): What is armed, or how it is heard.
        failed(StudioError): The engine could not be told.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(
        self,
        song: Song,
        selection: Selection,
        playback: Playback,
        engine: EngineClient,
        settings: Callable[[], Settings],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._song, self._selection = song, selection
        self._playback, self._engine, self._settings = playback, engine, settings
        self._told = self._now()
        self._open = False
        self._sent, self._version = Inputs(), 0
        song.changed.connect(self._on_song_changed)

    # -- looking ------------------------------------------------------------------------------
    @property
    def tracks(self) -> tuple[Track, ...]:
        """The armed ones, in the song's order."""
        found = self._song.project.sources
        return tuple(track for track in found if track.input.armed and track.kind in RECORDABLE)

    @property
    def is_ready(self) -> bool:
        """The engine listens to what was asked for."""
        return self._playback.state.inputs_version >= self._version

    def is_armed(self, track: TrackId) -> bool:
        return self.input_of(track).armed

    def input_of(self, track: TrackId) -> TrackInput:
        found = self._song.project.find_track(track)
        return found.input if found is not None else TrackInput()

    def channels(self, track: Track) -> tuple[int, ...]:
        """Of the input; none for a track that is played by MIDI."""
        return () if track.kind is TrackKind.INSTRUMENT else track.input.channels

    def level(self, track: Track) -> float:
        """The peak of what an armed audio track hears, linear."""
        if not track.input.armed:
            return 0.0
        peaks = self._playback.state.input_peaks
        return max((peaks[channel] for channel in self.channels(track)), default=0.0)

    # -- arming -------------------------------------------------------------------------------
    def set_armed(self, track: TrackId, on: bool) -> None:
        """Have a track listen to its input, or not."""
        self._song.do(SetArmed(frozenset({track}), on))

    def arm_selected(self) -> None:
        """Arm what is selected where nothing is armed."""
        chosen = self._selected(*RECORDABLE)
        if not self.tracks and chosen:
            self._song.do(SetArmed(chosen, True))

    def toggle_armed(self) -> None:
        """Arm the selected tracks, or disarm them where all are armed."""
        chosen = self._selected(*RECORDABLE)
        self._song.do(SetArmed(chosen, not all(map(self.is_armed, chosen))))

    def set_input(self, track: TrackId, channels: tuple[int, ...]) -> None:
        self._song.do(SetInput(track, channels))

    def set_monitor(self, track: TrackId, on: bool) -> None:
        """Hear a track's input through its effects while it is armed."""
        self._song.do(SetMonitor(frozenset({track}), on))

    def toggle_monitor(self) -> None:
        """Hear the selected audio tracks' inputs while armed, or not."""
        chosen = self._selected(TrackKind.AUDIO)
        self._song.do(SetMonitor(chosen, not all(self.input_of(id).monitor for id in chosen)))

    def hold_open(self, on: bool) -> None:
        """Keep the input open though no track is armed."""
        self._open = on
        self.refresh()

    def refresh(self) -> None:
        """Tell the engine what to listen to, if that is something else than before."""
        chosen = self._settings()
        sources = tuple(
            Source(track.id, self.channels(track), track.input.monitor) for track in self.tracks
        )
        wanted = Inputs(sources, chosen.input_device, chosen.midi_input, self._open)
        if not self._engine.pid or wanted == self._sent:
            return
        try:
            self._version = self._engine.ears.set_inputs(wanted)
            self._sent = wanted
        except StudioError as error:
            self.failed.emit(error)

    # -- within -------------------------------------------------------------------------------
    def _selected(self, *kinds: TrackKind) -> frozenset[TrackId]:
        found = map(self._song.project.find_track, self._selection.tracks)
        return frozenset(track.id for track in found if track is not None and track.kind in kinds)

    def _now(self) -> tuple[tuple[TrackId, TrackInput], ...]:
        return tuple((track.id, track.input) for track in self._song.project.sources)

    def _on_song_changed(self) -> None:
        before, self._told = self._told, self._now()
        if self._told != before:
            self.refresh()
            self.changed.emit()
