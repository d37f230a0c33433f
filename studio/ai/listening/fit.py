"""From beats that were heard to musical time: a tempo map that fits a recording, and notes of a
hummed line on its beats and in a key.

Times are seconds from the start of what was heard.
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from studio.ai.listening.heard import Beats, HeardNotes, Seconds
from studio.domain.tempo import TICKS_PER_QUARTER, MeterChange, TempoChange, TempoMap
from studio.domain.theory import Key

NEARNESS_SECONDS = 0.02  # a beat so near to where it belongs is in time
FASTEST_BPM, SLOWEST_BPM = 960.0, 10.0  # bpm of a tempo map
_SOONEST = 15.0 / FASTEST_BPM  # seconds; a bar that is earlier begins at once
_MOST_BEATS = 64  # of a bar
_CONE_BEATS = 64  # looked at together, at first


def tempo_map(beats: Beats) -> TempoMap:
    """A tempo map from the recording's first moment on, whose quarters are the beats.

    One tempo holds for as long as every beat lies within `NEARNESS_SECONDS` of its quarter; the
    first downbeat begins a bar, and what sounds before it fills one bar at a tempo of its own.
    Without two beats: 120 bpm.
    """
    if len(beats) < 2:
        return TempoMap()
    first = int(np.flatnonzero(beats.downbeats)[0]) if beats.downbeats.any() else 0
    after = beats.seconds[first:]
    if len(after) < 2:
        first, after = 0, beats.seconds
    if after[0] < _SOONEST:
        after = np.concatenate([[0.0], after[1:]])
    points = corners(after)
    lead, tempos = _lead(points[0][1], beats.bpm)
    first_tick = lead.ticks_per_bar if lead is not None else 0
    for (beat, second), (later, end) in itertools.pairwise(points):
        bpm = 60.0 * (later - beat) / (end - second)
        tempos[first_tick + beat * TICKS_PER_QUARTER] = min(max(bpm, SLOWEST_BPM), FASTEST_BPM)
    kept: list[TempoChange] = []
    for tick, bpm in tempos.items():
        if not kept or kept[-1].bpm != bpm:
            kept.append(TempoChange(tick, bpm))
    return TempoMap(tuple(kept), _meters(beats.downbeats[first:], lead))


def _lead(start: float, bpm: float) -> tuple[MeterChange | None, dict[int, float]]:
    """The bar that stands before the first downbeat, and its tempo: quarters at about `bpm`, or a
    sixteenth where there is no time for more; none where that is too long, too."""
    if start < _SOONEST:
        return None, {}
    if start < 60.0 / FASTEST_BPM:
        return MeterChange(0, 1, 16), {0: 15.0 / start}
    most = min(int(start * FASTEST_BPM / 60.0), _MOST_BEATS)
    count = max(min(round(start * bpm / 60.0), most), 1)
    return MeterChange(0, count, 4), {0: max(60.0 * count / start, SLOWEST_BPM)}


def corners(seconds: Seconds) -> list[tuple[int, float]]:
    """(beat, second) at which a tempo begins, the last one at the last beat: one line where that
    passes every beat near enough, else as few as a cone swung from corner to corner finds."""
    beat = np.arange(len(seconds))
    slope, start = np.polyfit(beat, seconds, 1)
    line = start + slope * beat
    if np.abs(line - seconds).max() <= NEARNESS_SECONDS and line[0] >= _SOONEST:
        return [(0, float(line[0])), (len(seconds) - 1, float(line[-1]))]
    corners, at, second = [(0, float(seconds[0]))], 0, float(seconds[0])
    while at < len(seconds) - 1:
        end, low, high = _cone(seconds, at, second)
        slope = _within(low, high, (seconds[end] - second) / (end - at))
        second += slope * (end - at)
        at = end
        corners.append((at, float(second)))
    return corners


def _cone(seconds: Seconds, at: int, second: float) -> tuple[int, float, float]:
    """How far one tempo from beat `at` on passes every beat near enough, and between which times
    from beat to beat it lies."""
    count, last = _CONE_BEATS, len(seconds) - 1
    while True:
        later = np.arange(at + 1, min(at + count, last) + 1)
        apart, away = later - at, seconds[later] - second
        low = np.maximum.accumulate((away - NEARNESS_SECONDS) / apart)
        high = np.minimum.accumulate((away + NEARNESS_SECONDS) / apart)
        inside = int(np.argmax(low > high)) or len(later)
        if inside < len(later) or later[-1] == last:
            return at + inside, float(low[inside - 1]), float(high[inside - 1])
        count *= 4


def _within(low: float, high: float, wanted: float) -> float:
    return float(min(max(wanted, low), high))


def _meters(downbeats: npt.NDArray[np.bool_], lead: MeterChange | None) -> tuple[MeterChange, ...]:
    """A meter for each bar of another length than the one before."""
    starts = np.flatnonzero(downbeats)
    meters = [lead] if lead is not None else []
    first = 0 if lead is None else lead.ticks_per_bar
    lengths = [min(int(length), _MOST_BEATS) for length in np.diff(starts)] or [4]
    begins = [int(start) for start in starts] if len(starts) > 1 else [0]
    for start, beats in zip(begins, lengths, strict=False):
        if not meters or (meters[-1].beats, meters[-1].unit) != (beats, 4):
            meters.append(MeterChange(first + start * TICKS_PER_QUARTER, beats, 4))
    return tuple(meters)


def in_key(heard: HeardNotes, beats: Beats, key: Key | None, parts: int = 4) -> HeardNotes:
    """Notes moved to the nearest of `parts` parts of a beat, and to the nearest pitch of the key.

    Without two beats they keep their time; no note is shorter than one part.
    """
    begin, stop = (_on_grid(moments, beats, parts) for moments in (heard.start, heard.end))
    least = np.maximum(_on_grid(heard.start, beats, parts, 1), begin + 1e-3)
    pitch = heard.pitch
    if key is not None:
        pitch = np.array([key.nearest(tone) for tone in range(128)], np.int64)[pitch]
    row = np.lexsort((pitch, begin))
    end, velocity = np.maximum(stop, least), np.clip(heard.velocity, 1, 127)
    return HeardNotes(begin[row], end[row], pitch[row], velocity[row], heard.why)


def _on_grid(moments: Seconds, beats: Beats, parts: int, later: int = 0) -> Seconds:
    """The nearest part of a beat, or `later` parts after it; before the first beat and after the
    last, beats go on as there."""
    if len(beats) < 2:
        return moments
    seconds = beats.seconds
    index = np.searchsorted(seconds, moments, side="right") - 1
    index = np.clip(index, 0, len(seconds) - 2)
    length = seconds[index + 1] - seconds[index]
    part = np.rint((moments - seconds[index]) / length * parts) + later
    return np.asarray(np.maximum(seconds[index] + part * length / parts, 0.0))
