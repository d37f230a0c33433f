"""A recording at the song's rate, as raw float32 that the engine maps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import soxr

from studio.media import recording
from studio.media.durable import Progress, no_progress

FRAME = np.dtype("<f4")


def conformed_frames(frames: int, from_rate: int, to_rate: int) -> int:
    """Length of a recording of `frames` at `from_rate` once it runs at `to_rate`."""
    return (frames * to_rate * 2 + from_rate) // (from_rate * 2)


def write_conformed(
    recorded: Path, out: Path, sample_rate: int, progress: Progress = no_progress
) -> None:
    """Write `recorded` to `out` as interleaved little-endian float32 at `sample_rate`.

    Resampled by soxr (HQ) where the rates differ; the length is `conformed_frames`.

    Raises:
        StudioError: The recording cannot be read.
        Cancelled: From `progress`.
    """
    with recording.reading(recorded) as file, out.open("wb") as raw:
        missing = conformed_frames(file.frames, file.sample_rate, sample_rate)
        blocks = file.blocks(progress)
        if file.sample_rate != sample_rate:
            blocks = resampled(blocks, file.sample_rate, sample_rate, file.channels)
        for block in blocks:
            kept = block[:missing]
            raw.write(kept.astype(FRAME, copy=False).tobytes())
            missing -= len(kept)
        raw.write(bytes(missing * file.channels * FRAME.itemsize))


def resampled(
    blocks: Iterable[recording.Samples], from_rate: int, to_rate: int, channels: int
) -> Iterator[recording.Samples]:
    """Blocks at another rate, the same sound whatever the lengths of the blocks."""
    stream = soxr.ResampleStream(from_rate, to_rate, channels, dtype="float32", quality="HQ")
    for block in blocks:
        yield stream.resample_chunk(np.ascontiguousarray(block)).reshape(-1, channels)
    tail = np.zeros((0, channels), dtype=np.float32)
    yield stream.resample_chunk(tail, last=True).reshape(-1, channels)
