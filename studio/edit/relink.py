"""Other recordings in the place of missing ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource
from studio.domain.project import Project
from studio.edit.command import Edit


@dataclass(frozen=True, slots=True)
class ReplaceSources(Edit):
    """Let clips play another recording from the same frames on; where they stand stays.

    Attributes:
        found: Content hashes of recordings, each with what takes its place.
    """

    label: ClassVar[str] = "Find recordings"
    found: tuple[tuple[str, AudioSource], ...]

    def apply(self, project: Project) -> Project:
        other = dict(self.found)
        for _, clip in list(project.clips()):
            if isinstance(clip, AudioClip) and clip.source.media in other:
                source = other[clip.source.media]
                _check(clip, source)
                if source != clip.source:
                    project = project.with_clip(replace(clip, source=source))
        return project


def _check(clip: AudioClip, source: AudioSource) -> None:
    if source.sample_rate != clip.source.sample_rate:
        raise StudioError(
            f"“{source.name}” runs at {source.sample_rate} Hz and not at {clip.source.sample_rate}."
        )
    if clip.offset_frames + clip.length_frames > source.frames or any(
        point.source_frame > source.frames for point in clip.warp
    ):
        raise StudioError(f"“{source.name}” is shorter than what its clips show.")
