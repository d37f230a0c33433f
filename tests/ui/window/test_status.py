"""The status bar tells what plays, how well, and whether the song is safe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.audio.client import EngineState
from studio.edit.tempo import SetTempo
from studio.ui.main_window import MainWindow
from studio.ui.status import ago_words, device_words
from studio.workspace.studio import Studio

BUILT_IN = EngineState(
    alive=True, device="Built-in audio", sample_rate=48000, device_rate=44100,
    latency_frames=256, silent=False,
)  # fmt: skip


def test_the_device_is_told_with_rate_and_latency() -> None:
    assert device_words(BUILT_IN) == "Built-in audio, 44.1 kHz, 5.3 ms"
    assert device_words(EngineState()) == "Sound is starting"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.5, "just now"), (12.2, "12 s ago"), (300.0, "5 min ago")]
)
def test_how_long_ago_is_told_roughly(seconds: float, words: str) -> None:
    assert ago_words(seconds) == words


def test_dropouts_are_counted_and_stand_out(
    window: MainWindow, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio.playback, "_state", replace(BUILT_IN, dropouts=1, load=0.09))
    studio.playback.device_changed.emit()
    assert window.status._dropouts.text() == "1 dropout"
    assert window.status._dropouts.property("bad") == "true"
    assert window.status._load.text() == "Engine 9%"
    monkeypatch.setattr(studio.playback, "_state", replace(BUILT_IN, silent=True, dropouts=9))
    studio.playback.device_changed.emit()
    assert not window.status._dropouts.isVisible()


def test_it_tells_unsaved_and_saved(
    window: MainWindow, studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    studio.song.do(SetTempo(0, 90.0))
    assert window.status._saved.text().startswith("Unsaved changes")
    with qtbot.waitSignal(studio.files.saved, timeout=10_000):
        studio.files.save_as(tmp_path / "Song.tutti")
    qtbot.waitUntil(lambda: window.status._saved.text() == "Saved just now")


def test_the_model_that_was_chosen_is_told(window: MainWindow, studio: Studio) -> None:
    assert window.status._model.text() == "Model: automatic"
    studio.generation.set(model="sketch")
    assert window.status._model.text() == "Model: Sketch"
