"""One writer a song: a file that says which process has it open.

The file stays when the song is closed, empty. It is read and written under the system's own lock,
which ends with its process; that alone would not do, as it says neither who nor where.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import psutil

NAME = "lock"


@dataclass(frozen=True, slots=True)
class Holder:
    """A process, such that no later process is taken for it.

    Attributes:
        start: When it started: clock ticks since boot on Linux, seconds of the clock elsewhere.
    """

    host: str
    pid: int
    start: float

    @property
    def is_here(self) -> bool:
        """Whether it is a process of this machine."""
        return self.host == socket.gethostname()

    @property
    def is_running(self) -> bool:
        """Whether it still runs; what cannot be seen from this machine counts as running."""
        if not self.is_here:
            return True
        started = _started(self.pid)
        return started is not None and abs(started - self.start) < 1.0


def acquire(folder: Path) -> Holder | None:
    """Lock `folder` for this process, unless a running process holds it.

    Returns:
        This process, or None where the song can only be read.

    Raises:
        OSError: The folder cannot be written.
    """
    this = Holder(socket.gethostname(), os.getpid(), _started(os.getpid()) or 0.0)
    with _guarded(folder / NAME) as file:
        held = _holder(file.read())
        if held is not None and held.is_running:
            return None
        _put(file, json.dumps(asdict(this)).encode())
    return this


def holder(folder: Path) -> Holder | None:
    """Who has `folder` open, or had it when it died; None where nobody."""
    try:
        return _holder((folder / NAME).read_bytes())
    except OSError:
        return None


def is_open(folder: Path) -> bool:
    """Whether a running process has `folder` open."""
    held = holder(folder)
    return held is not None and held.is_running


def release(folder: Path, this: Holder) -> None:
    """Give `folder` free, if `this` still holds it and it still lies there."""
    if not (folder / NAME).exists():
        return
    with suppress(OSError), _guarded(folder / NAME) as file:
        if _holder(file.read()) == this:
            _put(file, b"")


@contextmanager
def _guarded(path: Path) -> Iterator[BinaryIO]:
    """The open lock file, while no other process looks at it in this way."""
    with path.open("a+b") as file:
        file.seek(0)
        with suppress(OSError):  # a few network disks know no locks
            _wait_for(file)
        yield file


def _wait_for(file: BinaryIO) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)


def _put(file: BinaryIO, content: bytes) -> None:
    file.truncate(0)
    file.write(content)
    file.flush()


def _holder(content: bytes) -> Holder | None:
    try:
        found = json.loads(content)
        return Holder(str(found["host"]), int(found["pid"]), float(found["start"]))
    except (ValueError, KeyError, TypeError):
        return None


def _started(pid: int) -> float | None:
    """When a process started, or None if it does not run (any more)."""
    if Path("/proc/self/stat").exists():  # steps of the clock do not move these times
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        state, *fields = stat.rpartition(")")[2].split()
        return None if state in "ZX" else float(fields[18])
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None
