"""Pieces come back from disk as they were."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from studio.ai.composer.piece import Piece
from studio.ai.training.composer.gridded import piece_of
from studio.ai.training.composer.raw import read_midi
from studio.ai.training.composer.shards import Origin, Shards, write
from studio.core.errors import StudioError
from tests.ai.training.midi import Track, midi, scale, tempo


def _pieces() -> list[Piece]:
    files = [
        midi(Track(meta=(tempo(90),)), Track(scale(9), "Flöte", 73), Track(scale(3), drums=True)),
        midi(Track(scale(1))),
        midi(Track()),
        midi(Track(scale(40, step=1 / 3))),
    ]
    found = [piece_of(read_midi(data)) for data in files]
    parts = tuple(replace(part, performed=part.drums) for part in found[0].parts)
    return [replace(found[0], parts=parts), *found[1:]]


def _equal(one: Piece, other: Piece) -> bool:
    same = [
        np.array_equal(getattr(one, f.name), getattr(other, f.name))
        if f.name in ("bars", "notes")
        else getattr(one, f.name) == getattr(other, f.name)
        for f in fields(one)
    ]
    return all(same)


def test_pieces_come_back_equal(tmp_path: Path) -> None:
    pieces = _pieces()
    write(tmp_path / "deep" / "some.npz", pieces)
    shards = Shards(tmp_path / "deep" / "some.npz")
    assert len(shards) == 4
    assert all(_equal(one, other) for one, other in zip(pieces, shards, strict=True))
    assert _equal(shards[-1], pieces[-1])
    assert [len(piece.notes) for piece in shards[1:3]] == [1, 0]
    assert shards.note_counts.tolist() == [12, 1, 0, 40]
    with pytest.raises(IndexError):
        shards[4]


def test_origins_come_back_with_their_pieces(tmp_path: Path) -> None:
    pieces = _pieces()[:2]
    origins = [
        Origin("a/b.mid", "group", "jazz", "test", ("one", "two"), "CC0", 3),
        Origin("c.mid"),
    ]
    write(tmp_path / "some.npz", pieces, origins)
    assert list(Shards(tmp_path / "some.npz").origins()) == origins
    with pytest.raises(ValueError, match="one origin"):
        write(tmp_path / "other.npz", pieces, origins[:1])


def test_an_empty_collection_is_a_file_without_pieces(tmp_path: Path) -> None:
    write(tmp_path / "none.npz", [])
    assert len(Shards(tmp_path / "none.npz")) == 0


def test_notes_of_a_piece_can_be_changed_without_touching_the_file(tmp_path: Path) -> None:
    write(tmp_path / "some.npz", _pieces())
    shards = Shards(tmp_path / "some.npz")
    shards[0].notes["pitch"] = 0
    assert shards[0].notes["pitch"].min() >= 60


def test_equal_pieces_make_equal_files(tmp_path: Path) -> None:
    for name in ("one.npz", "other.npz"):
        write(tmp_path / name, _pieces())
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()


@pytest.mark.parametrize("content", [None, b"", b"not an archive"])
def test_what_holds_no_pieces_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "some.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StudioError, match="holds no pieces"):
        Shards(path)


def test_other_arrays_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", notes=np.zeros(3))
    np.savez_compressed(tmp_path / "packed.npz", notes=np.zeros(3))
    for name in ("other", "packed"):
        with pytest.raises(StudioError, match="holds no pieces"):
            Shards(tmp_path / f"{name}.npz")
