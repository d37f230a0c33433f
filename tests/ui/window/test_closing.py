"""Nothing is lost by closing, and nothing asks without need."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from studio.core.errors import StudioError
from studio.edit.tempo import SetTempo
from studio.ui.dialogs.ask import NameDialog, Question, name_wrong
from studio.ui.main_window import MainWindow
from studio.workspace.studio import Studio


def question(window: MainWindow) -> Question:
    found = [child for child in window.findChildren(Question) if child.isVisible()]
    assert len(found) == 1
    return found[0]


def change(studio: Studio) -> None:
    assert studio.song.do(SetTempo(0, 90.0))


def save_under_name(studio: Studio, folder: Path, qtbot: QtBot) -> Path:
    path = folder / "Rainy Window.tutti"
    with qtbot.waitSignal(studio.files.saved, timeout=10_000):
        studio.files.save_as(path)
    return path


def test_a_saved_song_closes_at_once(window: MainWindow, studio: Studio) -> None:
    studio.song.mark_saved(studio.song.project)
    assert window.close()
    assert not window.isVisible()


def test_unsaved_changes_are_asked_about_and_cancel_goes_on(
    window: MainWindow, studio: Studio
) -> None:
    change(studio)
    assert not window.close()
    asked = question(window)
    assert [button.text() for button in asked.buttons] == ["Save", "Don't save", "Cancel"]
    asked.buttons[2].click()
    assert window.isVisible()
    assert studio.song.dirty


def test_dont_save_closes(window: MainWindow, studio: Studio) -> None:
    change(studio)
    window.close()
    question(window).buttons[1].click()
    assert not window.isVisible()


def test_save_asks_for_a_name_saves_and_closes(
    window: MainWindow, studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    change(studio)
    window.close()
    question(window).buttons[0].click()
    dialog = next(child for child in window.findChildren(NameDialog) if child.isVisible())
    dialog._folder = tmp_path
    dialog.name.setText("Rainy Window")
    dialog.save.click()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=10_000)
    assert (tmp_path / "Rainy Window.tutti" / "project.json").is_file()


def test_giving_up_the_name_goes_on(window: MainWindow, studio: Studio) -> None:
    change(studio)
    window.close()
    question(window).buttons[0].click()
    dialog = next(child for child in window.findChildren(NameDialog) if child.isVisible())
    dialog.reject()
    assert window.isVisible()
    studio.song.mark_saved(studio.song.project)
    assert window.isVisible()


def test_the_title_tells_the_name_and_unsaved_work(
    window: MainWindow, studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    save_under_name(studio, tmp_path, qtbot)
    qtbot.waitUntil(lambda: window.windowTitle() == "Rainy Window[*] – Tutti")
    assert not window.isWindowModified()
    change(studio)
    assert window.isWindowModified()


def test_a_song_can_be_opened_again_from_the_recent_ones(
    window: MainWindow, studio: Studio, qtbot: QtBot, tmp_path: Path
) -> None:
    path = save_under_name(studio, tmp_path, qtbot)
    saved = studio.song.project
    studio.files.new()
    assert not studio.song.project.end
    with qtbot.waitSignal(studio.files.opened, timeout=10_000):
        window.files.open_path(path)
    assert studio.song.project == saved
    assert studio.files.recent == (path,)


def test_the_window_opens_with_its_dividers_where_they_were(
    window: MainWindow, studio: Studio, qtbot: QtBot
) -> None:
    studio.song.mark_saved(studio.song.project)
    window._splitters["sides"].setSizes([400, 700, 260])
    kept = window.generate.width()
    window.close()
    again = MainWindow(studio)
    qtbot.addWidget(again)
    again.show()
    assert again.generate.width() == kept
    again.release()


def test_an_error_is_a_sentence_and_a_way_out(window: MainWindow, studio: Studio) -> None:
    studio.tell(StudioError("The disk is full.", "Make room and save again."))
    assert window.notices.messages == ["The disk is full."]
    studio.tell(StudioError("The disk is full.", "Make room and save again."))
    assert len(window.notices.messages) == 1


def test_names_that_no_disk_can_hold_are_refused() -> None:
    assert name_wrong("Rainy Window") == ""
    for wrong in ("", "  ", "a/b", "what?", ".hidden", "end."):
        assert name_wrong(wrong)
