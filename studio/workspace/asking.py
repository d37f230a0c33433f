"""Asking models about recordings of the open song."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.ai.requests import Request, Take
from studio.jobs.queue import Job, Queue, Work
from studio.media.store import MediaStore
from studio.workspace.song import Song
from studio.workspace.takes import Takes


class Asking(QObject):
    """What those have in common who ask.

    Args:
        work: What has a model do what is asked.
        media: Where the song's recordings lie now.

    Signals:
        failed(StudioError): Nothing came of what was asked for; the song is as it was.
    """

    failed = Signal(object)

    def __init__(
        self,
        song: Song,
        takes: Takes,
        jobs: Queue,
        work: Callable[[Request], Work[Take]],
        media: Callable[[], MediaStore],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._song, self._takes, self._jobs = song, takes, jobs
        self._work, self._media = work, media
        self._running: list[Job[Any]] = []
        self._begin()
        song.replaced.connect(self._on_song_replaced)

    def _begin(self) -> None:
        """What one who asks needs beside."""

    def cancel(self) -> None:
        """Stop all that was asked for."""
        running, self._running = self._running, []
        for job in running:
            self._jobs.cancel(job)

    def _submit(self, request: Request, on_done: Callable[[Take], None]) -> Job[Take]:
        """Have a model do what is asked; it is shown among the takes meanwhile."""
        job = self._jobs.submit(
            self._work(request),
            on_change=self._takes.watch,
            on_done=on_done,
            on_failed=self.failed.emit,
        )
        self._takes.watch(job)
        self._keep(job)
        return job

    def _on_song_replaced(self) -> None:
        """What was asked for one song is not for the next."""
        self.cancel()

    def _keep(self, job: Job[Any]) -> None:
        self._running = [*(other for other in self._running if not other.finished), job]
