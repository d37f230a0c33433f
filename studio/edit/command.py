"""What an edit is: a frozen value with a name, that turns one song into the next."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from studio.domain.clip import ClipId
from studio.domain.project import Project
from studio.domain.track import Track, TrackId


class Command(Protocol):
    """One edit. Implementations are frozen dataclasses; equal commands do the same thing."""

    @property
    def label(self) -> str:
        """What the history calls it: "Move notes"."""
        ...

    @property
    def merge_key(self) -> Hashable | None:
        """Neighbouring commands with an equal key that is not None are one undo step: the later one
        is applied to the song as it was before the earlier one, and takes its place."""
        ...

    def apply(self, project: Project) -> Project:
        """The song after the edit; `project` itself where nothing changes.

        Raises:
            StudioError: The edit cannot be done; the song is as it was.
        """
        ...


class Edit:
    """Base of the commands: a class-wide label, and one undo step for each gesture.

    A command that carries a `gesture` number states the whole gesture so far (the total distance of
    a drag, every note a brush has touched); the history applies it to the song as it was before the
    gesture began, so that nothing adds up and a drag against an edge comes back exactly.
    """

    __slots__ = ()
    label: ClassVar[str] = ""

    @property
    def merge_key(self) -> Hashable | None:
        gesture = getattr(self, "gesture", None)
        return None if gesture is None else (type(self), gesture)


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What differs between two songs, found by identity (`is not`).

    Attributes:
        tracks: Tracks that are new, gone or changed in any way.
        clips: Clips that are new, gone or changed.
        strips: Tracks whose mixer, devices, sends, name or colour changed.
        order: Tracks came, went or moved.
        time: The tempo map changed.
        lanes: Key, chords or markers changed.
    """

    tracks: frozenset[TrackId] = frozenset()
    clips: frozenset[ClipId] = frozenset()
    strips: frozenset[TrackId] = frozenset()
    order: bool = False
    time: bool = False
    lanes: bool = False

    def __bool__(self) -> bool:
        return bool(self.tracks or self.order or self.time or self.lanes)


def changes(before: Project, after: Project) -> ChangeSet:
    """The difference between two songs; costs one comparison of references a track and clip."""
    old = {track.id: track for track in before.tracks}
    new = {track.id: track for track in after.tracks}
    tracks = frozenset(i for i in old.keys() | new.keys() if old.get(i) is not new.get(i))
    clips: set[ClipId] = set()
    strips: set[TrackId] = set()
    for id in tracks:
        was, now = old.get(id), new.get(id)
        clips |= _changed_clips(was, now)
        if was is None or now is None or _strip(was) != _strip(now):
            strips.add(id)
    return ChangeSet(
        tracks,
        frozenset(clips),
        frozenset(strips),
        order=[t.id for t in before.tracks] != [t.id for t in after.tracks],
        time=before.tempo is not after.tempo,
        lanes=_lanes(before) != _lanes(after),
    )


def _changed_clips(was: Track | None, now: Track | None) -> set[ClipId]:
    old = {clip.id: clip for clip in was.clips} if was is not None else {}
    new = {clip.id: clip for clip in now.clips} if now is not None else {}
    return {i for i in old.keys() | new.keys() if old.get(i) is not new.get(i)}


def _strip(track: Track) -> tuple[object, ...]:
    """Everything of a track but its clips; automation by identity."""
    mixer = (track.volume_db, track.pan, track.muted, track.soloed, track.sends, track.devices)
    lanes = tuple(id(lane) for lane in track.automation)
    return (
        track.name,
        track.color,
        track.role,
        track.group,
        track.frozen,
        track.input,
        *mixer,
        *lanes,
    )


def _lanes(project: Project) -> tuple[object, ...]:
    return project.key, project.chords, project.markers, project.title
