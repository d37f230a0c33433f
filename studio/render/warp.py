"""Recordings that follow the song's tempo: stretched once, kept in the cache."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from studio.domain.clip import AudioClip
from studio.domain.tempo import TempoMap
from studio.dsp.stretch import warp

Frames: TypeAlias = npt.NDArray[np.int64]
_MAKING = 2  # counts the ways of stretching: what another one made is not taken from a cache


def warped(
    clip: AudioClip, conformed: Path, tempo: TempoMap, sample_rate: int, cache: Path
) -> tuple[Path, int, int]:
    """The stretched stretch of `clip`'s recording, made if it is not in `cache` yet.

    Args:
        conformed: The recording at the song's rate, raw float32 interleaved.

    Returns:
        A file of the same kind, its first frame to be heard (0), and how many are.
    """
    ticks, source = _points(clip, tempo, sample_rate)
    start = tempo.frame(clip.start, sample_rate)
    target = tempo.frames(ticks + clip.start, sample_rate) - start
    key = f"{_MAKING}|{clip.source.media}|{sample_rate}|{source.tolist()}|{target.tolist()}"
    made = cache / "warped" / f"{hashlib.sha256(key.encode()).hexdigest()}.f32"
    if not made.exists():
        _make(made, conformed, clip, sample_rate, source, target)
    return made, 0, int(target[-1])


def _points(clip: AudioClip, tempo: TempoMap, sample_rate: int) -> tuple[Frames, Frames]:
    """Ticks from the clip's start, and the conformed recording's frames that belong there.

    Between warp points a recording runs evenly in ticks, so a tempo change inside is a point too.
    """
    named = np.array([point.tick for point in clip.warp], dtype=np.int64)
    frames = np.array([point.source_frame for point in clip.warp], dtype=np.int64)
    changes = np.array([t.tick - clip.start for t in tempo.tempos], dtype=np.int64)
    inside = changes[(changes > named[0]) & (changes < named[-1])]
    ticks = np.union1d(named, inside)
    source = np.interp(ticks, named, frames) * (sample_rate / clip.source.sample_rate)
    return ticks, np.rint(source).astype(np.int64)


def _make(
    made: Path, conformed: Path, clip: AudioClip, sample_rate: int, source: Frames, target: Frames
) -> None:
    whole = np.memmap(conformed, dtype="<f4", mode="r").reshape(-1, clip.source.channels)
    part = np.ascontiguousarray(whole[source[0] : source[-1]].T)
    places = (source - source[0]).tolist()
    out = warp(part, sample_rate, source=places, target=target.tolist())
    made.parent.mkdir(parents=True, exist_ok=True)
    partial = made.with_suffix(f".{os.getpid()}.partial")
    partial.write_bytes(out.T.astype("<f4").tobytes())
    partial.replace(made)
