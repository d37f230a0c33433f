"""The lower half: piano roll, spectrogram and mixer as tabs, each made when it is first seen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QTabBar, QToolButton, QWidget

from studio.ui import theme
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, row
from studio.ui.widgets.buttons import icon_button
from studio.workspace.studio import Studio

ROLL, SPECTROGRAM, MIXER = range(3)


def _roll(studio: Studio) -> QWidget:
    from studio.ui.piano_roll.piano_roll import PianoRoll

    return PianoRoll(studio)


def _spectrogram(studio: Studio) -> QWidget:
    from studio.ui.spectrogram.view import SpectrogramView  # loads scipy

    return SpectrogramView(studio)


def _mixer(studio: Studio) -> QWidget:
    from studio.ui.mixer.view import MixerView

    return MixerView(studio)


_PAGES: tuple[tuple[str, Callable[[Studio], QWidget]], ...] = (
    ("Piano roll", _roll),
    ("Spectrogram", _spectrogram),
    ("Mixer", _mixer),
)


class Dock(QFrame):
    """Signals:
    full_asked(): The user wants it as tall as the window, or back.
    """

    full_asked = Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._made: dict[int, QWidget] = {}
        self.setProperty("role", "canvas")
        box = column(self, 0, 0)
        box.addLayout(self._build_tabs())
        self._stack = QStackedWidget()
        box.addWidget(self._stack, 1)
        self.tabs.currentChanged.connect(self._show)
        self._show(ROLL)

    def _build_tabs(self) -> QHBoxLayout:
        line = row(None, 0, 0)
        head = QFrame()
        head.setProperty("role", "bar")
        inside = row(head, 0, 0)
        inside.setContentsMargins(theme.GAP, theme.SPACE, theme.GAP, 0)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(tr("Lower half"))
        for name, _ in _PAGES:
            self.tabs.addTab(tr(name))
        inside.addWidget(self.tabs)
        inside.addStretch(1)
        self.full: QToolButton = icon_button(
            "full", tr("Full height"), self.full_asked.emit, checkable=True
        )
        inside.addWidget(self.full)
        line.addWidget(head)
        return line

    def release(self) -> None:
        for page in self._made.values():
            release = getattr(page, "release", None)
            if release is not None:
                release()

    def page(self, index: int) -> QWidget:
        """A page; it is made if it was never seen."""
        if index not in self._made:
            made = _PAGES[index][1](self._studio)
            self._stack.addWidget(made)
            self._made[index] = made
        return self._made[index]

    @property
    def current(self) -> QWidget:
        return self.page(self.tabs.currentIndex())

    def show_page(self, index: int) -> None:
        """Bring a page to the front and give it the focus."""
        self.tabs.setCurrentIndex(index)
        self.current.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_roll_name(self, name: str) -> None:
        """Name the track whose clip is open in the piano roll."""
        title = tr("Piano roll")
        self.tabs.setTabText(ROLL, f"{title} — {name}" if name else title)

    def _show(self, index: int) -> None:
        self._stack.setCurrentWidget(self.page(index))
