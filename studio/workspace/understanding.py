"""What the words of the next wish mean: at once by the lexicon, a little later with guesses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from PySide6.QtCore import QObject, Signal

from studio.ai.client import WorkerClient
from studio.ai.encoder.weights import reader
from studio.ai.requests import Chip
from studio.ai.words import understand
from studio.core.errors import StudioError
from studio.jobs.queue import Context, Job, Lane, Queue


@dataclass(frozen=True, slots=True)
class ReadWords:
    """Have the worker say what words mean."""

    prompt: str
    negative: str
    worker: WorkerClient = field(compare=False, repr=False)
    title: ClassVar[str] = "Read the words"
    lane: ClassVar[Lane] = Lane.CPU

    def run(self, context: Context) -> tuple[Chip, ...] | None:
        return self.worker.chips(self.prompt, self.negative, context.check_cancelled)


@dataclass(frozen=True, slots=True)
class LearnToRead:
    """Read words of many kinds, so that all patterns are there once the musician types."""

    words: ClassVar[str] = "slow jazz in D minor, 84 bpm, no drums, 8 bars, 2 minutes, Am | D7, qxz"
    title: ClassVar[str] = "Learn to read"
    lane: ClassVar[Lane] = Lane.CPU

    def run(self, context: Context) -> None:
        understand(self.words)


class Understanding(QObject):
    """The chips of the newest words only; never waits.

    Signals:
        changed(): `chips` are others.
    """

    changed = Signal()

    def __init__(self, jobs: Queue, worker: WorkerClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._worker = jobs, worker
        self._texts = ("", "")
        self._chips: tuple[Chip, ...] = ()
        self._job: Job[tuple[Chip, ...] | None] | None = None

    @property
    def texts(self) -> tuple[str, str]:
        """The prompt, and what is not wanted, that `chips` were read from."""
        return self._texts

    @property
    def chips(self) -> tuple[Chip, ...]:
        return self._chips

    def warm(self) -> None:
        """Get ready ahead of the first words, in the background."""
        self._jobs.submit(LearnToRead())

    def read(self, prompt: str, negative: str) -> None:
        """Understand other words; texts that are the same are read once."""
        if (prompt, negative) == self._texts:
            return
        self._texts = (prompt, negative)
        self._show(understand(prompt, negative).chips)
        if self._job is not None:
            self._jobs.cancel(self._job)
            self._job = None
        if reader() and any(not chip.control for chip in self._chips):
            self._ask()

    def _ask(self) -> None:
        texts = self._texts

        def heard(chips: tuple[Chip, ...] | None) -> None:
            if chips is not None and texts == self._texts:
                self._show(chips)

        work = ReadWords(*texts, self._worker)
        self._job = self._jobs.submit(work, on_done=heard, on_failed=self._stay)

    def _stay(self, error: StudioError) -> None:
        """The lexicon's chips stand: what was asked for comes with a sentence of its own."""

    def _show(self, chips: tuple[Chip, ...]) -> None:
        if chips != self._chips:
            self._chips = chips
            self.changed.emit()
