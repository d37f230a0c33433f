"""Edits of what a clip shows: its content slipped under its edges, or stretched with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, Clip, ClipId, NoteClip, WarpPoint
from studio.domain.notes import Automation, Notes
from studio.domain.project import Project
from studio.domain.tempo import TempoMap
from studio.domain.track import Track
from studio.edit import trim
from studio.edit.clips import with_tracks
from studio.edit.command import Edit

LEAST, MOST = 0.25, 4.0  # how short and how long a clip is stretched at once


@dataclass(frozen=True, slots=True)
class SlipClips(Edit):
    """Let clips show an earlier (positive ticks) or later part of their content; they stay.

    A recording goes as far as it lasts; notes go on, with silence in front where there are none.
    """

    label: ClassVar[str] = "Slip clips"
    ids: frozenset[ClipId]
    by_ticks: int
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        def moved(track: Track) -> Track:
            if not self.by_ticks or not any(clip.id in self.ids for clip in track.clips):
                return track
            clips = tuple(
                _slipped(clip, project.tempo, self.by_ticks) if clip.id in self.ids else clip
                for clip in track.clips
            )
            return track if clips == track.clips else replace(track, clips=clips)

        return with_tracks(project, [moved(track) for track in project.tracks])


@dataclass(frozen=True, slots=True)
class StretchClip(Edit):
    """Move an edge of a clip and let its content stretch along: notes, or a recording's warp map.

    The other edge stays where it is. A clip becomes at most four times as long or as short.
    """

    label: ClassVar[str] = "Stretch clip"
    id: ClipId
    left_by: int = 0
    right_by: int = 0
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        found = project.find_clip(self.id)
        if found is None:
            raise StudioError("That clip is no longer there.")
        clip = found[1]
        before = project.clip_end(clip) - clip.start
        left = max(self.left_by, -clip.start)
        wanted = before - left + self.right_by
        length = min(max(wanted, round(before * LEAST), 1), round(before * MOST))
        if length == before:
            return project
        start = clip.start + before - length if left else clip.start
        return project.with_clip(_stretched(clip, max(start, 0), before, length))


# -- slipping ---------------------------------------------------------------------------------
def _slipped(clip: Clip, tempo: TempoMap, by: int) -> Clip:
    if isinstance(clip, NoteClip):
        short = max(by - clip.offset, 0)  # what is missing in front of the content
        grown = trim.shifted_content(clip, short) if short else clip
        return replace(grown, offset=clip.offset + short - by)
    if clip.warp:
        return trim.slipped_warp(clip, by)
    seconds = float(tempo.seconds(max(clip.start + by, 0)) - tempo.seconds(clip.start))
    last = clip.source.frames - clip.length_frames
    offset = clip.offset_frames - round(seconds * clip.source.sample_rate)
    return replace(clip, offset_frames=min(max(offset, 0), last))


# -- stretching -------------------------------------------------------------------------------
def _stretched(clip: Clip, start: int, before: int, length: int) -> Clip:
    if isinstance(clip, AudioClip):
        return replace(clip, start=start, warp=_stretched_warp(clip, before, length))
    ratio = length / before
    lanes = tuple(_stretched_lane(lane, ratio) for lane in clip.controllers)
    return replace(
        clip, start=start, length=length, offset=round(clip.offset * ratio),
        notes=_stretched_notes(clip.notes, ratio), controllers=lanes,
    )  # fmt: skip


def _stretched_notes(notes: Notes, ratio: float) -> Notes:
    """Onsets and ends at the ratio, each rounded once: notes that met still meet."""
    start = np.rint(notes.start * ratio).astype(np.int64)
    end = np.rint(notes.end * ratio).astype(np.int64)
    timing = np.rint(notes.timing * ratio).astype(np.int32)
    return notes.with_columns(start=start, length=np.maximum(end - start, 1), timing=timing)


def _stretched_lane(lane: Automation, ratio: float) -> Automation:
    points = lane.points.copy()
    points["tick"] = np.rint(points["tick"] * ratio)
    last = np.append(np.diff(points["tick"]) > 0, True)[: len(points)]
    return Automation(lane.parameter, points[last])


def _stretched_warp(clip: AudioClip, before: int, length: int) -> tuple[WarpPoint, ...]:
    first, last = clip.offset_frames, clip.offset_frames + clip.length_frames
    points = clip.warp or (WarpPoint(first, 0), WarpPoint(last, before))
    ticks = [round(point.tick * length / before) for point in points]
    placed = [WarpPoint(points[0].source_frame, 0)]
    for point, tick in zip(points[1:-1], ticks[1:-1], strict=True):
        if placed[-1].tick < tick < length:
            placed.append(WarpPoint(point.source_frame, tick))
    return (*placed, WarpPoint(points[-1].source_frame, length))
