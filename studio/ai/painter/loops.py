"""Loops that show no seam: the end leads into the beginning as it did where it was played."""

from __future__ import annotations

import numpy as np
from scipy import signal

from studio.ai.painter import joins
from studio.ai.painter.hole import Hole, Samples

_FADE_SECONDS = 0.03
_LAG_SECONDS = 0.01
_EDGE_SECONDS = 0.1


def seamless(samples: Samples, sample_rate: int, first: int, frames: int) -> Samples:
    """Exactly `frames` frames from `first` on that can be played round and round.

    What follows the last frame is faded into what the first one follows, so that the join is one
    that was played. Where too little lies outside, the fade is shorter.

    Raises:
        ValueError: There are not so many frames.
    """
    if first < 0 or frames < 2 or first + frames > len(samples):
        raise ValueError("a loop lies inside its recording")
    found = samples[first : first + frames].copy()
    fade = min(round(_FADE_SECONDS * sample_rate), frames // 4, first)
    if fade:
        lead = samples[first - fade : first]
        found[-fade:] = joins.faded(found[-fade:], lead)
    return found


def nearest(samples: Samples, sample_rate: int, wanted: Hole) -> Hole:
    """The loop near a stretch whose two ends sound most alike, to the sample.

    The length is kept to within 10 ms, so a tempo that was asked for holds.
    """
    lag, size = (round(s * sample_rate) for s in (_LAG_SECONDS, _EDGE_SECONDS))
    begin = samples[wanted.first : wanted.first + size].astype(np.float64)
    there = samples[max(wanted.end - lag, 0) : wanted.end + lag + size].astype(np.float64)
    if len(begin) < size or len(there) < 2 * lag + size:
        return wanted
    cross = sum(
        signal.fftconvolve(there[:, c], begin[::-1, c], "valid") for c in range(begin.shape[1])
    )
    power = np.cumsum(np.concatenate([[0.0], (there**2).sum(axis=1)]))
    likeness = cross / np.sqrt(np.maximum((power[size:] - power[:-size]), 1e-12))
    return Hole(wanted.first, wanted.end - lag + int(np.argmax(likeness)))
