"""Songs on disk: new, open, save, autosave, recovery, import and export."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from studio.core.errors import StudioError
from studio.domain.project import Project, new_song
from studio.domain.track import TrackId
from studio.edit.song import RestoreSong
from studio.io import recovery
from studio.io.backups import KEPT
from studio.io.recovery import Recoverable
from studio.io.song_folder import SongFolder, folder_of, why_read_only
from studio.jobs.queue import Job, Queue
from studio.media.store import MediaStore
from studio.workspace.importing import Imported, ImportFiles, PlaceImported
from studio.workspace.saving import (
    ExportSong,
    LogTake,
    OpenedSong,
    OpenSong,
    SaveSong,
    SaveSongAs,
)
from studio.workspace.song import Song
from studio.workspace.takes import Entry, Takes

if TYPE_CHECKING:
    from studio.io.export import Export, Report

MOST_RECENT = 12
FIRST_AUTOSAVE_MS = 1000


class Files(QObject):
    """The open song's folder. Reading and writing happen on the disk lane.

    Signals:
        opened(): Another folder is open.
        saved(): The song, or an autosave of it, is on the disk.
        needs_name(): A song without a name was to be saved; ask for one and call `save_as`.
        recents_changed(tuple): Paths of the songs opened last, newest first.
        exported(Report): An export is complete.
        noted(message, hint): Something the musician should know of the song.
        failed(StudioError): Nothing was opened, saved or written.
    """

    opened = Signal()
    saved = Signal()
    needs_name = Signal()
    recents_changed = Signal(object)
    exported = Signal(object)
    noted = Signal(str, str)
    failed = Signal(object)

    def __init__(
        self, song: Song, takes: Takes, jobs: Queue, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._song, self._takes, self._jobs = song, takes, jobs
        self._folder: SongFolder | None = None
        self._recent: tuple[Path, ...] = ()
        self._recoverable: tuple[Recoverable, ...] = ()
        self._autosave = QTimer(self)
        self._autosave.setSingleShot(True)
        self._autosave.timeout.connect(self._autosave_now)
        self._autosave_ms = 10_000
        self.most_backups = KEPT
        self._given_up: Project | None = None  # left without saving, as it is now
        self._writing = False
        self._wanted: Callable[[], None] | None = None  # the write that follows the one under way
        song.changed.connect(self._on_song_changed)

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
        return self._song.dirty and not self._song.read_only

    # -- opening ------------------------------------------------------------------------------
    def start(self, recent: Iterable[str], autosave_seconds: float) -> None:
        """Look for unsaved work, and begin with an empty song."""
        self._recent = tuple(Path(path) for path in recent)
        self._recoverable = tuple(recovery.recoverable(self.recent))
        self.set_autosave(autosave_seconds)
        self.new()

    def set_autosave(self, seconds: float) -> None:
        self._autosave_ms = round(min(max(seconds, 1.0), 30.0) * 1000)

    def new(self) -> None:
        """An empty song, in a folder of its own from this moment."""
        project = new_song()
        try:
            folder = SongFolder.create_unsaved(project)
        except StudioError as error:
            self.failed.emit(error)
            return
        self._enter(OpenedSong(folder, folder.project))

    def open(self, path: Path) -> None:
        """Open a song; the one that is open stays if that fails."""
        self._submit_open(OpenSong(folder_of(Path(path))))

    def recover(self, found: Recoverable) -> None:
        """Open a song as it was when the program last ended badly."""
        self._recoverable = tuple(other for other in self._recoverable if other != found)
        self._submit_open(OpenSong(found.path))

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
        """Keep what was not saved where the next start offers it, and release the folder."""
        self._autosave.stop()
        folder = self._folder
        if folder is None:
            return
        if self._song.dirty and not folder.read_only:
            try:
                folder.autosave(self._song.project)
            except StudioError as error:
                self.failed.emit(error)
        try:
            if self._song.project is self._given_up:
                folder.close_unsaved()
            else:
                folder.close()
        except StudioError as error:
            self.failed.emit(error)
        self._folder = None

    # -- saving -------------------------------------------------------------------------------
    def save(self) -> None:
        """Save the song; one without a name asks for it (`needs_name`)."""
        if self._open_folder.is_unsaved or self._song.read_only:
            self.needs_name.emit()
        else:
            self._write(self._save_now)

    def save_as(self, path: Path, *, replace_there: bool = False) -> None:
        """Save the song under another name, and go on there."""
        self._write(lambda: self._save_as_now(Path(path), replace_there))

    def discard_changes(self) -> None:
        """The song is about to be left without saving: nothing of it is to be offered again.

        What was autosaved goes to the trash when the song is closed, unless it is edited first.
        """
        self._autosave.stop()
        self._given_up = self._song.project
        self._song.mark_saved(self._song.project)

    def log_take(self, entry: Entry) -> None:
        """Note a take and its marks in the song's log."""
        self._jobs.submit(LogTake(self._open_folder, entry), on_failed=self.failed.emit)

    # -- import and export --------------------------------------------------------------------
    def import_paths(
        self, files: Iterable[Path], track: TrackId | None = None, tick: int = 0
    ) -> None:
        """Read MIDI files and recordings, and put them at `tick` as one step."""
        paths = tuple(Path(path) for path in files)
        if paths:
            self._watch(
                self._jobs.submit(
                    ImportFiles(paths, self.media),
                    on_change=self._takes.job_moved,
                    on_done=lambda imported: self._place(imported, track, tick),
                    on_failed=self.failed.emit,
                )
            )

    def export(self, folder: Path, what: Export) -> None:
        """Write the song for other programs; progress shows among the jobs."""
        self._watch(
            self._jobs.submit(
                ExportSong(self._song.project, self.media, Path(folder), what),
                on_change=self._takes.job_moved,
                on_done=self._on_exported,
                on_failed=self.failed.emit,
            )
        )

    # -- within -------------------------------------------------------------------------------
    @property
    def _open_folder(self) -> SongFolder:
        if self._folder is None:
            raise StudioError("No song is open.")
        return self._folder

    def _submit_open(self, work: OpenSong) -> None:
        self._jobs.submit(work, on_done=self._enter, on_failed=self.failed.emit)

    def _enter(self, opened: OpenedSong) -> None:
        self.close()
        self._folder = opened.folder
        opened.folder.most_backups = self.most_backups
        self._song.open(opened.project, read_only=opened.folder.read_only)
        self._takes.open(list(opened.takes))
        if opened.recovered is not None:
            self._song.do(RestoreSong(opened.recovered))
            self.noted.emit(
                "Work that was not saved last time is back.", "Undo returns to the saved song."
            )
        if opened.trouble is not None:
            self.failed.emit(opened.trouble)
        if opened.folder.read_only:
            self.failed.emit(why_read_only(opened.folder.path))
        if not opened.folder.is_unsaved:
            self._remember(opened.folder.path)
        self.opened.emit()

    def _remember(self, path: Path) -> None:
        others = [other for other in self._recent if other != path]
        self._recent = (path, *others)[:MOST_RECENT]
        self.recents_changed.emit(tuple(str(path) for path in self._recent))

    def _write(self, begin: Callable[[], None]) -> None:
        """Start a write, or have it follow the one under way."""
        if self._writing:
            self._wanted = begin
        else:
            self._writing = True
            begin()

    def _written(self) -> None:
        self._writing = False
        begin, self._wanted = self._wanted, None
        if begin is not None:
            self._write(begin)

    def _save_now(self) -> None:
        self._jobs.submit(
            SaveSong(self._open_folder, self._song.project),
            on_done=self._on_saved,
            on_failed=self._on_not_written,
        )

    def _save_as_now(self, path: Path, replace_there: bool) -> None:
        steps = (*self._song.steps, *self._song.undone)
        history = tuple(song for step in steps for song in (step.before, step.after))
        project = self._song.project
        work = SaveSongAs(self._open_folder, path, project, history, replace_there)
        job = self._jobs.submit(
            work,
            on_change=self._takes.job_moved,
            on_done=lambda folder: self._on_saved_as(folder, project),
            on_failed=self._on_not_written,
        )
        self._watch(job)

    def _autosave_now(self) -> None:
        if self._folder is not None and not self._folder.read_only and self._song.dirty:
            self._write(self._keep_now)

    def _keep_now(self) -> None:
        self._jobs.submit(
            SaveSong(self._open_folder, self._song.project, auto=True),
            on_done=lambda project: self._on_kept(),
            on_failed=self._on_not_written,
        )

    def _on_saved(self, project: Project) -> None:
        self._song.mark_saved(project)
        self._on_kept()

    def _on_saved_as(self, folder: SongFolder, project: Project) -> None:
        self._folder = folder
        self._song.read_only = folder.read_only
        self._remember(folder.path)
        self._on_saved(project)
        self.opened.emit()

    def _on_kept(self) -> None:
        self.saved.emit()
        self._written()

    def _on_not_written(self, error: StudioError) -> None:
        self.failed.emit(error)
        self._written()

    def _on_song_changed(self, found: object, origin: object) -> None:
        if self._autosave.isActive() or not self._song.dirty:
            return
        first = self._folder is not None and not self._song.steps[1:]
        self._autosave.start(FIRST_AUTOSAVE_MS if first else self._autosave_ms)

    def _place(self, imported: Imported, track: TrackId | None, tick: int) -> None:
        self._song.do(PlaceImported(imported, track, tick))
        self._song.close_step()

    def _on_exported(self, report: Report) -> None:
        self.exported.emit(report)

    def _watch(self, job: Job[Any]) -> None:
        self._takes.watch(job)
