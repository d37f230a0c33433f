"""What a collection is: an archive, or a folder, of files and what is known of each."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from studio.ai.training.composer.raw import RawPiece
from studio.core.errors import StudioError

Files: TypeAlias = dict[str, bytes]  # by path below the archive's folder


@dataclass(frozen=True, slots=True)
class Entry:
    """A piece still to be read.

    Attributes:
        key: Its path in the collection.
        facts: Fields of `RawPiece` that are known without reading the notes.
        hints: What the collection's `read` wants to know besides.
        dropped: Why the piece is left out, or "".
    """

    key: str
    data: bytes = b""
    facts: dict[str, Any] = field(default_factory=dict)
    hints: dict[str, Any] = field(default_factory=dict)
    dropped: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection of music.

    Attributes:
        archive: How the archive's file name begins; "" where the files lie in a folder.
        licence: In short.
        credit: Who made it, as the card shall say.
        entries: The pieces among the files.
        read: An entry's notes with the entry's facts; raises StudioError for what cannot be read.
    """

    name: str
    archive: str
    licence: str
    credit: str
    entries: Callable[[Files], Iterator[Entry]]
    read: Callable[[Entry], RawPiece]


def archive_path(data: Path, archive: str) -> Path:
    """The archive below `data` whose name begins so.

    Raises:
        StudioError: There is none.
    """
    found = sorted((data / "symbolic").glob(f"{archive}*.tar.xz"))
    if not found:
        raise StudioError(
            f"The archive {archive} is missing.",
            f"Put {archive}*.tar.xz into {data / 'symbolic'}, or name another --data.",
        )
    return found[0]


def files_of_archive(path: Path) -> Files:
    """Every file of a .tar.xz by its path below the archive's own folder."""
    with tarfile.open(path, "r:xz") as archive:
        files: Files = {}
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                files[member.name.partition("/")[2]] = content.read()
        return files


def files_of_folder(folder: Path) -> Files:
    """Every file of a folder by its path below it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def digest(*chunks: bytes) -> str:
    """SHA-256 of the chunks one after another."""
    whole = hashlib.sha256()
    for chunk in chunks:
        whole.update(len(chunk).to_bytes(8, "little"))
        whole.update(chunk)
    return whole.hexdigest()
