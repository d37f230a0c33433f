"""How fast a model writes: notes a second, the first bar, memory; each in a process of its own."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from studio.ai.requests import Request
from studio.ai.training.composer.figures import plots
from studio.ai.training.composer.figures.songs import Player, Unheard, players

PROMPTS = ("pop", "jazz", "waltz", "rock", "bossa nova")
BARS = 16


def timed(player: Player) -> dict[str, float]:
    """Seconds to load, notes a second and seconds until the first notes, with a warm model.

    The first song of all, which warms caches up, is not counted.
    """
    began = time.perf_counter()
    model = player.model()
    loaded = time.perf_counter() - began
    notes, seconds, firsts = 0, 0.0, []
    for index, prompt in enumerate((PROMPTS[0], *PROMPTS)):
        request: Request = player.composing(prompt, 100 + index, BARS)
        context = Unheard()
        began = time.perf_counter()
        result = model.generate(request, context)
        if index:
            seconds += time.perf_counter() - began
            notes += sum(len(part.notes) for part in result.parts)
            firsts.append(context.first_seconds or time.perf_counter() - began)
    return {
        "load_seconds": loaded,
        "notes_per_second": notes / seconds,
        "first_bar_seconds": sorted(firsts)[len(firsts) // 2],
        "slowest_first_bar_seconds": max(firsts),
        "memory_mb": _peak_mb(),
    }


def _peak_mb() -> float:
    """The most memory this process held; on Linux without what the one that started it held."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if found:
            return int(found[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def measure(work: Path, players: list[Player], songs: int) -> dict[str, Any]:
    """Figures of every player, on this machine as it is loaded now."""
    del work, songs
    found = {}
    for player in players:
        words = [sys.executable, "-m", __name__, player.card.id]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
        found[player.title] = json.loads(done.stdout.splitlines()[-1])
    return found


def draw(data: dict[str, Any], folder: Path) -> list[str]:
    del data, folder
    return []


def tell(data: dict[str, Any]) -> str:
    head = ["", "notes a second", "first bar, s", "slowest, s", "loading, s", "peak memory, MB"]
    names = ("notes_per_second", "first_bar_seconds", "slowest_first_bar_seconds", "load_seconds",
             "memory_mb")  # fmt: skip
    rows = [[title, *(float(row[name]) for name in names)] for title, row in data.items()]
    return (
        f"Of {len(PROMPTS)} songs of {BARS} bars, with a warm model.\n\n{plots.table(head, rows)}"
    )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(timed(players(Path(), sys.argv[1:])[0])) + "\n")
