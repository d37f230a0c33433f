"""The list of steps: what was done is seen, and jumped to."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListView

from studio.edit.clips import DeleteClips, MoveClips
from studio.edit.mixer import SetMute
from studio.ui.dialogs.history import HistoryList
from studio.ui.main_window import MainWindow
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import CTRL, LEFT
from tests.ui.canvas.scene import BAR, PIANO
from tests.ui.timeline.places import CHORUS, VERSE

Key = Qt.Key


def test_any_step_is_a_click_or_an_arrow_away(window: MainWindow, studio: Studio) -> None:
    songs = [studio.song.project]
    for command in (
        MoveClips(frozenset({CHORUS}), BAR),
        DeleteClips(frozenset({VERSE})),
        SetMute(frozenset({PIANO}), True),
    ):
        studio.song.do(command)
        songs.append(studio.song.project)
    QTest.keyClick(window.focusWidget(), Key.Key_H, CTRL)
    shown = window.findChild(HistoryList)
    assert shown is not None
    assert shown.steps == ["Before all this", "Move clips", "Delete clips", "Mute"]
    assert shown.at == 3
    QTest.keyClick(window.focusWidget(), Key.Key_Up)
    QTest.keyClick(window.focusWidget(), Key.Key_Up)
    assert studio.song.project is songs[1]
    steps = shown.findChild(QListView)
    assert steps is not None
    place = steps.visualRect(steps.model().index(0, 0)).center()
    QTest.mouseClick(steps.viewport(), LEFT, pos=place)
    assert studio.song.project is songs[0]
    QTest.keyClick(window.focusWidget(), Key.Key_End)
    assert studio.song.project is songs[3]
    QTest.keyClick(window.focusWidget(), Key.Key_Z, CTRL)
    assert shown.at == 2, "undo by its key is seen too"
    studio.song.do(SetMute(frozenset({PIANO}), True))
    assert shown.steps[-1] == "Mute"
    QTest.keyClick(window.focusWidget(), Key.Key_Escape)
    QApplication.processEvents()
    assert shown.isHidden()
    assert window.timeline.isAncestorOf(window.focusWidget())
