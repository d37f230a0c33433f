"""Changing how long parts of a recording last without changing their pitch."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pedalboard

_AROUND_SECONDS = 0.1  # stretched beyond each end of a part, so that parts join in like sound
_JOIN_SECONDS = 0.01  # cross-fade from one part to the next
_FINE_SECONDS = 2.5  # after which the finer engine may be 5 ms off


def stretch(
    samples: npt.NDArray[np.float32], sample_rate: int, *, factor: float
) -> npt.NDArray[np.float32]:
    """Rubber Band's time-stretching: `factor` times as long, shape [channels, frames].

    Its finer engine rounds its steps, so that what is in a long sound comes up to 2 in 1000 early
    or late, though the whole has the right length. Sounds of more than a moment are left to the
    faster engine, which keeps time.
    """
    source = np.ascontiguousarray(samples, dtype=np.float32)
    if factor == 1.0:
        return source
    fine = source.shape[1] <= (_FINE_SECONDS + 2 * _AROUND_SECONDS) * sample_rate
    made = pedalboard.time_stretch(
        source, float(sample_rate), stretch_factor=1.0 / factor, high_quality=fine
    )
    return np.asarray(made, dtype=np.float32)


def warp(
    samples: npt.NDArray[np.float32],
    sample_rate: int,
    *,
    source: Sequence[int],
    target: Sequence[int],
) -> npt.NDArray[np.float32]:
    """Stretch each part so that `source` frames come out at `target` frames.

    Args:
        samples: Shape [channels, frames].
        source, target: Rising frames, as many of one as of the other, at least two; what lies
            before the first source frame and from the last one on is left out.

    Returns:
        Shape [channels, last target frame]; silence before the first target frame.
    """
    out = np.zeros((samples.shape[0], int(target[-1])), dtype=np.float32)
    join = round(_JOIN_SECONDS * sample_rate)
    parts = zip(itertools.pairwise(source), itertools.pairwise(target), strict=True)
    for index, ((begin, end), (start, stop)) in enumerate(parts):
        if stop <= start or end <= begin:
            continue
        lead = join if index else 0
        part = _part(samples, sample_rate, (begin, end), stop - start, lead)
        first = start - part.shape[1] + stop - start
        rise = np.linspace(0.0, 1.0, start - first + 2, dtype=np.float32)[1:-1]
        out[:, first:start] *= 1.0 - rise
        part[:, : start - first] *= rise
        out[:, first:stop] += part[:, : stop - first]
    return out


def _part(
    samples: npt.NDArray[np.float32], rate: int, span: tuple[int, int], frames: int, lead: int
) -> npt.NDArray[np.float32]:
    """A span of `samples`, stretched to `frames`, and up to `lead` frames of what comes before."""
    begin, end = span
    factor = frames / (end - begin)
    around = round(_AROUND_SECONDS * rate)
    first, last = max(begin - around, 0), min(end + around, samples.shape[1])
    made = stretch(samples[:, first:last], rate, factor=factor)
    start = round((begin - first) * factor)
    lead = min(lead, start)
    part = made[:, start - lead : start + frames]
    missing = lead + frames - part.shape[1]
    return np.pad(part, ((0, 0), (0, missing))) if missing > 0 else part.copy()
