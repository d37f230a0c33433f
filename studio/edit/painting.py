"""A recording written anew in places, in the place of what its clip played."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource, TakeId, WarpPoint
from studio.domain.project import Project
from studio.domain.track import TrackId
from studio.edit.command import Edit
from studio.edit.takes import GAP_CHANGED


@dataclass(frozen=True, slots=True)
class PlacePainted(Edit):
    """Let a clip play another version of its recording; all else of it stays.

    Attributes:
        clip: As it was when the version was made. track: The one it was on.
        source: The version.
        first_frame: The frame of the clip's recording at which the version begins; negative where
            music was added before it.
        take: The take that wrote it; None keeps the clip's own.
        sure: Refuse where the clip is gone or plays another recording by now; else it plays this
            one all the same, and a clip that is gone comes back.
        label: What the history calls it.
    """

    track: TrackId
    clip: AudioClip
    source: AudioSource
    first_frame: int = 0
    take: TakeId | None = None
    sure: bool = True
    label: str = "Paint sound"  # type: ignore[misc]  # of other edits one for the whole class

    _KEPT: ClassVar[str] = "It is kept among the takes; Place puts it there anyway."

    def apply(self, project: Project) -> Project:
        found = project.find_clip(self.clip.id)
        there = found[1] if found is not None and isinstance(found[1], AudioClip) else None
        as_then = there is not None and there.source == self.clip.source
        if self.sure and not (as_then and there is not None and self._holds(there)):
            raise StudioError(GAP_CHANGED, self._KEPT if self.take is not None else "")
        shown = there if there is not None and as_then and self._holds(there) else self.clip
        made = self._playing(shown)
        if there is not None:
            return project.with_clip(made)
        if project.find_track(self.track) is None:
            raise StudioError("The track of this recording is no longer there.")
        return project.with_clip_on(self.track, made)

    def _holds(self, clip: AudioClip) -> bool:
        """Whether the version has all that the clip shows."""
        first = clip.offset_frames - self.first_frame
        return first >= 0 and first + clip.length_frames <= self.source.frames

    def _playing(self, shown: AudioClip) -> AudioClip:
        first = self.first_frame
        turns = tuple(turn - first for turn in shown.turns)
        return replace(
            shown, source=self.source, offset_frames=shown.offset_frames - first,
            warp=tuple(WarpPoint(p.source_frame - first, p.tick) for p in shown.warp),
            turns=turns, take=self.take if self.take is not None else shown.take,
        )  # fmt: skip
