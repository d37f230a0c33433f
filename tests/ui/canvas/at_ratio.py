"""Runs a few lines in a process whose screen has two device pixels to a logical one."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_BEFORE = """
from PySide6.QtWidgets import QApplication
app = QApplication([])
"""


def run_at_ratio_two(lines: str, home: Path) -> list[str]:
    """What `lines` print, line by line; a QApplication `app` is there for them."""
    script = _BEFORE + textwrap.dedent(lines)
    env = os.environ | {
        "QT_SCALE_FACTOR": "2",
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(ROOT),
        "TUTTI_HOME": str(home),
    }
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stdout.splitlines()
