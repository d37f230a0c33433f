"""Arming by mouse and key, and what the window shows of a recording."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from studio.domain.clip import AudioClip
from studio.domain.project import new_song
from studio.domain.track import STEREO
from studio.edit.clips import AddClip
from studio.media.recorded import Outline
from studio.ui import theme
from studio.ui.main_window import MainWindow
from studio.ui.timeline.input_menu import add_inputs, add_turns, input_words
from studio.workspace.recording import Recording, State
from studio.workspace.studio import Studio
from tests.ui.canvas.scene import BAR, PIANO, RAIN


def entry(menu: QMenu, *names: str) -> None:
    """Choose an entry by the beginnings of its name and of those of its menus."""
    for name in names[:-1]:
        inner = next(a.menu() for a in menu.actions() if a.text().startswith(name))
        assert isinstance(inner, QMenu)
        menu = inner
    next(a for a in menu.actions() if a.text().startswith(names[-1])).trigger()


def test_a_head_arms_its_track_and_tells_where_it_listens(
    window: MainWindow, studio: Studio
) -> None:
    head = window.timeline.headers.header(RAIN)
    assert head is not None
    QTest.mouseClick(head.arm, Qt.MouseButton.LeftButton)
    assert studio.arming.is_armed(RAIN)
    assert head.arm.isChecked()
    assert "Input 1 · not heard while armed" in head.arm.toolTip()
    assert "Shift+R" in head.arm.toolTip()
    menu = QMenu(window)
    rain = studio.song.project.track(RAIN)
    add_inputs(menu, studio, rain)
    entry(menu, "Input", "Inputs 1 and 2")
    entry(menu, "Input", "Hear it")
    assert studio.arming.input_of(RAIN).channels == STEREO
    assert input_words(studio, rain) == "Inputs 1 and 2, stereo · heard while armed"
    assert "heard while armed" in head.arm.toolTip()
    entry(menu, "Arm")
    assert not head.arm.isChecked()


def test_keys_arm_and_record_and_the_button_shows_it(
    window: MainWindow, studio: Studio, qtbot: QtBot
) -> None:
    button = window.bar._buttons["record"]
    assert button.property("recording") == "idle"
    studio.selection.set_tracks((PIANO,))
    QTest.keyClick(window.timeline, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    assert studio.arming.is_armed(PIANO)
    assert button.property("recording") == "armed"
    assert "R" in button.toolTip()
    with qtbot.waitSignal(studio.notice) as said:
        QTest.keyClick(window.timeline, Qt.Key.Key_R)
    assert said.args[1] == "The audio engine is not there yet."
    QTest.keyClick(window.timeline, Qt.Key.Key_P)
    assert studio.recording.punch
    assert window.bar._buttons["punch"].isChecked()
    for bars in (2, 0, 1):
        window.actions_.run("count_in")
        assert studio.settings.count_in_bars == bars
        assert window.bar._buttons["count_in"].text() == (str(bars) if bars else "")
    studio.song.undo()
    assert not studio.arming.is_armed(PIANO)
    studio.song.redo()
    assert studio.song.undo_label == "Arm to record"
    studio.song.open(new_song())
    assert button.property("recording") == "idle"


def test_a_recording_grows_in_its_lane(
    window: MainWindow, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    outline = Outline(Path("nowhere"))
    outline.pairs = np.tile(np.array([[-0.5, 0.5]], np.float32), (400, 1))
    studio.playback.seek(3 * BAR)
    monkeypatch.setattr(Recording, "state", State.RECORDING)
    monkeypatch.setattr(Recording, "growing", {RAIN: outline})
    monkeypatch.setattr(Recording, "begun_at", BAR)
    studio.recording.changed.emit()
    assert window.bar._buttons["record"].property("recording") == "recording"
    studio.recording.grew.emit()
    lanes = window.timeline.lanes
    picture = lanes.grab().toImage()
    ratio = picture.devicePixelRatio()
    row = lanes.layout_.row(2)
    x = lanes.axis.x(3 * BAR) - 4
    middle = picture.pixelColor(round(x * ratio), round((row.top + row.height * 0.62) * ratio))
    assert middle == theme.colour("record")


def test_takes_of_a_loop_are_in_the_clips_menu_and_in_the_palette(
    window: MainWindow, studio: Studio
) -> None:
    (clip,) = (c for c in studio.song.project.track(RAIN).clips if isinstance(c, AudioClip))
    turns = (0, 24000)
    looped = replace(
        clip, id=studio.song.project.new_clip_id(), start=8 * BAR, offset_frames=24000,
        length_frames=24000, turns=turns, turn=1,
    )  # fmt: skip
    studio.song.do(AddClip(RAIN, looped))
    studio.selection.set_clips({looped.id})
    menu = QMenu(window)
    add_turns(menu, studio)
    entry(menu, "Takes", "Take 1")
    shown_now = studio.song.project.clip(looped.id)
    assert isinstance(shown_now, AudioClip)
    assert (shown_now.turn, shown_now.offset_frames) == (0, 0)
    window.actions_.run("newer_take")
    assert studio.song.project.clip(looped.id) == looped
    assert studio.song.undo_label == "Choose take"
