"""The takes of one clip, one below the other: those of a recording in a loop, or of a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.ai import sound_wishes
from studio.ai.requests import Task
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, Clip, ClipId, NoteClip
from studio.domain.gap import Part
from studio.domain.notes import Notes
from studio.domain.track import Track
from studio.edit.recording import ChooseTurn
from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.rects import draw_rects, rects_of
from studio.ui.timeline.clip_layout import ClipLayout
from studio.ui.timeline.timeline_view import TimelineView
from studio.ui.timeline.waveforms import Waveforms
from studio.ui.tr import tr
from studio.workspace.studio import Studio
from studio.workspace.takes import Entry

LANE_PX = 34
_GUTTER = 24.0  # for the number of each take
_LEAST_PX = 72.0
_MOST_LANES = 9  # one a digit
_NOTE_PX = 2.5
_KEYS = {
    *(Qt.Key(Qt.Key.Key_1 + digit) for digit in range(9)),
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """One take: what it sounds like, and how it is put into the song.

    Attributes:
        sound: The clip as it would be, for a recording.
        notes: In song ticks, for what a model wrote.
    """

    number: int
    is_on: bool
    choose: Callable[[], object]
    sound: AudioClip | None = None
    notes: Notes | None = None


def choices(studio: Studio, track: Track, clip: Clip, gesture: int) -> tuple[Choice, ...]:
    """The takes of a clip, oldest first; nothing where it has only one.

    Args:
        gesture: Names one run of choosing, which is one undo step.
    """
    if isinstance(clip, AudioClip) and len(clip.turns) > 1:
        return tuple(_turn(studio, clip, turn, gesture) for turn in range(len(clip.turns)))
    own = studio.takes.entry(clip.take) if clip.take is not None else None
    is_painted = own is not None and own.take.request.task is Task.PAINT
    if own is None or not (isinstance(clip, NoteClip) or is_painted):
        return ()
    batch = [e for e in studio.takes.entries if e.batch == own.batch and e.writes]
    found = sorted(batch, key=lambda entry: entry.number)
    if len(found) < 2:
        return ()
    if is_painted:
        return tuple(_version(studio, clip.id, entry) for entry in found)
    return tuple(_variation(studio, track, entry) for entry in found)


def _turn(studio: Studio, clip: AudioClip, turn: int, gesture: int) -> Choice:
    choose = ChooseTurn(clip.id, turn, gesture)
    try:
        shown = choose.apply(studio.song.project).clip(clip.id)
    except StudioError:  # it is shorter than the clip; choosing it says so
        shown = None
    sound = shown if isinstance(shown, AudioClip) else None
    return Choice(turn + 1, turn == clip.turn, lambda: studio.song.do(choose), sound)


def _version(studio: Studio, clip: ClipId, entry: Entry) -> Choice:
    """What a model painted in the clip's recording."""
    take, song = entry.take, studio.song.project
    painted = sound_wishes.painted_placement(take.id, take.request, take.result)
    found = painted.apply(song).find_clip(clip)
    sound = found[1] if found is not None and isinstance(found[1], AudioClip) else None
    placed = studio.takes.is_placed(take.id)
    return Choice(entry.number, placed, lambda: placed or studio.takes.place(take.id), sound)


def _variation(studio: Studio, track: Track, entry: Entry) -> Choice:
    parts: tuple[Part, ...] = entry.take.result.parts
    own = [p for p in parts if p.track == track.id or (p.track is None and p.role == track.role)]
    notes = next((part.notes for part in (*own, *parts)), Notes.empty())
    placed = studio.takes.is_placed(entry.take.id)
    return Choice(
        entry.number, placed, lambda: placed or studio.takes.place(entry.take.id), notes=notes
    )


class TakeLanes(QWidget):
    """Lies over the lanes, below its clip and in time with it.

    A click or a digit puts a take into the song, to be heard at once; Up and Down go through them,
    Esc closes. All that is chosen until it closes is one step.
    """

    def __init__(self, view: TimelineView, waveforms: Waveforms, lanes: QWidget) -> None:
        super().__init__(lanes)
        self._view, self._waveforms, self._layout = view, waveforms, ClipLayout(view)
        self._studio, self._lanes = view.studio, lanes
        self._clip: ClipId | None = None
        self._where: tuple[str, int] = ("", 0)  # track and start, as another take's clip is another
        self._gesture = 0
        self._choices: tuple[Choice, ...] = ()
        self._choosing = False  # one take leaves the song before another comes
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Takes of the clip"))
        self.hide()
        self.bindings = Bindings()
        for signal in (view.axis.changed, view.rows.changed, view.shown_changed):
            self.bindings.connect(signal, self._place)
        self.bindings.connect(self._studio.takes.changed, self._place)
        self.bindings.connect(waveforms.ready, self.update)

    @property
    def numbers(self) -> list[int]:
        return [choice.number for choice in self._choices]

    @property
    def chosen(self) -> int:
        """The number of the take that is in the song, 0 where none is as it was."""
        return next((choice.number for choice in self._choices if choice.is_on), 0)

    def open(self, clip: ClipId) -> bool:
        """Show the takes of a clip; False where it has only one."""
        found = self._studio.song.project.find_clip(clip)
        if found is None or not choices(self._studio, *found, 0):
            return False
        self._clip, self._where = clip, (found[0].id, found[1].start)
        self._gesture = self._studio.song.new_gesture()
        self.show()
        self.raise_()
        self._place()
        self.setFocus()
        return True

    def close_lanes(self) -> None:
        self._clip = None
        self._studio.song.close_step()
        had_focus = self.hasFocus()
        self.hide()
        if had_focus:
            self._lanes.setFocus()

    # -- where it is --------------------------------------------------------------------------
    def _found(self) -> tuple[Track, Clip] | None:
        """The clip, or the one that stands in its place since another take was chosen."""
        if self._clip is None:
            return None
        project = self._view.project
        found = project.find_clip(self._clip)
        if found is not None:
            return found
        track = next((t for t in project.tracks if t.id == self._where[0]), None)
        clips = track.clips if track is not None else ()
        clip = next((c for c in clips if c.start == self._where[1] and c.take is not None), None)
        if track is None or clip is None:
            return None
        self._clip = clip.id
        return track, clip

    def _place(self) -> None:
        if self._clip is None or self._choosing:
            return
        found = self._found()
        self._choices = choices(self._studio, *found, self._gesture) if found is not None else ()
        self._choices = self._choices[-_MOST_LANES:]
        row = self._view.row_of(found[0].id) if found is not None else None
        if found is None or row is None or not self._choices:
            self.close_lanes()
            return
        at = self._layout.row(row)
        box = self._layout.box(found[1], at)
        tall = LANE_PX * len(self._choices) + 2
        below = at.top + at.height + 2
        room = float(self._lanes.height())
        top = below if below + tall <= room or at.top < tall else at.top - tall - 2
        left = max(box.left() - _GUTTER, 0.0)
        right = min(max(box.right(), left + _LEAST_PX), float(self._view.axis.width))
        self.setGeometry(round(left), round(top), max(round(right - left), 1), tall)
        self.update()

    # -- drawing ------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        found = self._found()
        if found is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.colour("accent" if self.hasFocus() else "line_strong"), 1))
            painter.setBrush(theme.colour("raised"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(Qt.PenStyle.NoPen)
            for index, choice in enumerate(self._choices):
                self._paint_lane(painter, index, choice, found[0])

    def _paint_lane(self, painter: QPainter, index: int, choice: Choice, track: Track) -> None:
        lane = QRectF(1, 1 + index * LANE_PX, self.width() - 2, LANE_PX)
        if choice.is_on:
            painter.fillRect(lane, theme.colour("accent_surface"))
        if index:
            painter.fillRect(QRectF(lane.left(), lane.top(), lane.width(), 1), theme.colour("line"))
        painter.setFont(theme.mono_font(theme.LABEL_PX))
        painter.setPen(theme.colour("accent" if choice.is_on else "text_2"))
        number = QRectF(lane.left(), lane.top(), _GUTTER, lane.height())
        painter.drawText(number, Qt.AlignmentFlag.AlignCenter, str(choice.number))
        painter.setPen(Qt.PenStyle.NoPen)
        colour = theme.track_colour(track.color, 1.0 if choice.is_on else 0.7)
        painter.save()
        painter.setClipRect(lane)
        painter.translate(-self.x(), 0)  # what follows counts as the lanes do
        body = QRectF(self.x() + _GUTTER, lane.top() + 3, lane.width() - _GUTTER, LANE_PX - 6)
        if choice.sound is not None:
            box = self._layout.box(choice.sound, self._layout.row(0))
            body = QRectF(box.left(), body.top(), box.width(), body.height())
            self._waveforms.paint(painter, self._view, choice.sound, body, colour)
        elif choice.notes is not None:
            painter.setBrush(colour)
            self._paint_notes(painter, choice.notes, body)
        painter.restore()

    def _paint_notes(self, painter: QPainter, notes: Notes, body: QRectF) -> None:
        if not len(notes):
            return
        pitch = notes.pitch.astype(np.float64)
        low, span = pitch.min(), max(float(np.ptp(pitch)), 1.0)
        left = self._view.axis.xs(notes.start)
        wide = np.maximum(self._view.axis.xs(notes.end) - left - 0.5, 1.5)
        top = body.top() + (body.height() - _NOTE_PX) * (1 - (pitch - low) / span)
        draw_rects(painter, rects_of(left, top, wide, _NOTE_PX))

    # -- hands --------------------------------------------------------------------------------
    def _choose(self, index: int) -> None:
        self._choosing = True
        try:
            self._choices[index].choose()
        finally:
            self._choosing = False
        self._place()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = int(event.position().y() - 1) // LANE_PX
        if 0 <= index < len(self._choices):
            self._choose(index)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if event.key() in _KEYS and plain == Qt.KeyboardModifier.NoModifier:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        numbers = self.numbers
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            at = numbers.index(self.chosen) if self.chosen in numbers else 0
            by = 1 if event.key() == Qt.Key.Key_Down else -1
            self._choose(min(max(at + by, 0), len(numbers) - 1))
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.close_lanes()
        elif event.key() - Qt.Key.Key_0 in numbers:
            self._choose(numbers.index(event.key() - Qt.Key.Key_0))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A press elsewhere closes them; another window in front does not."""
        super().focusOutEvent(event)
        stays = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
        if self._clip is not None and event.reason() not in stays:
            self.close_lanes()
