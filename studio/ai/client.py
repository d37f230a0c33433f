"""The near end of the model worker: starts it, asks it, and outlives whatever becomes of it."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from studio.ai import record, registry
from studio.ai.catalogue import ModelCard, ModelContext
from studio.ai.encoder.weights import reader
from studio.ai.requests import Chip, Request, Take, take_id
from studio.ai.wire import (
    Answer,
    Cancel,
    Done,
    Failed,
    Heard,
    Load,
    Order,
    Partial,
    Progress,
    Read,
    Run,
    Wire,
    WireError,
)
from studio.core.errors import Cancelled, StudioError
from studio.media.store import MediaStore

_LOG = logging.getLogger(__name__)

ANSWER_SECONDS = 2.0  # so long a model has to answer a cancel before it is ended
MOST_SHARED_BYTES = 64 * 1024 * 1024
_POLL_SECONDS = 0.02
_LAST_SECONDS = 1.0
_SOURCE = Path(__file__).resolve().parents[2]
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class WorkerClient:
    """Generates in a worker process, which is started when it is first needed.

    `generate` is for one background thread and `chips` for another; `warm` and `close` may be
    called from any.

    Args:
        run_dir: A folder this studio shares with its children; made where it is missing.
        cards: The models to choose from; by default all there are.
        command: How to start a worker; by default this program with `--worker`.
    """

    def __init__(
        self,
        run_dir: Path,
        cards: Sequence[ModelCard] | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        self._folder = run_dir / "worker"
        self._store = MediaStore(self._folder)
        self._cards = None if cards is None else tuple(cards)
        self._command = tuple(command or worker_command(self._folder))
        self._numbers = itertools.count(1)
        self._child: _Child | None = None
        self._lock = threading.Lock()  # guards the two below
        self._reading = threading.Lock()  # one reading at a time
        self._closed = False

    def warm(self, card: ModelCard | None = None) -> None:
        """Start the worker ahead of its first use, with a model if one is given; does not wait.

        Where that cannot be done, `generate` will say so.
        """
        with self._lock, contextlib.suppress(StudioError, _Ended):
            if not self._closed:
                child = self._live_child()
                if card is not None:
                    child.say(Load(card))

    def generate(self, request: Request, context: ModelContext) -> Take:
        """Fill the request's gap; progress and partial results go to `context`.

        Raises:
            StudioError: The model refused, failed, ran out of memory or crashed, or the worker
                could not be started.
            Cancelled: `context` said so, or the client was closed.
        """
        there = registry.cards() if self._cards is None else self._cards
        card = registry.find(there, request.model)
        if request.model_hash != card.digest:
            raise StudioError(
                f"This was made with another version of {card.title} than the one installed.",
                "Generate it anew.",
            )
        self._tidy()
        places = _places(request.media)
        run = Run(next(self._numbers), card, record.request_to_json(request, self._store), *places)
        with self._lock:
            if self._closed:
                raise Cancelled
            child = self._live_child()
        done = self._ask(child, run, context)
        return Take(take_id(request), request, done.result, done.seconds)

    def chips(
        self, prompt: str, negative: str, check_cancelled: Callable[[], None]
    ) -> tuple[Chip, ...] | None:
        """What the words mean, guesses included: the chips of the result they will lead to.

        None where they could not be read; the lexicon's chips stand then.

        Raises:
            StudioError: The worker could not be started.
            Cancelled: `check_cancelled` said so, or the client was closed.
        """
        order = Read(next(self._numbers), prompt, negative, reader())
        with self._reading:
            with self._lock:
                if self._closed:
                    raise Cancelled
                child = self._live_child()
            try:
                child.say(order)
                return _reply(child, order.job, check_cancelled)
            except _Ended:
                return None

    def close(self) -> None:
        """End the worker; a generation that goes on elsewhere is cancelled."""
        with self._lock:
            self._closed = True
            child, self._child = self._child, None
        if child is not None:
            child.end()

    def _tidy(self) -> None:
        """Empty the shared folder once it is large; between two jobs nobody reads it."""
        pieces = [self._store.path(hash) for hash in self._store.hashes()]
        if sum(piece.stat().st_size for piece in pieces) > MOST_SHARED_BYTES:
            for piece in pieces:
                piece.unlink()

    def _live_child(self) -> _Child:
        if self._child is None or not self._child.alive:
            self._drop()
            self._child = _Child(self._command, self._folder, Wire(Answer, self._store))
        return self._child

    def _drop(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None

    def _ask(self, child: _Child, run: Run, context: ModelContext) -> Done:
        """Send `run` and wait for its end; a worker that owes an answer is not kept."""
        settled = False
        try:
            child.say(run)
            answer = self._last_answer(child, run, context)
            settled = not (isinstance(answer, Failed) and answer.spent)
        except _Ended as ended:
            if self._closed:
                raise Cancelled from None
            raise self._epitaph(child, ended, run.card) from None
        finally:
            if not settled:
                with self._lock:
                    child.end()
        if isinstance(answer, Done):
            return answer
        if isinstance(answer, Failed):
            raise StudioError(answer.message, answer.hint)
        raise Cancelled

    def _last_answer(self, child: _Child, run: Run, context: ModelContext) -> Answer:
        """Relay reports until the job is over.

        Raises:
            Cancelled: The model did not answer a cancel in time.
            _Ended: The worker is gone.
        """
        give_up: float | None = None
        while give_up is None or time.monotonic() < give_up:
            answer = child.hear(_POLL_SECONDS)
            if answer is not None and answer.job != run.job:
                continue
            if answer is not None and not isinstance(answer, Progress | Partial):
                return answer
            if give_up is None and not _relayed(answer, context):
                give_up = time.monotonic() + ANSWER_SECONDS
                child.say(Cancel(run.job))
        raise Cancelled

    def _epitaph(self, child: _Child, ended: _Ended, card: ModelCard) -> StudioError:
        """What became of the worker, in a sentence; the log has its last words."""
        exit_code, words = child.obituary(ended.garbled)
        _LOG.warning("the model worker ended (%s) in %s: %s", exit_code, card.id, words)
        again = "Try again; if it happens again, choose another model or fewer bars."
        if ended.garbled:
            return StudioError(f"{card.title} answered something that cannot be read.", again)
        if exit_code == -getattr(signal, "SIGKILL", 9):
            return StudioError(
                f"The system ended {card.title} while it worked, most likely for want of memory.",
                "Close other programs, or ask for fewer bars; then try again.",
            )
        return StudioError(f"{card.title} crashed while it worked.", again)


def _reply(child: _Child, job: int, check_cancelled: Callable[[], None]) -> tuple[Chip, ...] | None:
    """What the worker heard for `job`; late answers to earlier ones are passed over."""
    while True:
        check_cancelled()
        heard = child.heard(_POLL_SECONDS)
        if heard is not None and heard.job == job:
            return heard.chips


def _relayed(answer: Progress | Partial | None, context: ModelContext) -> bool:
    """Pass a report on; False once the job is not wanted any more."""
    try:
        context.check_cancelled()
        if isinstance(answer, Progress):
            context.progress(answer.fraction, answer.text)
        elif isinstance(answer, Partial):
            context.partial(answer.result)
    except Cancelled:
        return False
    return True


def _places(media: MediaStore | None) -> tuple[str, str]:
    return ("", "") if media is None else (str(media.folder), str(media.cache))


def worker_command(folder: Path) -> tuple[str, ...]:
    """How to start a worker that shares `folder`, from source and from a bundle."""
    bundled = getattr(sys, "frozen", False)
    program = (
        (sys.executable,) if bundled else (sys.executable, "-P", "-m", "studio")
    )  # -P: no modules from where the user happens to be
    return (*program, "--worker", str(folder))


def _environment() -> dict[str, str]:
    """This process's own, with one core left to the window and the engine."""
    everyone = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 2
    cores = max(everyone - 1, 1)
    before = os.environ.get("PYTHONPATH")
    path = str(_SOURCE) if not before else f"{_SOURCE}{os.pathsep}{before}"
    return {**os.environ, **dict.fromkeys(_THREADS, str(cores)), "PYTHONPATH": path}


class _Ended(Exception):
    """The worker is gone, or (garbled) must go since it makes no sense."""

    def __init__(self, garbled: bool = False) -> None:
        super().__init__()
        self.garbled = garbled


class _Child:
    """One worker process, and the thread that reads its answers.

    Raises:
        StudioError: It cannot be started.
    """

    def __init__(self, command: Sequence[str], folder: Path, wire: Wire[Answer]) -> None:
        self._wire = wire
        self._errors = folder / "stderr.txt"
        self._answers: queue.SimpleQueue[Answer | _Ended] = queue.SimpleQueue()
        self._heard: queue.SimpleQueue[Heard | _Ended] = queue.SimpleQueue()
        self._saying = threading.Lock()  # one message at a time
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with self._errors.open("wb") as errors:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    env=_environment(),
                )
        except OSError as error:
            raise StudioError(
                f"The model worker could not be started: {error.strerror}.",
                "Start the studio anew; if that does not help, install it again.",
            ) from error
        self._reader = threading.Thread(target=self._read, name="worker-reader", daemon=True)
        self._reader.start()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def say(self, message: Order) -> None:
        """Raises _Ended where the worker is gone."""
        assert self._process.stdin is not None
        try:
            with self._saying:
                self._wire.write(self._process.stdin, message)
        except OSError:
            raise _Ended from None
        except ValueError:
            if not self._process.stdin.closed:
                raise
            raise _Ended from None  # it was ended from another thread

    def hear(self, seconds: float) -> Answer | None:
        """The next answer within `seconds`, or None. Raises _Ended where there will be none."""
        try:
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            return None
        if isinstance(answer, _Ended):
            raise answer
        return answer

    def heard(self, seconds: float) -> Heard | None:
        """What words mean, within `seconds`. Raises _Ended where nothing will come."""
        try:
            answer = self._heard.get(timeout=seconds)
        except queue.Empty:
            return None
        if isinstance(answer, _Ended):
            raise answer
        return answer

    def end(self) -> None:
        """Let the process go, at once, and wait until it went."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()
        with contextlib.suppress(OSError):  # what was still to be written finds no reader
            self._process.stdin.close()

    def obituary(self, garbled: bool) -> tuple[int | None, str]:
        """Its exit code, None where it had to be ended, and its last words on standard error."""
        exit_code = None
        if not garbled:  # it goes by itself: let it, so that the exit code is its own
            with contextlib.suppress(subprocess.TimeoutExpired):
                exit_code = self._process.wait(_LAST_SECONDS)
        self.end()
        return exit_code, self._errors.read_text(errors="replace")[-2000:].strip()

    def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            while True:
                answer = self._wire.read(self._process.stdout)
                if isinstance(answer, Heard):
                    self._heard.put(answer)
                else:
                    self._answers.put(answer)
        except EOFError:
            self._answers.put(_Ended())
        except WireError:
            self._answers.put(_Ended(garbled=True))
        self._heard.put(_Ended())
