"""Letters play notes while they are told to, and are shortcuts otherwise; steps write notes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.ui.main_window import MainWindow
from studio.ui.piano_roll.piano_roll import PianoRoll
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import Mouse
from tests.ui.canvas.scene import BEAT
from tests.ui.piano_roll.keys import CLIP, at, rows, steps

A, D, Z, K = Qt.Key.Key_A, Qt.Key.Key_D, Qt.Key.Key_Z, Qt.Key.Key_K


@pytest.fixture
def roll(window: MainWindow, studio: Studio) -> PianoRoll:
    studio.selection.set_note_clip(CLIP)
    window.dock.show_page(0)
    roll = window.dock.page(0)
    assert isinstance(roll, PianoRoll)
    roll.view.snap.set_grid("1/4")
    return roll


@pytest.fixture
def auditioned(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """(pitch, velocity) of what was asked of the engine."""
    heard: list[tuple[int, int]] = []
    monkeypatch.setattr(
        studio.engine, "audition", lambda _track, pitch, loud, _seconds: heard.append((pitch, loud))
    )
    return heard


def test_letters_play_notes_while_they_are_told_to(
    window: MainWindow, roll: PianoRoll, studio: Studio, auditioned: list[tuple[int, int]]
) -> None:
    QTest.keyClick(roll.canvas, K)
    assert studio.playback.metronome
    QTest.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    assert roll.bar.typing.isChecked()
    for key in (A, K, Z, D, Qt.Key.Key_V, A):
        QTest.keyClick(roll.canvas, key)
    assert auditioned == [(60, 96), (72, 96), (52, 96), (48, 106)]
    assert studio.playback.metronome, "K played and switched nothing"
    assert steps(studio) == 0
    QTest.keyClick(roll.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(roll.canvas, K)
    assert not studio.playback.metronome


def test_a_chord_is_one_step_of_step_input_and_the_playhead_goes_on(
    roll: PianoRoll, studio: Studio, auditioned: list[tuple[int, int]]
) -> None:
    roll.toggle_typing()
    roll.toggle_stepping()
    studio.playback.seek(4 * BEAT)
    QTest.keyPress(roll.canvas, A)
    QTest.keyPress(roll.canvas, D)
    assert (4 * BEAT, BEAT, 64) not in rows(studio)
    assert len(roll.view.notes) == 6, "what is held is seen at once"
    QTest.keyRelease(roll.canvas, A)
    QTest.keyRelease(roll.canvas, D)
    assert rows(studio)[-2:] == [(4 * BEAT, BEAT, 60), (4 * BEAT, BEAT, 64)]
    assert steps(studio) == 1
    assert studio.playback.position_tick == 5 * BEAT
    QTest.keyClick(roll.canvas, Qt.Key.Key_Right)
    QTest.keyClick(roll.canvas, A)
    assert rows(studio)[-1] == (6 * BEAT, BEAT, 60)
    QTest.keyClick(roll.canvas, Qt.Key.Key_Backspace)
    assert rows(studio)[-1] == (4 * BEAT, BEAT, 64)
    assert studio.playback.position_tick == 6 * BEAT
    assert steps(studio) == 3


def test_the_keys_at_the_left_write_steps_too(
    roll: PianoRoll, studio: Studio, auditioned: list[tuple[int, int]]
) -> None:
    roll.toggle_stepping()
    studio.playback.seek(5 * BEAT)
    Mouse(roll.keyboard).click(20, at(roll, 0, 65)[1])
    assert (5 * BEAT, BEAT, 65) in rows(studio)
    assert studio.playback.position_tick == 6 * BEAT


def test_a_held_chord_is_written_when_the_focus_goes(
    window: MainWindow, roll: PianoRoll, studio: Studio, auditioned: list[tuple[int, int]]
) -> None:
    roll.toggle_typing()
    roll.toggle_stepping()
    QTest.keyPress(roll.canvas, A)
    window.timeline.setFocus()
    assert steps(studio) == 1
    assert not roll.view.is_proposing


def test_keys_of_a_midi_input_write_steps_and_do_not_sound_twice(
    roll: PianoRoll, studio: Studio, auditioned: list[tuple[int, int]]
) -> None:
    studio.playback.seek(4 * BEAT)
    studio.playback.key_played.emit(67, 80)
    studio.playback.key_played.emit(67, 0)
    assert steps(studio) == 0, "steps are not written unasked"
    roll.toggle_stepping()
    for pitch, velocity in ((67, 80), (71, 60), (67, 0), (71, 0)):
        studio.playback.key_played.emit(pitch, velocity)
    assert rows(studio)[-2:] == [(4 * BEAT, BEAT, 67), (4 * BEAT, BEAT, 71)]
    assert steps(studio) == 1
    assert auditioned == []
