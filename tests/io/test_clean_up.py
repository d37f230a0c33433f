"""Cleaning up moves to the trash what nothing reaches, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, ClipId
from studio.domain.project import Project
from studio.domain.track import Track, TrackId, TrackKind
from studio.io import backups
from studio.io.clean_up import clean_up, unused
from studio.io.song_folder import SongFolder
from studio.media import columns
from tests.io.conftest import song


def recorded(folder: SongFolder, seed: int) -> Project:
    """A song with a recording of its own."""
    sound = np.random.default_rng(seed).uniform(-1, 1, (1_000 * seed, 1)).astype(np.float32)
    source = folder.media.put_audio(sound, 48_000, f"{seed}.wav")
    clip = AudioClip(ClipId("c20"), 0, source, 0, source.frames)
    return song().with_new_track(Track(TrackId("t20"), TrackKind.AUDIO, "Noise", (clip,)))


def media_of(project: Project) -> str:
    return next(iter(project.media))


@pytest.fixture
def folder(tmp_path: Path) -> SongFolder:
    return SongFolder.create(tmp_path / "Song", song())


def test_only_what_nothing_reaches_is_listed_largest_first(folder: SongFolder) -> None:
    names = ("saved", "autosaved", "undone", "taken", "discarded", "loose")
    songs = {name: recorded(folder, seed) for seed, name in enumerate(names, start=1)}
    folder.save(songs["saved"])
    folder.save(song())  # the one before is now a backup
    folder.autosave(songs["autosaved"])
    asked = folder.media.put_bytes(
        columns.text(columns.encode(songs["taken"], folder.media)), ".json"
    )
    folder.takes.append({"id": "a", "request": {"song": asked}})
    folder.takes.append({"id": "b", "result": {"audio": media_of(songs["discarded"])}})
    folder.takes.discard("b")
    found = unused(folder, [songs["undone"]])
    assert [piece.hash for piece in found] == [
        media_of(songs["loose"]),
        media_of(songs["discarded"]),
    ]
    assert found[0].nbytes == found[0].path.stat().st_size > 6 * 4_000
    folder.close()


def test_what_is_cleaned_up_lies_in_the_trash(folder: SongFolder, trash: Path) -> None:
    loose = media_of(recorded(folder, 3))
    kept = recorded(folder, 2)
    folder.save(kept)
    listed = unused(folder, [kept])
    later = media_of(recorded(folder, 4))
    assert [piece.hash for piece in clean_up(folder, [kept], listed)] == [loose]
    assert [path.stem for path in trash.iterdir()] == [loose]
    assert not folder.media.has(loose)
    assert [piece.hash for piece in unused(folder, [kept])] == [later]
    folder.close()
    with SongFolder.open(folder.path) as opened:
        assert opened.project == kept
        assert opened.missing(kept) == []


def test_media_of_a_damaged_backup_is_kept(folder: SongFolder) -> None:
    project = recorded(folder, 1)
    folder.save(project)
    folder.save(song())
    newest = backups.versions(folder.path)[0].path
    assert media_of(project).encode() in newest.read_bytes()
    newest.write_bytes(newest.read_bytes()[:-40])
    assert unused(folder, []) == []
    folder.close()


def test_a_song_that_is_open_elsewhere_is_not_cleaned_up(folder: SongFolder) -> None:
    loose = media_of(recorded(folder, 1))
    with SongFolder.open(folder.path) as second, pytest.raises(StudioError, match="only be read"):
        clean_up(second, [], unused(second, []))
    assert folder.media.has(loose)
    folder.close()
