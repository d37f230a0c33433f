"""Folders on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.core import paths


def test_only_run_folders_of_studios_that_ended_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                           check=True, capture_output=True, text=True).stdout.strip()  # fmt: skip
    for name in (f"tutti-{ended}", f"tutti-{os.getpid()}", "tutti-songs", "other-1"):
        (tmp_path / name / "worker").mkdir(parents=True)
    paths.remove_stale_runs()
    left = {folder.name for folder in tmp_path.iterdir()}
    assert left == {f"tutti-{os.getpid()}", "tutti-songs", "other-1"}
    assert paths.run_dir() == tmp_path / f"tutti-{os.getpid()}"


def test_a_home_of_its_own_holds_everything(studio_home: Path) -> None:
    for place in (paths.settings_file(), paths.unsaved_songs(), paths.songs(), paths.logs()):
        assert place.is_relative_to(studio_home)
