"""Songs on disk: new, open, save, autosave and recovery."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.core.errors import StudioError
from studio.domain.project import Project, new_song
from studio.edit.song import RestoreSong
from studio.io import recovery
from studio.io.backups import KEPT
from studio.io.recovery import Recoverable
from studio.io.song_folder import Damaged, SongFolder, folder_of, why_read_only
from studio.jobs.queue import Job, Queue, State, Work
from studio.media.store import MediaStore
from studio.workspace.autosave import Autosave
from studio.workspace.saving import (
    CloseSong,
    LogTake,
    OpenedSong,
    OpenSong,
    SaveSong,
    SaveSongAs,
)
from studio.workspace.song import Song
from studio.workspace.takes import Entry, Takes
from studio.workspace.turns import Turn, Turns

MOST_RECENT = 12


class Files(QObject):
    """The open song's folder. Reading and writing happen on the disk lane, one after the other.

    Signals:
        opened(): Another folder is open.
        leaving(): The folder that is open will be left, for another song or another place.
        saved(): The song, or an autosave of it, is on the disk.
        needs_name(): A song without a name was to be saved; ask for one and call `save_as`.
        recents_changed(tuple): Paths of the songs opened last, newest first.
        noted(message, hint): Something the musician should know of the song.
        failed(StudioError): Nothing was opened, saved or written.
        damaged(Damaged): Nothing was opened, but `open_version` could open an earlier version.
    """

    opened = Signal()
    leaving = Signal()
    saved = Signal()
    needs_name = Signal()
    recents_changed = Signal(object)
    noted = Signal(str, str)
    failed = Signal(object)
    damaged = Signal(object)

    def __init__(
        self, song: Song, takes: Takes, jobs: Queue, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._song, self._takes, self._turns = song, takes, Turns(jobs)
        self._folder: SongFolder | None = None
        self._on_disk: Project | None = song.project  # as last saved or opened; None: damaged
        self._closing = False
        self._recent: tuple[Path, ...] = ()
        self._recoverable: tuple[Recoverable, ...] = ()
        self._autosave = Autosave(song, self._turns, lambda: self._folder)
        self._autosave.setParent(self)
        self._autosave.kept.connect(self.saved)
        self._autosave.failed.connect(self.failed)
        self.most_backups = KEPT

    # -- looking ------------------------------------------------------------------------------
    @property
    def media(self) -> MediaStore:
        return self._open_folder.media

    @property
    def folder(self) -> Path | None:
        """Where the song lies, or None while it has no name."""
        folder = self._folder
        return None if folder is None or folder.is_unsaved else folder.path

    @property
    def name(self) -> str:
        """What the song is called: its title, its folder's name, or nothing yet."""
        return self._song.title or (self.folder.stem if self.folder is not None else "")

    @property
    def recent(self) -> tuple[Path, ...]:
        """Songs opened last that are still there, newest first."""
        return tuple(path for path in self._recent if path.is_dir())

    @property
    def recoverable(self) -> tuple[Recoverable, ...]:
        """Songs with work that was never saved, found at the start; latest first."""
        return self._recoverable

    @property
    def unsaved_work(self) -> bool:
        """Whether closing the song should ask first."""
        return self._song.dirty

    # -- opening ------------------------------------------------------------------------------
    def start(self, recent: Iterable[str], autosave_seconds: float) -> None:
        """Look for unsaved work, and begin with an empty song."""
        self._recent = tuple(Path(path) for path in recent)
        self._recoverable = tuple(recovery.recoverable(self.recent))
        self.set_autosave(autosave_seconds)
        self.new()

    def set_autosave(self, seconds: float) -> None:
        self._autosave.set_seconds(seconds)

    def new(self) -> None:
        """An empty song, in a folder of its own from this moment."""
        self.leaving.emit()
        project = new_song()
        try:
            folder = SongFolder.create_unsaved(project)
        except StudioError as error:
            self.failed.emit(error)
            return
        self._enter_next(OpenedSong(folder, folder.project))

    def open(self, path: Path) -> None:
        """Open a song; the one that is open stays if that fails.

        The song that is open already stays too, or is as last saved if its changes were discarded.
        """
        path = folder_of(Path(path))
        if self.folder is None or path.resolve() != self.folder.resolve():
            self._open_next(path)
        elif self._song.project is self._autosave.given_up and self._on_disk is not None:
            self._song.open(self._on_disk, read_only=self._song.read_only)

    def open_version(self, found: Damaged) -> None:
        """Open the earlier version of a damaged song; saving it makes it the song."""
        version = found.version.path
        self._open_next(folder_of(version), version)

    def recover(self, found: Recoverable) -> None:
        """Open a song as it was when the program last ended badly."""
        self._recoverable = tuple(other for other in self._recoverable if other != found)
        self._open_next(found.path)

    def discard_recovery(self, found: Recoverable) -> None:
        """Move work that nobody wants to the trash; a saved song keeps what was saved."""
        try:
            if found.unsaved:
                recovery.discard(found.path)
            else:
                with SongFolder.open(found.path) as folder:
                    folder.discard_recovery()
        except StudioError as error:
            self.failed.emit(error)
            return
        self._recoverable = tuple(other for other in self._recoverable if other != found)

    def close(self) -> None:
        """Keep what was not saved where the next start offers it, and release the folder.

        The job queue was closed before; what it did not do any more is done here.
        """
        self._closing = True
        self._turns.finish(Turn(self._leave, on_failed=self.failed.emit, must=True))

    # -- saving -------------------------------------------------------------------------------
    def save(self) -> None:
        """Save the song; one without a name asks for it (`needs_name`)."""
        if self._open_folder.is_unsaved or self._song.read_only:
            self.needs_name.emit()
        else:
            self._turns.add(
                Turn(
                    lambda: SaveSong(self._open_folder, self._song.project),
                    on_done=self._on_saved,
                    on_failed=self.failed.emit,
                    must=True,
                )
            )

    def save_as(self, path: Path, *, replace_there: bool = False) -> None:
        """Save the song under another name, and go on there."""
        self.leaving.emit()
        self._turns.add(
            Turn(
                lambda: self._save_as(Path(path), replace_there),
                on_done=self._on_saved_as,
                on_failed=self.failed.emit,
                on_job=self._on_saving_as,
            )
        )

    def discard_changes(self) -> None:
        """The song is about to be left without saving: nothing of it is to be offered again.

        What was autosaved goes to the trash when the song is closed, unless it is edited first.
        """
        self._autosave.stop()
        self._autosave.given_up = self._song.project
        self._song.mark_saved(self._song.project)

    def log_take(self, entry: Entry) -> None:
        """Note a take and its marks in the song's log."""
        self._turns.add(
            Turn(lambda: LogTake(self._open_folder, entry), on_failed=self.failed.emit, must=True)
        )

    def keep_now(self, then: Work[Any]) -> None:
        """Have the song as it is on the disk, beside the saved one, and then do `then`."""
        self._autosave.now(lambda: self._turns.add(Turn(lambda: then, must=True)))

    def in_turn(
        self,
        begin: Callable[[SongFolder], Work[Any] | None],
        on_done: Callable[[Any], None] = lambda _: None,
    ) -> None:
        """Do what `begin` makes of the open folder, if anything, while nothing else is written."""
        self._turns.add(Turn(lambda: begin(self._open_folder), on_done, self.failed.emit))

    # -- within -------------------------------------------------------------------------------
    @property
    def _open_folder(self) -> SongFolder:
        if self._folder is None:
            raise StudioError("No song is open.")
        return self._folder

    def _open_next(self, path: Path, version: Path | None = None) -> None:
        self.leaving.emit()
        work = OpenSong(path, version)
        self._turns.add(Turn(lambda: work, on_done=self._enter_next, on_failed=self._on_not_opened))

    def _enter_next(self, opened: OpenedSong) -> None:
        """Go over to another song, once what was asked for the one that is open is done."""
        self._turns.add(Turn(lambda: self._enter(opened), on_failed=self.failed.emit, must=True))

    def _on_not_opened(self, error: StudioError) -> None:
        """The song stays, and what was to be discarded is work that was not saved again."""
        if self._song.project is self._autosave.given_up:
            self._autosave.given_up = None
            self._song.mark_saved(self._on_disk)
            self._autosave.start()
        (self.damaged if isinstance(error, Damaged) else self.failed).emit(error)

    def _leave(self) -> CloseSong | None:
        """What is left to do for the song that was open."""
        self._autosave.stop()
        folder, self._folder = self._folder, None
        if folder is None:
            return None
        project = self._song.project
        work = project if self._song.dirty or self._autosave.present else None
        return CloseSong(folder, work, discarded=project is self._autosave.given_up)

    def _enter(self, opened: OpenedSong) -> CloseSong | None:
        if self._closing:
            opened.folder.close()
            return None
        left = self._leave()
        self._folder = opened.folder
        saved = opened.folder.is_saved(opened.project)
        self._on_disk = opened.project if saved else None
        self._autosave.forget()
        opened.folder.most_backups = self.most_backups
        self._song.open(opened.project, read_only=opened.folder.read_only, saved=saved)
        if opened.recovered is not None:
            self._song.do(RestoreSong(opened.recovered))
        self._takes.open(list(opened.takes))
        self._tell(opened)
        self.opened.emit()
        return left

    def _tell(self, opened: OpenedSong) -> None:
        if opened.recovered is not None:
            self.noted.emit(
                "Work that was not saved last time is back.", "Undo returns to the saved song."
            )
        if opened.trouble is not None:
            self.failed.emit(opened.trouble)
        if opened.folder.read_only:
            self.failed.emit(why_read_only(opened.folder.path))
        if not opened.folder.is_unsaved:
            self._remember(opened.folder.path)

    def _remember(self, path: Path) -> None:
        others = [other for other in self._recent if other != path]
        self._recent = (path, *others)[:MOST_RECENT]
        self.recents_changed.emit(tuple(str(path) for path in self._recent))

    def _save_as(self, path: Path, replace_there: bool) -> SaveSongAs:
        song = self._song
        return SaveSongAs(self._open_folder, path, song.project, song.versions, replace_there)

    def _on_saved(self, project: Project) -> None:
        self._on_disk = project
        self._autosave.forget()
        self._song.mark_saved(project)
        self.saved.emit()

    def _on_saving_as(self, job: Job[OpenedSong]) -> None:
        """One that was cancelled too late has been done all the same."""
        self._takes.watch(job)
        work = job.work
        if job.state is State.CANCELLED and isinstance(work, SaveSongAs) and work.done:
            self._on_saved_as(work.done[0])

    def _on_saved_as(self, saved: OpenedSong) -> None:
        self._folder = saved.folder
        self._song.read_only = saved.folder.read_only
        self._remember(saved.folder.path)
        self._on_saved(saved.project)
        self.opened.emit()
