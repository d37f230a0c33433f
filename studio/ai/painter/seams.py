"""What can be measured where something written meets what was there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import signal

from studio.ai.painter.hole import Hole, Patch, Samples, Seam
from studio.ai.painter.interpolation import burg

_ORDER = 32  # of the prediction: what it leaves of a click is the click
_CLICK_SECONDS = 0.001
_AROUND_SECONDS = 0.25  # compared on each side
_LEVEL_SECONDS = 0.05
_LEAST = 1e-9
_NOTHING_DB = -180.0


def seams(samples: Samples, sample_rate: int, patch: Patch) -> tuple[Seam, ...]:
    """The edges of a patch in the recording that holds it; an end of the recording is no edge."""
    found = []
    for frame in (patch.first, patch.end):
        if 0 < frame < len(samples):
            click = click_db(samples, sample_rate, frame)
            found.append(Seam(frame, click, step_db(samples, sample_rate, frame)))
    return tuple(found)


def click_db(samples: Samples, sample_rate: int, frame: int) -> float:
    """The largest sample near a frame that linear prediction does not foresee, in dB of the
    largest some distance away on both sides."""
    reach, near = (round(s * sample_rate) for s in (_AROUND_SECONDS, _CLICK_SECONDS))
    first = max(frame - reach, 0)
    around = samples[first : frame + reach].astype(np.float64)
    if len(around) <= 4 * _ORDER:
        return _NOTHING_DB
    model, _ = burg([around], _ORDER)
    left = np.abs(signal.lfilter(model, 1.0, around, axis=0)).max(axis=1)
    left[:_ORDER] = 0.0  # before as much is known as is looked at
    middle = frame - first
    at = slice(max(middle - near, 0), middle + near)
    here = float(left[at].max(initial=0.0))
    left[at] = 0.0
    return float(20 * np.log10((here + _LEAST) / (float(left.max(initial=0.0)) + _LEAST)))


def step_db(samples: Samples, sample_rate: int, frame: int) -> float:
    """By how much the level rises at a frame."""
    size = round(_LEVEL_SECONDS * sample_rate)
    before, after = samples[max(frame - size, 0) : frame], samples[frame : frame + size]
    return _db(after) - _db(before)


def changed_outside(before: Samples, after: Samples, patch: Patch) -> int:
    """How many samples outside a patch are not what they were, to the bit."""
    rest = np.concatenate([
        before[: patch.first] != after[: patch.first],
        before[patch.end :] != after[patch.end :],
    ])  # fmt: skip
    return int(rest.any(axis=1).sum())


def leak_db(
    before: Samples, after: Samples, sample_rate: int, hole: Hole, hz: tuple[float, float]
) -> float:
    """What changed outside a band, in dB of what sounded there, over a hole and its fades."""
    changed = (after - before)[max(hole.first - sample_rate, 0) : hole.end + sample_rate]
    there = before[max(hole.first - sample_rate, 0) : hole.end + sample_rate]
    outside = [_outside(one, sample_rate, hz) for one in (changed, there)]
    return float(10 * np.log10((outside[0] + _LEAST**2) / (outside[1] + _LEAST**2)))


def _outside(samples: Samples, sample_rate: int, hz: tuple[float, float]) -> float:
    spectrum = np.fft.rfft(samples.astype(np.float64), axis=0)
    at = np.fft.rfftfreq(len(samples), 1.0 / sample_rate)
    power: npt.NDArray[np.float64] = (np.abs(spectrum) ** 2).sum(axis=1)
    return float(power[(at < hz[0]) | (at > hz[1])].sum()) / len(samples)


def _db(samples: Samples) -> float:
    power = float((samples.astype(np.float64) ** 2).mean()) if len(samples) else 0.0
    return float(10 * np.log10(power + _LEAST))
