"""Points of a curve over time: what a stroke, an eraser or a hand on one of them makes of them."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.domain.notes import POINT_DTYPE

Points: TypeAlias = npt.NDArray[Any]  # of POINT_DTYPE, ticks rising
Range: TypeAlias = tuple[float, float]  # the lowest and the highest value


def with_stroke(
    points: Points, drawn: tuple[tuple[int, float], ...], within: Range, curve: int, last: int
) -> Points:
    """`drawn` (tick, value) in place of all between the first and the last of them.

    Each leads to the next by `curve` (HOLD or LINEAR), and the last one to what follows by `last`.
    """
    if not drawn:
        return points
    pairs = sorted(dict(drawn).items())
    made = np.zeros(len(pairs), POINT_DTYPE)
    made["tick"], values = zip(*pairs, strict=True)
    made["value"] = np.clip(values, *within)
    made["curve"] = curve
    made["curve"][-1] = last
    kept = without_span(points, pairs[0][0], pairs[-1][0])
    joined = np.concatenate([kept, made])
    return joined[np.argsort(joined["tick"], kind="stable")]


def without_span(points: Points, start: int, end: int) -> Points:
    """The points that do not lie in [start, end]."""
    return points[(points["tick"] < start) | (points["tick"] > end)]


def with_moved(points: Points, tick: int, to_tick: int, value: float, within: Range) -> Points:
    """The point at `tick` at another one, between its neighbours, and at another value."""
    found = np.flatnonzero(points["tick"] == tick)
    if not len(found):
        return points
    index, moved = int(found[0]), points.copy()
    least = int(points["tick"][index - 1]) + 1 if index else 0
    to_tick = max(to_tick, least)
    if index + 1 < len(points):
        to_tick = min(to_tick, int(points["tick"][index + 1]) - 1)
    moved["tick"][index] = to_tick
    moved["value"][index] = min(max(value, within[0]), within[1])
    return moved
