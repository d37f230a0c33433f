"""Musical time and audio time: ticks, seconds, frames, bars and beats.

Ticks are int64, 960 to the quarter note. Tempo and meter change in steps.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

TICKS_PER_QUARTER = 960
LAST_TICK = 2**40  # two weeks of music at 960 bpm; keeps every product within int64


@dataclass(frozen=True, slots=True)
class TempoChange:
    tick: int
    bpm: float  # quarter notes a minute


@dataclass(frozen=True, slots=True)
class MeterChange:
    tick: int  # always the start of a bar
    beats: int
    unit: int  # 1, 2, 4, 8, 16 or 32

    @property
    def ticks_per_beat(self) -> int:
        return TICKS_PER_QUARTER * 4 // self.unit

    @property
    def ticks_per_bar(self) -> int:
        return self.beats * self.ticks_per_beat


@dataclass(frozen=True, slots=True)
class Position:
    """Bar and beat count from 1 as musicians do; `tick` is within the beat."""

    bar: int
    beat: int
    tick: int


@dataclass(frozen=True)
class TempoMap:
    """Converts between ticks, seconds, frames and bars; every conversion is vectorised.

    Raises:
        ValueError: A list is empty, does not start at tick 0, does not rise, holds a tempo outside
            10-960 bpm or a meter that is not one, or a meter changes inside a bar.
    """

    tempos: tuple[TempoChange, ...] = (TempoChange(0, 120.0),)
    meters: tuple[MeterChange, ...] = (MeterChange(0, 4, 4),)

    def __post_init__(self) -> None:
        for changes in (self.tempos, self.meters):
            ticks = [change.tick for change in changes]
            if not ticks or ticks[0] != 0 or any(a >= b for a, b in itertools.pairwise(ticks)):
                raise ValueError("tempo and meter changes start at tick 0 and rise")
        if any(not 10.0 <= tempo.bpm <= 960.0 for tempo in self.tempos):
            raise ValueError("a tempo lies between 10 and 960 bpm")
        if any(
            meter.unit not in (1, 2, 4, 8, 16, 32) or not 1 <= meter.beats <= 64
            for meter in self.meters
        ):
            raise ValueError("a meter is 1-64 beats of a whole to a thirty-second note")
        for before, after in zip(self.meters, self.meters[1:], strict=False):
            if (after.tick - before.tick) % before.ticks_per_bar:
                raise ValueError("a meter changes at the start of a bar")

    @classmethod
    def constant(cls, bpm: float, beats: int = 4, unit: int = 4) -> Self:
        return cls((TempoChange(0, float(bpm)),), (MeterChange(0, beats, unit),))

    # -- seconds and frames -------------------------------------------------------------------
    def seconds(self, ticks: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Seconds from the song's start; same shape as `ticks`."""
        wanted = np.asarray(ticks, dtype=np.int64)
        at, seconds, per_tick = self._segments
        last = np.clip(np.searchsorted(at, wanted, side="right") - 1, 0, None)
        return seconds[last] + (wanted - at[last]) * per_tick[last]

    def ticks(self, seconds: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """The nearest tick; same shape as `seconds`."""
        wanted = np.asarray(seconds, dtype=np.float64)
        at, start, per_tick = self._segments
        last = np.clip(np.searchsorted(start, wanted, side="right") - 1, 0, None)
        return np.rint(at[last] + (wanted - start[last]) / per_tick[last]).astype(np.int64)

    def frames(self, ticks: npt.ArrayLike, sample_rate: int) -> npt.NDArray[np.int64]:
        """The nearest frame, always counted from the song's start: the only rounding there is."""
        return np.rint(self.seconds(ticks) * sample_rate).astype(np.int64)

    def frame(self, tick: int, sample_rate: int) -> int:
        return int(self.frames(tick, sample_rate))

    def tick_of_frame(self, frame: int, sample_rate: int) -> int:
        return int(self.ticks(frame / sample_rate))

    # -- bars and beats -----------------------------------------------------------------------
    def tempo_at(self, tick: int) -> float:
        return self.tempos[_last(self._tempo_ticks, tick)].bpm

    def meter_at(self, tick: int) -> MeterChange:
        return self.meters[_last(self._meter_ticks, tick)]

    def position(self, tick: int) -> Position:
        index = _last(self._meter_ticks, tick)
        meter = self.meters[index]
        bars, rest = divmod(tick - meter.tick, meter.ticks_per_bar)
        beat, within = divmod(rest, meter.ticks_per_beat)
        return Position(int(self._meter_bars[index]) + bars + 1, beat + 1, within)

    def bar_start(self, bar: int) -> int:
        """The tick at which bar `bar` (counted from 1) starts."""
        index = int(np.searchsorted(self._meter_bars, bar - 1, side="right")) - 1
        meter = self.meters[max(index, 0)]
        return meter.tick + (bar - 1 - int(self._meter_bars[max(index, 0)])) * meter.ticks_per_bar

    def bar_at(self, tick: int) -> int:
        """The bar (from 1) that holds `tick`."""
        return self.position(tick).bar

    def bar_starts(self, start: int, end: int) -> list[int]:
        """The ticks in [start, end) at which a bar starts."""
        first = self.bar_at(max(start, 0))
        found, bar = [], first
        while (tick := self.bar_start(bar)) < end:
            if tick >= start:
                found.append(tick)
            bar += 1
        return found

    def next_bar(self, tick: int) -> int:
        """The first bar start at or after `tick`."""
        bar = self.bar_at(tick)
        start = self.bar_start(bar)
        return start if start == tick else self.bar_start(bar + 1)

    def beat_ticks(self, ticks: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """How long the beats last that hold `ticks`; same shape."""
        return self._beats[1][self._beat_rows(ticks)]

    def nearest_beats(self, ticks: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """The start of the beat next to each tick; same shape."""
        at, lasts = self._beats
        row = self._beat_rows(ticks)
        passed = np.asarray(ticks, np.int64) - at[row]
        return np.asarray(at[row] + (passed + lasts[row] // 2) // lasts[row] * lasts[row])

    # -- changes ------------------------------------------------------------------------------
    def with_tempo(self, tick: int, bpm: float) -> Self:
        """The map with a tempo set at `tick`, in force until the next change."""
        kept = [tempo for tempo in self.tempos if tempo.tick != tick]
        return replace(
            self, tempos=tuple(sorted([*kept, TempoChange(tick, float(bpm))], key=_tick))
        )

    def with_meter(self, tick: int, beats: int, unit: int) -> Self:
        """The map with a meter set at the bar of `tick`; later changes keep their bar number."""
        at = self.bar_start(self.bar_at(tick))
        kept = [meter for meter in self.meters if meter.tick != at]
        return self._with_meters([*kept, MeterChange(at, beats, unit)])

    def without_meter(self, tick: int) -> Self:
        """The map without a change of meter but the first; later ones keep their bar number."""
        return self._with_meters([m for m in self.meters if m.tick != tick or tick == 0])

    def _with_meters(self, meters: list[MeterChange]) -> Self:
        """The map with these meters, each from the bar that it starts now."""
        bars = sorted((self.bar_at(meter.tick), meter.beats, meter.unit) for meter in meters)
        placed: list[MeterChange] = []
        last_bar = 1
        for bar, beats, unit in bars:
            start = placed[-1].tick + (bar - last_bar) * placed[-1].ticks_per_bar if placed else 0
            placed.append(MeterChange(start, beats, unit))
            last_bar = bar
        return replace(self, meters=tuple(placed))

    def without_tempo(self, tick: int) -> Self:
        return replace(self, tempos=tuple(t for t in self.tempos if t.tick != tick or tick == 0))

    # -- derived columns ----------------------------------------------------------------------
    @cached_property
    def _segments(
        self,
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        at = np.array([tempo.tick for tempo in self.tempos], dtype=np.int64)
        per_tick = np.array([60.0 / (t.bpm * TICKS_PER_QUARTER) for t in self.tempos])
        seconds = np.concatenate([[0.0], np.cumsum(np.diff(at) * per_tick[:-1])])
        return at, seconds, per_tick

    @cached_property
    def _tempo_ticks(self) -> npt.NDArray[np.int64]:
        return np.array([tempo.tick for tempo in self.tempos], dtype=np.int64)

    @cached_property
    def _meter_ticks(self) -> npt.NDArray[np.int64]:
        return np.array([meter.tick for meter in self.meters], dtype=np.int64)

    @cached_property
    def _beats(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Where each meter begins, and how long its beats last."""
        return self._meter_ticks, np.array([meter.ticks_per_beat for meter in self.meters])

    def _beat_rows(self, ticks: npt.ArrayLike) -> npt.NDArray[np.intp]:
        found = np.searchsorted(self._meter_ticks, np.asarray(ticks, np.int64), side="right")
        return np.maximum(found - 1, 0)

    @cached_property
    def _meter_bars(self) -> npt.NDArray[np.int64]:
        bars = [0]
        for before, after in zip(self.meters, self.meters[1:], strict=False):
            bars.append(bars[-1] + (after.tick - before.tick) // before.ticks_per_bar)
        return np.array(bars, dtype=np.int64)


def _tick(change: TempoChange) -> int:
    return change.tick


def _last(ticks: npt.NDArray[np.int64], tick: int) -> int:
    return max(int(np.searchsorted(ticks, tick, side="right")) - 1, 0)
