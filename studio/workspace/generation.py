"""The next wish: what the Generate panel holds, what it would write, and asking for it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.ai import phrases, wishes
from studio.ai.requests import Request, Result, Take
from studio.core.errors import StudioError
from studio.domain.gap import Gap
from studio.domain.notes import Notes
from studio.domain.project import Project
from studio.domain.track import TrackId
from studio.jobs.queue import Job, Queue, Work
from studio.workspace.estimates import Estimates
from studio.workspace.intents import Intent, Reading, Settings
from studio.workspace.selection import Selection
from studio.workspace.song import Song
from studio.workspace.takes import Takes

SEEDS = 100_000
COUNTING_BARS = (
    None, Intent.EXTEND, Intent.EXTEND_BEFORE, Intent.CONTINUE, Intent.ADD_PART, Intent.LEARN,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Overlay:
    """A gap that is being written: drawn over the views, never part of the song."""

    request: Request
    result: Result
    batch: int = 0

    @property
    def gap(self) -> Gap:
        return self.request.gap

    def notes(self, track: TrackId) -> Notes:
        """What was written on `track` so far, in song ticks."""
        parts = [part.notes for part in self.result.parts if part.track == track]
        return parts[0] if parts else Notes.empty()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a wish would do.

    Attributes:
        sentence: What will be written, or why nothing can be.
        possible: Whether anything can be.
        action: What the button says.
        model: Id of the model that will write; empty where nothing can be written.
        seconds: How long it will take, where that is known.
    """

    sentence: str
    possible: bool
    action: str = "Generate"
    model: str = ""
    seconds: float | None = None


class Generation(QObject):
    """Asks the models for takes.

    Signals:
        settings_changed(): The panel's state is another one.
        overlay_changed(): A gap is being written, grew, or is done.
        wanted(): The prompt should take the focus.
        failed(StudioError): A wish could not be made or fulfilled.
    """

    settings_changed = Signal()
    overlay_changed = Signal()
    wanted = Signal()
    failed = Signal(object)

    def __init__(
        self,
        song: Song,
        selection: Selection,
        takes: Takes,
        jobs: Queue,
        work: Callable[[Request], Work[Take]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._song, self._takes = song, takes
        self._reading = Reading(song, selection)
        self._jobs, self._work = jobs, work
        self._settings = Settings(seed=self._roll())
        self._overlay: Overlay | None = None
        self._running: list[Job[Take]] = []
        self._estimates = Estimates()
        self._asked: list[Overlay] = []  # for each of them, nothing written yet
        takes.ask_again = self._ask
        song.replaced.connect(self._on_song_replaced)

    # -- settings -----------------------------------------------------------------------------
    @property
    def settings(self) -> Settings:
        return self._settings

    def set(self, **fields: Any) -> None:
        """Change fields of `settings`."""
        settings = replace(self._settings, **fields)
        if settings != self._settings:
            self._settings = settings
            self.settings_changed.emit()

    def roll_seed(self) -> None:
        self.set(seed=self._roll())

    @staticmethod
    def _roll() -> int:
        """A seed to start from: chance chooses it once, the request carries it ever after."""
        return random.SystemRandom().randrange(SEEDS)

    # -- what would be written ----------------------------------------------------------------
    @property
    def overlay(self) -> Overlay | None:
        return self._overlay

    @property
    def busy(self) -> bool:
        return any(not job.finished for job in self._running)

    def request(self) -> Request:
        """The request that `go` would make.

        Raises:
            StudioError: Nothing can be written there, or a field cannot be read.
        """
        return self._reading.request(self._settings, self._intent)

    @property
    def _intent(self) -> Intent | None:
        return self._reading.intent(self._settings)

    @property
    def counts_bars(self) -> bool:
        """Whether `bars` matters: what is selected has a length of its own."""
        return self._intent in COUNTING_BARS

    @property
    def counts_amount(self) -> bool:
        """Whether `amount` matters."""
        return self._intent in (Intent.VARY, Intent.HUMANISE)

    def outlook(self, intent: str | None = None) -> Outlook:
        """What `go` would do or, with an intent, `do(intent)`."""
        try:
            request = self.request() if intent is None else self._request_for(intent)
        except StudioError as error:
            return Outlook(str(error), possible=False)
        return Outlook(
            phrases.sentence(request),
            possible=True,
            action=phrases.action_words(request),
            model=request.model,
            seconds=self._estimates.seconds(request, max(self._settings.variations, 1)),
        )

    @property
    def choice(self) -> str:
        """Id of the model that the studio chooses for this; empty where nothing can be written."""
        try:
            return self._reading.request(replace(self._settings, model=""), self._intent).model
        except StudioError:
            return ""

    # -- asking -------------------------------------------------------------------------------
    def go(self) -> None:
        """Ask for the takes the settings describe; each variation has the next seed."""
        self._go(self.request)

    def do(self, intent: str) -> None:
        """The same for an intent of its own (a value of `Intent`), whatever the panel says."""
        self._go(lambda: self._request_for(intent))

    def add(self, role: str) -> None:
        """The same for a part of `role` ("bass") that fits what is there."""
        self._go(lambda: self._reading.request(self._settings, Intent.ADD_PART, (role,)))

    def _request_for(self, intent: str) -> Request:
        return self._reading.request(self._settings, Intent(intent))

    def _go(self, wanted: Callable[[], Request]) -> None:
        try:
            request = wanted()
        except StudioError as error:
            self.failed.emit(error)
            return
        batch = self._takes.new_batch()
        for index in range(max(self._settings.variations, 1)):
            self._ask(replace(request, seed=(request.seed + index) % SEEDS), batch)
        if not self._settings.seed_locked:
            self.roll_seed()

    def cancel(self) -> None:
        """Stop everything that is being written."""
        for job in self._running:
            self._jobs.cancel(job)

    def _ask(self, request: Request, batch: int) -> None:
        asked = Overlay(request, Result((), request.gap.start), batch)
        self._asked.append(asked)
        if self._overlay is None:
            self._show(asked)
        job = self._jobs.submit(
            self._work(request),
            on_change=lambda job: self._on_job_changed(job, asked),
            on_partial=lambda result: self._show(replace(asked, result=result)),
            on_done=lambda take: self._finish(take, asked),
            on_failed=self.failed.emit,
        )
        self._running = [*(other for other in self._running if not other.finished), job]
        self._takes.watch(job)

    def _on_job_changed(self, job: Job[Take], asked: Overlay) -> None:
        self._takes.watch(job)
        if job.finished:
            self._end(asked)

    def _finish(self, take: Take, asked: Overlay) -> None:
        self._end(asked)
        self._estimates.add(take)
        self._takes.add(take, asked.batch)

    def _end(self, asked: Overlay) -> None:
        """The gap of `asked` is no longer written; the next one that waits is shown."""
        self._asked = [other for other in self._asked if other is not asked]
        if self._overlay is not None and self._overlay.request is asked.request:
            self._show(self._asked[0] if self._asked else None)

    def _on_song_replaced(self) -> None:
        """What is being written is for the song that was open."""
        self.cancel()
        self._asked.clear()
        self._show(None)

    def _show(self, overlay: Overlay | None) -> None:
        self._overlay = overlay
        self.overlay_changed.emit()

    def preview(self) -> Project | None:
        """The song with what was written so far, to be heard.

        None where nothing was, and while another variation of the same wish is heard there.
        """
        overlay = self._overlay
        parts = overlay.result.parts if overlay is not None else ()
        if overlay is not None and overlay.request.controls.audio is not None:
            return None  # it is in the time of a recording, not of the song
        # Not before the first note: loading instruments would delay the bar that is awaited.
        if overlay is None or not any(len(part.notes) for part in parts):
            return None
        if self._takes.has_placed(overlay.batch):
            return None
        command = wishes.placement(wishes.PREVIEW, overlay.request, overlay.result)
        command = replace(command, parts=parts)  # silent ones too: each keeps its track's id
        try:
            return command.apply(self._song.project)
        except StudioError:
            return None
