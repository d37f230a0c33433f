"""Drum stems: performances of people struck on kits of one-shots, and loops cut to pieces."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from studio.ai.training.composer.bands.drummers import LICENCE, Performance, performances
from studio.ai.training.composer.bands.packages import Package, unpacked
from studio.ai.training.composer.bands.tracks import TPQ
from studio.ai.training.separator.bank.index import SAMPLE_RATE
from studio.ai.training.separator.bank.kits import Kit, kits, one_shot
from studio.ai.training.separator.bank.takes import Audio, Take, chance

CUT_SECONDS = (30.0, 50.0)
FEWEST_HITS = 24
CUTS = 12
_BAR = 4 * TPQ
_CHOKED = {"open hat": ("closed hat", "pedal hat")}


def bent(sample: Audio, ratio: float) -> Audio:
    """A blow faster or slower by a ratio near one, as a sampler does it."""
    if abs(ratio - 1) < 1e-3:
        return sample
    at = np.arange(int(sample.shape[1] / ratio)) * ratio
    grid = np.arange(sample.shape[1])
    return np.stack([np.interp(at, grid, side) for side in sample]).astype(np.float32)


class Drummed:
    """Performances of the Groove MIDI Dataset on real kits, by its published splits."""

    name = "drummed"
    share = 0.5

    def __init__(self, data: Path, packages: Path) -> None:
        self._data = data
        self._packages = packages

    @cached_property
    def _performances(self) -> dict[str, Performance]:
        found = [(p.name.replace("/", "."), p) for p in performances(self._data)]
        found.sort(key=lambda row: float(chance(self.name, row[0]).random()))
        return dict(found)

    @cached_property
    def _kits(self) -> list[Kit]:
        return [kit for kit in kits(self._packages) if {"kick", "snare"} <= set(kit.sounds)]

    def names(self) -> Iterator[str]:
        """Each performance once before any comes again."""
        for nth in range(CUTS):
            yield from (f"{name}-{nth}" for name in self._performances)

    def take(self, key: str) -> Take | None:
        """Some bars of a performance, on a kit by chance."""
        rng = chance(self.name, key)
        played = self._performances[key.rpartition("-")[0]]
        tempo = played.bpm * float(rng.uniform(0.9, 1.1))
        second = 60 / tempo / TPQ
        seconds = min(float(rng.uniform(*CUT_SECONDS)), played.bars * _BAR * second)
        first = int(rng.integers(max(1, played.bars - round(seconds / second / _BAR) + 1)))
        start = played.notes["start"] * second - first * _BAR * second
        inside = (start >= -0.03) & (start < seconds)
        if inside.sum() < FEWEST_HITS:
            return None
        held_out = played.split == "test"
        choices = [kit for kit in self._kits if kit.held_out == held_out]
        kit = choices[int(rng.integers(len(choices)))]
        notes = played.notes[inside]
        drums = struck(kit, np.maximum(start[inside], 0), notes["pitch"], notes["velocity"], rng)
        return Take(
            {"drums": drums}, f"groove-midi-{played.name}", played.split,
            f"notes: groove-midi {LICENCE}; {kit.name} {kit.licence}", tempo, beat_seconds=0.0,
        )  # fmt: skip


def struck(
    kit: Kit,
    starts: npt.NDArray[np.float64],
    pitches: npt.NDArray[np.uint8],
    velocities: npt.NDArray[np.uint8],
    rng: np.random.Generator,
) -> Audio:
    """Blows on a kit that is tuned, balanced and panned by chance; `starts` in seconds."""
    tuning = 2 ** (rng.normal(0, 1.2) / 12)
    gains: dict[str, float] = defaultdict(lambda: float(10 ** (rng.normal(0, 2.5) / 20)))
    pans: dict[str, float] = defaultdict(lambda: float(np.clip(rng.normal(0, 0.25), -0.7, 0.7)))
    curve = float(rng.uniform(0.8, 2.2))
    frames = round((float(starts.max()) + 1.5) * SAMPLE_RATE)
    out = np.zeros((2, frames), np.float32)
    turns: Counter[str] = Counter()
    ringing: dict[str, tuple[int, Audio]] = {}
    for start, pitch, velocity in sorted(zip(starts, pitches, velocities, strict=True)):
        name = kit.struck(int(pitch))
        if name is None:
            continue
        sample = bent(one_shot(kit.hit(name, int(velocity) / 127, turns[name])), tuning)
        turns[name] += 1
        pan = 0.0 if name in ("kick", "snare") else pans[name]
        loud = gains[name] * (int(velocity) / 127) ** curve
        sides = np.array([[min(1, 1 - pan)], [min(1, 1 + pan)]], np.float32) * np.float32(loud)
        at = round(float(start) * SAMPLE_RATE)
        for open_one, by in _CHOKED.items():
            if name in by and open_one in ringing:
                _choke(out, *ringing.pop(open_one), at)
        blow = (sample * sides)[:, : frames - at]
        out[:, at : at + blow.shape[1]] += blow
        if name in _CHOKED:
            ringing[name] = (at, blow)
    return out


def _choke(out: Audio, start: int, blow: Audio, at: int) -> None:
    """Takes back what would ring on of a blow, over 15 ms."""
    rest = blow[:, max(at - start, 0) :]
    if rest.shape[1]:
        fade = np.minimum(np.arange(rest.shape[1]) / (0.015 * SAMPLE_RATE), 1).astype(np.float32)
        first = start + blow.shape[1] - rest.shape[1]
        out[:, first : first + rest.shape[1]] -= rest * fade


_LOOPS = (
    "amen", "amen_full", "breakbeat", "compus", "electric", "industrial", "mehackit1",
    "mehackit2", "mika", "perc1", "perc2", "safari", "tabla", "3d_printer", "garzul",
)  # fmt: skip
HELD_OUT_LOOPS = ("breakbeat", "perc2")


class Loops:
    """Drum loops of Sonic Pi, faster and slower, their eighths in their own or another order."""

    name = "loops"
    share = 0.08

    def __init__(self, packages: Path) -> None:
        self._packages = packages

    def names(self) -> Iterator[str]:
        """Each loop in several ways."""
        for nth in range(12):
            yield from (f"{name}-{nth}" for name in _LOOPS)

    def take(self, key: str) -> Take | None:
        """About half a minute of a loop."""
        rng = chance(self.name, key)
        name = key.rpartition("-")[0]
        home = unpacked(Package("sonic-pi-samples", "CC0-1.0"), self._packages)
        loop = one_shot(home / "usr/share/sonic-pi/samples" / f"loop_{name}.flac")
        loop = bent(loop, float(rng.uniform(0.8, 1.25)))
        size = loop.shape[1] // 8
        pieces = []
        for _ in range(max(1, round(30 * SAMPLE_RATE / loop.shape[1]))):
            order = rng.permutation(8) if rng.random() < 0.4 else np.arange(8)
            pieces += [_soft(loop[:, at * size : (at + 1) * size]) for at in order]
        split = "test" if name in HELD_OUT_LOOPS else "train"
        return Take(
            {"drums": np.concatenate(pieces, axis=1)}, f"sonic-pi-{name}", split,
            "sonic-pi-samples CC0-1.0",
        )  # fmt: skip


def _soft(piece: Audio) -> Audio:
    """With ends that do not click."""
    size = min(200, piece.shape[1] // 2)
    found = piece.copy()
    ramp = np.linspace(0, 1, size, dtype=np.float32)
    found[:, :size] *= ramp
    found[:, piece.shape[1] - size :] *= ramp[::-1]
    return found
