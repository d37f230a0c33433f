"""A piano roll over a real studio, with the first piano clip open."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from studio.ui.piano_roll.piano_roll import PianoRoll
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import shown
from tests.ui.canvas.scene import BAR
from tests.ui.piano_roll.keys import CLIP


@pytest.fixture
def roll(studio: Studio, qtbot: QtBot) -> PianoRoll:
    """Two hundred pixels a bar (the adaptive grid is an eighth), thirteen pixels a key."""
    studio.selection.set_note_clip(CLIP)
    roll = PianoRoll(studio)
    qtbot.addWidget(roll)
    shown(roll, 900, 460)
    roll.view.axis.scale = 200 / BAR
    roll.view.axis.left = 0.0
    roll.view.axis.changed.emit()
    roll.view.centre_on_notes()
    return roll


@pytest.fixture
def auditioned(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Pitches asked of the engine, which does not run here."""
    heard: list[int] = []
    audition = studio.engine.audition

    def noting(track: str, pitch: int, *rest: object) -> None:
        heard.append(pitch)
        audition(track, pitch, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(studio.engine, "audition", noting)
    return heard
