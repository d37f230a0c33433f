"""Clips made one recording, in their place or on a track of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource, Clip
from studio.domain.project import Project
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.clips import DeleteClips, SetClip
from studio.edit.command import Edit
from studio.edit.tracks import DuplicateTrack


@dataclass(frozen=True, slots=True)
class PlaceBounce(Edit):
    """Put what clips sounded like, before the effects of their track, where they are.

    On an audio track, in place, the recording takes the place of its clips. Otherwise it comes on
    an audio track under theirs, with the same effects, fader and sends, and they are muted.

    Attributes:
        clips: As they were when they were rendered.
        source: At the song's rate; its first frame is heard where the first clip starts.
        in_place: On the same track, where that can hold a recording.
    """

    label: ClassVar[str] = "Bounce"
    track: TrackId
    clips: tuple[Clip, ...]
    source: AudioSource
    in_place: bool = True

    def apply(self, project: Project) -> Project:
        owner = project.find_track(self.track)
        if owner is None or any(clip not in owner.clips for clip in self.clips):
            raise StudioError("The clips changed while they were bounced.", "Bounce them again.")
        ids = frozenset(clip.id for clip in self.clips)
        start = min(clip.start for clip in self.clips)
        name = next((clip.name for clip in self.clips if clip.name), owner.name)
        if self.in_place and owner.kind is TrackKind.AUDIO:
            project, target = DeleteClips(ids).apply(project), owner.id
        else:
            muted = SetClip(ids, (("muted", True),)).apply(project)
            project, target = _with_track_below(muted, owner)
        clip = AudioClip(
            project.new_clip_id(), start, self.source, 0, self.source.frames, name=name
        )
        return project.with_clip_on(target, clip)


def _with_track_below(project: Project, owner: Track) -> tuple[Project, TrackId]:
    """The song with an empty audio track like `owner`, without its instrument."""
    id = project.new_track_id()
    copied = DuplicateTrack(owner.id).apply(project)
    copy = copied.track(id)
    return copied.with_track(
        replace(
            copy, kind=TrackKind.AUDIO, name=f"{owner.name} bounced", clips=(), frozen=None,
            devices=copy.effects,
        )
    ), id  # fmt: skip
