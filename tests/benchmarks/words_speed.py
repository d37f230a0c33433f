"""What reading words costs: the lexicon, and the sentence encoder in the worker.

Run `python tests/benchmarks/words_speed.py`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import psutil

from studio.ai.words import understand

PROMPT = "slow late-night jazz at 84 bpm in D minor, no drums, like a haunted castle in the fog"
PHRASES = (
    "homesick",
    "a haunted castle",
    "walking home through empty streets after the last train",
)


def milliseconds(act: Callable[[], object], times: int) -> float:
    begun = time.perf_counter()
    for _ in range(times):
        act()
    return (time.perf_counter() - begun) / times * 1000


def main() -> None:
    print(f"lexicon, first time   {milliseconds(lambda: understand(PROMPT), 1):8.2f} ms")
    print(f"lexicon               {milliseconds(lambda: understand(PROMPT), 50):8.2f} ms")
    before = psutil.Process().memory_info().rss
    begun = time.perf_counter()
    from studio.ai.encoder.guesses import Guesses

    guesses = Guesses.installed()
    print(f"encoder, load         {(time.perf_counter() - begun) * 1000:8.2f} ms")
    for phrase in PHRASES:
        cost = milliseconds(lambda phrase=phrase: guesses(phrase), 10)  # type: ignore[misc]
        print(f"phrase, {len(phrase.split())} words      {cost:10.2f} ms")
    print(f"memory                {(psutil.Process().memory_info().rss - before) / 2**20:8.0f} MB")


if __name__ == "__main__":
    main()
