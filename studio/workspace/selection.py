"""What is selected: tracks, clips, notes of one clip, and a range that is a gap to fill."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from studio.domain.clip import AudioClip, Clip, ClipId, NoteClip
from studio.domain.track import TrackId
from studio.workspace.song import Song

ALL_KEYS = (0, 127)
_NO_SPAN: dict[str, object] = {"span": None, "span_tracks": (), "span_keys": ALL_KEYS}


class Selection(QObject):
    """Follows the song: what is deleted is no longer selected.

    Signals:
        changed(): Any part of the selection is another one now.
        note_clip_changed(): The clip open in the piano roll is another one now.
    """

    changed = Signal()
    note_clip_changed = Signal()

    def __init__(self, song: Song, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._song = song
        self._tracks: tuple[TrackId, ...] = ()
        self._clips: frozenset[ClipId] = frozenset()
        self._notes: frozenset[int] = frozenset()
        self._note_clip: ClipId | None = None
        self._span: tuple[int, int] | None = None
        self._span_tracks: tuple[TrackId, ...] = ()
        self._span_keys = ALL_KEYS
        song.changed.connect(self._on_song_changed)
        song.replaced.connect(self._on_song_replaced)

    @property
    def tracks(self) -> tuple[TrackId, ...]:
        return self._tracks

    @property
    def clips(self) -> frozenset[ClipId]:
        return self._clips

    @property
    def notes(self) -> frozenset[int]:
        """Ids of the selected notes of `note_clip`."""
        return self._notes

    @property
    def note_clip(self) -> ClipId | None:
        """The note clip that is open for editing."""
        return self._note_clip

    @property
    def span(self) -> tuple[int, int] | None:
        """The selected range in song ticks."""
        return self._span

    @property
    def span_tracks(self) -> tuple[TrackId, ...]:
        return self._span_tracks

    @property
    def span_keys(self) -> tuple[int, int]:
        """The lowest and the highest MIDI key of the selected range."""
        return self._span_keys

    @property
    def audio_clip(self) -> AudioClip | None:
        """The one selected recording, for the spectrogram."""
        found = [self._song.project.find_clip(id) for id in self._clips]
        audio = [entry[1] for entry in found if entry and isinstance(entry[1], AudioClip)]
        return audio[0] if len(audio) == 1 else None

    @property
    def turns(self) -> tuple[int, ...]:
        """The takes of the one recording that is selected."""
        clip = self.audio_clip
        return clip.turns if clip is not None else ()

    def set_tracks(self, tracks: Iterable[TrackId]) -> None:
        self._set(tracks=tuple(tracks))

    def set_clips(self, clips: Iterable[ClipId]) -> None:
        """Select clips; a single note clip is opened for editing."""
        chosen = frozenset(clips)
        self._set(clips=chosen)
        if len(chosen) == 1:
            found = self._song.project.find_clip(next(iter(chosen)))
            if found is not None and isinstance(found[1], NoteClip):
                self.set_note_clip(found[1].id)

    def set_note_clip(self, clip: ClipId | None) -> None:
        if clip != self._note_clip:
            self._note_clip = clip
            self._set(notes=frozenset())
            self.note_clip_changed.emit()

    def set_notes(self, notes: Iterable[int]) -> None:
        """Select notes of `note_clip`; a range is no longer selected then."""
        chosen = frozenset(notes)
        self._set(notes=chosen, **(_NO_SPAN if chosen else {}))

    def set_span(
        self,
        span: tuple[int, int] | None,
        tracks: Iterable[TrackId] = (),
        keys: tuple[int, int] = ALL_KEYS,
    ) -> None:
        """Select a range on tracks, of some keys or all, or (None, or a range of no length) none;
        notes are no longer selected then."""
        if span is not None:
            start, end = max(min(span), 0), max(span)
            span = (start, end) if start < end else None
        notes = self._notes if span is None else frozenset[int]()
        chosen = {"span": span, "span_tracks": tuple(tracks), "span_keys": keys}
        self._set(notes=notes, **(_NO_SPAN if span is None else chosen))

    def clear(self) -> None:
        self._set(clips=frozenset(), notes=frozenset(), **_NO_SPAN)

    def _set(self, **parts: object) -> None:
        moved = {name: value for name, value in parts.items() if getattr(self, f"_{name}") != value}
        for name, value in moved.items():
            setattr(self, f"_{name}", value)
        if moved:
            self.changed.emit()

    def _on_song_changed(self, found: object, origin: object) -> None:
        project = self._song.project
        tracks = {track.id for track in project.tracks}
        clips = {clip.id: clip for _, clip in project.clips()}
        if self._note_clip is not None and self._note_clip not in clips:
            self.set_note_clip(None)
        kept = tuple(id for id in self._span_tracks if id in tracks)
        self._set(
            tracks=tuple(id for id in self._tracks if id in tracks),
            clips=self._clips & clips.keys(),
            notes=self._notes_left(clips),
            span_tracks=kept,
            span=self._span if kept or not self._span_tracks else None,
        )

    def _notes_left(self, clips: dict[ClipId, Clip]) -> frozenset[int]:
        clip = clips.get(self._note_clip) if self._note_clip is not None else None
        if not self._notes or not isinstance(clip, NoteClip):
            return frozenset()
        return frozenset(clip.notes.id[clip.notes.mask_of(self._notes)].tolist())

    def _on_song_replaced(self) -> None:
        self._set(tracks=(), clips=frozenset(), notes=frozenset(), **_NO_SPAN)
        self.set_note_clip(None)
