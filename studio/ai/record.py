"""Requests, results and takes as plain JSON values.

Songs, notes and recordings lie in a media store and are named by their hash, so that a line of a
song's log of takes is short, and a song that many requests share is kept once.
"""

from __future__ import annotations

from typing import Any, get_type_hints

import msgspec

from studio.ai.requests import Request, Result, Take
from studio.core.errors import StudioError
from studio.domain.notes import Notes
from studio.domain.project import Project
from studio.media import columns
from studio.media.store import MediaStore

_APART = ("song", "media")
_REQUEST = {name: hint for name, hint in get_type_hints(Request).items() if name not in _APART}
_DAMAGE = (KeyError, TypeError, ValueError, msgspec.MsgspecError)


def take_to_json(take: Take, store: MediaStore) -> dict[str, Any]:
    """A take as a JSON object; its song and notes are put into `store`."""
    return {
        "id": take.id,
        "seconds": take.seconds,
        "request": request_to_json(take.request, store),
        "result": result_to_json(take.result, store),
    }


def take_from_json(data: dict[str, Any], store: MediaStore) -> Take:
    """The take that `take_to_json` wrote.

    Raises:
        StudioError: It is damaged, or `store` lacks what it names.
    """
    try:
        request = request_from_json(data["request"], store)
        result = result_from_json(data["result"], store)
        return Take(data["id"], request, result, float(data["seconds"]))
    except _DAMAGE as error:
        raise _unreadable() from error


def request_to_json(request: Request, store: MediaStore) -> dict[str, Any]:
    """A request as a JSON object; its song is put into `store`."""
    plain = {name: getattr(request, name) for name in _REQUEST}
    song = columns.text(columns.encode(request.song, store))
    return {**msgspec.to_builtins(plain), "song": store.put_bytes(song, ".json")}


def request_from_json(
    data: dict[str, Any], store: MediaStore, media: MediaStore | None = None
) -> Request:
    """The request that `request_to_json` wrote; it gives the same take again.

    Args:
        media: Where its recordings lie; by default in `store`.

    Raises:
        StudioError: It is damaged, or `store` lacks what it names.
    """
    try:
        song = song_of(data["song"], store)
        given = {
            name: msgspec.convert(data[name], hint)
            for name, hint in _REQUEST.items()
            if name in data
        }
        return Request(song=song, media=media or store, **given)
    except _DAMAGE as error:
        raise _unreadable() from error


def song_of(hash: str, store: MediaStore) -> Project:
    """The song that lies in `store` under `hash`.

    Raises:
        KeyError: It does not lie there.
        StudioError: It is damaged, or not understood.
    """
    return columns.decode(msgspec.json.decode(store.bytes(hash)), store)


def result_to_json(result: Result, store: MediaStore) -> dict[str, Any]:
    """A result as a JSON object; its notes are put into `store`."""

    def hook(value: Any) -> Any:
        if isinstance(value, Notes):
            return columns.put_notes(value, store)
        raise NotImplementedError(type(value).__name__)

    plain: dict[str, Any] = msgspec.to_builtins(result, enc_hook=hook)
    return plain


def result_from_json(data: dict[str, Any], store: MediaStore) -> Result:
    """The result that `result_to_json` wrote.

    Raises:
        StudioError: `store` lacks its notes.
        msgspec.ValidationError: It is damaged.
    """

    def hook(kind: type, value: Any) -> Any:
        if kind is Notes:
            return columns.notes(value, store)
        raise NotImplementedError(kind.__name__)

    return msgspec.convert(data, Result, dec_hook=hook)


def _unreadable() -> StudioError:
    return StudioError(
        "This take cannot be read: its record is damaged or incomplete.",
        "The notes it wrote are still in the song.",
    )
