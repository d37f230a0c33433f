"""The model worker: the process in which models are loaded and run, one request at a time.

It is a child of the window (or of the command line), reads orders from standard input, answers on
standard output, and ends when its input does. Whatever a model prints goes to standard error.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NoReturn

import psutil

from studio.ai import reading, record, registry
from studio.ai.catalogue import Model, ModelCard
from studio.ai.requests import Result
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
    Stopped,
    Wire,
    WireError,
)
from studio.core import log, paths
from studio.core.errors import Cancelled, StudioError
from studio.media.store import MediaStore

_LOG = logging.getLogger(__name__)

NICENESS = 10
LEAST_FREE_MB = 1024  # with less left on the machine, an idle model is put away
_PROGRESS_SECONDS = 0.05
_TOO_LITTLE = ("out of memory", "not enough memory", "can't allocate memory", "cannot allocate")


def main(arguments: Sequence[str]) -> int:
    """Serve the process that started this one. The one argument is the folder they share.

    Returns 2 where that is missing, else never: the process ends with its pipe.
    """
    if len(arguments) != 1:
        print("studio --worker is started by the studio itself", file=sys.stderr)  # noqa: T201
        return 2
    incoming, outgoing = _claim_pipes()
    faulthandler.enable(sys.stderr)
    sys.setswitchinterval(0.0005)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl+C in the terminal is for the parent
    _give_way()
    log.start(paths.logs(), "worker")
    return Worker(MediaStore(Path(arguments[0])), incoming, outgoing).serve()


def _claim_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes for messages alone: input reads nothing any more, output goes to stderr."""
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return incoming, outgoing


def _give_way() -> None:
    """Let the window and the engine go first."""
    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        process.nice(max(process.nice(), NICENESS))


class Worker:
    """Takes orders until the pipe ends, and keeps the model it used last: one that has weights, and
    one that needs none."""

    def __init__(self, store: MediaStore, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._store = store
        self._wire: Wire[Order] = Wire(Order, store)
        self._incoming = incoming
        self._outgoing = outgoing
        self._runs: queue.SimpleQueue[Run | Load] = queue.SimpleQueue()
        self._reads: queue.SimpleQueue[Read] = queue.SimpleQueue()
        self._telling = threading.Lock()  # one message at a time
        self._unwanted: set[int] = set()
        self._kept: dict[bool, tuple[ModelCard, Model]] = {}  # by whether it has weights

    def serve(self) -> NoReturn:
        """Answer every order until the pipe ends or memory ran out."""
        threading.Thread(target=self._listen, name="worker-listener", daemon=True).start()
        threading.Thread(target=self._understand, name="worker-reader", daemon=True).start()
        while True:
            order = self._runs.get()
            if isinstance(order, Load):
                self.get_ready(order.card)
                continue
            answer = self.answer(order)
            self.hand_over(answer)
            if isinstance(answer, Failed) and answer.spent:
                os._exit(1)

    def hand_over(self, answer: Answer) -> None:
        """Tell the last answer to a job; where a large table finds no room, that it failed."""
        try:
            self.tell(answer)
        except StudioError as error:
            self.tell(Failed(answer.job, error.message, error.hint))

    def tell(self, answer: Answer) -> None:
        try:
            with self._telling:
                self._wire.write(self._outgoing, answer)
        except OSError:  # nobody listens any more
            os._exit(0)

    def is_unwanted(self, job: int) -> bool:
        return job in self._unwanted

    def _listen(self) -> None:
        """Read orders on a thread of its own, so that a cancel is seen while a model works."""
        while True:
            try:
                order = self._wire.read(self._incoming)
            except EOFError:  # the studio is gone: whatever a model is doing, nobody wants it
                os._exit(0)
            except WireError as error:
                os.write(2, f"{error}\n".encode())
                os._exit(2)
            if isinstance(order, Cancel):
                self._unwanted.add(order.job)
            elif isinstance(order, Read):
                self._reads.put(order)
            else:
                self._runs.put(order)

    def _understand(self) -> None:
        """Read words on a thread of its own, so that chips come while a model works."""
        while True:
            self.tell(self.heard(self._reads.get()))

    def heard(self, order: Read) -> Heard:
        """What the words of `order` mean; where they cannot be read, the log says why."""
        try:
            return Heard(order.job, reading.chips(order.prompt, order.negative, order.reader))
        except (StudioError, MemoryError) as error:
            _LOG.warning("words could not be read: %s", error)
            return Heard(order.job, None)

    def answer(self, run: Run) -> Answer:
        """Do what was asked; where memory is short afterwards, put the model away."""
        answer = self._attempt(run)
        self._make_room()
        return answer

    def _make_room(self) -> None:
        if self._kept and _free_mb() < LEAST_FREE_MB:
            self._unload()
            reading.forget()

    def get_ready(self, card: ModelCard) -> None:
        """Load a model ahead of its first request, which will say what is wrong, if anything."""
        try:
            self._loaded(card)
        except Exception as error:  # noqa: BLE001
            _LOG.info("%s was not loaded ahead: %s", card.id, error)
        self._make_room()

    def _attempt(self, run: Run) -> Answer:
        """Whatever goes wrong becomes a sentence."""
        try:
            media = MediaStore(Path(run.media), Path(run.cache)) if run.media else None
            request = record.request_from_json(run.request, self._store, media)
            model = self._loaded(run.card)
            begun = time.perf_counter()
            result = model.generate(request, Reports(self, run.job))
            return Done(run.job, result, time.perf_counter() - begun)
        except Cancelled:
            return Stopped(run.job)
        except StudioError as error:
            return Failed(run.job, error.message, error.hint)
        except MemoryError:
            return _out_of_memory(run)
        except Exception as error:  # noqa: BLE001
            if any(words in str(error).lower() for words in _TOO_LITTLE):
                return _out_of_memory(run)
            _LOG.exception("fault in the model %s", run.card.id)
            self._unload()
            return Failed(
                run.job,
                f"{run.card.title} stopped because of a fault in it.",
                "Your song is as it was; the log tells what happened.",
            )

    def _loaded(self, card: ModelCard) -> Model:
        """The model of `card`, kept from the last time or loaded now."""
        known, model = self._kept.get(bool(card.weights), (None, None))
        if model is not None and known == card:
            return model
        self._put_away(bool(card.weights))
        free = _free_mb()
        if card.memory_mb > free:
            raise StudioError(
                f"{card.title} needs {card.memory_mb} MB of memory and {free} MB are free.",
                "Close other programs, or choose a smaller model.",
            )
        model = registry.load(card)
        model.load("cpu")
        self._kept[bool(card.weights)] = (card, model)
        return model

    def _unload(self) -> None:
        for has_weights in tuple(self._kept):
            self._put_away(has_weights)

    def _put_away(self, has_weights: bool) -> None:
        if has_weights in self._kept:
            _, model = self._kept.pop(has_weights)
            model.unload()


def _free_mb() -> int:
    return int(psutil.virtual_memory().available) // 2**20


def _out_of_memory(run: Run) -> Failed:
    return Failed(
        run.job,
        f"There was not enough memory for {run.card.title}.",
        "Close other programs, or ask for fewer bars.",
        spent=True,
    )


class Reports:
    """How the model of one job reports: a catalogue.ModelContext over the pipe."""

    def __init__(self, worker: Worker, job: int) -> None:
        self._worker = worker
        self._job = job
        self._said = ""
        self._told = 0.0

    def progress(self, fraction: float, text: str = "") -> None:
        self.check_cancelled()
        now = time.monotonic()
        if text == self._said and now - self._told < _PROGRESS_SECONDS:
            return
        self._said, self._told = text, now
        self._worker.tell(Progress(self._job, float(fraction), text))

    def partial(self, result: Result) -> None:
        self.check_cancelled()
        self._worker.tell(Partial(self._job, result))

    def check_cancelled(self) -> None:
        if self._worker.is_unwanted(self._job):
            raise Cancelled
