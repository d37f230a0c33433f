"""Messages and faults end at one door."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.core.errors import StudioError
from studio.ui.notices import Faults, NoticeBars
from tests.conftest import ExpectedLog
from tests.ui.canvas.hands import shown


@pytest.fixture
def bars(qtbot: QtBot) -> NoticeBars:
    made = NoticeBars()
    qtbot.addWidget(made)
    return shown(made, 800, 200)


@pytest.fixture
def faults(qapp: object) -> Iterator[Faults]:
    before = sys.excepthook, threading.excepthook
    made = Faults()
    made.install()
    yield made
    made.release()
    assert (sys.excepthook, threading.excepthook) == before


def test_an_error_stays_until_it_is_closed(bars: NoticeBars) -> None:
    bars.error(StudioError("The disk is full.", "Make room and save again."))
    assert bars.isVisible()
    bars.buttons("")[0].click()
    assert bars.messages == []
    assert not bars.isVisible()


def test_a_way_out_is_done_once_and_closes_the_notice(bars: NoticeBars) -> None:
    done: list[str] = []
    bars.warning("It was not saved.", "", [("Recover", lambda: done.append("recovered"))])
    bars.buttons("Recover")[0].click()
    assert done == ["recovered"]
    assert bars.messages == []


def test_information_leaves_by_itself(
    bars: NoticeBars, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.ui.notices._INFO_MS", 30)
    bars.info("Saved.")
    assert bars.messages == ["Saved."]
    qtbot.waitUntil(lambda: bars.messages == [])


def test_only_the_newest_are_shown_and_none_twice(bars: NoticeBars) -> None:
    for number in (1, 2, 3, 4, 4):
        bars.warning(f"Sentence {number}.")
    assert bars.messages == ["Sentence 4.", "Sentence 3.", "Sentence 2."]


def test_a_fault_offers_its_report(bars: NoticeBars) -> None:
    bars.fault("Traceback: the report")
    bars.buttons("Copy the report")[0].click()
    assert QGuiApplication.clipboard().text() == "Traceback: the report"


def test_what_nobody_caught_is_logged_and_told(
    faults: Faults, qtbot: QtBot, expected_log: ExpectedLog
) -> None:
    expected_log("uncaught")
    with qtbot.waitSignal(faults.happened) as happened:
        try:
            raise KeyError("lost")
        except KeyError:
            sys.excepthook(*sys.exc_info())
    assert "KeyError: 'lost'" in happened.args[0]


def test_a_fault_on_a_thread_is_told_too(
    faults: Faults, qtbot: QtBot, expected_log: ExpectedLog
) -> None:
    expected_log("uncaught")
    with qtbot.waitSignal(faults.happened) as happened:
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
    thread.join()
    assert "ZeroDivisionError" in happened.args[0]


def test_a_notice_floats_and_moves_nothing(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(1000, 600)
    box = QVBoxLayout(host)
    box.setContentsMargins(0, 0, 0, 0)
    page, foot = QLabel("page"), QLabel("foot")
    box.addWidget(page, 1)
    box.addWidget(foot)
    notices = NoticeBars()
    notices.float_over(host, foot)
    host.show()
    before = page.geometry()
    notices.warning("The disk is nearly full.", "Remove what you do not need.")
    QApplication.processEvents()
    assert page.geometry() == before
    assert notices.isVisible()
    assert notices.geometry().bottom() < foot.geometry().top()
    host.resize(500, 400)
    QApplication.processEvents()
    assert host.rect().contains(notices.geometry())


def test_notices_that_come_at_once_are_all_whole(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(1000, 600)
    foot = QLabel("foot", host)
    notices = NoticeBars()
    notices.float_over(host, foot)
    host.show()
    for sentence in ("The disk is full.", "The device is gone.", "It was not saved."):
        notices.warning(sentence, "", [("Try again", lambda: None)])
    assert notices.height() == notices.sizeHint().height()
    QApplication.processEvents()
    bars = [bar for bar in notices.children() if isinstance(bar, QWidget)]
    assert len(bars) == 3
    assert all(bar.height() >= bar.sizeHint().height() for bar in bars)
