"""From a sentence to sound, by keyboard alone, with the real engine and the real worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio import app
from studio.domain.clip import AudioClip, NoteClip
from studio.io.midi import read_midi
from studio.ui.dialogs.export import ExportDialog
from studio.ui.main_window import MainWindow
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import shown

WAIT_MS = 30_000
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """The program as it starts, in a home of its own."""
    studio = Studio(tmp_path / "run")
    made = MainWindow(studio)
    qtbot.addWidget(made)
    shown(made, 1500, 950)
    studio.generation.set(model="sketch")  # answers at once, whichever the studio would choose
    app.begin(studio, made, [])
    yield made
    studio.files.discard_changes()
    made.release()
    studio.close()


def press(window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = CTRL ^ CTRL) -> None:
    QTest.keyClick(window.focusWidget(), key, modifiers)
    QApplication.processEvents()


def written(window: MainWindow, qtbot: QtBot, sentence: str) -> Studio:
    """The studio once the song that `sentence` asks for is in it."""
    QTest.keyClicks(window.focusWidget(), sentence)
    press(window, Qt.Key.Key_Return)
    studio = window.studio
    qtbot.waitUntil(lambda: bool(studio.takes.entries), timeout=WAIT_MS)
    return studio


def test_a_sentence_becomes_sound_by_keyboard_alone(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    studio = written(window, qtbot, "slow jazz trio, brushed drums, 84 bpm, D minor, 4 bars")

    # It wrote what was asked for, as ordinary clips on tracks, and plays it unasked.
    song = studio.song.project
    assert song.tempo.tempo_at(0) == 84
    assert song.key is not None
    assert song.key.name == "D minor"
    assert len(song.sources) >= 3
    assert all(isinstance(clip, NoteClip) and len(clip.notes) for _, clip in song.clips())
    assert song.end == 4 * 3840
    qtbot.waitUntil(lambda: studio.playback.playing, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: studio.playback.position_tick > 960, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: studio.playback.meter(song.master.id)[0] > 0.001, timeout=WAIT_MS)

    # Space stops and plays; the song is one undo step.
    press(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not studio.playback.playing, timeout=WAIT_MS)
    press(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: studio.playback.playing, timeout=WAIT_MS)
    press(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not studio.playback.playing, timeout=WAIT_MS)
    assert len(studio.song.steps) == 1

    # Again from the keyboard: a part is added, and taken back.
    press(window, Qt.Key.Key_G, CTRL)
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_A, CTRL)
    QTest.keyClicks(window.focusWidget(), "add warm strings")
    assert studio.generation.settings.prompt == "add warm strings"
    press(window, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: len(studio.takes.entries) == 2, timeout=WAIT_MS)
    assert len(studio.song.project.sources) > len(song.sources)
    window.timeline.setFocus()
    press(window, Qt.Key.Key_Z, CTRL)
    assert studio.song.project == song

    # To another program.
    press(window, Qt.Key.Key_E, CTRL)
    dialog = window.findChild(ExportDialog)
    assert dialog is not None
    dialog.folder = tmp_path / "out"
    dialog.midi.setChecked(True)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil((tmp_path / "out" / "song.mid").is_file, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: bool(window.notices.messages), timeout=WAIT_MS)
    assert window.notices.messages[0].startswith("Exported to")
    back = read_midi(tmp_path / "out" / "song.mid")
    assert sum(len(c.notes) for _, c in back.clips() if isinstance(c, NoteClip)) == sum(
        len(c.notes) for _, c in song.clips() if isinstance(c, NoteClip)
    )
    assert (tmp_path / "out" / "mix.wav").stat().st_size > 100_000


def test_files_dropped_on_the_window_become_tracks(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    from studio.io.midi import write_midi
    from tests.ui.canvas.scene import small_song

    studio = window.studio
    song = small_song(studio.files.media)
    write_midi(song, tmp_path / "idea.mid")
    recording = song.track(song.sources[2].id).clips[0]
    assert isinstance(recording, AudioClip)
    (tmp_path / "rain.wav").write_bytes(studio.files.media.bytes(recording.source.media))
    drop(window, [tmp_path / "idea.mid", tmp_path / "rain.wav", tmp_path / "notes.txt"])
    qtbot.waitUntil(lambda: len(studio.song.project.sources) == 3, timeout=WAIT_MS)
    names = {track.name for track in studio.song.project.sources}
    assert {"Piano", "Bass"} < names
    assert len(studio.song.steps) == 1
    assert not window.welcome.isVisible()


def drop(window: MainWindow, files: list[Path]) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
    event = QDropEvent(
        QPointF(QPoint(600, 20)),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)


def test_work_that_was_never_saved_is_offered_at_the_next_start(
    qtbot: QtBot, tmp_path: Path
) -> None:
    from studio.edit.tempo import SetTempo
    from tests.ui.canvas.scene import open_studio

    with open_studio(tmp_path) as before:
        assert before.song.do(SetTempo(0, 77.0))
    with open_studio(tmp_path) as studio:
        window = MainWindow(studio)
        qtbot.addWidget(window)
        shown(window, 1200, 800)
        window.offer_recovery()
        (sentence,) = window.notices.messages
        assert "was not saved" in sentence
        recover = window.notices.buttons("Recover")[0]
        with qtbot.waitSignal(studio.files.opened, timeout=WAIT_MS):
            recover.click()
        assert studio.song.project.tempo.tempo_at(0) == 77
        assert not any("was not saved." in sentence for sentence in window.notices.messages)
        studio.files.discard_changes()
        window.release()
