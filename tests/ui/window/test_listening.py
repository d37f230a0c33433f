"""Listening to a recording in the window: the action, the job, and what is said."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from studio.domain.clip import ClipId
from studio.ui.main_window import MainWindow
from tests.workspace.works import Here

RECORDING, NOTES = ClipId("c23"), ClipId("c20")
ACTIONS = ("listen", "follow_recording", "fit_recording", "write_heard")


def test_the_actions_are_about_recordings(window: MainWindow) -> None:
    for clips, possible in (({NOTES}, False), ({RECORDING}, True), ({NOTES, RECORDING}, True)):
        window.studio.selection.set_clips(clips)
        assert [window.actions_[id].isEnabled() for id in ACTIONS] == 4 * [possible]


def test_a_job_runs_and_what_is_wrong_is_one_sentence(window: MainWindow, qtbot: QtBot) -> None:
    """Two seconds of noise have no beat; they are listened to once for both wishes."""
    studio, told = window.studio, list[str]()
    studio.notice.connect(lambda level, message, hint: told.append(message))
    studio.listening._work = Here
    studio.selection.set_clips({RECORDING})
    window.actions_.run("follow_recording")
    qtbot.waitUntil(lambda: bool(window.takes.job_cards), timeout=5_000)
    window.actions_.run("fit_recording")
    qtbot.waitUntil(lambda: len(told) == 2, timeout=60_000)
    assert set(told) == {"No steady beat was heard in “rain”."}
    assert not studio.song.steps
    qtbot.waitUntil(lambda: bool(window.takes.cards), timeout=5_000)
    (card,) = window.takes.cards
    assert "Heard in Rain.wav" in [label.text() for label in card.findChildren(QLabel)]
