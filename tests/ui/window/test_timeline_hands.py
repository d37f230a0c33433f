"""The musician's hands on the timeline, in the whole window: keys and mouse as they come."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.ui.main_window import MainWindow
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import ALT, CTRL, NONE, RIGHT, SHIFT, Mouse, escape
from tests.ui.canvas.scene import BAR, BASS, PIANO, RAIN
from tests.ui.timeline.places import CHORUS, RAIN_CLIP, VERSE, at, steps

Key = Qt.Key


def press(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """A key as it comes from the keyboard: to whatever has the focus."""
    QTest.keyClick(window.focusWidget(), key, modifiers)
    QApplication.processEvents()


def starts(studio: Studio, track: str) -> list[int]:
    return [clip.start for clip in studio.song.project.track(track).clips]  # type: ignore[arg-type]


def test_clips_and_ranges_are_deleted_and_what_follows_closes_up(
    window: MainWindow, studio: Studio
) -> None:
    studio.selection.set_clips({VERSE})
    press(window, Key.Key_Delete, CTRL)
    assert starts(studio, PIANO) == [0]
    assert starts(studio, BASS) == [0], "other tracks stay"
    assert (steps(studio), studio.song.undo_label) == (1, "Ripple delete")
    studio.song.undo()
    ruler = Mouse(window.timeline.ruler)
    axis, low = window.timeline.view.axis, window.timeline.ruler.height() - 5
    ruler.drag((axis.x(BAR), low), (axis.x(2 * BAR), low))
    assert studio.selection.span == (BAR, 2 * BAR)
    press(window, Key.Key_Delete, CTRL)
    assert starts(studio, PIANO) == [0, BAR]
    assert starts(studio, RAIN) == [BAR]
    assert [marker.tick for marker in studio.song.project.markers] == [0, BAR]
    assert studio.song.undo_label == "Delete time"


def test_empty_time_is_put_in_at_the_playhead_or_as_long_as_the_range(
    window: MainWindow, studio: Studio
) -> None:
    studio.playback.seek(BAR + 7)
    press(window, Key.Key_I, CTRL | SHIFT)
    assert starts(studio, PIANO) == [0, 2 * BAR, 3 * BAR]
    assert [marker.tick for marker in studio.song.project.markers] == [0, 3 * BAR]
    studio.song.undo()
    studio.selection.set_span((2 * BAR, 4 * BAR), (PIANO,))
    press(window, Key.Key_I, CTRL | SHIFT)
    assert starts(studio, PIANO) == [0, 4 * BAR]
    assert starts(studio, RAIN) == [2 * BAR], "other tracks stay"
    assert studio.song.undo_label == "Insert time"


def test_a_range_is_filled_with_words_or_at_once(
    window: MainWindow, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []
    generation = studio.generation

    def go() -> None:
        gap = generation.request().gap
        asked.append((gap.start, gap.end))

    monkeypatch.setattr(generation, "go", go)
    lanes = Mouse(window.timeline.lanes)
    lanes.drag(at(window.timeline, 2 * BAR, 1), at(window.timeline, 4 * BAR, 1))
    assert studio.selection.span_tracks == (BASS,)
    press(window, Key.Key_Return, CTRL)
    assert asked == [(2 * BAR, 4 * BAR)]
    press(window, Key.Key_Return)
    assert window.focusWidget() is window.generate.prompt.field


def test_the_view_rests_when_a_menu_opens_and_when_a_drag_begins(
    window: MainWindow, studio: Studio
) -> None:
    timeline, axis = window.timeline, window.timeline.view.axis
    axis.scroll_to(BAR / 3)
    before = axis.left, axis.scale, timeline.view.rows.top
    lanes = Mouse(timeline.lanes)
    x, y = at(timeline, 2.5 * BAR, 0)
    lanes.click(x, y, button=RIGHT)
    timeline.menus.clip_menu().deleteLater()
    QApplication.processEvents()
    assert (axis.left, axis.scale, timeline.view.rows.top) == before
    lanes.hold((x, y), (x + 20, y), ALT)
    assert (axis.left, axis.scale, timeline.view.rows.top) == before
    escape(timeline.lanes)
    assert starts(studio, PIANO) == [0, 2 * BAR]
    assert studio.selection.clips == {CHORUS}


def test_a_track_is_frozen_and_clips_are_bounced_by_keys(
    window: MainWindow, studio: Studio, qtbot: QtBot
) -> None:
    studio.selection.set_tracks((RAIN,))
    press(window, Key.Key_F, CTRL | SHIFT)
    qtbot.waitUntil(lambda: steps(studio) == 1, timeout=20_000)
    assert studio.bouncing.is_frozen(studio.song.project.track(RAIN))
    titles = [entry.text() for entry in window.timeline.menus.track_menu(RAIN).actions()]
    assert "Freeze or thaw track\tCtrl+Shift+F" in titles
    press(window, Key.Key_F, CTRL | SHIFT)
    assert studio.song.project.track(RAIN).frozen is None
    studio.selection.set_clips({RAIN_CLIP})
    press(window, Key.Key_B, CTRL | ALT)
    qtbot.waitUntil(lambda: steps(studio) == 3, timeout=20_000)
    (clip,) = studio.song.project.track(RAIN).clips
    assert clip.id != RAIN_CLIP
    assert clip.start == 2 * BAR


def test_a_drag_with_space_held_moves_the_view_and_plays_nothing(
    window: MainWindow, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    toggled: list[bool] = []
    monkeypatch.setattr(studio.playback, "toggle", lambda: toggled.append(True))
    lanes, axis = window.timeline.lanes, window.timeline.view.axis
    axis.scroll_to(BAR)
    mouse, start = Mouse(lanes), at(window.timeline, 3 * BAR, 0)
    QTest.keyPress(lanes, Key.Key_Space)
    assert len(toggled) == 1, "it plays as soon as the key is down"
    mouse.drag(start, (start[0] + 30, start[1]))
    QTest.keyRelease(lanes, Key.Key_Space)
    assert axis.x(BAR) == pytest.approx(30, abs=1)
    assert len(toggled) == 2, "and no longer once the hand moves"
    assert steps(studio) == 0
    mouse.click(*start)
    assert studio.selection.clips == {CHORUS}, "the next press is a press again"


def test_a_drag_with_ctrl_in_the_ruler_is_heard_while_it_lasts(
    window: MainWindow, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    deeds: list[str] = []
    for name in ("play", "stop"):
        monkeypatch.setattr(studio.playback, name, lambda name=name: deeds.append(name))
    monkeypatch.setattr(type(studio.playback), "goes_on", property(lambda _: deeds == ["play"]))
    ruler, axis = window.timeline.ruler, window.timeline.view.axis
    mouse, low = Mouse(ruler), ruler.height() - 5
    mouse.hold((axis.x(BAR), low), (axis.x(2 * BAR), low), CTRL)
    assert deeds == ["play"]
    assert studio.playback._asked_tick == 2 * BAR
    mouse.release(axis.x(2 * BAR), low, CTRL)
    assert deeds == ["play", "stop"]
    assert studio.selection.span is None
