"""How fast the separator is beside torchaudio's HDemucs, and how much memory a long file takes."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from studio.ai.nets import separator_weights
from studio.ai.nets.separating import separate
from studio.ai.nets.separator import Separator
from studio.ai.nets.torchaudio_guard import load_torchaudio
from studio.ai.nets.weights import WEIGHTS
from studio.ai.training.composer.figures import plots
from studio.ai.training.separator.figures.splitters import Network, Splitter

SECONDS = 12
ROUNDS = 3
LONG_SECONDS = (300, 1500)  # whose memory is held against each other


def compared(folder: Path, threads: int) -> dict[str, float]:
    """Seconds of sound a second of the clock and of the processor, by turns in one process."""
    load_torchaudio()
    from torchaudio.models import hdemucs_high

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    ours = _network(folder)
    theirs = hdemucs_high(["drums", "bass", "other", "vocals"]).eval()
    sound = 0.1 * torch.randn(1, 2, SECONDS * 44_100)
    told: dict[str, list[float]] = {}
    with torch.inference_mode():
        ours(sound)
        for _ in range(ROUNDS):
            for name, net in (("ours", ours), ("hdemucs", theirs)):
                wall, processor = _timed(partial(net, sound))
                told.setdefault(name, []).append(SECONDS / wall)
                told.setdefault(f"{name}_cpu", []).append(SECONDS / processor)
    return {name: statistics.median(several) for name, several in told.items()}


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    began, spent = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - spent


def _network(folder: Path) -> Separator:
    """The weights there, or a network that has learnt nothing: it is as fast."""
    return separator_weights.read(folder) if (folder / WEIGHTS).exists() else Separator().eval()


def long(folder: Path, seconds: int, threads: int) -> dict[str, float]:
    """A recording of that length, made up while it is read: speed and the most memory held."""
    torch.set_num_threads(threads)
    net = _network(folder)
    frames, heard = seconds * 44_100, 0

    def read(first: int, count: int) -> np.ndarray:
        rng = np.random.default_rng(first)
        return 0.1 * rng.standard_normal((count, 2), np.float32)

    def write(first: int, stems: Mapping[str, np.ndarray]) -> None:
        nonlocal heard
        heard += len(stems["other"])

    before = _peak_mb()
    wall, processor = _timed(lambda: separate(net, read, frames, write))
    assert heard == frames
    return {
        "seconds": seconds,
        "speed": seconds / wall,
        "speed_cpu": seconds / processor,
        "idle_mb": before,
        "peak_mb": _peak_mb(),
    }


def _peak_mb() -> float:
    """The most memory this process held; NaN where the system does not tell."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else float("nan")


def measure(work: Path, splitters: Mapping[str, Splitter], songs: int) -> dict[str, Any]:
    """Each in a process of its own, on this machine as it is loaded now."""
    del work, songs
    if not any(isinstance(one, Network) for one in splitters.values()):
        return {}
    return {
        "compared": {threads: _alone("compared", threads) for threads in (1, 2)},
        "long": [_alone("long", 2, seconds) for seconds in LONG_SECONDS],
    }


def _alone(name: str, *numbers: int) -> Any:
    words = [sys.executable, "-m", __name__, name, *map(str, numbers)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def draw(data: Mapping[str, Any], folder: Path) -> list[str]:
    del data, folder
    return []


def tell(data: Mapping[str, Any]) -> str:
    if not data:
        return "Not measured."
    rows = [
        [
            int(threads),
            told["ours"],
            told["hdemucs"],
            told["ours"] / told["hdemucs"],
            told["ours_cpu"] / told["hdemucs_cpu"],
        ]
        for threads, told in data["compared"].items()
    ]
    head = ("threads", "network", "HDemucs", "ratio", "ratio, processor time")
    lengths = [
        [row["seconds"] / 60, row["speed"], row["speed_cpu"], row["idle_mb"], row["peak_mb"]]
        for row in data["long"]
    ]
    told = (
        "Seconds of sound a second of the clock, by turns with torchaudio's `hdemucs_high` in one "
        f"process, {SECONDS} s each, median of {ROUNDS}; the machine may have had other work, "
        "which the ratio of processor times leaves out."
    )
    memory = "A recording made up while it is read, on two threads: memory does not grow with it."
    long_head = (
        "minutes", "times real time", "a second of processor", "before, MB", "at most, MB",
    )  # fmt: skip
    return "\n\n".join(
        (told, plots.table(head, rows, 1), memory, plots.table(long_head, lengths, 1))
    )


if __name__ == "__main__":
    from studio.core import paths

    _FOLDER = paths.resource("models", "separator")
    _KIND, _THREADS, *_REST = sys.argv[1], *map(int, sys.argv[2:])
    _TOLD = long(_FOLDER, _REST[0], _THREADS) if _KIND == "long" else compared(_FOLDER, _THREADS)
    sys.stdout.write(json.dumps(_TOLD) + "\n")
