"""How long the model worker takes to start, to answer, and to take in a large song.

Run: python -m tests.benchmarks.worker_answers
"""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil

from studio.ai import registry, wishes
from studio.ai.client import WorkerClient
from studio.ai.requests import Request, Result
from studio.ai.wishes import Wish
from studio.domain.clip import ClipId, NoteClip
from studio.domain.notes import Notes
from studio.domain.project import Project, new_song
from studio.edit.takes import new_instrument
from tests.ai import worker_models

NOTES = 100_000


class Silent:
    """A context that nobody looks at."""

    def progress(self, fraction: float, text: str = "") -> None: ...

    def partial(self, result: Result) -> None: ...

    def check_cancelled(self) -> None: ...


def large_song() -> Project:
    song = new_song()
    track = new_instrument(song, "Piano", 0)
    song = song.with_new_track(track)
    notes = Notes.of(np.arange(NOTES) * 60, 50, np.arange(NOTES) % 128)
    return song.with_clip_on(track.id, NoteClip(ClipId("c99"), 0, NOTES * 60, notes))


def timed(worker: WorkerClient, request: Request) -> float:
    begun = time.perf_counter()
    worker.generate(request, Silent())
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    card = registry.find(worker_models.CARDS, "behaving")
    request = wishes.compose(new_song(), card, Wish(bars=4))
    with tempfile.TemporaryDirectory() as folder:
        worker = WorkerClient(Path(folder), worker_models.CARDS)
        print(f"first answer, worker started for it  {timed(worker, request):7.1f} ms")
        warm = [timed(worker, replace(request, seed=seed)) for seed in range(50)]
        print(f"answer of a warm worker, median      {statistics.median(warm):7.1f} ms")
        large = replace(request, song=large_song())
        print(f"with a song of {NOTES} notes, first  {timed(worker, large):7.1f} ms")
        print(f"with the same song again             {timed(worker, large):7.1f} ms")
        (child,) = psutil.Process().children()
        print(f"memory of the worker                 {child.memory_info().rss / 2**20:7.1f} MB")
        worker.close()


if __name__ == "__main__":
    main()
