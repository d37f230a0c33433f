"""Work in the background: lanes of threads, progress with an honest time left, cancelling.

What a job shows (state, fraction, result) changes only inside functions handed to `dispatch`, so
that in the window it changes on the main thread alone and needs no lock there.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from studio.core.errors import Cancelled, StudioError

_LOG = logging.getLogger(__name__)

BEAT_SECONDS = 0.1  # progress and partial results reach the listener at most this often

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Dispatch: TypeAlias = Callable[[Callable[[], None]], None]


class Lane(StrEnum):
    """Works of one lane share its threads."""

    MODEL = "model"
    CPU = "cpu"
    DISK = "disk"

    @property
    def threads(self) -> int:
        return {Lane.MODEL: 1, Lane.CPU: 2, Lane.DISK: 2}[self]


class State(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Context(Protocol):
    """How a work reports while it runs. May be called from the work's thread only."""

    def progress(self, fraction: float, text: str = "") -> None:
        """How far it is, 0-1 (it never goes back), and what it is doing."""
        ...

    def partial(self, value: Any) -> None:
        """The result so far. It stands for all earlier ones, of which some may not be shown."""
        ...

    def check_cancelled(self) -> None:
        """Raises Cancelled once the job is not wanted any more."""
        ...


class Work(Protocol[T_co]):
    """Something to be done, as a frozen value that holds all it needs."""

    @property
    def title(self) -> str: ...

    @property
    def lane(self) -> Lane: ...

    def run(self, context: Context) -> T_co: ...


class Pace:
    """Estimates the seconds left from how far the work came in which time.

    The estimated total is smoothed, so that the time left counts down rather than jumps.
    """

    _LEAST_FRACTION = 0.02
    _LEAST_SECONDS = 0.5
    _SMOOTHING = 0.3

    def __init__(self) -> None:
        self._total: float | None = None

    def update(self, fraction: float, elapsed: float) -> None:
        """Take note that `fraction` (0-1) was done after `elapsed` seconds."""
        if fraction < self._LEAST_FRACTION or elapsed < self._LEAST_SECONDS:
            return
        total = elapsed / fraction
        before = self._total
        self._total = total if before is None else before + self._SMOOTHING * (total - before)

    def left(self, elapsed: float) -> float | None:
        """Seconds left after `elapsed`; None while too little is known, and once it is overdue."""
        if self._total is None or elapsed > self._total:
            return None
        return self._total - elapsed


class Job(Generic[T]):
    """One submitted work and what became of it."""

    def __init__(self, id: int, work: Work[T], listeners: Listeners) -> None:
        self.id = id
        self.work = work
        self.state = State.QUEUED
        self.fraction = 0.0
        self.text = ""
        self.eta_seconds: float | None = None
        self.result: T | None = None
        self.error: StudioError | None = None
        self._listeners = listeners
        self._unwanted = threading.Event()
        self._begun = False  # its work runs, or has run; guarded by the queue's lock

    @property
    def finished(self) -> bool:
        return self.state in (State.DONE, State.FAILED, State.CANCELLED)

    def _started(self) -> None:
        if not self.finished:
            self.state = State.RUNNING
            self._listeners.changed(self)

    def _moved(self, news: _News, eta_seconds: float | None) -> None:
        if self.finished or self._unwanted.is_set():
            return
        self.fraction, self.text, self.eta_seconds = news.fraction, news.text, eta_seconds
        if news.partials:
            self._listeners.partial(news.partials[-1])
        self._listeners.changed(self)

    def _ended(self, outcome: _Outcome[T]) -> None:
        """The last thing that happens to a job; one cancelled before it ended has no result."""
        if self.finished:
            return
        self.eta_seconds = None
        if self._unwanted.is_set() or outcome.cancelled:
            self.state = State.CANCELLED
        elif outcome.error is not None:
            self.state, self.error = State.FAILED, outcome.error
            self._listeners.failed(outcome.error)
        else:
            self.state, self.fraction = State.DONE, 1.0
            self.result = outcome.result
            self._listeners.done(outcome.result)
        self._listeners.changed(self)


def _nothing(_: Any) -> None:
    pass


class Listeners:
    """Whom a job tells: of any change, of a partial result, of its result, of its failure."""

    def __init__(
        self,
        on_change: Callable[[Any], None] | None,
        on_partial: Callable[[Any], None] | None,
        on_done: Callable[[Any], None] | None,
        on_failed: Callable[[StudioError], None] | None,
    ) -> None:
        self.changed = on_change or _nothing
        self.partial = on_partial or _nothing
        self.done = on_done or _nothing
        self.failed = on_failed or _nothing


class _News:
    """What a work reported since the last beat."""

    def __init__(self, fraction: float = 0.0, text: str = "") -> None:
        self.fraction = fraction
        self.text = text
        self.partials: list[Any] = []


class _Outcome(Generic[T]):
    def __init__(
        self,
        result: T | None = None,
        error: StudioError | None = None,
        cancelled: bool = False,
    ) -> None:
        self.result = result
        self.error = error
        self.cancelled = cancelled


def _attempt(work: Work[T], context: Context) -> _Outcome[T]:
    """Run `work`; whatever goes wrong becomes a sentence. This is the boundary of a job."""
    try:
        return _Outcome(work.run(context))
    except Cancelled:
        return _Outcome(cancelled=True)
    except StudioError as error:
        return _Outcome(error=error)
    except MemoryError:
        _LOG.warning("out of memory: %s", work.title)
        return _Outcome(error=out_of_memory(work.title))
    except Exception:  # noqa: BLE001
        _LOG.exception("fault in: %s", work.title)
        return _Outcome(error=fault(work.title))


def out_of_memory(title: str) -> StudioError:
    return StudioError(
        f"There was not enough memory for “{title}”.",
        "Close other programs, or work on a shorter part.",
    )


def fault(title: str) -> StudioError:
    return StudioError(
        f"“{title}” stopped because of a fault in the program.",
        "Your song is as it was; the log tells what happened.",
    )


class _Reporter(Generic[T]):
    """The context of a running job: keeps its news until the next beat collects them."""

    def __init__(self, job: Job[T], wake: threading.Event) -> None:
        self.job = job
        self._wake = wake
        self._lock = threading.Lock()
        self._news = _News()
        self._fresh = False
        self._pace = Pace()
        self._begun = time.monotonic()

    def progress(self, fraction: float, text: str = "") -> None:
        self.check_cancelled()
        with self._lock:
            self._news.fraction = min(max(fraction, self._news.fraction), 1.0)
            self._news.text = text
            self._pace.update(self._news.fraction, time.monotonic() - self._begun)
            self._fresh = True
        self._wake.set()

    def partial(self, value: Any) -> None:
        self.check_cancelled()
        with self._lock:
            self._news.partials[:] = [value]
            self._fresh = True
        self._wake.set()

    def check_cancelled(self) -> None:
        if self.job._unwanted.is_set():
            raise Cancelled

    def collect(self) -> Callable[[], None] | None:
        """What to dispatch of the news since the last time, or None where there are none."""
        with self._lock:
            if not self._fresh:
                return None
            news, self._news = self._news, _News(self._news.fraction, self._news.text)
            self._fresh = False
            left = self._pace.left(time.monotonic() - self._begun)
        return lambda: self.job._moved(news, left)


class Queue(ABC):
    """What works are handed to."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._jobs: list[Job[Any]] = []
        self._closed = threading.Event()

    @property
    def jobs(self) -> tuple[Job[Any], ...]:
        """Jobs that wait or run, in the order of submission."""
        return tuple(job for job in self._jobs if not job.finished)

    def submit(
        self,
        work: Work[T],
        *,
        on_change: Callable[[Job[T]], None] | None = None,
        on_partial: Callable[[Any], None] | None = None,
        on_done: Callable[[T], None] | None = None,
        on_failed: Callable[[StudioError], None] | None = None,
    ) -> Job[T]:
        """Have `work` done. A cancelled job calls only `on_change`.

        Raises:
            RuntimeError: The queue was closed.
        """
        if self._closed.is_set():
            raise RuntimeError("the job queue is closed")
        job = Job(next(self._ids), work, Listeners(on_change, on_partial, on_done, on_failed))
        self._jobs = [*self.jobs, job]
        self._take(job)
        return job

    @abstractmethod
    def _take(self, job: Job[Any]) -> None: ...

    @abstractmethod
    def cancel(self, job: Job[Any]) -> None:
        """Stop `job`: at once while it waits, at its next check where it runs."""

    @abstractmethod
    def close(self) -> None:
        """Cancel everything."""


class JobQueue(Queue):
    """Runs works on background threads, each lane in the order of submission.

    To be used from one thread, the one that `dispatch` brings functions to.

    Args:
        dispatch: Takes a function, from any thread, and has it called on the listeners' thread.
    """

    def __init__(self, dispatch: Dispatch) -> None:
        super().__init__()
        self._dispatch_to = dispatch
        self._lanes: dict[Lane, ThreadPoolExecutor] = {}
        self._running: list[_Reporter[Any]] = []  # guarded by the lock
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._beat: threading.Thread | None = None

    def _take(self, job: Job[Any]) -> None:
        self._start_beat()
        self._lane(job.work.lane).submit(self._run, job)

    def cancel(self, job: Job[Any]) -> None:
        with self._lock:
            job._unwanted.set()
            waits = not job._begun
        if waits:
            self._dispatch(lambda: job._ended(_Outcome(cancelled=True)))

    def close(self) -> None:
        """Cancel everything and wait until the threads have ended; no listener is called after."""
        self._closed.set()
        self._wake.set()
        for job in self.jobs:
            job._unwanted.set()
        for lane in self._lanes.values():
            lane.shutdown(wait=True, cancel_futures=True)
        if self._beat is not None:
            self._beat.join()
        for job in self.jobs:
            job.state = State.CANCELLED

    # -- on the lanes' threads ----------------------------------------------------------------
    def _run(self, job: Job[T]) -> None:
        with self._lock:
            if job._unwanted.is_set():
                return
            job._begun = True
        self._dispatch(job._started)
        reporter = _Reporter(job, self._wake)
        with self._lock:
            self._running.append(reporter)
        outcome = _attempt(job.work, reporter)
        with self._lock:
            self._running.remove(reporter)
        self._dispatch(lambda: job._ended(outcome))

    def _collect(self) -> None:
        """Hand out the news of all jobs, then sleep a beat: at most ten times a second."""
        while not self._closed.is_set():
            self._wake.wait()
            self._wake.clear()
            with self._lock:
                reporters = list(self._running)
            for reporter in reporters:
                if (news := reporter.collect()) is not None:
                    self._dispatch(news)
            self._closed.wait(BEAT_SECONDS)

    def _dispatch(self, call: Callable[[], None]) -> None:
        if self._closed.is_set():
            return
        self._dispatch_to(lambda: None if self._closed.is_set() else call())

    # -- threads ------------------------------------------------------------------------------
    def _lane(self, lane: Lane) -> ThreadPoolExecutor:
        if lane not in self._lanes:
            self._lanes[lane] = ThreadPoolExecutor(lane.threads, thread_name_prefix=f"jobs-{lane}")
        return self._lanes[lane]

    def _start_beat(self) -> None:
        if self._beat is None:
            self._beat = threading.Thread(target=self._collect, name="jobs-beat", daemon=True)
            self._beat.start()


class InlineQueue(Queue):
    """The same interface without threads: `submit` returns when the work has ended.

    For the command line and for tests. Every report is delivered at once, on the caller's thread;
    a listener may cancel the job that calls it.
    """

    def _take(self, job: Job[Any]) -> None:
        job._started()
        job._ended(_attempt(job.work, _InlineReporter(job, threading.Event())))

    def cancel(self, job: Job[Any]) -> None:
        job._unwanted.set()

    def close(self) -> None:
        for job in self.jobs:
            job._unwanted.set()


class _InlineReporter(_Reporter[T]):
    def progress(self, fraction: float, text: str = "") -> None:
        super().progress(fraction, text)
        self._deliver()

    def partial(self, value: Any) -> None:
        super().partial(value)
        self._deliver()

    def _deliver(self) -> None:
        if (news := self.collect()) is not None:
            news()
