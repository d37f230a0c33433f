"""Which tracks are armed, what they listen to, and telling the engine of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from studio.audio.client import EngineClient
from studio.audio.inputs import Inputs, Source
from studio.core.errors import StudioError
from studio.core.settings import Settings
from studio.domain.track import Track, TrackId, TrackKind
from studio.workspace.playback import Playback
from studio.workspace.selection import Selection
from studio.workspace.song import Song

MONO_1, MONO_2, STEREO = (0,), (1,), (0, 1)
_RECORDABLE = (TrackKind.AUDIO, TrackKind.INSTRUMENT)


@dataclass(frozen=True, slots=True)
class TrackInput:
    """What an audio track hears; not a part of the song.

    Attributes:
        channels: `MONO_1`, `MONO_2` or `STEREO`.
        monitor: Whether it is heard while armed; off at first, for loudspeakers would howl.
    """

    channels: tuple[int, ...] = MONO_1
    monitor: bool = False


class Arming(QObject):
    """Armed tracks: audio tracks hear the input, instrument tracks the MIDI keyboard.

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
        self._armed: tuple[TrackId, ...] = ()
        self._inputs: dict[TrackId, TrackInput] = {}
        self._open = False
        self._sent, self._version = Inputs(), 0
        song.changed.connect(self._on_song_changed)
        song.replaced.connect(self._on_song_replaced)

    # -- looking ------------------------------------------------------------------------------
    @property
    def tracks(self) -> tuple[Track, ...]:
        """The armed ones, in the song's order."""
        return tuple(track for track in self._song.project.sources if track.id in self._armed)

    @property
    def is_ready(self) -> bool:
        """The engine listens to what was asked for."""
        return self._playback.state.inputs_version >= self._version

    def is_armed(self, track: TrackId) -> bool:
        return track in self._armed

    def input_of(self, track: TrackId) -> TrackInput:
        return self._inputs.get(track, TrackInput())

    def channels(self, track: Track) -> tuple[int, ...]:
        """Of the input; none for a track that is played by MIDI."""
        return () if track.kind is TrackKind.INSTRUMENT else self.input_of(track.id).channels

    def level(self, track: Track) -> float:
        """The peak of what an armed audio track hears, linear."""
        if track.id not in self._armed:
            return 0.0
        peaks = self._playback.state.input_peaks
        return max((peaks[channel] for channel in self.channels(track)), default=0.0)

    # -- arming -------------------------------------------------------------------------------
    def set_armed(self, track: TrackId, on: bool) -> None:
        """Have a track listen to its input, or not."""
        found = self._song.project.find_track(track)
        if found is None or found.kind not in _RECORDABLE or on == (track in self._armed):
            return
        others = tuple(other for other in self._armed if other != track)
        self._armed = (*others, track) if on else others
        self._change()

    def arm_selected(self) -> None:
        """Arm what is selected where nothing is armed."""
        if not self._armed:
            for track in self._selected():
                self.set_armed(track.id, True)

    def toggle_armed(self) -> None:
        """Arm the selected tracks, or disarm them where all are armed."""
        chosen = [track.id for track in self._selected()]
        on = not all(id in self._armed for id in chosen)
        for id in chosen:
            self.set_armed(id, on)

    def set_input(self, track: TrackId, channels: tuple[int, ...]) -> None:
        self._inputs[track] = replace(self.input_of(track), channels=channels)
        self._change()

    def set_monitor(self, track: TrackId, on: bool) -> None:
        """Hear a track's input through its effects while it is armed."""
        self._inputs[track] = replace(self.input_of(track), monitor=on)
        self._change()

    def toggle_monitor(self) -> None:
        """Hear the selected audio tracks' inputs while armed, or not."""
        chosen = [track.id for track in self._selected() if track.kind is TrackKind.AUDIO]
        on = not all(self.input_of(id).monitor for id in chosen)
        for id in chosen:
            self.set_monitor(id, on)

    def hold_open(self, on: bool) -> None:
        """Keep the input open though no track is armed."""
        self._open = on
        self.refresh()

    def refresh(self) -> None:
        """Tell the engine what to listen to, if that is something else than before."""
        chosen = self._settings()
        sources = tuple(
            Source(track.id, self.channels(track), self.input_of(track.id).monitor)
            for track in self.tracks
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
    def _selected(self) -> list[Track]:
        found = [self._song.project.find_track(id) for id in self._selection.tracks]
        return [track for track in found if track is not None and track.kind in _RECORDABLE]

    def _change(self) -> None:
        self.refresh()
        self.changed.emit()

    def _on_song_changed(self, found: object, origin: object) -> None:
        there = {track.id for track in self._song.project.sources}
        if not there.issuperset(self._armed):
            self._armed = tuple(id for id in self._armed if id in there)
            self._change()

    def _on_song_replaced(self) -> None:
        self._armed = ()
        self._inputs.clear()
        self._change()
