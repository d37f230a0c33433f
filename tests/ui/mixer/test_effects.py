"""Effects in the mixer: the equaliser's curve, presets, and the order of a chain."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from studio.core import paths
from studio.domain.device import Device, DeviceId
from studio.dsp.biquads import equaliser_sections, response_db
from studio.edit.mixer import SetSend
from studio.edit.tracks import AddDevice
from studio.render.knobs import PARAMETERS, knobs_of
from studio.ui.mixer.device_editor import DeviceEditor
from studio.ui.mixer.eq_curve import BANDS, EqCurve
from studio.ui.mixer.slot_button import SlotButton
from studio.ui.mixer.view import MixerView
from studio.workspace.presets import Presets, complete, read_bank
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import ALT, LEFT, Mouse, differs, pixel, shown
from tests.ui.canvas.scene import PIANO

EQ = DeviceId("d90")
CUT, LOW, MID, HIGH = BANDS


@pytest.fixture
def editor(studio: Studio, mixer: MixerView, qtbot: QtBot) -> Iterator[DeviceEditor]:
    studio.song.do(AddDevice(PIANO, Device(EQ, "eq")))
    made = DeviceEditor(studio, EQ, mixer)
    qtbot.addWidget(made)
    yield shown(made, 420, 460)
    made.dismiss()


@pytest.fixture
def curve(editor: DeviceEditor) -> EqCurve:
    assert editor.curve is not None
    return editor.curve


def device(studio: Studio, at: int = 0) -> Device:
    return studio.song.project.track(PIANO).effects[at]


def knobs(studio: Studio) -> dict[str, float]:
    return knobs_of(device(studio))


def steps(studio: Studio) -> int:
    return len(studio.song.steps)


def spot(curve: EqCurve, hz: float, db: float) -> tuple[float, float]:
    return curve.x_of(hz), curve.y_of(db)


def test_a_dot_is_dragged_across_and_up_in_one_step(curve: EqCurve, studio: Studio) -> None:
    before = steps(studio)
    at = curve.dot(MID)
    Mouse(curve).drag((at.x(), at.y()), spot(curve, 3000, 8))
    assert knobs(studio)["mid_hz"] == pytest.approx(3000, rel=0.02)
    assert knobs(studio)["mid_db"] == pytest.approx(8, abs=0.3)
    assert steps(studio) == before + 1
    studio.song.undo()
    assert knobs(studio)["mid_db"] == 0
    assert curve.knobs["mid_hz"] == 1000


def test_escape_brings_the_dot_back_to_where_it_was(curve: EqCurve, studio: Studio) -> None:
    before = knobs(studio)
    at = curve.dot(HIGH)
    Mouse(curve).hold((at.x(), at.y()), spot(curve, 9000, -10))
    assert knobs(studio)["high_db"] < -9
    QTest.keyClick(curve, Qt.Key.Key_Escape)
    assert knobs(studio) == before


def test_the_wheel_sets_the_width_and_a_double_click_flattens(
    curve: EqCurve, studio: Studio
) -> None:
    Mouse(curve).wheel(100, 50, 3)
    assert knobs(studio)["mid_q"] == pytest.approx(1.15**3, abs=0.02)
    at = curve.dot(LOW)
    Mouse(curve).drag((at.x(), at.y()), spot(curve, 120, 6))
    at = curve.dot(LOW)
    Mouse(curve).double_click(at.x(), at.y())
    assert knobs(studio)["low_db"] == 0


def test_the_curve_lies_where_the_knobs_say(curve: EqCurve, editor: DeviceEditor) -> None:
    every, used = equaliser_sections(48000, **(curve.knobs | {"mid_db": 10.0}))
    (level,) = response_db(every[used], np.array([1500.0]), 48000)
    before = pixel(curve, *spot(curve, 1500, level))
    editor._rows["mid_db"].edited.emit(10.0)
    assert differs(before, pixel(curve, *spot(curve, 1500, level))) > 60


def test_two_knobs_turned_in_a_row_both_stay(editor: DeviceEditor, studio: Studio) -> None:
    editor._rows["low_db"].edited.emit(5.0)
    editor._rows["high_db"].edited.emit(-5.0)
    assert (knobs(studio)["low_db"], knobs(studio)["high_db"]) == (5.0, -5.0)


def test_a_preset_sets_every_knob_in_one_step_and_is_named(
    editor: DeviceEditor, studio: Studio
) -> None:
    editor._rows["mid_db"].edited.emit(9.0)
    before = steps(studio)
    editor.presets.menu.aboutToShow.emit()
    entry = next(a for a in editor.presets.menu.actions() if a.text() == "Air")
    entry.trigger()
    assert knobs(studio)["high_db"] == 4
    assert knobs(studio)["mid_db"] == 0
    assert steps(studio) == before + 1
    assert editor.presets.button.text().startswith("Air  ")
    editor._rows["mid_db"].edited.emit(1.0)
    assert editor.presets.button.text().startswith("Air *")
    studio.song.undo()
    studio.song.undo()
    assert knobs(studio)["mid_db"] == 9
    assert editor.presets.button.text().startswith("Preset")


def test_a_preset_of_ones_own_is_kept_and_forgotten(editor: DeviceEditor, studio: Studio) -> None:
    editor._rows["low_db"].edited.emit(-7.5)
    button = editor.presets
    button._ask()
    QTest.keyClicks(button.field, "My room")
    QTest.keyClick(button.field, Qt.Key.Key_Return)
    assert device(studio).state == "My room"
    studio._turns.finish()
    written = json.loads((paths.home() / "presets.json").read_text())
    assert written["eq"]["My room"]["low_db"] == -7.5
    again = Presets(lambda turn: None, lambda error: None, studio)
    assert again.find("eq", "My room") == knobs(studio)
    button.menu.aboutToShow.emit()
    next(a for a in button.menu.actions() if a.text().startswith("Remove")).trigger()
    assert studio.presets.own("eq") == {}


def test_shipped_presets_turn_knobs_that_are_there_and_as_far_as_they_go() -> None:
    bank = read_bank(paths.resource("presets", "effects.json"))
    assert bank.keys() == PARAMETERS.keys()
    for kind, names in bank.items():
        known = {parameter.name: parameter for parameter in PARAMETERS[kind]}
        assert len(names) >= 3
        for preset in names.values():
            for name, value in preset.items():
                assert known[name].low <= value <= known[name].high
            assert complete(kind, preset).keys() == known.keys()


def test_a_damaged_file_of_presets_is_no_preset(studio: Studio) -> None:
    (paths.home() / "presets.json").write_text('{"eq": {"Bad": {"low_db": "loud"}}, "x": 3}')
    assert studio.presets.own("eq") == {}
    assert studio.presets.shipped("eq")


def test_an_effect_is_dragged_to_another_place_of_the_chain(
    mixer: MixerView, studio: Studio
) -> None:
    for id, kind in (("d90", "eq"), ("d91", "delay"), ("d92", "chorus")):
        studio.song.do(AddDevice(PIANO, Device(DeviceId(id), kind)))
    before = steps(studio)

    def kinds() -> list[str]:
        return [effect.kind for effect in studio.song.project.track(PIANO).effects]

    def button(text: str) -> SlotButton:
        QApplication.processEvents()
        found = mixer.strips[PIANO]._slots.findChildren(SlotButton)
        return next(b for b in found if b.text() == text and b.isVisibleTo(mixer))

    slot = button("Equaliser")
    tall = slot.height() + 2
    Mouse(slot).drag((20, 8), (20, 8 + 2 * tall))
    assert kinds() == ["delay", "chorus", "eq"]
    QTest.keyClick(button("Chorus"), Qt.Key.Key_Up, ALT)
    assert kinds() == ["chorus", "delay", "eq"]
    assert steps(studio) == before + 2
    slot = button("Delay")
    Mouse(slot).hold((20, 8), (20, 8 + tall))
    QTest.keyClick(slot, Qt.Key.Key_Escape)
    QTest.mouseRelease(slot, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(20, 8))
    assert kinds() == ["chorus", "delay", "eq"]


def test_a_send_is_taken_before_the_fader(
    mixer: MixerView, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, at: opened.append(menu))
    bus = studio.song.project.buses[0].id
    studio.song.do(SetSend(PIANO, bus, -6.0))
    pot = mixer.strips[PIANO]._sends.pots[bus]
    line = pot.parentWidget()
    assert line is not None
    line.customContextMenuRequested.emit(QPoint(2, 2))
    opened[0].actions()[0].trigger()
    (send,) = studio.song.project.track(PIANO).sends
    assert send.pre_fader
    assert send.level_db == -6.0
    opened[0].actions()[1].trigger()
    assert studio.song.project.track(PIANO).sends == ()
