"""What is drawn into a lane is there, and what lies beside it stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.domain.clip import ClipId, NoteClip
from studio.domain.project import Project, new_song
from studio.edit.controllers import DrawController, EraseController, MovePoint, lane_of
from studio.edit.takes import new_instrument

CLIP = ClipId("c90")
Points = list[tuple[int, float]]
strokes = st.lists(
    st.tuples(st.integers(0, 8000), st.integers(0, 127).map(float)), min_size=1, max_size=8
)


def song() -> Project:
    project = new_song()
    project = project.with_new_track(new_instrument(project, "Piano", 0))
    return project.with_clip_on(project.sources[0].id, NoteClip(CLIP, 0, 3840))


def drawn(*strokes: Points, parameter: str = "cc1", straight: bool = False) -> Project:
    project = song()
    for stroke in strokes:
        project = DrawController(CLIP, parameter, tuple(stroke), straight).apply(project)
    return project


def points(project: Project, parameter: str = "cc1") -> Points:
    found = lane_of(project, CLIP, parameter).points
    return list(zip(found["tick"].tolist(), found["value"].tolist(), strict=True))


@given(strokes, strokes)
def test_a_stroke_replaces_what_it_passes_and_nothing_else(first: Points, second: Points) -> None:
    before, after = drawn(first), drawn(first, second)
    start, end = min(second)[0], max(second)[0]
    outside = [point for point in points(before) if not start <= point[0] <= end]
    assert points(after) == sorted([*outside, *dict(second).items()])
    lane, was = lane_of(after, CLIP, "cc1"), lane_of(before, CLIP, "cc1")
    early = np.arange(min(first)[0], start)[:50]
    assert len(early) == 0 or (lane.at(early) == was.at(early)).all()


def test_a_line_is_straight_and_a_stroke_holds_its_values() -> None:
    line = lane_of(drawn([(0, 0.0), (100, 100.0)], straight=True), CLIP, "cc1")
    held = lane_of(drawn([(0, 0.0), (100, 100.0)]), CLIP, "cc1")
    assert line.at([50, 150]).tolist() == [50.0, 100.0]
    assert held.at([50, 150]).tolist() == [0.0, 100.0]


def test_values_stay_in_range() -> None:
    assert points(drawn([(0, 300.0)])) == [(0, 127.0)]
    assert points(drawn([(0, -99.0)], parameter="bend"), "bend") == [(0, -24.0)]


def test_erasing_takes_the_points_between_and_the_lane_with_the_last() -> None:
    project = drawn([(0, 1.0), (100, 2.0), (200, 3.0)])
    assert points(EraseController(CLIP, "cc1", 50, 200).apply(project)) == [(0, 1.0)]
    gone = EraseController(CLIP, "cc1", 0, 999).apply(project).clip(CLIP)
    assert isinstance(gone, NoteClip)
    assert gone.controllers == ()


@pytest.mark.parametrize(("to", "lands"), [(150, 150), (-9, 1), (9999, 199)])
def test_a_point_moves_between_its_neighbours(to: int, lands: int) -> None:
    project = drawn([(0, 1.0), (100, 2.0), (200, 3.0)])
    moved = points(MovePoint(CLIP, "cc1", 100, to, 64.0).apply(project))
    assert moved == [(0, 1.0), (lands, 64.0), (200, 3.0)]


def test_nothing_is_drawn_before_the_content() -> None:
    with pytest.raises(StudioError, match="before"):
        drawn([(-5, 1.0)])
