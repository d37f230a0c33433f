"""A preference holds at once and at the next start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.audio.ears import Output
from studio.core import paths, settings
from studio.ui.settings.dialog import Preferences
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import shown
from tests.ui.canvas.scene import open_studio


@pytest.fixture
def studio(qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    outputs = (Output("Built-in", 2, 48000, True), Output("USB interface", 2, 96000, False))
    with open_studio(tmp_path) as studio:
        monkeypatch.setattr(studio.engine, "refresh_devices", lambda: None)
        monkeypatch.setattr(studio.engine, "devices", lambda: outputs)
        yield studio


@pytest.fixture
def dialog(studio: Studio, qtbot: QtBot) -> Preferences:
    made = Preferences(studio, None)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    return shown(made, 520, 400)


def pick(dialog: Preferences, button: str, text: str) -> None:
    menu = getattr(dialog, button).menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == text).trigger()


def test_a_device_and_a_buffer_reach_the_engine_and_the_disk(
    dialog: Preferences, studio: Studio, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    told: list[tuple[str, int]] = []
    monkeypatch.setattr(studio.engine, "set_device", lambda *wanted: told.append(wanted))
    pick(dialog, "_device", "USB interface")
    pick(dialog, "_block", "512 frames")
    assert told == [("USB interface", 256), ("USB interface", 512)]
    assert dialog._device.text() == "USB interface  ▾"

    def kept() -> tuple[str, int]:
        found = settings.load(paths.settings_file())
        return found.audio_device, found.block_frames

    qtbot.waitUntil(lambda: kept() == ("USB interface", 512))


def test_every_device_there_is_can_be_chosen(dialog: Preferences) -> None:
    menu = dialog._device.menu()
    menu.aboutToShow.emit()
    menu.aboutToShow.emit()
    assert [a.text() for a in menu.actions()] == ["System default", "Built-in", "USB interface"]


def test_autosave_is_typed_within_its_bounds(dialog: Preferences, studio: Studio) -> None:
    field = dialog._autosave
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "500")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert studio.settings.autosave_seconds == 30
    assert studio.files._autosave._milliseconds == 30_000


def test_switches_say_on_and_off(dialog: Preferences, studio: Studio, qtbot: QtBot) -> None:
    before = studio.settings.audition_notes
    dialog._audition.click()
    assert studio.settings.audition_notes is not before
    assert dialog._audition.text() == ("off" if before else "on")
    file = paths.settings_file()
    qtbot.waitUntil(lambda: settings.load(file).audition_notes is not before)
