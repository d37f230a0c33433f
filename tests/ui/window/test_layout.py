"""Panels come and go, and views open where one looks for them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.domain.clip import ClipId
from studio.domain.track import TrackId
from studio.edit.tracks import SetTrack
from studio.ui.dock import MIXER, ROLL, SPECTROGRAM
from studio.ui.main_window import MainWindow
from studio.workspace.studio import Studio
from tests.ui.canvas.scene import PIANO

CTRL = Qt.KeyboardModifier.ControlModifier


def press(window: MainWindow, key: Qt.Key) -> None:
    QTest.keyClick(window.focusWidget(), key, CTRL)
    QApplication.processEvents()


def test_pages_are_made_when_they_are_first_seen(window: MainWindow) -> None:
    assert list(window.dock._made) == [ROLL]
    press(window, Qt.Key.Key_3)
    assert list(window.dock._made) == [ROLL, MIXER]
    assert window.dock.current is window.dock.page(MIXER)


def test_side_panels_are_switched_by_key_and_menu_shows_it(window: MainWindow) -> None:
    press(window, Qt.Key.Key_B)
    assert not window.generate.isVisible()
    assert not window.actions_["show_generate"].isChecked()
    press(window, Qt.Key.Key_B)
    assert window.generate.isVisible()


def test_asking_for_the_prompt_brings_its_panel_back(window: MainWindow) -> None:
    press(window, Qt.Key.Key_B)
    press(window, Qt.Key.Key_G)
    assert window.generate.isVisible()
    assert window.focusWidget() is window.generate.prompt.field


def test_the_lower_half_takes_the_whole_height_and_gives_it_back(window: MainWindow) -> None:
    low = window.dock.height()
    press(window, Qt.Key.Key_0)
    assert window.dock.height() > 1.5 * low
    window.dock.full.click()
    QApplication.processEvents()
    assert window.timeline.isVisible()
    assert window.dock.height() == low


def test_an_opened_clip_shows_in_its_view(window: MainWindow, studio: Studio) -> None:
    studio.selection.set_clips({ClipId("c23")})
    window.timeline.clip_opened.emit("c23")
    assert window.dock.tabs.currentIndex() == SPECTROGRAM
    studio.selection.set_clips({ClipId("c20")})
    window.timeline.clip_opened.emit("c20")
    assert window.dock.tabs.currentIndex() == ROLL


def test_the_tab_names_the_track_of_the_open_clip(window: MainWindow, studio: Studio) -> None:
    studio.selection.set_note_clip(ClipId("c22"))
    assert window.dock.tabs.tabText(ROLL) == "Piano roll — Bass"
    studio.selection.set_note_clip(None)
    assert window.dock.tabs.tabText(ROLL) == "Piano roll"


def test_a_renamed_track_is_renamed_on_the_tab(window: MainWindow, studio: Studio) -> None:
    studio.selection.set_note_clip(ClipId("c20"))
    studio.song.do(SetTrack(TrackId(PIANO), (("name", "Grand"),)))
    assert window.dock.tabs.tabText(ROLL) == "Piano roll — Grand"


def test_undo_and_redo_say_what_they_would_do(window: MainWindow, studio: Studio) -> None:
    studio.song.do(SetTrack(TrackId(PIANO), (("name", "Grand"),)))
    undo, redo = window.actions_["undo"], window.actions_["redo"]
    assert undo.text() == "Undo Change track"
    assert "Ctrl+Z" in window.bar._buttons["undo"].toolTip()
    studio.song.undo()
    assert (undo.text(), redo.text()) == ("Undo", "Redo Change track")
