"""Track headers."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from studio.ui import theme
from studio.ui.timeline.headers import Header
from studio.ui.timeline.timeline import Timeline
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import ALT, CTRL, Mouse, differs, escape, pixel
from tests.ui.canvas.scene import BASS, PIANO, RAIN


@pytest.fixture
def mouse(timeline: Timeline) -> Mouse:
    return Mouse(timeline.headers)


def head(timeline: Timeline, row: int) -> Header:
    found = timeline.headers.header((PIANO, BASS, RAIN)[row])
    assert found is not None
    return found


def name_field(timeline: Timeline, row: int) -> QLineEdit:
    found = head(timeline, row).findChild(QLineEdit)
    assert found is not None
    return found


def y(timeline: Timeline, row: int) -> float:
    return timeline.view.rows.y(row) + 14


def test_a_click_selects_a_track_and_ctrl_adds_one(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    mouse.click(60, y(timeline, 1))
    assert list(studio.selection.tracks) == [BASS]
    mouse.click(60, y(timeline, 0), CTRL)
    assert list(studio.selection.tracks) == [BASS, PIANO]
    mouse.click(60, y(timeline, 1), CTRL)
    assert list(studio.selection.tracks) == [PIANO]


def test_a_double_click_renames_in_one_step(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    mouse.double_click(60, y(timeline, 0))
    field = name_field(timeline, 0)
    QTest.keyClicks(field, "Grand")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert studio.song.project.track(PIANO).name == "Grand"
    assert len(studio.song.steps) == 1
    assert head(timeline, 0).accessibleName() == "Grand"


def test_escape_keeps_the_old_name(timeline: Timeline, studio: Studio, mouse: Mouse) -> None:
    mouse.double_click(60, y(timeline, 0))
    field = name_field(timeline, 0)
    QTest.keyClicks(field, "Grand")
    escape(field)
    assert studio.song.project.track(PIANO).name == "Piano"
    assert studio.song.steps == ()


def test_mute_and_solo_are_steps_of_their_own(timeline: Timeline, studio: Studio) -> None:
    Mouse(head(timeline, 0).mute).click(8, 8)
    Mouse(head(timeline, 1).solo).click(8, 8)
    assert studio.song.project.track(PIANO).muted
    assert studio.song.project.track(BASS).soloed
    assert len(studio.song.steps) == 2
    assert head(timeline, 0).mute.isChecked()
    studio.song.undo()
    studio.song.undo()
    assert not head(timeline, 0).mute.isChecked()


def test_solo_is_added_to_others_and_with_alt_replaces_them(
    timeline: Timeline, studio: Studio
) -> None:
    Mouse(head(timeline, 0).solo).click(8, 8)
    Mouse(head(timeline, 1).solo).click(8, 8)
    assert [track.soloed for track in studio.song.project.sources] == [True, True, False]
    Mouse(head(timeline, 2).solo).click(8, 8, ALT)
    assert [track.soloed for track in studio.song.project.sources] == [False, False, True]


def test_the_level_is_dragged_in_one_step(timeline: Timeline, studio: Studio) -> None:
    bar = head(timeline, 0).bar
    x = bar.width() * 0.6
    Mouse(bar).drag((x, 8), (x - 20, 8))
    assert studio.song.project.track(PIANO).volume_db < -3
    assert len(studio.song.steps) == 1


def test_the_meter_rises_at_once_and_falls_to_nothing(
    timeline: Timeline, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar = head(timeline, 0).bar
    spot = (bar.width() * 0.3, bar.height() / 2)
    assert differs(pixel(bar, *spot), theme.colour("good")) > 40
    level = np.array([0.9, 0.5, 0.4, 0.3], dtype=np.float32)
    monkeypatch.setattr(type(studio.playback), "meter", lambda self, id: level)
    studio.playback.meters_changed.emit()
    assert differs(pixel(bar, *spot), theme.colour("good")) < 20
    level[:] = 0
    studio.playback.meters_changed.emit()
    assert differs(pixel(bar, *spot), theme.colour("good")) > 40


def test_a_header_is_dragged_to_another_row_in_one_step(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    mouse.drag((60, y(timeline, 0)), (60, y(timeline, 2)))
    assert [track.id for track in studio.song.project.sources] == [BASS, RAIN, PIANO]
    assert len(studio.song.steps) == 1


def test_escape_takes_a_dragged_header_back(
    timeline: Timeline, studio: Studio, mouse: Mouse
) -> None:
    mouse.hold((60, y(timeline, 0)), (60, y(timeline, 2)))
    escape(timeline.headers)
    mouse.release(60, y(timeline, 2))
    assert [track.id for track in studio.song.project.sources] == [PIANO, BASS, RAIN]
    assert studio.song.steps == ()


def test_arrows_choose_a_track_and_f2_renames_it(timeline: Timeline, studio: Studio) -> None:
    QTest.keyClick(timeline.headers, Qt.Key.Key_Down)
    QTest.keyClick(timeline.headers, Qt.Key.Key_Down)
    assert studio.selection.tracks == (BASS,)
    QTest.keyClick(timeline.headers, Qt.Key.Key_F2)
    assert name_field(timeline, 1).text() == "Bass"


def test_more_tracks_than_fit_can_be_scrolled_to(timeline: Timeline, studio: Studio) -> None:
    assert not timeline.rows_bar.isVisible()
    for _ in range(8):
        timeline.menus.add_instrument()
    assert timeline.rows_bar.isVisible()
    Mouse(timeline.headers).wheel(60, 100, -20)
    assert timeline.view.rows.top == timeline.view.rows.farthest > 0
    last = timeline.headers.header(studio.song.project.sources[-1].id)
    assert last is not None
    assert last.geometry().bottom() < timeline.headers.height()
    studio.selection.set_tracks((PIANO,))
    assert timeline.view.rows.top == 0
    studio.selection.set_tracks((studio.song.project.sources[-1].id,))
    assert timeline.view.rows.top == timeline.view.rows.farthest
    for _ in range(8):
        studio.song.undo()
    assert timeline.view.rows.top == 0
    assert not timeline.rows_bar.isVisible()


def test_the_menu_of_a_track_acts_on_it(timeline: Timeline, studio: Studio) -> None:
    menu = timeline.menus.track_menu(BASS)
    by_words = {action.text().split("\t")[0]: action for action in menu.actions()}
    by_words["Duplicate track"].trigger()
    assert len(studio.song.project.sources) == 4
    by_words["Delete track"].trigger()
    assert studio.song.project.find_track(BASS) is None
    by_words["Add instrument track"].trigger()
    assert studio.song.project.sources[-1].name == "Instrument"
    by_words["Add audio track"].trigger()
    assert studio.song.project.sources[-1].name == "Audio"
    assert len(studio.song.steps) == 4
    menu.close()
    menu.deleteLater()
