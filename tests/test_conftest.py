"""The guards in conftest.py catch what they are there to catch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CONFTEST = Path(__file__).with_name("conftest.py")
CASES = """
import logging, subprocess, sys, threading
from pathlib import Path
import pytest

kept = []

def test_tidy(qtbot):
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QLabel
    label = QLabel()
    qtbot.addWidget(label)
    timer = QTimer(label)
    timer.start(10)
    thread = threading.Thread(target=lambda: None)
    thread.start()
    logging.getLogger("studio").info("nothing to see")

def test_expected_warning(expected_log):
    expected_log("disk is .* full")
    logging.getLogger("studio").warning("the disk is nearly full")

def test_home(studio_home):
    from studio.core import paths
    assert paths.home() == studio_home and not list(studio_home.iterdir())
    (studio_home / "mark").touch()

def test_home_again(studio_home):
    assert not list(studio_home.iterdir())

def test_leaks_thread():
    kept.append(threading.Event())
    threading.Thread(target=kept[-1].wait, name="stuck", daemon=True).start()

def test_leaks_process():
    kept.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))

def test_leaks_timer(qapp):
    from PySide6.QtCore import QTimer
    kept.append(QTimer(objectName="ticking"))
    kept[-1].start(1000)

def test_leaks_qthread(qapp):
    from PySide6.QtCore import QThread
    kept.append(QThread(objectName="spinning"))
    kept[-1].start()

def test_leaks_widget(qapp):
    from PySide6.QtWidgets import QLabel
    kept.append(QLabel("forgotten"))
    kept[-1].setWindowTitle("forgotten")

def test_logs_warning():
    logging.getLogger("studio").warning("the disk is nearly full")

def test_expects_in_vain(expected_log):
    expected_log("disk is full")

def test_qt_message(qapp):
    from PySide6.QtCore import qWarning
    qWarning("something is odd")

def test_clean_up_after_the_above(qapp):
    kept[0].set()
    kept[1].communicate(b"")
    kept[2].stop()
    kept[3].quit()
    kept[3].wait()
"""


def test_every_leak_fails_its_own_test_and_no_other(tmp_path: Path) -> None:
    impatient = CONFTEST.read_text().replace("GRACE_SECONDS = 2.0", "GRACE_SECONDS = 0.2")
    (tmp_path / "conftest.py").write_text(impatient)
    (tmp_path / "test_cases.py").write_text(CASES)
    (tmp_path / "pytest.ini").write_text("[pytest]\nqt_log_level_fail = WARNING\n")
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    output = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    summary = output.rpartition("short test summary")[2]
    blamed = {
        line.partition("::")[2].split(" ")[0]
        for line in summary.splitlines()
        if line.startswith(("ERROR ", "FAILED "))
    }
    assert blamed == {
        "test_leaks_thread",
        "test_leaks_process",
        "test_leaks_timer",
        "test_leaks_qthread",
        "test_leaks_widget",
        "test_logs_warning",
        "test_expects_in_vain",
        "test_qt_message",
    }, output
    for culprit in ("stuck", "ticking", "spinning", "forgotten", "nearly full", "disk is full"):
        assert culprit in output, output
