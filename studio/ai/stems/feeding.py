"""An excerpt of a recording as a network wants it: stereo, at the network's rate, in order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from studio.ai.requests import Excerpt
from studio.media import conform, recording
from studio.media.recording import Recording, Samples


class Fed:
    """Sound to be taken apart: read once, in order, and never more of it in memory than is asked.

    Mono becomes two equal channels; another rate is resampled (soxr, HQ).

    Attributes:
        frames: At the network's rate.
    """

    def __init__(self, source: Recording, excerpt: Excerpt, sample_rate: int) -> None:
        found = conform.conformed_frames(excerpt.frames, source.sample_rate, sample_rate)
        self.frames = max(found, 1)
        self._blocks = _at(sample_rate, source, excerpt)
        self._known = np.zeros((0, 2), dtype=np.float32)
        self._first = 0

    def read(self, first: int, count: int) -> Samples:
        """The next `count` frames, float32 [count, 2]; silence after the end.

        Raises:
            StudioError: The recording cannot be read.
            ValueError: `first` is not where the last reading ended.
        """
        if first != self._first:
            raise ValueError("sound is read in order")
        parts, there = [self._known], len(self._known)
        while there < count and (block := next(self._blocks, None)) is not None:
            parts.append(block)
            there += len(block)
        if there < count:
            parts.append(np.zeros((count - there, 2), dtype=np.float32))
        found = np.concatenate(parts)
        self._known, self._first = found[count:], first + count
        return found[:count]


def _at(sample_rate: int, source: Recording, excerpt: Excerpt) -> Iterator[Samples]:
    blocks = _blocks(source, excerpt.first_frame, excerpt.end_frame)
    if source.sample_rate != sample_rate:
        blocks = conform.resampled(blocks, source.sample_rate, sample_rate, source.channels)
    return (_stereo(block) for block in blocks)


def _blocks(source: Recording, first: int, end: int) -> Iterator[Samples]:
    """Frames [first, end) of a recording in blocks."""
    for start in range(first, end, recording.BLOCK_FRAMES):
        yield source.read(start, min(start + recording.BLOCK_FRAMES, end))


def _stereo(samples: Samples) -> Samples:
    """Mono as two equal channels."""
    return np.repeat(samples, 2, axis=1) if samples.shape[1] == 1 else samples
