"""The open song: its value, its history, and who is told when it changes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from studio.core.errors import StudioError
from studio.domain.project import Project, new_song
from studio.edit.command import ChangeSet, Command, changes
from studio.edit.history import History, Step


class Song(QObject):
    """Every edit goes through `do`; views redraw what a change set names.

    Signals:
        changed(ChangeSet, origin): The song is another value now; `origin` was given to `do`.
        replaced(): Another song was opened; nothing of the old one is there.
        state_changed(): Undo and redo, the saved mark or the title may have changed.
        failed(StudioError): An edit could not be done; the song is as it was.
    """

    changed = Signal(object, object)
    replaced = Signal()
    state_changed = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = History(new_song())
        self._saved: Project | None = self._history.project
        self._gesture = 0
        self.read_only = False

    # -- looking ------------------------------------------------------------------------------
    @property
    def project(self) -> Project:
        return self._history.project

    @property
    def title(self) -> str:
        return self.project.title

    @property
    def dirty(self) -> bool:
        """Whether there is work that was not saved."""
        return self.project is not self._saved

    @property
    def can_undo(self) -> bool:
        return bool(self._history.steps)

    @property
    def can_redo(self) -> bool:
        return bool(self._history.undone)

    @property
    def undo_label(self) -> str:
        return self._history.steps[-1].label if self.can_undo else ""

    @property
    def redo_label(self) -> str:
        return self._history.undone[0].label if self.can_redo else ""

    @property
    def steps(self) -> tuple[Step, ...]:
        """What can be undone, oldest first."""
        return self._history.steps

    @property
    def undone(self) -> tuple[Step, ...]:
        return self._history.undone

    @property
    def versions(self) -> tuple[Project, ...]:
        """The song as it is, and as undo and redo can make it."""
        steps = (*self.steps, *self.undone)
        return (self.project, *(song for step in steps for song in (step.before, step.after)))

    # -- editing ------------------------------------------------------------------------------
    def new_gesture(self) -> int:
        """A number for the commands of one drag, so that they are one step."""
        self._gesture += 1
        return self._gesture

    def do(self, command: Command, origin: object = None) -> bool:
        """Apply `command`; False (and `failed`) where it cannot be done."""
        try:
            self.attempt(command, origin)
        except StudioError as error:
            self.failed.emit(error)
            return False
        return True

    def attempt(self, command: Command, origin: object = None) -> None:
        """Apply `command`; raises StudioError where it cannot be done."""
        self._tell(self._history.do(command), origin)

    def undo(self, origin: object = None) -> None:
        self._tell(self._history.undo(), origin)

    def redo(self, origin: object = None) -> None:
        self._tell(self._history.redo(), origin)

    def jump(self, index: int) -> None:
        """Go to the song after step `index` of `steps + undone`; -1 is the song before them all."""
        self._tell(self._history.jump(index), None)

    def close_step(self) -> None:
        """End a gesture: what follows is a step of its own."""
        self._history.close_step()

    def cancel_gesture(self, origin: object = None) -> None:
        """Break off the gesture under way: the song is as before it, without a step."""
        self._tell(self._history.cancel(), origin)

    # -- opening and saving -------------------------------------------------------------------
    def open(self, project: Project, *, read_only: bool = False, saved: bool = True) -> None:
        """Put another song in place of this one; `saved`: it is what the disk holds."""
        before = self.project
        self._history = History(project)
        self._saved = project if saved else None
        self.read_only = read_only
        self.replaced.emit()
        self._tell(changes(before, project), None)
        self.state_changed.emit()

    def mark_saved(self, project: Project | None) -> None:
        """`project` is what the disk holds now; None where it holds nothing that can be opened."""
        self._saved = project
        self.state_changed.emit()

    def _tell(self, found: ChangeSet, origin: object) -> None:
        if found:
            self.changed.emit(found, origin)
            self.state_changed.emit()
