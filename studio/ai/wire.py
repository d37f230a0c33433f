"""What the window and the model worker say to each other, and how it is put on a pipe.

A message is four bytes of length, little-endian, and that many bytes of msgpack. Notes travel as
the bytes of their table; a large table lies as a file in the store that both sides share. Sound
never travels: a message names recordings in a media store that both sides can open.
"""

from __future__ import annotations

import struct
from typing import IO, Any, Generic, TypeAlias, TypeVar

import msgspec
import numpy as np

from studio.ai.catalogue import ModelCard
from studio.ai.requests import Chip, Result
from studio.core.errors import StudioError
from studio.domain.notes import NOTE_DTYPE, Notes
from studio.media import columns
from studio.media.store import MediaStore

MOST_BYTES = 64 * 1024 * 1024
LARGE_TABLE_BYTES = 256 * 1024
_LENGTH = struct.Struct("<I")


class WireError(Exception):
    """What came over the pipe is no message."""


class Run(msgspec.Struct, tag="run", frozen=True):
    """Generate: `request` as `record.request_to_json` writes it.

    Attributes:
        media, cache: The folders of `Request.media`, empty where the request has none.
    """

    job: int
    card: ModelCard
    request: dict[str, Any]
    media: str = ""
    cache: str = ""


class Load(msgspec.Struct, tag="load", frozen=True):
    """Get a model ready for the first request to it; nothing is answered."""

    card: ModelCard


class Read(msgspec.Struct, tag="read", frozen=True):
    """Say what words mean: of a prompt, and of what is not wanted, by `reader`."""

    job: int
    prompt: str
    negative: str
    reader: str


class Cancel(msgspec.Struct, tag="cancel", frozen=True):
    job: int


class Progress(msgspec.Struct, tag="progress", frozen=True):
    job: int
    fraction: float
    text: str


class Partial(msgspec.Struct, tag="partial", frozen=True):
    job: int
    result: Result


class Done(msgspec.Struct, tag="done", frozen=True):
    """The end of a job; `seconds` are those of the model's own work, its loading left out."""

    job: int
    result: Result
    seconds: float


class Heard(msgspec.Struct, tag="heard", frozen=True):
    """What words mean; None where they could not be read."""

    job: int
    chips: tuple[Chip, ...] | None


class Stopped(msgspec.Struct, tag="stopped", frozen=True):
    """The job was cancelled."""

    job: int


class Failed(msgspec.Struct, tag="failed", frozen=True):
    """The job failed with a sentence; a `spent` worker ends after it said so."""

    job: int
    message: str
    hint: str
    spent: bool = False


Order: TypeAlias = Run | Load | Read | Cancel
Answer: TypeAlias = Progress | Partial | Done | Heard | Stopped | Failed
M = TypeVar("M")


class Wire(Generic[M]):
    """One direction of the pipe: writes any message, reads those of `kind`.

    Args:
        kind: The union of messages to be read.
        store: Where large tables lie; the other side has opened the same folder.
    """

    def __init__(self, kind: Any, store: MediaStore) -> None:
        self._store = store
        self._encoder = msgspec.msgpack.Encoder(enc_hook=self._pack)
        self._decoder = msgspec.msgpack.Decoder(kind, dec_hook=self._unpack)

    def write(self, stream: IO[bytes], message: Order | Answer) -> None:
        """Put a message on the pipe. Raises OSError where nobody reads."""
        data = self._encoder.encode(message)
        stream.write(_LENGTH.pack(len(data)) + data)
        stream.flush()

    def read(self, stream: IO[bytes]) -> M:
        """Wait for the next message.

        Raises:
            EOFError: The pipe ended.
            WireError: Something else than a message of `kind` came.
        """
        (size,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
        if size > MOST_BYTES:
            raise WireError(f"a message of {size} bytes is too long to be one")
        data = _exactly(stream, size)
        try:
            message: M = self._decoder.decode(data)
        except (msgspec.DecodeError, StudioError) as error:
            raise WireError(f"not a message: {error}") from error
        return message

    def _pack(self, value: Any) -> Any:
        if not isinstance(value, Notes):
            raise NotImplementedError(type(value).__name__)
        if value.nbytes > LARGE_TABLE_BYTES:
            return columns.put_notes(value, self._store)
        return value.table.tobytes()

    def _unpack(self, kind: type, value: Any) -> Any:
        if kind is not Notes:
            raise NotImplementedError(kind.__name__)
        if isinstance(value, str):
            return columns.notes(value, self._store)
        return Notes(np.frombuffer(value, NOTE_DTYPE))


def _exactly(stream: IO[bytes], size: int) -> bytes:
    """`size` bytes, however many reads they take. Raises EOFError where the pipe ends before."""
    parts = bytearray()
    while len(parts) < size:
        part = stream.read(size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
