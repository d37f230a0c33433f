"""The transport bar shows the song and changes it, a step a gesture."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.domain.theory import Key
from studio.ui.main_window import MainWindow
from studio.ui.transport.bar import TransportBar
from studio.ui.transport.fields import TypedField
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import Mouse
from tests.ui.canvas.scene import BAR, PIANO


@pytest.fixture
def bar(window: MainWindow) -> TransportBar:
    return window.bar


def enter(field: TypedField, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_it_shows_where_the_song_is(bar: TransportBar, studio: Studio) -> None:
    studio.playback.seek(2 * BAR + 960 + 5)
    assert bar._position.text() == "3.2.005"
    assert bar._clock.text() == "0:04.50"
    assert bar._tempo.text() == "120.00 bpm"
    assert bar._meter.text() == "4/4"
    assert bar._key.text() == "D minor"


def test_it_names_the_song_as_it_was_saved(
    bar: TransportBar, studio: Studio, tmp_path: Path, qtbot: QtBot
) -> None:
    studio.files.save_as(tmp_path / "Rainy Window.tutti")
    qtbot.waitUntil(lambda: bar._title.text() == "Rainy Window", timeout=10_000)


def test_a_position_is_typed(bar: TransportBar, studio: Studio) -> None:
    enter(bar._position, "3")
    assert studio.playback.position_tick == 2 * BAR


def test_a_run_of_wheel_turns_on_the_tempo_is_one_step(bar: TransportBar, studio: Studio) -> None:
    mouse = Mouse(bar._tempo)
    for _ in range(5):
        mouse.wheel(10, 10, -1)
    assert studio.song.project.tempo.tempo_at(0) == 115
    assert len(studio.song.steps) == 1
    studio.song.undo()
    assert bar._tempo.text() == "120.00 bpm"


def test_taps_set_the_tempo_in_one_step(
    bar: TransportBar, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([10.0, 10.6, 11.2, 11.8])
    monkeypatch.setattr("studio.ui.transport.commands.monotonic", lambda: next(times))
    for _ in range(4):
        bar._tap.click()
    assert studio.song.project.tempo.tempo_at(0) == 100
    assert len(studio.song.steps) == 1


def test_meter_and_key_are_edits(bar: TransportBar, studio: Studio) -> None:
    enter(bar._meter, "3/4")
    assert studio.song.project.tempo.meter_at(0).beats == 3
    bar._key.chosen.emit(Key.parse("Bb major"))
    assert bar._key.text() == "Bb major"
    bar._key.chosen.emit(None)
    assert bar._key.text() == "No key"
    for _ in range(3):
        studio.song.undo()
    assert bar._meter.text() == "4/4"
    assert bar._key.text() == "D minor"


def test_nonsense_is_marked_and_forgotten(bar: TransportBar, studio: Studio) -> None:
    enter(bar._meter, "4/5")
    assert bar._meter.property("bad") is True
    QTest.keyClick(bar._meter, Qt.Key.Key_Escape)
    assert bar._meter.text() == "4/4"
    assert not studio.song.can_undo


def test_the_key_menu_offers_every_key_once(bar: TransportBar) -> None:
    menu = bar._key.menu()
    menu.aboutToShow.emit()
    menu.aboutToShow.emit()
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == ["No key", "Major", "Minor", "More scales"]


def test_buttons_show_what_is_on(bar: TransportBar, studio: Studio) -> None:
    studio.playback.set_metronome(True)
    studio.playback.set_loop((0, BAR))
    assert bar._buttons["metronome"].isChecked()
    assert bar._buttons["loop"].isChecked()
    bar._buttons["loop"].click()
    assert not studio.playback.loop_on


def test_undo_is_offered_only_where_there_is_something(bar: TransportBar, studio: Studio) -> None:
    assert not bar._buttons["undo"].isEnabled()
    enter(bar._meter, "3/4")
    assert bar._buttons["undo"].isEnabled()
    bar._buttons["undo"].click()
    assert studio.song.project.tempo.meter_at(0).beats == 4


def test_the_master_meter_tells_the_highest_peak(
    bar: TransportBar, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels = np.array([0.5, 0.25, 0.1, 0.1], np.float32)
    monkeypatch.setattr(studio.playback, "meter", lambda track: levels)
    studio.playback.meters_changed.emit()
    assert "-6.0 dB" in bar._master._meter.toolTip()
    assert bar._master._loudness.text() == "-∞ LUFS"
    state = replace(studio.playback.state, short_term_lufs=-14.23)
    monkeypatch.setattr(studio.playback, "_state", state)
    levels[0] = 1.2
    studio.playback.meters_changed.emit()
    assert bar._master._loudness.property("clipped") is True
    assert bar._master._loudness.text() == "-14.2 LUFS"
    Mouse(bar._master._meter).click(5, 5)
    assert bar._master._loudness.property("clipped") is False
    assert "-∞ dB" in bar._master._meter.toolTip()


def test_loop_the_selection(bar: TransportBar, studio: Studio) -> None:
    studio.selection.set_span((BAR, 2 * BAR), (PIANO,))
    bar._buttons["loop"].click()
    assert studio.playback.loop == (BAR, 2 * BAR)


@pytest.mark.parametrize("width", [1024, 1079, 1080, 1309, 1310, 1459, 1460, 1800])
def test_nothing_overlaps_at_any_width(bar: TransportBar, width: int, qtbot: QtBot) -> None:
    bar.window().resize(width, 700)
    qtbot.waitUntil(lambda: bar.width() == width)
    QApplication.processEvents()
    shown = [w for w in bar.children() if isinstance(w, QWidget) and w.isVisible()]
    qtbot.waitUntil(lambda: all(w.width() >= w.minimumSizeHint().width() for w in shown))
    parts = sorted((w.geometry() for w in shown), key=lambda area: area.left())
    assert len(parts) > 8
    assert all(a.right() < b.left() for a, b in pairwise(parts))
    assert parts[-1].right() < width
    assert all(area.width() >= 20 for area in parts)
