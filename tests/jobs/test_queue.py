"""Jobs: lanes, progress, time left, cancelling, failing, closing."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.jobs.queue import Context, InlineQueue, Job, JobQueue, Lane, Pace, State
from tests.conftest import ExpectedLog


class MainThread:
    """What the window's event loop is to the queue: functions wait here until they are called."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.called = 0

    def __call__(self, call: Callable[[], None]) -> None:
        self._calls.put(call)

    def pump_until(self, wanted: Callable[[], bool], seconds: float = 10.0) -> None:
        until = time.monotonic() + seconds
        while not wanted():
            assert time.monotonic() < until, "waited too long"
            self.pump(0.02)

    def pump(self, wait_seconds: float = 0.0) -> None:
        try:
            call = self._calls.get(timeout=wait_seconds) if wait_seconds else self._calls.get(False)
        except queue.Empty:
            return
        self.called += 1
        call()


@dataclass(frozen=True)
class Task:
    """Any function of a context as a work."""

    body: Callable[[Context], Any] = field(compare=False)
    lane: Lane = Lane.CPU
    title: str = "Task"

    def run(self, context: Context) -> Any:
        return self.body(context)


@pytest.fixture
def main_thread() -> MainThread:
    return MainThread()


@pytest.fixture
def jobs(main_thread: MainThread) -> Iterator[JobQueue]:
    jobs = JobQueue(main_thread)
    yield jobs
    jobs.close()


def until_cancelled(context: Context) -> None:
    while True:
        context.check_cancelled()
        time.sleep(0.005)


def test_a_result_arrives_through_dispatch_on_the_listeners_thread(
    jobs: JobQueue, main_thread: MainThread
) -> None:
    heard: list[tuple[int, threading.Thread]] = []
    ran_on: list[str] = []

    def body(_: Context) -> int:
        ran_on.append(threading.current_thread().name)
        return 7

    job = jobs.submit(Task(body), on_done=lambda r: heard.append((r, threading.current_thread())))
    time.sleep(0.1)
    assert not heard, "nothing is delivered before the listeners' thread takes it"
    main_thread.pump_until(lambda: job.finished)
    assert heard == [(7, threading.current_thread())]
    assert (job.state, job.result, job.fraction) == (State.DONE, 7, 1.0)
    assert ran_on[0].startswith("jobs-cpu")
    assert jobs.jobs == ()


def test_states_are_told_in_order(jobs: JobQueue, main_thread: MainThread) -> None:
    states: list[State] = []
    job = jobs.submit(Task(lambda context: None), on_change=lambda job: states.append(job.state))
    assert job.state is State.QUEUED
    main_thread.pump_until(lambda: job.finished)
    assert states == [State.RUNNING, State.DONE]


@pytest.mark.parametrize(("lane", "threads"), [(Lane.MODEL, 1), (Lane.CPU, 2), (Lane.DISK, 2)])
def test_a_lane_runs_as_many_jobs_at_once_as_it_has_threads(
    jobs: JobQueue, main_thread: MainThread, lane: Lane, threads: int
) -> None:
    at_once, most, lock, release = [0], [0], threading.Lock(), threading.Event()

    def body(_: Context) -> None:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        release.wait(5)
        with lock:
            at_once[0] -= 1

    submitted = [jobs.submit(Task(body, lane)) for _ in range(5)]
    main_thread.pump_until(lambda: sum(j.state is State.RUNNING for j in submitted) == threads)
    time.sleep(0.05)
    release.set()
    main_thread.pump_until(lambda: all(job.finished for job in submitted))
    assert most == [threads]


def test_lanes_do_not_wait_for_each_other(jobs: JobQueue, main_thread: MainThread) -> None:
    slow = jobs.submit(Task(until_cancelled, Lane.MODEL))
    quick = jobs.submit(Task(lambda context: 1, Lane.DISK))
    main_thread.pump_until(lambda: quick.finished)
    assert slow.state is State.RUNNING
    jobs.cancel(slow)
    main_thread.pump_until(lambda: slow.finished)


def test_the_model_lane_keeps_the_order_of_submission(
    jobs: JobQueue, main_thread: MainThread
) -> None:
    done: list[int] = []
    submitted = [
        jobs.submit(Task(lambda context, n=n: n, Lane.MODEL), on_done=done.append)  # type: ignore[misc]
        for n in range(20)
    ]
    main_thread.pump_until(lambda: all(job.finished for job in submitted))
    assert done == list(range(20))


def test_progress_is_told_at_most_ten_times_a_second_and_the_last_one_is_not_lost(
    jobs: JobQueue, main_thread: MainThread
) -> None:
    seen: list[tuple[float, float, str]] = []
    stay = threading.Event()

    def body(context: Context) -> None:
        for step in range(500):
            context.progress(step / 1000, f"step {step}")
            time.sleep(0.001)
        context.progress(0.5, "then a long step")
        stay.wait(5)

    def on_change(job: Job[None]) -> None:
        if job.state is State.RUNNING and job.text:
            seen.append((time.monotonic(), job.fraction, job.text))

    job = jobs.submit(Task(body), on_change=on_change)
    main_thread.pump_until(lambda: bool(seen) and seen[-1][2] == "then a long step")
    stay.set()
    main_thread.pump_until(lambda: job.finished)
    span = seen[-1][0] - seen[0][0]
    assert len(seen) - 1 <= span / 0.1 + 3
    fractions = [fraction for _, fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 0.5


def test_only_the_newest_partial_result_is_delivered(
    jobs: JobQueue, main_thread: MainThread
) -> None:
    partials: list[int] = []

    def body(context: Context) -> str:
        for n in range(1000):
            context.partial(n)
        time.sleep(0.15)
        return "whole"

    job = jobs.submit(Task(body), on_partial=partials.append)
    main_thread.pump_until(lambda: job.finished)
    assert partials == sorted(partials)
    assert partials[-1] == 999
    assert len(partials) < 10
    assert job.result == "whole"


def test_a_queued_job_is_cancelled_at_once_and_never_runs(
    jobs: JobQueue, main_thread: MainThread
) -> None:
    ran: list[str] = []
    blocker = jobs.submit(Task(until_cancelled, Lane.MODEL))
    states: list[State] = []
    waiting = jobs.submit(
        Task(lambda context: ran.append("ran"), Lane.MODEL),
        on_change=lambda job: states.append(job.state),
    )
    main_thread.pump_until(lambda: blocker.state is State.RUNNING)
    jobs.cancel(waiting)
    main_thread.pump_until(lambda: waiting.finished)
    assert blocker.state is State.RUNNING
    jobs.cancel(blocker)
    main_thread.pump_until(lambda: blocker.finished)
    assert (states, ran) == ([State.CANCELLED], [])


def test_a_job_that_has_just_begun_is_cancelled_once_its_work_has_stopped(
    jobs: JobQueue, main_thread: MainThread
) -> None:
    begun, let_go = threading.Event(), threading.Event()

    def body(_: Context) -> None:
        begun.set()
        assert let_go.wait(10)

    job = jobs.submit(Task(body))
    assert begun.wait(10)
    jobs.cancel(job)  # before anyone was told that it runs
    for _ in range(5):
        main_thread.pump(0.02)
    assert not job.finished
    let_go.set()
    main_thread.pump_until(lambda: job.finished)
    assert job.state is State.CANCELLED


def test_a_running_job_is_cancelled_at_its_next_check(
    jobs: JobQueue, main_thread: MainThread
) -> None:
    called: list[object] = []
    job = jobs.submit(Task(until_cancelled), on_done=called.append, on_failed=called.append)
    main_thread.pump_until(lambda: job.state is State.RUNNING)
    jobs.cancel(job)
    main_thread.pump_until(lambda: job.finished)
    assert (job.state, job.error, called) == (State.CANCELLED, None, [])


def test_a_result_that_comes_after_cancelling_is_not_delivered(
    jobs: JobQueue, main_thread: MainThread
) -> None:
    called: list[object] = []
    ended = threading.Event()

    def body(context: Context) -> int:
        context.partial(1)
        ended.set()
        return 1

    job = jobs.submit(Task(body), on_done=called.append, on_partial=called.append)
    ended.wait(5)
    time.sleep(0.05)
    jobs.cancel(job)
    main_thread.pump_until(lambda: job.finished)
    assert (job.state, job.result, called) == (State.CANCELLED, None, [])


@pytest.mark.parametrize("report", ["progress", "partial"])
def test_reporting_stops_a_cancelled_job(
    jobs: JobQueue, main_thread: MainThread, report: str
) -> None:
    def body(context: Context) -> None:
        while True:
            getattr(context, report)(0.5)
            time.sleep(0.001)

    job = jobs.submit(Task(body))
    main_thread.pump_until(lambda: job.state is State.RUNNING)
    jobs.cancel(job)
    main_thread.pump_until(lambda: job.finished)
    assert job.state is State.CANCELLED


def test_a_sentence_for_the_musician_passes_as_it_is(
    jobs: JobQueue, main_thread: MainThread
) -> None:
    failed: list[StudioError] = []
    sentence = StudioError("The gap is too long.", "Choose at most 64 bars.")

    def body(_: Context) -> None:
        raise sentence

    job = jobs.submit(Task(body), on_failed=failed.append)
    main_thread.pump_until(lambda: job.finished)
    assert failed == [sentence]
    assert (job.state, job.error) == (State.FAILED, sentence)


def test_a_fault_becomes_a_sentence_and_its_traceback_is_logged(
    jobs: JobQueue, main_thread: MainThread, expected_log: ExpectedLog
) -> None:
    expected_log("fault in: Bounce")

    def body(_: Context) -> None:
        raise ZeroDivisionError("division by zero")

    job = jobs.submit(Task(body, title="Bounce"))
    main_thread.pump_until(lambda: job.finished)
    assert job.error is not None
    assert "Bounce" in job.error.message
    assert "division" not in str(job.error)
    assert expected_log.records[0].exc_info is not None


def test_want_of_memory_becomes_a_sentence_that_says_what_to_try(
    jobs: JobQueue, main_thread: MainThread, expected_log: ExpectedLog
) -> None:
    expected_log("out of memory")

    def body(_: Context) -> None:
        bytearray(1 << 62)

    job = jobs.submit(Task(body))
    main_thread.pump_until(lambda: job.finished)
    assert job.error is not None
    assert "memory" in job.error.message
    assert job.error.hint


def test_the_lane_goes_on_after_a_failure(
    jobs: JobQueue, main_thread: MainThread, expected_log: ExpectedLog
) -> None:
    expected_log("fault in")
    jobs.submit(Task(lambda context: int("one"), Lane.MODEL))
    job = jobs.submit(Task(lambda context: "fine", Lane.MODEL))
    main_thread.pump_until(lambda: job.finished)
    assert job.result == "fine"


def test_closing_ends_every_thread_and_calls_nobody(main_thread: MainThread) -> None:
    before = set(threading.enumerate())
    jobs = JobQueue(main_thread)
    called: list[object] = []
    submitted = [
        jobs.submit(Task(until_cancelled, lane), on_change=called.append, on_done=called.append)
        for lane in Lane
        for _ in range(4)
    ]
    time.sleep(0.05)
    jobs.close()
    assert set(threading.enumerate()) <= before
    for _ in range(100):
        main_thread.pump()
    assert called == []
    assert {job.state for job in submitted} == {State.CANCELLED}
    with pytest.raises(RuntimeError):
        jobs.submit(Task(until_cancelled))


def test_an_idle_queue_has_no_threads_and_closes_twice(main_thread: MainThread) -> None:
    before = threading.active_count()
    jobs = JobQueue(main_thread)
    assert threading.active_count() == before
    jobs.close()
    jobs.close()


def test_the_inline_queue_runs_at_once_and_tells_everything() -> None:
    told: list[object] = []

    def body(context: Context) -> str:
        context.progress(0.5, "half")
        context.partial("so far")
        return "whole"

    job = InlineQueue().submit(
        Task(body),
        on_change=lambda job: told.append((job.state, job.fraction)),
        on_partial=told.append,
        on_done=told.append,
    )
    assert told == [
        (State.RUNNING, 0.0),
        (State.RUNNING, 0.5),
        "so far",
        (State.RUNNING, 0.5),
        "whole",
        (State.DONE, 1.0),
    ]
    assert job.result == "whole"


def test_a_listener_of_the_inline_queue_can_cancel() -> None:
    jobs = InlineQueue()

    def body(context: Context) -> None:
        context.progress(0.5)
        context.check_cancelled()

    job = jobs.submit(Task(body), on_change=jobs.cancel)
    assert job.state is State.CANCELLED
    assert jobs.jobs == ()
    jobs.close()


def test_closing_the_inline_queue_from_a_listener_cancels_the_job() -> None:
    jobs = InlineQueue()
    job = jobs.submit(Task(lambda context: context.progress(0.5)), on_change=lambda _: jobs.close())
    assert job.state is State.CANCELLED


# --- time left --------------------------------------------------------------------------------


def test_the_time_left_is_unknown_at_first() -> None:
    pace = Pace()
    assert pace.left(0.0) is None
    pace.update(0.01, 60.0)
    assert pace.left(60.0) is None
    pace.update(0.5, 0.1)
    assert pace.left(0.1) is None


@given(total=st.floats(2.0, 10_000.0), steps=st.integers(10, 200))
def test_the_time_left_is_exact_for_a_steady_pace(total: float, steps: int) -> None:
    pace = Pace()
    for step in range(1, steps):
        elapsed = total * step / steps
        pace.update(step / steps, elapsed)
        left = pace.left(elapsed)
        if left is not None:
            assert left == pytest.approx(total - elapsed, rel=1e-6, abs=1e-6)
    assert left is not None or total / steps * (steps - 1) < 0.5


def test_the_time_left_counts_down_between_reports_and_is_unknown_when_overdue() -> None:
    pace = Pace()
    pace.update(0.5, 10.0)
    assert pace.left(10.0) == pytest.approx(10.0)
    assert pace.left(14.0) == pytest.approx(6.0)
    assert pace.left(21.0) is None


def test_a_hiccup_moves_the_time_left_by_a_part_only() -> None:
    pace = Pace()
    pace.update(0.5, 10.0)
    pace.update(0.51, 20.0)
    left = pace.left(20.0)
    assert left is not None
    assert 0.0 < left < 10.0


def test_a_running_job_shows_the_time_left(jobs: JobQueue, main_thread: MainThread) -> None:
    def body(context: Context) -> None:
        for step in range(1, 100):
            context.progress(step / 100)
            time.sleep(0.01)

    def on_change(job: Job[None]) -> None:
        if job.eta_seconds is not None:
            seen.append(job.eta_seconds)

    seen: list[float] = []
    job = jobs.submit(Task(body), on_change=on_change)
    main_thread.pump_until(lambda: job.finished)
    assert 0.0 < seen[0] < 5.0
    assert job.eta_seconds is None


# --- any course of events ---------------------------------------------------------------------


def _ends(how: str) -> Callable[[Context], Any]:
    def body(context: Context) -> str:
        for step in range(3):
            context.progress(step / 3)
            context.partial(step)
        if how == "refuses":
            raise StudioError("No.")
        if how == "waits":
            until_cancelled(context)
        return how

    return body


@settings(max_examples=30)
@given(
    works=st.lists(
        st.tuples(st.sampled_from(Lane), st.sampled_from(["succeeds", "refuses", "waits"])),
        max_size=8,
    ),
    cancelled=st.sets(st.integers(0, 7)),
)
def test_every_job_ends_once_and_nobody_hears_of_it_afterwards(
    works: list[tuple[Lane, str]], cancelled: set[int]
) -> None:
    main_thread = MainThread()
    jobs = JobQueue(main_thread)
    told: dict[int, list[str]] = {index: [] for index in range(len(works))}
    submitted = []
    for index, (lane, how) in enumerate(works):
        log = told[index].append
        submitted.append(
            jobs.submit(
                Task(_ends(how), lane),
                on_change=lambda job, log=log: log(job.state),  # type: ignore[misc]
                on_partial=lambda value, log=log: log("partial"),  # type: ignore[misc]
                on_done=lambda result, log=log: log("result"),  # type: ignore[misc]
                on_failed=lambda error, log=log: log("error"),  # type: ignore[misc]
            )
        )
    for index, job in enumerate(submitted):
        if index in cancelled or works[index][1] == "waits":
            jobs.cancel(job)
    main_thread.pump_until(lambda: all(job.finished for job in submitted))
    assert jobs.jobs == ()
    jobs.close()
    for index, job in enumerate(submitted):
        last = {State.DONE: ["result"], State.FAILED: ["error"], State.CANCELLED: []}[job.state]
        heard = told[index]
        assert heard[-1] == job.state
        assert heard[len(heard) - 1 - len(last) : -1] == last
        assert sum(said in (*State,) and said == job.state for said in heard) == 1
        if index in cancelled or works[index][1] == "waits":
            assert job.state is State.CANCELLED
        else:
            assert job.state == (State.FAILED if works[index][1] == "refuses" else State.DONE)
