"""From a piece as read to a piece on the grid, with what is known of it in its bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from studio.ai.composer.chords import chord_named
from studio.ai.composer.grid import EARLY_TICKS, bars_between, quantised
from studio.ai.composer.keys import NO_SIGNATURE
from studio.ai.composer.piece import CHORDS_PER_BAR, SUB_TICKS, SUBS, Piece, PiecePart, Table
from studio.ai.training.composer.raw import RawPiece, short_meter
from studio.ai.training.composer.sections import section_class
from studio.domain.tempo import TICKS_PER_QUARTER, MeterChange, TempoChange, TempoMap

SLOWEST_BPM, FASTEST_BPM = 20.0, 400.0
_FINEST = TICKS_PER_QUARTER // 4
Ints: TypeAlias = npt.NDArray[np.int64]
Row = TypeVar("Row", bound=tuple[Any, ...])


def piece_of(raw: RawPiece) -> Piece:
    """The piece on the grid. Keys, chords and sections are filled where the source gives them.

    Raises:
        StudioError: It has more bars than a piece can have.
    """
    notes = raw.notes
    ends = np.maximum(notes["start"] + notes["length"], notes["start"] + EARLY_TICKS + 1)
    bars = bars_between(tempo_map(raw), int(ends.max(initial=1)))
    if not raw.tempos:
        bars["bpm"] = 0
    _fill(bars, raw)
    parts = tuple(PiecePart(p.program, p.drums, p.role, p.name, p.performed) for p in raw.parts)
    grid = quantised(
        notes["start"],
        notes["length"],
        notes["pitch"],
        notes["velocity"],
        notes["part"],
        bars,
        parts,
    )
    return Piece(
        bars=bars,
        parts=parts,
        notes=grid,
        collection=raw.collection,
        title=raw.title,
        styles=raw.styles,
        source=raw.source,
        swing=raw.swing,
        has_velocity=raw.has_velocity,
        has_deviation=raw.has_deviation,
        has_tempo=raw.has_tempo and bool(raw.tempos),
    )


def tempo_map(raw: RawPiece) -> TempoMap:
    """Tempos and meters as the song's map has them.

    A meter that changes inside a bar ends that bar there, to the nearest sixteenth.
    """
    tempos = {0: 120.0}
    for tick, bpm in sorted(raw.tempos):
        tempos[max(tick, 0)] = min(max(bpm, SLOWEST_BPM), FASTEST_BPM)
    meters = [MeterChange(0, 4, 4)]
    for tick, beats, unit in sorted(raw.meters):
        if 1 <= beats <= 64 and unit in (1, 2, 4, 8, 16):
            _change_meter(meters, max(tick, 0), beats, unit)
    return TempoMap(tuple(TempoChange(t, bpm) for t, bpm in sorted(tempos.items())), tuple(meters))


def _change_meter(meters: list[MeterChange], tick: int, beats: int, unit: int) -> None:
    last = meters[-1]
    tick = last.tick + round((tick - last.tick) / _FINEST) * _FINEST
    if (last.beats, last.unit) == (beats, unit):
        return
    rest = (tick - last.tick) % last.ticks_per_bar
    if rest:
        _append(meters, tick - rest, *short_meter(rest))
    _append(meters, tick, beats, unit)


def _append(meters: list[MeterChange], tick: int, beats: int, unit: int) -> None:
    if meters[-1].tick == tick:
        meters.pop()
    if not meters or (meters[-1].beats, meters[-1].unit) != (beats, unit):
        meters.append(MeterChange(tick, beats, unit))


def fifths_of(raw: RawPiece, bars: Table) -> Ints:
    """The key signature of each bar, `NO_SIGNATURE` where there is none."""
    at, rows = _held(raw.signatures, bars["start"].astype(np.int64) * SUB_TICKS)
    sharps = np.array([NO_SIGNATURE, *(row[1] for row in rows)])
    return sharps[at + 1]


def _held(rows: Sequence[Row], places: npt.ArrayLike) -> tuple[Ints, list[Row]]:
    """Which row holds at each place (-1: none yet), and the rows in order.

    Of rows at one place the first holds: transposing instruments write other signatures.
    """
    first: dict[float, Row] = {}
    for row in rows:
        first.setdefault(row[0], row)
    kept = sorted(first.values(), key=lambda row: row[0])
    times = np.array([row[0] for row in kept], np.float64)
    return np.searchsorted(times, np.asarray(places), side="right") - 1, kept


def _fill(bars: Table, raw: RawPiece) -> None:
    """Write the given keys, chords and sections into the bars."""
    start, length = bars["start"] / SUBS, bars["length"] / SUBS
    at, keys = _held(raw.keys, start * TICKS_PER_QUARTER)
    bars["tonic"] = np.array([-1, *(key[1] for key in keys)])[at + 1]
    bars["mode"] = np.array([-1, *(key[2] for key in keys)])[at + 1]
    at, sections = _held(raw.sections, start)
    bars["section"] = np.array([0, *(section_class(name) for _, name in sections)])[at + 1]
    middles = (np.arange(CHORDS_PER_BAR) + 0.5) / CHORDS_PER_BAR
    at, chords = _held(raw.chords, start[:, None] + length[:, None] * middles)
    named = np.array([(-1, 0), *(chord_named(text) for _, text in chords)])
    bars["root"], bars["quality"] = named[at + 1, 0], named[at + 1, 1]
