"""Notes from recordings of the open song, and parts that go with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Self, TypeVar

from PySide6.QtCore import QObject

from studio.ai import by_ear, registry
from studio.ai.by_ear import ByEar
from studio.ai.catalogue import ModelCard
from studio.ai.listening.heard import Heard
from studio.ai.requests import Controls, Request, Take, Task
from studio.ai.wishes import Wish
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, ClipId
from studio.domain.project import Project
from studio.jobs.queue import Queue, Work
from studio.media.store import MediaStore
from studio.workspace.asking import Asking
from studio.workspace.intents import Settings
from studio.workspace.listening import Listening
from studio.workspace.reckoning import Reckon
from studio.workspace.selection import Selection
from studio.workspace.song import Song
from studio.workspace.takes import Takes

Span = tuple[int, int] | None  # song ticks; None: all of a recording
Then = Callable[[Take], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Found:
    """A song as a recording of it was heard, and the bars of that which are wanted; None: all."""

    ear: ByEar
    span: Span

    @classmethod
    def of(cls, project: Project, clip: ClipId, heard: Heard, span: Span) -> Self:
        ear = by_ear.by_ear(project, clip, heard)
        return cls(ear, None if span is None else by_ear.span_in(ear, project, span))

    def with_groove(self, drums: Take) -> Self:
        return replace(self, ear=by_ear.with_groove(self.ear, drums.result))


class Transcribing(Asking):
    """Has recordings written down as notes, and parts written that go with them.

    The commands are about the selected clips or, where bars are selected, about the recordings in
    them; each clip's result is a take of its own, and one undo step.
    """

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
        super().__init__(song, takes, jobs, work, media, parent)
        self._selection, self._listening, self._settings = selection, listening, settings
        self._songs = 0  # how many were opened: what was asked for one is not for the next

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
        song, media = self._song.project, self._media()
        for clip, span in self._some():
            wanted = partial(by_ear.write_down, card, song, clip.id, media, kind, span)
            self._try(lambda: self._ask(wanted()))  # noqa: B023 (called at once)

    def add_part(self, role: str) -> None:
        """A part of `role` ("bass") that goes with the selected recording."""
        for clip, span in self._one():
            self._listening.after_listening(clip, self._later(self._add_part, clip.id, span, role))

    def harmonise(self) -> None:
        """Chords, and a part that plays them, for the tune in the selected recording."""
        for clip, _ in self._one():
            self._listening.after_listening(clip, self._later(self._write_tune, clip.id))

    # -- step by step -------------------------------------------------------------------------
    def _add_part(self, clip: ClipId, span: Span, role: str) -> None:
        then = self._write_part if role == "drums" else self._find_groove
        self._reckon(self._as_heard(clip, span), partial(then, role))

    def _find_groove(self, role: str, found: _Found) -> None:
        card = registry.default_for(Task.TRANSCRIBE)
        request = by_ear.groove(found.ear, card, self._media())
        self._ask(request, self._later(self._go_by_groove, role, found))

    def _go_by_groove(self, role: str, found: _Found, drums: Take) -> None:
        self._reckon(partial(found.with_groove, drums), partial(self._write_part, role))

    def _write_part(self, role: str, found: _Found) -> None:
        settings = self._settings()
        card, wish = _card(settings, Task.ADD_PART, role), _wish(settings, (role,))
        wanted = partial(by_ear.add_part, found.ear, card, wish, self._media(), found.span)
        self._reckon(wanted, self._ask)

    def _write_tune(self, clip: ClipId) -> None:
        self._reckon(self._as_heard(clip, None), self._find_tune)

    def _find_tune(self, found: _Found) -> None:
        card = registry.default_for(Task.TRANSCRIBE)
        request = by_ear.tune(found.ear, card, self._media())
        self._ask(request, self._later(self._harmonise, found))

    def _harmonise(self, found: _Found, sung: Take) -> None:
        settings = self._settings()
        card, wish = _card(settings, Task.HARMONISE, "chords"), _wish(settings, ())
        self._reckon(
            partial(by_ear.harmonise, found.ear, card, wish, self._media(), sung), self._ask
        )

    def _as_heard(self, clip: ClipId, span: Span) -> Callable[[], _Found]:
        """What works out the song as it is by how a recording in it was heard."""
        project, heard = self._song.project, self._listening.heard_now(clip)[1]
        return partial(_Found.of, project, clip, heard, span)

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

    def _reckon(self, call: Callable[[], T], then: Callable[[T], None]) -> None:
        """Have something worked out that takes a while where hours were heard."""
        self._keep(
            self._jobs.submit(
                Reckon("Go by a recording", call),
                on_done=self._later(then),
                on_failed=self.failed.emit,
            )
        )

    def _ask(self, request: Request, then: Then | None = None) -> None:
        """Have a model do what is asked, and `then` with what comes of it; else place that."""
        self._submit(request, self._later(then or self._place))

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
        super()._on_song_replaced()


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
    return Wish(
        settings.prompt, settings.negative, None, settings.seed, controls, chords=settings.chords
    )
