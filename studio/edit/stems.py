"""Placing the stems that a clip was split into, as tracks under its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource, TakeId, WarpPoint
from studio.domain.project import Project
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.command import Edit
from studio.edit.takes import GAP_CHANGED, TRACK_COLORS


@dataclass(frozen=True, slots=True)
class PlaceStems(Edit):
    """Put stems on audio tracks under the track of the clip they were made of, and mute that clip.

    Each stem shows what the clip shows, with its fades, gain and warp, on the same frames; its
    track has the fader, pan, sends and switches of the clip's, so that together they sound as the
    clip did before its track's effects. Stems of a warped clip sum to its recording, but each is
    stretched by itself: what is heard is as loud as the clip and no longer cancels it. A track that
    an earlier clip's stem of the same name lies on is used again where there is room.

    Attributes:
        clip: As it was when the stems were asked for. track: The one it was on.
        stems: Names and recordings.
        first_frame: The frame of the clip's recording at which the stems begin.
        sure: Refuse where the clip is gone or shows more than the stems hold; else they show what
            it showed then. Wherever it was moved or trimmed to otherwise, they go along.
    """

    label: ClassVar[str] = "Split into stems"
    take: TakeId
    track: TrackId
    clip: AudioClip
    stems: tuple[tuple[str, AudioSource], ...]
    first_frame: int
    sure: bool = True

    def apply(self, project: Project) -> Project:
        found = project.find_clip(self.clip.id)
        there = found[1] if found is not None and isinstance(found[1], AudioClip) else None
        is_held = there is not None and self._holds(there)
        if self.sure and not is_held:
            raise StudioError(
                GAP_CHANGED, "It is kept among the takes; Place puts it there anyway."
            )
        shown = there if there is not None and is_held else self.clip
        owner = found[0] if found is not None else project.find_track(self.track)
        tracks: list[TrackId] = []
        for name, source in self.stems:
            clip = self._stem(shown, source, f"{shown.name or shown.source.name} {name}".strip())
            project, track = _room_for(project, owner, name, clip, tracks)
            tracks.append(track)
            project = project.with_clip_on(track, replace(clip, id=project.new_clip_id()))
        if there is not None:
            project = project.with_clip(replace(there, muted=True))
        return project

    def _holds(self, clip: AudioClip) -> bool:
        """Whether the stems hold all that the clip shows now."""
        frames = min(source.frames for _, source in self.stems)
        last = clip.offset_frames + clip.length_frames
        return (
            clip.source == self.clip.source
            and self.first_frame <= clip.offset_frames
            and last <= self.first_frame + frames
        )

    def _stem(self, shown: AudioClip, source: AudioSource, name: str) -> AudioClip:
        first = self.first_frame
        warp = tuple(WarpPoint(p.source_frame - first, p.tick) for p in shown.warp)
        return replace(
            shown, source=source, offset_frames=shown.offset_frames - first, warp=warp, name=name,
            muted=False, take=self.take,
        )  # fmt: skip


def _room_for(
    project: Project, owner: Track | None, stem: str, clip: AudioClip, before: list[TrackId]
) -> tuple[Project, TrackId]:
    """The track for a stem: one of its name with room for the clip, else one made for it, under
    those of `before` or its owner's."""
    name = f"{owner.name} {stem}" if owner is not None else stem
    for track in project.sources:
        if track.kind is TrackKind.AUDIO and track.name == name and _is_free(project, track, clip):
            return project, track.id
    made = Track(
        project.new_track_id(), TrackKind.AUDIO, name, color=len(project.sources) % TRACK_COLORS
    )
    if owner is not None:
        made = replace(
            made, volume_db=owner.volume_db, pan=owner.pan, sends=owner.sends,
            muted=owner.muted, soloed=owner.soloed, group=owner.group,
            automation=tuple(a for a in owner.automation if a.parameter in _strip(owner)),
        )  # fmt: skip
    ids = [track.id for track in project.tracks]
    above = before[-1] if before else owner.id if owner is not None else None
    at = ids.index(above) + 1 if above is not None else None
    return project.with_new_track(made, at), made.id


def _strip(track: Track) -> set[str]:
    """Parameters of a strip that are not of its effects."""
    return {"volume", "pan", "mute", "solo", *(f"send:{send.bus}" for send in track.sends)}


def _is_free(project: Project, track: Track, clip: AudioClip) -> bool:
    end = project.clip_end(clip)
    return all(c.start >= end or project.clip_end(c) <= clip.start for c in track.clips)
