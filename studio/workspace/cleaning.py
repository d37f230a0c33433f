"""Giving back the space of media that the open song does not use any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import QObject, Signal

from studio.core.errors import StudioError
from studio.domain.project import Project
from studio.io.clean_up import Unused, clean_up, unused
from studio.io.song_folder import SongFolder
from studio.jobs.queue import Context, Lane
from studio.workspace.files import Files
from studio.workspace.song import Song
from studio.workspace.takes import Takes


@dataclass(frozen=True, slots=True)
class FindUnused:
    """List what neither song, history, backups nor kept takes use, largest first."""

    folder: SongFolder
    songs: tuple[Project, ...]
    title: ClassVar[str] = "Look for unused files"
    lane: ClassVar[Lane] = Lane.DISK

    def run(self, context: Context) -> tuple[Unused, ...]:
        with self.folder.standing_still():
            return tuple(unused(self.folder, self.songs))


@dataclass(frozen=True, slots=True)
class MoveUnused:
    """Move to the trash what was `listed` and is still unused."""

    folder: SongFolder
    songs: tuple[Project, ...]
    listed: tuple[Unused, ...]
    title: ClassVar[str] = "Clean up"
    lane: ClassVar[Lane] = Lane.DISK

    def run(self, context: Context) -> tuple[Unused, ...]:
        return tuple(clean_up(self.folder, self.songs, self.listed))


class Cleaning(QObject):
    """Look first, show what was found, then move it: not while jobs bring in something new.

    Signals:
        found(tuple): The unused files, largest first; perhaps none.
        moved(tuple): The files that are in the trash now.
        failed(StudioError): Nothing was looked for.
    """

    found = Signal(object)
    moved = Signal(object)
    failed = Signal(object)

    def __init__(
        self, song: Song, takes: Takes, files: Files, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._song, self._takes, self._files = song, takes, files

    def look(self) -> None:
        """List what could go (`found`)."""
        self._files.in_turn(
            lambda folder: FindUnused(folder, self._song.versions) if self._quiet() else None,
            self.found.emit,
        )

    def clean_up(self, listed: tuple[Unused, ...]) -> None:
        """Move to the trash what is `listed` (`moved`)."""
        self._files.in_turn(
            lambda folder: (
                MoveUnused(folder, self._song.versions, listed) if self._quiet() else None
            ),
            self.moved.emit,
        )

    def _quiet(self) -> bool:
        """Whether no job runs; says so otherwise."""
        if self._takes.jobs:
            self.failed.emit(
                StudioError("Jobs are running.", "Clean up once they have ended, or cancel them.")
            )
        return not self._takes.jobs
