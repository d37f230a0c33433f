"""Groups of tracks: neighbours that share a name, and move together while they are folded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from studio.core.errors import StudioError
from studio.domain.project import Project
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit.command import Edit


@dataclass(frozen=True, slots=True)
class GroupTracks(Edit):
    """Put tracks that hold clips below the first of them, in a group of a name no other has."""

    label: ClassVar[str] = "Group tracks"
    ids: frozenset[TrackId]
    name: str

    def apply(self, project: Project) -> Project:
        chosen = [track for track in project.sources if track.id in self.ids]
        if not chosen:
            raise StudioError("Select the tracks to group.", "Ctrl+click adds one to the others.")
        others = {t.group for t in project.tracks if t.id not in self.ids}
        name = _unlike(others, self.name.strip() or "Group")
        at = project.tracks.index(chosen[0])
        before = [track for track in project.tracks[:at] if track not in chosen]
        after = [track for track in project.tracks[at:] if track not in chosen]
        grouped = [replace(track, group=name) for track in chosen]
        return _with_order(project, [*before, *grouped, *after])


@dataclass(frozen=True, slots=True)
class UngroupTracks(Edit):
    """Take tracks out of their groups; they stay where they are."""

    label: ClassVar[str] = "Ungroup tracks"
    ids: frozenset[TrackId]

    def apply(self, project: Project) -> Project:
        tracks = [
            replace(t, group="") if t.id in self.ids and t.group else t for t in project.tracks
        ]
        return _with_order(project, tracks)


@dataclass(frozen=True, slots=True)
class RenameGroup(Edit):
    """Give a group another name, which no other group may have."""

    label: ClassVar[str] = "Rename group"
    group: str
    name: str

    def apply(self, project: Project) -> Project:
        others = {track.group for track in project.tracks} - {self.group}
        name = _unlike(others, self.name.strip())
        if not self.group or not self.name.strip():
            return project
        tracks = [replace(t, group=name) if t.group == self.group else t for t in project.tracks]
        return _with_order(project, tracks)


@dataclass(frozen=True, slots=True)
class MoveRows(Edit):
    """Put neighbouring tracks where another one stands, which makes room.

    One that comes to lie inside a group joins it, and one that leaves its own is no longer of it;
    several, such as a folded group, move past a group as a whole.
    """

    label: ClassVar[str] = "Move track"
    ids: tuple[TrackId, ...]
    to: TrackId

    def apply(self, project: Project) -> Project:
        moving = [track for track in project.tracks if track.id in self.ids]
        target = project.find_track(self.to)
        if target is None or not moving or any(t.kind is TrackKind.MASTER for t in moving):
            raise StudioError("That track cannot be moved there.")
        if target in moving:
            return project
        rest = [track for track in project.tracks if track not in moving]
        down = project.tracks.index(moving[0]) < project.tracks.index(target)
        at = rest.index(target) + (1 if down and target.kind is not TrackKind.MASTER else 0)
        if len(moving) > 1:
            at = _past_group(rest, at, down)
        else:
            moving = [replace(moving[0], group=_group_at(rest, at, moving[0].group))]
        return _with_order(project, [*rest[:at], *moving, *rest[at:]])


def run_of(tracks: tuple[Track, ...], id: TrackId) -> tuple[Track, ...]:
    """A track with its neighbours of the same group, in order; alone where it is in none."""
    at = next((index for index, track in enumerate(tracks) if track.id == id), None)
    if at is None or not tracks[at].group:
        return () if at is None else (tracks[at],)
    first, last, group = at, at, tracks[at].group
    while first > 0 and tracks[first - 1].group == group:
        first -= 1
    while last + 1 < len(tracks) and tracks[last + 1].group == group:
        last += 1
    return tracks[first : last + 1]


def _group_at(rest: list[Track], at: int, own: str) -> str:
    """The group of a track that comes between `rest[at - 1]` and `rest[at]`."""
    above = rest[at - 1].group if at > 0 else ""
    below = rest[at].group if at < len(rest) else ""
    if above == below:
        return above
    return own if own in (above, below) else ""


def _past_group(rest: list[Track], at: int, down: bool) -> int:
    """The nearest place that parts no group."""
    while 0 < at < len(rest) and rest[at].group and rest[at - 1].group == rest[at].group:
        at += 1 if down else -1
    return at


def _unlike(others: Iterable[str], name: str) -> str:
    taken = set(others)
    number = 2
    found = name
    while found in taken:
        found, number = f"{name} {number}", number + 1
    return found


def _with_order(project: Project, tracks: list[Track]) -> Project:
    order = tuple(tracks)
    return project if order == project.tracks else replace(project, tracks=order)
