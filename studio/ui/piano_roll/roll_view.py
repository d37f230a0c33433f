"""The piano roll's state: the clip that is open, its rows, ghosts, and how long a note is drawn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal

from studio.domain.clip import ClipId, NoteClip
from studio.domain.gap import Gap, Part
from studio.domain.notes import Notes
from studio.domain.project import Project
from studio.domain.theory import Key, pitch_name
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.clips import TrimClip
from studio.edit.command import Command
from studio.edit.notes import AddNotes
from studio.ui.canvas.axis import WHOLE, TimeAxis
from studio.ui.canvas.shapes import Shapes, TrackShapes
from studio.ui.canvas.view import Chain, View
from studio.ui.piano_roll.drum_names import DRUM_NAMES
from studio.ui.piano_roll.heard_notes import HeardNotes
from studio.ui.piano_roll.pitch_rows import PitchRows, folded_pitches
from studio.workspace.studio import Studio

TOOLS = ("select", "draw", "paint", "erase", "knife", "range")
BAR_PX = 232.0
MOST_BARS_ON_OPEN = 4
AUDITION_SECONDS = 0.35
SEEN = 0.8  # share of the width in which bars being written must begin


class RollView(View):
    """What the parts of the piano roll share.

    Signals:
        opened(): Another clip, or none, is open.
        ghosts_changed(): Ghosts were switched, or more is known of what a recording holds.
        habits_changed(): How rows are shown, or where notes may land, was switched.
    """

    opened = Signal()
    ghosts_changed = Signal()
    habits_changed = Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, TimeAxis(BAR_PX / WHOLE), TOOLS)
        self.rows = PitchRows(self)
        self.folded = False  # rows only for the scale, the kit and the notes
        self.in_key = False  # what is drawn or dragged lands in the key
        self.typing = False  # letters play notes
        self.stepping = False  # what is played is written at the playhead
        self.stamp = "note"  # what drawing puts down: a note or a chord
        self.names = True  # notes say their names where there is room
        self.ghosts = True  # of other tracks
        self.heard = HeardNotes(self)  # ghosts of what the recording behind the clip holds
        self.velocity = 90  # of the next note drawn
        self.draw_length: int | None = None  # ticks of the last note drawn or resized
        self._shapes = Shapes()
        self._looked: tuple[Project, ClipId | None, Track | None, NoteClip | None] | None = None
        self.bindings.connect(studio.selection.note_clip_changed, self._open)
        self.bindings.connect(studio.song.replaced, self._forget)
        self._stood: NoteClip | None = None  # the open clip as it stood when last looked at
        self.bindings.connect(studio.song.changed, self._follow_clip)
        self._awaited: Gap | None = None  # what is being written, as last looked at
        self._centred: Gap | None = None  # what new part of it came into sight
        self.bindings.connect(studio.generation.overlay_changed, self._show_gap)
        self.bindings.connect(studio.transcripts.changed, self.heard.forget)
        self._measure()
        self._open()

    # -- what is open -------------------------------------------------------------------------
    @property
    def clip_id(self) -> ClipId | None:
        return self.studio.selection.note_clip

    @property
    def clip(self) -> NoteClip | None:
        """The open clip as it is shown."""
        return self._found()[1]

    @property
    def track(self) -> Track | None:
        return self._found()[0]

    def _found(self) -> tuple[Track | None, NoteClip | None]:
        """The open clip and its track; looked for once in each song that is shown."""
        project, id = self.project, self.clip_id
        if self._looked is None or self._looked[0] is not project or self._looked[1] != id:
            found = project.find_clip(id) if id is not None else None
            track, clip = found or (None, None)
            if isinstance(clip, NoteClip):
                self._looked = (project, id, track, clip)
            else:
                self._looked = (project, id, None, None)
        return self._looked[2:]

    @property
    def notes(self) -> Notes:
        clip = self.clip
        return clip.notes if clip is not None else Notes.empty()

    @property
    def shift(self) -> int:
        """Add to a content tick of the open clip to get a song tick."""
        clip = self.clip
        return clip.shift if clip is not None else 0

    def chosen(self) -> Notes:
        """The selected notes."""
        return self.notes.where(self.notes.mask_of(self.studio.selection.notes))

    @property
    def next_id(self) -> int:
        """The id that the next note of the open clip gets, in the song as it is."""
        clip = self.song_clip
        return clip.notes.next_id if clip is not None else 0

    @property
    def song_clip(self) -> NoteClip | None:
        """The open clip in the song as it is, whatever a drag makes of it."""
        song = self.studio.song.project
        found = song.find_clip(self.clip_id) if self.clip_id is not None else None
        return found[1] if found and isinstance(found[1], NoteClip) else None

    def made_since(self, next_id: int) -> frozenset[int]:
        """Ids of the notes that were added since `next_id` was the next one."""
        ids = self.notes.id
        return frozenset(ids[ids >= next_id].tolist())

    @property
    def loops(self) -> bool:
        """Whether the open clip is what plays round and round."""
        clip, playback = self.clip, self.studio.playback
        return clip is not None and playback.loop_on and playback.loop == (clip.start, clip.end)

    # -- rows and others ----------------------------------------------------------------------
    def pitch_at(self, y: float) -> int:
        return self.rows.pitch(self.rows.row(y))

    def y(self, pitch: float) -> float:
        """The top of a key's row."""
        return self.rows.y(self.rows.of(pitch))

    def ys(self, pitch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        """The tops of many keys' rows."""
        return self.rows.of_all(pitch) * self.rows.row_height - self.rows.top

    def set_folded(self, on: bool) -> None:
        """Give rows only to the scale, the kit and the notes, or to every key."""
        self.folded = on
        self._fold()
        self.habits_changed.emit()

    def set_habit(self, name: str, value: bool | str) -> None:
        """Switch `in_key`, `typing`, `stepping` or `names`, or choose a `stamp`."""
        setattr(self, name, value)
        self.habits_changed.emit()

    @property
    def lands_in(self) -> Key | None:
        """The key that notes keep to, where they do."""
        return None if not self.in_key or self._of_drums else self.project.key

    def _fold(self) -> None:
        """Rows stay as they are while something is dragged."""
        if self.is_proposing:
            return
        chosen = (self.track, self.clip, self.project.key) if self.folded else (None, None, None)
        self.rows.show_only(folded_pitches(*chosen))

    def name(self, pitch: int) -> str:
        """What a key is called on the open clip's track, in the song's key."""
        if self._of_drums and pitch in DRUM_NAMES:
            return DRUM_NAMES[pitch]
        key = self.project.key
        return pitch_name(min(max(pitch, 0), 127), key is not None and key.uses_flats)

    def shapes(self, track: Track) -> TrackShapes:
        return self._shapes.of(track, self.project)

    def other_tracks(self) -> tuple[Track, ...]:
        """Tracks whose notes are worth seeing behind the open clip's."""
        mine = self.track
        return tuple(
            track
            for track in self.project.sources
            if track.kind is TrackKind.INSTRUMENT
            and (mine is None or track.id != mine.id)
            and (mine is None or track.is_drums == mine.is_drums)
        )

    def set_ghosts(self, on: bool) -> None:
        if on != self.ghosts:
            self.ghosts = on
            self.ghosts_changed.emit()

    @property
    def _of_drums(self) -> bool:
        track = self.track
        return track is not None and track.is_drums

    # -- hearing and adding -------------------------------------------------------------------
    def audition(self, pitch: int, velocity: int | None = None) -> None:
        """Sound a note on the open clip's track, unless that is switched off."""
        track = self.track
        if track is not None and self.studio.settings.audition_notes:
            loud = self.velocity if velocity is None else velocity
            self.studio.playback.audition(track.id, pitch, loud, AUDITION_SECONDS)

    def adding(self, notes: Notes) -> Command | None:
        """The edit that puts `notes` (song ticks) into the open clip, which grows where need be."""
        song, clip = self.studio.song.project, self.song_clip
        if clip is None or not len(notes):
            return None
        first, last = int(notes.start.min()), int(notes.start.max())
        left = min(song.tempo.bar_start(song.tempo.bar_at(first)) - clip.start, 0)
        right = max(song.tempo.next_bar(last + 1) - clip.end, 0) if last >= clip.end else 0
        grow = TrimClip(clip.id, left_by=left if first < clip.start else 0, right_by=right)
        grown = grow.apply(song).clip(clip.id)
        assert isinstance(grown, NoteClip)
        add = AddNotes(clip.id, notes.with_columns(start=notes.start - grown.shift))
        return add if grown == clip else Chain(add.label, (grow, add))

    # -- following the song -------------------------------------------------------------------
    def _follow_clip(self) -> None:
        """Go along where the open clip was moved to."""
        self._measure()
        self._fold()
        was, now = self._stood, self.clip
        self._stood = now
        if was is None or now is None or was.id != now.id or was.length != now.length:
            return
        if was.start != now.start:
            self.axis.left = max(self.axis.left + now.start - was.start, 0.0)
            self.axis.changed.emit()

    @property
    def coming(self) -> Part | None:
        """While no clip is open, the part being written that will be opened."""
        overlay = self.studio.generation.overlay
        if overlay is None or self.clip is not None:
            return None
        return next((part for part in overlay.result.parts if part.track is None), None)

    def _show_coming(self, gap: Gap | None) -> None:
        """Bring the first notes of a part that is written on a new track into sight."""
        part = self.coming
        if part is not None and len(part.notes) and gap is not None and gap is not self._centred:
            self._centred = gap
            self._centre_on(part.notes)
            self.axis.scroll_to(gap.start)

    def _show_gap(self) -> None:
        """Bars of the open clip that are about to be written come into sight."""
        overlay, clip, track = self.studio.generation.overlay, self.clip, self.track_id()
        gap = overlay.gap if overlay is not None else None
        self._show_coming(gap)
        is_next, self._awaited = gap is not None and gap != self._awaited, gap
        if gap is None or clip is None or track not in gap.tracks or not is_next:
            return
        start = max(gap.start, clip.start)
        is_seen = 0 <= self.axis.x(start) < self.axis.width * SEEN
        if start < min(gap.end, clip.end) and not is_seen:
            self.axis.scroll_to(start)

    def _measure(self) -> None:
        self.axis.set_end(self.studio.song.project.end)

    def _forget(self) -> None:
        self._shapes = Shapes()

    def ghost_at(self, x: float, y: float) -> tuple[Track, ClipId] | None:
        """The track and the clip of the ghost at a point."""
        tick, pitch = self.axis.tick(x), self.pitch_at(y)
        for track in reversed(self.other_tracks() if self.ghosts else ()):
            found = self.shapes(track)
            under = (found.note_start <= tick) & (tick < found.note_end)
            index = np.flatnonzero(under & (found.note_pitch == pitch))
            if len(index):
                return track, found.clips[int(found.note_clip[index[-1]])].id
        return None

    def _open(self) -> None:
        """Bring the clip and its notes into sight."""
        clip = self._stood = self.clip
        if clip is not None:
            bar = self.project.tempo.meter_at(clip.start).ticks_per_bar
            end = min(clip.end, clip.start + MOST_BARS_ON_OPEN * bar)
            self.axis.scale = max(self.axis.width / max(end - clip.start, bar) * 0.97, 1e-4)
            self.axis.left = float(clip.start)
            self.axis.changed.emit()
            self.heard.look(clip)
        self.centre_on_notes()
        self.opened.emit()

    def centre_on_notes(self) -> None:
        """Scroll so that the notes of the clip lie in the middle."""
        self._fold()
        self._centre_on(self.notes)

    def _centre_on(self, notes: Notes) -> None:
        pitch = notes.pitch
        middle = (int(pitch.min()) + int(pitch.max())) / 2 if len(pitch) else 60.0
        self.rows.centre(self.rows.of(middle))

    def track_id(self) -> TrackId | None:
        track = self.track
        return track.id if track is not None else None
