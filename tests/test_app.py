"""The program as a user starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_the_self_test_writes_a_song_and_ends(tmp_path: Path) -> None:
    environment = os.environ | {"TUTTI_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-m", "studio", "--self-test"],
        env=environment, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr.lower()
    assert not list((tmp_path / "unsaved").glob("*")), "the song of the test is left behind"
