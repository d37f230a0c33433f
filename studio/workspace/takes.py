"""Finished takes and running jobs of the open song. Takes are outside undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from PySide6.QtCore import QObject, Signal

from studio.ai import by_ear, sound_wishes, wishes
from studio.ai.phrases import action_words
from studio.ai.requests import Request, Take, Task
from studio.core.errors import StudioError
from studio.domain.clip import ClipId, TakeId
from studio.domain.gap import Gap, NoteSet, Part
from studio.domain.project import Project
from studio.edit.painting import PlacePainted
from studio.edit.stems import PlaceStems
from studio.edit.takes import KeepNotes, PlaceTake
from studio.edit.transcribing import PlaceBeside
from studio.jobs.queue import Job
from studio.workspace import placements
from studio.workspace.placements import Placement
from studio.workspace.song import Song

Placing: TypeAlias = PlaceTake | PlaceStems | PlaceBeside | PlacePainted


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

    @property
    def writes(self) -> bool:
        """Whether it brings something into the song; listening only tells."""
        return self.take.request.task is not Task.LISTEN


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
        self._placed: dict[TakeId, Placement] = {}
        self._batches = 0
        self.ask_again: Callable[[Request, int], None] = lambda request, batch: None
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
        return placement is not None and placement.stands_in(self._song.project)

    def has_placed(self, batch: int) -> bool:
        """Whether the song holds a take of this batch."""
        return any(self.is_placed(e.take.id) for e in self._entries if e.batch == batch)

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
        """Take in a finished take; the first of its batch that writes is placed in the song as it
        is."""
        known = self.entry(take.id)
        if known is not None and known.batch == batch:
            self._mark(take.id, discarded=False)
            return
        self._entries = [entry for entry in self._entries if entry is not known]
        number = 1 + max((e.number for e in self._entries if e.batch == batch), default=0)
        entry = Entry(take, batch, number)
        self._entries.append(entry)
        waits = entry.writes and number == 1 and not self.is_placed(take.id)
        if not (waits and self.place(take.id, force=False)):
            self._mark(take.id)

    # -- what the panel does ------------------------------------------------------------------
    def place(self, id: TakeId, *, force: bool = True) -> bool:
        """Write a take into the song, in place of an untouched one of its batch.

        Without `force`, a gap whose contents changed since the wish is left alone and the take is
        kept unplaced.
        """
        entry = self.entry(id)
        if entry is None or not entry.writes:
            return False
        taken_back = self._take_back_variations(entry)
        before = self._song.project
        self._song.close_step()
        try:
            command = self._command(entry, force)
            self._song.attempt(command)
        except StudioError as error:
            for _ in range(taken_back):
                self._song.redo()
            self._mark(id, unplaced=str(error))
            return False
        self._remember(entry, before, command)
        self._mark(id, unplaced="")
        return True

    def use_variation(self, number: int) -> None:
        """Place take `number` (from 1) of the newest batch."""
        newest = max((entry.batch for entry in self.entries if entry.writes), default=0)
        for entry in self.entries:
            wanted = (entry.batch, entry.number) == (newest, number)
            if wanted and not self.is_placed(entry.take.id):
                self.place(entry.take.id)

    def keep(self, id: TakeId) -> None:
        """Accept a take: its notes are the musician's own from now on."""
        placement = self._placed.get(id)
        if placement is not None:
            stands = placement.stands_in(self._song.project)
            self._song.do(KeepNotes(self._clips_of(placement.gap), placement.gap))
            if stands:
                contents = placement.gap.contents(self._song.project)
                self._placed[id] = replace(placement, kept=contents)
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
        """Ask for the same once more, with the same seed or another one, as a further variation."""
        entry = self.entry(id)
        if entry is not None:
            request = entry.take.request
            seed = request.seed if new_seed is None else new_seed
            self.ask_again(replace(request, seed=seed), entry.batch)

    # -- opening a song -----------------------------------------------------------------------
    def open(self, entries: list[Entry]) -> None:
        """Show the takes of another song, oldest first."""
        self._entries = list(entries)
        self._batches = max((entry.batch for entry in entries), default=0)
        places = {e.take.id: placements.found(e.take, self._song.project) for e in entries}
        self._placed = {id: place for id, place in places.items() if place is not None}
        self.changed.emit()

    # -- placing ------------------------------------------------------------------------------
    def _take_back_variations(self, entry: Entry) -> int:
        """Take back other takes of the same batch; how many there were."""
        batch = [other for other in self._entries if other.batch == entry.batch]
        return sum(self._take_back(other.take.id) for other in batch if other is not entry)

    def _take_back(self, id: TakeId) -> bool:
        """Undo a placement if it is the last thing that was done to the song."""
        placement, last = self._placed.get(id), self._song.steps[-1:]
        done = any(
            placement is not None
            and step.before is placement.before
            and step.after is placement.after
            for step in last
        )
        if done:
            self._song.undo()
        return done

    def _clips_of(self, gap: Gap) -> frozenset[ClipId]:
        tracks = (self._song.project.find_track(id) for id in gap.tracks)
        clips = (clip for track in tracks if track is not None for clip in track.clips)
        return frozenset(clip.id for clip in clips)

    def _made_room(self, batch: int) -> bool:
        """Whether the empty bars in front of a take of this batch are in the song."""
        made = [self._placed.get(e.take.id) for e in self._entries if e.batch == batch]
        songs = [placement.after for placement in made if placement is not None]
        return self.has_placed(batch) or any(
            step.after is song for step in self._song.steps for song in songs
        )

    def _command(self, entry: Entry, force: bool) -> Placing:
        request = entry.take.request
        if request.task is Task.PAINT:
            return sound_wishes.painted_placement(
                entry.take.id, request, entry.take.result, force=force
            )
        if request.task is Task.SEPARATE:
            return sound_wishes.placement(entry.take.id, request, entry.take.result, force=force)
        if request.controls.audio is not None:
            return by_ear.placement(entry.take.id, request, entry.take.result, force=force)
        command = wishes.placement(entry.take.id, request, entry.take.result, force=force)
        parts = tuple(self._known_track(entry, part) for part in command.parts)
        written = tuple(part.track for part in parts if part.track is not None)
        notes = self._standing_notes(entry) if command.gap.notes else ()
        has_room = bool(command.room_bars) and self._made_room(entry.batch)
        return replace(
            command,
            gap=replace(
                command.gap,
                tracks=tuple(dict.fromkeys(command.gap.tracks + written)),
                notes=notes or command.gap.notes,
            ),
            parts=parts,
            room_bars=0 if has_room else command.room_bars,
            label=action_words(request),
        )

    def _standing_notes(self, entry: Entry) -> NoteSet:
        """The notes that the variation now in the song brought: these give way to the next one,
        as those that the gap names are gone."""
        made = [self._placed.get(e.take.id) for e in self._entries if e.batch == entry.batch]
        placed = [placement for placement in made if placement is not None]
        latest = [p for step in reversed(self._song.steps) for p in placed if step.after is p.after]
        latest += [p for p in placed if p.stands_in(self._song.project)]
        return latest[0].gap.notes if latest else ()

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

    def _remember(self, entry: Entry, before: Project, command: Placing) -> None:
        after = self._song.project
        if not isinstance(command, PlaceTake):
            placed = placements.of_clips(entry.take, before, after)
            if placed is not None:
                self._placed[entry.take.id] = placed
            return
        old = {track.id for track in before.tracks}
        made = [track.id for track in after.tracks if track.id not in old]
        fresh = [part.role or part.name for part in command.parts if part.track is None]
        created = tuple(zip(fresh, made, strict=True)) if len(fresh) == len(made) else ()
        gap = replace(command.gap, tracks=(*command.gap.tracks, *made))
        if gap.notes and not command.played:
            gap = replace(gap, notes=placements.came(before, after, gap))
        self._placed[entry.take.id] = Placement(before, after, gap, created)

    def _mark(self, id: TakeId, **marks: Any) -> None:
        for index, entry in enumerate(self._entries):
            if entry.take.id == id:
                self._entries[index] = replace(entry, **marks)
                self.logged.emit(self._entries[index])
        self.changed.emit()

    def _on_song_changed(self, found: object, origin: object) -> None:
        if self._placed:
            self.changed.emit()
