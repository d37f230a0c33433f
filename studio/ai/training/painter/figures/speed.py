"""How long a 4 s gap takes, and how much memory an hour-long recording."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from studio.ai.painter.canvas import Canvas
from studio.ai.painter.hole import Hole, Samples, Strokes
from studio.ai.painter.painting import paint
from studio.ai.training.composer.figures import plots
from studio.ai.training.painter.figures.methods import Method

RATE = 44_100
MINUTES = (5, 180)
GAP_SECONDS = 4.0


def one(minutes: int) -> dict[str, float]:
    """A 4 s gap in the middle of a stereo recording that is made up while it is read."""
    frames, hole = minutes * 60 * RATE, round(minutes * 30 * RATE)
    strokes = Strokes((Hole(hole, hole + round(GAP_SECONDS * RATE)),))
    before = _peak_mb()
    began, spent = time.perf_counter(), time.process_time()
    paint(Canvas(_made_up, frames, 2, RATE), strokes, seed=0, watch=lambda fraction: None)
    return {
        "minutes": minutes,
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - spent,
        "idle_mb": before,
        "peak_mb": _peak_mb(),
        "load": os.getloadavg()[0],
    }


def _made_up(first: int, end: int) -> Samples:
    """A beat with noise, the same wherever it is read from."""
    at = np.arange(first, end)
    beat = np.exp(-(at % (RATE // 2)) / 4000.0) * np.sin(at * (0.01 + 0.002 * (at // RATE % 4)))
    noise = np.random.default_rng(0).standard_normal(65_537)[at % 65_537]
    both = 0.2 * beat + 0.02 * noise
    return np.stack([both, both], axis=1).astype(np.float32)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(work: Path, methods: Mapping[str, Method], rounds: int) -> dict[str, Any]:
    """Each in a process of its own, on this machine as it is loaded now."""
    del work, methods, rounds
    return {"rows": [_alone(minutes) for minutes in MINUTES]}


def _alone(minutes: int) -> Any:
    words = [sys.executable, "-m", __name__, str(minutes)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def draw(data: Mapping[str, Any], folder: Path) -> list[str]:
    del data, folder
    return []


def tell(data: Mapping[str, Any]) -> str:
    head = ("recording, minutes", "seconds", "of processor", "before, MB", "at most, MB", "load")
    keys = ("minutes", "seconds", "cpu", "idle_mb", "peak_mb", "load")
    rows = [[row[key] for key in keys] for row in data["rows"]]
    return (
        f"A gap of {GAP_SECONDS:g} s, listening and seams included; the machine's load while it was"
        " measured is the last column: with other work on it the clock says little, the processor's"
        f" time does.\n\n{plots.table(head, rows, 1)}"
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(one(int(sys.argv[1]))) + "\n")
