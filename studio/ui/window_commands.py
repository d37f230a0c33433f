"""What the actions on the window itself do, and under which conditions actions can be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtWidgets import QWidget

from studio.ui.actions import Actions
from studio.ui.dialogs import split_stems
from studio.ui.dialogs.about import About
from studio.ui.dialogs.history import HistoryList
from studio.ui.dialogs.key_sheet import KeySheet
from studio.ui.dialogs.palette import Palette
from studio.ui.dock import Dock
from studio.ui.generate.panel import GeneratePanel
from studio.ui.generate.welcome import Welcome
from studio.ui.settings.dialog import Preferences
from studio.ui.takes.panel import TakesPanel
from studio.ui.transport.bar import TransportBar
from studio.workspace.recording import State
from studio.workspace.studio import Studio


class Window(Protocol):
    """What the commands need to know of the main window."""

    studio: Studio
    actions_: Actions
    bar: TransportBar
    dock: Dock
    generate: GeneratePanel
    takes: TakesPanel
    welcome: Welcome

    @property
    def timeline(self) -> QWidget: ...

    def window(self) -> QWidget: ...

    def focusWidget(self) -> QWidget | None: ...

    def close(self) -> bool: ...


class WindowCommands:
    """Answers for the `window.` rows of the action table."""

    def __init__(self, window: Window) -> None:
        self._window = window

    def close(self) -> None:
        self._window.close()

    def write(self) -> None:
        """Ask for what the Generate panel describes."""
        self._window.studio.generation.go()

    def focus_prompt(self) -> None:
        window = self._window
        if window.welcome.isVisible():
            window.welcome.field.setFocus()
        else:
            window.generate.show()
            window.generate.focus_prompt()

    def focus_takes(self) -> None:
        self._window.takes.show()
        self._window.takes.focus_first()

    def split_stems(self) -> None:
        """Ask how to split the selected recordings."""
        split_stems.offer(self._window.studio, self._window.window())

    def show_tab(self, index: int) -> None:
        self._window.dock.show_page(index)

    def toggle_dock(self) -> None:
        """The lower half over the whole height, or both halves."""
        window = self._window
        window.timeline.setVisible(window.timeline.isHidden())
        window.dock.full.setChecked(window.timeline.isHidden())
        window.actions_.refresh()

    def toggle_generate(self) -> None:
        self._window.generate.setVisible(self._window.generate.isHidden())

    def toggle_takes(self) -> None:
        self._window.takes.setVisible(self._window.takes.isHidden())

    def next_panel(self) -> None:
        """Move the focus around the window: prompt, timeline, lower half, takes."""
        window = self._window
        order: list[tuple[QWidget, Callable[[], object]]] = [
            (window.generate, window.generate.focus_prompt),
            (window.timeline, window.timeline.setFocus),
            (window.dock, window.dock.current.setFocus),
            (window.takes, window.takes.focus_first),
        ]
        shown = [entry for entry in order if entry[0].isVisible()]
        focused = window.focusWidget()
        at = next((i for i, (part, _) in enumerate(shown) if holds(part, focused)), -1)
        shown[(at + 1) % len(shown)][1]()

    def show_menu(self) -> None:
        self._window.bar.open_menu()

    def show_palette(self) -> None:
        Palette(self._window.actions_, self._window.window()).open_over(self._window.window())

    def show_history(self) -> None:
        HistoryList(self._window.studio, self._window.window()).open_over(self._window.window())

    def show_keys(self) -> None:
        KeySheet(self._window.window()).open()

    def show_preferences(self) -> None:
        Preferences(self._window.studio, self._window.window()).open()

    def show_about(self) -> None:
        About(self._window.window()).open()


def holds(part: QWidget, widget: QWidget | None) -> bool:
    """Whether `widget` is `part` or lies in it."""
    return widget is not None and (part is widget or part.isAncestorOf(widget))


def conditions(window: Window) -> dict[str, Callable[[], bool]]:
    """What `Row.when` and `Row.on` name."""
    studio = window.studio
    song, selection, playback = studio.song, studio.selection, studio.playback
    return {
        "always": lambda: True,
        "has_clips": lambda: song.project.end > 0,
        "has_chosen": lambda: bool(selection.clips),
        "has_track": lambda: bool(selection.tracks),
        "can_undo": lambda: song.can_undo,
        "can_redo": lambda: song.can_redo,
        "selected": lambda: bool(selection.clips or selection.notes or selection.span),
        "about_notes": lambda: bool(
            selection.clips or selection.notes or selection.span or selection.note_clip
        ),
        "has_recording": lambda: bool(studio.stems.recordings(selection.clips)),
        "hears": lambda: bool(studio.transcribing.chosen()),
        "writing": lambda: studio.generation.busy,
        "recording": lambda: studio.recording.state is not State.IDLE,
        "punching": lambda: studio.recording.punch,
        "counts_in": lambda: studio.settings.count_in_bars > 0,
        "has_turns": lambda: len(selection.turns) > 1,
        "looping": lambda: playback.loop_on,
        "metronome": lambda: playback.metronome,
        "dock_full": window.timeline.isHidden,
        "generate_shown": lambda: not window.generate.isHidden(),
        "takes_shown": lambda: not window.takes.isHidden(),
    }
