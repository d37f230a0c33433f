"""Splitting a recording in the window: the dialog, the job, and what the take says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from studio.ai import registry
from studio.ai.requests import STEMS, Task
from studio.domain.clip import AudioClip, ClipId, WarpPoint
from studio.edit.listening import FitRecording
from studio.ui.dialogs.split_stems import SplitStems, duration
from studio.ui.main_window import MainWindow
from tests.ai.models.test_separator import write_untaught
from tests.workspace.works import Here

RECORDING, NOTES = ClipId("c23"), ClipId("c20")


@pytest.fixture
def separator(studio_home: Path) -> None:
    write_untaught(studio_home / "models" / "tiny")


def asked(window: MainWindow) -> SplitStems:
    """The dialog that the action opens on the recording."""
    window.studio.selection.set_clips({RECORDING, NOTES})
    window.actions_.run("split_stems")
    (dialog,) = window.findChildren(SplitStems)
    QApplication.processEvents()
    return dialog


def test_only_a_recording_can_be_split(window: MainWindow) -> None:
    def offered() -> bool:
        titles = [action.text() for action in window.timeline.menus.clip_menu().actions()]
        listed = any(title.startswith("Split into stems") for title in titles)
        assert listed == window.actions_["split_stems"].isEnabled()
        return listed

    window.studio.selection.set_clips({NOTES})
    assert not offered()
    window.studio.selection.set_clips({RECORDING})
    assert offered()


def test_the_dialog_says_what_will_be_and_what_is_weak(window: MainWindow, separator: None) -> None:
    dialog = asked(window)
    assert " ".join(dialog.wanted.stems) == "drums bass vocals other"
    assert "New tracks under the recording" in dialog.sentences
    card = registry.default_for(Task.SEPARATE)
    weak = [stem for stem in STEMS if stem in card.experimental]
    assert {"vocals", "other"} <= set(weak)
    assert f"Experimental on real music: {', '.join(weak)}. Expect bleed." in dialog.sentences
    dialog.what.pick("drums")
    assert dialog.wanted.stems == ("drums",)
    assert "Experimental" not in dialog.sentences
    assert "Warped" not in dialog.sentences
    dialog.reject()


def test_the_dialog_says_how_stems_of_a_warped_clip_cancel_it(
    window: MainWindow, separator: None
) -> None:
    found = window.studio.song.project.find_clip(RECORDING)
    assert found is not None
    clip = found[1]
    assert isinstance(clip, AudioClip)
    begin = clip.offset_frames
    warp = (WarpPoint(begin, 0), WarpPoint(begin + clip.length_frames, 3840))
    assert window.studio.song.do(FitRecording((replace(clip, warp=warp),)))
    dialog = asked(window)
    assert "bounce it in place first" in dialog.sentences
    dialog.reject()


def test_a_recording_becomes_tracks_and_a_take_that_tells_of_them(
    window: MainWindow, separator: None, qtbot: QtBot
) -> None:
    studio = window.studio
    studio.stems._work = Here
    before = len(studio.song.project.sources)
    dialog = asked(window)
    dialog.model.pick("tiny")
    dialog.split.click()
    qtbot.waitUntil(lambda: bool(window.takes.job_cards), timeout=5_000)
    qtbot.waitUntil(lambda: bool(studio.takes.entries), timeout=60_000)
    names = [track.name for track in studio.song.project.sources]
    assert names[before - 1 :] == ["Rain", *(f"Rain {s}" for s in dialog.wanted.stems)]
    assert len(studio.song.steps) == 1
    qtbot.waitUntil(lambda: bool(window.takes.cards), timeout=5_000)
    (card,) = window.takes.cards
    words = [label.text() for label in card.findChildren(QLabel)]
    assert "Split rain into stems · fast" in words
    assert words.count("experimental") == 1
    assert sum(word.endswith("% sure") for word in words) == 4
    assert "in the song" in words
    studio.song.undo()
    qtbot.waitUntil(lambda: not window.takes.cards[0].look.placed, timeout=5_000)
    assert len(studio.song.project.sources) == before


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "1 s"), (59, "59 s"), (60, "1 min"), (200, "3 min 20 s"), (700, "12 min"),
     (3900, "1 h 5 min")],
)  # fmt: skip
def test_durations_in_words(seconds: float, said: str) -> None:
    assert duration(seconds) == said
