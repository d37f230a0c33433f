"""Chips are controls: what they say can be changed, removed, dismissed and undone in the words."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.ui.generate.chip_editor import ChipEditor
from studio.ui.generate.panel import GeneratePanel
from studio.ui.main_window import MainWindow
from studio.ui.widgets.chips import ChipMark
from studio.workspace.studio import Studio


@pytest.fixture
def panel(window: MainWindow) -> GeneratePanel:
    return window.generate


def say(panel: GeneratePanel, words: str, negative: str = "") -> None:
    panel._generation.set(prompt=words, negative=negative)
    panel.prompt.chips.read()


def mark(panel: GeneratePanel, text: str) -> ChipMark:
    return next(m for m in panel.prompt.chips.marks if m.chip.text == text)


def editor(panel: GeneratePanel) -> ChipEditor:
    return next(e for e in panel.window().findChildren(ChipEditor) if not e.isHidden())


def test_a_tempo_is_changed_by_typing_a_number(panel: GeneratePanel, studio: Studio) -> None:
    say(panel, "slow jazz at 84 bpm, D minor")
    mark(panel, "84 bpm").click()
    field = editor(panel).field
    assert field.text() == "84 bpm"
    QTest.keyClicks(field, "96")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert studio.generation.settings.prompt == "slow jazz 96 bpm, D minor"
    assert mark(panel, "96 bpm").chip.control == "tempo"


def test_a_style_is_chosen_from_a_list(panel: GeneratePanel, studio: Studio) -> None:
    say(panel, "slow jazz")
    mark(panel, "jazz").click()
    popup = editor(panel)
    QTest.keyClicks(popup.field, "boss")
    QTest.keyClick(popup.field, Qt.Key.Key_Down)
    assert popup.list.hasFocus()
    QTest.keyClick(popup.list, Qt.Key.Key_Return)
    assert studio.generation.settings.prompt == "slow bossa nova"


def test_the_choices_are_those_that_hold_what_is_typed(panel: GeneratePanel) -> None:
    say(panel, "slow jazz in D minor")
    mark(panel, "jazz").click()
    popup = editor(panel)
    full = popup.height()
    QTest.keyClicks(popup.field, "boss")
    assert popup.list.isVisible()
    assert popup.height() < full
    QTest.keyClicks(popup.field, "zzz")
    assert not popup.list.isVisible()
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert popup._wrong.text() == "“bosszzz” does not say a style here."
    assert popup.list.isVisible()
    QTest.keyClick(popup.field, Qt.Key.Key_Escape)


def test_words_that_say_something_else_are_refused_in_a_sentence(panel: GeneratePanel) -> None:
    say(panel, "slow jazz in D minor")
    mark(panel, "D minor").click()
    popup = editor(panel)
    QTest.keyClicks(popup.field, "piano")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert popup.isVisible()
    assert popup.field.property("bad") is True
    assert "piano" in popup._wrong.text()
    QTest.keyClick(popup.field, Qt.Key.Key_Escape)
    assert popup.isHidden()
    assert panel.prompt.field.toPlainText() == "slow jazz in D minor"


def test_delete_removes_a_chip_and_undo_brings_it_back(
    panel: GeneratePanel, studio: Studio
) -> None:
    say(panel, "slow jazz, no drums, D minor")
    chip = mark(panel, "no drums")
    chip.setFocus()
    QTest.keyClick(chip, Qt.Key.Key_Delete)
    assert studio.generation.settings.prompt == "slow jazz, D minor"
    focused = panel.window().focusWidget()
    assert isinstance(focused, ChipMark)
    assert focused.chip.text == "D minor"
    QTest.keyClick(focused, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert studio.generation.settings.prompt == "slow jazz, no drums, D minor"
    assert not studio.song.can_undo


def test_the_cross_removes_and_the_rest_of_a_chip_opens_it(
    panel: GeneratePanel, studio: Studio
) -> None:
    say(panel, "slow jazz", "drums, strings")
    chip = mark(panel, "no strings")
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton, pos=QPoint(chip.width() - 8, 12))
    assert studio.generation.settings.negative == "drums"
    QTest.mouseClick(mark(panel, "jazz"), Qt.MouseButton.LeftButton, pos=QPoint(8, 12))
    assert editor(panel).isVisible()


def test_a_guess_looks_like_one_and_can_be_dismissed(
    panel: GeneratePanel, studio: Studio, qtbot: QtBot
) -> None:
    say(panel, "jazz for a haunted castle")
    assert [m.words for m in panel.prompt.chips.marks][1:] == ["haunted", "castle"]
    qtbot.waitUntil(lambda: any(m.chip.heard for m in panel.prompt.chips.marks), timeout=60_000)
    guess = next(m for m in panel.prompt.chips.marks if m.chip.heard)
    assert guess.words == "~ haunted castle → dark"
    assert "taken to mean mood: dark" in guess.accessibleName()
    guess.setFocus()
    QTest.keyClick(guess, Qt.Key.Key_Delete)
    assert studio.generation.settings.prompt == "jazz for a “haunted castle”"
    assert not mark(panel, "“haunted castle”").chip.control
    QTest.keyClick(mark(panel, "jazz"), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert studio.generation.settings.prompt == "jazz for a haunted castle"


def test_only_the_newest_words_are_answered(
    panel: GeneratePanel, studio: Studio, qtbot: QtBot
) -> None:
    seen: list[tuple[str, ...]] = []
    studio.understanding.changed.connect(
        lambda: seen.append(tuple(c.text for c in studio.understanding.chips))
    )
    say(panel, "a haunted castle")
    say(panel, "weeping willows, gravel")
    qtbot.waitUntil(lambda: ("sad", "gravel") in seen, timeout=60_000)
    assert not any("dark" in texts for texts in seen)


def test_every_chip_is_reached_by_the_tab_key(panel: GeneratePanel) -> None:
    say(panel, "slow jazz in D minor")
    panel.prompt._more.setFocus()
    for chip in panel.prompt.chips.marks:
        QTest.keyClick(panel.window().focusWidget(), Qt.Key.Key_Tab)
        assert panel.window().focusWidget() is chip
        assert chip.accessibleName()


def test_names_of_artists_are_said_not_to_be_understood(panel: GeneratePanel) -> None:
    say(panel, "in the style of Led Zeppelin, slow")
    chip = mark(panel, "Led Zeppelin")
    assert not chip.chip.control
    assert "artists" in chip.toolTip()
