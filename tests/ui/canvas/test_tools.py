"""The buttons of a view: tools, snap, follow."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QMenu, QToolButton
from pytestqt.qtbot import QtBot

from studio.ui.canvas.axis import Follow
from studio.ui.timeline.timeline import Timeline
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import Mouse, shown


@pytest.fixture
def timeline(studio: Studio, qtbot: QtBot) -> Timeline:
    timeline = Timeline(studio)
    qtbot.addWidget(timeline)
    return shown(timeline, 800, 300)


def button(timeline: Timeline, start: str) -> QToolButton:
    found = timeline.tools.findChildren(QToolButton)
    return next(b for b in found if b.toolTip().startswith(start))


def choose(timeline: Timeline, words: str) -> None:
    menu = button(timeline, "Snap").menu()
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == words).trigger()


def test_every_button_has_a_name_and_a_tooltip_with_its_key(timeline: Timeline) -> None:
    for made in timeline.tools.findChildren(QToolButton):
        assert made.accessibleName()
        assert "·" in made.toolTip()


def test_a_button_chooses_a_tool_and_shows_the_one_chosen_by_key(timeline: Timeline) -> None:
    Mouse(button(timeline, "Knife")).click(10, 10)
    assert timeline.view.tool == "knife"
    timeline.set_tool("draw")
    assert button(timeline, "Draw").isChecked()
    assert not button(timeline, "Knife").isChecked()


def test_the_snap_menu_sets_the_grid_and_says_so(timeline: Timeline) -> None:
    choose(timeline, "1/8 triplet")
    assert timeline.view.snap.grid.step == 320
    assert "1/8 triplet" in button(timeline, "Snap").toolTip()
    choose(timeline, "Snap")
    assert not timeline.view.snap.on
    assert not button(timeline, "Snap").isChecked()
    choose(timeline, "Clip edges, playhead and markers")
    assert not timeline.view.snap.elements


def test_the_preference_to_follow_is_taken_over(timeline: Timeline, studio: Studio) -> None:
    studio.set_settings(replace(studio.settings, follow_playhead=False))
    assert timeline.view.axis.follow is Follow.OFF
    timeline.toggle_follow()
    studio.set_settings(replace(studio.settings, autosave_seconds=20.0))
    assert timeline.view.axis.follow.value == Follow.PAGE.value


def test_following_is_chosen_in_the_menu_and_by_key(timeline: Timeline) -> None:
    seen = [timeline.view.axis.follow]
    choose(timeline, "Keep the playhead in the middle")
    seen.append(timeline.view.axis.follow)
    for _ in range(2):
        timeline.toggle_follow()
        seen.append(timeline.view.axis.follow)
    assert seen == [Follow.PAGE, Follow.CENTRED, Follow.OFF, Follow.PAGE]
