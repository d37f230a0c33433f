"""Recordings that follow the song's tempo: stretched once, kept in the cache."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np

from studio.domain.clip import AudioClip
from studio.domain.tempo import TempoMap
from studio.dsp.stretch import stretch


def warped(
    clip: AudioClip, conformed: Path, tempo: TempoMap, sample_rate: int, cache: Path
) -> tuple[Path, int, int]:
    """The stretched stretch of `clip`'s recording, made if it is not in `cache` yet.

    Args:
        conformed: The recording at the song's rate, raw float32 interleaved.

    Returns:
        A file of the same kind, its first frame to be heard (0), and how many are.
    """
    points = clip.warp
    heard = np.array([clip.start + point.tick for point in points], dtype=np.int64)
    target = tempo.frames(heard, sample_rate) - tempo.frame(clip.start, sample_rate)
    source = np.rint(
        np.array([p.source_frame for p in points]) * (sample_rate / clip.source.sample_rate)
    ).astype(np.int64)
    key = f"{clip.source.media}|{sample_rate}|{source.tolist()}|{target.tolist()}"
    made = cache / "warped" / f"{hashlib.sha256(key.encode()).hexdigest()}.f32"
    if not made.exists():
        _make(made, conformed, clip.source.channels, source, target)
    return made, 0, int(target[-1])


def _make(
    made: Path, conformed: Path, channels: int, source: np.ndarray, target: np.ndarray
) -> None:
    whole = np.memmap(conformed, dtype="<f4", mode="r").reshape(-1, channels)
    part = np.ascontiguousarray(whole[source[0] : source[-1]].T)
    spans, lengths = np.diff(source), np.maximum(np.diff(target), 1)
    factors = np.repeat(spans / lengths, spans)[: part.shape[1]]
    done = stretch(part, 48000, factors=factors)
    out = np.zeros((int(target[-1]), channels), dtype="<f4")
    frames = min(done.shape[1], len(out) - int(target[0]))
    out[target[0] : target[0] + frames] = done[:, :frames].T
    made.parent.mkdir(parents=True, exist_ok=True)
    partial = made.with_suffix(f".{os.getpid()}.partial")
    partial.write_bytes(out.tobytes())
    partial.replace(made)
