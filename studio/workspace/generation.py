"""The next wish: what the Generate panel holds, what it would write, and asking for it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.ai import registry, wishes
from studio.ai.catalogue import ModelCard
from studio.ai.requests import Controls, Request, Result, Take, Task
from studio.ai.wishes import Wish
from studio.ai.words import understand
from studio.core.errors import StudioError
from studio.domain.clip import NoteClip
from studio.domain.gap import Gap
from studio.domain.notes import Notes
from studio.domain.project import ChordSpan, Project
from studio.domain.tempo import TempoMap
from studio.domain.theory import Chord
from studio.domain.track import Track, TrackId
from studio.jobs.queue import Job, Queue, Work
from studio.workspace.selection import Selection
from studio.workspace.song import Song
from studio.workspace.takes import Takes

SEEDS = 100_000


class Intent(StrEnum):
    """What to do; `auto` reads it from the song and the selection."""

    AUTO = "auto"
    EXTEND = "extend"
    EXTEND_BEFORE = "extend_before"
    REWRITE = "rewrite"
    ADD_PART = "add_part"
    LEARN = "learn"


@dataclass(frozen=True, slots=True)
class Settings:
    """The state of the Generate panel."""

    prompt: str = ""
    negative: str = ""
    model: str = ""  # empty: the default for the task
    intent: Intent = Intent.AUTO
    bars: int | None = None  # None: what the words say, else 8
    variations: int = 1
    seed: int = 0
    seed_locked: bool = False
    closeness: float = 0.7
    surprise: float = 0.4
    density: float = 0.5
    keep_to_scale: bool = True
    chords: str = ""  # "Dm7 | G7 | Cmaj7 A7": bars divided by |, chords of a bar by spaces


@dataclass(frozen=True, slots=True)
class Overlay:
    """A gap that is being written: drawn over the views, never part of the song."""

    request: Request
    result: Result
    batch: int = 0

    @property
    def gap(self) -> Gap:
        return self.request.gap

    def notes(self, track: TrackId) -> Notes:
        """What was written on `track` so far, in song ticks."""
        parts = [part.notes for part in self.result.parts if part.track == track]
        return parts[0] if parts else Notes.empty()


class Generation(QObject):
    """Asks the models for takes.

    Signals:
        settings_changed(): The panel's state is another one.
        overlay_changed(): A gap is being written, grew, or is done.
        wanted(): The prompt should take the focus.
        failed(StudioError): A wish could not be made or fulfilled.
    """

    settings_changed = Signal()
    overlay_changed = Signal()
    wanted = Signal()
    failed = Signal(object)

    def __init__(
        self,
        song: Song,
        selection: Selection,
        takes: Takes,
        jobs: Queue,
        work: Callable[[Request], Work[Take]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._song, self._selection, self._takes = song, selection, takes
        self._jobs, self._work = jobs, work
        self._settings = Settings(seed=self._roll())
        self._overlay: Overlay | None = None
        self._running: list[Job[Take]] = []
        self._asked: list[Overlay] = []  # for each of them, nothing written yet
        takes.ask_again = self._ask
        song.replaced.connect(self._on_song_replaced)

    # -- settings -----------------------------------------------------------------------------
    @property
    def settings(self) -> Settings:
        return self._settings

    def set(self, **fields: Any) -> None:
        """Change fields of `settings`."""
        settings = replace(self._settings, **fields)
        if settings != self._settings:
            self._settings = settings
            self.settings_changed.emit()

    def roll_seed(self) -> None:
        self.set(seed=self._roll())

    @staticmethod
    def _roll() -> int:
        """A seed to start from: chance chooses it once, the request carries it ever after."""
        return random.SystemRandom().randrange(SEEDS)

    # -- what would be written ----------------------------------------------------------------
    @property
    def overlay(self) -> Overlay | None:
        return self._overlay

    @property
    def busy(self) -> bool:
        return any(not job.finished for job in self._running)

    def card(self, task: Task) -> ModelCard:
        chosen = self._settings.model
        return registry.card(chosen) if chosen else registry.default_for(task)

    def request(self) -> Request:
        """The request that `go` would make.

        Raises:
            StudioError: Nothing can be written there, or a field cannot be read.
        """
        request = self._request(self._intent())
        chords = self._settings.chords
        if not chords.strip():
            return request
        spans = read_chords(chords, wishes.tempo_of(request), request.gap.start)
        return replace(request, controls=replace(request.controls, chords=spans))

    def _request(self, intent: Intent | None) -> Request:
        song, settings = self._song.project, self._settings
        wish = Wish(
            settings.prompt, settings.negative, settings.bars, settings.seed, self._controls(intent)
        )
        if intent is None:
            return wishes.compose(song, self.card(Task.COMPOSE), wish)
        if intent is Intent.ADD_PART:
            return wishes.add_part(song, self.card(Task.ADD_PART), wish, self._selection.span)
        if intent is Intent.REWRITE:
            return wishes.rewrite(song, self.card(Task.REWRITE), wish, self._selected_gap())
        if intent is Intent.LEARN:
            return wishes.learn(song, self.card(Task.LEARN), wish, self._learning_gap())
        before = intent is Intent.EXTEND_BEFORE
        return wishes.extend(song, self.card(Task.EXTEND), wish, before=before)

    @property
    def counts_bars(self) -> bool:
        """Whether `bars` matters: a selection to rewrite has a length of its own."""
        return self._intent() is not Intent.REWRITE

    def sentence(self) -> str:
        """What will be written, in words, or why nothing can be."""
        try:
            return wishes.sentence(self.request())
        except StudioError as error:
            return str(error)

    def action_words(self) -> str:
        """What the button says."""
        try:
            return wishes.action_words(self.request())
        except StudioError:
            return "Generate"

    # -- asking -------------------------------------------------------------------------------
    def go(self) -> None:
        """Ask for the takes the settings describe; each variation has the next seed."""
        try:
            request = self.request()
        except StudioError as error:
            self.failed.emit(error)
            return
        batch = self._takes.new_batch()
        for index in range(max(self._settings.variations, 1)):
            self._ask(replace(request, seed=(request.seed + index) % SEEDS), batch)
        if not self._settings.seed_locked:
            self.roll_seed()

    def cancel(self) -> None:
        """Stop everything that is being written."""
        for job in self._running:
            self._jobs.cancel(job)

    def _ask(self, request: Request, batch: int) -> None:
        asked = Overlay(request, Result((), request.gap.start), batch)
        self._asked.append(asked)
        if self._overlay is None:
            self._show(asked)
        job = self._jobs.submit(
            self._work(request),
            on_change=lambda job: self._on_job_changed(job, asked),
            on_partial=lambda result: self._show(replace(asked, result=result)),
            on_done=lambda take: self._finish(take, asked),
            on_failed=self.failed.emit,
        )
        self._running = [*(other for other in self._running if not other.finished), job]
        self._takes.watch(job)

    def _on_job_changed(self, job: Job[Take], asked: Overlay) -> None:
        self._takes.watch(job)
        if job.finished:
            self._end(asked)

    def _finish(self, take: Take, asked: Overlay) -> None:
        self._end(asked)
        self._takes.add(take, asked.batch)

    def _end(self, asked: Overlay) -> None:
        """The gap of `asked` is no longer written; the next one that waits is shown."""
        self._asked = [other for other in self._asked if other is not asked]
        if self._overlay is not None and self._overlay.request is asked.request:
            self._show(self._asked[0] if self._asked else None)

    def _on_song_replaced(self) -> None:
        """What is being written is for the song that was open."""
        self.cancel()
        self._asked.clear()
        self._show(None)

    def _show(self, overlay: Overlay | None) -> None:
        self._overlay = overlay
        self.overlay_changed.emit()

    def preview(self) -> Project | None:
        """The song with what was written so far, to be heard.

        None where nothing was, and while another variation of the same wish is heard there.
        """
        overlay = self._overlay
        if overlay is None or not any(len(part.notes) for part in overlay.result.parts):
            return None
        if self._takes.has_placed(overlay.batch):
            return None
        command = wishes.placement(wishes.PREVIEW, overlay.request, overlay.result)
        try:
            return command.apply(self._song.project)
        except StudioError:
            return None

    # -- reading the selection ----------------------------------------------------------------
    def _intent(self) -> Intent | None:
        """None: a song from nothing."""
        song, chosen = self._song.project, self._settings.intent
        if not song.end:
            return None
        if chosen is not Intent.AUTO:
            return chosen
        selection = self._selection
        if selection.span is not None and selection.span_tracks:
            return Intent.REWRITE
        if selection.notes or self._selected_note_clips():
            return Intent.REWRITE
        return Intent.ADD_PART if self._names_new_part(song) else Intent.EXTEND

    def _selected_note_clips(self) -> list[tuple[Track, NoteClip]]:
        """Recordings are passed over: no model here writes into them."""
        found = [self._song.project.find_clip(id) for id in self._selection.clips]
        return [(e[0], e[1]) for e in found if e is not None and isinstance(e[1], NoteClip)]

    def _names_new_part(self, song: Project) -> bool:
        wanted = understand(self._settings.prompt).instruments
        return bool(wanted) and not any(wishes.plays(song, name) for name in wanted)

    def _selected_gap(self) -> Gap:
        selection = self._selection
        if selection.span is not None:
            start, end = selection.span
            return Gap(selection.span_tracks, start, end)
        if selection.notes and selection.note_clip is not None:
            return self._notes_gap()
        clips = self._selected_note_clips()
        if not clips:
            raise StudioError("Nothing is selected.", "Drag over the bars to rewrite.")
        start = min(clip.start for _, clip in clips)
        end = max(clip.end for _, clip in clips)
        return Gap(tuple(dict.fromkeys(track.id for track, _ in clips)), start, end)

    def _notes_gap(self) -> Gap:
        selection = self._selection
        found = self._song.project.find_clip(selection.note_clip) if selection.note_clip else None
        track, clip = found if found is not None else (None, None)
        if track is None or not isinstance(clip, NoteClip):
            raise StudioError("Nothing is selected.", "Drag over the bars to rewrite.")
        heard = clip.notes.starting_in(clip.offset, clip.offset + clip.length)
        notes = clip.notes.where(heard & clip.notes.mask_of(selection.notes))
        if not len(notes):
            raise StudioError("The selected notes are not heard.", "Lengthen their clip first.")
        start, end = int(notes.start.min()), int(notes.end.max())
        low, high = int(notes.pitch.min()), int(notes.pitch.max())
        return Gap((track.id,), start + clip.shift, end + clip.shift, low, high)

    def _learning_gap(self) -> Gap:
        song, clip = self._song.project, self._selection.note_clip
        if clip is None:
            raise StudioError("There is no clip to learn from.", "Open a clip of notes first.")
        track = song.track_of(clip)
        start = song.tempo.next_bar(max(song.clip_end(c) for c in track.clips))
        bars = self._settings.bars or wishes.DEFAULT_BARS
        return Gap((track.id,), start, song.tempo.bar_start(song.tempo.bar_at(start) + bars))

    def _controls(self, intent: Intent | None) -> Controls:
        song, settings = self._song.project, self._settings
        untouched = song.tempo == TempoMap()
        meter = song.tempo.meter_at(0)
        return Controls(
            key=song.key,
            bpm=None if untouched else song.tempo.tempo_at(0),
            meter=None if untouched else (meter.beats, meter.unit),
            closeness=settings.closeness,
            surprise=settings.surprise,
            density=settings.density,
            keep_to_scale=settings.keep_to_scale,
            learn_from=self._selection.note_clip if intent is Intent.LEARN else None,
        )


def read_chords(text: str, tempo: TempoMap, start: int) -> tuple[ChordSpan, ...]:
    """`Dm7 | G7 | Cmaj7 A7` from the bar at `start`; the chords of a bar share it evenly.

    Raises:
        StudioError: A word names no chord.
    """
    spans = []
    bar = tempo.bar_at(start)
    for index, words in enumerate(part.split() for part in text.strip().strip("|").split("|")):
        begin, end = tempo.bar_start(bar + index), tempo.bar_start(bar + index + 1)
        edges = [begin + (end - begin) * i // max(len(words), 1) for i in range(len(words) + 1)]
        for word, left, right in zip(words, edges, edges[1:], strict=False):
            spans.append(ChordSpan(left, right - left, _chord(word)))
    return tuple(spans)


def _chord(word: str) -> Chord:
    try:
        return Chord.parse(word)
    except ValueError:
        raise StudioError(
            f"No chord is called {word}.", "Write chords as Dm7 | G7 | Cmaj7."
        ) from None
