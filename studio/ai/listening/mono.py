"""A recording as listening takes it: one channel, an even level, any rate, in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt
import soxr

from studio.ai.listening.heard import Floats
from studio.core.errors import StudioError

Check = Callable[[], None]  # raises Cancelled to stop
Read = Callable[[int, int], Floats]

LOWEST_RATE, HIGHEST_RATE = 4_000, 384_000
_BLOCK = 1 << 18
_LEVEL = 0.15  # RMS of the loud seconds, about that of a mastered song
_SILENT = 1e-5  # RMS, -100 dBFS


def never() -> None:
    """Never stop."""


class Mono:
    """One channel of a recording, at an even level, read in blocks.

    The channels are averaged, unless that cancels them: then the loudest is heard.

    Args:
        read: Gives frames [first, end) as float32 [n, channels], full scale 1.
        frames: How many there are.
        check: Called before each block that is read, and as it is heard.

    Attributes:
        begun: How many passes over all of it were begun.
        part: How much of the last of them is done, 0-1.

    Raises:
        StudioError: There is nothing in it, or its rate is none that sound has.
    """

    def __init__(self, read: Read, frames: int, sample_rate: int, check: Check = never) -> None:
        if not LOWEST_RATE <= sample_rate <= HIGHEST_RATE:
            raise StudioError(f"No sound runs at {sample_rate} Hz.", "4000 to 384000 Hz do.")
        if frames < 1:
            raise StudioError("The recording is empty.")
        self._read = read
        self._frames = frames
        self._check = check
        self.begun = 0
        self.part = 0.0
        self.sample_rate = sample_rate

    @classmethod
    def of(cls, audio: Floats, sample_rate: int, check: Check = never) -> Self:
        """Of an array [frames] or [frames, channels], which may be a mapped file."""
        columns = audio[:, None] if audio.ndim == 1 else audio
        return cls(lambda first, end: columns[first:end], len(columns), sample_rate, check)

    @property
    def seconds(self) -> float:
        return self._frames / self.sample_rate

    @property
    def silent(self) -> bool:
        return not self._gains[0].any()

    def begin(self) -> None:
        """Another pass begins."""
        self.begun, self.part = self.begun + 1, 0.0
        self._check()

    def reach(self, part: float) -> None:
        """So much of a pass is done, 0-1. Raises Cancelled to stop."""
        self.part = part
        self._check()

    def blocks(self, rate: int, *, counted: bool = True) -> Iterator[Floats]:
        """All of it at `rate` Hz, float32 [frames] at a time, by soxr; a pass.

        Args:
            counted: What is read is done; else the one who reads it says how far it is.
        """
        if rate == self.sample_rate:
            yield from self._heard(counted)
            return
        stream = soxr.ResampleStream(self.sample_rate, rate, 1, dtype="float32")
        for block in self._heard(counted):
            yield stream.resample_chunk(block)
        yield stream.resample_chunk(np.zeros(0, np.float32), last=True)

    def _heard(self, counted: bool) -> Iterator[Floats]:
        gains, offset = self._gains
        for block in self._blocks(counted):
            yield block @ gains - offset

    def _blocks(self, counted: bool = True) -> Iterator[Floats]:
        self.begin()
        for first in range(0, self._frames, _BLOCK):
            self._check()
            end = min(first + _BLOCK, self._frames)
            block = np.asarray(self._read(first, end), np.float32)
            if counted:
                self.part = end / self._frames
            yield block if np.isfinite(block).all() else np.nan_to_num(block, posinf=0, neginf=0)

    @cached_property
    def _gains(self) -> tuple[Floats, np.float32]:
        """By what each channel is multiplied before they are added, all 0 for silence; and what of
        the sum is a constant offset."""
        own, mixed, total = [], [], np.zeros(1)
        for block in self._blocks():
            total = total + block.sum(axis=0, dtype=np.float64)
            for second in np.array_split(block, max(len(block) // self.sample_rate, 1)):
                own.append(second.var(axis=0, dtype=np.float64))
                mixed.append(second.mean(axis=1, dtype=np.float64).var())
        powers = np.array(own)
        whole: npt.NDArray[np.float64] = powers.mean(axis=0)
        channels = len(whole)
        weights = np.full(channels, 1.0 / channels)
        level = np.sqrt(np.percentile(mixed, 90))
        if np.mean(mixed) < 0.01 * whole.mean():
            loudest = int(whole.argmax())
            weights = np.eye(channels)[loudest]
            level = np.sqrt(np.percentile(powers[:, loudest], 90))
        level = max(level, np.sqrt(np.max(mixed)) * 0.1)
        gains = weights * (_LEVEL / level if level > _SILENT else 0.0)
        return gains.astype(np.float32), np.float32(gains @ total / self._frames)


def overlapped(blocks: Iterator[Floats], length: int, margin: int) -> Iterator[tuple[Floats, int]]:
    """Pieces of `margin + length + margin` frames, the next `length` after the last, and how many
    of their middle frames lie before the end; zeros lie around the whole.

    Args:
        blocks: Shape [n] or [n, columns].
    """
    held: Floats | None = None
    for block in blocks:
        if held is None:
            held = np.zeros((margin, *block.shape[1:]), np.float32)
        held = np.concatenate([held, block])
        while len(held) >= length + 2 * margin:
            yield held[: length + 2 * margin], length
            held = held[length:]
    while held is not None and len(held) > margin:
        real = min(len(held) - margin, length)
        after = ((0, length + 2 * margin), *((0, 0),) * (held.ndim - 1))
        yield np.pad(held, after)[: length + 2 * margin], real
        held = held[length:]


def windows(
    blocks: Iterator[Floats], size: int, hop: int, count: int = 512
) -> Iterator[npt.NDArray[np.float32]]:
    """Windows [n, size] centred on every `hop`-th frame, from frame 0 on, `count` at a time."""
    before = size // 2
    after = size - before
    margin = -(-max(before, after) // hop) * hop
    for piece, real in overlapped(blocks, count * hop, margin):
        wanted = -(-real // hop)
        view = np.lib.stride_tricks.sliding_window_view(piece, size)
        yield view[margin - before :: hop][:wanted]
