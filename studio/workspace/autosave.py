"""Keeping unsaved work beside the saved song, from the first second."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from studio.core.errors import StudioError
from studio.domain.project import Project
from studio.io.song_folder import SongFolder
from studio.workspace.saving import SaveSong
from studio.workspace.song import Song
from studio.workspace.turns import Turn, Turns

FIRST_MS = 1000


class Autosave(QObject):
    """Saves beside the song a while after it changed; tries again where that fails.

    Attributes:
        present: Whether the open folder holds an autosave of this run.
        given_up: The song as it was left without saving: nothing of it is kept.

    Signals:
        kept(): An autosave is on the disk.
        failed(StudioError): It cannot be written; said once.
    """

    kept = Signal()
    failed = Signal(object)

    def __init__(self, song: Song, turns: Turns, folder: Callable[[], SongFolder | None]) -> None:
        super().__init__()
        self._song, self._turns, self._folder = song, turns, folder
        self._milliseconds = 10_000
        self._failing = False
        self.present = False
        self.given_up: Project | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.now)
        song.changed.connect(self._on_song_changed)

    def set_seconds(self, seconds: float) -> None:
        self._milliseconds = round(min(max(seconds, 1.0), 30.0) * 1000)

    def start(self) -> None:
        """Keep what there is soon."""
        self._timer.start(FIRST_MS)

    def stop(self) -> None:
        self._timer.stop()

    def forget(self) -> None:
        """Another song is open, or this one was saved: there is nothing beside it."""
        self.present, self.given_up = False, None

    def now(self, then: Callable[[], object] = lambda: None) -> None:
        """Keep what there is, and call `then` once it is on the disk."""

        def kept(project: Project) -> None:
            self._on_kept(project)
            then()

        self._turns.add(Turn(self._work, on_done=kept, on_failed=self._on_failed, must=True))

    def _work(self) -> SaveSong | None:
        """An autosave; of a song that is again as it was saved, none is left."""
        folder, project = self._folder(), self._song.project
        if folder is None or folder.read_only or project is self.given_up:
            return None
        wanted = self._song.dirty or self.present
        return SaveSong(folder, project, auto=True) if wanted else None

    def _on_kept(self, project: Project) -> None:
        folder = self._folder()
        self.present = folder is not None and not folder.is_saved(project)
        self._failing = False
        self.kept.emit()

    def _on_failed(self, error: StudioError) -> None:
        if not self._failing:
            self.failed.emit(error)
        self._failing = True
        self._timer.start(self._milliseconds)

    def _on_song_changed(self, found: object, origin: object) -> None:
        if self._timer.isActive() or not (self._song.dirty or self.present):
            return
        self._timer.start(self._milliseconds if self._song.steps[1:] else FIRST_MS)
