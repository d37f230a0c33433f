"""Writing a file so that a crash, a full disk or a change of mind leaves the old one or the new."""

from __future__ import annotations

import errno
import itertools
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from studio.core.errors import StudioError

Progress: TypeAlias = Callable[[float], None]  # told a fraction 0-1; may raise Cancelled

PARTIAL = ".partial"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_BY_HASH = re.compile(r"[0-9a-f]{64}")
_count = itertools.count()


def no_progress(_fraction: float) -> None:
    """Tell nobody."""


@contextmanager
def partial_of(path: Path) -> Iterator[Path]:
    """Yield the path of a partial file beside `path`, which is gone afterwards unless settled.

    Raises:
        StudioError: The disk is full, or the folder cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}-{next(_count)}{PARTIAL}")
    try:
        make(path.parent)
        yield partial
    except OSError as error:
        raise refusal(error, path) from error
    finally:
        with suppress(OSError):  # such as: what should be its folder is a file
            partial.unlink()


def make(folder: Path) -> None:
    """Make a folder, and those above it, such that they are on the disk itself."""
    if not folder.is_dir():
        make(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)


def settle(partial: Path, path: Path) -> None:
    """Bring a written file to the disk itself, then let it take its place."""
    make(path.parent)
    sync(partial)
    partial.replace(path)
    sync(path.parent)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a partial file's path beside `path`; once written it takes its place.

    Whatever is raised inside removes the partial file and leaves `path` as it was.

    Raises:
        StudioError: The disk is full, or the folder cannot be written.
    """
    with partial_of(path) as partial:
        yield partial
        settle(partial, path)


def write(path: Path, data: bytes) -> None:
    """Put `data` at `path`, whole or not at all. Raises StudioError as `whole` does."""
    with whole(path) as partial:
        partial.write_bytes(data)


def sync(path: Path) -> None:
    """Wait until a file's or a folder's content is on the disk itself."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot sync a folder, and journals renames itself
    opened = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def refusal(error: OSError, path: Path) -> StudioError:
    """What to tell the musician when `path` could not be written."""
    if error.errno in _FULL:
        return full(path)
    sentence = f"{_called(path)} could not be written: {error.strerror or error}."
    return StudioError(sentence[0].upper() + sentence[1:], f"It belongs in {path.parent}.")


def full(path: Path) -> StudioError:
    return StudioError(
        f"The disk is full, so {_called(path)} could not be written.",
        "Free some space, then try again.",
    )


def _called(path: Path) -> str:
    """What the musician knows a file as, also while it is partial."""
    name = path.name
    if name.endswith(PARTIAL):
        name = name[1:].rsplit(".", 2)[0]
    return "media of the song" if _BY_HASH.match(name) else f"“{name}”"


def sweep(folder: Path) -> None:
    """Remove what writers that were killed left behind in `folder` and below."""
    for partial in folder.rglob(f".*{PARTIAL}"):
        with suppress(OSError):  # such as: in a folder that cannot be written
            partial.unlink()
