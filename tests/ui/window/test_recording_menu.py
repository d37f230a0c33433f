"""What the window offers for a recording, and what it says where nothing comes of it."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from studio.domain.clip import ClipId
from studio.ui.main_window import MainWindow
from tests.ui.canvas.scene import BAR, RAIN
from tests.workspace.works import Here

RECORDING, NOTES = ClipId("c23"), ClipId("c20")
OFFERED = ("Notes from", "Drums from", "Melody from", "Harmonise this tune", "Add a part to this")


def offered(window: MainWindow) -> int:
    """How many of the entries the clip menu has; the actions agree with it."""
    titles = [action.text() for action in window.timeline.menus.clip_menu().actions()]
    found = sum(any(title.startswith(words) for title in titles) for words in OFFERED)
    assert window.actions_["drums_from"].isEnabled() == bool(found)
    return found


def test_only_a_recording_or_bars_of_one_can_be_written_from(window: MainWindow) -> None:
    selection = window.studio.selection
    selection.set_clips({NOTES})
    assert offered(window) == 0
    selection.set_clips({RECORDING})
    assert offered(window) == len(OFFERED)
    selection.set_clips(())
    selection.set_span((0, BAR), (RAIN,))
    assert offered(window) == 0
    selection.set_span((0, 3 * BAR), (RAIN,))
    assert offered(window) == len(OFFERED)


def test_what_holds_no_drums_is_said_in_the_window(window: MainWindow, qtbot: QtBot) -> None:
    studio, said = window.studio, list[tuple[str, str]]()
    studio.notice.connect(lambda level, message, hint: said.append((level, message)))
    studio.transcribing._work = Here
    studio.selection.set_clips({RECORDING})
    window.actions_.run("drums_from")
    qtbot.waitUntil(lambda: bool(said), timeout=60_000)
    assert said == [("error", "No drums were heard in “rain”.")]
    assert not studio.song.steps
