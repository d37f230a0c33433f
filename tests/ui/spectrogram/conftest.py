"""The view of one recording."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from studio.ui.spectrogram.view import SpectrogramView
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import shown
from tests.ui.spectrogram.places import put_tone


@pytest.fixture
def view(studio: Studio, qtbot: QtBot) -> Iterator[SpectrogramView]:
    put_tone(studio)
    made = SpectrogramView(studio)
    qtbot.addWidget(made)
    yield shown(made, 856, 460)
    made.release()
