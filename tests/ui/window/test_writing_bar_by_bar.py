"""The network at work in the window: bars that are seen and heard as they come, and are taken back.

With the real engine, worker and weights, which take a moment to start: so all in one story.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio import app
from studio.domain.clip import NoteClip
from studio.edit.notes import SetNotes
from studio.ui.main_window import MainWindow
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import shown

WAIT_MS = 100_000
BAR = 3840
LONG = "pop song for piano and bass, no drums, 120 bpm, 128 bars"
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """The program as it starts, the composer chosen."""
    studio = Studio(tmp_path / "run")
    made = MainWindow(studio)
    qtbot.addWidget(made)
    shown(made, 1500, 950)
    studio.generation.set(model="composer", seed=3, seed_locked=True)
    app.begin(studio, made, [])
    yield made
    studio.files.discard_changes()
    made.release()
    studio.close()


def written(studio: Studio) -> int:
    """Notes of the gap so far."""
    overlay = studio.generation.overlay
    return sum(len(part.notes) for part in overlay.result.parts) if overlay is not None else 0


def finish(studio: Studio, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not studio.generation.busy, timeout=WAIT_MS)


def test_bars_are_seen_and_heard_as_they_are_written_and_taken_back(
    window: MainWindow, qtbot: QtBot
) -> None:
    check_seen_heard_and_cancelled(window, qtbot)
    check_rewritten_around_locks(window, qtbot)


def check_seen_heard_and_cancelled(window: MainWindow, qtbot: QtBot) -> None:
    studio = window.studio
    QTest.keyClicks(window.focusWidget(), LONG)
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: written(studio) > 0, timeout=WAIT_MS)
    roll = window.dock.current
    before = roll.grab().toImage()
    bars = studio.generation.overlay.result.written_until if studio.generation.overlay else 0
    assert 0 < bars < 128 * BAR
    qtbot.waitUntil(lambda: studio.playback.playing, timeout=WAIT_MS)
    master = studio.song.project.master.id
    qtbot.waitUntil(lambda: studio.playback.meter(master)[0] > 0.001, timeout=WAIT_MS)
    assert studio.generation.busy, "what is heard is still being written"
    assert not studio.song.project.sources, "and is no part of the song"

    assert window.takes.job_cards
    assert window.actions_["stop_writing"].isEnabled()
    QTest.keyClick(window, Qt.Key.Key_Period, CTRL)
    finish(studio, qtbot)
    assert studio.generation.overlay is None
    assert not studio.takes.entries
    assert not studio.song.steps
    assert not window.notices.messages
    assert not window.takes.job_cards
    assert not window.actions_["stop_writing"].isEnabled()
    assert window.dock.current.grab().toImage() != before
    qtbot.waitUntil(window.welcome.isVisible, timeout=WAIT_MS)


def check_rewritten_around_locks(window: MainWindow, qtbot: QtBot) -> None:
    """Takes of two bars, compared by key; one step of undo takes them back."""
    studio = window.studio
    window.commands.focus_prompt()
    window.welcome.field.clear()
    QTest.keyClicks(window.focusWidget(), "calm piano solo, C major, 2 bars")
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(studio.takes.entries), timeout=WAIT_MS)
    assert len(studio.song.steps) == 1
    track = studio.song.project.sources[0]
    clip = track.clips[0]
    assert isinstance(clip, NoteClip)
    locked = frozenset(clip.notes.id[::2].tolist())
    studio.song.do(SetNotes(clip.id, locked, (("locked", True),)))
    kept = studio.song.project.clip(clip.id)
    assert isinstance(kept, NoteClip)
    steps = len(studio.song.steps)

    studio.selection.set_span((0, 2 * BAR), (track.id,))
    studio.generation.set(prompt="", variations=2)
    QTest.keyClick(window, Qt.Key.Key_Return, CTRL)
    finish(studio, qtbot)
    qtbot.waitUntil(lambda: len(studio.takes.entries) == 3, timeout=WAIT_MS)
    second, first, _ = studio.takes.entries
    assert studio.takes.is_placed(first.take.id)
    window.commands.focus_takes()
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_2)
    assert studio.takes.is_placed(second.take.id)
    after = studio.song.project.clip(clip.id)
    assert isinstance(after, NoteClip)
    stays = kept.notes.where(kept.notes.locked)
    assert after.notes.where(after.notes.mask_of(stays.id.tolist())) == stays
    assert len(studio.song.steps) == steps + 1
    window.timeline.setFocus()
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert studio.song.project.clip(clip.id) == kept
