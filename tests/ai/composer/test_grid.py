"""Notes on the composer's grid: what is chosen, and how exactly it comes back."""

from __future__ import annotations

from random import Random

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.composer.grid import (
    EARLY_TICKS,
    bars_between,
    in_ticks,
    ordered_from,
    quantised,
    quantised_from,
)
from studio.ai.composer.piece import BAR_DTYPE, Piece, PiecePart, Table, ordered
from studio.ai.composer.vocabulary import LENGTHS, ROLES
from studio.core.errors import StudioError
from studio.domain.tempo import MeterChange, TempoChange, TempoMap
from tests.ai.composer.pieces import pieces
from tests.strategies import tempo_maps

Columns = dict[str, npt.NDArray[np.int64]]
QUARTER = 960
ONE = (PiecePart(0, False, "other"),)
LENGTH_TICKS = np.array(LENGTHS) * 40


def written(
    *starts: int, pitches: tuple[int, ...] = (), meter: tuple[int, int] = (4, 4)
) -> list[tuple[int, int, int]]:
    """Bar, sub and deviation of notes of one part."""
    bars = bars_between(TempoMap.constant(120, *meter), max(starts) + EARLY_TICKS + 1)
    count = len(starts)
    pitch = pitches or [60] * count
    notes = quantised(starts, [100] * count, pitch, [90] * count, [0] * count, bars, ONE)
    return [(int(n["bar"]), int(n["sub"]), int(n["deviation"])) for n in notes]


def subs(*starts: int) -> list[int]:
    return [bar * 96 + sub for bar, sub, _ in written(*starts)]


# --- which place a note belongs to ------------------------------------------------------------


@pytest.mark.parametrize(
    ("ticks", "places"),
    [
        ((0, 240, 480, 720), [0, 6, 12, 18]),
        ((0, 120, 240, 360, 480), [0, 3, 6, 9, 12]),
        ((0, 320, 640), [0, 8, 16]),
        ((0, 160, 320, 480, 640, 800), [0, 4, 8, 12, 16, 20]),
        ((0, 240, 320, 480, 640, 720), [0, 6, 8, 12, 16, 18]),  # three over four
        ((720, 960), [18, 24]),
        ((840, 960), [21, 24]),
    ],
)
def test_written_music_is_read_to_the_letter(ticks: tuple[int, ...], places: list[int]) -> None:
    assert subs(*ticks) == places
    assert [deviation for *_, deviation in written(*ticks)] == [0] * len(ticks)


@pytest.mark.parametrize(("percent", "place"), [(50, 12), (54, 12), (58, 12), (63, 16), (67, 16)])
def test_swung_eighths_stand_on_one_place_and_deviate(percent: int, place: int) -> None:
    off_beat = QUARTER * percent // 100
    found = written(*(quarter * QUARTER + at for quarter in range(8) for at in (0, off_beat)))
    late = round((off_beat - place * 40) / 7.5)
    assert [row[1] % 24 for row in found] == [0, place] * 8
    assert [row[2] for row in found] == [0, late] * 8


@pytest.mark.parametrize("places", [(0, 6, 12, 18), (0, 8, 16)])
@pytest.mark.parametrize("spread", [10, 20, 28])
def test_a_loosely_played_line_keeps_its_places(places: tuple[int, ...], spread: int) -> None:
    rng = np.random.default_rng(spread)
    meant = (np.arange(1, 64)[:, None] * 24 + np.array(places)).ravel()
    played = meant * 40 + np.rint(rng.normal(0, spread, len(meant)))
    assert np.mean(np.array(subs(*played.astype(int).tolist())) == meant) > 0.98


@pytest.mark.parametrize("lean", [-50, -30, 25, 55])
def test_who_is_early_or_late_throughout_still_plays_sixteenths(lean: int) -> None:
    rng = np.random.default_rng(lean + 100)
    meant = np.arange(4, 200) * 6
    played = meant * 40 + np.rint(rng.normal(lean, 25, len(meant)))
    assert np.mean(np.array(subs(*played.astype(int).tolist())) == meant) > 0.98


def test_an_unclear_quarter_follows_those_around_it() -> None:
    triplets = [q * QUARTER + at for q in (0, 1, 3, 4) for at in (0, 330, 645)]
    straight = [q * QUARTER + at for q in (0, 1, 3, 4) for at in (5, 235, 490, 725)]
    unclear = [2 * QUARTER, 2 * QUARTER + 575]  # a late eighth, or an early triplet
    assert subs(*sorted([*triplets, *unclear]))[6:8] == [48, 64]
    assert subs(*sorted([*straight, *unclear]))[8:10] == [48, 60]


def test_the_band_helps_to_read_an_unclear_part() -> None:
    bars = bars_between(TempoMap(), 4 * QUARTER)
    parts = (ONE[0], ONE[0])

    def place_of(others: list[int]) -> int:
        starts = np.array([7, 566, *others])
        part = np.array([0, 0, *[1] * len(others)])
        same = np.full(len(starts), 60)
        notes = quantised(starts, same, same, same, part, bars, parts)
        return int(notes["sub"][notes["part"] == 0][1])

    assert place_of([12, 327, 651]) == 16
    assert place_of([12, 247, 471, 731]) == 12


def test_a_note_just_before_a_bar_line_belongs_to_the_downbeat() -> None:
    assert written(4 * QUARTER - 45) == [(1, 0, -6)]
    assert written(7 * QUARTER // 2 - 45, meter=(7, 8)) == [(1, 0, -6)]
    assert written(QUARTER - 45) == [(0, 24, -6)]


def test_a_chord_asks_for_no_finer_grid_than_its_lowest_note_alone() -> None:
    late = [70, 74, 66, 79, 71]
    assert {row[1] for row in written(*late, pitches=(40, 50, 60, 70, 80))} == {0}
    assert {row[1] for row in written(70)} == {0}


def test_a_roll_of_one_drum_is_not_thinned_out() -> None:
    roll = np.arange(0, 2 * QUARTER, 120) + np.tile([8, -5, 3, -9], 4).clip(0)
    assert len(set(subs(*roll.tolist()))) == 16


def test_notes_of_one_part_and_pitch_on_one_place_become_the_longest_of_them() -> None:
    bars = bars_between(TempoMap(), QUARTER)
    columns = ([0, 10, 20, 0], [300, 800, 300, 100], [60, 60, 60, 64], [100, 50, 120, 1], [0] * 4)
    notes, source = quantised_from(*columns, bars, ONE)
    assert source.tolist() == [1, 3]
    assert notes["velocity"].tolist() == [50, 1]


def test_equal_notes_of_two_parts_both_stay() -> None:
    bars = bars_between(TempoMap(), QUARTER)
    notes = quantised([0, 0], [90, 90], [60, 60], [90, 90], [0, 1], bars, (*ONE, *ONE))
    assert notes["part"].tolist() == [0, 1]


# --- what comes back --------------------------------------------------------------------------


@st.composite
def played(draw: st.DrawFn, most: int = 60) -> tuple[TempoMap, int, Columns]:
    """A tempo map, the number of parts, and columns of random notes, crowded or far apart."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    tempo, count = draw(tempo_maps()), draw(st.integers(0, most))
    parts = draw(st.sampled_from([1, 2, 40, 256]))
    last = draw(st.sampled_from([1, 960, 9600, 96000]))
    length = np.exp(rng.uniform(0, np.log(30_000), count)).astype(np.int64)
    step = draw(st.sampled_from([1, 1, 40, 80, 120, 240]))
    return (
        tempo,
        parts,
        {
            "start": rng.integers(0, last, count) // step * step,
            "length": length,
            "pitch": rng.integers(*draw(st.sampled_from([(60, 62), (0, 128)])), count),
            "velocity": rng.integers(1, 128, count),
            "part": rng.integers(0, parts, count),
        },
    )


def bars_for(tempo: TempoMap, columns: Columns) -> Table:
    ends = columns["start"] + columns["length"]
    return bars_between(tempo, int(ends.max(initial=0)))


def some_parts(count: int) -> tuple[PiecePart, ...]:
    return tuple(PiecePart(0, i % 8 == 0, ROLES[i % 8]) for i in range(count))


@given(played())
def test_every_note_comes_back_within_the_grid(given_: tuple[TempoMap, int, Columns]) -> None:
    tempo, count, columns = given_
    parts, bars = some_parts(count), bars_for(tempo, columns)
    notes, source = quantised_from(**columns, bars=bars, parts=parts)
    start, length, timing = in_ticks(notes, bars)
    assert np.abs(start + timing - columns["start"][source]).max(initial=0) <= 3.75
    nearest = np.abs(columns["length"][source][:, None] - LENGTH_TICKS).min(axis=1)
    assert (np.abs(length - columns["length"][source]) == nearest).all()
    for name in ("pitch", "velocity", "part"):
        assert (notes[name] == columns[name][source]).all()


@given(played())
def test_only_notes_of_one_part_and_pitch_and_place_are_lost(
    given_: tuple[TempoMap, int, Columns],
) -> None:
    tempo, count, columns = given_
    parts, bars = some_parts(count), bars_for(tempo, columns)
    notes, source = quantised_from(**columns, bars=bars, parts=parts)
    assert len(set(source.tolist())) == len(source)
    start = in_ticks(notes, bars)[0]
    left = set(zip(notes["part"].tolist(), notes["pitch"].tolist(), start.tolist(), strict=True))
    assert len(left) == len(notes)
    alone = np.ones(len(columns["start"]), bool)
    for i, j in zip(*np.triu_indices(len(alone), 1), strict=True):
        near = abs(columns["start"][i] - columns["start"][j]) <= 240
        same = all(columns[name][i] == columns[name][j] for name in ("part", "pitch"))
        if near and same:
            alone[[i, j]] = False
    assert set(np.flatnonzero(alone).tolist()) <= set(source.tolist())


@given(played())
def test_the_notes_are_ordered_and_inside_their_bars(
    given_: tuple[TempoMap, int, Columns],
) -> None:
    tempo, count, columns = given_
    parts, bars = some_parts(count), bars_for(tempo, columns)
    notes = quantised(**columns, bars=bars, parts=parts)
    assert (ordered(notes, parts) == notes).all()
    assert (notes["sub"] < bars["length"][notes["bar"]]).all()
    assert (np.abs(notes["deviation"].astype(int)) <= 16).all()


@given(played(), st.randoms(use_true_random=False))
def test_the_order_of_the_given_notes_says_nothing(
    given_: tuple[TempoMap, int, Columns], random: Random
) -> None:
    tempo, count, columns = given_
    parts, bars = some_parts(count), bars_for(tempo, columns)
    shuffled = list(range(len(columns["start"])))
    random.shuffle(shuffled)
    other = {name: column[np.array(shuffled, int)] for name, column in columns.items()}
    once = quantised(**columns, bars=bars, parts=parts)
    assert (once == quantised(**other, bars=bars, parts=parts)).all()


@given(pieces())
def test_a_piece_put_in_ticks_and_back_is_the_same_piece(piece: Piece) -> None:
    start, length, timing = in_ticks(piece.notes, piece.bars)
    notes = piece.notes
    columns = (start, length, notes["pitch"], notes["velocity"], notes["part"])
    again = quantised(*columns, piece.bars, piece.parts, timing=timing)
    assert (again == notes).all()


def test_what_is_said_to_be_on_the_grid_stays_there() -> None:
    bars = bars_between(TempoMap(), QUARTER)
    notes = quantised([40, 520], [90] * 2, [60] * 2, [90] * 2, [0] * 2, bars, ONE, timing=[15, -60])
    assert notes["sub"].tolist() == [1, 13]
    assert notes["deviation"].tolist() == [2, -8]


def test_timing_beyond_what_a_deviation_holds_moves_the_note() -> None:
    bars = bars_between(TempoMap(), QUARTER)
    notes = quantised([0], [90], [60], [90], [0], bars, ONE, timing=[250])
    assert (int(notes["sub"][0]), int(notes["deviation"][0])) == (6, 1)


def test_nothing_is_written_behind_the_last_bar() -> None:
    bars = bars_between(TempoMap(), 4 * QUARTER)
    notes = quantised([4 * QUARTER - 5], [90], [60], [90], [0], bars, ONE)
    assert (int(notes["bar"][0]), int(notes["sub"][0]), int(notes["deviation"][0])) == (0, 93, 15)


def test_no_notes_are_no_notes() -> None:
    empty: list[int] = []
    for bars in (bars_between(TempoMap(), 0), bars_between(TempoMap(), 960)):
        assert len(quantised(empty, empty, empty, empty, empty, bars, ())) == 0


@pytest.mark.parametrize(("start", "part"), [(-1, 0), (3840, 0), (0, 1)])
def test_notes_outside_the_bars_or_parts_are_refused(start: int, part: int) -> None:
    with pytest.raises(ValueError):
        quantised([start], [90], [60], [90], [part], bars_between(TempoMap(), 3840), ONE)


@given(pieces())
def test_what_is_known_of_notes_follows_their_order(piece: Piece) -> None:
    backwards = piece.notes[::-1]
    notes, source = ordered_from(backwards, np.arange(len(backwards)), piece.parts)
    assert (notes == piece.notes).all()
    assert (backwards[source] == notes).all()


# --- bars -------------------------------------------------------------------------------------


@given(tempo_maps(), st.integers(0, 200_000))
@settings(max_examples=200)
def test_bars_follow_each_other_and_reach_the_end(tempo: TempoMap, end: int) -> None:
    bars = bars_between(tempo, end)
    edges = np.append(bars["start"], bars["start"][-1:] + bars["length"][-1:])
    assert bars.dtype == BAR_DTYPE
    assert (np.diff(edges) == bars["length"]).all()
    assert edges[-1] * 40 >= end if end else not len(bars)
    assert (bars["length"] <= 16 * 24).all()
    assert (bars["root"] == -1).all()
    for bar in bars:
        meter = tempo.meter_at(int(bar["start"]) * 40)
        assert (meter.beats, meter.unit) == (bar["beats"], bar["unit"])
    lines = set(tempo.bar_starts(0, max(int(edges[-1]) * 40, 1))) if end else set()
    assert lines <= set((bars["start"].astype(int) * 40).tolist())


def test_a_bar_over_sixteen_quarters_is_kept_as_several() -> None:
    bars = bars_between(TempoMap.constant(120, 21, 4), 42 * QUARTER)
    assert bars["length"].tolist() == [384, 120, 384, 120]
    assert set(bars["beats"].tolist()) == {21}


def test_odd_meters_and_their_changes_have_bars_of_their_own() -> None:
    meters = (MeterChange(0, 7, 8), MeterChange(6720, 5, 4))
    bars = bars_between(TempoMap((TempoChange(0, 90.0),), meters), 6720 + 4801)
    assert bars["length"].tolist() == [84, 84, 120, 120]
    assert bars["start"].tolist() == [0, 84, 168, 288]


def test_the_tempo_of_a_bar_is_its_mean() -> None:
    changes = (TempoChange(0, 120.0), TempoChange(3840, 60.0), TempoChange(5760, 120.0))
    bars = bars_between(TempoMap(changes), 3 * 3840)
    assert bars["bpm"].tolist() == [120.0, 80.0, 120.0]


def test_a_song_without_end_is_refused_in_a_sentence() -> None:
    with pytest.raises(StudioError, match="more than 65536 bars"):
        bars_between(TempoMap(), 2**40)
