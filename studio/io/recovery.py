"""Work that was never saved, found at the next start. Nothing of it is ever removed unasked."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from studio.core import paths
from studio.core.errors import StudioError
from studio.io import folder_lock, song_file
from studio.io.song_file import AUTOSAVE, PROJECT, SUFFIX
from studio.io.trash import to_trash
from studio.media import durable, recorded


@dataclass(frozen=True, slots=True)
class Recoverable:
    """A song with work that Save has not seen.

    Attributes:
        unsaved: It was never saved at all.
        changed_at: When it was last written.
    """

    path: Path
    unsaved: bool
    changed_at: datetime

    @property
    def name(self) -> str:
        return self.path.stem


def recoverable(known: Iterable[Path] = ()) -> list[Recoverable]:
    """Unsaved songs that hold anything, and songs of `known` with an autosave newer than the save
    or a recording that did not come into the song.

    Songs that a running process has open are left out. Latest first.
    """
    unsaved = [path for path in _unsaved() if not is_untouched(path)]
    saved = [path for path in known if path not in unsaved and _holds_more(path)]
    found = [(path, True) for path in unsaved] + [(path, False) for path in dict.fromkeys(saved)]
    offered = [
        Recoverable(path, never_saved, _changed_at(path))
        for path, never_saved in found
        if not folder_lock.is_open(path)
    ]
    return sorted(offered, key=lambda song: song.changed_at, reverse=True)


def discard(path: Path) -> None:
    """Move a song folder to the trash.

    Raises:
        StudioError: It is open, or there is no trash to move it to; it is where it was.
    """
    if folder_lock.is_open(path):
        raise StudioError(f"“{path.stem}” is open and cannot be discarded.", "Close it first.")
    to_trash(path)


def is_newer(folder: Path) -> bool:
    """Whether a song's autosave holds work that its saved file does not."""
    autosave = _peek(folder / AUTOSAVE)
    if autosave is None:
        return False
    saved = _peek(folder / PROJECT)
    return saved is None or (autosave.revision > saved.revision and autosave.data != saved.data)


def _holds_more(folder: Path) -> bool:
    """Whether anything lies in a song's folder that its saved file does not hold."""
    return is_newer(folder) or bool(recorded.all_in(folder))


def is_untouched(folder: Path) -> bool:
    """Whether nothing was ever done in a song folder: written once at most, and holds no media."""
    files = {file.relative_to(folder) for file in folder.rglob("*") if file.is_file()}
    done = {file for file in files if not file.name.endswith(durable.PARTIAL)}
    if not done <= {Path(PROJECT), Path(folder_lock.NAME)}:
        return False
    saved = _peek(folder / PROJECT)
    return Path(PROJECT) not in done or (saved is not None and saved.revision == 1)


def remove_untouched() -> None:
    """Remove unsaved songs in which nothing was ever done and that nobody has open."""
    for path in _unsaved():
        if is_untouched(path) and not folder_lock.is_open(path):
            shutil.rmtree(path, ignore_errors=True)
    for path in paths.unsaved_songs().glob(f".*{durable.PARTIAL}"):
        shutil.rmtree(path, ignore_errors=True)


def remove_saved_elsewhere(folder: Path) -> None:
    """Remove an unsaved song that was copied whole; a crash meanwhile leaves none to offer."""
    leaving = folder.with_name(f".{folder.name}{durable.PARTIAL}")
    try:
        folder.rename(leaving)
    except OSError:
        leaving = folder
    shutil.rmtree(leaving, ignore_errors=True)


def _unsaved() -> list[Path]:
    return sorted(path for path in paths.unsaved_songs().glob(f"*{SUFFIX}") if path.is_dir())


def _peek(path: Path) -> song_file.Saved | None:
    try:
        return song_file.peek(path, path.name)
    except StudioError:
        return None


def _changed_at(folder: Path) -> datetime:
    written = [folder / PROJECT, folder / AUTOSAVE, folder]
    latest = max(path.stat().st_mtime for path in written if path.exists())
    return datetime.fromtimestamp(latest, UTC)
