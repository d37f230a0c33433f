"""An export goes over an earlier one only when the musician says so."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.domain.clip import NoteClip
from studio.edit.clips import DeleteClips
from studio.io.midi import read_midi
from studio.ui.dialogs.ask import Question
from studio.ui.dialogs.export import ExportDialog
from studio.ui.main_window import MainWindow
from studio.workspace.studio import Studio
from tests.ui.canvas.scene import BAR, PIANO
from tests.ui.timeline.places import CHORUS


def test_an_earlier_export_is_asked_about(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    song = tmp_path / "out" / "song.mid"
    song.parent.mkdir()
    song.write_bytes(b"earlier")
    window.files.export()
    dialog = window.findChild(ExportDialog)
    assert dialog is not None
    dialog.folder = song.parent
    dialog.mix.setChecked(False)
    dialog.midi.setChecked(True)
    for answer in ("Cancel", "Replace"):
        assert song.read_bytes() == b"earlier"
        QTest.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
        question = next(asked for asked in dialog.findChildren(Question) if asked.isVisible())
        assert dialog.isVisible()
        next(button for button in question.buttons if button.text() == answer).click()
    qtbot.waitUntil(lambda: song.read_bytes().startswith(b"MThd"), timeout=10_000)
    qtbot.waitUntil(lambda: bool(window.notices.messages), timeout=10_000)
    assert window.findChild(ExportDialog) is None


def test_a_part_is_exported_and_a_key_exports_it_again(
    window: MainWindow, studio: Studio, tmp_path: Path, qtbot: QtBot
) -> None:
    studio.playback.set_loop((0, BAR))
    studio.selection.set_span((3 * BAR, 4 * BAR), (PIANO,))
    window.files.export()
    dialog = window.findChild(ExportDialog)
    assert dialog is not None
    parts = [entry.text() for entry in dialog.span.menu().actions()]
    assert parts == ["The whole song", "The loop", "The selection", "1. Verse", "2. Chorus"]
    dialog.folder = tmp_path / "out"
    dialog.mix.setChecked(False)
    dialog.midi.setChecked(True)
    dialog.span.pick("2. Chorus")
    QTest.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    song = tmp_path / "out" / "song.mid"
    qtbot.waitUntil(song.exists, timeout=10_000)
    qtbot.waitUntil(lambda: bool(window.notices.messages), timeout=10_000)
    piano, *others = read_midi(song).sources
    assert [len(clip.notes) for clip in piano.clips if isinstance(clip, NoteClip)] == [4]
    assert not others, "the bass ends before"
    written = song.stat().st_mtime_ns
    studio.song.do(DeleteClips(frozenset({CHORUS})))
    studio.song.undo()
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    window.timeline.setFocus()
    ctrl_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_E, ctrl_shift)
    qtbot.waitUntil(lambda: song.stat().st_mtime_ns > written, timeout=10_000)
    qtbot.waitUntil(lambda: not studio.takes.jobs, timeout=10_000)
