"""What was recorded, put where it was heard; and choosing among the turns of a loop."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource, Clip, ClipId, NoteClip, WarpPoint
from studio.domain.notes import Automation, Notes
from studio.domain.project import Project, in_order
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit import trim
from studio.edit.command import Edit
from studio.edit.takes import TRACK_COLORS, new_instrument


@dataclass(frozen=True, slots=True)
class Sung:
    """A stretch of sound to become a clip.

    Attributes:
        source: At the song's rate.
        song_frame: Where its first frame was heard.
        offset_frames, length_frames: The part of the source.
        turns, turn: See `AudioClip`.
    """

    track: TrackId
    name: str
    source: AudioSource
    song_frame: int
    offset_frames: int
    length_frames: int
    turns: tuple[int, ...] = ()
    turn: int = 0
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Played:
    """Notes that were played, in song ticks, within [start, end)."""

    track: TrackId
    name: str
    notes: Notes
    controllers: tuple[Automation, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PlaceRecorded(Edit):
    """Put what was recorded on its tracks; a track that is gone comes again.

    Sound takes the place of recordings that lie there; they are cut, and their edges can be drawn
    out again. Notes are added to the clip that they began in, or make one of their own.
    """

    label: ClassVar[str] = "Record"
    sung: tuple[Sung, ...] = ()
    played: tuple[Played, ...] = ()

    def apply(self, project: Project) -> Project:
        placed: list[ClipId] = []
        for piece in self.sung:
            project, track = _with_place(project, piece.track, piece.name, TrackKind.AUDIO)
            clip = _clip_of(piece, project, project.new_clip_id())
            if not clip.muted:
                project = _cleared(project, track, clip, placed)
            project = project.with_clip_on(track, replace(clip, id=project.new_clip_id()))
            placed.append(ClipId(f"c{project.next_id - 1}"))
        for part in self.played:
            if len(part.notes) or part.controllers:
                kind = TrackKind.INSTRUMENT
                project, track = _with_place(project, part.track, part.name, kind)
                project = _with_notes(project, track, part)
        return project


@dataclass(frozen=True, slots=True)
class ChooseTurn(Edit):
    """Show another turn of a recording made in a loop, at the same place."""

    label: ClassVar[str] = "Choose take"
    clip: ClipId
    turn: int
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        found = project.find_clip(self.clip)
        clip = found[1] if found is not None else None
        if not isinstance(clip, AudioClip) or not 0 <= self.turn < len(clip.turns):
            raise StudioError("That recording has no such take.")
        by = clip.turns[self.turn] - clip.turns[clip.turn]
        offset = clip.offset_frames + by
        if offset < 0 or offset + clip.length_frames > clip.source.frames:
            raise StudioError("That take is not as long as this clip.", "Trim the clip first.")
        warp = tuple(WarpPoint(p.source_frame + by, p.tick) for p in clip.warp)
        return project.with_clip(replace(clip, offset_frames=offset, turn=self.turn, warp=warp))


def _with_place(
    project: Project, id: TrackId, name: str, kind: TrackKind
) -> tuple[Project, TrackId]:
    """The song with a track of that kind, and its id."""
    found = project.find_track(id)
    if found is not None and found.kind is kind:
        return project, id
    if kind is TrackKind.INSTRUMENT:
        made = new_instrument(project, name, 0)
    else:
        color = len(project.sources) % TRACK_COLORS
        made = Track(project.new_track_id(), TrackKind.AUDIO, name, color=color)
    return project.with_new_track(made), made.id


# -- sound ------------------------------------------------------------------------------------
def _clip_of(piece: Sung, project: Project, id: ClipId) -> AudioClip:
    """The clip, exact to the frame: it begins with the first tick at or after its first frame."""
    tempo, rate = project.tempo, project.sample_rate
    tick = tempo.tick_of_frame(piece.song_frame, rate)
    while tempo.frame(tick, rate) < piece.song_frame:
        tick += 1
    late = min(tempo.frame(tick, rate) - piece.song_frame, piece.length_frames - 1)
    return AudioClip(
        id,
        tick,
        piece.source,
        piece.offset_frames + late,
        piece.length_frames - late,
        piece.name,
        turns=piece.turns,
        turn=piece.turn,
        muted=piece.muted,
    )


def _cleared(project: Project, id: TrackId, clip: AudioClip, keep: list[ClipId]) -> Project:
    """The song with room for `clip`: other recordings of the track do not sound beneath it."""
    start, end = clip.start, project.clip_end(clip)
    track = project.track(id)
    kept: list[Clip] = []
    for other in track.clips:
        if other.id in keep or other.muted:
            kept.append(other)
        else:
            parts = _outside(project, other, start, end)
            project = project.counted_past(parts[-1].id) if parts else project
            kept += parts
    return project.with_track(replace(track, clips=in_order(tuple(kept))))


def _outside(project: Project, clip: Clip, start: int, end: int) -> list[Clip]:
    """What of a clip lies before `start` and after `end`, ticks."""
    parts: list[Clip] = []
    last = project.clip_end(clip)
    if last <= start or clip.start >= end:
        return [clip]
    if clip.start < start:
        parts.append(trim.split(clip, project.tempo, start, project.new_clip_id())[0])
    if last > end:
        right = trim.split(clip, project.tempo, end, project.new_clip_id())[1]
        parts.append(right if parts else replace(right, id=clip.id))
    return parts


# -- notes ------------------------------------------------------------------------------------
def _with_notes(project: Project, id: TrackId, part: Played) -> Project:
    track = project.track(id)
    for clip in track.clips:
        if isinstance(clip, NoteClip) and not clip.muted and clip.start <= part.start < clip.end:
            return project.with_clip(_overdubbed(clip, part))
    clip = NoteClip(project.new_clip_id(), *_room(project, track, part), name=part.name)
    return project.with_clip_on(id, _overdubbed(clip, part))


def _room(project: Project, track: Track, part: Played) -> tuple[int, int]:
    """Where whole bars around what was played are free: start and length."""
    tempo = project.tempo
    start = tempo.bar_start(tempo.bar_at(part.start))
    last = int(part.notes.start.max()) + 1 if len(part.notes) else part.start + 1
    end = tempo.next_bar(max(part.end, last))
    before = [c.end for c in track.clips if isinstance(c, NoteClip) and c.end <= part.start]
    after = [c.start for c in track.clips if c.start >= last]
    start, end = max([start, *before]), min([end, *after])
    return start, max(end - start, 1)


def _overdubbed(clip: NoteClip, part: Played) -> NoteClip:
    """The clip with the notes of `part` in it, as long as it must be to show them."""
    notes = part.notes.with_columns(start=np.maximum(part.notes.start - clip.shift, 0))
    lanes = {lane.parameter: lane for lane in clip.controllers}
    for lane in part.controllers:
        lanes[lane.parameter] = _laid_over(lanes.get(lane.parameter), lane, clip.shift)
    last = int(part.notes.start.max()) + 1 if len(part.notes) else 0
    return replace(
        clip,
        notes=clip.notes.joined(notes),
        length=max(clip.length, last - clip.start),
        controllers=tuple(lanes[name] for name in sorted(lanes)),
    )


def _laid_over(before: Automation | None, lane: Automation, shift: int) -> Automation:
    """`lane`, in song ticks, in place of what `before` does over the same stretch."""
    points: Any = lane.points.copy()
    points["tick"] = np.maximum(points["tick"] - shift, 0)
    points = points[np.append(np.diff(points["tick"]) > 0, True)]
    if before is not None and len(points):
        old = before.points
        outside = (old["tick"] < points["tick"][0]) | (old["tick"] > points["tick"][-1])
        points = np.concatenate([old[outside], points])
        points = points[np.argsort(points["tick"], kind="stable")]
    return Automation(lane.parameter, points)
