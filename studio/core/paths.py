"""Where things lie on this machine: shipped resources, the user's songs, settings and run files."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
_APP = "tutti"


def resource(*parts: str) -> Path:
    """A file shipped with the program, as `resources/<parts>`."""
    return RESOURCES.joinpath(*parts)


def home() -> Path:
    """The folder that holds settings, unsaved songs and logs (`TUTTI_HOME` moves it)."""
    override = os.environ.get("TUTTI_HOME")
    if override:
        return Path(override)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", str(Path.home()))) / "Tutti"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Tutti"
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / _APP


def settings_file() -> Path:
    return home() / "settings.json"


def unsaved_songs() -> Path:
    """Songs that were never given a name live here from their first second."""
    return home() / "unsaved"


def songs() -> Path:
    """Where Save As points at first."""
    if os.environ.get("TUTTI_HOME"):
        return home() / "songs"
    music = Path.home() / "Music"
    return (music if music.is_dir() else Path.home()) / "Tutti"


def own_models() -> Path:
    """Weights that the user has from elsewhere."""
    return home() / "models"


def logs() -> Path:
    return home() / "logs"


def run_dir() -> Path:
    """Where the processes of one running studio share mapped files."""
    return _runs() / f"{_APP}-{os.getpid()}"


def remove_stale_runs() -> None:
    """Remove the run folders of studios that were killed."""
    for folder in _runs().glob(f"{_APP}-*"):
        number = folder.name.removeprefix(f"{_APP}-")
        if number.isdecimal() and not _runs_still(int(number)):
            shutil.rmtree(folder, ignore_errors=True)


def legible(name: str) -> str:
    """A file's name as text that can be written; what is not Unicode in it becomes `?`."""
    return name.encode("utf-8", "replace").decode()


def _runs() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("TEMP", str(home())))
    return Path(os.environ.get("XDG_RUNTIME_DIR") or os.environ.get("TMPDIR") or "/tmp")


def _runs_still(process: int) -> bool:
    if sys.platform == "win32":
        return True  # there, asking a process ends it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
