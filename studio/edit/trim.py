"""Cutting and joining clips: the arithmetic behind trim, split and join."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, Clip, ClipId, NoteClip, WarpPoint
from studio.domain.notes import Automation, Notes
from studio.domain.project import Project
from studio.domain.tempo import TempoMap


def trimmed(clip: Clip, tempo: TempoMap, left_by: int, right_by: int) -> Clip:
    """`clip` with its edges moved by ticks, as far as its content and the song's start allow."""
    if isinstance(clip, NoteClip):
        return _trimmed_notes(clip, left_by, right_by)
    if clip.warp:
        return _trimmed_warp(clip, left_by, right_by)
    return _trimmed_audio(clip, tempo, left_by, right_by)


def split(clip: Clip, tempo: TempoMap, tick: int, right_id: ClipId) -> tuple[Clip, Clip]:
    """Both sides of a cut at song tick `tick`, which lies inside the clip."""
    at = tick - clip.start
    if isinstance(clip, NoteClip):
        left: Clip = replace(clip, length=at)
        right: Clip = replace(
            clip, id=right_id, start=tick, length=clip.length - at, offset=clip.offset + at
        )
        return left, right
    return _split_audio(clip, tempo, at, right_id)


def joined(clips: list[Clip], project: Project) -> Clip:
    """One clip, with the first one's id, of several on a track in the order of their starts.

    Raises:
        StudioError: Recordings that do not go on in one another, or notes with recordings.
    """
    notes = [clip for clip in clips if isinstance(clip, NoteClip)]
    if len(notes) == len(clips):
        return _joined_notes(notes)
    audio = [clip for clip in clips if isinstance(clip, AudioClip)]
    if len(audio) != len(clips):
        raise StudioError("Notes and recordings cannot be joined into one clip.")
    return _joined_audio(audio, project)


# -- notes ------------------------------------------------------------------------------------
def _trimmed_notes(clip: NoteClip, left_by: int, right_by: int) -> NoteClip:
    left = min(max(left_by, -clip.start), clip.length - 1)
    offset = clip.offset + left
    if offset < 0:
        clip = shifted_content(clip, -offset)
        offset = 0
    length = max(clip.length - left + right_by, 1)
    return replace(clip, start=clip.start + left, offset=offset, length=length)


def shifted_content(clip: NoteClip, by: int) -> NoteClip:
    """The clip with everything in its content `by` ticks later."""
    notes = clip.notes.with_columns(start=clip.notes.start + by)
    lanes = tuple(_shifted_lane(lane, by) for lane in clip.controllers)
    return replace(clip, notes=notes, controllers=lanes)


def _shifted_lane(lane: Automation, by: int) -> Automation:
    points = lane.points.copy()
    points["tick"] += by
    return Automation(lane.parameter, points[points["tick"] >= 0])


def heard_notes(clip: NoteClip) -> Notes:
    """The notes that start in what the clip shows, cut at its end; ticks count from its start."""
    inside = clip.notes.where(clip.notes.starting_in(clip.offset, clip.offset + clip.length))
    start = inside.start - clip.offset
    return inside.with_columns(start=start, length=np.minimum(inside.length, clip.length - start))


def _joined_notes(clips: list[NoteClip]) -> NoteClip:
    start, end = min(clip.start for clip in clips), max(clip.end for clip in clips)
    notes = Notes.empty()
    lanes: dict[str, list[np.ndarray]] = {}
    for clip in clips:
        heard = heard_notes(clip)
        notes = notes.joined(heard.with_columns(start=heard.start + clip.start - start))
        for lane in clip.controllers:
            lanes.setdefault(lane.parameter, []).append(
                _heard_points(clip, lane, clip.start - start)
            )
    controllers = tuple(Automation(name, _merged(parts)) for name, parts in sorted(lanes.items()))
    return replace(
        clips[0], start=start, length=end - start, offset=0, notes=notes, controllers=controllers
    )


def _heard_points(clip: NoteClip, lane: Automation, at: int) -> np.ndarray:
    ticks = lane.points["tick"]
    points = lane.points[(ticks >= clip.offset) & (ticks < clip.offset + clip.length)].copy()
    points["tick"] += at - clip.offset
    return points


def _merged(parts: list[np.ndarray]) -> np.ndarray:
    points = np.concatenate(parts)
    points = points[np.argsort(points["tick"], kind="stable")]
    last = np.append(np.diff(points["tick"]) > 0, True) if len(points) else np.zeros(0, dtype=bool)
    merged: np.ndarray = points[last]
    return merged


# -- recordings -------------------------------------------------------------------------------
def _trimmed_audio(clip: AudioClip, tempo: TempoMap, left_by: int, right_by: int) -> AudioClip:
    rate = clip.source.sample_rate
    begin = float(tempo.seconds(clip.start))
    end = begin + clip.seconds
    left = _seconds_moved(tempo, begin, left_by, clip.start) * rate
    right = _seconds_moved(tempo, end, right_by, int(tempo.ticks(end))) * rate
    offset = min(
        max(round(clip.offset_frames + left), 0), clip.offset_frames + clip.length_frames - 1
    )
    last = clip.offset_frames + clip.length_frames + round(right)
    last = min(max(last, offset + 1), clip.source.frames)
    moved = (offset - clip.offset_frames) / rate
    start = max(int(tempo.ticks(begin + moved)), 0) if left_by else clip.start
    return _refaded(clip, start=start, offset=offset, length=last - offset)


def _seconds_moved(tempo: TempoMap, seconds: float, by: int, tick: int) -> float:
    return float(tempo.seconds(max(tick + by, 0))) - seconds if by else 0.0


def _refaded(clip: AudioClip, *, start: int, offset: int, length: int) -> AudioClip:
    fade_in = min(clip.fade_in_frames, length)
    fade_out = min(clip.fade_out_frames, length - fade_in)
    return replace(
        clip, start=start, offset_frames=offset, length_frames=length,
        fade_in_frames=fade_in, fade_out_frames=fade_out,
    )  # fmt: skip


def _trimmed_warp(clip: AudioClip, left_by: int, right_by: int) -> AudioClip:
    length = clip.warp[-1].tick
    left = min(max(left_by, -clip.start), length - 1)
    right = max(length + right_by, left + 1)
    left = max(left, math.ceil(_tick_of(clip, 0)))
    right = min(right, math.floor(_tick_of(clip, clip.source.frames)))
    return _rewarped(clip, left, max(right, left + 1))


def slipped_warp(clip: AudioClip, by: int) -> AudioClip:
    """`clip` with its content `by` ticks later under its edges, as far as the recording lasts."""
    length = clip.warp[-1].tick
    most, least = (
        math.floor(-_tick_of(clip, 0)),
        math.ceil(length - _tick_of(clip, clip.source.frames)),
    )
    by = min(max(by, min(least, 0)), max(most, 0))
    late = replace(clip, start=clip.start + abs(by))  # so that what leads to it has room
    slipped = _rewarped(late, -by, length - by) if by else clip
    return replace(slipped, start=clip.start)


def _tick_of(clip: AudioClip, frame: int) -> float:
    """Where source frame 0 or the last one would stand, in ticks of the clip."""
    outer = clip.warp[:2] if frame == 0 else clip.warp[-2:]
    frames = outer[1].source_frame - outer[0].source_frame
    ticks = outer[1].tick - outer[0].tick
    return outer[0].tick + (frame - outer[0].source_frame) * ticks / frames


def _source_at(clip: AudioClip, tick: int) -> int:
    """The source frame heard at `tick` of the clip; the outer segments go on beyond the ends."""
    points = clip.warp
    index = next((i for i in range(1, len(points) - 1) if tick < points[i].tick), len(points) - 1)
    before, after = points[index - 1], points[index]
    slope = (after.source_frame - before.source_frame) / (after.tick - before.tick)
    return round(before.source_frame + (tick - before.tick) * slope)


def _rewarped(clip: AudioClip, left: int, right: int) -> AudioClip:
    first = min(max(_source_at(clip, left), 0), clip.source.frames - 1)
    last = min(max(_source_at(clip, right), first + 1), clip.source.frames)
    inner = [WarpPoint(p.source_frame, p.tick - left) for p in clip.warp if left < p.tick < right]
    inner = [p for p in inner if first < p.source_frame < last]
    warp = (WarpPoint(first, 0), *inner, WarpPoint(last, right - left))
    bare = replace(clip, warp=warp, fade_in_frames=0, fade_out_frames=0, offset_frames=first,
                   length_frames=last - first, start=clip.start + left)  # fmt: skip
    fade_in = min(clip.fade_in_frames, last - first)
    fade_out = min(clip.fade_out_frames, last - first - fade_in)
    return replace(bare, fade_in_frames=fade_in, fade_out_frames=fade_out)


def _split_audio(
    clip: AudioClip, tempo: TempoMap, at: int, right_id: ClipId
) -> tuple[AudioClip, AudioClip]:
    if clip.warp:
        length = clip.warp[-1].tick
        left, right = _rewarped(clip, 0, at), _rewarped(clip, at, length)
    else:
        seconds = float(tempo.seconds(clip.start + at) - tempo.seconds(clip.start))
        cut = min(max(round(seconds * clip.source.sample_rate), 1), clip.length_frames - 1)
        if clip.length_frames < 2:
            raise StudioError("This clip is too short to split.")
        left = _refaded(clip, start=clip.start, offset=clip.offset_frames, length=cut)
        right = _refaded(clip, start=clip.start + at, offset=clip.offset_frames + cut,
                         length=clip.length_frames - cut)  # fmt: skip
    return replace(left, fade_out_frames=0), replace(right, id=right_id, fade_in_frames=0)


def _joined_audio(clips: list[AudioClip], project: Project) -> AudioClip:
    for before, after in itertools.pairwise(clips):
        follows = before.source == after.source and not before.warp and not after.warp
        gap = before.offset_frames + before.length_frames - after.offset_frames
        near = abs(project.clip_end(before) - after.start) <= 2
        if not (follows and gap == 0 and near):
            raise StudioError(
                "These recordings do not go on in one another.",
                "Only neighbouring parts of one recording can be joined.",
            )
    first, last = clips[0], clips[-1]
    length = last.offset_frames + last.length_frames - first.offset_frames
    return replace(first, length_frames=length, fade_out_frames=last.fade_out_frames)
