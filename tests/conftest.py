"""What every test is held to: it leaves nothing running, logs no warning, and touches no real home.

Qt is looked at only once a test has imported it, so tests of the lower layers stay light.
"""

from __future__ import annotations

import atexit
import gc
import logging
import os
import re
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

# The desktop that the tests are started from lends neither its look, its run folder nor its trash.
for _name in ("XDG_CURRENT_DESKTOP", "KDE_FULL_SESSION", "QT_QPA_PLATFORMTHEME", "QT_SCALE_FACTOR"):
    os.environ.pop(_name, None)
for _name in ("XDG_RUNTIME_DIR", "XDG_DATA_HOME"):
    os.environ[_name] = tempfile.mkdtemp(prefix="tutti-tests-")
    atexit.register(shutil.rmtree, os.environ[_name], ignore_errors=True)
os.environ.setdefault("QT_QPA_PLATFORM", "xcb" if os.environ.get("DISPLAY") else "offscreen")
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

settings.register_profile("ci", derandomize=True, deadline=None, database=None)
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

GRACE_SECONDS = 2.0
_SHARED_PROCESSES = ("resource_tracker", "forkserver")  # multiprocessing keeps one for all


@pytest.fixture(autouse=True)
def studio_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh folder for the settings, unsaved songs and logs of this test."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("TUTTI_HOME", str(home))
    return home


# --- what is logged ---------------------------------------------------------------------------


class ExpectedLog:
    """Log records of WARNING and above, and the patterns a test said it expects."""

    def __init__(self) -> None:
        self.records: list[logging.LogRecord] = []
        self.patterns: list[str] = []

    def __call__(self, pattern: str) -> None:
        """Expect at least one record whose message holds `pattern` (a regular expression)."""
        self.patterns.append(pattern)

    def complaints(self) -> list[str]:
        messages = [record.getMessage() for record in self.records]
        unexpected = [
            f"logged {record.levelname} on {record.name}: {message}"
            for record, message in zip(self.records, messages, strict=True)
            if not any(re.search(pattern, message) for pattern in self.patterns)
        ]
        missing = [
            f"expected a log record like {pattern!r}; there was none"
            for pattern in self.patterns
            if not any(re.search(pattern, message) for message in messages)
        ]
        return unexpected + missing


class _Recorder(logging.Handler):
    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__(logging.WARNING)
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)


@pytest.fixture(autouse=True)
def expected_log() -> Iterator[ExpectedLog]:
    """Fails a test that logs a warning it did not announce with `expected_log(pattern)`."""
    log = ExpectedLog()
    recorder = _Recorder(log.records)
    logging.getLogger().addHandler(recorder)
    yield log
    logging.getLogger().removeHandler(recorder)
    if complaints := log.complaints():
        pytest.fail("\n".join(complaints), pytrace=False)


# --- what is left behind ----------------------------------------------------------------------


def _threads() -> set[threading.Thread]:
    """Threads that someone started; not those PortAudio or Qt own, nor tqdm's one monitor."""
    return {
        thread
        for thread in threading.enumerate()
        if not isinstance(thread, threading._DummyThread) and type(thread).__name__ != "TMonitor"
    }


def _processes() -> set[int]:
    """Child processes, also those that ended and were never waited for (Linux only)."""
    children: set[int] = set()
    for listing in Path("/proc/self/task").glob("*/children"):
        try:
            children.update(map(int, listing.read_text().split()))
        except OSError:  # the thread ended while it was looked at
            continue
    return {pid for pid in children if not _is_shared(pid)}


def _is_shared(pid: int) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return True
    return any(name in command for name in _SHARED_PROCESSES)


def _still(left: Callable[[], list[str]]) -> list[str]:
    """What is left once it had a moment to end."""
    if left():
        gc.collect()
    until = time.monotonic() + GRACE_SECONDS
    while left() and time.monotonic() < until:
        time.sleep(0.01)
    return left()


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    """Fails a test that leaves a thread or a child process alive."""
    threads, processes = _threads(), _processes()
    yield

    def left() -> list[str]:
        return [f"thread {thread.name}" for thread in _threads() - threads] + [
            f"process {pid}" for pid in _processes() - processes
        ]

    if leaks := _still(left):
        pytest.fail("left running: " + ", ".join(sorted(leaks)), pytrace=False)


@pytest.fixture(autouse=True)
def no_qt_object_is_left(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Fails a test that leaves a top-level widget, an active QTimer or a running QThread."""
    if not {"qapp", "qtbot", "qapp_cls"} & set(request.fixturenames):
        yield
        return
    from PySide6.QtCore import QThread, QTimer

    started: list[Any] = []
    _note_starts(monkeypatch, QTimer, started)
    _note_starts(monkeypatch, QThread, started)
    before = _top_level_widgets()
    yield

    def left() -> list[str]:
        _delete_deferred()
        return _alive(started) + [
            f"widget {type(widget).__name__} {widget.windowTitle()!r}"
            for widget in _top_level_widgets()
            if widget not in before
        ]

    if leaks := _still(left):
        _close(before)
        pytest.fail("left alive: " + ", ".join(sorted(leaks)), pytrace=False)


def _note_starts(monkeypatch: pytest.MonkeyPatch, qt_class: type, started: list[Any]) -> None:
    """Record a weak reference to every object of `qt_class` that is started."""
    start = qt_class.start  # type: ignore[attr-defined]

    def noting_start(self: Any, *args: Any) -> None:
        started.append(weakref.ref(self))
        start(self, *args)

    monkeypatch.setattr(qt_class, "start", noting_start)


def _alive(started: list[Any]) -> list[str]:
    from PySide6.QtCore import QThread
    from shiboken6 import isValid

    return [
        f"{type(object_).__name__} {object_.objectName()!r}"
        for object_ in {reference() for reference in started}
        if object_ is not None
        and isValid(object_)
        and (object_.isRunning() if isinstance(object_, QThread) else object_.isActive())
    ]


def _top_level_widgets() -> list[QWidget]:
    from PySide6.QtWidgets import QApplication

    # Qt keeps the label of the last tooltip for the next one.
    return [
        widget
        for widget in QApplication.topLevelWidgets()
        if widget.metaObject().className() != "QTipLabel"
    ]


def _delete_deferred() -> None:
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _close(before: list[QWidget]) -> None:
    """Take leaked widgets away, so that the next test is judged alone."""
    for widget in _top_level_widgets():
        if widget not in before:
            widget.close()
            widget.deleteLater()
    _delete_deferred()
