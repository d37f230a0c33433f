"""How far a figure may be off, from the sample it was taken of: 95 % confidence intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from scipy import stats

RESAMPLES = 2000
Interval: TypeAlias = list[float]  # the figure, its lower end, its upper end


def mean(values: Sequence[float], scale: float = 1.0) -> Interval:
    """Of the values that are there, times `scale`, by the bootstrap (percentiles); NaN of none."""
    found = np.array(values, float)
    found = scale * found[np.isfinite(found)]
    if len(found) < 2:
        return [float(found.mean()) if len(found) else float("nan"), float("nan"), float("nan")]
    drawn = np.random.default_rng(1).integers(len(found), size=(RESAMPLES, len(found)))
    return [float(found.mean()), *np.percentile(found[drawn].mean(1), (2.5, 97.5)).tolist()]


def percent(count: int, number: int) -> Interval:
    """Of `count` among `number`, by Wilson's score."""
    if not number:
        return [float("nan")] * 3
    ends = stats.binomtest(count, number).proportion_ci(method="wilson")
    return [100 * count / number, 100 * float(ends.low), 100 * float(ends.high)]


def told(interval: Interval, digits: int = 1) -> str:
    """As "76.2 (71.0 to 80.9)"; a figure without ends alone, and a dash for none."""
    middle, low, high = interval
    if not np.isfinite(middle):
        return "–"
    said = f"{middle:.{digits}f}"
    return f"{said} ({low:.{digits}f} to {high:.{digits}f})" if np.isfinite(low) else said
