"""Runs the capturing JACK client and hands back what it received."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt


@dataclass
class Captured:
    """Filled when capturing ends.

    Attributes:
        samples: float32 [frames, 2].
        xruns: Told of by the server: then frames may be missing.
        onsets_ns: When sound came after silence, by `time.perf_counter_ns()`.
    """

    samples: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 2), np.float32))
    xruns: int = 0
    onsets_ns: list[int] = field(default_factory=list)


@contextlib.contextmanager
def capturing(source: str, folder: Path) -> Iterator[Captured]:
    """Hold what the JACK client `source` plays while the block runs."""
    path = folder / "captured.f32"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.audio.capture", source, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    captured = Captured()
    try:
        if process.stdout.readline() != b"ready\n":
            raise RuntimeError(f"nothing to capture from {source}")
        yield captured
        process.stdin.close()
        found = json.loads(process.stdout.read())
        process.wait()
        captured.samples = np.fromfile(path, np.float32).reshape(-1, 2)
        captured.xruns, captured.onsets_ns = found["xruns"], found["onsets_ns"]
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
