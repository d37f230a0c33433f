"""Groups of tracks: made, folded, muted together, moved and taken apart."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from studio.edit.groups import GroupTracks, MoveRows
from studio.edit.tracks import AddTrack
from studio.ui.timeline.headers import Header
from studio.ui.timeline.timeline import Timeline
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import CTRL, LEFT, Mouse, differs, escape, pixel
from tests.ui.canvas.scene import BAR, BASS, PIANO, RAIN
from tests.ui.timeline.places import BASS_CLIP, VERSE, at, steps


def names(studio: Studio) -> list[tuple[str, str]]:
    return [(track.name, track.group) for track in studio.song.project.sources]


def head(timeline: Timeline, row: int) -> Header:
    found = timeline.headers.header(timeline.view.tracks[row].id)
    assert found is not None
    return found


@pytest.fixture
def band(timeline: Timeline, studio: Studio) -> Timeline:
    """Piano and rain in a group, bass below them."""
    studio.song.do(GroupTracks(frozenset({PIANO, RAIN}), "Band"))
    return timeline


def middle(timeline: Timeline, row: int) -> tuple[float, float]:
    return 60.0, timeline.view.rows.y(row) + 15


def test_selected_tracks_become_a_group_and_are_taken_apart(
    timeline: Timeline, studio: Studio
) -> None:
    mouse = Mouse(timeline.headers)
    mouse.click(*middle(timeline, 0))
    mouse.click(*middle(timeline, 2), CTRL)
    timeline.group_tracks()
    assert names(studio) == [("Piano", "Group"), ("Rain", "Group"), ("Bass", "")]
    assert (steps(studio), studio.song.undo_label) == (1, "Group tracks")
    assert not head(timeline, 0).fold.isHidden()
    assert head(timeline, 1).fold.isHidden()
    timeline.group_tracks()
    assert names(studio) == [("Piano", ""), ("Rain", ""), ("Bass", "")]
    assert studio.song.undo_label == "Ungroup tracks"


def test_a_folded_group_is_one_row_that_shows_all_its_clips(band: Timeline, studio: Studio) -> None:
    QTest.mouseClick(head(band, 0).fold, LEFT)
    assert [track.id for track in band.view.tracks] == [PIANO, BASS]
    assert head(band, 0).title == "Band"
    row = band.lanes.layout_.row(0)
    x, empty = band.view.axis.x(2.5 * BAR), band.view.axis.x(4.5 * BAR)
    upper, lower = row.top + row.height * 0.25, row.top + row.height * 0.75
    nothing = pixel(band.lanes, empty, upper)
    assert differs(pixel(band.lanes, x, upper), nothing) > 40, "the piano"
    assert differs(pixel(band.lanes, x, lower), nothing) > 40, "and the rain"
    assert steps(studio) == 1, "folding is no step"
    Mouse(band.lanes).double_click(x, upper)
    assert len(band.view.tracks) == 3


def test_a_folded_group_is_muted_soloed_and_renamed_as_one(band: Timeline, studio: Studio) -> None:
    QTest.mouseClick(head(band, 0).fold, LEFT)
    folded = head(band, 0)
    QTest.mouseClick(folded.mute, LEFT)
    assert [track.muted for track in studio.song.project.sources] == [True, True, False]
    QTest.mouseClick(folded.solo, LEFT)
    assert [track.soloed for track in studio.song.project.sources] == [True, True, False]
    assert steps(studio) == 3
    folded.rename()
    field = folded.findChildren(QLineEdit)[-1]
    QTest.keyClicks(field, "Strings")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert names(studio)[0] == ("Piano", "Strings")
    assert head(band, 0).title == "Strings", "and stays folded"


def test_clips_move_past_a_folded_group_to_the_track_they_are_let_go_on(
    band: Timeline, studio: Studio
) -> None:
    low = studio.song.project.track(BASS)
    made = studio.song.project.new_track_id()
    copy = type(low)(made, low.kind, "Synth", devices=())
    studio.song.do(AddTrack(copy, 0))
    QTest.mouseClick(head(band, 1).fold, LEFT)
    assert [track.id for track in band.view.tracks] == [made, PIANO, BASS]
    mouse = Mouse(band.lanes)
    mouse.drag(at(band, BAR, 2), at(band, BAR, 0))
    assert studio.song.project.track_of(BASS_CLIP).id == made


def test_a_band_over_a_folded_group_selects_in_all_its_tracks(
    band: Timeline, studio: Studio
) -> None:
    QTest.mouseClick(head(band, 0).fold, LEFT)
    band.view.set_tool("range")
    Mouse(band.lanes).drag(at(band, BAR, 0), at(band, 2 * BAR, 0))
    assert studio.selection.span_tracks == (PIANO, RAIN)


def test_a_track_joins_a_group_where_it_is_let_go_and_leaves_it(
    band: Timeline, studio: Studio
) -> None:
    mouse = Mouse(band.headers)
    mouse.hold(middle(band, 2), middle(band, 1))
    escape(band.headers)
    mouse.release(*middle(band, 1))
    assert names(studio)[2] == ("Bass", "")
    mouse.drag(middle(band, 2), middle(band, 1))
    assert names(studio) == [("Piano", "Band"), ("Bass", "Band"), ("Rain", "Band")]
    mouse.drag(middle(band, 1), middle(band, 2))
    assert names(studio) == [("Piano", "Band"), ("Rain", "Band"), ("Bass", "Band")]
    assert studio.song.undo_label == "Move track"
    studio.song.do(MoveRows((BASS,), studio.song.project.buses[0].id))
    assert names(studio)[2][0] == "Bass"


def test_a_folded_group_is_dragged_as_one(band: Timeline, studio: Studio) -> None:
    QTest.mouseClick(head(band, 0).fold, LEFT)
    Mouse(band.headers).drag(middle(band, 0), middle(band, 1))
    assert names(studio) == [("Bass", ""), ("Piano", "Band"), ("Rain", "Band")]
    Mouse(band.headers).drag(middle(band, 1), middle(band, 0))
    Mouse(band.headers).click(*middle(band, 0))
    assert studio.selection.tracks == (PIANO, RAIN)
    assert names(studio) == [("Piano", "Band"), ("Rain", "Band"), ("Bass", "")]
    studio.selection.set_clips({VERSE})
    band.delete()
    assert studio.song.project.find_clip(VERSE) is None
