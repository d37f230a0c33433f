"""A small bank of plain sounds, made from a number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from studio.ai.training.separator.bank import index
from studio.ai.training.separator.bank.index import STEMS, Clip

Sound = npt.NDArray[np.float32]
SECONDS = 9


def sounds(seed: int, seconds: float = SECONDS) -> Sound:
    """Stems [4, 2, n]: bursts of noise, a low sine, a wavering voice, a high chord."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * 44100)) / 44100
    burst = rng.standard_normal(len(t)) * np.exp(-30 * (t % 0.5))
    root = 55 * 2 ** (rng.integers(12) / 12)
    phase = 2 * np.pi * 4 * root * t + 2 * np.sin(2 * np.pi * 5 * t)
    voice = sum(np.sin(k * phase) / k for k in range(1, 6))
    chord = sum(np.sin(2 * np.pi * root * 2 ** (4 + i / 12) * t) for i in (0, 4, 7))
    one = np.stack([0.5 * burst, np.sin(2 * np.pi * root * t), 0.5 * voice, 0.3 * chord])
    pans = np.array([[1, 1], [1, 1], [1, 0.8], [0.6, 1]])
    stems: Sound = (0.2 * one[:, None] * pans[..., None]).astype(np.float32)
    return stems


def bank(work: Path, songs: int = 3) -> None:
    """A bank with songs in every split; those of the last are recorded."""
    clips = []
    for number, split in enumerate(index.SPLITS):
        for song in range(songs if split == "train" else 1):
            clips += _song(work / "bank", split, 100 * number + song)
    index.save(work / "bank", clips)


def _song(folder: Path, split: str, seed: int) -> list[Clip]:
    clips = []
    source = "recorded" if split == "test" else "plain"
    for stem, sound in zip(STEMS, sounds(seed), strict=True):
        path = f"{split}/{stem}/{source}-{seed}.flac"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / path, sound.T, 44100, "PCM_16")
        clips.append(
            Clip(
                path=path,
                stem=stem,
                source=source,
                licence="CC0",
                split=split,
                group=f"song {seed}",
                seconds=float(SECONDS),
                active=1.0,
                levels_db=(-20,) * SECONDS,
                song=f"{source}-{seed}",
            )
        )
    return clips
