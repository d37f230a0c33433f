"""Archives become shards, once."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from studio.ai.training.composer.collections.listing import ARCHIVES
from studio.ai.training.composer.prepare import prepare
from studio.ai.training.composer.shards import Shards
from studio.ai.training.composer.splits import SPLITS
from studio.core.errors import StudioError
from tests.ai.training.corpus import band, drumming, write_corpus
from tests.ai.training.midi import archive


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_corpus(folder)
    return folder


@pytest.fixture(scope="module")
def work(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work")
    made = folder / "made" / "my-bands"
    made.mkdir(parents=True)
    (made / "one.mid").write_bytes(band())
    (made / "one.json").write_text(
        '{"title": "One", "groove": "jazz", "styles": ["jazz"], "origin": "a package"}'
    )
    prepare(data, folder, processes=1)
    return folder


def _table(work: Path) -> dict[str, Any]:
    return {row["collection"]: row for row in json.loads((work / "table.json").read_text())}


def _keys(work: Path, split: str, collections: Sequence[str] = ()) -> set[str]:
    return {
        f"{path.stem}/{origin.key}"
        for path in (work / "shards" / split).glob("*.npz")
        for origin in Shards(path).origins()
        if not collections or path.stem in collections
    }


def test_every_collection_has_a_row_with_what_was_dropped_and_why(work: Path) -> None:
    rows = _table(work)
    assert set(rows) == {found.name for found in ARCHIVES} | {"my-bands"}
    assert rows["openewld"]["pieces"] == 2
    assert rows["openewld"]["source"] == "from here"
    assert rows["my-bands"]["source"] == "a package"
    (reason,) = rows["openewld"]["dropped"]
    assert reason.startswith("rights")
    assert rows["nifc-polish"]["dropped"] == {"This is not a readable MIDI file.": 1}
    assert rows["freedoom"]["dropped"] == {"fewer than 8 notes": 1}
    assert rows["groove-midi"]["with_deviation"] == 1
    assert rows["groove-midi"]["splits"] == {"train": 1, "valid": 1, "test": 1}
    assert rows["mma-bands"]["bars"] == 8
    assert rows["mma-bands"]["licence"].startswith("patterns")


def test_every_piece_is_in_one_split_at_most(work: Path) -> None:
    keys = [_keys(work, split) for split in SPLITS]
    kept = sum(sum(row["splits"].values()) for row in _table(work).values())
    assert len(set.union(*keys)) == sum(len(found) for found in keys) == kept


def test_published_splits_are_kept(work: Path) -> None:
    chorales = [_keys(work, split, ["jsb-chorales"]) for split in SPLITS]
    assert chorales == [
        {f"jsb-chorales/{split}/000"} for split in ("train", "valid", "test")
    ]  # fmt: skip


def test_pieces_are_analysed(work: Path) -> None:
    (path,) = (work / "pieces").glob("openscore-lieder.npz")
    piece = Shards(path)[0]
    assert (piece.bars["tonic"] >= 0).all()
    assert (piece.bars["root"] >= 0).any()
    assert {part.role for part in piece.parts} <= {"melody", "chords", "bass", "counter", "other"}
    assert piece.parts[0].role != "other"


def test_the_songs_of_the_billboard_are_kept_for_the_plan(work: Path) -> None:
    (song,) = json.loads((work / "billboard.json").read_text())
    assert song["title"] == "A Song"
    assert [section["name"] for section in song["sections"]] == ["intro", "verse", "chorus"]


def test_what_did_not_change_is_not_read_again(
    data: Path, work: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = {path: path.stat().st_mtime_ns for path in (work / "pieces").iterdir()}
    splits = (work / "splits.json").read_text()
    with caplog.at_level(logging.INFO):
        prepare(data, work, processes=1)
    assert {path: path.stat().st_mtime_ns for path in (work / "pieces").iterdir()} == before
    assert sum("as before" in line for line in caplog.messages) == len(ARCHIVES) + 1
    assert (work / "splits.json").read_text() == splits


def test_only_what_changed_is_read_again(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "made" / "my-bands"
    folder.mkdir(parents=True)
    for count, name in enumerate(("one", "two"), 1):
        (folder / f"{name}.mid").write_bytes(drumming(30 + 2 * count))
        (folder / f"{name}.json").write_text(f'{{"title": "{name}"}}')
        prepare(data, tmp_path, only=["my-bands"], processes=1)
        assert _table(tmp_path)["my-bands"]["pieces"] == count
    assert len(_table(tmp_path)) == 1


def test_a_folder_where_nothing_is_made_yet_has_no_pieces(data: Path, tmp_path: Path) -> None:
    (tmp_path / "made" / "my-bands").mkdir(parents=True)
    prepare(data, tmp_path, only=["my-bands"], processes=1)
    assert _table(tmp_path)["my-bands"]["pieces"] == 0


def test_what_is_there_twice_is_learnt_from_once(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "made" / "my-bands"
    folder.mkdir(parents=True)
    for name in ("one", "two"):
        (folder / f"{name}.mid").write_bytes(band())
        (folder / f"{name}.json").write_text(f'{{"title": "{name}"}}')
    prepare(data, tmp_path, only=["my-bands"], processes=1)
    row = _table(tmp_path)["my-bands"]
    assert sum(row["splits"].values()) == 1
    assert row["dropped"] == {"the same notes as another piece of the collection": 1}


def test_two_processes_write_what_one_writes(data: Path, tmp_path: Path) -> None:
    names = ["jsb-chorales", "nifc-polish", "mma-bands"]
    for processes in (1, 2):
        prepare(data, tmp_path / str(processes), only=names, processes=processes)
    one, other = ((tmp_path / name / "splits.json").read_text() for name in ("1", "2"))
    assert one == other


def test_a_collection_that_is_gone_leaves_no_shards(data: Path, tmp_path: Path) -> None:
    prepare(data, tmp_path, only=["jsb-chorales", "folk"], processes=1)
    prepare(data, tmp_path, only=["jsb-chorales"], processes=1)
    assert {path.stem for path in (tmp_path / "shards").glob("*/*.npz")} == {"jsb-chorales"}


def test_a_missing_archive_is_told_in_a_sentence(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    archive(tmp_path, "mcgill-billboard-chords_CC0", {})
    with pytest.raises(StudioError, match="archive mma-band-arrangements is missing"):
        prepare(tmp_path, tmp_path / "work", processes=1)
