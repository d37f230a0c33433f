"""Edits of the whole song at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from studio.core.errors import StudioError
from studio.domain.project import Project
from studio.edit.command import Edit


@dataclass(frozen=True, slots=True)
class RestoreSong(Edit):
    """Put another state of the same song in place of this one: the work that a crash left."""

    label: ClassVar[str] = "Bring back unsaved work"
    song: Project

    def apply(self, project: Project) -> Project:
        if self.song.sample_rate != project.sample_rate:
            raise StudioError("That is another song: it runs at another sample rate.")
        return project if self.song == project else self.song
