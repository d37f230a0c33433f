"""Earlier versions of a song, many of the last hours and ever fewer of the time before."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from studio.core.errors import StudioError
from studio.io import song_file
from studio.media import columns, durable
from studio.media.store import MediaStore

FOLDER = "backups"
KEPT = 20
_ALWAYS = 5  # the newest ones are never thinned
_STAMP = "%Y-%m-%dT%H-%M-%S"
_NAME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)-(\d+)\.json")


@dataclass(frozen=True, slots=True)
class Version:
    """One earlier state of a song."""

    path: Path
    saved_at: datetime

    @property
    def when(self) -> str:
        """As the musician's clock showed it: `20 Nov 2026, 06:03`."""
        return f"{self.saved_at.astimezone():%d %b %Y, %H:%M}"


def versions(folder: Path) -> list[Version]:
    """The backups in a song's folder, newest first: by their revision, as a clock may be wrong."""
    found = []
    for path in (folder / FOLDER).glob("*.json"):
        if matched := _NAME.fullmatch(path.name):
            saved_at = datetime.strptime(matched[1], _STAMP).replace(tzinfo=UTC)
            found.append((int(matched[2]), saved_at, Version(path, saved_at)))
    return [version for *_, version in sorted(found, key=lambda entry: entry[:2], reverse=True)]


def newest_readable(folder: Path, store: MediaStore) -> Version | None:
    """The autosave or the latest backup that opens, if any does."""
    found = versions(folder)
    autosave = folder / song_file.AUTOSAVE
    if autosave.exists():
        found.insert(0, Version(autosave, _written_at(autosave)))
    return next((version for version in found if _opens(version.path, store)), None)


def keep(path: Path, folder: Path, most: int = KEPT) -> None:
    """Copy the song file `path` to the backups and thin those to `most`.

    Raises:
        StudioError: The disk is full.
    """
    saved_at = _written_at(path)
    name = f"{saved_at.strftime(_STAMP)}-{song_file.revision(path)}.json"
    durable.write(folder / FOLDER / name, path.read_bytes())
    kept = versions(folder)
    for surplus in thinned([version.saved_at.timestamp() for version in kept], most):
        kept[surplus].path.unlink(missing_ok=True)


def thinned(times: list[float], most: int) -> list[int]:
    """Which of `times` (seconds, newest first) to give up so that `most` are left.

    The newest and the very oldest stay. Of the others go, one after the other, those whose
    neighbours are closest together for their age, so that gaps grow with age. What claims to be
    newer than its successor, from a clock that was wrong, counts as of the same time.
    """
    times = list(itertools.accumulate(times, min))
    left = list(range(len(times)))
    given_up = []
    while len(left) > max(most, _ALWAYS + 1):
        place = min(range(_ALWAYS, len(left) - 1), key=lambda i: _crowding(times, left, i))
        given_up.append(left.pop(place))
    return given_up


def _crowding(times: list[float], left: list[int], place: int) -> float:
    newer, older = times[left[place - 1]], times[left[place + 1]]
    return (newer - older) / (times[left[0]] - older + 1.0)


def _written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _opens(path: Path, store: MediaStore) -> bool:
    try:
        columns.decode(song_file.peek(path, path.name).data, store)
    except StudioError:
        return False
    return True
