"""What the mouse does to notes: select, move, copy, resize, draw, erase, cut."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from studio.domain.clip import ClipId
from studio.domain.notes import Notes
from studio.edit.command import Command
from studio.edit.notes import CopyNotes, DeleteNotes, MoveNotes, ResizeNotes, SplitNotes
from studio.edit.phrasing import Ints, MoveInKey, degrees, scale_of
from studio.ui import theme
from studio.ui.canvas.gesture import Gesture
from studio.ui.canvas.pointer import Pointer
from studio.ui.piano_roll.note_layout import NoteHit, NoteLayout, NotePart
from studio.ui.piano_roll.roll_view import RollView
from studio.ui.piano_roll.stamps import stamped


class NoteGesture(Gesture):
    """Proposes an edit of the open clip while dragged; does it when released."""

    def __init__(self, view: RollView, at: Pointer) -> None:
        self.view, self.pressed = view, at
        self.selection = view.studio.selection
        self.pressed_tick = view.axis.tick(at.x)
        self.pressed_pitch = view.pitch_at(at.y)
        self.clip_id = view.clip_id or ClipId("")
        self._sounding: int | None = None

    def finish(self) -> None:
        self.view.commit()

    def cancel(self) -> None:
        self.view.drop()

    def sound(self, pitch: int, velocity: int | None = None, *, drawn: bool = False) -> None:
        """Let a pitch (or what it draws) be heard once, until the drag comes to another one."""
        if pitch != self._sounding and 0 <= pitch <= 127:
            self._sounding = pitch
            for each in self._stamped(pitch) if drawn else (pitch,):
                self.view.audition(each, velocity)

    def _stamped(self, pitch: int) -> tuple[int, ...]:
        """What drawing at a pitch puts down."""
        return stamped(self.view.stamp, pitch, self.view.project.key)


class MoveNotesDrag(NoteGesture):
    """Moves the selected notes; with Ctrl it copies them, with Shift it keeps time or pitch."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, view: RollView, at: Pointer, hit: NoteHit) -> None:
        super().__init__(view, at)
        self._grabbed = hit
        self._before = self.selection.notes
        if hit.id not in self._before and not at.ctrl:
            self.selection.set_notes(self._before | {hit.id} if at.shift else {hit.id})
        self.view.velocity = hit.velocity
        self.view.draw_length = hit.end - hit.start
        self.sound(hit.pitch, hit.velocity)

    @property
    def _moving(self) -> frozenset[int]:
        return self.selection.notes | {self._grabbed.id}

    def drag(self, at: Pointer) -> None:
        ticks = self.view.axis.tick(at.x) - self.pressed_tick
        semitones = self.view.pitch_at(at.y) - self.pressed_pitch
        if at.shift:
            across = abs(at.x - self.pressed.x) >= abs(at.y - self.pressed.y)
            ticks, semitones = (ticks, 0) if across else (0, semitones)
        if ticks:
            landing = self.view.land(self._grabbed.start + ticks, bypass=at.alt)
            self.view.mark(landing)
            ticks = landing.tick - self._grabbed.start
        pitch = self._grabbed.pitch + semitones
        key = self.view.lands_in
        if key is not None and semitones:
            pitch = key.nearest(min(max(pitch, 0), 127))
        self.view.said = self.view.name(pitch)
        self.view.propose(self._command(at, ticks, pitch))
        self.sound(pitch, self._grabbed.velocity)

    def _command(self, at: Pointer, ticks: int, pitch: int) -> Command:
        """Steps of the key where notes keep to it: the others go as many steps as the grabbed."""
        semitones, key = pitch - self._grabbed.pitch, self.view.lands_in
        if at.ctrl:
            return CopyNotes(self.clip_id, self._moving, ticks, semitones)
        if key is None:
            return MoveNotes(self.clip_id, self._moving, ticks, semitones)
        from_to = degrees(scale_of(key), np.array([self._grabbed.pitch, pitch]))
        steps = int(from_to[1] - from_to[0])
        return MoveInKey(self.clip_id, self._moving, ticks, steps, key)

    def finish(self) -> None:
        next_id, moving = self.view.next_id, self._moving
        if self.view.commit():
            made = self.view.made_since(next_id)
            self.selection.set_notes(made or moving)

    def click(self) -> None:
        id = self._grabbed.id
        if self.pressed.ctrl:
            self.selection.set_notes(self._before ^ {id})
        elif not self.pressed.shift:
            self.selection.set_notes({id})

    def cancel(self) -> None:
        self.view.drop()
        self.selection.set_notes(self._before)


class ResizeDrag(NoteGesture):
    """Moves one edge of the selected notes."""

    cursor = Qt.CursorShape.SizeHorCursor

    def __init__(self, view: RollView, at: Pointer, hit: NoteHit) -> None:
        super().__init__(view, at)
        self._grabbed, self._left = hit, hit.part is NotePart.LEFT
        if hit.id not in self.selection.notes:
            self.selection.set_notes({hit.id})

    def drag(self, at: Pointer) -> None:
        edge = self._grabbed.start if self._left else self._grabbed.end
        by = self.view.axis.tick(at.x) - self.pressed_tick
        landing = self.view.land(edge + by, bypass=at.alt)
        self.view.mark(landing)
        by = landing.tick - edge
        left, right = (by, 0) if self._left else (0, by)
        self.view.propose(ResizeNotes(self.clip_id, self.selection.notes, left, right))

    def finish(self) -> None:
        if self.view.commit():
            kept = self.view.notes.where(self.view.notes.mask_of({self._grabbed.id}))
            self.view.draw_length = int(kept.length[0])

    def click(self) -> None:
        self.selection.set_notes({self._grabbed.id})


class DrawNoteDrag(NoteGesture):
    """Draws a note: as long as the last one for a click, as long as the drag otherwise."""

    cursor = Qt.CursorShape.CrossCursor
    at_once = True

    def __init__(self, view: RollView, at: Pointer) -> None:
        super().__init__(view, at)
        free = at.alt or not view.snap.on
        tempo, scale = view.project.tempo, view.axis.scale
        tick = self.pressed_tick
        self._start = tick if free else max(view.snap.floor(tempo, tick, scale), 0)
        self._length = view.draw_length or view.grid_step(self._start)
        self._before = self.selection.notes
        key = view.lands_in
        if key is not None:
            self.pressed_pitch = key.nearest(self.pressed_pitch)

    def drag(self, at: Pointer) -> None:
        length = self._length
        if abs(at.x - self.pressed.x) >= 4:
            landing = self.view.land(self.view.axis.tick(at.x), bypass=at.alt)
            self.view.mark(landing)
            least = 30 if at.alt or not self.view.snap.on else self.view.grid_step(self._start)
            length = max(landing.tick - self._start, least)
        self.view.said = self.view.name(self.pressed_pitch)
        self._propose(length)
        self.sound(self.pressed_pitch, drawn=True)

    def _propose(self, length: int) -> None:
        pitches = self._stamped(self.pressed_pitch)
        start = [self._start] * len(pitches)
        drawn = Notes.of(start, length, pitches, velocity=self.view.velocity)
        command = self.view.adding(drawn)
        if command is not None:
            self.view.propose(command)

    def finish(self) -> None:
        next_id = self.view.next_id
        if self.view.commit():
            made = self.view.made_since(next_id)
            drawn = self.view.notes.where(self.view.notes.mask_of(made))
            self.selection.set_notes(made)
            self.view.draw_length = int(drawn.length[0]) if len(drawn) else self._length

    def cancel(self) -> None:
        self.view.drop()
        self.selection.set_notes(self._before)


class PaintNotesDrag(NoteGesture):
    """Repeats a note as long as the last one, as far as the drag goes; the row may change on the
    way. What is there already is not painted over."""

    cursor = Qt.CursorShape.CrossCursor
    at_once = True

    def __init__(self, view: RollView, at: Pointer) -> None:
        super().__init__(view, at)
        tempo, scale = view.project.tempo, view.axis.scale
        free = at.alt or not view.snap.on
        first = self.pressed_tick if free else view.snap.floor(tempo, self.pressed_tick, scale)
        self._origin = max(first, 0)
        self._length = view.draw_length or view.grid_step(self._origin)
        self._pitches: dict[int, int] = {}  # of the notes so far, by how many lengths they are away
        self._last = 0
        self._before = self.selection.notes

    def drag(self, at: Pointer) -> None:
        pitch = self.view.pitch_at(at.y)
        key = self.view.lands_in
        pitch = pitch if key is None else key.nearest(pitch)
        now = (self.view.axis.tick(at.x) - self._origin) // self._length
        now = max(now, -(self._origin // self._length))
        passed = range(min(now, self._last), max(now, self._last) + 1)
        self._pitches |= {cell: pitch for cell in passed if cell not in self._pitches}
        self._last = now
        self.view.said = self.view.name(pitch)
        self._propose()
        self.sound(self._pitches[now], drawn=True)

    def _propose(self) -> None:
        painted = [
            (self._origin + cell * self._length, pitch)
            for cell in sorted(self._pitches)
            for pitch in self._stamped(self._pitches[cell])
        ]
        start, pitch = np.array(painted, dtype=np.int64).T
        free = ~self._taken(start, pitch)
        made = Notes.of(start[free], self._length, pitch[free], velocity=self.view.velocity)
        command = self.view.adding(made)
        if command is not None:
            self.view.propose(command)

    def _taken(self, start: Ints, pitch: Ints) -> npt.NDArray[np.bool_]:
        """Whether a note of the song sounds on that row there."""
        clip = self.view.song_clip
        there, shift = (Notes.empty(), 0) if clip is None else (clip.notes, clip.shift)
        same = there.pitch[None] == pitch[:, None]
        begun = there.start[None] + shift < start[:, None] + self._length
        lasts = there.end[None] + shift > start[:, None]
        taken: npt.NDArray[np.bool_] = (same & begun & lasts).any(axis=1)
        return taken

    def finish(self) -> None:
        next_id = self.view.next_id
        if self.view.commit():
            self.selection.set_notes(self.view.made_since(next_id))

    def cancel(self) -> None:
        self.view.drop()
        self.selection.set_notes(self._before)


class EraseNotesDrag(NoteGesture):
    """Deletes every note the pointer touches."""

    cursor = Qt.CursorShape.CrossCursor
    at_once = True

    def __init__(self, view: RollView, at: Pointer, layout: NoteLayout) -> None:
        super().__init__(view, at)
        self._layout = layout
        self._touched: frozenset[int] = frozenset()

    def drag(self, at: Pointer) -> None:
        hit = self._layout.at(at.x, at.y)
        if hit is not None:
            self._touched |= {hit.id}
            self.view.propose(DeleteNotes(self.clip_id, self._touched))


class CutNotes(NoteGesture):
    """Cuts the note under the pointer; of a selection, every note that sounds there."""

    cursor = Qt.CursorShape.SplitHCursor
    scrolls = False

    def __init__(self, view: RollView, at: Pointer, hit: NoteHit) -> None:
        super().__init__(view, at)
        self._now, self._hit = at, hit

    def drag(self, at: Pointer) -> None:
        self._now = at
        self.view.mark(self.view.land(self.view.axis.tick(at.x), bypass=at.alt))
        self.view.shown_changed.emit()

    def finish(self) -> None:
        tick = self.view.land(self.view.axis.tick(self._now.x), bypass=self._now.alt).tick
        self.view.drop()
        chosen = self.selection.notes
        ids = chosen if self._hit.id in chosen else frozenset({self._hit.id})
        self.view.do(SplitNotes(self.clip_id, ids, tick - self.view.shift))

    def click(self) -> None:
        self.finish()


class NoteBand(NoteGesture):
    """A rubber band selects the notes it touches."""

    def __init__(self, view: RollView, at: Pointer, layout: NoteLayout) -> None:
        super().__init__(view, at)
        self._layout, self._now = layout, at
        self._before = self.selection.notes
        self._kept = self._before if at.ctrl or at.shift else frozenset()
        self._top = at.y + view.rows.top

    def _box(self) -> QRectF:
        x, y = self.view.axis.x(self.pressed_tick), self._top - self.view.rows.top
        left, top = min(x, self._now.x), min(y, self._now.y)
        return QRectF(left, top, abs(x - self._now.x), abs(y - self._now.y))

    def drag(self, at: Pointer) -> None:
        self._now = at
        self.selection.set_notes(self._kept | self._layout.within(self._box()))

    def paint(self, painter: QPainter) -> None:
        painter.setPen(QPen(theme.colour("text_2"), 1))
        painter.setBrush(theme.colour("text", 0.08))
        painter.drawRect(self._box().adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setPen(Qt.PenStyle.NoPen)

    def finish(self) -> None:
        pass

    def click(self) -> None:
        """What was clicked, where notes can only be picked; beside all, nothing any more."""
        hit = self._layout.at(self.pressed.x, self.pressed.y)
        self.selection.set_notes(self._kept ^ ({hit.id} if hit is not None else frozenset()))
        if hit is None and not self._kept:
            self.selection.set_span(None)

    def cancel(self) -> None:
        self.selection.set_notes(self._before)
