from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from studio.ui.widgets.meter import Meter
from tests.ui.canvas.hands import Mouse, differs, pixel, shown

SILENCE = (-120.0, -120.0)


@pytest.fixture
def meter(qtbot: QtBot) -> Meter:
    made = Meter("Level")
    qtbot.addWidget(made)
    return shown(made, 14, 200)


def test_a_louder_sound_is_a_taller_bar(meter: Meter) -> None:
    empty = pixel(meter, 3, 150)
    meter.show_levels((-20, -60), (-26, -60))
    assert differs(empty, pixel(meter, 3, 150)) > 40
    assert differs(empty, pixel(meter, 11, 150)) < 10


def test_bars_fall_slowly_and_the_peak_is_held(meter: Meter) -> None:
    meter.show_levels((-6, -6), (-9, -9))
    meter.show_levels(SILENCE, SILENCE)
    assert differs(pixel(meter, 3, 190), pixel(meter, 3, 2)) > 40
    assert meter.highest_db == -6
    assert meter.words() == "-6.0"


def test_the_clip_lamp_stays_until_it_is_pressed(meter: Meter) -> None:
    meter.show_levels((0.5, -3), (-6, -6))
    meter.show_levels(SILENCE, SILENCE)
    lamp = [meter.clipped]
    Mouse(meter).click(5, 50)
    lamp.append(meter.clipped)
    assert lamp == [True, False]
    assert meter.words() == "-∞"


def test_full_scale_itself_is_no_clip(meter: Meter) -> None:
    meter.show_levels((0.0, 0.0), (-3, -3))
    assert not meter.clipped
