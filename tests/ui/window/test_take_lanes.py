"""The takes of a clip as lanes below it: seen, heard one after the other, and chosen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.domain.clip import AudioClip, ClipId, NoteClip
from studio.edit.clips import AddClip, MoveClips
from studio.ui.main_window import MainWindow
from studio.ui.timeline.take_lanes import LANE_PX
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import NONE, Mouse, differs, pixel
from tests.ui.canvas.scene import BAR, BASS, RAIN, RATE
from tests.ui.takes.takes_of import take
from tests.ui.timeline.places import VERSE, sound_of, steps

LOOPED = ClipId("c40")
Key = Qt.Key


def press(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(window.focusWidget(), key, modifiers)
    QApplication.processEvents()


@pytest.fixture
def looped(studio: Studio, window: MainWindow) -> ClipId:
    """Three turns of a second, the newest of which is shown in bar 5."""
    level = np.repeat([0.1, 0.4, 0.8], RATE)
    noise = (np.random.default_rng(4).uniform(-1, 1, 3 * RATE) * level).astype(np.float32)
    source = studio.files.media.put_audio(noise[:, None], RATE, "Voice.wav")
    clip = AudioClip(
        LOOPED, 4 * BAR, source, 2 * RATE, RATE, "voice", turns=(0, RATE, 2 * RATE), turn=2
    )
    studio.song.do(AddClip(RAIN, clip))
    studio.song.close_step()
    studio.selection.set_clips({LOOPED})
    return LOOPED


def test_digits_choose_a_turn_while_the_lanes_have_the_focus_in_one_step(
    window: MainWindow, studio: Studio, looped: ClipId
) -> None:
    lanes, before = window.timeline.lanes.takes, steps(studio)
    press(window, Key.Key_Y)
    assert lanes.isVisible()
    assert (lanes.numbers, lanes.chosen) == ([1, 2, 3], 3)
    press(window, Key.Key_1)
    assert sound_of(studio, looped).offset_frames == 0
    assert window.timeline.view.tool == "select", "digits are no tools here"
    press(window, Key.Key_Down)
    assert (sound_of(studio, looped).turn, lanes.chosen) == (1, 2)
    assert (steps(studio), studio.song.undo_label) == (before + 1, "Choose take")
    press(window, Key.Key_Escape)
    assert not lanes.isVisible()
    press(window, Key.Key_2)
    assert window.timeline.view.tool == "draw"
    studio.song.undo()
    assert sound_of(studio, looped).turn == 2


def test_a_click_chooses_and_a_press_elsewhere_closes(
    window: MainWindow, studio: Studio, looped: ClipId, qtbot: QtBot
) -> None:
    press(window, Key.Key_Y)
    lanes = window.timeline.lanes.takes
    middle = 24 + (lanes.width() - 24) * 0.4

    def reaches(lane: int) -> bool:
        """Whether the sound of a lane comes near its upper edge."""
        high = pixel(lanes, middle, LANE_PX * (lane + 0.25))
        return differs(high, pixel(lanes, middle, LANE_PX * lane + 3)) > 30

    qtbot.waitUntil(lambda: reaches(2), timeout=10_000)
    assert not reaches(0)
    Mouse(lanes).click(middle, LANE_PX * 1.5)
    assert sound_of(studio, looped).turn == 1
    before = lanes.x()
    window.timeline.view.axis.scroll_by(40)
    assert lanes.x() == before - 40
    Mouse(window.timeline.lanes).click(5, 5)
    QApplication.processEvents()
    studio.song.do(MoveClips(frozenset({looped}), BAR))
    window.timeline.setFocus()
    assert not lanes.isVisible()


def test_variations_of_a_model_are_lanes_too(window: MainWindow, studio: Studio) -> None:
    song, batch = studio.song.project, studio.takes.new_batch()
    for seed in (1, 2, 3):
        studio.takes.add(take(song, BASS, seed=seed), batch)
    placed = studio.song.project.track(BASS).clips[-1]
    studio.selection.set_clips({placed.id})
    press(window, Key.Key_Y)
    lanes = window.timeline.lanes.takes
    assert (lanes.numbers, lanes.chosen) == ([1, 2, 3], 1)
    for key, number in ((Key.Key_3, 3), (Key.Key_2, 2)):
        press(window, key)
        written = studio.song.project.track(BASS).clips[-1]
        assert isinstance(written, NoteClip)
        assert set(written.notes.pitch.tolist()) == {40 + number}
        assert lanes.isVisible()
        assert lanes.chosen == number
    assert steps(studio) == 1


def test_a_clip_with_one_take_says_where_takes_come_from(
    window: MainWindow, studio: Studio
) -> None:
    studio.selection.set_clips({VERSE})
    press(window, Key.Key_Y)
    assert "several takes" in window.notices.messages[0]
    assert not window.timeline.lanes.takes.isVisible()


def test_a_turn_that_is_too_short_is_refused_in_a_sentence(
    window: MainWindow, studio: Studio, looped: ClipId
) -> None:
    clip = sound_of(studio, looped)
    short = replace(clip, id=ClipId("c41"), turns=(0, clip.source.frames - 99), turn=0,
                    offset_frames=0, start=6 * BAR)  # fmt: skip
    studio.song.do(AddClip(RAIN, short))
    studio.selection.set_clips({short.id})
    press(window, Key.Key_Y)
    press(window, Key.Key_2)
    assert "not as long" in window.notices.messages[0]
    assert sound_of(studio, short.id).turn == 0
