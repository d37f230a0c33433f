"""What keys and menus do to clips; the mouse is not needed for any of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from studio.domain.clip import Clip, ClipId
from studio.domain.project import Project
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
from studio.ui.timeline.timeline_view import TimelineView


@dataclass(frozen=True, slots=True)
class ClearRange:
    """Empty a range on some tracks: clips are cut at its borders and what lies inside goes."""

    tracks: frozenset[TrackId]
    start: int
    end: int
    label: ClassVar[str] = "Clear range"
    merge_key: ClassVar[None] = None

    def apply(self, project: Project) -> Project:
        for tick in (self.start, self.end):
            project = SplitClips(self._clips(project), tick).apply(project)
        inside = frozenset(
            clip.id
            for track, clip in project.clips()
            if track.id in self.tracks
            and self.start <= clip.start
            and project.clip_end(clip) <= self.end
        )
        return DeleteClips(inside).apply(project)

    def _clips(self, project: Project) -> frozenset[ClipId]:
        return frozenset(clip.id for track, clip in project.clips() if track.id in self.tracks)


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
        under = self._view.clips_at(tick, self._view.tracks)
        chosen = under & self._selection.clips
        if not chosen and self._selection.tracks:
            on_tracks = [t for t in self._view.tracks if t.id in self._selection.tracks]
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
