"""Tests beside each other get in nobody's way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workers import unit

CASES = """
import os, time
from pathlib import Path
import pytest

@pytest.mark.parametrize("number", range(4))
def test_where(number):
    place = Path(__file__).with_suffix(".seen")
    screen, worker = os.environ.get("DISPLAY"), os.environ["PYTEST_XDIST_WORKER"]
    with place.open("a") as file:
        file.write(f"{number} {worker} {screen}\\n")
    time.sleep(0.2)
"""


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is missing")
def test_files_stay_together_and_each_worker_has_a_screen(tmp_path: Path) -> None:
    names = ("test_one", "test_two")
    for name in names:
        (tmp_path / f"{name}.py").write_text(CASES)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p tests.workers\n")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={**environment, "DISPLAY": ":nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    seen = [(tmp_path / f"{name}.seen").read_text().split("\n")[:-1] for name in names]
    orders, workers, screens = zip(*(zip(*map(str.split, lines), strict=True) for lines in seen),
                                   strict=True)  # fmt: skip
    assert orders == (("0", "1", "2", "3"),) * 2
    assert [len(set(found)) for found in workers] == [1, 1]
    assert workers[0][0] != workers[1][0]
    assert screens[0][0] != screens[1][0]
    assert ":nowhere" not in screens[0] + screens[1]


def test_what_keeps_time_is_one_unit() -> None:
    assert unit("tests/audio/test_engine.py") == unit("tests/workspace/test_recording.py")
    assert unit("tests/audio/test_engine.py") != unit("tests/workspace/test_song.py")
    assert unit("tests/workspace/test_song.py") != unit("tests/workspace/test_files.py")
