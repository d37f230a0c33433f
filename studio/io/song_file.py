"""A song's description as one JSON file: `project.json`, `autosave.json` and each backup.

Also the names of all that lies in a song's folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from studio.core.errors import StudioError
from studio.domain.project import Project
from studio.io import migrations
from studio.media import columns, durable
from studio.media.store import MediaStore

SUFFIX = ".tutti"
PROJECT, AUTOSAVE, TAKES = "project.json", "autosave.json", "takes.jsonl"
MEDIA, CACHE = "media", "cache"


@dataclass(frozen=True, slots=True)
class Saved:
    """A song as a file holds it.

    Attributes:
        revision: Counts every writing of the song, saved or autosaved: the higher, the later.
        data: The song as `columns.encode` gives it, equal for equal songs.
    """

    revision: int
    data: Any


def peek(path: Path, name: str) -> Saved:
    """What a song file holds, not yet looked into.

    Raises:
        StudioError: It is missing, damaged, foreign or newer than this program.
    """
    try:
        document = migrations.current(msgspec.json.decode(path.read_bytes()), name)
    except FileNotFoundError:
        raise StudioError(f"There is no song at {path.parent}.") from None
    except OSError as error:
        raise StudioError(f"“{name}” cannot be opened: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise StudioError(f"“{name}” is damaged: its description cannot be read.") from error
    revision = document.get("revision")
    if type(revision) is not int or set(document) != {"format", "version", "revision", "song"}:
        raise StudioError(f"“{name}” is damaged: its description is not whole.")
    return Saved(revision, document["song"])


def read(path: Path, name: str, store: MediaStore) -> tuple[Project, int]:
    """The song in a file, and its revision.

    Raises:
        StudioError: As from `peek`, or the song in it is not understood.
    """
    saved = peek(path, name)
    return columns.decode(saved.data, store), saved.revision


def write(path: Path, project: Project, revision: int, store: MediaStore) -> None:
    """Write the song whole or not at all. Raises StudioError if the disk is full."""
    document = {
        "format": migrations.FORMAT,
        "version": migrations.VERSION,
        "revision": revision,
        "song": columns.encode(project, store),
    }
    durable.write(path, columns.text(document))


def revision(path: Path) -> int:
    """The revision of a song file, 0 where it cannot be read."""
    try:
        return peek(path, path.name).revision
    except StudioError:
        return 0
