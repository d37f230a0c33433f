"""The program as a user starts it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from studio.domain.clip import NoteClip
from studio.domain.notes import Notes
from studio.domain.project import new_song
from studio.edit.takes import new_instrument
from studio.io.midi import write_midi
from studio.io.song_folder import SongFolder


def test_the_self_test_writes_a_song_and_ends(tmp_path: Path) -> None:
    environment = os.environ | {"TUTTI_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-m", "studio", "--self-test"],
        env=environment, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr.lower()
    assert not list((tmp_path / "unsaved").glob("*")), "the song of the test is left behind"


def test_a_studio_told_to_end_keeps_unsaved_work_for_the_next_start(tmp_path: Path) -> None:
    midi = tmp_path / "riff.mid"
    song = new_song()
    song = song.with_new_track(new_instrument(song, "Piano", 0))
    clip = NoteClip(song.new_clip_id(), 0, 3840, Notes.of([0, 960], [480, 480], [60, 64]))
    write_midi(song.with_clip_on(song.sources[0].id, clip), midi)
    home = tmp_path / "home"
    environment = os.environ | {"TUTTI_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    running = subprocess.Popen(
        [sys.executable, "-m", "studio", str(midi)],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while not list(home.glob("unsaved/*/autosave.json")) and time.monotonic() < until:
            time.sleep(0.1)
        running.terminate()
        assert running.wait(30) == 0
    finally:
        running.kill()
    [folder] = home.glob("unsaved/*")
    with SongFolder.open(folder) as kept:
        assert len(kept.recover().sources) == 1
