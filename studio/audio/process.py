"""The engine as a child process: its memory, its life, and what it was started with."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

from studio.audio.shared import Shared

DEVICES_FILE, INPUTS_FILE = "devices.json", "inputs.json"
_ROOT = Path(__file__).resolve().parents[2]
_HUNG_SECONDS = 5.0
_GRACE_SECONDS = 1.0


class EngineProcess:
    """One engine, from its start to its end.

    Args:
        folder: Where `plans/` lies, and where the engine writes what devices there are.
        number: Names the file of its memory; never used twice.
        device, sample_rate, block_frames: See `engine.Engine`.
    """

    def __init__(
        self, folder: Path, number: int, device: str, sample_rate: int, block_frames: int
    ) -> None:
        self._file = folder / f"engine-{number}.shared"
        self.shared = Shared.create(self._file)
        options = {"device": device, "rate": sample_rate, "block": block_frames}
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        self._process = spawn(folder, ["--shared", str(self._file), *words])

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_dead(self) -> bool:
        """It ended, or has answered nothing for five seconds."""
        if self._process.poll() is not None:
            return True
        read = self.shared.read()
        if read is None or not read[0].ready:
            return False
        return time.perf_counter_ns() - read[0].clock_ns > _HUNG_SECONDS * 1e9

    @property
    def has_ended(self) -> bool:
        """The process is no more; it writes nothing."""
        return self._process.poll() is not None

    def end(self) -> None:
        """Let it close its device and end; kill it if it does not within a second."""
        end(self._process)
        with contextlib.suppress(OSError):  # Windows: still mapped
            self._file.unlink()


def list_devices(folder: Path) -> subprocess.Popen[bytes]:
    """Start a process that looks which outputs there are and writes `DEVICES_FILE`."""
    return spawn(folder, ["--list", str(folder / DEVICES_FILE)])


def spawn(folder: Path, words: list[str]) -> subprocess.Popen[bytes]:
    """Start `--engine` with `words`; it ends when the returned process's `stdin` does."""
    program = [] if getattr(sys, "frozen", False) else ["-m", "studio"]
    with (folder / "engine.err").open("ab") as errors:
        return subprocess.Popen(
            [sys.executable, *program, "--engine", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=_ROOT,
            env=os.environ | {"JACK_NO_START_SERVER": "1"},
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """End a child by its pipe, and by force if it takes more than a second."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
