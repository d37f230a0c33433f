"""A song on the disk: the folder `Name.tutti`.

    project.json   the song as last saved
    autosave.json  the song as it is now, where that differs
    media/         recordings and tables, by content
    takes.jsonl    every take
    recordings/    what is being recorded, until the song holds it; what has no place in it
    backups/       earlier versions
    cache/         what can be made again
    lock           which process has it open

Saving means saving: autosaves go beside the saved song and never over it. A song without a name
lives in such a folder too, among the unsaved songs, from its first second.
"""

from __future__ import annotations

import glob
import hashlib
import itertools
import os
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from studio.core import paths
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource
from studio.domain.project import Project
from studio.io import backups, folder_lock, reach, recovery, song_copy, song_file
from studio.io.backups import Version
from studio.io.folder_lock import Holder
from studio.io.song_file import AUTOSAVE, CACHE, MEDIA, PROJECT, SUFFIX, TAKES
from studio.io.takes_log import TakesLog
from studio.io.trash import to_trash
from studio.media import durable, recorded
from studio.media.durable import Progress, no_progress
from studio.media.store import MediaStore

UNTITLED = "Untitled"


class Damaged(StudioError):
    """A song that cannot be opened, and the `version` of it that can be instead."""

    def __init__(self, error: StudioError, version: Version) -> None:
        hint = f"A version from {version.when} can be opened instead."
        super().__init__(error.message, f"{error.hint} {hint}".strip())
        self.version = version


class SongFolder:
    """An open song folder; `close` it to let others write it.

    Made by `create`, `create_unsaved` and `open`. Its methods may be called from any thread.

    Attributes:
        path: The folder.
        project: The song as it was read; what the window shows at first.
        media: The song's recordings and tables.
        takes: The log of its takes.
        has_recovery: There is work newer than the last save, of a run that ended badly, that
            nobody has looked at yet.
        most_backups: How many earlier versions are kept.
    """

    def __init__(self, path: Path, project: Project, holder: Holder | None) -> None:
        self.path = path
        self.project = project
        writable = holder is not None or os.access(path, os.W_OK)
        cache = path / CACHE if writable else _cache_elsewhere(path)
        self.media = MediaStore(path / MEDIA, cache)
        self.takes = TakesLog(path / TAKES)
        self._holder = holder
        self._saved: Project | None = None  # what project.json holds
        self._autosaved: Project | None = None  # what autosave.json holds
        self.has_recovery = False
        self.most_backups = backups.KEPT
        self._revision = 0
        self._lock = threading.RLock()

    # -- opening and closing ------------------------------------------------------------------
    @classmethod
    def create(cls, path: Path, project: Project) -> Self:
        """A folder for a song that has none; `.tutti` is added where it is missing.

        Raises:
            StudioError: There is something at `path`, or it cannot be written.
        """
        path = named(path)
        try:
            durable.make(path.parent)
            path.mkdir()
            durable.sync(path.parent)
            return cls._begin(path, project)
        except FileExistsError:
            raise StudioError(f"There is already something called “{path.name}” there.") from None
        except OSError as error:
            raise durable.refusal(error, path) from error

    @classmethod
    def create_unsaved(cls, project: Project) -> Self:
        """A folder among the unsaved songs for a song without a name.

        Raises:
            StudioError: It cannot be written.
        """
        recovery.remove_untouched()
        folder = paths.unsaved_songs()
        names = itertools.chain([UNTITLED], (f"{UNTITLED} {n}" for n in itertools.count(2)))
        try:
            durable.make(folder)
            for name in names:
                with suppress(FileExistsError):
                    (folder / f"{name}{SUFFIX}").mkdir()
                    return cls._begin(folder / f"{name}{SUFFIX}", project)
        except OSError as error:
            raise durable.refusal(error, folder) from error
        raise AssertionError("numbers do not end")

    @classmethod
    def _begin(cls, path: Path, project: Project) -> Self:
        try:
            song = cls(path, project, folder_lock.acquire(path))
            song.save(project)
        except (OSError, StudioError, ValueError):
            shutil.rmtree(path, ignore_errors=True)
            raise
        return song

    @classmethod
    def open(cls, path: Path, *, version: Path | None = None) -> Self:
        """Open a song; one that another process has open can only be read.

        Args:
            path: The folder, or a file in it that describes the song or a version of it.
            version: A backup or autosave to open instead; saving it makes it the song.

        Raises:
            Damaged: It cannot be opened, but a version of it can be; nothing was touched.
            StudioError: It cannot be opened; nothing was touched.
        """
        if version is None and path != folder_of(path) and path.name != PROJECT:
            version = path
        path = folder_of(path)
        chosen = version if version is not None else path / PROJECT
        written, project = _written(chosen), _read(path, chosen)
        song = cls(path, project, _acquire(path))
        try:
            if not song.read_only:
                durable.sweep(path)
                if _written(chosen) != written:  # whoever held it has just saved
                    song.project = _read(path, chosen)
        except (OSError, StudioError, ValueError):
            song.close()
            raise
        song._saved = song.project if version is None else None
        song._revision = _last_revision(path)
        song.has_recovery = recovery.is_newer(path) and version != path / AUTOSAVE
        return song

    def close(self) -> None:
        """Let others write the song. An unsaved song in which nothing was done is removed."""
        with self._lock:  # what is being written is written first
            if self._holder is None:
                return
            folder_lock.release(self.path, self._holder)
            self._holder = None
            if self.is_unsaved and recovery.is_untouched(self.path):
                shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- what it is ---------------------------------------------------------------------------
    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def read_only(self) -> bool:
        return self._holder is None

    @property
    def is_unsaved(self) -> bool:
        """Whether the song was never given a name and place."""
        return self.path.parent == paths.unsaved_songs()

    def is_saved(self, project: Project) -> bool:
        """Whether `project` is what Save last wrote, or what was opened."""
        return project is self._saved

    def missing(self, project: Project) -> list[AudioSource]:
        """Recordings of the song that its folder lacks."""
        sources = {clip.source for _, clip in project.clips() if isinstance(clip, AudioClip)}
        lacking = [source for source in sources if not self.media.has(source.media)]
        return sorted(lacking, key=lambda source: (source.name, source.media))

    # -- saving -------------------------------------------------------------------------------
    def save(self, project: Project) -> None:
        """Make `project` the saved song; the one before it becomes a backup.

        Raises:
            StudioError: The disk is full, or the song can only be read; the files are as before.
        """
        with self._lock:
            self._check_writable()
            if project is not self._saved:
                if (self.path / PROJECT).exists():
                    backups.keep(self.path / PROJECT, self.path, self.most_backups)
                self._write(PROJECT, project)
                self._saved = project
            self._clear_autosave()

    def autosave(self, project: Project) -> None:
        """Keep `project` beside the saved song, for the case that the program ends badly.

        Costs nothing where nothing changed since the last time.

        Raises:
            StudioError: The disk is full, or the song can only be read.
        """
        with self._lock:
            self._check_writable()
            if project is self._saved:
                self._clear_autosave()
            elif project is not self._autosaved:
                self._put_aside_unclaimed()
                self._write(AUTOSAVE, project)
                self._autosaved = project

    def save_as(
        self,
        path: Path,
        project: Project,
        *,
        history: Iterable[Project] = (),
        replace: bool = False,
        progress: Progress = no_progress,
    ) -> SongFolder:
        """Save the song in another folder and go on there; this folder is closed.

        All that the song, `history` and its takes refer to goes along. The folder of a song that
        was never saved goes along whole, and is removed once the copy was compared with it.

        Args:
            history: Songs that undo and redo can still reach.
            replace: Move a song that is already there to the trash.

        Raises:
            StudioError: It cannot be written, or another song is there; this one stays open.
            Cancelled: From `progress`; this one stays open.
        """
        path = named(path)
        with self._lock:
            if path.resolve() == self.path.resolve() and not self.read_only:
                self.save(project)
                return self
            _check_free(path, replace)
            for left in path.parent.glob(f".{glob.escape(path.name)}.*{durable.PARTIAL}"):
                shutil.rmtree(left, ignore_errors=True)
            staging = path.with_name(f".{path.name}.{os.getpid()}{durable.PARTIAL}")
            wanted = _going_along(self, [project, *history])
            try:
                song_copy.write_copy(
                    project, self._revision + 1, self.media, staging, wanted, progress
                )
                song_copy.copy_files(self.path, staging, whole=self.is_unsaved)
                if path.exists():
                    to_trash(path)
                staging.rename(path)
                durable.sync(path.parent)
            except OSError as error:
                raise durable.refusal(error, path) from error
            finally:
                shutil.rmtree(staging, ignore_errors=True)
            return self._moved_to(path, project)

    # -- work of a run that ended badly -------------------------------------------------------
    def recover(self) -> Project:
        """The song as last autosaved; it is then for the caller to keep.

        Raises:
            StudioError: The autosave cannot be read. It stays where it is.
        """
        project, _ = song_file.read(self.path / AUTOSAVE, self.name, self.media)
        self.has_recovery = False
        self._autosaved = project
        return project

    def discard_recovery(self) -> None:
        """Move what was done since the last save to the trash, recordings that never came into the
        song too.

        Raises:
            StudioError: That cannot be done, or the song can only be read.
        """
        with self._lock:
            self._check_writable()
            for left in (self.path / AUTOSAVE, self.path / recorded.FOLDER):
                if left.exists():
                    to_trash(left)
            self._autosaved = None
            self.has_recovery = False

    def close_unsaved(self) -> None:
        """Close, and move what was done since the last save to the trash.

        A song that was never saved goes there whole.

        Raises:
            StudioError: That cannot be done. The song is closed all the same.
        """
        with self._lock:
            if self.read_only:
                return
            try:
                if not self.is_unsaved:
                    self.discard_recovery()
            finally:
                self.close()
            if self.is_unsaved and self.path.exists():
                to_trash(self.path)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Nothing is saved meanwhile. Raises StudioError where the song can only be read."""
        with self._lock:
            self._check_writable()
            yield

    # -- within -------------------------------------------------------------------------------
    def _check_writable(self) -> None:
        if self.read_only:
            raise why_read_only(self.path)
        if not self.path.is_dir():  # to make it anew would part the song from its recordings
            raise StudioError(
                f"“{self.name}” does not lie in {self.path.parent} any more.",
                "Move its folder back, or save it under another name.",
            )

    def _write(self, name: str, project: Project) -> None:
        song_file.write(self.path / name, project, self._revision + 1, self.media)
        self._revision += 1

    def _clear_autosave(self) -> None:
        self._put_aside_unclaimed()
        (self.path / AUTOSAVE).unlink(missing_ok=True)
        self._autosaved = None

    def _put_aside_unclaimed(self) -> None:
        """Work that nobody has looked at yet becomes a backup."""
        if self.has_recovery:
            backups.keep(self.path / AUTOSAVE, self.path, self.most_backups)
            self.has_recovery = False

    def _moved_to(self, path: Path, project: Project) -> SongFolder:
        moved = SongFolder.open(path)
        moved.project = moved._saved = project
        was_unsaved, old = self.is_unsaved, self.path
        self.close()
        if was_unsaved:
            recovery.remove_saved_elsewhere(old)
        return moved


def named(path: Path) -> Path:
    """The path of a song folder: `path` with `.tutti` at its end."""
    return path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)


def folder_of(path: Path) -> Path:
    """The song folder that `path` names: itself, or what holds the version that `path` is."""
    if path.suffix != ".json":
        return path
    return path.parent.parent if path.parent.name == backups.FOLDER else path.parent


def why_read_only(folder: Path) -> StudioError:
    """Why a song can only be read, and what helps."""
    held, hint = folder_lock.holder(folder), "Save it under another name."
    if held is None or not held.is_running:
        return StudioError(
            f"“{folder.stem}” can only be read: its folder is write-protected.", hint
        )
    where = "in another window" if held.is_here else f"on {held.host}"
    return StudioError(f"“{folder.stem}” can only be read: it is open {where}.", hint)


def _read(folder: Path, chosen: Path) -> Project:
    store = MediaStore(folder / MEDIA)
    try:
        return song_file.read(chosen, folder.stem, store)[0]
    except StudioError as error:
        backup = backups.newest_readable(folder, store)
        if backup is None:
            raise
        raise Damaged(error, backup) from error


def _written(path: Path) -> tuple[int, int]:
    """What changes whenever a file is written anew."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_ino, status.st_mtime_ns


def _acquire(folder: Path) -> Holder | None:
    try:
        return folder_lock.acquire(folder)
    except OSError:
        return None


def _going_along(song: SongFolder, songs: list[Project]) -> set[str]:
    """Pieces that a copy of the song needs; of a song never saved, all there are."""
    if song.is_unsaved:
        return set(song.media.hashes())
    return reach.of_songs(songs, song.media) | reach.of_takes(song.takes, song.media)


def _last_revision(folder: Path) -> int:
    files = [folder / PROJECT, folder / AUTOSAVE, *(v.path for v in backups.versions(folder))]
    return max(song_file.revision(file) for file in files)


def _cache_elsewhere(folder: Path) -> Path:
    """A cache for a song on a disk that cannot be written."""
    return paths.home() / CACHE / hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]


def _check_free(path: Path, replace: bool) -> None:
    if path.exists() and not replace:
        raise StudioError(f"There is already something called “{path.name}” there.")
    if path.exists() and folder_lock.is_open(path):
        raise StudioError(f"“{path.name}” is open and cannot be replaced.", "Close it first.")
