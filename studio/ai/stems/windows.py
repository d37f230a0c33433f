"""Networks that take sound of one length only: windows that overlap and cross-fade."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from studio.ai.requests import Quality
from studio.ai.stems.decided import Decided
from studio.ai.stems.feeding import Fed
from studio.ai.stems.splitting import Watch, Write

OVERLAP = {Quality.FAST: 0.25, Quality.BEST: 0.5}

Stems = npt.NDArray[np.float32]  # [stems, 2, frames]


def separate(
    fed: Fed,
    write: Write,
    run: Callable[[Stems], Stems],
    *,
    names: Sequence[str],
    frames: int,
    quality: Quality,
    watch: Watch,
) -> dict[str, float]:
    """Take all of `fed` apart, window by window; the confidence of each stem.

    Every window is weighted by a triangle, as in Défossez et al. 2019, "Music source separation in
    the waveform domain", so that neighbours fade into one another.

    Args:
        run: The network: stems [stems, 2, frames], in the order of `names`, of sound [2, frames].
        frames: The one length it takes.
    """
    stride = max(round(frames * (1.0 - OVERLAP[quality])), 1)
    weight = _triangle(frames)
    known = np.zeros((0, 2), dtype=np.float32)
    sums, weights = np.zeros((len(names), 2, frames), np.float32), np.zeros(frames, np.float32)
    decided = Decided(names)
    for first in range(0, fed.frames, stride):
        watch(first / fed.frames)
        count = min(frames, fed.frames - first)
        known = np.concatenate([known, fed.read(first + len(known), count - len(known))])
        stems = run(_filled(known.T, frames))[..., :count]
        sums[..., :count] += stems * weight[:count]
        weights[:count] += weight[:count]
        done = count if first + count == fed.frames else stride
        found = sums[..., :done] / weights[:done]
        decided.add(found)
        write(first, dict(zip(names, found.transpose(0, 2, 1), strict=True)))
        if first + done == fed.frames:
            break
        known = known[done:]
        sums, weights = _moved(sums, done), _moved(weights, done)
    return decided.confidence()


def _triangle(frames: int) -> npt.NDArray[np.float32]:
    """Rises to the middle and falls again; nowhere 0."""
    at = np.arange(frames, dtype=np.float32)
    return (np.minimum(at + 1, frames - at) / ((frames + 1) / 2)).astype(np.float32)


def _filled(sound: Stems, frames: int) -> Stems:
    """Sound [2, n] with silence after it, `frames` long."""
    return np.ascontiguousarray(np.pad(sound, ((0, 0), (0, frames - sound.shape[1]))))


def _moved(array: npt.NDArray[np.float32], by: int) -> npt.NDArray[np.float32]:
    """The array without its first `by` frames, and as many zeros behind."""
    moved = np.zeros_like(array)
    moved[..., : array.shape[-1] - by] = array[..., by:]
    return moved
