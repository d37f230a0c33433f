"""The timeline's state: its tracks as rows, and what each track looks like as arrays."""

from __future__ import annotations

from studio.domain.clip import Clip, ClipId
from studio.domain.project import Project
from studio.domain.track import Track, TrackId
from studio.edit.groups import RenameGroup, run_of
from studio.ui.canvas.axis import WHOLE, RowAxis, TimeAxis
from studio.ui.canvas.shapes import Shapes, TrackShapes
from studio.ui.canvas.view import View
from studio.workspace.studio import Studio

TOOLS = ("select", "draw", "erase", "knife", "range")
ROW_HEIGHT, LEAST_ROW, MOST_ROW = 62.0, 26.0, 240.0
BAR_PX = 83.0


class TimelineView(View):
    """Rows are the tracks that hold clips, in the song's order."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, TimeAxis(BAR_PX / WHOLE), TOOLS)
        self.rows = RowAxis(0, ROW_HEIGHT, least=LEAST_ROW, most=MOST_ROW, parent=self)
        self._shapes = Shapes()
        self.end = 0  # of the song as it is shown, ticks
        self._folded: frozenset[str] = frozenset()  # groups
        self._known = frozenset(track.id for track in self.project.sources)
        self._tempo_shown: bool | None = None  # as was chosen; else while there is more than one
        self._was_empty = not studio.song.project.end
        self.shown_changed.connect(self._measure)
        self.bindings.connect(studio.selection.changed, self._reveal_track)
        self.bindings.connect(studio.song.changed, self._show_added)
        self._measure()

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Those that have a row: of a folded group the first alone, in which all are seen."""
        return self.rows_of(self.project)

    def rows_of(self, project: Project) -> tuple[Track, ...]:
        """The tracks of a song that have a row."""
        sources = project.sources
        if not self._folded:
            return sources
        above = ("", *(track.group for track in sources))
        return tuple(
            track
            for track, before in zip(sources, above, strict=False)
            if track.group not in self._folded or track.group != before
        )

    # -- groups -------------------------------------------------------------------------------
    def is_folded(self, track: Track) -> bool:
        return bool(track.group) and track.group in self._folded

    def toggle_fold(self, group: str) -> None:
        self._folded ^= {group}
        self._measure()
        self.shown_changed.emit()

    def rename_group(self, group: str, name: str) -> None:
        """Give a group another name; folded, it stays so."""
        if self.do(RenameGroup(group, name)):
            now = {track.group for track in self.project.sources}
            if group in self._folded and group not in now:
                self._folded = (self._folded - {group}) | {name}
                self._measure()
                self.shown_changed.emit()

    def members(self, track: Track) -> tuple[Track, ...]:
        """A track with those of its group beside it."""
        return run_of(self.project.sources, track.id)

    def in_row(self, track: Track) -> tuple[Track, ...]:
        """The tracks that a row stands for: a folded group, or one track."""
        return self.members(track) if self.is_folded(track) else (track,)

    def rows_moved(self, before: int, after: int) -> int:
        """How many of the song's tracks lie from one row to another."""
        sources, tracks = self.project.sources, self.tracks
        return sources.index(tracks[after]) - sources.index(tracks[before])

    # -- looking ------------------------------------------------------------------------------

    @property
    def tempo_shown(self) -> bool:
        """Whether the ruler has rows for tempo and meter."""
        tempo = self.studio.song.project.tempo
        changes = len(tempo.tempos) > 1 or len(tempo.meters) > 1
        return changes if self._tempo_shown is None else self._tempo_shown

    def toggle_tempo(self) -> None:
        self._tempo_shown = not self.tempo_shown
        self.shown_changed.emit()

    def shapes(self, track: Track) -> TrackShapes:
        """The clips of a track as arrays, in song ticks."""
        return self._shapes.of(track, self.project)

    def row_of(self, id: TrackId) -> int | None:
        return next((row for row, track in enumerate(self.tracks) if track.id == id), None)

    def track_at(self, y: float) -> Track | None:
        """The track at `y`, None below the last one."""
        row = int((y + self.rows.top) // self.rows.row_height)
        return self.tracks[row] if 0 <= row < len(self.tracks) else None

    def tracks_between(self, y0: float, y1: float) -> tuple[Track, ...]:
        """The tracks that a stretch from one height to another touches."""
        height, top = self.rows.row_height, self.rows.top
        first, last = sorted(int((y + top) // height) for y in (y0, y1))
        rows = self.tracks[max(first, 0) : max(last + 1, 0)]
        return tuple(track for row in rows for track in self.in_row(row))

    def clips_at(self, tick: int, tracks: tuple[Track, ...]) -> frozenset[ClipId]:
        """Clips of `tracks` that `tick` cuts."""
        return frozenset(
            clip.id
            for track in tracks
            for clip in track.clips
            if clip.start < tick < self.project.clip_end(clip)
        )

    def selected(self) -> list[tuple[Track, Clip]]:
        chosen = self.studio.selection.clips
        return [(track, clip) for track, clip in self.project.clips() if clip.id in chosen]

    def forget(self) -> None:
        """Another song was opened: nothing kept of the old one is of use."""
        self._shapes = Shapes()
        self._folded = frozenset()
        self._known = frozenset(track.id for track in self.project.sources)
        self.axis.scroll_to(0)
        self.rows.scroll_to(0)

    def _reveal_track(self) -> None:
        """A track that is chosen elsewhere, or by key, comes into sight."""
        chosen = self.studio.selection.tracks
        row = self.row_of(chosen[0]) if chosen else None
        if row is not None:
            self.rows.reveal(row)

    def _show_added(self, found: object, origin: object) -> None:
        """Bring tracks that came into the song into sight; a first song is seen whole."""
        sources = self.project.sources
        known, self._known = self._known, frozenset(track.id for track in sources)
        rows = [row for row, track in enumerate(self.tracks) if track.id not in known]
        was_empty, self._was_empty = self._was_empty, not self.end
        if was_empty and self.end > self.axis.span[1]:
            self.axis.show(0, self.end)
        if known and rows:
            self.rows.reveal(rows[-1], most=True)
            self.rows.reveal(rows[0], most=True)

    def _measure(self) -> None:
        self.rows.set_rows(len(self.tracks))
        ends = [self.shapes(track).end for track in self.project.sources]
        self.end = max((int(end.max()) for end in ends if len(end)), default=0)
        self.axis.set_end(self.end)
