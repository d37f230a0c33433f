"""Edits of tracks and of their device chains."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from studio.core.errors import StudioError
from studio.domain.device import SOUNDFONT, Device, DeviceId, soundfont
from studio.domain.notes import Automation
from studio.domain.project import Project
from studio.domain.track import Frozen, Track, TrackId, TrackKind
from studio.edit.command import Edit


def track(project: Project, id: TrackId) -> Track:
    """The track `id`. Raises StudioError where there is none."""
    found = project.find_track(id)
    if found is None:
        raise StudioError("That track is no longer there.")
    return found


def changed(project: Project, before: Track, **fields: Any) -> Project:
    """The song with fields of a track replaced; the same song where they already were so."""
    after = replace(before, **fields)
    return project if after == before else project.with_track(after)


@dataclass(frozen=True, slots=True)
class AddTrack(Edit):
    """Add a track whose id is new (`Project.new_track_id`), at a row or after its kind."""

    label: ClassVar[str] = "Add track"
    track: Track
    at: int | None = None

    def apply(self, project: Project) -> Project:
        if self.track.kind is TrackKind.MASTER:
            raise StudioError("A song has one master.")
        if project.find_track(self.track.id) is not None:
            raise StudioError("A track of this name is already in the song.")
        return project.with_new_track(self.track, self.at)


@dataclass(frozen=True, slots=True)
class DeleteTracks(Edit):
    """Remove tracks with their clips; sends to a removed bus go with it. The master stays."""

    label: ClassVar[str] = "Delete tracks"
    ids: frozenset[TrackId]

    def apply(self, project: Project) -> Project:
        for found in project.tracks:
            if found.id in self.ids and found.kind is not TrackKind.MASTER:
                project = project.without_track(found.id)
        return project


@dataclass(frozen=True, slots=True)
class MoveTrack(Edit):
    """Put a track at another row; the master stays last."""

    label: ClassVar[str] = "Move track"
    id: TrackId
    to: int
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        moving = track(project, self.id)
        if moving.kind is TrackKind.MASTER:
            raise StudioError("The master stays at the end.")
        rest = [t for t in project.tracks if t.id != self.id]
        at = min(max(self.to, 0), len(rest) - 1)
        order = (*rest[:at], moving, *rest[at:])
        return project if order == project.tracks else replace(project, tracks=order)


@dataclass(frozen=True, slots=True)
class SetTrack(Edit):
    """Set `name`, `color` or `role` of a track."""

    label: ClassVar[str] = "Change track"
    id: TrackId
    fields: tuple[tuple[str, Any], ...]

    def apply(self, project: Project) -> Project:
        fields = dict(self.fields)
        unknown = fields.keys() - {"name", "color", "role"}
        if unknown:
            raise StudioError(f"A track has no {', '.join(sorted(unknown))}.")
        return changed(project, track(project, self.id), **fields)


@dataclass(frozen=True, slots=True)
class DuplicateTrack(Edit):
    """Copy a track with clips, devices and mixer below itself; ids count from `Project.next_id`.

    Only the original stays armed.
    """

    label: ClassVar[str] = "Duplicate track"
    id: TrackId

    def apply(self, project: Project) -> Project:
        original = track(project, self.id)
        if original.kind is TrackKind.MASTER:
            raise StudioError("A song has one master.")
        count = len(original.devices)
        devices = tuple(
            replace(device, id=project.new_device_id(1 + i))
            for i, device in enumerate(original.devices)
        )
        renamed = {old.id: new.id for old, new in zip(original.devices, devices, strict=True)}
        automation = tuple(_renamed(lane, renamed) for lane in original.automation)
        clips = tuple(
            replace(clip, id=project.new_clip_id(1 + count + i))
            for i, clip in enumerate(original.clips)
        )
        copy = replace(original, id=project.new_track_id(), name=f"{original.name} copy",
                       devices=devices, clips=clips, automation=automation,
                       input=replace(original.input, armed=False))  # fmt: skip
        at = [t.id for t in project.tracks].index(self.id) + 1
        return project.with_new_track(copy, at)


def _renamed(lane: Automation, renamed: dict[DeviceId, DeviceId]) -> Automation:
    device, colon, name = lane.parameter.partition(":")
    if not colon or DeviceId(device) not in renamed:
        return lane
    return replace(lane, parameter=f"{renamed[DeviceId(device)]}:{name}")


@dataclass(frozen=True, slots=True)
class FreezeTrack(Edit):
    """Play a track from what it was frozen to; None thaws it."""

    label: ClassVar[str] = "Freeze track"
    id: TrackId
    frozen: Frozen | None

    def apply(self, project: Project) -> Project:
        return changed(project, track(project, self.id), frozen=self.frozen)


@dataclass(frozen=True, slots=True)
class SetInstrument(Edit):
    """Choose the General MIDI sound of an instrument track."""

    label: ClassVar[str] = "Change instrument"
    id: TrackId
    program: int
    drums: bool = False

    def apply(self, project: Project) -> Project:
        found = track(project, self.id)
        if found.kind is not TrackKind.INSTRUMENT:
            raise StudioError(f"{found.name} is not an instrument track.")
        if not 0 <= self.program <= 127:
            raise StudioError("A sound's number lies between 0 and 127.")
        id = found.instrument.id if found.instrument is not None else project.new_device_id()
        chosen = soundfont(id, self.program, self.drums)
        grown = changed(project, found, devices=(chosen, *found.effects))
        return grown.counted_past(id)


@dataclass(frozen=True, slots=True)
class AddDevice(Edit):
    """Put an effect into a chain, by default at its end. Its id must be new."""

    label: ClassVar[str] = "Add device"
    track: TrackId
    device: Device
    at: int | None = None

    def apply(self, project: Project) -> Project:
        found = track(project, self.track)
        if self.device.kind == SOUNDFONT:
            raise StudioError("A track has one instrument; change it instead.")
        if any(d.id == self.device.id for t in project.tracks for d in t.devices):
            raise StudioError("This device is already in the song.")
        first = 1 if found.instrument is not None else 0
        at = len(found.devices) if self.at is None else min(max(self.at, first), len(found.devices))
        devices = (*found.devices[:at], self.device, *found.devices[at:])
        return changed(project, found, devices=devices).counted_past(self.device.id)


@dataclass(frozen=True, slots=True)
class RemoveDevice(Edit):
    """Take an effect out of its chain, with its automation."""

    label: ClassVar[str] = "Remove device"
    id: DeviceId

    def apply(self, project: Project) -> Project:
        owner, device = find_device(project, self.id)
        if device.kind == SOUNDFONT:
            raise StudioError("An instrument track keeps its instrument.")
        devices = tuple(d for d in owner.devices if d.id != self.id)
        lanes = tuple(a for a in owner.automation if not a.parameter.startswith(f"{self.id}:"))
        return changed(project, owner, devices=devices, automation=lanes)


@dataclass(frozen=True, slots=True)
class MoveDevice(Edit):
    """Put an effect at another place of its chain; an instrument stays first."""

    label: ClassVar[str] = "Move device"
    id: DeviceId
    to: int

    def apply(self, project: Project) -> Project:
        owner, device = find_device(project, self.id)
        if device.kind == SOUNDFONT:
            raise StudioError("The instrument stays first.")
        rest = [d for d in owner.devices if d.id != self.id]
        first = 1 if owner.instrument is not None else 0
        at = min(max(self.to, first), len(rest))
        return changed(project, owner, devices=(*rest[:at], device, *rest[at:]))


@dataclass(frozen=True, slots=True)
class SetDevice(Edit):
    """Set one parameter of a device, or bypass it (`parameter` empty, `value` 1 or 0)."""

    label: ClassVar[str] = "Change device"
    id: DeviceId
    parameter: str
    value: float
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        owner, device = find_device(project, self.id)
        if self.parameter:
            after = device.with_parameter(self.parameter, self.value)
        else:
            after = replace(device, bypassed=bool(self.value))
        devices = tuple(after if d.id == self.id else d for d in owner.devices)
        return changed(project, owner, devices=devices)


@dataclass(frozen=True, slots=True)
class SetKnobs(Edit):
    """Set several parameters of a device at once, as a preset does; `preset` names one chosen."""

    label: ClassVar[str] = "Change device"
    id: DeviceId
    values: tuple[tuple[str, float], ...]
    preset: str | None = None
    gesture: int | None = None

    def apply(self, project: Project) -> Project:
        owner, after = find_device(project, self.id)
        if after.kind == SOUNDFONT:
            raise StudioError("An instrument has no such knobs.")
        for name, value in self.values:
            after = after.with_parameter(name, value)
        if self.preset is not None:
            after = replace(after, state=self.preset)
        devices = tuple(after if d.id == self.id else d for d in owner.devices)
        return changed(project, owner, devices=devices)


def find_device(project: Project, id: DeviceId) -> tuple[Track, Device]:
    """A device and the track it is on. Raises StudioError where there is none."""
    for owner in project.tracks:
        for device in owner.devices:
            if device.id == id:
                return owner, device
    raise StudioError("That device is no longer there.")
