from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.ui.widgets.number_field import NumberField, parse_number
from tests.ui.canvas.hands import CTRL, Mouse, shown


@pytest.fixture
def field(qtbot: QtBot) -> NumberField:
    made = NumberField("Tempo", low=10, high=960, decimals=2, unit="bpm")
    qtbot.addWidget(made)
    made.set_value(120)
    return shown(made, 120, 30)


def type_over(field: NumberField, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


@pytest.mark.parametrize(
    ("text", "number"), [("84", 84), ("84,5", 84.5), (" 84.5 bpm", 84.5), ("-6 dB", -6), ("−3", -3)]
)
def test_numbers_are_read_with_comma_or_point_and_unit(text: str, number: float) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["", "fast", "-", "."])
def test_words_are_no_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="no number"):
        parse_number(text)


def test_enter_commits_what_was_typed(field: NumberField, qtbot: QtBot) -> None:
    type_over(field, "84,5")
    with qtbot.waitSignal(field.edited) as edited:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert edited.args == [84.5]
    assert field.text() == "84.50 bpm"


def test_escape_restores_what_was_there(field: NumberField) -> None:
    type_over(field, "300")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "120.00 bpm"
    assert field.value == 120


def test_leaving_the_field_commits(field: NumberField) -> None:
    type_over(field, "90")
    field.clearFocus()
    assert field.value == 90


def test_nonsense_is_marked_and_changes_nothing(field: NumberField) -> None:
    type_over(field, "fast")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.value == 120
    assert field.property("bad") is True


def test_values_stay_within_the_range(field: NumberField) -> None:
    type_over(field, "5000")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.value == 960


def test_wheel_and_arrows_step_and_ctrl_steps_finely(field: NumberField) -> None:
    Mouse(field).wheel(20, 10, 1)
    assert field.value == 121
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert field.value == 120
    Mouse(field).wheel(20, 10, 1, CTRL)
    assert field.value == pytest.approx(120.1)


def test_showing_a_value_is_not_an_edit(field: NumberField, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(field.edited):
        field.set_value(77)
    assert field.text() == "77.00 bpm"


def test_what_is_being_typed_is_not_overwritten(field: NumberField) -> None:
    type_over(field, "9")
    field.set_value(77)
    assert field.text() == "9"


def test_zero_can_have_a_name(qtbot: QtBot) -> None:
    field = NumberField("Bars", low=0, high=256, zero="auto")
    qtbot.addWidget(field)
    shown(field, 100, 30)
    assert field.text() == "auto"
    type_over(field, "8")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == "8"
    type_over(field, "auto")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.value == 0
