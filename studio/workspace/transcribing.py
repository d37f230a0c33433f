"""Notes from recordings of the open song, and parts that go with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from studio.ai import by_ear, registry
from studio.ai.by_ear import ByEar
from studio.ai.catalogue import ModelCard
from studio.ai.requests import Controls, Request, Take, Task
from studio.ai.wishes import Wish
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, ClipId
from studio.domain.project import Project
from studio.jobs.queue import Job, Queue, Work
from studio.media.store import MediaStore
from studio.workspace.intents import Settings
from studio.workspace.listening import Listening
from studio.workspace.selection import Selection
from studio.workspace.song import Song
from studio.workspace.takes import Takes

Span = tuple[int, int] | None  # song ticks; None: all of a recording
Then = Callable[[Take], None]


class Transcribing(QObject):
    """Has recordings written down as notes, and parts written that go with them.

    The commands are about the selected clips or, where bars are selected, about the recordings in
    them; each clip's result is a take of its own, and one undo step.

    Signals:
        failed(StudioError): Nothing came of it; the song is as it was.
    """

    failed = Signal(object)

    def __init__(
        self,
        song: Song,
        selection: Selection,
        takes: Takes,
        listening: Listening,
        jobs: Queue,
        work: Callable[[Request], Work[Take]],
        media: Callable[[], MediaStore],
        settings: Callable[[], Settings] = Settings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._song, self._selection, self._takes = song, selection, takes
        self._listening, self._settings = listening, settings
        self._jobs, self._work, self._media = jobs, work, media
        self._running: list[Job[Take]] = []
        self._songs = 0  # how many were opened: what was asked for one is not for the next
        song.replaced.connect(self._on_song_replaced)

    # -- looking ------------------------------------------------------------------------------
    def chosen(self) -> tuple[tuple[AudioClip, Span], ...]:
        """The recordings that a command is about, and which bars of each."""
        selection, project = self._selection, self._song.project
        span = selection.span
        found: list[tuple[AudioClip, Span]] = []
        for track, clip in project.clips():
            if not isinstance(clip, AudioClip):
                continue
            inside = span and clip.start < span[1] and project.clip_end(clip) > span[0]
            if clip.id in selection.clips or (inside and track.id in selection.span_tracks):
                found.append((clip, span if inside else None))
        ranged = [entry for entry in found if entry[1] is not None]
        return tuple(ranged or found)

    # -- asking -------------------------------------------------------------------------------
    def write_down(self, kind: str) -> None:
        """The notes, drums or melody (`by_ear.KINDS`) of the selected recordings."""
        card = registry.default_for(Task.TRANSCRIBE)
        for clip, span in self._some():
            wanted = partial(
                by_ear.write_down, card, self._song.project, clip.id, self._media(), kind, span
            )
            self._try(lambda: self._ask(wanted(), self._place))  # noqa: B023 (called at once)

    def add_part(self, role: str) -> None:
        """A part of `role` ("bass") that goes with the selected recording."""
        for clip, span in self._one():
            self._listening.after_listening(clip, self._later(self._add_part, clip.id, span, role))

    def harmonise(self) -> None:
        """Chords, and a part that plays them, for the tune in the selected recording."""
        for clip, _ in self._one():
            self._listening.after_listening(clip, self._later(self._write_tune, clip.id))

    def cancel(self) -> None:
        """Stop all that is being written."""
        for job in self._running:
            self._jobs.cancel(job)

    # -- step by step -------------------------------------------------------------------------
    def _add_part(self, clip: ClipId, span: Span, role: str) -> None:
        project, ear = self._heard(clip)
        inside = None if span is None else by_ear.span_in(ear, project, span)
        if role == "drums":
            self._write_part(ear, inside, role)
            return
        card = registry.default_for(Task.TRANSCRIBE)
        then = self._later(self._write_to_groove, ear, inside, role)
        self._ask(by_ear.groove(ear, card, self._media()), then)

    def _write_to_groove(self, ear: ByEar, inside: Span, role: str, drums: Take) -> None:
        self._write_part(by_ear.with_groove(ear, drums.result), inside, role)

    def _write_part(self, ear: ByEar, inside: Span, role: str) -> None:
        settings = self._settings()
        card = _card(settings, Task.ADD_PART, role)
        wish = _wish(settings, (role,))
        self._ask(by_ear.add_part(ear, card, wish, self._media(), inside), self._place)

    def _write_tune(self, clip: ClipId) -> None:
        ear = self._heard(clip)[1]
        card = registry.default_for(Task.TRANSCRIBE)
        request = by_ear.tune(ear, card, self._media())
        self._ask(request, self._later(self._harmonise, ear))

    def _harmonise(self, ear: ByEar, sung: Take) -> None:
        settings = self._settings()
        card = _card(settings, Task.HARMONISE, "chords")
        wish = _wish(settings, ())
        self._ask(by_ear.harmonise(ear, card, wish, self._media(), sung), self._place)

    def _heard(self, clip: ClipId) -> tuple[Project, ByEar]:
        """The song as it is, and as a recording in it was heard."""
        project, heard = self._song.project, self._listening.heard_now(clip)[1]
        return project, by_ear.by_ear(project, clip, heard)

    def _place(self, take: Take) -> None:
        by_ear.check_written(take.request, take.result)
        self._takes.add(take, self._takes.new_batch())

    # -- within -------------------------------------------------------------------------------
    def _some(self) -> tuple[tuple[AudioClip, Span], ...]:
        chosen = self.chosen()
        if not chosen:
            self.failed.emit(StudioError("Select a recording first.", "Or bars in which one lies."))
        return chosen

    def _one(self) -> tuple[tuple[AudioClip, Span], ...]:
        chosen = self._some()
        if len(chosen) > 1:
            hint = "A part goes with one of them at a time."
            self.failed.emit(StudioError(f"{len(chosen)} recordings are selected.", hint))
            return ()
        return chosen

    def _ask(self, request: Request, then: Then) -> None:
        job = self._jobs.submit(
            self._work(request),
            on_change=self._takes.watch,
            on_done=self._later(then),
            on_failed=self.failed.emit,
        )
        self._running = [*(other for other in self._running if not other.finished), job]
        self._takes.watch(job)

    def _later(self, call: Callable[..., None], *given: object) -> Callable[..., None]:
        """`call` for as long as this song is open; what it cannot do, it says."""
        songs = self._songs

        def called(*more: object) -> None:
            if songs == self._songs:
                self._try(partial(call, *given, *more))

        return called

    def _try(self, call: Callable[[], None]) -> None:
        try:
            call()
        except StudioError as error:
            self.failed.emit(error)

    def _on_song_replaced(self) -> None:
        self._songs += 1
        self.cancel()


def _card(settings: Settings, task: Task, role: str) -> ModelCard:
    if settings.model and task in registry.card(settings.model).tasks:
        return registry.card(settings.model)
    return registry.default_for(task, role)


def _wish(settings: Settings, instruments: tuple[str, ...]) -> Wish:
    """What the Generate panel says, for a part that goes with a recording."""
    controls = Controls(
        instruments=instruments,
        closeness=settings.closeness,
        surprise=settings.surprise,
        density=settings.density,
        keep_to_scale=settings.keep_to_scale,
        keep_to_chords=settings.keep_to_chords,
    )
    return Wish(settings.prompt, settings.negative, None, settings.seed, controls)
