"""A small bank, and takes for it, made by the tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.ai.training.separator.bank.index import SAMPLE_RATE, Bank, load
from studio.ai.training.separator.bank.store import Store
from studio.ai.training.separator.bank.takes import Audio, Take

PITCHES = {"drums": 90.0, "bass": 60.0, "vocals": 440.0, "other": 800.0}


def tone(hertz: float, seconds: float, *, level: float = 0.3) -> Audio:
    """A sine on both sides."""
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.tile(level * np.sin(2 * np.pi * hertz * at), (2, 1)).astype(np.float32)


def clicks(bpm: float, seconds: float) -> Audio:
    """One short burst a bar of four quarters."""
    out = np.zeros((2, round(seconds * SAMPLE_RATE)), np.float32)
    burst = tone(2000, 0.02, level=0.8)
    for at in np.arange(0, seconds - 0.1, 240 / bpm):
        first = round(float(at) * SAMPLE_RATE)
        out[:, first : first + burst.shape[1]] = burst
    return out + tone(50, seconds, level=0.02)


def take(stems: Mapping[str, Audio], split: str = "train", **more: object) -> Take:
    return Take(stems, str(more.pop("group", "a group")), split, "CC0-1.0", **more)  # type: ignore[arg-type]


@dataclass
class Tones:
    """A source of takes of one length."""

    name: str = "tones"
    share: float = 1.0
    count: int = 100
    seconds: float = 9.0

    def names(self) -> Iterator[str]:
        yield from map(str, range(self.count))

    def take(self, key: str) -> Take | None:
        return take({"other": tone(200 + 10 * int(key), self.seconds)})


def small_bank(work: Path) -> Bank:
    """Two songs of three stems in training, one in testing, and lone vocals and drums."""
    store = Store(work)
    band = ("drums", "bass", "other")
    for number, split in enumerate(("train", "train", "test")):
        stems = {stem: tone(PITCHES[stem] + number, 12) for stem in band}
        known = take(stems, split, bpm=120.0, tonic=number, mode="major", beat_seconds=0.0)
        store.add("songs", str(number), known)
    store.add("voices", "0", take({"vocals": tone(440, 11)}))
    store.add("voices", "1", take({"vocals": tone(445, 10)}, "test"))
    store.add("drummers", "0", take({"drums": clicks(110, 10)}, bpm=110.0, beat_seconds=0.0))
    store.save()
    return load(work)
