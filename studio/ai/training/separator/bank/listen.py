"""Listening by measuring: `python -m studio.ai.training.separator.bank.listen --work DIR`."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from studio.ai.training.separator.bank.index import AUDIBLE_DB, SAMPLE_RATE, Bank, Clip, load
from studio.ai.training.separator.bank.takes import Audio
from studio.ai.training.separator.bank.voices import Signal

LOW_HERTZ = 200.0
_SIZE = 1 << 15


@dataclass(frozen=True, slots=True)
class Heard:
    """Measures of a clip.

    Attributes:
        loud_db: Mean of the seconds that can be heard.
        low: Share of the power below `LOW_HERTZ`.
        centre_hz: Middle of the power.
        side: Share of the power that left and right do not have in common.
        rests: Share of the seconds that cannot be heard.
    """

    loud_db: float
    low: float
    centre_hz: float
    side: float
    rests: float


def heard(audio: Audio, levels_db: tuple[int, ...]) -> Heard:
    """Measures of stereo [2, n]."""
    power, hertz = spectrum(audio)
    whole = float(power.sum()) or 1.0
    side = float(np.square(audio[0] - audio[1]).sum() / (2 * np.square(audio).sum() + 1e-12))
    loud = [level for level in levels_db if level > AUDIBLE_DB]
    return Heard(
        float(np.mean(loud)) if loud else -120.0, float(power[hertz < LOW_HERTZ].sum()) / whole,
        float((power * hertz).sum()) / whole, side, 1 - len(loud) / max(1, len(levels_db)),
    )  # fmt: skip


def spectrum(audio: Audio) -> tuple[Signal, Signal]:
    """Power over the whole of the audio, and the frequency of each bin in Hz."""
    mono = audio.sum(axis=0)
    count = max(1, len(mono) // _SIZE)
    blocks = np.resize(mono, (count, _SIZE))
    power = np.square(np.abs(np.fft.rfft(blocks * np.hanning(_SIZE), axis=1))).sum(axis=0)
    hertz: Signal = np.linspace(0, SAMPLE_RATE / 2, len(power), dtype=np.float64)
    return power, hertz


def likeness(stems: list[Audio]) -> float:
    """The largest correlation of two stems: that of the same sound in both would be 1."""
    pairs = itertools.combinations([stem.sum(axis=0) for stem in stems], 2)
    return max((abs(float(np.corrcoef(a, b)[0, 1])) for a, b in pairs), default=0.0)


def read(bank: Bank, clip: Clip) -> Audio:
    """All of a clip, [2, n]."""
    audio, _ = soundfile.read(bank.folder / clip.path, dtype="float32", always_2d=True)
    found: Audio = audio.T
    return found


def lines(bank: Bank, most: int) -> Iterator[str]:
    """A line for each stem and source, of so many clips each; and one for the songs."""
    rows: dict[tuple[str, str], list[Clip]] = defaultdict(list)
    for clip in bank.clips:
        rows[clip.stem, clip.source].append(clip)
    yield f"{'stem':8}{'source':18}{'dBFS':>7}{'<200 Hz':>9}{'centre':>8}{'side':>6}{'rests':>7}"
    for (stem, source), clips in sorted(rows.items()):
        table = [heard(read(bank, clip), clip.levels_db) for clip in clips[:most]]
        means = [
            float(np.mean([getattr(each, name) for each in table])) for name in Heard.__slots__
        ]
        yield (
            f"{stem:8}{source:18}{means[0]:7.1f}{means[1]:9.2f}{means[2]:8.0f}{means[3]:6.2f}"
            f"{means[4]:7.2f}"
        )
    songs = list(bank.songs("train").values())[:most]
    worst = max((likeness([read(bank, c) for c in s.values()]) for s in songs), default=0.0)
    yield f"largest correlation of two stems of {len(songs)} songs: {worst:.3f}"


def main(words: list[str] | None = None) -> int:
    """Print what was heard."""
    parser = argparse.ArgumentParser(prog="python -m studio.ai.training.separator.bank.listen")
    parser.add_argument("--work", type=Path, required=True, help="folder of the bank")
    parser.add_argument("--clips", type=int, default=10, help="of each stem and source")
    options = parser.parse_args(words)
    for line in lines(load(options.work), options.clips):
        sys.stdout.write(line + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
