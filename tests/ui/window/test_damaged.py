"""A song that is not whole is told of, with a way to what is left of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from studio.domain.project import new_song
from studio.io.song_folder import SongFolder
from studio.ui.main_window import MainWindow
from studio.workspace.studio import Studio


def test_a_damaged_song_offers_the_version_before(
    window: MainWindow, studio: Studio, tmp_path: Path, qtbot: QtBot
) -> None:
    with SongFolder.create(tmp_path / "Rain", replace(new_song(), title="Rain")) as folder:
        folder.save(replace(new_song(), title="Rain, later"))
    (folder.path / "project.json").write_bytes(b"{")
    studio.song.mark_saved(studio.song.project)
    with qtbot.waitSignal(studio.files.damaged, timeout=10_000):
        window.files.open_path(folder.path)
    assert window.notices.messages == ["“Rain” is damaged: its description cannot be read."]
    (offered,) = [
        button
        for button in window.notices.findChildren(QAbstractButton)
        if button.text().startswith("Open the version of ")
    ]
    with qtbot.waitSignal(studio.files.opened, timeout=10_000):
        offered.click()
    assert (studio.files.folder, studio.song.title) == (folder.path, "Rain")
    assert window.isWindowModified()
