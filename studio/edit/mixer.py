"""Edits of the mixer strips. Mute and solo are steps of their own, never part of another."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from studio.core.errors import StudioError
from studio.domain.notes import LINEAR, Automation
from studio.domain.project import Project, without_send
from studio.domain.track import LOUDEST_DB, SILENT_DB, Send, TrackId, TrackKind
from studio.edit.command import Edit
from studio.edit.curves import Points, with_moved, with_stroke, without_span
from studio.edit.tracks import changed, track


@dataclass(frozen=True, slots=True)
class SetVolume(Edit):
    label: ClassVar[str] = "Change volume"
    id: TrackId
    volume_db: float
    gesture: int | None = None

    @property
    def merge_key(self) -> Hashable | None:
        return None if self.gesture is None else (SetVolume, self.id, self.gesture)

    def apply(self, project: Project) -> Project:
        db = min(max(self.volume_db, SILENT_DB), LOUDEST_DB)
        return changed(project, track(project, self.id), volume_db=db)


@dataclass(frozen=True, slots=True)
class SetPan(Edit):
    label: ClassVar[str] = "Change pan"
    id: TrackId
    pan: float
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        return changed(project, track(project, self.id), pan=min(max(self.pan, -1.0), 1.0))


@dataclass(frozen=True, slots=True)
class SetMute(Edit):
    label: ClassVar[str] = "Mute"
    ids: frozenset[TrackId]
    muted: bool

    def apply(self, project: Project) -> Project:
        for id in sorted(self.ids):
            project = changed(project, track(project, id), muted=self.muted)
        return project


@dataclass(frozen=True, slots=True)
class SetSolo(Edit):
    """Solo tracks; `exclusive` ends every other solo."""

    label: ClassVar[str] = "Solo"
    ids: frozenset[TrackId]
    soloed: bool
    exclusive: bool = False

    def apply(self, project: Project) -> Project:
        for found in project.tracks:
            if found.kind is TrackKind.MASTER:
                continue
            if found.id in self.ids:
                project = changed(project, found, soloed=self.soloed)
            elif self.exclusive:
                project = changed(project, found, soloed=False)
        return project


@dataclass(frozen=True, slots=True)
class SetSend(Edit):
    """Set, add or (`level_db` None) remove the send of a track to a bus.

    `pre_fader` None leaves a send where it taps the strip; a new one taps it after the fader.
    """

    label: ClassVar[str] = "Change send"
    id: TrackId
    bus: TrackId
    level_db: float | None
    pre_fader: bool | None = None
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        found = track(project, self.id)
        if self.level_db is None:
            after = without_send(found, self.bus)
            return project if after is found else project.with_track(after)
        bus = track(project, self.bus)
        if bus.kind is not TrackKind.BUS:
            raise StudioError(f"{bus.name} is not a bus.")
        if found.kind is TrackKind.MASTER or reaches(project, self.bus, self.id):
            raise StudioError(f"A send from {found.name} to {bus.name} would feed back.")
        old = next((send for send in found.sends if send.bus == self.bus), None)
        pre_fader = (
            self.pre_fader if self.pre_fader is not None else old is not None and old.pre_fader
        )
        send = Send(self.bus, min(max(self.level_db, SILENT_DB), LOUDEST_DB), pre_fader)
        if old is None:
            return changed(project, found, sends=(*found.sends, send))
        return changed(project, found, sends=tuple(send if s is old else s for s in found.sends))


def reaches(project: Project, start: TrackId, goal: TrackId) -> bool:
    """Whether sound of `start` arrives at `goal` through sends."""
    if start == goal:
        return True
    found = project.find_track(start)
    return found is not None and any(reaches(project, send.bus, goal) for send in found.sends)


@dataclass(frozen=True, slots=True)
class SetAutomation(Edit):
    """Replace one automation lane of a track; a lane without points is removed."""

    label: ClassVar[str] = "Draw automation"
    id: TrackId
    lane: Automation
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        found = track(project, self.id)
        others = tuple(a for a in found.automation if a.parameter != self.lane.parameter)
        lanes = (*others, self.lane) if len(self.lane.points) else others
        return changed(project, found, automation=tuple(sorted(lanes, key=lambda a: a.parameter)))


@dataclass(frozen=True, slots=True)
class DrawAutomation(Edit):
    """Write points (song tick, value) in place of all between the first and the last of them."""

    label: ClassVar[str] = "Draw automation"
    id: TrackId
    parameter: str
    points: tuple[tuple[int, float], ...]

    def apply(self, project: Project) -> Project:
        before = automation_of(project, self.id, self.parameter).points
        within = automation_range(self.parameter)
        if any(tick < 0 for tick, _ in self.points):
            raise StudioError("Nothing comes before the song.")
        after = with_stroke(before, self.points, within, LINEAR, LINEAR)
        return _with_points(project, self.id, self.parameter, after)


@dataclass(frozen=True, slots=True)
class EraseAutomation(Edit):
    """Take away the points from `start` to `end` (song ticks, both included)."""

    label: ClassVar[str] = "Erase automation"
    id: TrackId
    parameter: str
    start: int
    end: int

    def apply(self, project: Project) -> Project:
        before = automation_of(project, self.id, self.parameter).points
        kept = without_span(before, self.start, self.end)
        return _with_points(project, self.id, self.parameter, kept)


@dataclass(frozen=True, slots=True)
class MoveAutomationPoint(Edit):
    """Move the point at `tick` to another tick, between its neighbours, and another value."""

    label: ClassVar[str] = "Move automation point"
    id: TrackId
    parameter: str
    tick: int
    to_tick: int
    value: float

    def apply(self, project: Project) -> Project:
        before = automation_of(project, self.id, self.parameter).points
        within = automation_range(self.parameter)
        after = with_moved(before, self.tick, self.to_tick, self.value, within)
        return _with_points(project, self.id, self.parameter, after)


@dataclass(frozen=True, slots=True)
class ShiftAutomation(Edit):
    """Raise or lower a whole lane so that it comes to `value` at `tick`; what is off stays off."""

    label: ClassVar[str] = "Move automation"
    id: TrackId
    parameter: str
    tick: int
    value: float

    def apply(self, project: Project) -> Project:
        points = automation_of(project, self.id, self.parameter).points.copy()
        if not len(points):
            return project
        by = self.value - float(automation_of(project, self.id, self.parameter).at(self.tick)[0])
        low, high = automation_range(self.parameter)
        shifted = np.clip(points["value"] + by, low, high)
        points["value"] = np.where(points["value"] <= low, low, shifted)
        return _with_points(project, self.id, self.parameter, points)


def automation_of(project: Project, id: TrackId, parameter: str) -> Automation:
    """One lane of a track, without points where it has none."""
    lanes = track(project, id).automation
    empty = Automation.of(parameter, [], [])
    return next((lane for lane in lanes if lane.parameter == parameter), empty)


def automation_range(parameter: str) -> tuple[float, float]:
    """The values that a strip's parameter may take; a device's knob takes any here."""
    if parameter == "pan":
        return -1.0, 1.0
    is_level = parameter == "volume" or parameter.startswith("send:")
    return (SILENT_DB, LOUDEST_DB) if is_level else (-math.inf, math.inf)


def _with_points(project: Project, id: TrackId, parameter: str, points: Points) -> Project:
    lane = replace(automation_of(project, id, parameter), points=points)
    return SetAutomation(id, lane).apply(project)
