"""Notes played with the letter keys, and step input: each chord lands at the playhead, which then
goes on by a step of the grid."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from studio.domain.notes import Notes
from studio.edit.notes import DeleteNotes
from studio.ui.piano_roll.roll_view import RollView

_LETTERS = "AWSEDFTGYHUJKOLP"  # semitones from the octave's C, white keys on the middle row
_OCTAVES = {Qt.Key.Key_Z: -12, Qt.Key.Key_X: 12}
_LOUDER = {Qt.Key.Key_C: -10, Qt.Key.Key_V: 10}
_MOVES = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Backspace)
_SECONDS = 0.5


class NoteKeys:
    """What is held down now, and what it does.

    Attributes:
        lowest: The pitch of the letter A.
        velocity: Of notes played with letters.
    """

    def __init__(self, view: RollView) -> None:
        self._view = view
        self.lowest = 60
        self.velocity = 96
        self._held: set[int] = set()
        self._chord: dict[int, int] = {}  # velocity by pitch, until all keys are up
        self._start = 0  # of the chord, song ticks

    def letter(self, pitch: int) -> str:
        """The letter that plays a key now, or nothing."""
        step = pitch - self.lowest
        return _LETTERS[step] if self._view.typing and 0 <= step < len(_LETTERS) else ""

    # -- the computer's keys ------------------------------------------------------------------
    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key plays or steps, and so is no shortcut now."""
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or self._view.clip is None:
            return False
        key = Qt.Key(event.key())
        plays = self._view.typing and (
            self._pitch(event) is not None or key in _OCTAVES or key in _LOUDER
        )
        return plays or (self._view.stepping and key in _MOVES)

    def pressed(self, event: QKeyEvent) -> bool:
        """Whether the press of a key was for the notes; what repeats by itself plays once."""
        if not self.wants(event):
            return False
        key, pitch = Qt.Key(event.key()), self._pitch(event)
        if self._view.stepping and key in _MOVES:
            self._move(key)
        elif key in _OCTAVES:
            self.lowest = min(max(self.lowest + _OCTAVES[key], 0), 108)
            self._view.habits_changed.emit()
        elif key in _LOUDER:
            self.velocity = min(max(self.velocity + _LOUDER[key], 7), 127)
        elif pitch is not None and not event.isAutoRepeat():
            self.play(pitch, self.velocity)
        return True

    def released(self, event: QKeyEvent) -> bool:
        pitch = self._pitch(event)
        if pitch is None or event.isAutoRepeat() or not self._held:
            return False
        self.let_go(pitch)
        return True

    def _pitch(self, event: QKeyEvent) -> int | None:
        letter = chr(event.key()) if 0x20 < event.key() < 0x7F else ""
        return self.lowest + _LETTERS.index(letter) if letter and letter in _LETTERS else None

    # -- notes --------------------------------------------------------------------------------
    def heard(self, pitch: int, velocity: int) -> None:
        """A key of a MIDI input went down or up: step input writes it; it sounds already."""
        if velocity and self._view.stepping and self._view.clip is not None:
            self._write(pitch, velocity)
        elif not velocity:
            self.let_go(pitch)

    def play(self, pitch: int, velocity: int) -> None:
        """Sound a key; with step input it joins the chord at the playhead."""
        track = self._view.track
        if track is None or not 0 <= pitch <= 127:
            return
        self._view.studio.playback.audition(track.id, pitch, velocity, _SECONDS)
        if self._view.stepping:
            self._write(pitch, velocity)

    def _write(self, pitch: int, velocity: int) -> None:
        if not self._chord:
            self._start = self._view.studio.playback.position_tick
        self._held.add(pitch)
        self._chord[pitch] = velocity
        pitches = sorted(self._chord)
        notes = Notes.of(
            [self._start] * len(pitches), self._step, pitches,
            velocity=[self._chord[p] for p in pitches],
        )  # fmt: skip
        command = self._view.adding(notes)
        if command is not None:
            self._view.propose(command)

    def let_go(self, pitch: int) -> None:
        """A key is up; with the last one the chord is written, as one undo step."""
        self._held.discard(pitch)
        if self._chord and not self._held:
            step, self._chord = self._step, {}
            if self._view.commit():
                self._go_to(self._start + step)

    def let_all_go(self) -> None:
        """The keys are no longer heard of: write what was played."""
        for pitch in list(self._held):
            self.let_go(pitch)

    @property
    def _step(self) -> int:
        return self._view.grid_step(self._start)

    def _move(self, key: Qt.Key) -> None:
        """Right is a rest, Left goes back, Backspace takes the step before away."""
        now = self._view.studio.playback.position_tick
        step = self._view.grid_step(now)
        if key is Qt.Key.Key_Right:
            self._go_to(now + step)
            return
        before = max(now - step, 0)
        clip, clip_id = self._view.song_clip, self._view.clip_id
        if key is Qt.Key.Key_Backspace and clip is not None and clip_id is not None:
            gone = clip.notes.starting_in(before - clip.shift, now - clip.shift)
            self._view.do(DeleteNotes(clip_id, frozenset(clip.notes.id[gone].tolist())))
        self._go_to(before)

    def _go_to(self, tick: int) -> None:
        self._view.studio.playback.seek(tick)
        self._view.axis.reveal(tick)
