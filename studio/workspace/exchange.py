"""Bringing files of other programs into the song, and writing the song for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from studio.domain.track import TrackId
from studio.io.song_folder import SongFolder
from studio.jobs.queue import Job, Queue
from studio.workspace.files import Files
from studio.workspace.importing import Imported, ImportFiles, PlaceImported
from studio.workspace.saving import ExportSong
from studio.workspace.song import Song
from studio.workspace.takes import Takes

if TYPE_CHECKING:
    from studio.io.export import Export


class Exchange(QObject):
    """Import and export, on the disk lane; progress shows among the jobs.

    Signals:
        exported(Report): An export is complete.
        failed(StudioError): Nothing was imported, or the export is not complete.
    """

    exported = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        song: Song,
        takes: Takes,
        jobs: Queue,
        files: Files,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._song, self._takes, self._jobs, self._files = song, takes, jobs, files
        self._imports: list[Job[Any]] = []
        self._openings = 0
        self._last: tuple[Path, Export] | None = None  # what was exported last
        song.replaced.connect(self._on_song_replaced)

    def import_paths(
        self, files: Iterable[Path], track: TrackId | None = None, tick: int = 0
    ) -> None:
        """Read MIDI files and recordings, and put them at `tick` as one step."""
        paths = tuple(Path(path) for path in files)
        if not paths:
            return
        work = ImportFiles(paths, self._files.media)
        again = partial(self.import_paths, paths, track, tick)
        job = self._jobs.submit(
            work,
            on_change=self._takes.watch,
            on_done=lambda found: self._settle(
                work, again, partial(self._place, found, track, tick)
            ),
            on_failed=lambda error: self._settle(work, again, partial(self.failed.emit, error)),
        )
        self._imports = [*(other for other in self._imports if not other.finished), job]
        self._takes.watch(job)

    def export(self, folder: Path, what: Export, *, replace_there: bool = False) -> None:
        """Write the song as it is now; `replace_there`: over an earlier export."""
        self._last = (Path(folder), what)
        job = self._jobs.submit(
            ExportSong(self._song.project, self._files.media, Path(folder), what, replace_there),
            on_change=self._takes.watch,
            on_done=self.exported.emit,
            on_failed=self.failed.emit,
        )
        self._takes.watch(job)

    @property
    def can_export_again(self) -> bool:
        return self._last is not None

    def export_again(self) -> None:
        """The same once more, over what the last export of this song wrote."""
        if self._last is not None:
            self.export(*self._last, replace_there=True)

    def _settle(
        self, work: ImportFiles, again: Callable[[], None], end: Callable[[], None]
    ) -> None:
        """End an import; where the song was saved elsewhere meanwhile, read into that folder."""
        song = self._openings

        def settle(folder: SongFolder) -> None:
            if song == self._openings:
                (end if work.media is folder.media else again)()

        self._files.in_turn(settle)

    def _place(self, imported: Imported, track: TrackId | None, tick: int) -> None:
        self._song.close_step()
        self._song.do(PlaceImported(imported, track, tick))

    def _on_song_replaced(self) -> None:
        """What was read is for the song that was open then."""
        self._openings += 1
        self._last = None
        for job in self._imports:
            self._jobs.cancel(job)
