"""Recordings that are gone from the song's folder are told of, located, and heard again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from studio.domain.clip import AudioClip, ClipId
from studio.edit.clips import AddClip
from studio.ui.dialogs.missing import MissingDialog
from studio.ui.main_window import MainWindow
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import LEFT
from tests.ui.canvas.scene import RAIN, RATE
from tests.ui.timeline.places import RAIN_CLIP, sound_of, steps

WIND_CLIP = ClipId("c30")


@pytest.fixture
def elsewhere(studio: Studio, tmp_path: Path) -> Path:
    """A folder with the song's two recordings, which the song itself has lost."""
    media, folder = studio.files.media, tmp_path / "elsewhere"
    folder.mkdir()
    noise = np.random.default_rng(2).normal(0, 0.1, (RATE, 2)).astype(np.float32)
    wind = AudioClip(WIND_CLIP, 0, media.put_audio(noise, RATE, "Wind.wav"), 0, RATE)
    studio.song.do(AddClip(RAIN, wind))
    for clip in (sound_of(studio, RAIN_CLIP), wind):
        media.path(clip.source.media).rename(folder / clip.source.name)
    (folder / "Notes.wav").write_text("no sound at all")
    return folder


def dialog(window: MainWindow) -> MissingDialog | None:
    return next((d for d in window.findChildren(MissingDialog) if d.isVisible()), None)


def test_one_that_is_located_finds_the_others_beside_it(
    window: MainWindow,
    studio: Studio,
    elsewhere: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = studio.song.project
    studio.missing.look()
    qtbot.waitUntil(lambda: bool(window.notices.messages), timeout=10_000)
    assert "and 1 more" in window.notices.messages[0]
    QTest.mouseClick(window.notices.buttons("Find them…")[0], LEFT)
    shown = dialog(window)
    assert shown is not None
    assert len(shown.buttons) == 2
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda *_: (str(elsewhere / "Rain.wav"), "")
    )
    rain = next(b for b in shown.buttons if "Rain" in b.accessibleName())
    QTest.mouseClick(rain, LEFT)
    qtbot.waitUntil(lambda: not studio.missing.sources, timeout=10_000)
    qtbot.waitUntil(lambda: dialog(window) is None, timeout=5_000)
    assert all(studio.files.media.has(hash) for hash in before.media)
    assert studio.song.project is before, "the very same recordings are no edit"


def test_another_recording_can_take_the_place_in_one_step(
    window: MainWindow, studio: Studio, elsewhere: Path, qtbot: QtBot
) -> None:
    clip = sound_of(studio, RAIN_CLIP)
    louder = np.random.default_rng(3).normal(0, 0.3, (3 * RATE, 1)).astype(np.float32)
    media = studio.files.media
    other = elsewhere / "Storm.wav"
    media.path(media.put_audio(louder, RATE, "Storm.wav").media).rename(other)
    (elsewhere / "Wind.wav").rename(elsewhere / "Gale.wav")  # known by its content
    studio.missing.look()
    qtbot.waitUntil(lambda: len(studio.missing.sources) == 2, timeout=10_000)
    done = steps(studio)
    studio.missing.locate(clip.source, other)
    qtbot.waitUntil(lambda: not studio.missing.sources, timeout=10_000)
    assert (steps(studio), studio.song.undo_label) == (done + 1, "Find recordings")
    assert sound_of(studio, RAIN_CLIP) == replace(
        clip, source=replace(clip.source, media=sound_of(studio, RAIN_CLIP).source.media,
                             frames=3 * RATE, name="Storm.wav")
    )  # fmt: skip


def test_what_is_too_short_is_refused_in_a_sentence(
    window: MainWindow, studio: Studio, elsewhere: Path, qtbot: QtBot
) -> None:
    before = studio.song.project
    studio.missing.look()
    qtbot.waitUntil(lambda: len(studio.missing.sources) == 2, timeout=10_000)
    studio.missing.locate(sound_of(studio, RAIN_CLIP).source, elsewhere / "Wind.wav")
    qtbot.waitUntil(
        lambda: any("shorter" in text for text in window.notices.messages), timeout=10_000
    )
    assert studio.song.project is before
    assert len(studio.missing.sources) == 2
