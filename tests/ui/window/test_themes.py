"""Another theme holds at once, and for everything in the window."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import cast

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtGui import QCursor, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.core import paths, settings
from studio.domain.clip import ClipId
from studio.ui import theme
from studio.ui.application import follow_theme
from studio.ui.dock import MIXER, ROLL, SPECTROGRAM
from studio.ui.main_window import MainWindow
from studio.ui.settings.dialog import Preferences
from studio.ui.spectrogram.view import SpectrogramView
from studio.workspace.studio import Studio
from tests.ui.settings.test_preferences import pick

PIANO, RAIN = ClipId("c20"), ClipId("c23")
SIZE = (1280, 800)
Picture = npt.NDArray[np.uint32]


@pytest.fixture
def app(
    qapp: QApplication, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> Iterator[QApplication]:
    """Follows the studio's preferences; dark again after."""
    monkeypatch.setattr(studio.engine, "refresh_devices", lambda: None)
    flash = qapp.cursorFlashTime()
    qapp.setCursorFlashTime(0)
    QCursor.setPos(QApplication.primaryScreen().geometry().bottomRight())  # away from any button
    following = follow_theme(qapp, studio)
    yield qapp
    following.release()
    qapp.setCursorFlashTime(flash)
    theme.apply(qapp)


def seen(widget: QWidget) -> Picture:
    QApplication.processEvents()
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32)
    return pixels.reshape(image.height(), image.bytesPerLine() // 4).copy()


def settled(widget: QWidget, qtbot: QtBot) -> Picture:
    """How `widget` looks once nothing more arrives: strips, tiles and waveforms come one by one."""
    looks = [seen(widget)]

    def is_still() -> bool:
        qtbot.wait(50)
        looks.append(seen(widget))
        return bool((looks[-1] == looks[-2]).all())

    qtbot.waitUntil(is_still)
    return looks[-1]


def tabs(window: MainWindow, qtbot: QtBot) -> list[Picture]:
    """The window with each page of the lower half."""
    made = []
    for page in (ROLL, SPECTROGRAM, MIXER):
        window.commands.show_tab(page)
        if page == SPECTROGRAM:
            view = cast(SpectrogramView, window.dock.current)
            qtbot.waitUntil(partial(is_drawn, view))
        made.append(settled(window, qtbot))
    return made


def is_drawn(view: SpectrogramView) -> bool:
    view.canvas.repaint()
    pictures = view.canvas.pictures
    waits = view._tiles.computing or pictures.making or pictures.late
    return len(pictures._latest) > 1 and not waits


def opened(studio: Studio, qtbot: QtBot) -> MainWindow:
    studio.selection.set_note_clip(None)
    made = MainWindow(studio)
    qtbot.addWidget(made)
    made.resize(*SIZE)
    made.show()
    studio.selection.set_note_clip(PIANO)
    studio.selection.set_clips({RAIN})
    made.notices.warning("The song was not saved.", "It is kept.", [("Recover", lambda: None)])
    return made


def test_a_window_that_changed_looks_like_one_made_so(
    app: QApplication, studio: Studio, qtbot: QtBot
) -> None:
    """To the pixel, in each direction: nothing keeps an old colour, a picture or an icon."""
    theme.apply(app)
    window = opened(studio, qtbot)
    dark = tabs(window, qtbot)
    choose(window, "Light")
    assert theme.colours() is theme.LIGHT
    light = tabs(window, qtbot)
    anew = tabs(opened(studio, qtbot), qtbot)
    choose(window, "Dark")
    back = tabs(window, qtbot)
    for page in (ROLL, SPECTROGRAM, MIXER):
        assert (dark[page] != light[page]).mean() > 0.95
        assert (light[page] == anew[page]).all(), where(light[page], anew[page])
        assert (dark[page] == back[page]).all(), where(dark[page], back[page])
    studio.song.mark_saved(studio.song.project)


def choose(window: MainWindow, name: str) -> None:
    window.commands.show_preferences()
    dialog = window.findChildren(Preferences)[-1]
    pick(dialog, "_theme", name)
    assert name in dialog._theme.text()
    dialog.accept()
    window.timeline.setFocus()
    QApplication.processEvents()


def where(a: Picture, b: Picture) -> str:
    y, x = np.nonzero(a != b)
    return f"{len(x)} pixels in x {x.min()}-{x.max()}, y {y.min()}-{y.max()}"


def test_a_theme_that_was_chosen_is_there_at_the_next_start(
    app: QApplication, studio: Studio, qtbot: QtBot
) -> None:
    window = opened(studio, qtbot)
    choose(window, "Light")
    qtbot.waitUntil(lambda: settings.load(paths.settings_file()).theme == "light")
    studio.song.mark_saved(studio.song.project)
