"""An export goes over an earlier one only when the musician says so."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.ui.dialogs.ask import Question
from studio.ui.dialogs.export import ExportDialog
from studio.ui.main_window import MainWindow


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
