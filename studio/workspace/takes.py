"""Finished takes and running jobs of the open song. Takes are outside undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.ai import wishes
from studio.ai.requests import Request, Take
from studio.core.errors import StudioError
from studio.domain.clip import NoteClip, TakeId
from studio.domain.gap import Gap, Part
from studio.domain.project import Project
from studio.domain.track import TrackId
from studio.edit.takes import KeepNotes, PlaceTake
from studio.jobs.queue import Job
from studio.workspace.song import Song


@dataclass(frozen=True, slots=True)
class Entry:
    """A take as the panel shows it.

    Attributes:
        batch: Variations of one wish share a number.
        number: Counts from 1 within the batch.
        unplaced: Why it is not in the song, or empty.
    """

    take: Take
    batch: int
    number: int
    kept: bool = False
    discarded: bool = False
    favourite: bool = False
    unplaced: str = ""


@dataclass(frozen=True, slots=True)
class _Placement:
    """What placing a take left in the song."""

    before: Project
    after: Project
    gap: Gap  # with the tracks that were written
    contents: str
    created: tuple[tuple[str, TrackId], ...]  # role or name of a new part -> its track


class Takes(QObject):
    """The list of takes, newest first, and the jobs that make more.

    Signals:
        changed(): A take came, or its marks changed.
        jobs_changed(object): This job came, moved or ended.
        logged(Entry): A take came or its marks changed; the song's log of takes is to know.
    """

    changed = Signal()
    jobs_changed = Signal(object)
    logged = Signal(object)

    def __init__(self, song: Song, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._song = song
        self._entries: list[Entry] = []
        self._jobs: list[Job[Any]] = []
        self._placed: dict[TakeId, _Placement] = {}
        self._batches = 0
        self.ask_again: Callable[[Request, int], None] = lambda request, seed: None
        song.changed.connect(self._on_song_changed)

    # -- looking ------------------------------------------------------------------------------
    @property
    def entries(self) -> tuple[Entry, ...]:
        """Takes that were not discarded, newest first."""
        return tuple(entry for entry in reversed(self._entries) if not entry.discarded)

    @property
    def jobs(self) -> tuple[Job[Any], ...]:
        """Jobs under way, oldest first."""
        return tuple(job for job in self._jobs if not job.finished)

    def entry(self, id: TakeId) -> Entry | None:
        return next((entry for entry in self._entries if entry.take.id == id), None)

    def is_placed(self, id: TakeId) -> bool:
        """Whether the song holds exactly what this take wrote."""
        placement = self._placed.get(id)
        if placement is None:
            return False
        project = self._song.project
        return placement.after is project or placement.gap.contents(project) == placement.contents

    # -- making -------------------------------------------------------------------------------
    def new_batch(self) -> int:
        self._batches += 1
        return self._batches

    def watch(self, job: Job[Any]) -> None:
        """Show a job, or how far it is, until it ends."""
        if job not in self._jobs:
            self._jobs.append(job)
        self.jobs_changed.emit(job)
        self._jobs = [other for other in self._jobs if not other.finished]

    def add(self, take: Take, batch: int) -> None:
        """Take in a finished take; the first of its batch is placed in the song as it is."""
        number = 1 + sum(1 for entry in self._entries if entry.batch == batch)
        first = not any(self.is_placed(e.take.id) for e in self._entries if e.batch == batch)
        self._entries = [entry for entry in self._entries if entry.take.id != take.id]
        self._entries.append(Entry(take, batch, number))
        if not (first and self.place(take.id, force=False)):
            self._mark(take.id)

    # -- what the panel does ------------------------------------------------------------------
    def place(self, id: TakeId, *, force: bool = True) -> bool:
        """Write a take into the song, in place of an untouched one of its batch.

        Without `force`, a gap whose contents changed since the wish is left alone and the take is
        kept unplaced.
        """
        entry = self.entry(id)
        if entry is None:
            return False
        self._take_back_variation(entry)
        before = self._song.project
        command = self._command(entry, force)
        try:
            command.apply(before)
        except StudioError as error:
            self._mark(id, unplaced=str(error))
            return False
        self._song.close_step()
        self._song.do(command)
        self._remember(entry, before, command)
        self._mark(id, unplaced="")
        return True

    def use_variation(self, number: int) -> None:
        """Place take `number` (from 1) of the newest batch."""
        newest = self._entries[-1].batch if self._entries else 0
        for entry in self.entries:
            if (
                entry.batch == newest
                and entry.number == number
                and not self.is_placed(entry.take.id)
            ):
                self.place(entry.take.id)

    def keep(self, id: TakeId) -> None:
        """Accept a take: its notes are the musician's own from now on."""
        placement = self._placed.get(id)
        if placement is not None:
            project = self._song.project
            tracks = [project.find_track(track) for track in placement.gap.tracks]
            clips = frozenset(
                clip.id
                for track in tracks
                if track is not None
                for clip in track.clips
                if isinstance(clip, NoteClip)
                and clip.start < placement.gap.end
                and clip.end > placement.gap.start
            )
            self._song.do(KeepNotes(clips))
        self._mark(id, kept=True)

    def discard(self, id: TakeId) -> None:
        """Put a take aside; what it wrote leaves the song if nothing was built on it since."""
        entry = self.entry(id)
        if entry is not None:
            self._take_back(id)
            self._mark(id, discarded=True)

    def favourite(self, id: TakeId) -> None:
        entry = self.entry(id)
        if entry is not None:
            self._mark(id, favourite=not entry.favourite)

    def again(self, id: TakeId, *, new_seed: int | None = None) -> None:
        """Ask for the same once more, with the same seed or another one."""
        entry = self.entry(id)
        if entry is not None:
            seed = entry.take.request.seed if new_seed is None else new_seed
            self.ask_again(entry.take.request, seed)

    # -- opening a song -----------------------------------------------------------------------
    def open(self, entries: list[Entry]) -> None:
        """Show the takes of another song, oldest first."""
        self._entries = list(entries)
        self._batches = max((entry.batch for entry in entries), default=0)
        self._placed.clear()
        self.changed.emit()

    # -- placing ------------------------------------------------------------------------------
    def _take_back_variation(self, entry: Entry) -> None:
        for other in self._entries:
            if other.batch == entry.batch and other.take.id != entry.take.id:
                self._take_back(other.take.id)

    def _take_back(self, id: TakeId) -> None:
        """Undo a placement if the song is exactly as it left it."""
        placement = self._placed.get(id)
        if placement is not None and self._song.project is placement.after and self._song.can_undo:
            self._song.undo()

    def _command(self, entry: Entry, force: bool) -> PlaceTake:
        request = entry.take.request
        command = wishes.placement(entry.take.id, request, entry.take.result, force=force)
        parts = tuple(self._known_track(entry, part) for part in command.parts)
        written = tuple(part.track for part in parts if part.track is not None)
        batch = [other for other in self._entries if other.batch == entry.batch]
        has_room = any(self.is_placed(other.take.id) for other in batch)
        return replace(
            command,
            gap=replace(command.gap, tracks=tuple(dict.fromkeys(command.gap.tracks + written))),
            parts=parts,
            room_bars=0 if has_room else command.room_bars,
        )

    def _known_track(self, entry: Entry, part: Part) -> Part:
        """A new part goes on the track another variation of the batch made for its role, if any."""
        if part.track is not None:
            return part
        for other in self._entries:
            placement = self._placed.get(other.take.id)
            if other.batch == entry.batch and placement is not None:
                track = dict(placement.created).get(part.role or part.name)
                if track is not None and self._song.project.find_track(track) is not None:
                    return replace(part, track=track)
        return part

    def _remember(self, entry: Entry, before: Project, command: PlaceTake) -> None:
        after = self._song.project
        old = {track.id for track in before.tracks}
        made = [track.id for track in after.tracks if track.id not in old]
        fresh = [part.role or part.name for part in command.parts if part.track is None]
        created = tuple(zip(fresh, made, strict=True)) if len(fresh) == len(made) else ()
        gap = replace(command.gap, tracks=(*command.gap.tracks, *made))
        self._placed[entry.take.id] = _Placement(before, after, gap, gap.contents(after), created)

    def _mark(self, id: TakeId, **marks: Any) -> None:
        for index, entry in enumerate(self._entries):
            if entry.take.id == id:
                self._entries[index] = replace(entry, **marks)
                self.logged.emit(self._entries[index])
        self.changed.emit()

    def _on_song_changed(self, found: object, origin: object) -> None:
        if self._placed:
            self.changed.emit()
