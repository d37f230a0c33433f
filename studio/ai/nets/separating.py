"""Stems of a recording of any length, in memory that does not grow with it.

The recording is read once, from its start to its end, and taken apart in windows. A window sees
so much sound on both sides of the part that it tells of that no more would change the stems there:
a join differs from one pass over everything by rounding alone. Neighbours cross-fade besides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.ai.nets.separator import SAMPLE_RATE, Separator, masked
from studio.ai.requests import STEMS
from studio.core.errors import StudioError

Sound: TypeAlias = npt.NDArray[np.float32]
Read: TypeAlias = Callable[[int, int], Sound]
Write: TypeAlias = Callable[[int, dict[str, Sound]], None]

CORE_SECONDS = 16.0  # of stems from one window
FADE = 4096  # frames over which a window hands over to the next
_NOTED = 4  # of so many steps of time, one is enough to tell how decided the masks are


@dataclass(frozen=True, slots=True)
class Separated:
    """What is known once a recording is apart.

    Attributes:
        confidence: For each stem from 0 to 1 how clean it is likely to be: how decidedly the masks
            gave its sound to it, times how far the network is to be trusted with that stem.
    """

    confidence: dict[str, float]


def separate(
    net: Separator,
    read: Read,
    frames: int,
    write: Write,
    *,
    shifts: int = 0,
    progress: Callable[[float], None] = lambda _fraction: None,
    check_cancelled: Callable[[], None] = lambda: None,
) -> Separated:
    """Take a stereo recording at 44.1 kHz apart.

    Args:
        read: Gives `count` frames from `first` on as [count, 2]; each frame once, in order.
        write: Takes each stem's next frames [count, 2], from `first` on. They sum to the mix.
        shifts: Passes more over each window, each moved by a part of a hop and every second with
            left and right exchanged; their mean is cleaner.
        progress: Told the share that is done. check_cancelled: May raise to end the work.

    Raises:
        StudioError: The recording holds values that are no finite numbers.
    """
    work = _Work(net, shifts, frames, progress, check_cancelled)
    source = _Source(read, frames)
    tail = np.zeros((len(STEMS) - 1, 0, 2), np.float32)
    for first in range(0, frames, work.core):
        last = min(first + work.core, frames)
        begin = max(0, first - work.margin)
        end = min(frames, last + FADE + work.margin)
        mix = source.window(begin, end)
        some = work.stems(mix)[:, first - begin : last + FADE - begin]
        some = _faded(tail, some)
        tail = some[:, last - first :]
        write(first, _summing(mix[first - begin : last - begin], some[:, : last - first]))
    return Separated(work.confidence())


def _faded(before: Sound, after: Sound) -> Sound:
    """`after`, taking over from `before` where both tell of the same frames."""
    count = min(before.shape[1], after.shape[1])
    rise = (np.arange(1, count + 1, dtype=np.float32) / np.float32(count + 1))[None, :, None]
    joined = before[:, :count] + rise * (after[:, :count] - before[:, :count])
    return np.concatenate((joined, after[:, count:]), 1)


def _summing(mix: Sound, some: Sound) -> dict[str, Sound]:
    """All stems: the last is what the others leave of the mix."""
    found = dict(zip(STEMS, some, strict=False))
    found[STEMS[-1]] = mix - (some[0] + some[1] + some[2])
    return found


class _Source:
    """A recording read in order, of which the latest frames are still known."""

    def __init__(self, read: Read, frames: int) -> None:
        self._read, self._frames = read, frames
        self._first = 0
        self._known = np.zeros((0, 2), np.float32)

    def window(self, begin: int, end: int) -> Sound:
        """Frames from `begin` to `end`, neither of which may be less than before.

        Raises:
            StudioError: Some of them are no finite numbers.
        """
        at = self._first + len(self._known)
        fresh = self._read(at, end - at) if end > at else self._known[:0]
        if not np.isfinite(fresh).all():
            raise StudioError(
                "The recording holds values that are no numbers.", "Export it anew and try again."
            )
        kept = self._known[begin - self._first :]
        self._known, self._first = np.concatenate((kept, fresh)), begin
        return self._known


class _Work:
    """Windows taken apart, and what is learnt on the way of how decided the network is."""

    def __init__(
        self,
        net: Separator,
        shifts: int,
        frames: int,
        progress: Callable[[float], None],
        check: Callable[[], None],
    ) -> None:
        hop = net.config.hop
        self.core = round(CORE_SECONDS * SAMPLE_RATE / hop) * hop
        self.margin = -(-net.config.reach // hop) * hop
        self._net, self._passes = net, shifts + 1
        self._progress, self._check = progress, check
        self._steps = max(1, -(-frames // self.core) * self._passes * net.config.blocks)
        self._done = 0
        self._given = np.zeros((2, len(STEMS)))  # by the masks, and again by them

    def stems(self, mix: Sound) -> Sound:
        """All stems but the last [stems, n, 2] of a window [n, 2]."""
        with torch.inference_mode():
            sound = torch.from_numpy(np.ascontiguousarray(mix.T))[None].to(self._net.hann.device)
            found = self._pass(sound, 0)
            for index in range(1, self._passes):
                found += self._pass(sound, index)
            return (found / self._passes).transpose(1, 2).contiguous().cpu().numpy()

    def _pass(self, sound: Tensor, index: int) -> Tensor:
        """Stems [stems, 2, n] of a window [1, 2, n], shifted as the pass of that number is."""
        shift = index * self._net.config.hop // self._passes
        if index % 2:
            sound = sound.flip(1)
        spectrum = self._net.spectrum(torch.nn.functional.pad(sound, (shift, 0)))
        masks = self._net.shares(spectrum, self._step)
        self._note(spectrum, masks)
        frames = sound.shape[-1] + shift
        # Stem by stem: all at once would hold a few hundred megabytes.
        parts = [
            self._net.sound(masked(spectrum, masks[:, stem : stem + 1]), frames)[0, ..., shift:]
            for stem in range(len(STEMS) - 1)
        ]
        found = torch.cat(parts)
        return found.flip(1) if index % 2 else found

    def _step(self) -> None:
        self._check()
        self._progress(min(1.0, self._done / self._steps))
        self._done += 1

    def _note(self, spectrum: Tensor, masks: Tensor) -> None:
        masks = masks[:, :, ::_NOTED]
        level = spectrum[..., ::_NOTED, :-1].abs().sum(1)[:, None] * masks
        self._given[0] += level.sum((0, 2, 3), dtype=torch.float64).cpu().numpy()
        self._given[1] += (level * masks).sum((0, 2, 3), dtype=torch.float64).cpu().numpy()

    def confidence(self) -> dict[str, float]:
        """A stem whose sound might be anyone's has 0, one whose sound is all its own has 1."""
        once, twice = self._given
        share = np.divide(twice, once, out=np.ones_like(once), where=once > 0)
        even = 1 / len(STEMS)
        clean = np.clip((share - even) / (1 - even), 0, 1)
        return {
            stem: float(value * self._net.trust[stem])
            for stem, value in zip(STEMS, clean, strict=True)
        }
