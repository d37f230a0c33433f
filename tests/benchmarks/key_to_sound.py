"""From asking for a note to its first audible frame at a second JACK client.

    python -m tests.benchmarks.key_to_sound [--notes 20]

Cold: the first note of an engine that has just started. Warm: the following ones. Needs jackd.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from studio.audio.client import EngineClient
from studio.media.store import MediaStore
from studio.render.plan import compile_song
from tests.audio import jackd
from tests.audio.capturing import capturing
from tests.audio.songs import KEYS, difficult_song

_GAP_SECONDS = 1.5


def measure(notes: int, folder: Path, period: int) -> None:
    media = MediaStore(folder / "media", folder / "cache")
    plan = compile_song(difficult_song(media), media)
    client = EngineClient()
    with jackd.server(folder, period):
        began = time.perf_counter()
        client.start(folder / f"run{period}", "JACK", 48000, period)
        client.set_plan(plan)
        try:
            while client.state().plan_version == 0:
                time.sleep(0.001)
            ready = time.perf_counter() - began
            with capturing("PortAudio", folder) as captured:
                asked = [_ask(client, number) for number in range(notes)]
        finally:
            client.close()
    if len(captured.onsets_ns) != len(asked):
        raise SystemExit(f"{len(asked)} notes were asked for and {len(captured.onsets_ns)} heard")
    took = (np.array(captured.onsets_ns) - np.array(asked)) / 1e6
    warm = took[1:]
    print(f"blocks of {period} frames; engine ready with its song after {ready:.2f} s; ", end="")
    print(f"{captured.xruns} xruns")
    print(f"  cold {took[0]:.1f} ms")
    print(f"  warm median {np.median(warm):.1f} ms, worst {warm.max():.1f} ms of {len(warm)}")


def _ask(client: EngineClient, number: int) -> int:
    time.sleep(_GAP_SECONDS + 0.0037 * number)  # not in step with the blocks
    asked = time.perf_counter_ns()
    client.audition(KEYS, 60 + number % 12, 110, 0.1)
    return asked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--notes", type=int, default=20)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for period in (256, 1024):
            measure(words.notes, Path(folder), period)


if __name__ == "__main__":
    main()
