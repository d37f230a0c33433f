"""What the disk lane does for the open song: open, save, close, log takes, export."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from studio.ai import record
from studio.core.errors import StudioError
from studio.domain.project import Project
from studio.io.song_folder import SongFolder
from studio.jobs.queue import Context, Lane
from studio.media.store import MediaStore
from studio.workspace.takes import Entry

if TYPE_CHECKING:
    from studio.io.export import Export, Report

_MARKS = ("batch", "number", "kept", "favourite", "unplaced")


@dataclass(frozen=True, slots=True)
class OpenedSong:
    """A song and its open folder, with its takes, oldest first.

    Attributes:
        recovered: The song as it was when a run ended badly, if that is newer than the save.
        trouble: Why such work, or the takes, could not be read.
    """

    folder: SongFolder
    project: Project
    takes: tuple[Entry, ...] = ()
    recovered: Project | None = None
    trouble: StudioError | None = None


@dataclass(frozen=True, slots=True)
class OpenSong:
    """Open a song folder, with what a run that ended badly left in it."""

    path: Path
    version: Path | None = None  # an earlier one to open instead
    lane: ClassVar[Lane] = Lane.DISK

    @property
    def title(self) -> str:
        return f"Open {self.path.stem}"

    def run(self, context: Context) -> OpenedSong:
        folder = SongFolder.open(self.path, version=self.version)
        takes: tuple[Entry, ...] = ()
        try:
            takes = tuple(_legible_takes(folder))
            if not folder.has_recovery or folder.read_only:
                return OpenedSong(folder, folder.project, takes)
            return OpenedSong(folder, folder.project, takes, folder.recover())
        except StudioError as error:
            return OpenedSong(folder, folder.project, takes, trouble=error)


@dataclass(frozen=True, slots=True)
class SaveSong:
    """Save a song, or (`auto`) keep it beside the saved one."""

    folder: SongFolder
    project: Project
    auto: bool = False
    title: ClassVar[str] = "Save"
    lane: ClassVar[Lane] = Lane.DISK

    def run(self, context: Context) -> Project:
        if self.auto:
            self.folder.autosave(self.project)
        else:
            self.folder.save(self.project)
        return self.project


@dataclass(frozen=True, slots=True)
class SaveSongAs:
    """Save a song under another name and go on there; then that stands in `done` too."""

    folder: SongFolder
    path: Path
    project: Project
    history: tuple[Project, ...]
    replace: bool
    done: list[OpenedSong] = field(default_factory=list, compare=False)
    lane: ClassVar[Lane] = Lane.DISK

    @property
    def title(self) -> str:
        return f"Save as {self.path.stem}"

    def run(self, context: Context) -> OpenedSong:
        folder = self.folder.save_as(
            self.path,
            self.project,
            history=self.history,
            replace=self.replace,
            progress=_watched(context),
        )
        self.done.append(OpenedSong(folder, self.project))
        return self.done[0]


@dataclass(frozen=True, slots=True)
class CloseSong:
    """Release a song's folder.

    Attributes:
        work: The song where it differs from the saved one: the next start offers it.
        discarded: What was not saved goes to the trash instead.
    """

    folder: SongFolder
    work: Project | None
    discarded: bool
    title: ClassVar[str] = "Close"
    lane: ClassVar[Lane] = Lane.DISK

    def run(self, context: Context) -> None:
        if self.discarded:
            self.folder.close_unsaved()
            return
        try:
            if self.work is not None and not self.folder.read_only:
                self.folder.autosave(self.work)
        finally:
            self.folder.close()


@dataclass(frozen=True, slots=True)
class LogTake:
    """Add a take, or what became of it, to the song's log."""

    folder: SongFolder
    entry: Entry
    title: ClassVar[str] = "Note a take"
    lane: ClassVar[Lane] = Lane.DISK

    def run(self, context: Context) -> None:
        if self.folder.read_only:
            return
        if self.entry.discarded:
            self.folder.takes.discard(self.entry.take.id)
        else:
            self.folder.takes.append(write_entry(self.entry, self.folder.media))


@dataclass(frozen=True, slots=True)
class ExportSong:
    """Write a song for other programs into a folder."""

    project: Project
    media: MediaStore
    folder: Path
    what: Export
    replace: bool = False
    lane: ClassVar[Lane] = Lane.DISK

    @property
    def title(self) -> str:
        return f"Export to {self.folder.name}"

    def run(self, context: Context) -> Report:
        from studio.io.export import export_song  # with the renderer, which the window never needs

        def progress(fraction: float, text: str = "") -> None:
            context.check_cancelled()
            context.progress(fraction, text)

        return export_song(
            self.project, self.media, self.folder, self.what, progress, replace_there=self.replace
        )


def write_entry(entry: Entry, media: MediaStore) -> dict[str, Any]:
    """A take and its marks as a line of the log; songs and notes go into `media`."""
    marks = {name: getattr(entry, name) for name in _MARKS}
    return {**record.take_to_json(entry.take, media), **marks}


def read_entry(data: dict[str, Any], media: MediaStore) -> Entry:
    """The entry that `write_entry` wrote. Raises StudioError where it is damaged."""
    marks = {name: data[name] for name in _MARKS if name in data}
    return Entry(record.take_from_json(data, media), **{"batch": 0, "number": 1, **marks})


def _legible_takes(folder: SongFolder) -> Iterator[Entry]:
    """The takes of a song; a damaged one does not keep the song from opening."""
    for data in folder.takes.takes():
        with suppress(StudioError):
            yield read_entry(data, folder.media)


def _watched(context: Context) -> Callable[[float], None]:
    def progress(fraction: float) -> None:
        context.check_cancelled()
        context.progress(fraction)

    return progress
