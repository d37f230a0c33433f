"""What the actions on tracks do."""

from __future__ import annotations

from studio.domain.track import Track, TrackKind
from studio.edit.mixer import SetMute, SetSolo
from studio.edit.takes import TRACK_COLORS, new_instrument
from studio.edit.tracks import AddTrack, DeleteTracks, DuplicateTrack
from studio.ui.tr import tr
from studio.workspace.studio import Studio


class TrackCommands:
    """Answers for the `tracks.` rows of the action table: they act on the selected tracks."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def add_instrument(self) -> None:
        project = self._studio.song.project
        self._add(new_instrument(project, tr("Instrument"), 0))

    def add_audio(self) -> None:
        project = self._studio.song.project
        color = len(project.sources) % TRACK_COLORS
        self._add(Track(project.new_track_id(), TrackKind.AUDIO, tr("Audio"), color=color))

    def add_bus(self) -> None:
        """A strip that others send to."""
        project = self._studio.song.project
        name = tr("Bus {number}", number=len(project.buses) + 1)
        color = (len(project.tracks) - 1) % TRACK_COLORS
        self._add(Track(project.new_track_id(), TrackKind.BUS, name, color=color))

    def duplicate(self) -> None:
        for id in self._studio.selection.tracks[:1]:
            self._studio.song.do(DuplicateTrack(id), self)

    def delete(self) -> None:
        master = self._studio.song.project.master.id
        chosen = frozenset(self._studio.selection.tracks) - {master}
        if chosen:
            self._studio.song.do(DeleteTracks(chosen), self)

    def toggle_mute(self) -> None:
        tracks = self._chosen()
        on = not all(track.muted for track in tracks)
        if tracks:
            self._studio.song.do(SetMute(frozenset(track.id for track in tracks), on), self)

    def toggle_solo(self) -> None:
        tracks = self._chosen()
        on = not all(track.soloed for track in tracks)
        if tracks:
            self._studio.song.do(SetSolo(frozenset(track.id for track in tracks), on), self)

    def _chosen(self) -> list[Track]:
        project = self._studio.song.project
        found = (project.find_track(id) for id in self._studio.selection.tracks)
        return [track for track in found if track is not None]

    def _add(self, track: Track) -> None:
        if self._studio.song.do(AddTrack(track), self):
            self._studio.selection.set_tracks((track.id,))
