"""Songs on disk: what a musician saved, did not save, and gets back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import send2trash.plat_other
from pytestqt.qtbot import QtBot

from studio.core import paths
from studio.core.errors import StudioError
from studio.domain.project import new_song
from studio.edit.takes import new_instrument
from studio.edit.tempo import SetTitle
from studio.edit.tracks import AddTrack
from studio.io.song_folder import SongFolder
from studio.jobs.queue import InlineQueue, JobQueue, Queue
from studio.workspace.files import Files
from studio.workspace.main_thread import MainThread
from studio.workspace.song import Song
from studio.workspace.takes import Takes
from tests.ui.takes.takes_of import take


class Desk:
    """An open song and its files, as after starting the studio."""

    def __init__(self, recent: tuple[str, ...] = (), jobs: Queue | None = None) -> None:
        self.song = Song()
        self.jobs = jobs or InlineQueue()
        self.takes = Takes(self.song)
        self.files = Files(self.song, self.takes, self.jobs)
        self.errors: list[StudioError] = []
        self.files.failed.connect(self.errors.append)
        self.files.start(recent, 10.0)

    def edit(self, title: str) -> None:
        self.song.do(SetTitle(title))
        self.song.close_step()

    def autosave(self) -> None:
        self.files._autosave.now()


@pytest.fixture(autouse=True)
def trash(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The desktop's trash during this test."""
    place = tmp_path_factory.mktemp("desktop")
    monkeypatch.setattr(send2trash.plat_other, "XDG_DATA_HOME", os.fsencode(place))
    monkeypatch.setattr(send2trash.plat_other, "HOMETRASH_B", os.fsencode(place / "Trash"))
    monkeypatch.setattr(send2trash.plat_other, "get_dev", lambda _path: 0)
    return place / "Trash" / "files"


@pytest.fixture
def desk(qapp: Any) -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.files.close()
    assert desk.errors == []


@pytest.fixture
def busy(qapp: Any, qtbot: QtBot) -> Iterator[Desk]:
    """A desk whose disk works on threads: what is asked for is done later."""
    desk = Desk(jobs=JobQueue(MainThread()))
    yield desk
    desk.jobs.close()
    desk.files.close()
    assert desk.errors == []


def settle(desk: Desk, qtbot: QtBot) -> None:
    """Wait until everything that was asked for is done."""
    qtbot.waitUntil(lambda: not desk.jobs.jobs, timeout=10_000)


def saved_title(path: Path) -> str:
    """What a song's folder holds; nobody has it open."""
    with SongFolder.open(path) as folder:
        assert not folder.read_only
        return folder.project.title


def left_songs() -> list[str]:
    return sorted(path.name for path in paths.unsaved_songs().iterdir())


def test_a_song_saved_under_a_name_opens_again(desk: Desk, tmp_path: Path) -> None:
    named: list[bool] = []
    desk.files.needs_name.connect(lambda: named.append(True))
    desk.edit("Blue")
    desk.files.save()
    assert named == [True]
    desk.files.save_as(tmp_path / "Blue")
    assert not desk.song.dirty
    assert left_songs() == []
    desk.edit("Bluer")
    desk.files.save()
    desk.files.new()
    assert desk.files.recent == (tmp_path / "Blue.tutti",)
    desk.files.open(tmp_path / "Blue.tutti")
    assert desk.song.project.title == "Bluer"
    assert not desk.song.dirty


def test_work_left_unsaved_is_offered_at_the_next_start(desk: Desk, tmp_path: Path) -> None:
    desk.files.save_as(tmp_path / "Song")
    desk.edit("later")
    desk.files.new()
    desk.edit("nameless")
    desk.files.close()
    again = Desk((str(tmp_path / "Song.tutti"),))
    offered = {found.name: found for found in again.files.recoverable}
    assert set(offered) == {"Song", "Untitled"}
    again.files.recover(offered["Song"])
    assert again.song.project.title == "later"
    assert again.song.dirty
    assert again.song.undo_label == "Bring back unsaved work"
    again.song.undo()
    assert not again.song.dirty
    again.song.redo()
    again.files.recover(offered["Untitled"])
    assert again.song.project.title == "nameless"
    assert again.files.folder is None
    again.files.close()


def test_what_was_not_to_be_saved_is_not_offered_and_lies_in_the_trash(
    desk: Desk, tmp_path: Path, trash: Path
) -> None:
    desk.files.save_as(tmp_path / "Song")
    desk.edit("later")
    desk.autosave()
    assert (tmp_path / "Song.tutti" / "autosave.json").exists()
    desk.files.discard_changes()
    desk.files.new()
    desk.edit("nameless")
    desk.autosave()
    desk.files.discard_changes()
    desk.files.close()
    again = Desk((str(tmp_path / "Song.tutti"),))
    assert again.files.recoverable == ()
    again.files.close()
    assert sorted(path.name for path in trash.iterdir()) == ["Untitled.tutti", "autosave.json"]


def test_editing_on_after_all_keeps_the_work(desk: Desk, tmp_path: Path) -> None:
    desk.files.save_as(tmp_path / "Song")
    desk.edit("given up")
    desk.files.discard_changes()
    desk.files.open(tmp_path / "Gone.tutti")
    assert [error.message for error in desk.errors] == [
        f"There is no song at {tmp_path / 'Gone.tutti'}."
    ]
    desk.errors.clear()
    desk.edit("kept")
    desk.files.close()
    with SongFolder.open(tmp_path / "Song.tutti") as folder:
        assert folder.recover().title == "kept"


def test_a_damaged_take_does_not_keep_a_song_from_opening(desk: Desk, tmp_path: Path) -> None:
    desk.files.save_as(tmp_path / "Song")
    desk.files.new()
    with SongFolder.open(tmp_path / "Song.tutti") as folder:
        folder.takes.append({"id": "k1", "request": {}})
    desk.files.open(tmp_path / "Song.tutti")
    assert desk.files.folder == tmp_path / "Song.tutti"


def test_an_autosave_that_cannot_be_read_leaves_the_song_free(desk: Desk, tmp_path: Path) -> None:
    desk.files.save_as(tmp_path / "Song")
    desk.edit("later")
    desk.files.new()
    again = Desk((str(tmp_path / "Song.tutti"),))
    [found] = [found for found in again.files.recoverable if found.name == "Song"]
    (tmp_path / "Song.tutti" / "autosave.json").write_text(
        '{"format": "tutti", "version": 1, "revision": 99, "song": {}}'
    )
    again.files.recover(found)
    assert len(again.errors) == 1
    assert again.files.folder == tmp_path / "Song.tutti"
    assert not again.song.dirty
    again.files.close()
    with SongFolder.open(tmp_path / "Song.tutti") as folder:
        assert not folder.read_only


def test_a_song_open_elsewhere_says_so_and_is_saved_under_another_name(
    desk: Desk, tmp_path: Path
) -> None:
    desk.files.save_as(tmp_path / "Song")
    other = Desk()
    other.files.open(tmp_path / "Song.tutti")
    assert other.song.read_only
    assert len(other.errors) == 1
    other.edit("Mine")
    other.files.save_as(tmp_path / "Copy")
    assert not other.song.read_only
    assert not other.song.dirty
    other.files.close()


def test_a_save_is_not_lost_behind_an_autosave(busy: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    busy.files.save_as(tmp_path / "Song")
    settle(busy, qtbot)
    busy.edit("first")
    busy.autosave()
    busy.edit("second")
    busy.files.save()
    busy.autosave()
    settle(busy, qtbot)
    assert not busy.song.dirty
    busy.files.new()
    settle(busy, qtbot)
    assert saved_title(tmp_path / "Song.tutti") == "second"


def test_a_song_opened_while_another_is_saved_stays_itself(
    busy: Desk, tmp_path: Path, qtbot: QtBot
) -> None:
    busy.edit("One")
    busy.files.save_as(tmp_path / "One")
    busy.files.new()
    settle(busy, qtbot)
    assert busy.files.folder is None
    assert busy.song.title == ""
    assert not busy.song.dirty
    assert saved_title(tmp_path / "One.tutti") == "One"
    busy.edit("Two")
    busy.files.save_as(tmp_path / "Two")
    settle(busy, qtbot)
    assert saved_title(tmp_path / "One.tutti") == "One"


def test_saving_goes_on_after_a_save_as_was_cancelled(
    busy: Desk, tmp_path: Path, qtbot: QtBot
) -> None:
    busy.edit("Song")
    busy.files.save_as(tmp_path / "Wrong")
    [job] = busy.takes.jobs
    busy.jobs.cancel(job)
    settle(busy, qtbot)
    saved = tmp_path / "Wrong.tutti"
    assert (busy.files.folder == saved) is saved.exists()  # it may have been done already
    busy.edit("later")
    busy.files.save_as(tmp_path / "Right")
    settle(busy, qtbot)
    assert not busy.song.dirty
    assert busy.files.folder == tmp_path / "Right.tutti"


def test_a_song_can_be_opened_again_at_once(busy: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    busy.files.save_as(tmp_path / "Song")
    busy.files.new()
    busy.files.open(tmp_path / "Song.tutti")
    settle(busy, qtbot)
    assert busy.files.folder == tmp_path / "Song.tutti"
    assert not busy.song.read_only


def test_opening_the_open_song_keeps_it_or_goes_back_to_the_save(
    desk: Desk, tmp_path: Path
) -> None:
    desk.edit("saved")
    desk.files.save_as(tmp_path / "Song")
    desk.edit("later")
    desk.files.open(tmp_path / "Song.tutti" / "project.json")
    assert desk.song.title == "later"
    assert desk.song.dirty
    desk.autosave()
    desk.files.discard_changes()
    desk.files.open(tmp_path / "Song.tutti")
    assert desk.song.title == "saved"
    assert not desk.song.dirty
    assert not desk.song.read_only
    desk.edit("once more")
    desk.files.save()
    desk.files.new()
    assert saved_title(tmp_path / "Song.tutti") == "once more"


def test_work_that_was_undone_is_not_offered_again(desk: Desk, tmp_path: Path) -> None:
    desk.files.save_as(tmp_path / "Song")
    desk.edit("later")
    desk.autosave()
    desk.song.undo()
    desk.files.new()
    assert not (tmp_path / "Song.tutti" / "autosave.json").exists()


def test_an_autosave_that_failed_says_so_once_and_is_tried_again(
    desk: Desk, tmp_path: Path
) -> None:
    desk.files.save_as(tmp_path / "Song")
    in_the_way = tmp_path / "Song.tutti" / "autosave.json"
    in_the_way.mkdir()
    desk.edit("later")
    desk.autosave()
    desk.autosave()
    assert len(desk.errors) == 1
    desk.errors.clear()
    in_the_way.rmdir()
    desk.files.set_autosave(1.0)
    desk.autosave()
    assert in_the_way.is_file()


def test_changes_of_a_song_that_can_only_be_read_are_unsaved_work(
    desk: Desk, tmp_path: Path
) -> None:
    desk.files.save_as(tmp_path / "Song")
    other = Desk()
    other.files.open(tmp_path / "Song.tutti")
    other.edit("Mine")
    assert other.files.unsaved_work
    other.files.discard_changes()
    other.files.close()


def test_work_is_unsaved_again_where_leaving_it_failed(desk: Desk, tmp_path: Path) -> None:
    desk.files.save_as(tmp_path / "Song")
    desk.edit("later")
    desk.files.discard_changes()
    desk.files.open(tmp_path / "Gone.tutti")
    assert desk.song.dirty
    assert len(desk.errors) == 1
    desk.errors.clear()


def test_takes_that_came_last_are_in_the_log_after_quitting(
    busy: Desk, tmp_path: Path, qtbot: QtBot
) -> None:
    busy.files.save_as(tmp_path / "Song")
    settle(busy, qtbot)
    busy.takes.logged.connect(busy.files.log_take)
    track = new_instrument(busy.song.project, "Bass", 33)
    busy.song.do(AddTrack(track))
    made = take(busy.song.project, track.id)
    busy.takes.add(made, busy.takes.new_batch())
    busy.takes.favourite(made.id)
    busy.takes.keep(made.id)
    busy.jobs.close()
    busy.files.close()
    again = Desk()
    again.files.open(tmp_path / "Song.tutti")
    [entry] = again.takes.entries
    assert entry.favourite
    assert entry.kept
    again.files.close()


# -- songs that are not whole --------------------------------------------------------------------
def damaged_song(path: Path) -> Path:
    """A song whose last save is damaged; the one before had the title “First”."""
    with SongFolder.create(path, replace(new_song(), title="First")) as folder:
        folder.save(replace(new_song(), title="Second"))
    (folder.path / "project.json").write_bytes(b"{")
    return folder.path


def test_an_earlier_version_of_a_damaged_song_opens_as_work_to_be_saved(
    desk: Desk, tmp_path: Path, qtbot: QtBot
) -> None:
    path = damaged_song(tmp_path / "Song")
    with qtbot.waitSignal(desk.files.damaged) as told:
        desk.files.open(path)
    assert desk.files.name == ""
    desk.files.open_version(told.args[0])
    assert desk.files.folder == path
    assert desk.song.title == "First"
    assert desk.files.unsaved_work
    assert (path / "project.json").read_bytes() == b"{"
    desk.files.save()
    assert not desk.files.unsaved_work
    desk.files.new()
    desk.files.open(path)
    assert desk.song.title == "First"


def test_a_log_of_takes_that_cannot_be_read_is_told_and_the_song_opens(
    desk: Desk, tmp_path: Path
) -> None:
    SongFolder.create(tmp_path / "Song", new_song()).close()
    (tmp_path / "Song.tutti" / "takes.jsonl").mkdir()
    desk.files.open(tmp_path / "Song.tutti")
    assert desk.files.folder == tmp_path / "Song.tutti"
    assert "takes" in desk.errors.pop().message
