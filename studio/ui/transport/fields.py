"""The transport's fields: position, tempo, meter and key."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton

from studio.domain.tempo import TempoMap
from studio.domain.theory import FLAT_NAMES, SCALES, Key
from studio.ui import theme
from studio.ui.tr import tr
from studio.ui.widgets.boxes import restyle
from studio.ui.widgets.buttons import say

_USUAL_MODES = ("major", "minor")
_GESTURE_PAUSE_MS = 900  # tempo changes closer than this are one step


class TypedField(QLineEdit):
    """Shows a text; what the user types is read by `read`, which raises ValueError for nonsense.

    Signals:
        entered(object): What was read.
    """

    entered = Signal(object)

    def __init__(self, name: str, sample: str, read: Callable[[str], object]) -> None:
        super().__init__()
        self._read = read
        self._shown = ""
        self.setProperty("kind", "inline")
        self.setFont(theme.mono_font())
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFixedWidth(QFontMetrics(self.font()).horizontalAdvance(sample) + 18)
        say(self, name)
        self.returnPressed.connect(self._commit)
        self.textEdited.connect(lambda: restyle(self, bad=False))

    def show_text(self, text: str) -> None:
        """Show `text` unless the user is typing."""
        self._shown = text
        if not (self.hasFocus() and self.isModified()) and self.text() != text:
            self.setText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._restore()
            self.clearFocus()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._restore()

    def _commit(self) -> None:
        try:
            value = self._read(self.text())
        except ValueError:
            restyle(self, bad=True)
            return
        self.setModified(False)
        self.entered.emit(value)
        self._restore()
        self.clearFocus()

    def _restore(self) -> None:
        restyle(self, bad=False)
        self.setText(self._shown)
        self.setModified(False)


class Gesture:
    """One number for a run of changes that follow each other closely."""

    def __init__(self, take: Callable[[], int]) -> None:
        self._take = take
        self._number = take()
        self._timer = QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(_GESTURE_PAUSE_MS)

    def number(self) -> int:
        """The number of the run under way, or of the one that begins now."""
        if not self._timer.isActive():
            self._number = self._take()
        self._timer.start()
        return self._number

    def release(self) -> None:
        self._timer.stop()


class KeyChooser(QPushButton):
    """The song's key, chosen from a menu.

    Signals:
        chosen(object): A `Key`, or None for no key.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__(tr("No key"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFont(theme.mono_font())
        say(self, tr("Key of the song"))
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)

    def show_key(self, key: Key | None) -> None:
        self.setText(key.name if key is not None else tr("No key"))

    def _fill(self) -> None:
        """Made when it is first opened: 150 entries nobody needs before."""
        if self._menu.actions():
            return
        self._add(self._menu, tr("No key"), None)
        self._menu.addSeparator()
        for mode in _USUAL_MODES:
            self._add_mode(self._menu, mode)
        more = self._menu.addMenu(tr("More scales"))
        for mode in SCALES:
            if mode not in _USUAL_MODES:
                self._add_mode(more, mode)

    def _add_mode(self, menu: QMenu, mode: str) -> None:
        tonics = menu.addMenu(mode.capitalize())
        for tonic in range(len(FLAT_NAMES)):
            key = Key(tonic, mode)
            self._add(tonics, key.name, key)

    def _add(self, menu: QMenu, text: str, key: Key | None) -> None:
        menu.addAction(text).triggered.connect(lambda: self.chosen.emit(key))


def read_meter(text: str) -> tuple[int, int]:
    """`6/8` as (6, 8).

    Raises:
        ValueError: The text is no meter.
    """
    found = re.fullmatch(r"\s*(\d{1,2})\s*/\s*(1|2|4|8|16|32)\s*", text)
    if not found or not 1 <= int(found[1]) <= 64:
        raise ValueError(f"{text!r} is no meter")
    return int(found[1]), int(found[2])


def read_position(text: str, tempo: TempoMap) -> int:
    """The tick of `7`, `7.3`, `7.3.120` (bar, beat, tick) or `1:02.5` (minutes and seconds).

    Raises:
        ValueError: The text is no position.
    """
    plain = text.strip().replace(",", ".")
    clock = re.fullmatch(r"(\d+):(\d{1,2}(?:\.\d*)?)", plain)
    if clock:
        return int(tempo.ticks(int(clock[1]) * 60 + float(clock[2])))
    if not re.fullmatch(r"\d+(\.\d+){0,2}", plain):
        raise ValueError(f"{text!r} is no position")
    bar, beat, tick = ([int(part) for part in plain.split(".")] + [1, 0][plain.count(".") :])[:3]
    if bar < 1 or beat < 1:
        raise ValueError("bars and beats count from 1")
    start = tempo.bar_start(bar)
    return start + (beat - 1) * tempo.meter_at(start).ticks_per_beat + tick


def bars_text(tempo: TempoMap, tick: int) -> str:
    """`7.3.120`: bar, beat and tick."""
    at = tempo.position(max(tick, 0))
    return f"{at.bar}.{at.beat}.{at.tick:03d}"


def clock_text(seconds: float) -> str:
    """`0:17.42`."""
    hundredths = round(max(seconds, 0.0) * 100)
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes}:{rest / 100:05.2f}"
