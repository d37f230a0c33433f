"""Bringing what an older studio wrote up to the form this one reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from studio.core.errors import StudioError

FORMAT: Final = "tutti"
VERSION: Final = 1

Document: TypeAlias = dict[str, Any]

# From version n, the function that turns a document into one of version n + 1.
MIGRATIONS: dict[int, Callable[[Document], Document]] = {}


def current(document: object, name: str) -> Document:
    """The document of a song file as this version writes it.

    Args:
        name: What the musician calls the song.

    Raises:
        StudioError: It is no song, or a newer studio wrote it.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise StudioError(f"“{name}” is not a Tutti song.")
    version = document.get("version")
    if type(version) is not int or not oldest() <= version <= VERSION:
        if type(version) is int and version > VERSION:
            raise StudioError(
                f"“{name}” was made by a newer version of Tutti.", "Update Tutti to open it."
            )
        raise StudioError(f"“{name}” has no version that Tutti knows.")
    for step in range(version, VERSION):
        document = {**MIGRATIONS[step](document), "version": step + 1}
    return document


def oldest() -> int:
    """The oldest version that can still be read."""
    return min(MIGRATIONS, default=VERSION)
