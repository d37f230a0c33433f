"""From asking for a note to its first audible frame at a second JACK client.

    python -m tests.benchmarks.key_to_sound [--notes 20]

Cold: the first note of an engine that has just started. Warm: the following ones. Needs jackd.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from studio.audio.client import EngineClient
from studio.media.store import MediaStore
from studio.render.plan import compile_song
from tests.audio import jackd
from tests.audio.capturing import capturing
from tests.audio.songs import KEYS, difficult_song

_GAP_SECONDS = 2.0


def measure(notes: int, folder: Path, period: int) -> None:
    media = MediaStore(folder / "media", folder / "cache")
    song = difficult_song(media)
    dry = replace(song.track(KEYS), sends=())
    plan = compile_song(replace(song, tracks=(dry, song.master)), media)
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
    took = np.array([_first_after(when, captured.onsets_ns) for when in asked]) / 1e6
    warm = took[1:]
    print(f"blocks of {period} frames; engine ready with its song after {ready:.2f} s; ", end="")
    print(
        f"{captured.xruns} xruns; {np.isnan(took).sum()} of {notes} notes ran into the one before"
    )
    print(f"  cold {took[0]:.1f} ms")
    print(f"  warm median {np.nanmedian(warm):.1f} ms, worst {np.nanmax(warm):.1f} ms")


def _first_after(asked: int, onsets: list[int]) -> float:
    """Nanoseconds to the sound that came of it; NaN if it did not stand apart from what rang."""
    after = [onset - asked for onset in onsets if 0 < onset - asked < _GAP_SECONDS * 1e9]
    return float(after[0]) if after else float("nan")


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
