"""A song folder: saving, autosaving, locking, backups and Save As."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core import paths
from studio.core.errors import Cancelled, StudioError
from studio.domain.clip import AudioClip, AudioSource, ClipId
from studio.domain.project import Project, new_song
from studio.domain.track import Track, TrackId, TrackKind
from studio.io import backups, folder_lock, recovery, song_file
from studio.io.song_folder import Damaged, SongFolder, why_read_only
from studio.media import columns, durable, recorded
from tests.io.conftest import song

HOLD_OPEN = """
import sys
from pathlib import Path
from studio.io.song_folder import SongFolder
with SongFolder.open(Path(sys.argv[1])) as folder:
    print("read-only" if folder.read_only else "open", flush=True)
    sys.stdin.read()
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def reloaded(folder: Path, *options: str) -> str:
    """The digest of the song as a fresh process reads it."""
    return subprocess.run(
        [sys.executable, "-m", "tests.reload", str(folder), *options],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def with_audio(folder: SongFolder, seed: int, track: str = "t20") -> Project:
    """The song with a recording of its own on a track of its own."""
    sound = np.random.default_rng(seed).uniform(-0.5, 0.5, (4_800, 1)).astype(np.float32)
    source = folder.media.put_audio(sound, 48_000, f"noise {seed}.wav")
    clip = AudioClip(ClipId(f"c{track[1:]}"), 0, source, 0, source.frames)
    return song().with_new_track(Track(TrackId(track), TrackKind.AUDIO, "Noise", (clip,)))


# -- saving ------------------------------------------------------------------------------------
def test_a_saved_song_is_the_same_in_a_fresh_process(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", new_song()) as folder:
        folder.save(song(100))
    assert folder.path.name == "Song.tutti"
    assert reloaded(folder.path) == columns.digest(song(100))


def test_the_description_is_readable(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song(title="Blue")) as folder:
        found = json.loads((folder.path / "project.json").read_text())
    assert (found["format"], found["version"]) == ("tutti", 1)
    assert found["song"]["title"] == "Blue"


def test_a_song_is_not_created_over_another(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song()) as folder:
        before = contents(folder.path)
        with pytest.raises(StudioError, match="already"):
            SongFolder.create(tmp_path / "Song.tutti", new_song())
        assert contents(folder.path) == before


def test_a_song_that_cannot_be_created_leaves_its_name_free(tmp_path: Path) -> None:
    with pytest.raises((StudioError, ValueError)):
        SongFolder.create(tmp_path / "Song", song(title="\ud800"))
    assert list(tmp_path.iterdir()) == []
    SongFolder.create(tmp_path / "Song", song()).close()


def test_where_unsaved_songs_cannot_lie_is_told(studio_home: Path) -> None:
    paths.unsaved_songs().parent.mkdir(parents=True, exist_ok=True)
    paths.unsaved_songs().symlink_to(studio_home / "nowhere")
    with pytest.raises(StudioError, match="could not be written"):
        SongFolder.create_unsaved(new_song())


def test_a_song_opens_by_its_folder_or_by_the_file_in_it(tmp_path: Path) -> None:
    SongFolder.create(tmp_path / "Song", song()).close()
    for path in (tmp_path / "Song.tutti", tmp_path / "Song.tutti" / "project.json"):
        with SongFolder.open(path) as folder:
            assert folder.project == song()
            assert folder.is_saved(folder.project)
            assert folder.name == "Song"


def test_autosaving_does_not_touch_the_saved_song(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song()) as folder:
        saved = (folder.path / "project.json").read_bytes()
        folder.autosave(song(5))
        assert (folder.path / "project.json").read_bytes() == saved
        folder.save(song(6))
        assert not (folder.path / "autosave.json").exists()
    assert reloaded(folder.path) == columns.digest(song(6))


def test_an_autosave_is_written_only_when_something_changed(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song()) as folder:
        edited = song(5)
        folder.autosave(edited)
        first = (folder.path / "autosave.json").stat().st_ino
        folder.autosave(edited)
        assert (folder.path / "autosave.json").stat().st_ino == first


def test_going_back_to_the_saved_song_leaves_no_autosave(tmp_path: Path) -> None:
    saved = song()
    with SongFolder.create(tmp_path / "Song", saved) as folder:
        folder.autosave(song(5))
        folder.autosave(saved)
        assert not (folder.path / "autosave.json").exists()


def test_a_save_that_fails_leaves_all_as_it_was(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song()) as folder:
        folder.autosave(song(5))
        before = contents(folder.path)
        folder.media.folder.joinpath("blocked").write_bytes(b"")
        impossible = replace(song(7), title="\ud800")
        with pytest.raises((StudioError, ValueError)):
            folder.save(impossible)
        folder.media.folder.joinpath("blocked").unlink()
        after = contents(folder.path)
        assert {name: after[name] for name in before} == before
        assert not folder.is_saved(impossible)
        assert all("media" in name or "backups" in name for name in after.keys() - before.keys())


def test_a_folder_that_was_moved_away_is_told_and_not_made_anew(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song()) as folder:
        moved = folder.path.rename(tmp_path / "Elsewhere.tutti")
        for write in (folder.save, folder.autosave):
            with pytest.raises(StudioError, match="any more"):
                write(song(5))
        assert not folder.path.exists()
        moved.rename(folder.path)
        folder.save(song(5))
    assert reloaded(folder.path) == columns.digest(song(5))


def test_threads_may_save_and_autosave_at_once(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song()) as folder:
        songs = [song(n) for n in range(1, 9)]
        threads = [
            threading.Thread(target=work, args=(each,))
            for each in songs
            for work in (folder.save, folder.autosave)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    digests = {columns.digest(each) for each in songs}
    assert reloaded(folder.path) in digests
    assert reloaded(folder.path, "--recovered") in digests


# -- the lock ----------------------------------------------------------------------------------
def test_a_second_process_can_only_read(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song()) as folder:
        other = subprocess.run(
            [sys.executable, "-c", HOLD_OPEN, str(folder.path)],
            input="", capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert other.stdout.strip() == "read-only"
        assert folder_lock.is_open(folder.path)
        folder.save(song(5))
    assert not folder_lock.is_open(folder.path)


def test_a_song_that_is_open_elsewhere_is_not_written(tmp_path: Path) -> None:
    with (
        SongFolder.create(tmp_path / "Song", song()) as first,
        SongFolder.open(first.path) as second,
    ):
        assert second.read_only
        before = contents(first.path)
        for write in (second.save, second.autosave):
            with pytest.raises(StudioError, match="only be read") as refused:
                write(song(5))
            assert "another name" in refused.value.hint
        assert contents(first.path) == before
    assert not folder_lock.is_open(first.path)


def test_the_lock_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    SongFolder.create(tmp_path / "Song", song()).close()
    path = tmp_path / "Song.tutti"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_OPEN, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "open"
        with SongFolder.open(path) as folder:
            assert folder.read_only
        other.kill()
    assert folder_lock.holder(path) is not None
    with SongFolder.open(path) as folder:
        assert not folder.read_only


def test_who_has_a_song_open_is_told(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song()) as folder:
        assert "in another window" in why_read_only(folder.path).message
        lock = folder.path / folder_lock.NAME
        held = lock.read_text()
        lock.write_text(json.dumps({**json.loads(held), "host": "attic"}))
        assert "on attic" in why_read_only(folder.path).message
        lock.write_text(held)
    assert "write-protected" in why_read_only(folder.path).message


@pytest.mark.parametrize(
    ("change", "read_only"),
    [
        ({"start": 1.0}, False),  # the number now belongs to a later process
        ({"host": "elsewhere"}, True),
        ({"pid": 2**22 + 1}, False),
    ],
)
def test_a_lock_counts_while_its_process_may_run(
    change: dict[str, object], read_only: bool, tmp_path: Path
) -> None:
    folder = SongFolder.create(tmp_path / "Song", song())
    lock = folder.path / folder_lock.NAME
    held = json.loads(lock.read_text())
    folder.close()
    lock.write_text(json.dumps({**held, **change}))
    with SongFolder.open(folder.path) as opened:
        assert opened.read_only == read_only


def test_an_empty_lock_holds_nobody_back(tmp_path: Path) -> None:
    SongFolder.create(tmp_path / "Song", song()).close()
    (tmp_path / "Song.tutti" / folder_lock.NAME).write_bytes(b"")
    with SongFolder.open(tmp_path / "Song.tutti") as folder:
        assert not folder.read_only


def taken_by_threads(path: Path, count: int) -> list[folder_lock.Holder]:
    """What `count` threads got that tried to lock `path` at once."""
    got: list[folder_lock.Holder | None] = []
    threads = [
        threading.Thread(target=lambda: got.append(folder_lock.acquire(path))) for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [holder for holder in got if holder is not None]


def test_only_one_of_many_takes_a_stale_lock_over(tmp_path: Path) -> None:
    dead = {"host": socket.gethostname(), "pid": 2**22 + 1, "start": 1}
    for _ in range(20):
        (tmp_path / folder_lock.NAME).write_text(json.dumps(dead))
        [taken] = taken_by_threads(tmp_path, 4)
        folder_lock.release(tmp_path, replace(taken, pid=1))
        assert folder_lock.holder(tmp_path) == taken
        folder_lock.release(tmp_path, taken)
        assert folder_lock.holder(tmp_path) is None


# -- what is not understood --------------------------------------------------------------------
def test_a_missing_song_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="no song"):
        SongFolder.open(tmp_path / "Gone.tutti")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"format": "tutti", "version": 2, "revision": 1, "song": {}}', "newer version"),
        ('{"format": "tutti", "version": 0, "revision": 1, "song": {}}', "version"),
        ('{"format": "tutti", "version": true, "revision": 1, "song": {}}', "version"),
        ('{"format": "other", "version": 1}', "not a Tutti song"),
        ("[]", "not a Tutti song"),
        ('{"format": "tutti", "version": 1}', "not whole"),
        ('{"format": "tutti", "version": 1, "revision": 1, "song": {}}', "does not know"),
        ("", "damaged"),
        ("[" * 100_000, "damaged"),
        ("\x00\xff", "damaged"),
    ],
)
def test_a_file_that_is_not_understood_gets_a_sentence(text: str, why: str, tmp_path: Path) -> None:
    SongFolder.create(tmp_path / "Song", song()).close()
    path = tmp_path / "Song.tutti"
    (path / "project.json").write_text(text, encoding="latin-1")
    before = contents(path)
    with pytest.raises(StudioError, match=why) as refused:
        SongFolder.open(path)
    assert refused.value.message.count(".") == 1 or "$" in refused.value.message
    assert contents(path) == before


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_description_is_refused_or_read_and_never_touched(
    data: st.DataObject, tmp_path: Path
) -> None:
    path = tmp_path / "Song.tutti"
    if not path.exists():
        SongFolder.create(path, song()).close()
        (tmp_path / "whole").write_bytes((path / "project.json").read_bytes())
    damaged = bytearray((tmp_path / "whole").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        if data.draw(st.booleans()):
            damaged[at] = data.draw(st.integers(0, 255))
        else:
            del damaged[at : at + data.draw(st.integers(1, 40))]
    (path / "project.json").write_bytes(damaged)
    before = contents(path)
    try:
        with SongFolder.open(path) as folder:  # some damage is only another song
            assert isinstance(folder.project, Project)
    except StudioError:
        pass
    assert contents(path) == before


def test_a_song_that_turns_out_damaged_is_not_held_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SongFolder.create(tmp_path / "Song", song()).close()
    path = tmp_path / "Song.tutti"

    def another_process_writes(folder: Path) -> None:
        (folder / "project.json").write_bytes(b"{")

    monkeypatch.setattr(durable, "sweep", another_process_writes)
    with pytest.raises(StudioError, match="damaged"):
        SongFolder.open(path)
    assert not folder_lock.is_open(path)


@pytest.mark.parametrize("cut", ["", "cut", "flip"])
def test_a_damaged_song_offers_its_newest_backup(cut: str, tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song(3)) as folder:
        folder.save(song(4))
        folder.save(song(5))
    whole = (folder.path / "project.json").read_bytes()
    damaged = {"": b"", "cut": whole[:200], "flip": whole.replace(b'"song"', b'"sung"')}[cut]
    (folder.path / "project.json").write_bytes(damaged)
    with pytest.raises(Damaged) as refused:
        SongFolder.open(folder.path)
    assert "can be opened instead" in refused.value.hint
    backup = refused.value.version
    with SongFolder.open(folder.path, version=backup.path) as opened:
        assert opened.project == song(4)
        assert not opened.is_saved(opened.project)
        assert (folder.path / "project.json").read_bytes() == damaged
        opened.save(opened.project)
    assert reloaded(folder.path) == columns.digest(song(4))
    with SongFolder.open(backup.path) as opened:
        assert (opened.path, opened.project) == (folder.path, song(4))
        assert not opened.is_saved(opened.project)
    assert damaged in [version.path.read_bytes() for version in backups.versions(folder.path)]


def test_a_damaged_song_offers_its_autosave_first(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song(3)) as folder:
        folder.save(song(4))
        folder.autosave(song(5))
    (folder.path / "project.json").write_bytes(b"")
    newest = backups.newest_readable(folder.path, folder.media)
    assert newest is not None
    with SongFolder.open(folder.path, version=newest.path) as opened:
        assert opened.project == song(5)


# -- recovery ----------------------------------------------------------------------------------
def test_work_newer_than_the_save_is_offered_and_recovered(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song()) as folder:
        folder.autosave(song(5))
    [offered] = recovery.recoverable([folder.path])
    assert (offered.path, offered.unsaved, offered.name) == (folder.path, False, "Song")
    with SongFolder.open(folder.path) as opened:
        assert opened.has_recovery
        assert opened.project == song()
        recovered = opened.recover()
        assert recovered == song(5)
        assert not opened.is_saved(recovered)
        opened.save(recovered)
    assert recovery.recoverable([folder.path]) == []
    assert reloaded(folder.path) == columns.digest(song(5))


def test_work_that_nobody_looked_at_becomes_a_backup_and_is_not_lost(tmp_path: Path) -> None:
    for write in (SongFolder.save, SongFolder.autosave):
        with SongFolder.create(tmp_path / write.__name__, song()) as folder:
            folder.autosave(song(5))
        with SongFolder.open(folder.path) as opened:
            write(opened, song(6))
            assert not opened.has_recovery
            kept = [
                song_file.read(v.path, "", opened.media)[0] for v in backups.versions(opened.path)
            ]
            assert song(5) in kept


def test_discarded_work_goes_to_the_trash(tmp_path: Path, trash: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song()) as folder:
        folder.autosave(song(5))
    with SongFolder.open(folder.path) as opened:
        opened.discard_recovery()
        assert not opened.has_recovery
    assert [path.name for path in trash.iterdir()] == ["autosave.json"]
    assert recovery.recoverable([folder.path]) == []


def test_a_recording_that_never_came_into_the_song_goes_with_what_is_discarded(
    tmp_path: Path, trash: Path
) -> None:
    with SongFolder.create(tmp_path / "Song", song()) as folder:
        pass
    recorded.begin(folder.path / recorded.FOLDER / "0001", recorded.Wish(48000, ()))
    assert [found.path for found in recovery.recoverable([folder.path])] == [folder.path]
    with SongFolder.open(folder.path) as opened:
        opened.discard_recovery()
    assert [path.name for path in trash.iterdir()] == [recorded.FOLDER]
    assert recovery.recoverable([folder.path]) == []


def test_a_recording_that_never_came_into_an_unsaved_song_goes_along(tmp_path: Path) -> None:
    with SongFolder.create_unsaved(song()) as folder:
        begun = folder.path / recorded.FOLDER / "0001"
        recorded.begin(begun, recorded.Wish(48000, ()))
        recorded.wav(begun, 0).write_bytes(b"sound")
        with folder.save_as(tmp_path / "Kept", song()) as saved:
            (found,) = recorded.all_in(saved.path)
            assert recorded.wav(found, 0).read_bytes() == b"sound"


# -- unsaved songs -----------------------------------------------------------------------------
def test_a_song_without_a_name_has_a_folder_from_the_start() -> None:
    with (
        SongFolder.create_unsaved(new_song()) as folder,
        SongFolder.create_unsaved(song()) as other,
    ):
        assert folder.is_unsaved
        assert folder.path.parent == paths.unsaved_songs()
        assert (folder.path / "project.json").exists()
        assert (folder.name, other.name) == ("Untitled", "Untitled 2")
        assert recovery.recoverable() == []


def test_an_unsaved_song_is_offered_after_a_crash_and_an_untouched_one_is_not() -> None:
    for edited in (False, True):
        folder = SongFolder.create_unsaved(new_song())
        if edited:
            folder.autosave(song())
        folder._holder = None  # as if the process had died
        (folder.path / folder_lock.NAME).write_bytes(b"")
    assert [(found.path, found.unsaved) for found in recovery.recoverable()] == [
        (folder.path, True)
    ]
    with SongFolder.open(folder.path) as opened:
        assert opened.recover() == song()


@pytest.mark.parametrize("left", [[], ["lock"], ["lock", ".project.json.1-0.partial"]])
def test_a_song_whose_process_died_at_its_very_start_is_not_offered(left: list[str]) -> None:
    folder = paths.unsaved_songs() / "Untitled.tutti"
    folder.mkdir(parents=True)
    for name in left:
        (folder / name).write_bytes(b"")
    (folder.parent / ".Untitled 2.tutti.partial").mkdir()
    assert recovery.recoverable() == []
    with SongFolder.create_unsaved(new_song()) as fresh:
        assert [path.name for path in folder.parent.iterdir()] == [fresh.path.name]


def test_closing_an_untouched_song_leaves_nothing() -> None:
    folder = SongFolder.create_unsaved(new_song())
    folder.close()
    assert not folder.path.exists()
    with SongFolder.create_unsaved(new_song()) as folder:
        folder.autosave(song())
    assert folder.path.exists()


def test_a_discarded_song_goes_to_the_trash(trash: Path) -> None:
    with SongFolder.create_unsaved(song()) as folder:
        with pytest.raises(StudioError, match="open"):
            recovery.discard(folder.path)
        assert folder.path.exists()
    recovery.discard(folder.path)
    assert not folder.path.exists()
    with SongFolder.open(trash / folder.path.name) as opened:
        assert opened.project == song()


def test_without_a_desktop_trash_the_studio_keeps_its_own(trash: Path, studio_home: Path) -> None:
    trash.parent.parent.rmdir()
    trash.parent.parent.write_bytes(b"no folder")
    for _ in range(2):
        with SongFolder.create_unsaved(song()) as folder:
            pass
        recovery.discard(folder.path)
    kept = sorted(path.name for path in (studio_home / "trash").iterdir())
    assert kept == ["Untitled 2.tutti", "Untitled.tutti"]


def test_closing_without_saving_puts_the_work_in_the_trash(tmp_path: Path, trash: Path) -> None:
    folder = SongFolder.create(tmp_path / "Song", song())
    folder.autosave(song(5))
    folder.close_unsaved()
    never = SongFolder.create_unsaved(new_song())
    never.autosave(song(6))
    never.close_unsaved()
    assert recovery.recoverable([folder.path]) == []
    assert sorted(path.name for path in trash.iterdir()) == ["Untitled.tutti", "autosave.json"]
    assert reloaded(folder.path) == columns.digest(song())
    assert reloaded(trash / "Untitled.tutti", "--recovered") == columns.digest(song(6))


def test_closing_without_saving_when_nothing_was_done_leaves_no_trash(
    tmp_path: Path, trash: Path
) -> None:
    SongFolder.create(tmp_path / "Song", song()).close_unsaved()
    SongFolder.create_unsaved(new_song()).close_unsaved()
    assert not trash.exists()


# -- backups -----------------------------------------------------------------------------------
def test_each_save_makes_a_backup_of_the_one_before(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song(1)) as folder:
        for notes in range(2, 5):
            folder.save(song(notes))
        kept = [song_file.read(v.path, "", folder.media)[0] for v in backups.versions(folder.path)]
    assert kept == [song(3), song(2), song(1)]


def test_saving_twice_without_an_edit_makes_no_backup(tmp_path: Path) -> None:
    saved = song()
    with SongFolder.create(tmp_path / "Song", saved) as folder:
        folder.save(saved)
        assert backups.versions(folder.path) == []


def test_backups_stay_within_their_number(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song(1)) as folder:
        for notes in range(2, 40):
            folder.save(song(notes))
        assert len(backups.versions(folder.path)) == backups.KEPT


def test_fewer_backups_may_be_wanted(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song(1)) as folder:
        folder.most_backups = 8
        for notes in range(2, 20):
            folder.save(song(notes))
        assert len(backups.versions(folder.path)) == 8


def test_older_backups_are_further_apart() -> None:
    kept: list[float] = []
    for minute in range(3 * 24 * 60):  # a save every minute for three days
        kept.insert(0, minute * 60.0)
        for surplus in backups.thinned(kept, 20):
            del kept[surplus]
    ages = [kept[0] - time for time in kept]
    assert len(kept) == 20
    assert ages[:5] == [0, 60, 120, 180, 240]
    assert ages[-1] == (3 * 24 * 60 - 1) * 60.0  # the very first
    assert sum(age < 3600 for age in ages) >= 7
    assert sum(3600 <= age < 24 * 3600 for age in ages) >= 4
    assert sum(age >= 24 * 3600 for age in ages) >= 2


def test_backups_of_a_clock_that_was_ahead_do_not_push_out_later_ones(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song(1)) as folder:
        for notes in range(2, 60):
            if notes < 30:
                os.utime(folder.path / "project.json", (4e9 + notes, 4e9 + notes))
            folder.save(song(notes))
        kept = backups.versions(folder.path)
        revisions = [song_file.revision(version.path) for version in kept]
        assert len(kept) == backups.KEPT
        assert revisions == sorted(revisions, reverse=True)
        assert revisions[:5] == [58, 57, 56, 55, 54]
        newest = backups.newest_readable(folder.path, folder.media)
        assert newest == kept[0]


# -- save as -----------------------------------------------------------------------------------
def test_save_as_goes_on_in_the_new_folder(tmp_path: Path) -> None:
    first = SongFolder.create(tmp_path / "First", song())
    project = with_audio(first, 1)
    first.save(project)
    edited = project.with_track(replace(project.tracks[0], name="Piano"))
    with first.save_as(tmp_path / "deep" / "Second", edited) as second:
        assert second.path == tmp_path / "deep" / "Second.tutti"
        assert second.is_saved(edited)
        assert first.read_only
        assert reloaded(second.path) == columns.digest(edited)
        assert reloaded(first.path) == columns.digest(project)
        assert second.missing(edited) == []
        assert not (second.path / "cache").exists()


def test_save_as_takes_what_undo_and_takes_need_and_no_more(tmp_path: Path) -> None:
    first = SongFolder.create(tmp_path / "First", song())
    undone, discarded = with_audio(first, 1), with_audio(first, 2)
    first.save(song())
    notes = columns.put_notes(song(50).tracks[0].clips[0].notes, first.media)  # type: ignore[union-attr]
    asked = first.media.put_bytes(columns.text(columns.encode(song(60), first.media)), ".json")
    first.takes.append({"id": "k1", "notes": notes, "request": {"song": asked}})
    with first.save_as(tmp_path / "Second", song(), history=[undone]) as second:
        assert second.missing(undone) == []
        assert len(second.missing(discarded)) == 1
        assert [take["id"] for take in second.takes.takes()] == ["k1"]
        assert columns.notes(notes, second.media)
        assert columns.decode(json.loads(second.media.bytes(asked)), second.media) == song(60)


def test_save_as_moves_an_unsaved_song_whole(tmp_path: Path) -> None:
    first = SongFolder.create_unsaved(new_song())
    project = with_audio(first, 1)
    elsewhere = with_audio(first, 2)
    first.autosave(project)
    first.takes.append({"id": "k1"})
    sounds = [Path("recordings", "0001", "1.wav"), Path("recordings", "unplaced", "0001", "1.wav")]
    for sound in sounds:
        (first.path / sound).parent.mkdir(parents=True)
        (first.path / sound).write_bytes(b"sung")
    with first.save_as(tmp_path / "Song", project) as second:
        assert not first.path.exists()
        assert all((second.path / sound).read_bytes() == b"sung" for sound in sounds)
        assert second.missing(elsewhere) == []
        assert len(second.takes.takes()) == 1
        assert not second.is_unsaved
        assert not second.has_recovery
    assert reloaded(second.path) == columns.digest(project)


def test_save_as_onto_itself_is_save(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song()) as folder:
        assert folder.save_as(tmp_path / "Song.tutti", song(5)) is folder
    assert reloaded(folder.path) == columns.digest(song(5))


def test_save_as_replaces_another_song_only_when_told_to(tmp_path: Path, trash: Path) -> None:
    SongFolder.create(tmp_path / "Other", song(9)).close()
    with SongFolder.create(tmp_path / "Song", song()) as folder:
        with pytest.raises(StudioError, match="already"):
            folder.save_as(tmp_path / "Other", song())
        with (
            SongFolder.open(tmp_path / "Other.tutti"),
            pytest.raises(StudioError, match="is open"),
        ):
            folder.save_as(tmp_path / "Other", song(), replace=True)
        assert not folder.read_only
        with folder.save_as(tmp_path / "Other", song(), replace=True) as other:
            assert reloaded(other.path) == columns.digest(song())
    with SongFolder.open(trash / "Other.tutti") as replaced:
        assert replaced.project == song(9)


def test_a_save_as_that_is_cancelled_or_fails_leaves_the_song_open(tmp_path: Path) -> None:
    with SongFolder.create_unsaved(new_song()) as folder:
        project = with_audio(folder, 1)
        folder.autosave(project)
        before = contents(folder.path)

        def stop(_fraction: float) -> None:
            raise Cancelled

        with pytest.raises(Cancelled):
            folder.save_as(tmp_path / "Song", project, progress=stop)
        piece = folder.media.path(next(iter(project.media)))
        whole = piece.read_bytes()
        piece.write_bytes(whole[:-1] + b"?")
        with pytest.raises(StudioError, match="damaged"):
            folder.save_as(tmp_path / "Song", project)
        piece.write_bytes(whole)
        assert list(tmp_path.iterdir()) == []
        assert contents(folder.path) == before
        assert not folder.read_only


def test_a_recording_that_is_gone_is_named(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song()) as folder:
        project = with_audio(folder, 1)
        folder.save(project)
    gone: AudioSource = next(c.source for _, c in project.clips() if isinstance(c, AudioClip))
    folder.media.path(gone.media).unlink()
    with SongFolder.open(folder.path) as opened:
        assert opened.missing(opened.project) == [gone]


def test_a_table_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", song()) as folder:
        piece = folder.media.path(next(folder.media.hashes()))
    piece.unlink()
    piece.mkdir()
    with pytest.raises(StudioError, match="cannot be read"):
        SongFolder.open(folder.path)


def test_what_cannot_be_swept_up_does_not_keep_a_song_from_opening(tmp_path: Path) -> None:
    SongFolder.create(tmp_path / "Song", song()).close()
    (tmp_path / "Song.tutti" / ".old.partial").mkdir()
    with SongFolder.open(tmp_path / "Song.tutti") as folder:
        assert not folder.read_only


def test_saving_beside_another_song_leaves_what_that_one_writes(tmp_path: Path) -> None:
    other = tmp_path / ".S.tutti.1.partial"
    other.mkdir()
    with SongFolder.create_unsaved(song()) as folder:
        folder.save_as(tmp_path / "[RST].tutti", song()).close()
    assert other.is_dir()


def test_opening_sweeps_up_what_a_killed_writer_left(tmp_path: Path) -> None:
    SongFolder.create(tmp_path / "Song", song()).close()
    path = tmp_path / "Song.tutti"
    (path / ".project.json.1-0.partial").write_bytes(b"{")
    (path / "media" / ".recording.wav.1-0.partial").write_bytes(b"RI")
    with SongFolder.open(path):
        assert not list(path.rglob("*.partial"))
