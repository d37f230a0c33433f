"""What of a song's media anything still refers to."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from studio.domain.project import Project
from studio.io.takes_log import TakesLog
from studio.media.store import MediaStore

_HASH = re.compile(rb"[0-9a-f]{64}")


def of_songs(songs: Iterable[Project], store: MediaStore) -> set[str]:
    """Recordings that any of `songs` plays, as far as `store` has them.

    Their tables are in memory as well, and are put again when one of them is saved.
    """
    recordings = {hash for song in songs for hash in song.media}
    return {hash for hash in recordings if store.has(hash)}


def of_takes(log: TakesLog, store: MediaStore) -> set[str]:
    """Pieces that the takes of `log`, less the discarded ones, refer to."""
    return of_texts([msgspec.json.encode(log.takes())], store)


def of_texts(texts: Iterable[bytes], store: MediaStore) -> set[str]:
    """Pieces named anywhere in `texts`, and in the songs that those name.

    Nothing is understood but the names, so that what a damaged file refers to counts as well.
    """
    found: set[str] = set()
    waiting = list(texts)
    while waiting:
        for name in _HASH.findall(waiting.pop()):
            hash = name.decode()
            if hash in found or not store.has(hash):
                continue
            found.add(hash)
            if store.path(hash).suffix == ".json":
                waiting.append(store.path(hash).read_bytes())
    return found
