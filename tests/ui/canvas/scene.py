"""A real studio with a small song, and a mouse and keys to use its views with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from studio.domain.clip import AudioClip, ClipId, NoteClip, TakeId
from studio.domain.device import DeviceId, soundfont
from studio.domain.notes import Notes
from studio.domain.project import Marker, Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.theory import Key
from studio.domain.track import Track, TrackId, TrackKind
from studio.media.store import MediaStore
from studio.ui import theme
from studio.workspace.playback import Playback
from studio.workspace.studio import Studio

BAR = 3840
BEAT = 960
RATE = 48000
PIANO, BASS, RAIN = TrackId("t10"), TrackId("t11"), TrackId("t12")
LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
W = TypeVar("W", bound=QWidget)


def small_song(media: MediaStore) -> Project:
    """Four bars of piano in two clips, two of bass, and two seconds of noise from bar 3.

    At 120 bpm a bar lasts two seconds, so the recording is exactly bar 3.
    """
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 0.2, (2 * RATE, 1)).astype(np.float32)
    source = media.put_audio(noise, RATE, "Rain.wav")
    chord = Notes.of([0, BEAT, 2 * BEAT, 3 * BEAT], [BEAT] * 4, [60, 64, 67, 72], velocity=[40, 60, 80, 100])
    piano = Track(
        PIANO, TrackKind.INSTRUMENT, "Piano", color=0, devices=(soundfont(DeviceId("d10"), 0),),
        clips=(
            NoteClip(ClipId("c20"), 0, 2 * BAR, chord, "verse", take=TakeId("take")),
            NoteClip(ClipId("c21"), 2 * BAR, 2 * BAR, chord, "chorus"),
        ),
    )  # fmt: skip
    bass = Track(
        BASS, TrackKind.INSTRUMENT, "Bass", color=1, devices=(soundfont(DeviceId("d11"), 33),),
        clips=(NoteClip(ClipId("c22"), 0, 2 * BAR, chord.with_columns(pitch=[36, 40, 43, 48]), "bass"),),
    )  # fmt: skip
    rain = Track(
        RAIN, TrackKind.AUDIO, "Rain", color=5,
        clips=(AudioClip(ClipId("c23"), 2 * BAR, source, 0, 2 * RATE, name="rain"),),
    )  # fmt: skip
    project = replace(
        new_song(RATE),
        tempo=TempoMap.constant(120),
        key=Key.parse("D minor"),
        markers=(Marker(0, "Verse"), Marker(2 * BAR, "Chorus")),
    )
    for track in (piano, bass, rain):
        project = project.with_new_track(track)
    return project


@contextmanager
def open_studio(folder: Path) -> Iterator[Studio]:
    """A studio whose engine and worker are not started: nothing is compiled or heard."""
    compile_song, Playback._refresh = Playback._refresh, lambda self: None  # type: ignore[method-assign]
    studio = Studio(folder / "run")
    try:
        studio.files.start((), 3600.0)
        studio.song.open(small_song(studio.files.media))
        yield studio
    finally:
        studio.close()
        Playback._refresh = compile_song  # type: ignore[method-assign]


def shown(widget: W, width: int, height: int) -> W:
    """`widget` on the screen at a size, dressed as in the studio."""
    app = cast(QApplication, QApplication.instance())
    theme.apply(app)
    widget.resize(width, height)
    widget.show()
    QTest.qWaitForWindowExposed(widget)
    QApplication.processEvents()
    return widget


class Mouse:
    """Presses, drags and turns the wheel over one widget, with modifier keys held."""

    def __init__(self, widget: QWidget) -> None:
        self.widget = widget

    def press(self, x: float, y: float, modifiers: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        QTest.mousePress(self.widget, button, modifiers, QPoint(round(x), round(y)))

    def move(self, x: float, y: float, modifiers: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        at = QPointF(round(x), round(y))
        spot = QPointF(self.widget.mapToGlobal(at))
        event = QMouseEvent(QEvent.Type.MouseMove, at, spot, Qt.MouseButton.NoButton, button, modifiers)
        QApplication.sendEvent(self.widget, event)

    def release(self, x: float, y: float, modifiers: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        QTest.mouseRelease(self.widget, button, modifiers, QPoint(round(x), round(y)))

    def hover(self, x: float, y: float) -> None:
        self.move(x, y, button=Qt.MouseButton.NoButton)

    def click(self, x: float, y: float, modifiers: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        self.press(x, y, modifiers, button)
        self.release(x, y, modifiers, button)

    def double_click(self, x: float, y: float) -> None:
        QTest.mouseDClick(self.widget, LEFT, NONE, QPoint(round(x), round(y)))
        QTest.mouseRelease(self.widget, LEFT, NONE, QPoint(round(x), round(y)))

    def drag(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        modifiers: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        self.hold(start, end, modifiers, button)
        self.release(*end, modifiers, button)

    def hold(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        modifiers: Qt.KeyboardModifier = NONE,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        """A drag whose button is still down."""
        self.press(*start, modifiers, button)
        for step in (0.25, 0.5, 0.75, 1.0):
            x = start[0] + (end[0] - start[0]) * step
            y = start[1] + (end[1] - start[1]) * step
            self.move(x, y, modifiers, button)

    def wheel(self, x: float, y: float, notches: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
        at = QPointF(x, y)
        turned = QPoint(0, round(120 * notches))
        spot = QPointF(self.widget.mapToGlobal(at))
        event = QWheelEvent(
            at, spot, QPoint(), turned, Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False
        )
        QApplication.sendEvent(self.widget, event)


def escape(widget: QWidget) -> None:
    QTest.keyClick(widget, Qt.Key.Key_Escape)


def pixel(widget: QWidget, x: float, y: float) -> QColor:
    """The colour on the screen at a logical position of `widget`."""
    picture = widget.grab().toImage()
    ratio = picture.devicePixelRatio()
    return picture.pixelColor(int(x * ratio), int(y * ratio))


def differs(a: QColor, b: QColor) -> int:
    """How far two colours are apart: the largest difference of a channel, 0-255."""
    return max(abs(a.red() - b.red()), abs(a.green() - b.green()), abs(a.blue() - b.blue()))
