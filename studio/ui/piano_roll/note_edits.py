"""What keys and menus do to notes; the mouse is not needed for any of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from studio.domain.clip import ClipId
from studio.domain.notes import Notes
from studio.edit.command import Command
from studio.edit.notes import (
    ChangeVelocity,
    CopyNotes,
    DeleteNotes,
    FitToKey,
    JoinNotes,
    MoveNotes,
    SetNotes,
    SplitNotes,
)
from studio.edit.phrasing import MoveInKey, QuantiseNotes
from studio.ui.piano_roll.roll_view import RollView


class NoteEdits:
    """Edits of the selected notes; each one is one undo step."""

    def __init__(self, view: RollView) -> None:
        self._view = view
        self._selection = view.studio.selection
        self._clipboard = Notes.empty()  # from the first onset on

    @property
    def _ids(self) -> frozenset[int]:
        return self._selection.notes

    def select_all(self) -> None:
        """Every note the clip lets be heard."""
        clip = self._view.clip
        if clip is not None:
            heard = clip.notes.starting_in(clip.offset, clip.offset + clip.length)
            self._selection.set_notes(clip.notes.id[heard].tolist())

    def select_next(self, by: int) -> None:
        """Select the note after (or before) the selected one, and let it be heard."""
        notes = self._view.notes
        if len(notes):
            chosen = np.flatnonzero(notes.mask_of(self._ids))
            at = int(chosen[-1]) + by if len(chosen) else (0 if by > 0 else -1)
            at %= len(notes)
            self._selection.set_notes({int(notes.id[at])})
            self._view.axis.reveal(int(notes.start[at]) + self._view.shift)
            self._view.audition(int(notes.pitch[at]), int(notes.velocity[at]))

    def delete(self) -> None:
        self._do(lambda clip: DeleteNotes(clip, self._ids))

    def copy(self) -> None:
        chosen = self._view.chosen()
        if len(chosen):
            self._clipboard = chosen.with_columns(start=chosen.start - chosen.start.min())

    def cut(self) -> None:
        self.copy()
        self.delete()

    def paste(self) -> None:
        """Put what was copied at the playhead, and select it; the clip grows where need be."""
        tick = self._view.studio.playback.position_tick
        next_id = self._view.next_id
        command = self._view.adding(
            self._clipboard.with_columns(start=self._clipboard.start + tick)
        )
        if command is not None and self._view.do(command):
            self._selection.set_notes(self._view.made_since(next_id))

    def duplicate(self) -> None:
        """Copy the selected notes right behind themselves, by whole grid steps."""
        chosen = self._view.chosen()
        if not len(chosen):
            return
        start = int(chosen.start.min())
        step = self._view.grid_step(start + self._view.shift)
        length = -(-(int(chosen.end.max()) - start) // step) * step
        next_id = self._view.next_id
        if self._do(lambda clip: CopyNotes(clip, self._ids, length)):
            self._selection.set_notes(self._view.made_since(next_id))

    def split(self) -> None:
        """Cut at the playhead: the selected notes there, else every note there."""
        notes = self._view.notes
        at = self._view.studio.playback.position_tick - self._view.shift
        under = frozenset(notes.id[(notes.start < at) & (notes.end > at)].tolist())
        self._do(lambda clip: SplitNotes(clip, under & self._ids or under, at))

    def join(self) -> None:
        self._do(lambda clip: JoinNotes(clip, self._ids))

    def nudge(self, by_steps: int) -> None:
        chosen = self._view.chosen()
        if len(chosen):
            step = self._view.grid_step(int(chosen.start.min()) + self._view.shift)
            self._do(lambda clip: MoveNotes(clip, self._ids, by_ticks=by_steps * step))

    def transpose(self, semitones: int) -> None:
        """By semitones, or where notes keep to a key by so many of its steps; octaves are both."""
        ids, key = self._ids, self._view.lands_in
        if key is None or semitones % 12 == 0:
            done = ids and self._do(lambda clip: MoveNotes(clip, ids, 0, semitones))
        else:
            done = ids and self._do(lambda clip: MoveInKey(clip, ids, 0, semitones, key))
        if done:
            chosen = self._view.chosen()
            self._view.audition(int(chosen.pitch[-1]), int(chosen.velocity[-1]))

    def change_velocity(self, by: int) -> None:
        if self._ids and self._do(lambda clip: ChangeVelocity(clip, self._ids, by)):
            chosen = self._view.chosen()
            self._view.audition(int(chosen.pitch[-1]), int(chosen.velocity[-1]))

    def quantise(self) -> None:
        """To the grid in force: the selected notes, else all."""
        notes = self._view.notes
        if len(notes):
            ids = self._ids or frozenset(notes.id.tolist())
            step = self._view.grid_step(int(notes.start[0]) + self._view.shift)
            self._do(lambda clip: QuantiseNotes(clip, ids, step))

    def toggle_lock(self) -> None:
        """Lock the selected notes from models, or let all of them go if all are locked."""
        self._toggle("locked", bool(self._view.chosen().locked.all()))

    def toggle_mute(self) -> None:
        self._toggle("muted", bool(self._view.chosen().muted.all()))

    def keep(self) -> None:
        """Accept what a model wrote: the selected notes, else all."""
        ids = self._ids or frozenset(self._view.notes.id.tolist())
        self._do(lambda clip: SetNotes(clip, ids, (("fresh", False),)))

    def fit_to_key(self) -> None:
        """Move notes to the nearest pitch of the key: the selected ones, else all."""
        key = self._view.project.key
        if key is not None:
            ids = self._ids or frozenset(self._view.notes.id.tolist())
            self._do(lambda clip: FitToKey(clip, ids, key))

    def _toggle(self, column: str, on: bool) -> None:
        self._do(lambda clip: SetNotes(clip, self._ids, ((column, not on),)))

    def _do(self, command_for: Callable[[ClipId], Command]) -> bool:
        clip = self._view.clip_id
        return clip is not None and self._view.do(command_for(clip))
