"""Nothing but the window itself comes onto the screen while it is built and used."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.ui.dock import MIXER, SPECTROGRAM
from studio.ui.main_window import MainWindow
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import shown


class Shown(QObject):
    """Notes each widget that is shown as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_shown = event.type() == QEvent.Type.Show
        if is_shown and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.append(type(watched).__name__)
        return False


def test_no_part_flashes_as_a_window_of_its_own(studio: Studio, qtbot: QtBot) -> None:
    application = QApplication.instance()
    assert application is not None
    watcher = Shown()
    application.installEventFilter(watcher)
    window = MainWindow(studio)
    qtbot.addWidget(window)
    shown(window, 1600, 1000)
    for page in (MIXER, SPECTROGRAM):
        window.dock.show_page(page)
        qtbot.wait(50)
    application.removeEventFilter(watcher)
    studio.song.mark_saved(studio.song.project)
    assert watcher.windows == ["MainWindow"]
