"""What the tools that draw put down: a note, or a chord on it."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

from studio.domain.theory import QUALITIES, Key
from studio.edit.phrasing import degrees, scale_of
from studio.ui.piano_roll.roll_view import RollView
from studio.ui.tr import tr
from studio.ui.widgets.buttons import icon_button, say

NOTE = "note"
_STEPS = {"triad": (0, 2, 4), "seventh": (0, 2, 4, 6)}  # of the key, from the note that is drawn
STAMPS = {
    NOTE: "One note",
    "triad": "Triads of the key",
    "seventh": "Sevenths of the key",
    "5": "Fifths",
    "": "Major",
    "m": "Minor",
    "7": "Dominant seventh",
    "maj7": "Major seventh",
    "m7": "Minor seventh",
    "sus4": "Suspended fourth",
    "dim": "Diminished",
    "aug": "Augmented",
}


def stamped(stamp: str, pitch: int, key: Key | None) -> tuple[int, ...]:
    """The pitches that drawing at `pitch` makes, rising; without a key, C major is meant."""
    if stamp == NOTE:
        return (pitch,)
    if stamp not in _STEPS:
        made = [pitch + step for step in QUALITIES[stamp]]
    else:
        scale = scale_of(key or Key(0))
        at = int(degrees(scale, np.array([pitch]))[0])
        made = [int(scale[at + step]) for step in _STEPS[stamp] if at + step < len(scale)]
    return tuple(found for found in made if found <= 127)


class StampButton(QToolButton):
    """Lists the stamps; it is lit while it is a chord that is drawn."""

    def __init__(self, view: RollView) -> None:
        super().__init__()
        self._view = view
        menu = QMenu(self)
        menu.aboutToShow.connect(lambda: self._fill(menu))
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        plain = icon_button("chord", "", checkable=True)
        self.setIcon(plain.icon())
        self.setIconSize(plain.iconSize())
        self.setCheckable(True)
        self.setProperty("kind", "quiet")
        self.setFocusPolicy(plain.focusPolicy())
        view.habits_changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        stamp = self._view.stamp
        self.setChecked(stamp != NOTE)
        say(self, tr("Draw: {stamp}", stamp=tr(STAMPS[stamp]).lower()))

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        group = QActionGroup(menu)
        for stamp, title in STAMPS.items():
            entry = menu.addAction(tr(title), partial(self._view.set_habit, "stamp", stamp))
            entry.setCheckable(True)
            entry.setChecked(stamp == self._view.stamp)
            group.addAction(entry)
            if stamp in (NOTE, "seventh"):
                menu.addSeparator()
