"""Undo and redo: the earlier songs themselves, bounded by steps and by bytes."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from studio.domain.clip import NoteClip
from studio.domain.project import Project
from studio.edit.command import ChangeSet, Command, changes

MOST_STEPS = 200
MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the history: what it is called, and the song before and after it."""

    label: str
    before: Project
    after: Project
    merge_key: Hashable | None
    nbytes: int


class History:
    """The song as it is, and the way back and forth.

    Undoing restores the very value there was, so nothing can be restored wrongly. Songs share what
    did not change: a step is charged only for the parts that it replaced.
    """

    def __init__(
        self, project: Project, *, most_steps: int = MOST_STEPS, most_bytes: int = MOST_BYTES
    ) -> None:
        self._project = project
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._most_steps = most_steps
        self._most_bytes = most_bytes
        self._open = False  # whether the next command may join the last step

    @property
    def project(self) -> Project:
        return self._project

    @property
    def steps(self) -> tuple[Step, ...]:
        """What can be undone, oldest first."""
        return tuple(self._done)

    @property
    def undone(self) -> tuple[Step, ...]:
        """What can be done again, next first."""
        return tuple(reversed(self._undone))

    @property
    def nbytes(self) -> int:
        return sum(step.nbytes for step in self._done) + sum(step.nbytes for step in self._undone)

    def do(self, command: Command) -> ChangeSet:
        """Apply `command`; an empty change set where it changed nothing (then no step is kept).

        A command whose merge key equals the open step's replaces that step.

        Raises:
            StudioError: From the command; the song is as it was.
        """
        key = command.merge_key
        joins = self._open and key is not None and key == self._last_key
        before = self._done[-1].before if joins else self._project
        after = command.apply(before)
        found = changes(self._project, after)
        if joins:
            self._done.pop()
        self._open = bool(changes(before, after)) and key is not None
        if changes(before, after):
            self._undone.clear()
            self._done.append(Step(command.label, before, after, key, _cost(before, after)))
            self._prune()
        self._project = after
        return found

    def close_step(self) -> None:
        """End a gesture: the next command starts a step of its own whatever its key."""
        self._open = False

    @property
    def _last_key(self) -> Hashable | None:
        return self._done[-1].merge_key if self._done else None

    def undo(self) -> ChangeSet:
        """Go back one step; an empty change set where there is none."""
        if not self._done:
            return ChangeSet()
        step = self._done.pop()
        self._undone.append(step)
        return self._moved(step.before)

    def redo(self) -> ChangeSet:
        """Go forward one step; an empty change set where there is none."""
        if not self._undone:
            return ChangeSet()
        step = self._undone.pop()
        self._done.append(step)
        return self._moved(step.after)

    def cancel(self) -> ChangeSet:
        """Take back the step being made (a gesture broken off) and forget it."""
        if not (self._done and self._open):
            return ChangeSet()
        self._open = False
        return self._moved(self._done.pop().before)

    def jump(self, index: int) -> ChangeSet:
        """Go to the song after step `index` of `steps + undone`; -1 is the song before them all."""
        before = self._project
        while len(self._done) - 1 > index and self._done:
            self.undo()
        while len(self._done) - 1 < index and self._undone:
            self.redo()
        return changes(before, self._project)

    def _moved(self, project: Project) -> ChangeSet:
        self._open = False
        found = changes(self._project, project)
        self._project = project
        return found

    def _prune(self) -> None:
        while len(self._done) > self._most_steps:
            del self._done[0]
        while len(self._done) > 1 and self.nbytes > self._most_bytes:
            del self._done[0]


def _cost(before: Project, after: Project) -> int:
    """Bytes of `before` that only the history holds; what a moved clip shows is not copied."""
    kept = _columns(after)
    lost = {key: nbytes for key, nbytes in _columns(before).items() if key not in kept}
    return 512 + sum(lost.values())


def _columns(project: Project) -> dict[int, int]:
    """Bytes of every note table and automation lane of a song, by the identity of its array."""
    arrays = [lane.points for track in project.tracks for lane in track.automation]
    for _, clip in project.clips():
        if isinstance(clip, NoteClip):
            arrays += [clip.notes.table, *(lane.points for lane in clip.controllers)]
    return {id(array): int(array.nbytes) for array in arrays}
