"""Reading the archives of symbolic music that charts and drummers come from."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

from studio.core.errors import StudioError


def data_folder() -> Path:
    """The folder of data: `TUTTI_DATA`, or `shared/data` beside the project."""
    beside = Path(__file__).resolve().parents[6] / "shared" / "data"
    return Path(os.environ.get("TUTTI_DATA", beside))


def members(data: Path, name: str, ending: str) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file of an archive whose path ends so, ordered by path.

    Raises:
        StudioError: The archive is not there.
    """
    found = sorted((data / "symbolic").glob(f"{name}*.tar.xz"))
    if not found:
        raise StudioError(
            f"There is no archive “{name}” in {data / 'symbolic'}.",
            "Set TUTTI_DATA to the folder that holds “symbolic”.",
        )
    with tarfile.open(found[0]) as archive:
        kept = {
            item.name: handle.read()
            for item in archive
            if item.name.endswith(ending) and (handle := archive.extractfile(item)) is not None
        }
    yield from sorted(kept.items())
