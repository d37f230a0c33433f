"""Quantise, humanise and the like do to notes what musicians mean by the words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.clip import ClipId, NoteClip
from studio.domain.notes import Notes
from studio.domain.project import Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.theory import Key
from studio.edit.command import Command
from studio.edit.phrasing import (
    FlamNotes,
    FlipNotes,
    HumaniseNotes,
    LegatoNotes,
    MoveInKey,
    QuantiseNotes,
    ReverseNotes,
    StaccatoNotes,
    StrumNotes,
    SwellNotes,
    swung_lines,
)
from studio.edit.takes import new_instrument
from tests import strategies

CLIP = ClipId("c90")
Rows = list[tuple[int, int, int, int]]


def song_of(notes: Notes, tempo: TempoMap | None = None) -> Project:
    project = replace(new_song(), tempo=tempo or TempoMap.constant(120))
    project = project.with_new_track(new_instrument(project, "Piano", 0))
    return project.with_clip_on(project.sources[0].id, NoteClip(CLIP, 0, 40 * 3840, notes))


def rows(project: Project) -> Rows:
    """(start, length, pitch, velocity) of every note."""
    clip = project.clip(CLIP)
    assert isinstance(clip, NoteClip)
    notes = clip.notes
    columns = (notes.start, notes.length, notes.pitch, notes.velocity)
    return [tuple(row) for row in np.stack(columns, axis=1).tolist()]


def after(
    command: Command, *notes: tuple[int, int, int, int], tempo: TempoMap | None = None
) -> Rows:
    start, length, pitch, velocity = (list(column) for column in zip(*notes, strict=True))
    return rows(command.apply(song_of(Notes.of(start, length, pitch, velocity=velocity), tempo)))


ALL = frozenset(range(9))
LINE = ((0, 400, 60, 80), (960, 400, 62, 80), (1920, 400, 65, 80))


@pytest.mark.parametrize(
    ("amount", "ends", "wanted"),
    [(1.0, False, (960, 500)), (0.5, False, (980, 500)), (1.0, True, (960, 480))],
)
def test_quantise_pulls_starts_and_ends_as_far_as_asked(
    amount: float, ends: bool, wanted: tuple[int, int]
) -> None:
    command = QuantiseNotes(CLIP, ALL, 240, amount, ends=ends)
    assert after(command, (1000, 500, 60, 80))[0][:2] == wanted


def test_swing_makes_every_second_line_late() -> None:
    found = after(
        QuantiseNotes(CLIP, ALL, 480, swing=1.0), *((t, 90, 60, 80) for t in (5, 470, 970))
    )
    assert [row[0] for row in found] == [0, 640, 960]


def test_ends_alone_leave_the_onsets() -> None:
    command = QuantiseNotes(CLIP, ALL, 240, starts=False, ends=True)
    assert after(command, (37, 500, 60, 80))[0][:2] == (37, 443)


@given(strategies.tempo_maps(), st.lists(st.integers(0, 200_000), min_size=1), st.floats(0, 1))
def test_a_line_is_its_own_and_no_other_is_nearer_to_a_tick(
    tempo: TempoMap, ticks: list[int], swing: float
) -> None:
    at = np.array(ticks)
    lines = swung_lines(tempo, at, 240, swing)
    assert (swung_lines(tempo, lines, 240, swing) == lines).all()
    assert (np.abs(lines - at) <= 240).all()


def test_lines_count_from_each_bar() -> None:
    seven_eights = TempoMap.constant(120, 7, 8)
    assert swung_lines(seven_eights, np.array([3300, 3400]), 960).tolist() == [3360, 3360]


def test_chance_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    first = after(HumaniseNotes(CLIP, ALL, 20, 10, seed=1), *LINE)
    assert first == after(HumaniseNotes(CLIP, ALL, 20, 10, seed=1), *LINE)
    assert first != after(HumaniseNotes(CLIP, ALL, 20, 10, seed=2), *LINE)
    for (start, length, pitch, loud), was in zip(first, LINE, strict=True):
        assert abs(start - was[0]) <= 20
        assert abs(loud - was[3]) <= 10
        assert (length, pitch) == was[1:3]


def test_legato_reaches_the_next_chord_and_leaves_the_last_note() -> None:
    chord = ((0, 100, 60, 80), (20, 100, 64, 80), (960, 100, 62, 80))
    assert [row[1] for row in after(LegatoNotes(CLIP, ALL, gap=10), *chord)] == [950, 930, 100]


def test_staccato_shortens_but_leaves_something() -> None:
    found = after(StaccatoNotes(CLIP, ALL, 0.25), (0, 400, 60, 80), (0, 20, 62, 80))
    assert [row[1] for row in found] == [100, 20]


@given(strategies.notes())
def test_reversing_and_flipping_twice_is_nothing(notes: Notes) -> None:
    song, ids = song_of(notes), frozenset(notes.id.tolist())
    for command in (ReverseNotes(CLIP, ids), FlipNotes(CLIP, ids)):
        assert rows(command.apply(command.apply(song))) == rows(song)


def test_a_flip_in_a_key_stays_in_it() -> None:
    found = after(FlipNotes(CLIP, ALL, Key.parse("C major")), *LINE)
    assert [row[2] for row in found] == [65, 64, 60]


@pytest.mark.parametrize(("ticks", "starts"), [(30, [0, 30, 60]), (-30, [60, 30, 0])])
def test_a_strum_spreads_chords_and_keeps_their_ends(ticks: int, starts: list[int]) -> None:
    found = after(StrumNotes(CLIP, ALL, ticks), *((0, 480, p, 80) for p in (60, 64, 67)))
    assert [row[0] for row in sorted(found, key=lambda row: row[2])] == starts
    assert {row[0] + row[1] for row in found} == {480}


def test_a_crescendo_scales_from_the_first_to_the_last() -> None:
    assert [row[3] for row in after(SwellNotes(CLIP, ALL, 0.5, 1.5), *LINE)] == [40, 80, 120]


def test_a_flam_is_a_softer_stroke_before_each_note_that_has_room() -> None:
    found = after(FlamNotes(CLIP, ALL, 40, 0.5), (0, 400, 38, 80), (960, 400, 38, 80))
    assert found == [(0, 400, 38, 80), (920, 40, 38, 40), (960, 400, 38, 80)]


def test_steps_of_a_key_keep_the_melody_in_it_and_stop_as_one() -> None:
    key = Key.parse("C major")
    up = after(MoveInKey(CLIP, ALL, 480, 2, key), *LINE)
    assert [(row[0], row[2]) for row in up] == [(480, 64), (1440, 65), (2400, 69)]
    top = after(MoveInKey(CLIP, ALL, 0, 100, key), *LINE)
    assert [row[2] for row in top] == [122, 124, 127]
