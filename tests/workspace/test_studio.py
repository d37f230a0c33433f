"""The studio as a whole: preferences, and closing while something is still to be written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot

from studio.core import paths, settings
from tests.ui.canvas.scene import open_studio


def test_preferences_are_written_in_the_background_and_the_last_ones_stay(
    qapp: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    with open_studio(tmp_path) as studio:
        for frames in (512, 1024):
            studio.set_settings(replace(studio.settings, block_frames=frames))
        qtbot.waitUntil(lambda: not studio.jobs.jobs, timeout=10_000)
        assert settings.load(paths.settings_file()).block_frames == 1024
        studio.set_settings(replace(studio.settings, block_frames=64))
    assert settings.load(paths.settings_file()).block_frames == 64


def test_preferences_that_cannot_be_written_are_said(
    qapp: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    with open_studio(tmp_path) as studio:
        paths.settings_file().unlink(missing_ok=True)
        paths.settings_file().mkdir(parents=True)
        with qtbot.waitSignal(studio.notice, timeout=10_000) as said:
            studio.set_settings(replace(studio.settings, block_frames=512))
        assert "preferences" in said.args[1]
