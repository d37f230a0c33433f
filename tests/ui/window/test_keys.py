"""One key does one thing, wherever the focus is; text fields keep theirs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from studio.ui.dialogs.key_sheet import KeySheet
from studio.ui.dialogs.palette import Palette
from studio.ui.main_window import MainWindow
from studio.ui.window_commands import holds
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import CTRL, SHIFT
from tests.ui.canvas.scene import BAR, PIANO

Key = Qt.Key


def press(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = CTRL ^ CTRL) -> None:
    """A key as it comes from the keyboard: to whatever has the focus."""
    QTest.keyClick(window.focusWidget(), key, modifiers)
    QApplication.processEvents()


def focus(widget: QWidget) -> None:
    widget.setFocus()
    QApplication.processEvents()


def test_loop_and_metronome_have_keys(window: MainWindow, studio: Studio) -> None:
    press(window, Key.Key_K)
    assert studio.playback.metronome
    assert window.actions_["metronome"].isChecked()
    press(window, Key.Key_L)
    assert studio.playback.loop == (0, studio.song.project.end)
    press(window, Key.Key_L)
    assert not studio.playback.loop_on


def test_letters_in_a_text_are_letters(window: MainWindow, studio: Studio) -> None:
    focus(window.generate.prompt.field)
    QTest.keyClicks(window.generate.prompt.field, "klm s 1")
    QTest.keyClick(window.focusWidget(), Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(window.generate.prompt.field, "x")
    assert studio.generation.settings.prompt == "klm s 1\nx"
    assert not studio.playback.metronome
    assert not studio.song.can_undo


def test_enter_in_a_field_commits_and_nothing_else(window: MainWindow, studio: Studio) -> None:
    studio.playback.seek(BAR)
    field = window.bar._tempo
    focus(field)
    field.selectAll()
    QTest.keyClicks(field, "90")
    press(window, Key.Key_Return)
    assert studio.song.project.tempo.tempo_at(0) == 90
    assert studio.playback.position_tick == BAR


def test_delete_acts_on_the_view_that_was_last_in_focus(window: MainWindow, studio: Studio) -> None:
    clip = studio.song.project.track(PIANO).clips[0]
    studio.selection.set_clips({clip.id})
    studio.selection.set_notes({0})
    window.commands.show_tab(0)
    press(window, Key.Key_Delete)
    assert len(studio.song.project.clip(clip.id).notes) == 3  # type: ignore[union-attr]
    focus(window.timeline)
    press(window, Key.Key_Delete)
    assert studio.song.project.find_clip(clip.id) is None


def test_undo_and_redo_have_both_keys(window: MainWindow, studio: Studio) -> None:
    before = studio.song.project
    studio.selection.set_clips({clip.id for clip in before.track(PIANO).clips})
    press(window, Key.Key_Delete)
    after = studio.song.project
    press(window, Key.Key_Z, CTRL)
    assert studio.song.project is before
    press(window, Key.Key_Y, CTRL)
    assert studio.song.project is after
    press(window, Key.Key_Z, CTRL)
    press(window, Key.Key_Z, CTRL | SHIFT)
    assert studio.song.project is after


def test_enter_presses_the_focused_button(window: MainWindow) -> None:
    button = window.generate._scale
    focus(button)
    on = button.isChecked()
    press(window, Key.Key_Return)
    assert button.isChecked() is not on


def test_arrows_on_a_slider_move_the_slider(window: MainWindow, studio: Studio) -> None:
    studio.selection.set_clips({studio.song.project.track(PIANO).clips[1].id})
    slider = window.generate._surprise
    focus(slider)
    press(window, Key.Key_Right)
    assert studio.generation.settings.surprise == 0.41
    assert not studio.song.can_undo


@pytest.mark.parametrize("playing", [False, True])
def test_enter_with_a_range_asks_for_words_and_leaves_the_music_on(
    window: MainWindow, studio: Studio, monkeypatch: pytest.MonkeyPatch, playing: bool
) -> None:
    stopped: list[bool] = []
    monkeypatch.setattr(type(studio.playback), "playing", playing)
    monkeypatch.setattr(studio.playback, "stop", lambda: stopped.append(True))
    studio.selection.set_span((0, BAR), (PIANO,))
    press(window, Key.Key_Return)
    assert window.focusWidget() is window.generate.prompt.field
    assert not stopped


def test_enter_without_a_range_returns_to_the_start(window: MainWindow, studio: Studio) -> None:
    studio.playback.seek(BAR)
    press(window, Key.Key_Return)
    assert studio.playback.position_tick == 0


def test_f6_goes_around_the_panels(window: MainWindow) -> None:
    seen = []
    for _ in range(4):
        press(window, Key.Key_F6)
        focused = window.focusWidget()
        parts = (window.generate, window.timeline, window.dock, window.takes)
        seen.append(next(i for i, part in enumerate(parts) if holds(part, focused)))
    assert sorted(seen) == [0, 1, 2, 3]


def test_the_palette_runs_an_action(window: MainWindow, studio: Studio) -> None:
    press(window, Key.Key_K, CTRL)
    palette = window.findChild(Palette)
    assert palette is not None
    QTest.keyClicks(palette._field, "metro")
    assert palette.found[0] == "metronome"
    QTest.keyClick(palette._field, Key.Key_Return)
    assert studio.playback.metronome


def test_the_palette_does_not_run_what_cannot_be_done(window: MainWindow, studio: Studio) -> None:
    press(window, Key.Key_K, CTRL)
    palette = window.findChild(Palette)
    assert palette is not None
    QTest.keyClicks(palette._field, "redo")
    QTest.keyClick(palette._field, Key.Key_Return)
    assert palette.isVisible()
    palette.dismiss()
    assert studio.song.undone == ()


def test_question_mark_shows_the_keys(window: MainWindow) -> None:
    QTest.keyClicks(window.focusWidget(), "?")
    QApplication.processEvents()
    sheet = window.findChild(KeySheet)
    assert sheet is not None
    assert sheet.isVisible()
    QTest.keyClick(sheet, Key.Key_Escape)


def test_the_same_key_works_in_both_views(window: MainWindow, studio: Studio) -> None:
    window.commands.show_tab(0)
    press(window, Key.Key_2)
    focus(window.timeline)
    press(window, Key.Key_2)
    assert window.timeline.view.tool == "draw"
    press(window, Key.Key_1)
    assert window.timeline.view.tool == "select"


def test_enter_and_escape_give_the_keys_back_to_the_view(
    window: MainWindow, studio: Studio
) -> None:
    focus(window.bar._tempo)
    QTest.keyClicks(window.bar._tempo, "99")
    press(window, Key.Key_Return)
    assert studio.song.project.tempo.tempo_at(0) == 99
    press(window, Key.Key_K)
    clicks = [studio.playback.metronome]
    window.generate.focus_prompt()
    press(window, Key.Key_Escape)
    press(window, Key.Key_K)
    clicks.append(studio.playback.metronome)
    assert clicks == [True, False]
    assert studio.generation.settings.prompt == ""
