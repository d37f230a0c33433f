"""Edits that bring a recording and the song together, by what was heard in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip
from studio.domain.project import ChordSpan, Marker, Project
from studio.domain.tempo import TempoMap
from studio.domain.theory import Key
from studio.edit.command import Edit
from studio.edit.tempo import replaced_chords


@dataclass(frozen=True, slots=True)
class FollowRecording(Edit):
    """Give the song the tempo of a recording; notes stay on their bars.

    Attributes:
        key: For a song that has none.
        clips: The recording, and those that sound with it, where they lie then.
    """

    label: ClassVar[str] = "Follow a recording's tempo"
    tempo: TempoMap
    key: Key | None
    clips: tuple[AudioClip, ...]

    def apply(self, project: Project) -> Project:
        tempo = project.tempo if self.tempo == project.tempo else self.tempo
        key = project.key or self.key
        if tempo is not project.tempo or key != project.key:
            project = replace(project, tempo=tempo, key=key)
        return _with_clips(project, self.clips)


@dataclass(frozen=True, slots=True)
class FitRecording(Edit):
    """Bend a recording to the song's tempo: its clip has another start and warp map.

    Attributes:
        clips: The recording, and those that sound with it in the same place, such as its stems.
    """

    label: ClassVar[str] = "Fit a recording to the song"
    clips: tuple[AudioClip, ...]

    def apply(self, project: Project) -> Project:
        return _with_clips(project, self.clips)


@dataclass(frozen=True, slots=True)
class WriteHeard(Edit):
    """Write the chord lane and the sections over [start, end) ticks, where there are any to write.

    Attributes:
        sections: The first of them may begin a little earlier, with its bar.
        key: For a song that has none.
    """

    label: ClassVar[str] = "Write chords and sections"
    start: int
    end: int
    chords: tuple[ChordSpan, ...] = ()
    sections: tuple[Marker, ...] = ()
    key: Key | None = None

    def apply(self, project: Project) -> Project:
        inside = all(self.start <= span.start and span.end <= self.end for span in self.chords)
        if not inside or any(marker.tick >= self.end for marker in self.sections):
            raise StudioError("What was heard would reach out of the range that is written.")
        chords, markers = project.chords, project.markers
        if self.chords:
            chords = replaced_chords(chords, self.start, self.end, self.chords)
        if self.sections:
            first = min(self.start, *(marker.tick for marker in self.sections))
            kept = [m for m in markers if not first <= m.tick < self.end]
            markers = tuple(sorted([*kept, *self.sections], key=lambda marker: marker.tick))
        made = replace(project, chords=chords, markers=markers, key=project.key or self.key)
        return project if made == project else made


def _with_clips(project: Project, clips: tuple[AudioClip, ...]) -> Project:
    for clip in clips:
        found = project.find_clip(clip.id)
        if found is None or not isinstance(found[1], AudioClip):
            raise StudioError("That recording is no longer there.")
        project = project if found[1] == clip else project.with_clip(clip)
    return project
