"""What a model can do with what is selected: entries of context menus, and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolTip
from pytestqt.qtbot import QtBot

from studio.domain.notes import Notes
from studio.edit.notes import AddNotes
from studio.ui.actions import ROWS
from studio.ui.main_window import MainWindow
from studio.ui.piano_roll.piano_roll import PianoRoll
from studio.ui.wish_menu import CHANGES, ROLES, STARTS
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import shown
from tests.ui.canvas.scene import BAR, BASS, PIANO, open_studio
from tests.ui.piano_roll.keys import CLIP


@pytest.fixture
def studio(qapp: object, tmp_path: Path) -> Iterator[Studio]:
    with open_studio(tmp_path) as studio:
        studio.selection.set_note_clip(CLIP)
        yield studio


@pytest.fixture
def window(studio: Studio, qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow(studio)
    qtbot.addWidget(made)
    shown(made, 1600, 1000)
    yield made
    studio.song.mark_saved(studio.song.project)


@pytest.fixture
def asked(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the menus asked for."""
    found: list[str] = []
    monkeypatch.setattr(studio.generation, "do", found.append)
    monkeypatch.setattr(studio.generation, "add", lambda role: found.append(f"add {role}"))
    return found


def roll_menu(window: MainWindow) -> QMenu:
    roll = window.dock.current
    assert isinstance(roll, PianoRoll)
    return roll.menu()


def entries(menu: QMenu) -> dict[str, QAction]:
    return {action.text().split("\t")[0]: action for action in menu.actions() if action.text()}


def closed(menu: QMenu) -> None:
    menu.close()
    menu.deleteLater()


def title(id: str) -> str:
    return next(row.title for row in ROWS if row.id == id)


def test_selected_notes_offer_every_wish(
    window: MainWindow, studio: Studio, asked: list[str]
) -> None:
    studio.selection.set_notes({0, 1, 2})
    menu = roll_menu(window)
    found = entries(menu)
    for id in (*CHANGES, *STARTS):
        assert found[title(id)].isEnabled()
        found[title(id)].trigger()
    assert asked == [*CHANGES, *STARTS]
    parts = found["Add a part that fits"].menu()
    assert isinstance(parts, QMenu)
    for action in parts.actions():
        action.trigger()
    assert asked[len(CHANGES + STARTS) :] == [f"add {role}" for role in ROLES]
    closed(menu)


def test_without_notes_the_roll_offers_none(window: MainWindow, studio: Studio) -> None:
    menu = roll_menu(window)
    assert title("vary") not in entries(menu)
    closed(menu)


def test_of_very_many_notes_one_entry_after_another_is_filled_in(
    window: MainWindow, studio: Studio, qtbot: QtBot
) -> None:
    count = 2_500
    many = Notes.of(np.arange(count), np.ones(count), 60 + np.arange(count) % 12)
    studio.song.do(AddNotes(CLIP, many))
    studio.selection.set_notes(range(count))
    menu = roll_menu(window)
    said = entries(menu)[title("arrange")]
    assert said.statusTip() == ""
    qtbot.waitUntil(lambda: said.statusTip() == studio.generation.outlook("arrange").sentence)
    closed(menu)
    closed(roll_menu(window))  # before all is said


@pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)  # off screen
def test_an_entry_says_what_would_be_written(window: MainWindow, studio: Studio) -> None:
    studio.selection.set_notes({0, 1, 2})
    menu = roll_menu(window)
    found = entries(menu)
    assert found["Vary"].statusTip() == studio.generation.outlook("vary").sentence
    assert "going on from your 3 notes" in found[title("continue")].statusTip()
    assert "to play them" in found["Harmonise"].statusTip()
    menu.hovered.emit(found["Harmonise"])
    assert found["Harmonise"].statusTip() in QToolTip.text()
    menu.hovered.emit(found["Copy"])
    closed(menu)
    QToolTip.hideText()


def test_a_range_offers_what_its_notes_allow(window: MainWindow, studio: Studio) -> None:
    studio.selection.set_span((0, 2 * BAR), (PIANO,))
    full = window.timeline.menus.clip_menu()
    assert entries(full)["Humanise"].isEnabled()
    closed(full)
    studio.selection.set_span((3 * BAR, 4 * BAR), (BASS,))  # no notes there
    bare = window.timeline.menus.clip_menu()
    found = entries(bare)
    assert not found["Humanise"].isEnabled()
    assert found[title("rewrite")].isEnabled()
    assert "no notes" in found["Humanise"].statusTip()
    closed(bare)


def test_the_actions_ask_for_the_same_and_know_when_they_can(
    window: MainWindow, studio: Studio, asked: list[str]
) -> None:
    studio.selection.set_notes({0, 1})
    window.actions_.refresh()
    for id in (*CHANGES, *STARTS, "add_bass", "extend", "extend_before"):
        window.actions_.run(id)
    assert asked == [*CHANGES, *STARTS, "add bass", "extend", "extend_before"]
    studio.selection.set_note_clip(None)
    studio.selection.clear()
    window.actions_.refresh()
    assert not window.actions_["harmonise"].isEnabled()
    assert window.actions_["add_bass"].isEnabled()
