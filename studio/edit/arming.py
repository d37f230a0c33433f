"""Edits of what tracks are recorded from. Each is a step of its own, never part of another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from studio.core.errors import StudioError
from studio.domain.project import Project
from studio.domain.track import MONO_1, MONO_2, STEREO, TrackId, TrackKind
from studio.edit.command import Edit
from studio.edit.tracks import changed, track

RECORDABLE = (TrackKind.AUDIO, TrackKind.INSTRUMENT)


@dataclass(frozen=True, slots=True)
class SetArmed(Edit):
    """Have tracks listen, so that the next recording is made on them, or not."""

    label: ClassVar[str] = "Arm to record"
    ids: frozenset[TrackId]
    armed: bool

    def apply(self, project: Project) -> Project:
        return _heard(project, self.ids, armed=self.armed)


@dataclass(frozen=True, slots=True)
class SetMonitor(Edit):
    """Let the inputs of tracks be heard while these are armed, or not."""

    label: ClassVar[str] = "Hear input"
    ids: frozenset[TrackId]
    monitor: bool

    def apply(self, project: Project) -> Project:
        return _heard(project, self.ids, monitor=self.monitor)


@dataclass(frozen=True, slots=True)
class SetInput(Edit):
    """Choose the channels of the audio input that a track hears."""

    label: ClassVar[str] = "Choose input"
    id: TrackId
    channels: tuple[int, ...]

    def apply(self, project: Project) -> Project:
        if self.channels not in (MONO_1, MONO_2, STEREO):
            raise StudioError("A track hears the first input, the second or both.")
        return _heard(project, frozenset({self.id}), channels=self.channels)


def _heard(project: Project, ids: frozenset[TrackId], **fields: Any) -> Project:
    for id in sorted(ids):
        found = track(project, id)
        if found.kind not in RECORDABLE:
            raise StudioError(f"Nothing is recorded on {found.name}.", "Choose an audio track.")
        project = changed(project, found, input=replace(found.input, **fields))
    return project
