"""Every take a song ever got, one JSON object a line, only ever added to."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import msgspec

from studio.core.errors import StudioError
from studio.media import durable

_MARK = "discarded"


class TakesLog:
    """The takes of one song.

    A line is a take's record, which has an `id`, or a mark `{"discarded": id}` that puts a take
    aside until the same take is added again. A line that a crash cut short is passed over.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def append(self, record: dict[str, Any]) -> None:
        """Add a take; it is on the disk when this returns.

        Raises:
            StudioError: The disk is full.
            ValueError: The record has no `id`.
        """
        if not isinstance(record.get("id"), str):
            raise ValueError("the record of a take has an id")
        self._add(record)

    def discard(self, id: str) -> None:
        """Mark a take as discarded; it stays in the log. Raises StudioError if the disk is full."""
        self._add({_MARK: id})

    def takes(self) -> list[dict[str, Any]]:
        """The records of all takes not discarded, oldest first; of equal ids the last.

        Raises:
            StudioError: The log cannot be read.
        """
        found: dict[str, dict[str, Any]] = {}
        for entry in self._entries():
            if isinstance(entry.get("id"), str):
                found.pop(entry["id"], None)
                found[entry["id"]] = entry
            elif isinstance(entry.get(_MARK), str):
                found.pop(entry[_MARK], None)
        return list(found.values())

    def _entries(self) -> list[dict[str, Any]]:
        try:
            lines = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StudioError(f"The song's takes cannot be read: {error.strerror}.") from error
        entries = [_entry(line) for line in lines]
        return [entry for entry in entries if entry]

    def _add(self, entry: dict[str, Any]) -> None:
        line = msgspec.json.encode(entry) + b"\n"
        try:
            with self._lock, self._path.open("ab+") as file:
                if file.tell() and not self._ends_whole(file):
                    line = b"\n" + line
                whole = file.tell()
                try:
                    file.write(line)
                    file.flush()
                    os.fsync(file.fileno())
                    if not whole:
                        durable.sync(self._path.parent)
                except OSError:
                    os.truncate(self._path, whole)
                    raise
        except OSError as error:
            raise durable.refusal(error, self._path) from error

    @staticmethod
    def _ends_whole(file: Any) -> bool:
        file.seek(-1, os.SEEK_END)
        return bool(file.read(1) == b"\n")


def _entry(line: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
