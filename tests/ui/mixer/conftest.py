from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.ui.mixer.view import MixerView
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import shown
from tests.ui.canvas.scene import open_studio


@pytest.fixture
def studio(qapp: object, tmp_path: Path) -> Iterator[Studio]:
    with open_studio(tmp_path) as studio:
        yield studio


@pytest.fixture
def mixer(studio: Studio, qtbot: QtBot) -> Iterator[MixerView]:
    made = MixerView(studio)
    qtbot.addWidget(made)
    yield shown(made, 900, 420)
    made.release()
