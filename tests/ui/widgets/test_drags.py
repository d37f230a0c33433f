from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.domain.track import SILENT_DB
from studio.ui.widgets.drags import Fader, Pan
from studio.ui.widgets.slider import ShareSlider
from tests.ui.canvas.hands import CTRL, SHIFT, Mouse, differs, pixel, shown


class Changes:
    """What a control told while it was used."""

    def __init__(self, control: Fader | Pan) -> None:
        self.moved: list[float] = []
        self.committed: list[float] = []
        control.moved.connect(self.moved.append)
        control.committed.connect(self.committed.append)


@pytest.fixture
def fader(qtbot: QtBot) -> Fader:
    made = Fader("Volume")
    qtbot.addWidget(made)
    return shown(made, 40, 212)


def test_a_drag_moves_all_the_way_and_commits_once(fader: Fader) -> None:
    told = Changes(fader)
    Mouse(fader).drag((20, 70), (20, 110))
    assert len(told.moved) == 4
    assert len(told.committed) == 1
    assert fader.value < -5
    assert told.committed == [fader.value]


def test_ctrl_drags_finely(fader: Fader) -> None:
    Mouse(fader).drag((20, 70), (20, 110), CTRL)
    assert -3 < fader.value < 0


def test_escape_takes_a_drag_back(fader: Fader) -> None:
    told = Changes(fader)
    mouse = Mouse(fader)
    mouse.hold((20, 70), (20, 130))
    QTest.keyClick(fader, Qt.Key.Key_Escape)
    mouse.release(20, 130)
    assert fader.value == 0.0
    assert told.committed == []
    assert told.moved[-1] == 0.0


@pytest.mark.parametrize("how", ["double", "shift"])
def test_double_click_and_shift_click_reset(fader: Fader, how: str) -> None:
    fader.set_value(-20)
    told = Changes(fader)
    mouse = Mouse(fader)
    if how == "double":
        mouse.double_click(20, 100)
    else:
        mouse.click(20, 100, SHIFT)
    assert fader.value == 0.0
    assert told.committed == [0.0]


def test_a_run_of_wheel_turns_commits_once(fader: Fader, qtbot: QtBot) -> None:
    told = Changes(fader)
    for _ in range(5):
        Mouse(fader).wheel(20, 100, -1)
    assert told.committed == []
    qtbot.waitUntil(lambda: len(told.committed) == 1)
    assert told.committed == [fader.value]


def test_keys_move_it_and_leaving_ends_the_run(fader: Fader) -> None:
    told = Changes(fader)
    fader.setFocus()
    QTest.keyClick(fader, Qt.Key.Key_Up)
    QTest.keyClick(fader, Qt.Key.Key_Up)
    fader.clearFocus()
    assert len(told.committed) == 1
    assert fader.value > 0


def test_the_bottom_is_silence(fader: Fader) -> None:
    Mouse(fader).drag((20, 70), (20, 900))
    assert fader.value == SILENT_DB


def test_the_song_does_not_move_a_fader_in_hand(fader: Fader) -> None:
    mouse = Mouse(fader)
    mouse.hold((20, 70), (20, 110))
    held = fader.value
    fader.set_value(6)
    assert fader.value == held
    mouse.release(20, 110)


def test_the_cap_lies_where_the_value_is(fader: Fader) -> None:
    fader.set_value(12)
    edge = fader.width() - 14 - 8
    at_top = pixel(fader, edge, 3)
    fader.set_value(SILENT_DB)
    assert differs(at_top, pixel(fader, edge, 3)) > 60
    assert differs(at_top, pixel(fader, edge, 212 - 9)) < 20


def test_a_pan_pot_goes_from_left_to_right(qtbot: QtBot) -> None:
    pan = Pan("Pan")
    qtbot.addWidget(pan)
    shown(pan, 26, 26)
    Mouse(pan).drag((13, 13), (13, -200))
    assert pan.value == 1.0
    Mouse(pan).drag((13, 13), (13, 400))
    assert pan.value == -1.0


def test_a_slider_goes_to_where_it_is_pressed(qtbot: QtBot) -> None:
    slider = ShareSlider("Surprise", 0.4)
    qtbot.addWidget(slider)
    shown(slider, 114, 20)
    told: list[float] = []
    slider.edited.connect(told.append)
    Mouse(slider).click(7 + 75, 10)
    assert told == [0.75]
    Mouse(slider).double_click(20, 10)
    assert told[-1] == 0.4
    slider.set_share(0.9)
    assert told[-1] == 0.4
