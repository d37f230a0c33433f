"""Clean Up shows what the song does not use, and moves it to the trash when told to."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import send2trash.plat_other
from pytestqt.qtbot import QtBot

from studio.domain.clip import AudioClip, AudioSource
from studio.edit.clips import DeleteClips
from studio.ui.dialogs.ask import Question
from studio.ui.main_window import MainWindow
from studio.workspace.studio import Studio


@pytest.fixture(autouse=True)
def trash(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The desktop's trash during this test."""
    place = tmp_path_factory.mktemp("desktop")
    monkeypatch.setattr(send2trash.plat_other, "XDG_DATA_HOME", os.fsencode(place))
    monkeypatch.setattr(send2trash.plat_other, "HOMETRASH_B", os.fsencode(place / "Trash"))
    monkeypatch.setattr(send2trash.plat_other, "get_dev", lambda _path: 0)
    return place / "Trash" / "files"


def questions(window: MainWindow) -> list[Question]:
    return [asked for asked in window.findChildren(Question) if asked.isVisible()]


def loose(studio: Studio) -> AudioSource:
    """A recording in the song's folder that nothing uses."""
    noise = np.random.default_rng(1).normal(0, 0.1, (300_000, 1)).astype(np.float32)
    return studio.files.media.put_audio(noise, 48_000, "noise.wav")


def test_unused_recordings_go_to_the_trash_and_used_ones_stay(
    window: MainWindow, studio: Studio, trash: Path, qtbot: QtBot
) -> None:
    project, unused = studio.song.project, loose(studio)
    used = next(clip for _, clip in project.clips() if isinstance(clip, AudioClip))
    assert studio.song.do(DeleteClips(frozenset({used.id})))  # undo can bring it back
    for answer in ("Cancel", "Move to trash"):
        assert studio.files.media.has(unused.media)
        window.actions_["clean_up"].trigger()
        qtbot.waitUntil(lambda: bool(questions(window)), timeout=10_000)
        (asked,) = questions(window)
        assert asked.windowTitle().startswith("Move 1.2 MB")
        next(button for button in asked.buttons if button.text() == answer).click()
    qtbot.waitUntil(lambda: "1.2 MB are in the trash now." in window.notices.messages)
    assert unused.media in [path.stem for path in trash.iterdir()]
    assert studio.files.media.has(used.source.media)
    window.actions_["clean_up"].trigger()
    qtbot.waitUntil(lambda: "There is nothing to clean up." in window.notices.messages)


def test_nothing_is_cleaned_up_while_jobs_run(
    window: MainWindow, studio: Studio, tmp_path: Path, qtbot: QtBot
) -> None:
    unused = loose(studio)
    studio.exchange.import_paths([studio.files.media.path(unused.media)])
    window.actions_["clean_up"].trigger()
    assert window.notices.messages == ["Jobs are running."]
    qtbot.waitUntil(lambda: not studio.takes.jobs, timeout=10_000)
    assert unused.media in studio.song.project.media
