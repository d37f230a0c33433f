"""Between ticks and the composer's grid: where a note is written, and how late it is played.

A grid is chosen for each part and quarter by least description length: what the onsets stray from
the grid, and what it takes to say where on the grid they are, so that a finer grid must earn its
places. The rest stays as deviation: a swung or loosely played note keeps its written place.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.ai.composer.piece import (
    BAR_DTYPE,
    DEVIATION_TICKS,
    GRID_NOTE,
    MOST_BEATS,
    MOST_DEVIATION,
    SUB_TICKS,
    SUBS,
    PiecePart,
    Table,
    ordered,
)
from studio.ai.composer.vocabulary import LENGTHS
from studio.core.errors import StudioError
from studio.domain.tempo import TICKS_PER_QUARTER, TempoMap

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Subs of a quarter, and what it takes to choose the grid at all (nats). The last holds triplets
# over sixteenths in one hand.
_GRIDS: tuple[tuple[tuple[int, ...], float], ...] = (
    ((0, 6, 12, 18), 0.0),
    ((0, 3, 6, 9, 12, 15, 18, 21), 3.5),
    ((0, 8, 16), 0.8),
    ((0, 4, 8, 12, 16, 20), 2.5),
    ((0, 6, 8, 12, 16, 18), 5.0),
)
_PRICES = np.array([price for _, price in _GRIDS])
_PLACE_PRICES = np.log([len(places) for places, _ in _GRIDS])
_PLAYED_SPREAD, _WRITTEN_SPREAD = 36.0, 12.0  # ticks that onsets stray (one standard deviation)
_WRITTEN_SHARE = 0.8  # of a part's onsets exactly on a place: then it is written, not played
_EXACT_TICKS = 2
_COLLISION_PRICE = 4.0  # of a note that would fall on another of its pitch
_UNREACHABLE = 1e6
_REACH = DEVIATION_TICKS * (MOST_DEVIATION + 0.5)  # ticks that a deviation can hold
_NEIGHBOURS = ((1, 0.4), (2, 0.2))  # how far off (in quarters with notes), and how much they say
_BAND = 0.2  # how much the other parts say
_MOST_SAID = 4.0  # nats, by a neighbour
_NEAR = 4  # quarters: what lies further off says nothing
_MOST_BARS = 2**16
EARLY_TICKS = TICKS_PER_QUARTER // 16  # before a bar line, a note belongs to the bar that follows

_EDGES = SUB_TICKS * (np.array(LENGTHS[1:]) + np.array(LENGTHS[:-1])) / 2  # between lengths, ticks
_LENGTH_TICKS = SUB_TICKS * np.array(LENGTHS, np.int64)


def _tables() -> tuple[Ints, Ints]:
    """For each grid and tick of a quarter the place at or before it and the one after, ticks."""
    ticks = np.arange(TICKS_PER_QUARTER)
    below, above = [], []
    for places, _ in _GRIDS:
        edges = np.array((*places, SUBS)) * SUB_TICKS
        after = np.searchsorted(edges, ticks, side="right")
        below.append(edges[after - 1])
        above.append(edges[after])
    return np.array(below), np.array(above)


_BELOW, _ABOVE = _tables()
_LEANS = np.array([0, -20, 20, -40, 40, -60, 60])  # ticks late
_LEAN_SPREAD = 15.0
# What an onset of a played part has against each grid, by its tick in the quarter; [grids, 960].
_STRAYS = np.minimum(np.arange(TICKS_PER_QUARTER) - _BELOW, _ABOVE - np.arange(TICKS_PER_QUARTER))
_STRAYS = _STRAYS**2 / (2.0 * _PLAYED_SPREAD**2)
_PLACES = np.zeros(TICKS_PER_QUARTER + _EXACT_TICKS + 1, bool)  # ticks that are a place, nearly
for _place in sorted({place * SUB_TICKS for places, _ in _GRIDS for place in (*places, SUBS)}):
    _PLACES[max(_place - _EXACT_TICKS, 0) : _place + _EXACT_TICKS + 1] = True


# --- bars -------------------------------------------------------------------------------------


def bars_between(tempo: TempoMap, end_ticks: int) -> Table:
    """The bars from the start of the music until `end_ticks` is reached, without a hole.

    A bar of more than 16 quarters is kept as several, of 16 quarters and what is left, each with
    the meter as written. `bpm` is a bar's mean tempo. Keys and chords are unknown, sections too.

    Args:
        end_ticks: 960 a quarter. For notes, take the latest of their ends and of their starts
            + `EARLY_TICKS` + 1, so that one played just before a bar line finds its bar.

    Returns:
        Table of `BAR_DTYPE`, shape [b].

    Raises:
        StudioError: There would be more than 65536 bars.
    """
    rows = [np.zeros((0, 4), np.int64)]
    for index, meter in enumerate(tempo.meters):
        later = tempo.meters[index + 1 : index + 2]
        end = min(end_ticks, later[0].tick) if later else end_ticks
        count = -(-max(end - meter.tick, 0) // meter.ticks_per_bar)
        if count > _MOST_BARS:
            raise _too_long()
        offsets = np.arange(0, meter.ticks_per_bar, MOST_BEATS * TICKS_PER_QUARTER)
        lengths = np.minimum(meter.ticks_per_bar - offsets, MOST_BEATS * TICKS_PER_QUARTER)
        starts = meter.tick + np.arange(count)[:, None] * meter.ticks_per_bar + offsets
        each = np.broadcast_to(lengths, starts.shape)
        columns = (starts.ravel(), each.ravel(), np.full(starts.size, meter.beats))
        rows.append(np.stack((*columns, np.full(starts.size, meter.unit)), axis=1))
    table = np.concatenate(rows)
    if len(table) > _MOST_BARS:
        raise _too_long()
    return _blank_bars(tempo, table)


def _too_long() -> StudioError:
    return StudioError(
        f"The song has more than {_MOST_BARS} bars.", "Move what lies far behind its end."
    )


def _blank_bars(tempo: TempoMap, rows: Ints) -> Table:
    """Bars from (start, length, beats, unit), ticks, shape [b, 4]."""
    start, length, beats, unit = rows.T
    bars = np.zeros(len(rows), BAR_DTYPE)
    bars["start"], bars["length"] = start // SUB_TICKS, length // SUB_TICKS
    bars["beats"], bars["unit"] = beats, unit
    seconds = tempo.seconds(start + length) - tempo.seconds(start)
    bars["bpm"] = length / TICKS_PER_QUARTER * 60.0 / seconds
    for name in ("tonic", "mode", "root", "recall"):
        bars[name] = -1
    return bars


# --- notes ------------------------------------------------------------------------------------


def quantised(
    start: npt.ArrayLike,
    length: npt.ArrayLike,
    pitch: npt.ArrayLike,
    velocity: npt.ArrayLike,
    part: npt.ArrayLike,
    bars: Table,
    parts: tuple[PiecePart, ...],
    *,
    timing: npt.ArrayLike | None = None,
) -> Table:
    """Notes on the grid, in canonical order; see `quantised_from`.

    Returns:
        Table of `GRID_NOTE`, shape [m], m <= n.
    """
    return quantised_from(start, length, pitch, velocity, part, bars, parts, timing=timing)[0]


def quantised_from(
    start: npt.ArrayLike,
    length: npt.ArrayLike,
    pitch: npt.ArrayLike,
    velocity: npt.ArrayLike,
    part: npt.ArrayLike,
    bars: Table,
    parts: tuple[PiecePart, ...],
    *,
    timing: npt.ArrayLike | None = None,
) -> tuple[Table, Ints]:
    """Notes on the grid, and which of the given notes each one is.

    A note just before a bar line belongs to the downbeat after it, with a negative deviation. Every
    onset comes back from `in_ticks` within 3.75 ticks of where it was played, and every length as
    the nearest of `LENGTHS`: within half the distance to its neighbours, at least 40 ticks and at
    most 16 quarters. Of several notes of one part and pitch on one place the longest is kept (of
    these the loudest, of these the earliest).

    Args:
        start, length: Ticks from the start of the piece, shape [n].
        pitch, velocity, part: Shape [n]; a part is an index into `parts`.
        bars: Table of `BAR_DTYPE` that reaches past every start.
        timing: Ticks played late of a `start` that is on the grid, and stays there where it is and
            a deviation can hold the timing; NaN where `start` is as played. Shape [n].

    Returns:
        Table of `GRID_NOTE`, shape [m], and indices into the given notes, shape [m].

    Raises:
        ValueError: A note starts outside the bars, or belongs to none of `parts`.
    """
    start, part = np.asarray(start, np.int64), np.asarray(part, np.int64)
    pitch = np.asarray(pitch, np.int64)
    late = np.full(len(start), np.nan) if timing is None else np.asarray(timing, np.float64)
    _check(start, part, bars, parts)
    if not len(start):
        return np.zeros(0, GRID_NOTE), np.zeros(0, np.int64)
    meant = (start % SUB_TICKS == 0) & (np.abs(late) < _REACH)
    end = (int(bars["start"][-1]) + int(bars["length"][-1])) * SUB_TICKS
    played = start + np.nan_to_num(late)
    heard = np.where(meant, start, np.clip(np.rint(played), 0, end - 1)).astype(np.int64)
    place = np.where(meant, start, _placed(heard, pitch, part, bars))
    off = np.where(meant, played, heard) - place
    table = np.zeros(len(start), GRID_NOTE)
    table["part"], table["pitch"], table["velocity"] = part, pitch, velocity
    table["bar"], table["sub"] = _in_bars(place, bars)
    table["length"] = np.searchsorted(_EDGES, np.asarray(length), side="left")
    table["deviation"] = np.clip(np.rint(off / DEVIATION_TICKS), -MOST_DEVIATION, MOST_DEVIATION)
    best_first = np.lexsort((off, -table["velocity"].astype(int), -table["length"].astype(int)))
    return ordered_from(table[best_first], best_first, parts)


def ordered_from(notes: Table, source: Ints, parts: tuple[PiecePart, ...]) -> tuple[Table, Ints]:
    """As `piece.ordered`, and for each note what `source` says of it; both of shape [m]."""
    table = np.zeros(len(notes), [*GRID_NOTE.descr, ("source", "<i8")])
    for name in GRID_NOTE.names or ():
        table[name] = notes[name]
    table["source"] = source
    table = ordered(table, parts)
    kept = np.empty(len(table), GRID_NOTE)
    for name in GRID_NOTE.names or ():
        kept[name] = table[name]
    return kept, table["source"]


def in_ticks(notes: Table, bars: Table) -> tuple[Ints, Ints, Floats]:
    """Start (on the grid), length and timing of notes on the grid, ticks, each of shape [n].

    Timing is the deviation, in halves of a tick: a note is played at start + timing.
    """
    start = (bars["start"].astype(np.int64)[notes["bar"]] + notes["sub"]) * SUB_TICKS
    return start, _LENGTH_TICKS[notes["length"]], notes["deviation"] * DEVIATION_TICKS


def _check(start: Ints, part: Ints, bars: Table, parts: tuple[PiecePart, ...]) -> None:
    if not len(start):
        return
    end = (int(bars["start"][-1]) + int(bars["length"][-1])) * SUB_TICKS if len(bars) else 0
    if start.min() < 0 or start.max() >= end:
        raise ValueError("a note starts outside the bars")
    if part.min() < 0 or part.max() >= len(parts):
        raise ValueError("a note belongs to no part")


def _in_bars(ticks: Ints, bars: Table) -> tuple[Ints, Ints]:
    """Bar and sub in it of places on the grid."""
    subs = ticks // SUB_TICKS
    bar = np.searchsorted(bars["start"], subs, side="right") - 1
    return bar, subs - bars["start"][bar]


# --- the choice of a grid ---------------------------------------------------------------------


class _Onsets(NamedTuple):
    """Where notes stand: each column of shape [n]."""

    part: Ints
    quarter: Ints  # counted through the piece; each bar begins one
    at: Ints  # tick at which the quarter begins
    rest: Ints  # ticks into it
    cut: Ints  # ticks that the quarter lasts: the last one of a bar may be cut short


def _placed(start: Ints, pitch: Ints, part: Ints, bars: Table) -> Ints:
    """The place of each note on the grid of its part and quarter, ticks."""
    onsets = _onsets(start, part, bars)
    spread = _spreads(onsets)
    lean = _leans(onsets, spread)[part]
    end = (int(bars["start"][-1]) + int(bars["length"][-1])) * SUB_TICKS
    if lean.any():
        onsets = _onsets(np.clip(start - lean, 0, end - 1), part, bars)
    near = _nearest(onsets, end)
    off: Floats = (near - onsets.rest).astype(float)
    scale = 1.0 / (2.0 * spread[part] ** 2)
    against = off * off * scale + _COLLISION_PRICE * _collisions(onsets, pitch, near)
    against[np.abs(onsets.at + near - start) > _REACH] = _UNREACHABLE
    return onsets.at + near[_grids(onsets, against), np.arange(len(start))]


def _onsets(start: Ints, part: Ints, bars: Table) -> _Onsets:
    starts = bars["start"].astype(np.int64) * SUB_TICKS
    lengths = bars["length"].astype(np.int64) * SUB_TICKS
    first = np.cumsum(-(-lengths // TICKS_PER_QUARTER))
    bar = np.searchsorted(starts, start, side="right") - 1
    quarter, rest = np.divmod(start - starts[bar], TICKS_PER_QUARTER)
    cut = np.minimum(lengths[bar] - quarter * TICKS_PER_QUARTER, TICKS_PER_QUARTER)
    before = np.concatenate(([0], first[:-1]))
    return _Onsets(part, before[bar] + quarter, start - rest, rest, cut)


def _nearest(onsets: _Onsets, end: int) -> Ints:
    """The nearest place of each grid, ticks into the quarter; shape [grids, n]."""
    below, above = _BELOW[:, onsets.rest], np.minimum(_ABOVE[:, onsets.rest], onsets.cut)
    up = above - onsets.rest < onsets.rest - below
    up &= onsets.at + above < end  # nothing can be written behind the last bar
    near: Ints = np.where(up, above, below)
    return near


def _collisions(onsets: _Onsets, pitch: Ints, near: Ints) -> npt.NDArray[np.bool_]:
    """Whether a note falls on an earlier one of its part and pitch, shape [grids, n]."""
    order = np.lexsort((onsets.rest, onsets.at, onsets.part * 128 + pitch))
    same = np.diff((onsets.part * 128 + pitch)[order]) == 0
    # those that start together are one note on every grid
    same &= np.diff((onsets.at + onsets.rest)[order]) > 0
    hits = np.zeros(near.shape, bool)
    hits[:, order[1:]] = (np.diff((onsets.at + near)[:, order], axis=1) == 0) & same
    return hits


class _Moments(NamedTuple):
    """Notes in one sub of a quarter speak with one voice, so that a chord, however thick, asks for
    no finer grid than a single note."""

    which: Ints  # the moment of each note, shape [n]
    sizes: Ints  # notes in each moment, shape [m]
    first: Ints  # of the moments in each group of one part and quarter, shape [g]
    groups: Ints  # part * quarters + quarter, rising, shape [g]
    quarters: int


def _moments(onsets: _Onsets) -> _Moments:
    quarters = int(onsets.quarter.max()) + 1
    moment = (onsets.part * quarters + onsets.quarter) * SUBS + onsets.rest // SUB_TICKS
    moments, which, sizes = np.unique(moment, return_inverse=True, return_counts=True)
    groups, first = np.unique(moments // SUBS, return_index=True)
    return _Moments(which, sizes, first, groups, quarters)


def _costs(moments: _Moments, against: Floats) -> Floats:
    """What each grid costs each group, nats, from what each note has against it, [grids, n]."""
    said = np.stack([np.bincount(moments.which, row) for row in against]) / moments.sizes
    costs = np.add.reduceat(said + _PLACE_PRICES[:, None], moments.first, axis=1)
    return np.asarray(costs + _PRICES[:, None])


def _grids(onsets: _Onsets, against: Floats) -> Ints:
    """The grid of each note, shape [n]."""
    moments = _moments(onsets)
    costs = _costs(moments, against)
    chosen: Ints = np.argmin(costs + _heard_around(costs, moments.groups, moments.quarters), axis=0)
    group = np.repeat(np.arange(len(moments.first)), np.diff([*moments.first, len(moments.sizes)]))
    return chosen[group[moments.which]]


def _spreads(onsets: _Onsets) -> Floats:
    """By how much the onsets of each part stray, ticks: little where nearly all are exact."""
    count = np.bincount(onsets.part)
    exact = np.bincount(onsets.part, _PLACES[onsets.rest])
    return np.where(exact >= _WRITTEN_SHARE * count, _WRITTEN_SPREAD, _PLAYED_SPREAD)


def _leans(onsets: _Onsets, spread: Floats) -> Ints:
    """By how much each part is late throughout, ticks: what makes its grids cost least."""
    played = spread[onsets.part] == _PLAYED_SPREAD
    if not played.any():
        return np.zeros(len(spread), np.int64)
    onsets = _Onsets(*(column[played] for column in onsets))
    moments = _moments(onsets)
    part = moments.groups // moments.quarters
    totals = []
    for lean in _LEANS:
        costs = _costs(moments, _STRAYS[:, (onsets.rest - lean) % TICKS_PER_QUARTER])
        totals.append(np.bincount(part, costs.min(axis=0), len(spread)))
    prior = np.square(_LEANS) / (2.0 * _LEAN_SPREAD**2)
    best: Ints = _LEANS[np.argmin(np.array(totals) + prior[:, None], axis=0)]
    return best


def _heard_around(costs: Floats, groups: Ints, quarters: int) -> Floats:
    """What the quarters around, and the other parts in the same one, have against each grid."""
    said: Floats = np.minimum(costs - costs.min(axis=0), _MOST_SAID)
    around: Floats = np.zeros_like(said)
    part, quarter = np.divmod(groups, quarters)
    for far, weight in _NEIGHBOURS:
        near = (part[far:] == part[:-far]) & (quarter[far:] - quarter[:-far] <= _NEAR)
        around[:, far:] += weight * said[:, :-far] * near
        around[:, :-far] += weight * said[:, far:] * near
    count = np.bincount(quarter)
    for row, own in zip(around, said, strict=True):
        others = np.bincount(quarter, own)[quarter] - own
        row += _BAND * others / np.maximum(count[quarter] - 1, 1)
    return around
