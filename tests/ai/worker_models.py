"""Small real models, for what a worker must survive. Loaded in the worker process by name."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from studio.ai.catalogue import ModelCard, ModelContext
from studio.ai.requests import Request, Result, Task
from studio.core.errors import StudioError
from studio.domain.gap import Part
from studio.domain.notes import Notes


class Behaving:
    """Fills the gap with rising eighths, bar by bar, from a pitch the seed decides."""

    def load(self, device: str) -> None:
        self.device = device

    def unload(self) -> None:
        del self.device

    def generate(self, request: Request, context: ModelContext) -> Result:
        bars = request.song.tempo.bar_starts(request.gap.start, request.gap.end)
        notes = Notes.empty()
        for number, bar in enumerate(bars):
            context.progress(number / len(bars), f"bar {number + 1}")
            starts = bar + 480 * np.arange(8)
            notes = notes.joined(Notes.of(starts, 480, 48 + request.seed % 24 + np.arange(8)))
            context.partial(Result((Part(None, notes, "Scale"),), bar))
        return Result((Part(None, notes, "Scale"),), request.gap.end, why=f"by {os.getpid()}")


class Heavy(Behaving):
    """Takes its time to load."""

    LOADING_SECONDS = 0.3

    def load(self, device: str) -> None:
        time.sleep(self.LOADING_SECONDS)
        super().load(device)


class Leaving(Behaving):
    """Writes into the file that the prompt names when it is put away."""

    def unload(self) -> None:
        self.diary.write_text("unloaded")

    def generate(self, request: Request, context: ModelContext) -> Result:
        self.diary = Path(request.prompt)
        return super().generate(request, context)


class Counting(Behaving):
    """Counts how often it was loaded in this process, and says so."""

    loads = 0

    def load(self, device: str) -> None:
        Counting.loads += 1
        super().load(device)

    def generate(self, request: Request, context: ModelContext) -> Result:
        return replace(super().generate(request, context), why=f"loads: {Counting.loads}")


class Many(Behaving):
    """One bar with 20,000 notes."""

    def generate(self, request: Request, context: ModelContext) -> Result:
        starts = np.arange(20_000) % request.gap.length + request.gap.start
        notes = Notes.of(starts, 10, np.arange(20_000) % 128)
        return Result((Part(None, notes, "Cloud"),), request.gap.end)


class Patient(Behaving):
    """Works for a minute, and checks every 20 ms whether it is still wanted."""

    def generate(self, request: Request, context: ModelContext) -> Result:
        for step in range(3000):
            context.progress(step / 3000, "patiently")
            time.sleep(0.02)
        return super().generate(request, context)


class Deaf(Behaving):
    """Works for a minute without ever looking up."""

    def generate(self, request: Request, context: ModelContext) -> Result:
        context.progress(0.01, "deaf")
        time.sleep(60)
        return super().generate(request, context)


class Hungry(Behaving):
    """Allocates until the limit it put on its own process stops it."""

    def generate(self, request: Request, context: ModelContext) -> Result:
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 2**28, used + 2**28))
        hoard = []
        while True:
            hoard.append(np.ones(2**22))
            context.progress(0.1, f"{len(hoard)} blocks")


class Talkative(Behaving):
    """Prints to standard output in every way there is, and asks standard input."""

    def generate(self, request: Request, context: ModelContext) -> Result:
        print("a library says hello")  # noqa: T201
        os.write(1, b"from the file descriptor\n")
        subprocess.run([sys.executable, "-c", "print('from a child')"], check=True)
        assert sys.stdin.read() == ""
        return super().generate(request, context)


class Dying(Behaving):
    """Ends its process in the way its name says."""

    die: Callable[[], object] = staticmethod(lambda: None)

    def generate(self, request: Request, context: ModelContext) -> Result:
        context.progress(0.2, "about to end")
        self.die()
        return super().generate(request, context)


class Segfault(Dying):
    die = staticmethod(lambda: ctypes.string_at(0))


class Killed(Dying):
    die = staticmethod(lambda: os.kill(os.getpid(), signal.SIGKILL))


class Exiting(Dying):
    die = staticmethod(lambda: os._exit(3))


class Garbling(Dying):
    """Writes into the pipe that is for messages alone."""

    @staticmethod
    def die() -> None:
        pipes = [int(name) for name in os.listdir("/proc/self/fd")]
        for pipe in pipes:
            if pipe > 2 and "pipe" in _target(pipe):
                try:
                    os.write(pipe, b"\xff" * 64)
                except OSError:
                    continue
        time.sleep(5)


def _target(descriptor: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return ""


class Faulty(Behaving):
    def generate(self, request: Request, context: ModelContext) -> Result:
        raise ZeroDivisionError("a fault")


class Refusing(Behaving):
    def generate(self, request: Request, context: ModelContext) -> Result:
        raise StudioError("The gap is too long.", "Choose at most 4 bars.")


def card(model: type[Behaving], memory_mb: int = 10) -> ModelCard:
    name = model.__name__
    return ModelCard(
        name.lower(), name, name, f"tests.ai.worker_models:{name}", "1",
        frozenset({Task.COMPOSE}), "GPL-3.0-or-later", 480, 64, memory_mb,
    )  # fmt: skip


CARDS = tuple(
    card(model)
    for model in (
        Behaving, Heavy, Leaving, Counting, Many,
        Patient, Deaf, Hungry, Talkative, Segfault, Killed, Exiting, Garbling,
        Faulty, Refusing,
    )
)  # fmt: skip
