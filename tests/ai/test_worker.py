"""The model worker as a real process: what it answers, and what becomes of it."""

from __future__ import annotations

import io
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from studio.ai import client, record, registry, wishes
from studio.ai import worker as worker_process
from studio.ai.client import WorkerClient, worker_command
from studio.ai.generate import Generate
from studio.ai.requests import Request, Result, Take
from studio.ai.wire import MOST_BYTES, Answer, Done, Failed, Run, Wire
from studio.ai.wishes import Wish
from studio.core.errors import Cancelled, StudioError
from studio.domain.project import new_song
from studio.jobs.queue import InlineQueue, Job, JobQueue, State
from studio.media.store import MediaStore
from tests.ai import worker_models
from tests.conftest import ExpectedLog
from tests.jobs.test_queue import MainThread


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[WorkerClient]:
    started = WorkerClient(tmp_path, worker_models.CARDS)
    yield started
    started.close()


class Reports:
    """A model context that keeps what it was told and can say stop."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.partials: list[Result] = []
        self.stop = threading.Event()
        self.heard = threading.Event()

    def progress(self, fraction: float, text: str = "") -> None:
        assert 0.0 <= fraction <= 1.0
        self.texts.append(text)
        self.heard.set()

    def partial(self, result: Result) -> None:
        self.partials.append(result)

    def check_cancelled(self) -> None:
        if self.stop.is_set():
            raise Cancelled


def asked(model: str, *, bars: int = 4, seed: int = 0) -> Request:
    card = registry.find(worker_models.CARDS, model)
    return wishes.compose(new_song(), card, Wish(bars=bars, seed=seed))


def in_background(run: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """Run on a thread; the list holds what it returned or raised."""
    outcome: list[Any] = []

    def body() -> None:
        try:
            outcome.append(run())
        except (Cancelled, StudioError) as error:
            outcome.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    return thread, outcome


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "--worker" in child.cmdline()]


def test_a_take_comes_back_with_its_request_and_every_bar_on_the_way(worker: WorkerClient) -> None:
    reports = Reports()
    request = asked("behaving", bars=4, seed=3)
    take = worker.generate(request, reports)
    assert take.request is request
    assert len(take.result.parts[0].notes) == 32
    assert take.result.parts[0].notes.pitch.min() == 51
    assert [len(partial.parts[0].notes) for partial in reports.partials] == [8, 16, 24, 32]
    assert reports.texts == ["bar 1", "bar 2", "bar 3", "bar 4"]
    assert 0.0 < take.seconds < 60.0


def test_a_take_says_how_long_was_written_not_how_long_was_loaded(worker: WorkerClient) -> None:
    begun = time.perf_counter()
    take = worker.generate(asked("heavy"), Reports())
    elapsed = time.perf_counter() - begun
    assert take.seconds <= elapsed - worker_models.Heavy.LOADING_SECONDS


def test_the_worker_is_kept_and_equal_requests_give_equal_notes(worker: WorkerClient) -> None:
    first = worker.generate(asked("behaving", seed=1), Reports())
    again = worker.generate(asked("behaving", seed=1), Reports())
    other = worker.generate(asked("behaving", seed=2), Reports())
    assert first.id == again.id != other.id
    assert first.result == again.result
    assert first.result.why == other.result.why, "one process wrote both"
    assert first.result.parts != other.result.parts


def test_a_model_is_put_away_before_another_is_loaded(worker: WorkerClient, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    leaving = replace(asked("leaving"), prompt=str(diary))
    worker.generate(leaving, Reports())
    worker.generate(leaving, Reports())
    assert not diary.exists(), "it is kept from one request to the next"
    worker.generate(asked("behaving"), Reports())
    assert diary.read_text() == "unloaded"


def test_a_model_loaded_ahead_is_kept_beside_one_that_needs_no_weights(tmp_path: Path) -> None:
    store = MediaStore(tmp_path / "store")
    worker = worker_process.Worker(store, io.BytesIO(), io.BytesIO())
    light = registry.find(worker_models.CARDS, "behaving")
    heavy = replace(registry.find(worker_models.CARDS, "counting"), weights="in the program")
    before = worker_models.Counting.loads
    worker.get_ready(heavy)
    assert worker_models.Counting.loads == before + 1
    for card in (heavy, light, heavy):
        request = record.request_to_json(asked(card.id), store)
        assert isinstance(worker.answer(Run(1, card, request)), Done)
    assert worker_models.Counting.loads == before + 1


def test_what_cannot_be_loaded_ahead_is_said_by_the_first_request(worker: WorkerClient) -> None:
    counting = registry.find(worker_models.CARDS, "counting")
    worker.warm(replace(counting, factory="tests.ai.worker_models:Absent"))
    worker.warm(counting)
    assert worker.generate(asked("counting"), Reports()).result.why == "loads: 1"


def test_an_idle_model_is_put_away_where_memory_is_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_process, "LEAST_FREE_MB", 10**9)
    store = MediaStore(tmp_path / "store")
    diary = tmp_path / "diary"
    request = replace(asked("leaving"), prompt=str(diary))
    worker = worker_process.Worker(store, io.BytesIO(), io.BytesIO())
    card = registry.find(worker_models.CARDS, "leaving")
    done = worker.answer(Run(1, card, record.request_to_json(request, store)))
    assert isinstance(done, Done)
    assert diary.read_text() == "unloaded"


def test_a_large_result_comes_back_whole(worker: WorkerClient) -> None:
    take = worker.generate(asked("many"), Reports())
    notes = take.result.parts[0].notes
    assert len(notes) == 20_000
    assert np.array_equal(np.sort(notes.id), np.arange(20_000))


def test_a_large_result_without_room_fails_with_a_sentence(tmp_path: Path) -> None:
    shared, told = MediaStore(tmp_path / "store"), io.BytesIO()
    worker = worker_process.Worker(shared, io.BytesIO(), told)
    card = registry.find(worker_models.CARDS, "many")
    done = worker.answer(Run(1, card, record.request_to_json(asked("many"), shared)))
    shared.folder.rename(tmp_path / "away")
    shared.folder.write_bytes(b"no folder")
    told.truncate(told.seek(0))
    worker.hand_over(done)
    told.seek(0)
    failed = Wire[Answer](Answer, shared).read(told)
    assert isinstance(failed, Failed)
    assert "could not be written" in failed.message


def test_the_shared_folder_is_emptied_once_it_is_large(
    worker: WorkerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.generate(asked("many"), Reports())
    before = set(MediaStore(tmp_path / "worker").hashes())
    worker.generate(asked("behaving"), Reports())
    assert before <= set(MediaStore(tmp_path / "worker").hashes())
    monkeypatch.setattr(client, "MOST_SHARED_BYTES", 1000)
    take = worker.generate(asked("behaving"), Reports())
    assert take.result.parts
    assert len(set(MediaStore(tmp_path / "worker").hashes())) < len(before)


def test_the_worker_runs_at_low_priority_and_loads_no_torch(worker: WorkerClient) -> None:
    worker.generate(asked("behaving"), Reports())
    (child,) = children()
    assert child.nice() == max(psutil.Process().nice(), 10)
    assert child.environ()["OMP_NUM_THREADS"] == str(max(len(os.sched_getaffinity(0)) - 1, 1))
    assert not [file.path for file in child.memory_maps() if "torch" in file.path]


def test_warming_starts_the_worker_that_the_first_job_uses(worker: WorkerClient) -> None:
    worker.warm()
    (child,) = children()
    worker.warm()
    take = worker.generate(asked("behaving"), Reports())
    assert take.result.why == f"by {child.pid}"


def test_printing_models_do_not_disturb_the_pipe(worker: WorkerClient) -> None:
    take = worker.generate(asked("talkative"), Reports())
    assert len(take.result.parts[0].notes) == 32


@pytest.mark.parametrize("model", ["patient", "deaf"])
def test_a_cancel_is_answered_or_enforced_within_two_seconds(
    worker: WorkerClient, model: str
) -> None:
    reports = Reports()
    thread, outcome = in_background(lambda: worker.generate(asked(model), reports))
    assert reports.heard.wait(20)
    begun = time.monotonic()
    reports.stop.set()
    thread.join(10)
    assert time.monotonic() - begun < 3.0
    assert isinstance(outcome[0], Cancelled)
    assert bool(children()) == (model == "patient"), "only a deaf model is ended"
    assert worker.generate(asked("behaving"), Reports()).result.parts


def test_a_shipped_model_is_cancelled_mid_song(tmp_path: Path) -> None:
    card = registry.card("sketch")
    lone = WorkerClient(tmp_path / "real")

    class StopsAtFirstBar(Reports):
        def partial(self, result: Result) -> None:
            super().partial(result)
            self.stop.set()

    reports = StopsAtFirstBar()
    request = wishes.compose(new_song(), card, Wish("jazz", bars=256))
    try:
        with pytest.raises(Cancelled):
            lone.generate(request, reports)
        assert len(reports.partials) < 200
        (child,) = children()
        assert lone.generate(replace(request, seed=5), Reports()).result.parts
        assert children() == [child], "a cooperative model keeps its worker"
    finally:
        lone.close()


def test_a_worker_killed_mid_job_fails_it_with_a_sentence_and_the_next_job_runs(
    worker: WorkerClient, expected_log: ExpectedLog
) -> None:
    expected_log("model worker ended")
    reports = Reports()
    thread, outcome = in_background(lambda: worker.generate(asked("patient"), reports))
    assert reports.heard.wait(20)
    children()[0].kill()
    thread.join(10)
    (error,) = outcome
    assert isinstance(error, StudioError)
    assert "memory" in error.message
    assert error.hint
    take = worker.generate(asked("behaving"), Reports())
    assert len(take.result.parts[0].notes) == 32


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("segfault", "Segfault crashed while it worked"),
        ("killed", "The system ended Killed while it worked, most likely for want of memory"),
        ("exiting", "Exiting crashed while it worked"),
        ("garbling", "Garbling answered something that cannot be read"),
    ],
)
def test_a_worker_that_dies_by_itself_is_told_and_replaced(
    worker: WorkerClient, expected_log: ExpectedLog, model: str, words: str
) -> None:
    expected_log("model worker ended")
    with pytest.raises(StudioError) as raised:
        worker.generate(asked(model), Reports())
    assert words in raised.value.message
    assert raised.value.hint
    if model == "segfault":
        assert "Segmentation fault" in expected_log.records[0].getMessage()
    assert worker.generate(asked("behaving"), Reports()).result.parts


def test_a_model_that_runs_out_of_memory_fails_with_a_sentence_and_a_fresh_worker_follows(
    worker: WorkerClient,
) -> None:
    worker.warm()
    (before,) = children()
    with pytest.raises(StudioError) as raised:
        worker.generate(asked("hungry"), Reports())
    assert raised.value.message == "There was not enough memory for Hungry."
    assert "fewer bars" in raised.value.hint
    worker.generate(asked("behaving"), Reports())
    (after,) = children()
    assert after.pid != before.pid


def test_a_model_too_large_for_this_machine_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    whale = worker_models.card(worker_models.Behaving, memory_mb=10**9)
    lone = WorkerClient(tmp_path, [whale])
    with pytest.raises(StudioError, match="needs 1000000000 MB of memory"):
        lone.generate(replace(asked("behaving")), Reports())
    lone.close()


def test_a_fault_in_a_model_is_a_sentence_and_the_worker_goes_on(
    worker: WorkerClient, studio_home: Path
) -> None:
    with pytest.raises(StudioError) as raised:
        worker.generate(asked("faulty"), Reports())
    assert "fault" in raised.value.message
    assert "division" not in str(raised.value)
    assert "ZeroDivisionError: a fault" in (studio_home / "logs" / "worker.log").read_text()
    (child,) = children()
    assert worker.generate(asked("behaving"), Reports()).result.why == f"by {child.pid}"


def test_a_models_own_sentence_passes_as_it_is(worker: WorkerClient) -> None:
    with pytest.raises(StudioError) as raised:
        worker.generate(asked("refusing"), Reports())
    assert raised.value.message == "The gap is too long."
    assert raised.value.hint == "Choose at most 4 bars."


def test_a_missing_adapter_is_a_sentence(tmp_path: Path) -> None:
    ghost = replace(worker_models.CARDS[0], factory="tests.ai.worker_models:Nothing")
    lone = WorkerClient(tmp_path, [ghost])
    with pytest.raises(StudioError, match="not installed completely"):
        lone.generate(asked("behaving"), Reports())
    lone.close()


def test_an_unknown_model_and_another_version_are_refused(worker: WorkerClient) -> None:
    with pytest.raises(StudioError, match="no model called “nobody”"):
        worker.generate(replace(asked("behaving"), model="nobody"), Reports())
    with pytest.raises(StudioError, match="another version of Behaving"):
        worker.generate(replace(asked("behaving"), model_hash="0"), Reports())
    assert not children(), "neither needs a worker"


def test_something_else_than_a_worker_at_the_other_end_is_a_sentence(
    tmp_path: Path, expected_log: ExpectedLog
) -> None:
    expected_log("model worker ended")
    program = "import sys; print('hello, world' * 99, flush=True); sys.stdin.read()"
    prints = [sys.executable, "-c", program]
    lone = WorkerClient(tmp_path, worker_models.CARDS, prints)
    with pytest.raises(StudioError, match="cannot be read"):
        lone.generate(asked("behaving"), Reports())
    lone.close()


def test_a_worker_that_cannot_start_is_a_sentence(
    tmp_path: Path, expected_log: ExpectedLog
) -> None:
    expected_log("the disk is gone")
    fails = [sys.executable, "-c", "raise SystemExit('the disk is gone')"]
    lone = WorkerClient(tmp_path, worker_models.CARDS, fails)
    with pytest.raises(StudioError, match="crashed"):
        lone.generate(asked("behaving"), Reports())
    lone.close()


def test_a_worker_that_hangs_up_and_stays_is_not_called_short_of_memory(
    tmp_path: Path, expected_log: ExpectedLog
) -> None:
    expected_log(r"model worker ended \(None\)")
    hangs = [sys.executable, "-c", "import os, time; os.close(1); time.sleep(60)"]
    lone = WorkerClient(tmp_path, worker_models.CARDS, hangs)
    with pytest.raises(StudioError, match="crashed"):
        lone.generate(asked("behaving"), Reports())
    lone.close()


def test_a_request_that_cannot_be_written_is_not_blamed_on_the_worker(
    worker: WorkerClient,
) -> None:
    with pytest.raises(UnicodeEncodeError):
        worker.generate(replace(asked("behaving"), prompt="caf\udce9"), Reports())
    assert worker.generate(asked("behaving"), Reports()).result.parts


def test_a_worker_whose_program_is_gone_is_a_sentence(tmp_path: Path) -> None:
    lone = WorkerClient(tmp_path, worker_models.CARDS, [str(tmp_path / "moved" / "python")])
    lone.warm()
    with pytest.raises(StudioError, match="could not be started"):
        lone.generate(asked("behaving"), Reports())
    lone.close()


def test_the_worker_takes_no_modules_from_where_the_user_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("studio.py", "queue.py", "random.py"):
        (tmp_path / name).write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path)
    lone = WorkerClient(tmp_path / "run", worker_models.CARDS)
    assert lone.generate(asked("behaving"), Reports()).result.parts
    lone.close()


def test_closing_cancels_what_runs_and_leaves_no_process(worker: WorkerClient) -> None:
    reports = Reports()
    thread, outcome = in_background(lambda: worker.generate(asked("patient"), reports))
    assert reports.heard.wait(20)
    worker.close()
    thread.join(10)
    assert isinstance(outcome[0], Cancelled)
    assert not children()
    with pytest.raises(Cancelled):
        worker.generate(asked("behaving"), Reports())


# --- the process itself -----------------------------------------------------------------------


def start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        worker_command(folder),
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_worker_ends_with_its_pipe(tmp_path: Path) -> None:
    process = start(tmp_path)
    out, errors = process.communicate(timeout=20)
    assert (process.returncode, out, errors) == (0, b"", b"")


@pytest.mark.parametrize(
    "data",
    [
        struct.pack("<I", 7) + b"\xffgarbag",
        struct.pack("<I", 1) + b"\xc0",
        struct.pack("<I", MOST_BYTES + 1),
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_a_malformed_message_ends_the_worker_with_one_line(tmp_path: Path, data: bytes) -> None:
    process = start(tmp_path)
    out, errors = process.communicate(data, timeout=20)
    assert (process.returncode, out) == (2, b"")
    assert errors.count(b"\n") == 1


def test_a_message_cut_short_ends_the_worker_quietly(tmp_path: Path) -> None:
    process = start(tmp_path)
    out, errors = process.communicate(struct.pack("<I", 100) + b"half", timeout=20)
    assert (process.returncode, out, errors) == (0, b"", b"")


def test_the_worker_is_not_started_by_hand() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "studio", "--worker"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_a_worker_does_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from studio.ai.client import WorkerClient\n"
        "client = WorkerClient(Path(sys.argv[1])); client.warm()\n"
        "print(client._child._process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    gone, alive = psutil.wait_procs([worker], timeout=10)
    assert gone
    assert not alive


# --- as a job ---------------------------------------------------------------------------------


def test_a_generation_runs_as_a_job_with_partial_results(worker: WorkerClient) -> None:
    main_thread = MainThread()
    jobs = JobQueue(main_thread)
    partials: list[Result] = []
    takes: list[Take] = []
    job = jobs.submit(
        Generate(asked("behaving", bars=2), worker),
        on_partial=partials.append,
        on_done=takes.append,
    )
    assert job.work.title == "Generate 2 bars"
    main_thread.pump_until(lambda: job.finished, 20)
    jobs.close()
    assert job.state is State.DONE
    assert takes[0] is job.result
    assert len(takes[0].result.parts[0].notes) == 16
    assert all(len(partial.parts[0].notes) <= 16 for partial in partials)


def test_closing_the_queue_ends_a_running_generation(worker: WorkerClient) -> None:
    main_thread = MainThread()
    jobs = JobQueue(main_thread)
    late: list[Take] = []
    job = jobs.submit(Generate(asked("patient"), worker), on_done=late.append)
    main_thread.pump_until(lambda: job.fraction > 0, 20)
    jobs.close()
    main_thread.pump(0.1)
    assert (job.state, late) == (State.CANCELLED, [])


def test_a_crash_fails_the_job_and_the_next_one_is_done(
    worker: WorkerClient, expected_log: ExpectedLog
) -> None:
    expected_log("model worker ended")
    jobs = InlineQueue()
    failed: Job[Take] = jobs.submit(Generate(asked("segfault"), worker))
    done: Job[Take] = jobs.submit(Generate(asked("behaving"), worker))
    assert (failed.state, done.state) == (State.FAILED, State.DONE)
    assert failed.error is not None


def test_equal_requests_are_equal_works(worker: WorkerClient) -> None:
    assert Generate(asked("behaving"), worker) == Generate(asked("behaving"), worker)


# --- what is kept out of the window -----------------------------------------------------------


def test_a_process_that_generates_never_imports_torch_nor_an_adapter(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from studio.ai import registry, wishes\n"
        "from studio.ai.client import WorkerClient\n"
        "from studio.ai.generate import Generate\n"
        "from studio.ai.requests import Task\n"
        "from studio.domain.project import new_song\n"
        "from studio.jobs.queue import InlineQueue\n"
        "worker = WorkerClient(Path(sys.argv[1]))\n"
        "card = registry.default_for(Task.COMPOSE)\n"
        "request = wishes.compose(new_song(), card, wishes.Wish('calm', bars=2))\n"
        "job = InlineQueue().submit(Generate(request, worker)); worker.close()\n"
        "assert job.result.result.parts, job.error\n"
        "print([name for name in sys.modules if name.startswith(('torch', 'studio.ai.models.'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
