from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from studio.ui.mixer.view import MixerView
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import shown


@pytest.fixture
def mixer(studio: Studio, qtbot: QtBot) -> Iterator[MixerView]:
    made = MixerView(studio)
    qtbot.addWidget(made)
    yield shown(made, 900, 420)
    made.release()
