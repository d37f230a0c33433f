"""Removing files so that the musician can get them back."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

from send2trash import send2trash

from studio.core import paths
from studio.media import durable


def to_trash(path: Path) -> None:
    """Move a file or folder to the desktop's trash, or to `trash` in the studio's own folder.

    Raises:
        StudioError: It can be moved to neither; it is where it was.
    """
    try:
        send2trash(str(path))
    except OSError:
        _keep(path)


def _keep(path: Path) -> None:
    folder = paths.home() / "trash"
    names = (f"{path.stem} {number}{path.suffix}" for number in itertools.count(2))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = next(n for n in itertools.chain([path.name], names) if not (folder / n).exists())
        shutil.move(path, folder / free)
    except OSError as error:
        raise durable.refusal(error, path) from error
