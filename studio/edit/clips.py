"""Edits of clips: where they stand, what they show, and which there are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, Clip, ClipId, NoteClip
from studio.domain.project import Project, in_order
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.command import Edit
from studio.edit.trim import joined, split, trimmed


def _named(project: Project, ids: frozenset[ClipId]) -> list[tuple[Track, Clip]]:
    """The clips of `ids` in the song's order; those that are gone are left out."""
    return [(track, clip) for track, clip in project.clips() if clip.id in ids]


def with_tracks(project: Project, tracks: list[Track]) -> Project:
    """The song with other tracks of the same ids; the song itself where these are its own."""
    same = all(a is b for a, b in zip(tracks, project.tracks, strict=True))
    return project if same else replace(project, tracks=tuple(tracks))


def _holds(track: Track, clip: Clip) -> bool:
    wanted = TrackKind.INSTRUMENT if isinstance(clip, NoteClip) else TrackKind.AUDIO
    return track.kind is wanted


def _checked(project: Project, id: TrackId, clip: Clip) -> Track:
    track = project.find_track(id)
    if track is None:
        raise StudioError("That track is no longer there.")
    if not _holds(track, clip):
        raise StudioError(
            f"{track.name} cannot hold this clip.",
            "Notes go on instrument tracks and recordings on audio tracks.",
        )
    return track


@dataclass(frozen=True, slots=True)
class AddClip(Edit):
    """Put a clip on a track. Its id must be new (`Project.new_clip_id`)."""

    label: ClassVar[str] = "Add clip"
    track: TrackId
    clip: Clip
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        _checked(project, self.track, self.clip)
        if project.find_clip(self.clip.id) is not None:
            raise StudioError("A clip of this name is already in the song.")
        return project.with_clip_on(self.track, self.clip)


@dataclass(frozen=True, slots=True)
class DeleteClips(Edit):
    label: ClassVar[str] = "Delete clips"
    ids: frozenset[ClipId]

    def apply(self, project: Project) -> Project:
        def left(track: Track) -> Track:
            kept = tuple(clip for clip in track.clips if clip.id not in self.ids)
            return track if len(kept) == len(track.clips) else replace(track, clips=kept)

        return with_tracks(project, [left(track) for track in project.tracks])


@dataclass(frozen=True, slots=True)
class MoveClips(Edit):
    """Move clips in time and by rows of the timeline.

    The group stops as one at the song's start. It changes rows only if each clip meets a track of
    its own kind there.
    """

    label: ClassVar[str] = "Move clips"
    ids: frozenset[ClipId]
    by_ticks: int = 0
    by_tracks: int = 0
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        moving = _named(project, self.ids)
        if not moving or not (self.by_ticks or self.by_tracks):
            return project
        ticks = max(self.by_ticks, -min(clip.start for _, clip in moving))
        targets = _targets(project, moving, self.by_tracks)
        if not ticks and all(a.id == b for (a, _), b in zip(moving, targets, strict=True)):
            return project
        for (_, clip), target in zip(moving, targets, strict=True):
            shifted = replace(clip, start=clip.start + ticks)
            project = project.without_clip(clip.id).with_clip_on(target, shifted)
        return project


def _targets(project: Project, moving: list[tuple[Track, Clip]], by_tracks: int) -> list[TrackId]:
    rows = [track.id for track in project.sources]
    found = []
    for track, clip in moving:
        row = rows.index(track.id) + by_tracks
        if not 0 <= row < len(rows) or not _holds(project.track(rows[row]), clip):
            return [track.id for track, _ in moving]
        found.append(rows[row])
    return found


@dataclass(frozen=True, slots=True)
class CopyClips(Edit):
    """Copy clips to another place; the copies get ids from `Project.next_id`, in song order."""

    label: ClassVar[str] = "Copy clips"
    ids: frozenset[ClipId]
    by_ticks: int = 0
    by_tracks: int = 0
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        copying = _named(project, self.ids)
        if not copying:
            return project
        ticks = max(self.by_ticks, -min(clip.start for _, clip in copying))
        targets = _targets(project, copying, self.by_tracks)
        for (_, clip), target in zip(copying, targets, strict=True):
            copy = replace(clip, id=project.new_clip_id(), start=clip.start + ticks)
            project = project.with_clip_on(target, copy)
        return project


@dataclass(frozen=True, slots=True)
class PasteClips(Edit):
    """Put clips, each with the track it was copied from, so that the first starts at `tick`."""

    label: ClassVar[str] = "Paste clips"
    clips: tuple[tuple[TrackId, Clip], ...]
    tick: int

    def apply(self, project: Project) -> Project:
        first = min((clip.start for _, clip in self.clips), default=0)
        for track, clip in self.clips:
            _checked(project, track, clip)
            start = max(clip.start - first + self.tick, 0)
            pasted = replace(clip, id=project.new_clip_id(), start=start)
            project = project.with_clip_on(track, pasted)
        return project


@dataclass(frozen=True, slots=True)
class TrimClip(Edit):
    """Move a clip's edges by ticks; what is cut off stays in the content."""

    label: ClassVar[str] = "Trim clip"
    id: ClipId
    left_by: int = 0
    right_by: int = 0
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        found = project.find_clip(self.id)
        if found is None:
            raise StudioError("That clip is no longer there.")
        clip = trimmed(found[1], project.tempo, self.left_by, self.right_by)
        return project if clip == found[1] else project.with_clip(clip)


@dataclass(frozen=True, slots=True)
class SplitClips(Edit):
    """Cut clips at a song tick; the right parts get ids from `Project.next_id`."""

    label: ClassVar[str] = "Split clips"
    ids: frozenset[ClipId]
    tick: int

    def apply(self, project: Project) -> Project:
        tracks, made = [], 0
        for track in project.tracks:
            kept, added = list(track.clips), []
            for index, clip in enumerate(kept):
                if clip.id in self.ids and clip.start < self.tick < project.clip_end(clip):
                    id = project.new_clip_id(made)
                    kept[index], right = split(clip, project.tempo, self.tick, id)
                    added.append(right)
                    made += 1
            clips = in_order((*kept, *added))
            tracks.append(replace(track, clips=clips) if added else track)
        if not made:
            return project
        return replace(project, tracks=tuple(tracks), next_id=project.next_id + made)


@dataclass(frozen=True, slots=True)
class JoinClips(Edit):
    """Make one clip of several on a track; recordings only where one goes on in the next."""

    label: ClassVar[str] = "Join clips"
    ids: frozenset[ClipId]

    def apply(self, project: Project) -> Project:
        found = _named(project, self.ids)
        if len({track.id for track, _ in found}) > 1:
            raise StudioError("Only clips on one track can be joined.")
        if len(found) < 2:
            return project
        clips = [clip for _, clip in found]
        one = joined(clips, project)
        for clip in clips[1:]:
            project = project.without_clip(clip.id)
        return project.with_clip(one)


@dataclass(frozen=True, slots=True)
class SetClip(Edit):
    """Set `name` or `muted` of clips; of recordings also `gain_db`, the fades in frames and their
    shape.

    Fields a clip does not have are passed over, so that a mixed selection can be muted at once.
    """

    label: ClassVar[str] = "Change clip"
    ids: frozenset[ClipId]
    fields: tuple[tuple[str, Any], ...]
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        for _, clip in _named(project, self.ids):
            allowed = _AUDIO_FIELDS if isinstance(clip, AudioClip) else _NOTE_FIELDS
            fields = {name: value for name, value in self.fields if name in allowed}
            if isinstance(clip, AudioClip):
                fields = _fitting_fades(clip, fields)
            changed = replace(clip, **fields)
            project = project if changed == clip else project.with_clip(changed)
        return project


_NOTE_FIELDS = {"name", "muted"}
_AUDIO_FIELDS = _NOTE_FIELDS | {"gain_db", "fade_in_frames", "fade_out_frames", "fade_shape"}


def _fitting_fades(clip: AudioClip, fields: dict[str, Any]) -> dict[str, Any]:
    """A fade grows only to where the other one begins."""
    if "fade_in_frames" in fields:
        room = clip.length_frames - clip.fade_out_frames
        fields["fade_in_frames"] = min(max(int(fields["fade_in_frames"]), 0), room)
    if "fade_out_frames" in fields:
        room = clip.length_frames - int(fields.get("fade_in_frames", clip.fade_in_frames))
        fields["fade_out_frames"] = min(max(int(fields["fade_out_frames"]), 0), room)
    return fields
