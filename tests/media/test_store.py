"""Pieces are kept whole, once, under their own hash."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from studio.core.errors import StudioError
from studio.media import durable
from studio.media.store import MediaStore


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_store_creates_nothing_before_something_is_put(store: MediaStore) -> None:
    assert not store.has("0" * 64)
    assert list(store.hashes()) == []
    assert not store.folder.exists()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_bytes_are_kept_under_their_hash(data: bytes, store: MediaStore) -> None:
    hash = store.put_bytes(data, ".bin")
    assert hash == hashlib.sha256(data).hexdigest()
    assert store.path(hash) == store.folder / hash[:2] / f"{hash}.bin"
    assert store.bytes(hash) == data


def test_a_piece_is_written_once(store: MediaStore) -> None:
    hash = store.put_bytes(b"bass", ".bin")
    written = store.path(hash).stat()
    assert store.put_bytes(b"bass", ".bin") == hash
    assert store.path(hash).stat().st_mtime_ns == written.st_mtime_ns
    assert list(store.hashes()) == [hash]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    array=npst.arrays(
        st.sampled_from([np.int64, np.float32, np.uint8, np.bool_]), npst.array_shapes()
    )
)
def test_arrays_come_back_read_only(array: np.ndarray, store: MediaStore) -> None:
    found = store.array(store.put_array(array))
    assert found.dtype == array.dtype
    assert found.tobytes() == array.tobytes()
    assert found.shape == array.shape
    assert not found.flags.writeable


def test_objects_are_never_pickled(store: MediaStore) -> None:
    with pytest.raises(ValueError, match="pickle"):
        store.put_array(np.array([object()]))


@pytest.mark.parametrize("hash", ["0" * 64, "", "../x", "F" * 64, "0" * 63])
def test_an_unknown_piece_is_a_key_error(hash: str, store: MediaStore) -> None:
    store.put_bytes(b"bass", ".bin")
    assert not store.has(hash)
    with pytest.raises(KeyError):
        store.path(hash)


def test_a_damaged_piece_is_noticed(store: MediaStore) -> None:
    hash = store.put_bytes(b"bass", ".bin")
    store.path(hash).write_bytes(b"base")
    with pytest.raises(StudioError, match="damaged"):
        store.bytes(hash)
    text = store.put_bytes(b"no table", ".npy")
    with pytest.raises(StudioError, match="no table"):
        store.array(text)


def test_a_piece_is_checked_on_its_way_to_another_store(store: MediaStore, tmp_path: Path) -> None:
    other = MediaStore(tmp_path / "other" / "media")
    good, bad = store.put_bytes(b"bass", ".bin"), store.put_bytes(b"drums", ".bin")
    store.path(bad).write_bytes(b"dreams")
    other.copy_from(store, good)
    assert other.bytes(good) == b"bass"
    with pytest.raises(StudioError, match="damaged"):
        other.copy_from(store, bad)
    with pytest.raises(KeyError):
        other.copy_from(store, "0" * 64)
    assert [path.stem for path in files(other.folder)] == [good]


def test_two_threads_may_put_the_same_piece(store: MediaStore) -> None:
    data = [bytes([number]) * 5000 for number in range(20)]
    threads = [
        threading.Thread(target=lambda: [store.put_bytes(piece, ".bin") for piece in data])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(files(store.folder)) == len(data)
    assert all(store.bytes(hash) in data for hash in store.hashes())


def fill(path: Path, write: Callable[[Path], object]) -> None:
    with durable.whole(path) as partial:
        write(partial)


def test_a_failed_write_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "song.json"
    durable.write(path, b"old")
    with pytest.raises(ZeroDivisionError):
        fill(path, lambda partial: partial.write_bytes(b"half") // 0)
    assert path.read_bytes() == b"old"
    assert files(tmp_path) == [path]


def test_folders_on_the_way_to_a_file_are_on_the_disk_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(durable, "sync", synced.append)
    durable.write(tmp_path / "media" / "ab" / "piece.npy", b"notes")
    assert {tmp_path, tmp_path / "media", tmp_path / "media" / "ab"} <= set(synced)
    assert synced[-1] == tmp_path / "media" / "ab"


def test_a_full_disk_gets_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "song.json"

    def write(partial: Path) -> None:
        partial.symlink_to("/dev/full")
        partial.write_bytes(b"x" * 10_000)

    with pytest.raises(StudioError, match="disk is full") as refused:
        fill(path, write)
    assert "Free some space" in refused.value.hint
    assert files(tmp_path) == []


FULL_STORE = """
import resource, signal, sys
import numpy as np
from pathlib import Path
from studio.core.errors import StudioError
from studio.domain.clip import AudioSource
from studio.media.store import MediaStore
store = MediaStore(Path(sys.argv[1]))
source = store.put_audio(np.zeros((20_000, 1), np.float32), 48_000, "short")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
attempts = [
    lambda: store.put_bytes(bytes(200_000), ".bin"),
    lambda: store.put_audio(np.zeros((50_000, 1), np.float32), 48_000, "long"),
    lambda: store.import_audio(Path(sys.argv[2])),
    lambda: store.conformed(source, 96_000),
]
for attempt in attempts:
    try:
        attempt()
    except StudioError as error:
        print(error.message)
"""


def test_every_writer_says_when_the_disk_is_full(store: MediaStore, tmp_path: Path) -> None:
    """A limit on the size of files stands for the end of the disk."""
    outside = MediaStore(tmp_path / "outside")
    loop = outside.put_audio(np.zeros((60_000, 1), np.float32), 48_000, "loop")
    told = subprocess.run(
        [sys.executable, "-c", FULL_STORE, str(store.folder), str(outside.path(loop.media))],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert len(told) == 4
    assert {sentence.removesuffix(" could not be written.") for sentence in told} == {
        "The disk is full, so media of the song",
        "The disk is full, so “recording.wav”",
    }
    assert [path.suffix for path in files(store.folder)] == [".wav"]
    assert not list(tmp_path.rglob("*.partial"))


def test_what_killed_writers_left_is_swept_away(store: MediaStore) -> None:
    hash = store.put_bytes(b"bass", ".bin")
    left = store.folder / hash[:2] / f".{hash}.bin.77-0.partial"
    left.write_bytes(b"ba")
    durable.sweep(store.folder)
    assert files(store.folder) == [store.path(hash)]
