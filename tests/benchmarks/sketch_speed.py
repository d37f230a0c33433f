"""How fast words are understood, and how fast Sketch and Markov fill a gap.

Run: python -m tests.benchmarks.sketch_speed
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from studio.ai.models.markov import Markov
from studio.ai.requests import Controls, Request, Task
from studio.ai.words import understand
from studio.domain.gap import Gap
from tests.ai.sketch_report import PROMPTS, Silent, compose, song_of

BAR = 3840


def milliseconds(work: Callable[[], object], times: int) -> str:
    """Median and worst of `times` runs."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    return f"median {statistics.median(took):8.2f} ms, worst {max(took):8.2f} ms"


def main() -> None:
    print("understand, first time ", milliseconds(lambda: understand(PROMPTS[3]), 1))
    print("understand, 12 prompts ", milliseconds(lambda: [understand(p) for p in PROMPTS], 50))
    for bars in (16, 64, 256):
        label = f"compose, {bars} bars"
        print(f"{label:23}", milliseconds(lambda bars=bars: compose("pop", 1, bars), 5))  # type: ignore[misc]
    song = song_of("jazz", 1, 32)
    melody = next(track for track in song.sources if track.role == "melody").clips[0].id
    controls = Controls(learn_from=melody)
    request = Request(
        Task.LEARN, Gap((), 32 * BAR, 64 * BAR), "markov", "1", 1, song, controls=controls
    )
    print("learn 32 bars, write 32", milliseconds(lambda: Markov().generate(request, Silent()), 5))


if __name__ == "__main__":
    main()
