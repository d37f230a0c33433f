"""Works that must not meet: one after the other, in the order they were asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from studio.core.errors import StudioError
from studio.jobs.queue import InlineQueue, Job, Queue, Work


def _nothing(_: Any) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Turn:
    """One work, made when its turn comes.

    Attributes:
        begin: Gives the work, or None where there is nothing to do any more.
        on_job: Told of the job when it is submitted and whenever it changes.
        must: Whether it is still done when the program ends first; it may then run twice.
    """

    begin: Callable[[], Work[Any] | None]
    on_done: Callable[[Any], None] = _nothing
    on_failed: Callable[[StudioError], None] = _nothing
    on_job: Callable[[Job[Any]], None] = _nothing
    must: bool = False


class Turns:
    """A line of turns; one that fails or is cancelled lets the next one begin."""

    def __init__(self, jobs: Queue) -> None:
        self._jobs = jobs
        self._waiting: deque[Turn] = deque()
        self._turn: Turn | None = None
        self._work: Work[Any] | None = None

    def add(self, turn: Turn) -> None:
        """Take `turn` at once where nothing is under way, else after all that wait."""
        self._waiting.append(turn)
        self._go_on()

    def finish(self, *last: Turn) -> None:
        """Do here and now what must be done, and `last`, once the job queue was closed."""
        self._jobs = InlineQueue()
        turn, work, self._turn = self._turn, self._work, None
        if turn is not None and work is not None and turn.must:
            self._waiting.appendleft(Turn(lambda: work, turn.on_done, turn.on_failed, must=True))
        self._waiting = deque(turn for turn in (*self._waiting, *last) if turn.must)
        self._go_on()

    def _go_on(self) -> None:
        while self._turn is None and self._waiting:
            self._take(self._waiting.popleft())

    def _take(self, turn: Turn) -> None:
        self._turn = turn
        work = self._work = turn.begin()
        if work is None:
            self._turn = None
            return
        job = self._jobs.submit(
            work,
            on_change=lambda job: self._on_change(turn, job),
            on_done=turn.on_done,
            on_failed=turn.on_failed,
        )
        turn.on_job(job)

    def _on_change(self, turn: Turn, job: Job[Any]) -> None:
        turn.on_job(job)
        if job.finished and self._turn is turn:
            self._turn = None
            self._go_on()
