"""What an empty song shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from studio.ai.requests import Request, Result, Take, take_id
from studio.core.errors import StudioError
from studio.domain.gap import Part
from studio.domain.notes import Notes
from studio.jobs.queue import Context, Lane
from studio.ui.generate.welcome import EXAMPLES
from studio.ui.main_window import MainWindow
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import shown
from tests.ui.canvas.scene import open_studio, small_song


@dataclass(frozen=True)
class Fails:
    """A work that ends with a sentence."""

    title: str = "Generate 8 bars"
    lane: Lane = Lane.CPU

    def run(self, context: Context) -> None:
        raise StudioError("The model stopped.", "Try again.")


@dataclass(frozen=True)
class Writes:
    """A work that writes a bar of four notes."""

    request: Request
    title: str = "Generate 8 bars"
    lane: Lane = Lane.CPU

    def run(self, context: Context) -> Take:
        notes = Notes.of([0, 960, 1920, 2880], [960] * 4, [60, 62, 64, 65])
        result = Result((Part(None, notes, name="Piano"),), self.request.gap.end)
        return Take(take_id(self.request), self.request, result, 0.1)


@pytest.fixture
def studio(qapp: object, tmp_path: Path) -> Iterator[Studio]:
    with open_studio(tmp_path) as studio:
        studio.files.new()
        yield studio


@pytest.fixture
def window(studio: Studio, qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow(studio)
    qtbot.addWidget(made)
    shown(made, 1400, 900)
    made.commands.focus_prompt()
    yield made
    studio.song.mark_saved(studio.song.project)


def test_an_empty_song_asks_one_question(window: MainWindow) -> None:
    assert window.welcome.isVisible()
    assert window.focusWidget() is window.welcome.field


def test_the_question_fits_into_a_small_window(window: MainWindow) -> None:
    window.resize(window.minimumSize())
    QApplication.processEvents()
    welcome = window.welcome
    for part in (welcome.field, *welcome.findChildren(QLabel), *welcome.findChildren(QPushButton)):
        left = part.mapTo(welcome, QPoint(0, 0)).x()
        assert 0 <= left <= left + part.width() <= welcome.width()


def test_enter_asks_for_what_was_typed(
    window: MainWindow, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        studio.generation, "go", lambda: asked.append(studio.generation.settings.prompt)
    )
    QTest.keyClicks(window.welcome.field, "slow jazz")
    QTest.keyClick(window.welcome.field, Qt.Key.Key_Return)
    assert asked == ["slow jazz"]
    assert not window.welcome.isVisible()


def test_enter_on_nothing_takes_the_example(
    window: MainWindow, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio.generation, "go", lambda: None)
    QTest.keyClick(window.welcome.field, Qt.Key.Key_Return)
    assert studio.generation.settings.prompt == EXAMPLES[0]


def test_the_question_stands_again_when_nothing_came_of_it(
    window: MainWindow, studio: Studio, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(studio.generation, "_work", lambda request: Fails())
    QTest.keyClick(window.welcome.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.notices.messages == ["The model stopped."])
    assert window.welcome.isVisible()


def test_escape_starts_with_the_empty_song(window: MainWindow, studio: Studio) -> None:
    QTest.keyClick(window.welcome.field, Qt.Key.Key_Escape)
    assert not window.welcome.isVisible()
    studio.files.new()
    assert window.welcome.isVisible()


def test_a_song_that_is_opened_covers_nothing(window: MainWindow, studio: Studio) -> None:
    studio.song.open(small_song(studio.files.media))
    assert not window.welcome.isVisible()


def test_an_example_fills_the_field(window: MainWindow) -> None:
    window.welcome._try(EXAMPLES[1])
    assert window.welcome.field.text() == EXAMPLES[1]
    assert window.focusWidget() is window.welcome.field


def test_what_is_typed_is_the_prompt_of_the_panel_too(
    window: MainWindow, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        studio.generation, "go", lambda: asked.append(studio.generation.settings.prompt)
    )
    QTest.keyClicks(window.welcome.field, "dark pads")
    assert window.generate.prompt.field.toPlainText() == "dark pads"
    QTest.keyClick(window.welcome.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert asked == ["dark pads"]


def test_a_first_song_plays_however_it_was_asked_for(
    window: MainWindow, studio: Studio, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    played: list[int] = []
    monkeypatch.setattr(studio.playback, "play", lambda: played.append(1))
    monkeypatch.setattr(studio.generation, "_work", Writes)
    window.generate._button.click()
    qtbot.waitUntil(lambda: bool(studio.takes.entries))
    assert played == [1]
    assert studio.song.project.end
