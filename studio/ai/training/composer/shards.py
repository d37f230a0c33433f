"""Pieces on disk: one uncompressed npz per split and collection, read through a memory map."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np

from studio.ai.composer.piece import BAR_DTYPE, GRID_NOTE, Piece, PiecePart, Table
from studio.core.errors import StudioError

_LOCAL_HEADER_BYTES = 30
_TEXTS = ("collection", "title", "source")
_FLAGS = ("swing", "has_velocity", "has_deviation", "has_tempo")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a piece comes from.

    Attributes:
        key: Unique within the collection: its path in the archive.
        group: Pieces of one group never lie in two splits.
        groove: The pattern under the piece, or "".
        split: The published split, or "".
        parents: Titles the piece was put together from, where there are several.
        licence: Of this piece.
        dropped_parts: How many of its smallest tracks were left out.
    """

    key: str
    group: str = ""
    groove: str = ""
    split: str = ""
    parents: tuple[str, ...] = ()
    licence: str = ""
    dropped_parts: int = 0


def write(path: Path, pieces: Iterable[Piece], origins: Sequence[Origin] | None = None) -> None:
    """Write the pieces (and as many origins, if any) to `path` in one step.

    Raises:
        ValueError: There are not as many origins as pieces.
    """
    pieces = list(pieces)
    if origins is None:
        origins = [Origin(str(i)) for i in range(len(pieces))]
    if len(origins) != len(pieces):
        raise ValueError("every piece has one origin")
    about = [
        json.dumps([_about(piece), asdict(origin)], separators=(",", ":")).encode()
        for piece, origin in zip(pieces, origins, strict=True)
    ]
    columns = {
        "notes": np.concatenate([np.zeros(0, GRID_NOTE), *(p.notes for p in pieces)]),
        "note_ends": np.cumsum([len(p.notes) for p in pieces], dtype=np.int64),
        "bars": np.concatenate([np.zeros(0, BAR_DTYPE), *(p.bars for p in pieces)]),
        "bar_ends": np.cumsum([len(p.bars) for p in pieces], dtype=np.int64),
        "about": np.frombuffer(b"".join(about), np.uint8),
        "about_ends": np.cumsum([len(text) for text in about], dtype=np.int64),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}.part")
    with beside.open("wb") as file:
        np.savez(file, allow_pickle=False, **columns)
    beside.replace(path)


def _about(piece: Piece) -> dict[str, Any]:
    return {
        "parts": [[p.program, p.drums, p.role, p.name, p.performed] for p in piece.parts],
        "styles": piece.styles,
        **{name: getattr(piece, name) for name in (*_TEXTS, *_FLAGS)},
    }


class Shards(Sequence[Piece]):
    """The pieces of one file, each built when asked for; the tables stay on disk.

    Attributes:
        note_counts: int64, shape [pieces].

    Raises:
        StudioError: The file is missing or is not one that `write` wrote.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            columns = _mapped(path)
            self._notes, self._bars = columns["notes"], columns["bars"]
            self._about = columns["about"]
            ends = ("note_ends", "bar_ends", "about_ends")
            self._ends = [np.concatenate([[0], columns[name]]) for name in ends]
            self.note_counts = np.diff(self._ends[0])
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise StudioError(f"{path.name} holds no pieces.", "Prepare the data again.") from error

    def __len__(self) -> int:
        return len(self._ends[0]) - 1

    @overload
    def __getitem__(self, index: int) -> Piece: ...
    @overload
    def __getitem__(self, index: slice) -> list[Piece]: ...
    def __getitem__(self, index: int | slice) -> Piece | list[Piece]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        i = range(len(self))[index]
        about = self._text(i)[0]
        parts = tuple(PiecePart(*told) for told in about.pop("parts"))
        return Piece(
            bars=self._rows(self._bars, 1, i),
            parts=parts,
            notes=self._rows(self._notes, 0, i),
            styles=tuple(about.pop("styles")),
            **about,
        )

    def origin(self, index: int) -> Origin:
        about = self._text(range(len(self))[index])[1]
        return Origin(**{**about, "parents": tuple(about["parents"])})

    def origins(self) -> Iterator[Origin]:
        return (self.origin(i) for i in range(len(self)))

    def _rows(self, table: Table, ends: int, i: int) -> Table:
        return np.array(table[self._ends[ends][i] : self._ends[ends][i + 1]])

    def _text(self, i: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(bytes(self._rows(self._about, 2, i)))
        return found


def _mapped(path: Path) -> dict[str, Table]:
    """The arrays of an uncompressed npz, mapped: numpy itself would read them whole."""
    columns: dict[str, Table] = {}
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        for entry in archive.infolist():
            if entry.compress_type != zipfile.ZIP_STORED:
                raise ValueError("a compressed array cannot be mapped")
            file.seek(entry.header_offset)
            header = file.read(_LOCAL_HEADER_BYTES)
            names = int.from_bytes(header[26:28], "little") + int.from_bytes(
                header[28:30], "little"
            )
            file.seek(names, os.SEEK_CUR)
            version = np.lib.format.read_magic(file)
            read = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[version]
            shape, _, dtype = read(file)
            name = entry.filename.removesuffix(".npy")
            if 0 in shape:
                columns[name] = np.zeros(shape, dtype)
            else:
                columns[name] = np.memmap(path, dtype, "r", file.tell(), shape)
    return columns
