"""What the parts of one editing view share: the song as it is shown, time axis, snap and tool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from studio.core.errors import StudioError
from studio.domain.clip import ClipId
from studio.domain.project import Project
from studio.edit.command import Command
from studio.ui.bindings import Bindings
from studio.ui.canvas.axis import Follow, TimeAxis
from studio.ui.canvas.snap import Landing, Snap, elements_of
from studio.workspace.studio import Studio


@dataclass(frozen=True, slots=True)
class Chain:
    """Several commands as one edit with one name."""

    label: str
    commands: tuple[Command, ...]
    merge_key: None = None

    def apply(self, project: Project) -> Project:
        for command in self.commands:
            project = command.apply(project)
        return project


class View(QObject):
    """The state of one editing view; nothing of it is part of the song.

    A drag proposes commands: what is shown is the song as the command would leave it, and the song
    itself changes once, when the drag ends. So a drag is one undo step, and breaking it off leaves
    no trace.

    Attributes:
        shown_changed: The song, or what a drag makes of it, looks different.
    """

    shown_changed = Signal()
    tool_changed = Signal()

    def __init__(self, studio: Studio, axis: TimeAxis, tools: tuple[str, ...]) -> None:
        super().__init__()
        self.studio = studio
        self.axis = axis
        self.snap = Snap(self)
        self.snap_line: int | None = None  # the tick at which a drag met something
        self.said = ""  # a value shown beside the pointer while a drag lasts
        self.tools = tools
        self.tool = tools[0]
        self._followed: bool | None = None  # the preference as it was last taken over
        self._proposed: Command | None = None
        self._shown: Project | None = None
        self._elements: tuple[Project, frozenset[ClipId], npt.NDArray[np.int64]] | None = None
        axis.setParent(self)
        self._follow_as_set()
        self.bindings = Bindings()
        self.bindings.connect(studio.song.changed, self._on_song_changed)
        self.bindings.connect(studio.settings_changed, self._follow_as_set)

    # -- what is shown ------------------------------------------------------------------------
    @property
    def project(self) -> Project:
        """The song as it is shown: during a drag, as the drag would leave it."""
        return self._shown if self._shown is not None else self.studio.song.project

    @property
    def is_proposing(self) -> bool:
        return self._shown is not None

    def propose(self, command: Command) -> bool:
        """Show what `command` would do; False where it cannot be done (then nothing changes)."""
        try:
            self._shown = command.apply(self.studio.song.project)
        except StudioError:
            return False
        self._proposed = command
        self.shown_changed.emit()
        return True

    def commit(self) -> bool:
        """Do what was proposed last, as one undo step."""
        command = self._proposed
        self._end()
        if command is None:
            self.shown_changed.emit()
            return False
        return self.do(command)

    def drop(self) -> None:
        """Forget what was proposed."""
        self._end()
        self.shown_changed.emit()

    def _end(self) -> None:
        self._proposed = self._shown = self.snap_line = None
        self.said = ""

    def do(self, command: Command) -> bool:
        """Change the song, as an undo step of its own; whether that could be done."""
        done = self.studio.song.do(command, self)
        self.studio.song.close_step()
        return done

    # -- tools and snap -----------------------------------------------------------------------
    def set_tool(self, name: str) -> None:
        """Raises ValueError for a tool this view does not have."""
        if name not in self.tools:
            raise ValueError(f"there is no tool {name!r} here")
        if name != self.tool:
            self.tool = name
            self.tool_changed.emit()

    def land(
        self, tick: int, *, bypass: bool = False, without: frozenset[ClipId] = frozenset()
    ) -> Landing:
        """Where an edge at `tick` lands; clips of `without` do not attract."""
        elements = np.append(self._standing(without), self.studio.playback.position_tick)
        elements.sort()
        return self.snap.land(self.project.tempo, tick, self.axis, elements, bypass=bypass)

    def _standing(self, without: frozenset[ClipId]) -> npt.NDArray[np.int64]:
        song, kept = self.studio.song.project, self._elements
        if kept is None or kept[0] is not song or kept[1] != without:
            self._elements = kept = (song, without, elements_of(song, without))
        return kept[2]

    def grid_step(self, tick: int) -> int:
        """The grid in force at `tick`, ticks; what a nudge moves by."""
        return self.snap.step(self.project.tempo, tick, self.axis.scale)

    def stepped(self, start: int, by: int) -> int:
        """`by` ticks from `start` as whole steps of the grid: what is moved keeps its distance from
        the lines; `by` itself while snapping is off."""
        if not self.snap.on:
            return by
        line = self.snap.floor(self.project.tempo, start, self.axis.scale)
        landing = Landing(
            self.snap.nearest_line(self.project.tempo, max(line + by, 0), self.axis.scale), True
        )
        self.mark(landing)
        return landing.tick - line

    def mark(self, landing: Landing) -> None:
        """Show the snap line there (none where nothing was met), and say the bar and beat."""
        self.snap_line = landing.tick if landing.snapped else None
        at = self.project.tempo.position(landing.tick)
        self.said = f"{at.bar}.{at.beat}.{at.tick:03d}"

    def _follow_as_set(self) -> None:
        """Take over the preference; in which way to follow stays this view's own."""
        wanted, axis = self.studio.settings.follow_playhead, self.axis
        if wanted != self._followed:
            self._followed = wanted
            axis.follow = Follow.PAGE if wanted else Follow.OFF

    def _on_song_changed(self, found: object, origin: object) -> None:
        if self._proposed is None:
            self.shown_changed.emit()
        elif not self.propose(self._proposed):  # what was being dragged is gone
            self.drop()
