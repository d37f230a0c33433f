"""Clips dragged out of the window go on as files."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtGui import QDrag
from pytestqt.qtbot import QtBot

from studio.domain.clip import NoteClip
from studio.edit.tempo import SetTempo
from studio.io.midi import read_midi
from studio.ui.main_window import MainWindow
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import Mouse
from tests.ui.canvas.scene import BAR, BEAT, RATE
from tests.ui.timeline.places import CHORUS, RAIN_CLIP, at, steps


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> list[list[Path]]:
    """Files of each drag that left the window: here is no other program to take them."""
    found: list[list[Path]] = []

    def leave(drag: QDrag, action: Qt.DropAction) -> Qt.DropAction:
        found.append([Path(url.toLocalFile()) for url in drag.mimeData().urls()])
        return action

    monkeypatch.setattr(QDrag, "exec", leave)
    return found


def test_clips_are_dragged_out_as_files_and_stay(
    window: MainWindow, studio: Studio, carried: list[list[Path]], qtbot: QtBot
) -> None:
    studio.song.do(SetTempo(2 * BAR, 90.0))
    before = studio.song.project
    studio.selection.set_clips({CHORUS, RAIN_CLIP})
    lanes = Mouse(window.timeline.lanes)
    lanes.hold(at(window.timeline, 3 * BAR, 0), (window.width() + 400, 100))
    assert not window.timeline.view.is_proposing
    qtbot.waitUntil(lambda: bool(carried), timeout=20_000)
    lanes.release(window.width() + 400, 100)
    notes, sound = carried[0]
    assert (notes.name, sound.name) == ("chorus.mid", "rain.wav")
    assert studio.song.project is before
    assert studio.selection.clips == {CHORUS, RAIN_CLIP}
    song = read_midi(notes)
    (clip,) = song.sources[0].clips
    assert isinstance(clip, NoteClip)
    assert (clip.notes.start + clip.shift).tolist() == [0, BEAT, 2 * BEAT, 3 * BEAT]
    assert song.tempo.tempo_at(0) == 90.0
    assert soundfile.info(sound).frames == 2 * RATE


def test_what_comes_back_or_is_let_go_at_once_is_no_drag(
    window: MainWindow, studio: Studio, carried: list[list[Path]], qtbot: QtBot
) -> None:
    lanes = Mouse(window.timeline.lanes)
    start, outside = at(window.timeline, 3 * BAR, 0), (window.width() + 400.0, 100.0)
    lanes.hold(start, outside)
    lanes.move(*start)
    lanes.release(*start)
    lanes.drag(start, outside)
    qtbot.waitUntil(lambda: not studio.takes.jobs, timeout=20_000)
    assert not carried
    assert steps(studio) == 0
