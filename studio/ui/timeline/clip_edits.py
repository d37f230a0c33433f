"""What keys and menus do to clips; the mouse is not needed for any of it."""

from __future__ import annotations

from studio.domain.clip import Clip
from studio.domain.track import TrackId
from studio.edit.clips import (
    CopyClips,
    DeleteClips,
    JoinClips,
    MoveClips,
    PasteClips,
    SetClip,
    SplitClips,
)
from studio.edit.command import Command
from studio.edit.ripple import ClearRange, DeleteTime, InsertTime, RippleDelete, all_tracks
from studio.ui.timeline.timeline_view import TimelineView


class ClipEdits:
    """Edits of the selected clips; each one is one undo step."""

    def __init__(self, view: TimelineView) -> None:
        self._view = view
        self._song = view.studio.song
        self._selection = view.studio.selection
        self._clipboard: tuple[tuple[TrackId, Clip], ...] = ()

    def select_all(self) -> None:
        self._selection.set_clips(clip.id for _, clip in self._song.project.clips())

    def select_next(self, by: int) -> None:
        """Select the clip after (or before) the selected one, track by track."""
        clips = [clip.id for track in self._view.tracks for clip in track.clips]
        if clips:
            chosen = [index for index, id in enumerate(clips) if id in self._selection.clips]
            at = chosen[-1] + by if chosen else (0 if by > 0 else -1)
            self._selection.set_clips({clips[at % len(clips)]})

    def delete(self) -> None:
        """Delete the selected clips, else what lies in the selected range."""
        if self._selection.clips:
            self._view.do(DeleteClips(self._selection.clips))
        elif self._selection.span is not None:
            start, end = self._selection.span
            self._view.do(ClearRange(frozenset(self._selection.span_tracks), start, end))

    def ripple_delete(self) -> None:
        """Delete the selected clips, or the time of the selected range, and close up."""
        if self._selection.clips:
            self._view.do(RippleDelete(self._selection.clips))
        elif self._selection.span is not None:
            start, end = self._selection.span
            if self._view.do(DeleteTime(self._span_tracks(), start, end)):
                self._selection.set_span(None)

    def insert_time(self) -> None:
        """Put the selected range in as empty time; without one, a bar at the playhead."""
        span = self._selection.span
        if span is not None:
            self._view.do(InsertTime(self._span_tracks(), span[0], span[1] - span[0]))
        else:
            tempo, tick = self._song.project.tempo, self._view.studio.playback.position_tick
            start = tempo.bar_start(tempo.bar_at(tick))
            self._view.do(InsertTime(None, start, tempo.meter_at(start).ticks_per_bar))

    def _span_tracks(self) -> frozenset[TrackId] | None:
        """The tracks of the range; None where those are all: then time is the song's."""
        return all_tracks(self._song.project, self._selection.span_tracks)

    def copy(self) -> None:
        chosen = self._view.selected()
        if chosen:
            self._clipboard = tuple((track.id, clip) for track, clip in chosen)

    def cut(self) -> None:
        self.copy()
        if self._selection.clips:
            self._view.do(DeleteClips(self._selection.clips))

    def paste(self) -> None:
        """Put what was copied at the playhead, and select it."""
        if self._clipboard:
            tick = self._view.studio.playback.position_tick
            self._do_and_select_made(PasteClips(self._clipboard, tick))

    def duplicate(self) -> None:
        """Copy the selected clips right behind themselves."""
        chosen = self._view.selected()
        if chosen:
            project = self._song.project
            start = min(clip.start for _, clip in chosen)
            length = max(project.clip_end(clip) for _, clip in chosen) - start
            self._do_and_select_made(CopyClips(self._selection.clips, length))

    def split(self) -> None:
        """Cut at the playhead: the selected clips there, else every clip of the selected tracks
        (of all tracks, where none is selected)."""
        tick = self._view.studio.playback.position_tick
        under = self._view.clips_at(tick, self._song.project.sources)
        chosen = under & self._selection.clips
        if not chosen and self._selection.tracks:
            on_tracks = [t for t in self._song.project.sources if t.id in self._selection.tracks]
            chosen = self._view.clips_at(tick, tuple(on_tracks))
        self._view.do(SplitClips(chosen or under, tick))

    def join(self) -> None:
        self._view.do(JoinClips(self._selection.clips))

    def nudge(self, by_steps: int) -> None:
        """Move the selected clips by the grid, or the selected range."""
        span, chosen = self._selection.span, self._view.selected()
        at = min((clip.start for _, clip in chosen), default=span[0] if span else 0)
        by = by_steps * self._view.grid_step(at)
        if chosen:
            self._view.do(MoveClips(self._selection.clips, by))
        elif span is not None:
            by = max(by, -span[0])
            self._selection.set_span((span[0] + by, span[1] + by), self._selection.span_tracks)

    def toggle_mute(self) -> None:
        chosen = self._view.selected()
        muted = not all(clip.muted for _, clip in chosen)
        self._view.do(SetClip(self._selection.clips, (("muted", muted),)))

    def rename(self, name: str) -> None:
        self._view.do(SetClip(self._selection.clips, (("name", name),)))

    def _do_and_select_made(self, command: Command) -> None:
        before = {clip.id for _, clip in self._song.project.clips()}
        if self._view.do(command):
            made = {clip.id for _, clip in self._song.project.clips()} - before
            self._selection.set_clips(made)
