"""Context menus of the timeline: of clips, of tracks, of sections, of chords."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QMenu, QWidget

from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.groups import UngroupTracks
from studio.edit.mixer import SetMute, SetSolo
from studio.edit.takes import new_instrument
from studio.edit.tempo import MoveMeter, SetChord, SetMarker, SetTempo
from studio.edit.tracks import AddTrack, DeleteTracks, DuplicateTrack, SetTrack
from studio.ui.actions import add_entry
from studio.ui.recording_menu import add_transcribing
from studio.ui.timeline.chord_lane import chord_at
from studio.ui.timeline.fade_menu import add_fades
from studio.ui.timeline.input_menu import add_inputs, add_turns
from studio.ui.timeline.song_ruler import SongRuler
from studio.ui.timeline.timeline_view import TimelineView
from studio.ui.tr import tr
from studio.ui.widgets.colour_menu import COLOURS, colour_menu
from studio.ui.wish_menu import add_wishes


class ClipActions(Protocol):
    """What the menus can ask of the timeline."""

    def split(self) -> None: ...
    def join(self) -> None: ...
    def duplicate(self) -> None: ...
    def toggle_mute(self) -> None: ...
    def rename_clips(self) -> None: ...
    def keep(self) -> None: ...
    def split_stems(self) -> None: ...
    def show_takes(self) -> None: ...
    def group_tracks(self) -> None: ...
    def cut(self) -> None: ...
    def copy(self) -> None: ...
    def paste(self) -> None: ...
    def delete(self) -> None: ...
    def ripple_delete(self) -> None: ...
    def insert_time(self) -> None: ...
    def zoom_to_selection(self) -> None: ...
    def zoom_fit(self) -> None: ...
    def rename_track(self, id: TrackId) -> None: ...
    def rename_marker(self, tick: int) -> None: ...
    def write_chord(self, tick: int) -> None: ...
    def write_tempo(self, at: QPointF) -> None: ...
    def toggle_tempo(self) -> None: ...

    @property
    def ruler(self) -> SongRuler: ...


class Menus:
    """Builds a menu for what was clicked and shows it."""

    def __init__(self, view: TimelineView, actions: ClipActions, owner: QWidget) -> None:
        self._view, self._actions, self._owner = view, actions, owner

    # -- clips --------------------------------------------------------------------------------
    def clips(self, at: QPoint) -> None:
        self.clip_menu().popup(at)

    def clip_menu(self) -> QMenu:
        timeline, menu = self._actions, self._menu()
        selection = self._view.studio.selection
        chosen = bool(selection.clips)
        recordings = self._view.studio.listening.recordings()
        is_sound = len(recordings) == len(selection.clips)  # wishes about notes are not for it
        if (chosen and not is_sound) or selection.span is not None:
            add_wishes(menu, self._view.studio)
        if recordings:
            self._add_recording_entries(menu)
        add_transcribing(menu, self._view.studio)
        add_turns(menu, self._view.studio)
        if chosen:
            add_entry(menu, "take_lanes", timeline.show_takes)
            add_entry(menu, "split", timeline.split)
            add_entry(menu, "join", timeline.join)
            add_entry(menu, "duplicate", timeline.duplicate)
            add_entry(menu, "mute_selected", timeline.toggle_mute)
            add_entry(menu, "keep", timeline.keep)
            menu.addAction(tr("Rename…"), timeline.rename_clips)
            add_fades(menu, self._view)
            menu.addSeparator()
            bouncing = self._view.studio.bouncing
            add_entry(menu, "bounce", bouncing.bounce)
            add_entry(menu, "bounce_to_track", bouncing.bounce_to_track)
            menu.addSeparator()
            add_entry(menu, "cut", timeline.cut)
            add_entry(menu, "copy", timeline.copy)
        add_entry(menu, "paste", timeline.paste)
        if chosen or selection.span is not None:
            add_entry(menu, "delete", timeline.delete)
            add_entry(menu, "ripple_delete", timeline.ripple_delete)
        if selection.span is not None:
            add_entry(menu, "insert_time", timeline.insert_time)
        menu.addSeparator()
        add_entry(menu, "zoom_selection", timeline.zoom_to_selection)
        add_entry(menu, "zoom_fit", timeline.zoom_fit)
        return menu

    def _add_recording_entries(self, menu: QMenu) -> None:
        listening = self._view.studio.listening
        add_entry(menu, "split_stems", self._actions.split_stems)
        menu.addSeparator()
        add_entry(menu, "listen", listening.listen)
        add_entry(menu, "follow_recording", listening.follow)
        add_entry(menu, "fit_recording", listening.fit)
        add_entry(menu, "write_heard", listening.write)
        menu.addSeparator()

    # -- tracks -------------------------------------------------------------------------------
    def track(self, id: TrackId | None, at: QPoint) -> None:
        self.track_menu(id).popup(at)

    def track_menu(self, id: TrackId | None) -> QMenu:
        menu = self._menu()
        track = self._view.studio.song.project.find_track(id) if id is not None else None
        if track is not None:
            self._add_track_entries(menu, track)
            menu.addSeparator()
        add_entry(menu, "add_instrument", self.add_instrument)
        add_entry(menu, "add_audio", self.add_audio)
        return menu

    def _add_track_entries(self, menu: QMenu, track: Track) -> None:
        do, ids = self._view.do, frozenset({track.id})
        menu.addAction(tr("Rename…\tF2"), lambda: self._actions.rename_track(track.id))
        menu.addMenu(self._colour_menu(menu, track))
        if track.kind in (TrackKind.AUDIO, TrackKind.INSTRUMENT):
            add_inputs(menu, self._view.studio, track)
            menu.addSeparator()
        chosen = frozenset(self._view.studio.selection.tracks) | ids
        add_entry(menu, "group_tracks", self._actions.group_tracks)
        if track.group:
            menu.addAction(tr("Ungroup"), lambda: do(UngroupTracks(chosen)))
        menu.addSeparator()
        mute, solo = not track.muted, not track.soloed
        menu.addAction(tr("Mute") if mute else tr("Unmute"), lambda: do(SetMute(ids, mute)))
        menu.addAction(tr("Solo") if solo else tr("Unsolo"), lambda: do(SetSolo(ids, solo)))
        if track.kind in (TrackKind.AUDIO, TrackKind.INSTRUMENT):
            add_entry(menu, "freeze", self._view.studio.bouncing.toggle_freeze)
        add_entry(menu, "copy_track", lambda: do(DuplicateTrack(track.id)))
        add_entry(menu, "delete_track", lambda: do(DeleteTracks(ids)))

    def _colour_menu(self, parent: QMenu, track: Track) -> QMenu:
        return colour_menu(
            parent, lambda color: self._view.do(SetTrack(track.id, (("color", color),)))
        )

    def add_instrument(self) -> None:
        project = self._view.studio.song.project
        self._view.do(AddTrack(new_instrument(project, tr("Instrument"), 0)))

    def add_audio(self) -> None:
        project = self._view.studio.song.project
        color = len(project.sources) % len(COLOURS)
        track = Track(project.new_track_id(), TrackKind.AUDIO, tr("Audio"), color=color)
        self._view.do(AddTrack(track))

    # -- sections -----------------------------------------------------------------------------
    def marker(self, tick: int, at: QPoint) -> None:
        self.marker_menu(tick).popup(at)

    def marker_menu(self, tick: int) -> QMenu:
        menu = self._menu()
        markers = {marker.tick for marker in self._view.studio.song.project.markers}
        words = tr("Rename section…") if tick in markers else tr("Add section here…")
        menu.addAction(words, lambda: self._actions.rename_marker(tick))
        if tick in markers:
            menu.addAction(tr("Remove section"), lambda: self._view.do(SetMarker(tick, "")))
        if chord_at(self._view.studio.song.project, tick) is None:
            menu.addAction(tr("Add chord here…"), lambda: self._actions.write_chord(tick))
        menu.addSeparator()
        add_entry(menu, "tempo_track", self._actions.toggle_tempo)
        return menu

    # -- chords -------------------------------------------------------------------------------
    def chord(self, tick: int, at: QPoint) -> None:
        self.chord_menu(tick).popup(at)

    def chord_menu(self, tick: int) -> QMenu:
        menu, span = self._menu(), chord_at(self._view.studio.song.project, tick)
        words = tr("Add chord here…") if span is None else tr("Change chord…")
        menu.addAction(words, lambda: self._actions.write_chord(tick))
        if span is not None:
            gone = SetChord(span.start, span.length, None)
            menu.addAction(tr("Remove chord"), lambda: self._view.do(gone))
        return menu

    # -- tempo and meter ----------------------------------------------------------------------
    def tempo(self, place: QPointF, at: QPoint) -> None:
        self.tempo_menu(place).popup(at)

    def tempo_menu(self, place: QPointF) -> QMenu:
        menu, lane = self._menu(), self._actions.ruler.tempos
        meter = lane.is_meter(place.y())
        change, there = lane.meter_at(place.x()) if meter else lane.tempo_at(place.x())
        if meter:
            words = tr("Change meter…") if there else tr("Add meter here…")
        else:
            words = tr("Change tempo…") if there else tr("Add tempo here…")
        menu.addAction(words, lambda: self._actions.write_tempo(place))
        if there and change.tick:
            gone = MoveMeter(change.tick, None) if meter else SetTempo(change.tick, None)
            words = tr("Remove change of meter") if meter else tr("Remove change of tempo")
            menu.addAction(words, lambda: self._view.do(gone))
        menu.addSeparator()
        add_entry(menu, "tempo_track", self._actions.toggle_tempo)
        return menu

    def _menu(self) -> QMenu:
        menu = QMenu(self._owner)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu
