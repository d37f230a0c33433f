"""Recorded music that nothing was learnt from: every WAV or FLAC file under `real` of the work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from studio.ai.painter.hole import Hole, Samples

WINDOW_SECONDS = 360.0  # heard of a recording: as much as is searched around a hole
_MARGIN_SECONDS = 6.0  # left at the ends
_SOUND = 3e-3  # level under which there is nothing to fill


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Some minutes of a recording, from its beginning on."""

    name: str
    samples: Samples
    sample_rate: int


def pieces(work: Path) -> Iterator[Piece]:
    for path in paths(work):
        with soundfile.SoundFile(path) as file:
            frames = round(WINDOW_SECONDS * file.samplerate)
            samples = file.read(frames, dtype="float32", always_2d=True)
            yield Piece(path.stem, samples[:, :2], file.samplerate)


def paths(work: Path) -> list[Path]:
    real = work / "real"
    return sorted(path for path in real.rglob("*") if path.suffix.lower() in (".wav", ".flac"))


def gaps(piece: Piece, lengths: tuple[float, ...], seed: int) -> list[Hole]:
    """One gap of each length (seconds) where it sounds, far from each other, by chance."""
    rng = np.random.default_rng((seed, len(piece.samples)))
    rate, margin = piece.sample_rate, round(_MARGIN_SECONDS * piece.sample_rate)
    found: list[Hole] = []
    for length in lengths:
        frames = round(length * rate)
        for _ in range(200):
            first = int(rng.integers(margin, len(piece.samples) - margin - frames))
            hole = Hole(first, first + frames)
            apart = all(hole.first - margin > one.end or hole.end + margin < one.first
                        for one in found)  # fmt: skip
            if apart and piece.samples[first : first + frames].std() > _SOUND:
                found.append(hole)
                break
    return found
