"""A real studio with a small song, and the whole window over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.ui.main_window import MainWindow
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import shown
from tests.ui.canvas.scene import open_studio


@pytest.fixture
def studio(qapp: object, tmp_path: Path) -> Iterator[Studio]:
    """A small song, nothing playing and no worker."""
    with open_studio(tmp_path) as studio:
        yield studio


@pytest.fixture
def window(studio: Studio, qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow(studio)
    qtbot.addWidget(made)
    shown(made, 1600, 1000)
    made.timeline.setFocus()
    yield made
    studio.recording.close()
    studio.song.mark_saved(studio.song.project)
