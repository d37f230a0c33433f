"""A timeline over a real studio with a small song."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from studio.ui.timeline.timeline import Timeline
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import shown
from tests.ui.canvas.scene import BAR


@pytest.fixture
def timeline(studio: Studio, qtbot: QtBot) -> Timeline:
    """A hundred pixels a bar, so that the adaptive grid is a beat."""
    timeline = Timeline(studio)
    qtbot.addWidget(timeline)
    shown(timeline, 850, 400)
    timeline.view.axis.scale = 100 / BAR
    timeline.view.axis.changed.emit()
    return timeline
