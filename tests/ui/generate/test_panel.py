"""The Generate panel shows and changes the wish, and says what it will do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from studio.ai import registry
from studio.ui.generate.models import ModelChooser
from studio.ui.generate.panel import GeneratePanel, chords_wrong
from studio.ui.main_window import MainWindow
from studio.workspace.intents import WRITING, Intent
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import Mouse
from tests.ui.canvas.scene import BAR, BASS
from tests.ui.piano_roll.keys import CLIP


@pytest.fixture
def panel(window: MainWindow) -> GeneratePanel:
    return window.generate


def test_typing_shows_what_was_understood_and_what_was_not(
    panel: GeneratePanel, studio: Studio, qtbot: QtBot
) -> None:
    panel.focus_prompt()
    QTest.keyClicks(panel.prompt.field, "slow jazz, 84 bpm, frumious")
    assert studio.generation.settings.prompt == "slow jazz, 84 bpm, frumious"
    qtbot.waitUntil(lambda: len(panel.prompt.chips.chips) >= 3)
    chips = {chip.text: chip.control for chip in panel.prompt.chips.chips}
    assert chips["84 bpm"] == "tempo"
    assert chips["frumious"] == ""


def test_it_says_what_will_be_written_where(
    panel: GeneratePanel, studio: Studio, qtbot: QtBot
) -> None:
    studio.selection.set_span((BAR, 2 * BAR), (BASS,))
    qtbot.waitUntil(lambda: panel._sentence.text() == "Bar 2 of Bass")
    assert panel._button.text() == "Rewrite 1 bar"
    assert panel._button.accessibleName() == "Rewrite 1 bar"
    studio.selection.clear()
    qtbot.waitUntil(lambda: panel._button.text().startswith("Extend by"))


def test_a_selection_counts_its_own_bars(
    panel: GeneratePanel, studio: Studio, qtbot: QtBot
) -> None:
    studio.selection.set_span((BAR, 2 * BAR), (BASS,))
    qtbot.waitUntil(lambda: not panel._bars.isEnabled())
    studio.generation.set(intent=Intent.EXTEND)
    qtbot.waitUntil(panel._bars.isEnabled)


def test_sliders_and_switches_change_the_wish(panel: GeneratePanel, studio: Studio) -> None:
    Mouse(panel._density).click(panel._density.width() - 2, 9)
    assert studio.generation.settings.density == 1.0
    panel._scale.click()
    assert not studio.generation.settings.keep_to_scale
    assert panel._scale.text() == "off"


@pytest.mark.parametrize(
    ("field", "typed", "name", "value"),
    [
        ("_bars", "16", "bars", 16), ("_bars", "auto", "bars", None),
        ("_variations", "4", "variations", 4), ("_variations", "99", "variations", 9),
        ("_seed", "48213", "seed", 48213),
    ],
)  # fmt: skip
def test_numbers_are_typed(
    panel: GeneratePanel, studio: Studio, field: str, typed: str, name: str, value: int | None
) -> None:
    number = getattr(panel, field)
    number.setFocus()
    number.selectAll()
    QTest.keyClicks(number, typed)
    QTest.keyClick(number, Qt.Key.Key_Return)
    assert getattr(studio.generation.settings, name) == value


def test_the_die_rolls_and_the_lock_keeps(panel: GeneratePanel, studio: Studio) -> None:
    seeds = {studio.generation.settings.seed}
    for _ in range(3):
        panel._roll.click()
        seeds.add(studio.generation.settings.seed)
    assert len(seeds) > 2
    panel._lock.click()
    assert studio.generation.settings.seed_locked


def test_a_bad_chord_is_marked_with_a_sentence(panel: GeneratePanel, studio: Studio) -> None:
    panel._chords.setFocus()
    QTest.keyClicks(panel._chords, "Dm7 | Hx")
    assert panel._chords.property("bad") is True
    assert "Hx" in panel._chords_wrong.text()
    for _ in range(2):
        QTest.keyClick(panel._chords, Qt.Key.Key_Backspace)
    QTest.keyClicks(panel._chords, "G7")
    assert panel._chords.property("bad") is False
    assert not panel._chords_wrong.isVisible()
    assert studio.generation.settings.chords == "Dm7 | G7"


def test_a_line_of_chords_without_fault_has_no_sentence() -> None:
    assert chords_wrong("Dm7 | G7 | Cmaj7 A7b9") == ""
    assert chords_wrong("") == ""


def test_what_is_set_elsewhere_is_shown(panel: GeneratePanel, studio: Studio) -> None:
    studio.generation.set(prompt="funk", negative="no strings", surprise=0.9, bars=4)
    assert panel.prompt.field.toPlainText() == "funk"
    assert panel.prompt.negative.isVisible()
    assert panel._surprise.value() == 90
    assert panel._bars.text() == "4"


def test_leaving_something_out_is_a_second_text(panel: GeneratePanel, studio: Studio) -> None:
    panel.prompt._more.click()
    QTest.keyClicks(panel.prompt.negative, "cymbals")
    assert studio.generation.settings.negative == "cymbals"
    panel.prompt._more.click()
    assert studio.generation.settings.negative == ""


def test_an_intent_is_chosen_by_hand(panel: GeneratePanel, studio: Studio, qtbot: QtBot) -> None:
    next(a for a in panel._intent.menu().actions() if a.text() == "Add a part").trigger()
    assert studio.generation.settings.intent is Intent.ADD_PART
    qtbot.waitUntil(lambda: panel._button.text() == "Add a part")


def test_models_are_cards(panel: GeneratePanel, studio: Studio, qtbot: QtBot) -> None:
    panel._model.click()
    chooser = panel.window().findChild(ModelChooser)
    assert chooser is not None
    buttons = chooser.buttons
    assert buttons[0].isChecked()
    assert buttons[1].accessibleName().startswith("Sketch")
    buttons[1].click()
    assert studio.generation.settings.model == "sketch"
    assert chooser.isHidden()
    qtbot.waitUntil(lambda: panel._model.text().startswith("Sketch"))


@pytest.fixture
def composer(monkeypatch: pytest.MonkeyPatch) -> str:
    """The composer is the studio's choice for extending, and for nothing else."""
    known = registry.card("composer")
    cards = tuple(
        replace(card, default_for=frozenset(("extend",)) if card == known else frozenset())
        for card in registry.cards()
    )
    monkeypatch.setattr(registry, "CARDS", cards)
    return known.id


def test_the_studios_choice_for_each_task_is_named(
    panel: GeneratePanel, studio: Studio, qtbot: QtBot, composer: str
) -> None:
    studio.generation.set(bars=64)
    qtbot.waitUntil(lambda: panel._model.text().startswith("Automatic: Composer"))
    qtbot.waitUntil(lambda: panel._time.text().startswith("About "))
    panel._model.click()
    chooser = panel.window().findChild(ModelChooser)
    assert chooser is not None
    texts = [label.text() for label in chooser.buttons[0].findChildren(QLabel)]
    assert texts[-1] == "Now: Composer"
    chooser.dismiss()
    studio.selection.set_span((BAR, 2 * BAR), (BASS,))
    qtbot.waitUntil(lambda: panel._model.text().startswith("Automatic: Sketch"))
    qtbot.waitUntil(lambda: not panel._time.isVisible())  # nothing was measured yet


def test_a_model_that_cannot_do_it_leaves_it_to_another(
    panel: GeneratePanel, studio: Studio, qtbot: QtBot
) -> None:
    studio.generation.set(model="composer", intent=Intent.ARRANGE)
    studio.selection.set_note_clip(CLIP)
    qtbot.waitUntil(lambda: "Composer cannot do this" in panel._time.text())
    assert panel._time.text().startswith("By Sketch")
    assert studio.generation.request().model == "sketch"


def test_only_models_that_write_notes_are_offered(panel: GeneratePanel) -> None:
    panel._model.click()
    chooser = panel.window().findChild(ModelChooser)
    assert chooser is not None
    writers = [card for card in registry.cards() if card.tasks & WRITING]
    assert len(chooser.buttons) == 1 + len(writers)
    chooser.dismiss()


def test_the_button_and_its_key_do_the_same(
    panel: GeneratePanel, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(studio.generation, "go", lambda: asked.append("go"))
    panel._button.click()
    panel.focus_prompt()
    QTest.keyClick(panel.prompt.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert asked == ["go", "go"]


def test_enter_writes_and_shift_enter_begins_a_line(
    panel: GeneratePanel, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        studio.generation, "go", lambda: asked.append(studio.generation.settings.prompt)
    )
    panel.focus_prompt()
    QTest.keyClicks(panel.prompt.field, "busier")
    QTest.keyClick(panel.prompt.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(panel.prompt.field, "bass")
    assert asked == []
    QTest.keyClick(panel.prompt.field, Qt.Key.Key_Return)
    assert asked == ["busier\nbass"]
    assert not panel.prompt.field.hasFocus()


def test_everything_fits_without_scrolling_at_the_usual_size(panel: GeneratePanel) -> None:
    assert panel._settings.verticalScrollBar().maximum() == 0


def test_the_amount_is_asked_for_only_where_it_matters(
    panel: GeneratePanel, studio: Studio, qtbot: QtBot
) -> None:
    studio.selection.set_note_clip(CLIP)
    assert not panel._amount.isVisible()
    studio.generation.set(intent=Intent.VARY)
    qtbot.waitUntil(panel._amount.isVisible)
    Mouse(panel._amount).click(panel._amount.width() - 2, 9)
    assert studio.generation.settings.amount == 1.0
    qtbot.waitUntil(lambda: panel._button.text() == "Rewrite 4 notes")
    studio.generation.set(amount=0.5)
    qtbot.waitUntil(lambda: panel._button.text() == "Vary 2 notes")
    assert (
        panel._sentence.text() == "2 of the 4 notes of Piano, bars 1\N{EN DASH}2; all others stay"
    )
    studio.generation.set(intent=Intent.HUMANISE)
    qtbot.waitUntil(lambda: panel._button.text() == "Humanise 4 notes")
    assert panel._settings.verticalScrollBar().maximum() == 0
    studio.generation.set(intent=Intent.HARMONISE)
    qtbot.waitUntil(lambda: panel._button.text() == "Harmonise 1 bar")
    assert not panel._amount.isVisible()


def test_the_chord_lock_is_switched(panel: GeneratePanel, studio: Studio) -> None:
    assert not studio.generation.settings.keep_to_chords
    panel._tones.click()
    assert studio.generation.settings.keep_to_chords
    assert panel._tones.text() == "on"
    assert studio.generation.request().controls.keep_to_chords
