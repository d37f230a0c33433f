"""Changing a part of a recording's sound: weighed, healed, or written anew by a model."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import Signal

from studio.ai import registry, sound_wishes
from studio.ai.catalogue import ModelCard
from studio.ai.painter.hole import Painted, Strokes
from studio.ai.requests import Controls, Excerpt, Request, Take, Task
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, AudioSource, ClipId
from studio.domain.track import Track
from studio.edit.painting import PlacePainted
from studio.jobs.queue import Context, Lane
from studio.media import durable, recording
from studio.media.store import MediaStore
from studio.workspace.asking import Asking
from studio.workspace.stems import TakeAlong

_SEEDS = 100_000
_SHADED = 0.8  # of the whole, once all is written
_BLOCK_FRAMES = 1 << 18


@dataclass(frozen=True, slots=True)
class Shaded:
    """A recording in which parts are louder, softer or silent, and how they join."""

    source: AudioSource
    painted: tuple[Painted, ...]


@dataclass(frozen=True, slots=True)
class Shade:
    """Weigh parts of an excerpt by a factor; `strokes` in frames of its recording."""

    title: str
    excerpt: Excerpt
    strokes: Strokes
    factor: float
    media: MediaStore
    lane: ClassVar[Lane] = Lane.CPU

    def run(self, context: Context) -> Shaded:
        from studio.ai.painter.shading import Shading  # loads scipy

        source, first, end = self.excerpt.source, self.excerpt.first_frame, self.excerpt.end_frame

        def watch(begun: float, done: float) -> None:
            context.check_cancelled()
            context.progress(begun + done)

        with recording.reading(_path(self.media, source), source.name) as file:
            shading = Shading(
                file.read, source.frames, source.sample_rate, self.strokes, self.factor
            )
            kind = recording.float_kind(end - first, source.channels)
            with durable.partial_of(self.media.folder / "shaded.wav") as path:
                with recording.writing(
                    path, sample_rate=source.sample_rate, channels=source.channels, kind=kind,
                    subtype="FLOAT",
                ) as out:  # fmt: skip
                    for at in range(first, end, _BLOCK_FRAMES):
                        watch(0.0, _SHADED * (at - first) / (end - first))
                        block = shading.read(at, min(at + _BLOCK_FRAMES, end))
                        for begin in range(0, len(block), recording.BLOCK_FRAMES):
                            out.write(block[begin : begin + recording.BLOCK_FRAMES])
                painted = shading.painted()
                keep = partial(watch, _SHADED)
                made = self.media.adopt(path, source.name, lambda done: keep(0.2 * done))
        return Shaded(made, painted)


def _path(media: MediaStore, source: AudioSource) -> Path:
    try:
        return media.path(source.media)
    except KeyError:
        raise StudioError(
            f"The recording “{source.name}” is missing from the song's folder."
        ) from None


class Painting(Asking):
    """Every change is one undo step; what a model wrote is a take as well.

    Signals:
        shaded(str, tuple[Painted, ...]): What was done by weight, and how well it joins.
    """

    shaded = Signal(str, object)

    def _begin(self) -> None:
        self._openings = 0
        self._others: Callable[[Request, int], None] = lambda request, batch: None

    def answer_again(self) -> None:
        """Be who is asked where the panel wants a painted take once more."""
        self._others, self._takes.ask_again = self._takes.ask_again, self._ask_again

    # -- looking ------------------------------------------------------------------------------
    def models(self) -> tuple[ModelCard, ...]:
        """Those that can paint, the studio's choice first."""
        return tuple(card for card in registry.cards() if Task.PAINT in card.tasks)

    @property
    def busy(self) -> bool:
        return any(not job.finished for job in self._running)

    # -- by a model ---------------------------------------------------------------------------
    def regenerate(self, clip: ClipId, strokes: Strokes) -> None:
        """Have what the strokes hold (frames of the clip's recording) written anew; asked for the
        same again, another version."""
        asked = [
            e.take.request for e in self._takes.entries
            if e.take.request.controls.strokes == strokes
        ]  # fmt: skip
        self._paint(clip, strokes, random.SystemRandom().randrange(1, _SEEDS) if asked else 0)

    def heal(self, clip: ClipId, strokes: Strokes) -> None:
        """Fill what the strokes hold from right beside it; without any, clicks and drop-outs."""
        self._paint(clip, replace(strokes, near=True) if strokes else Strokes(heal=True), 0)

    def _paint(self, clip: ClipId, strokes: Strokes, seed: int) -> None:
        try:
            able = self.models()
            if not able:
                raise StudioError("No model is installed that can paint in recordings.")
            controls, song = Controls(strokes=strokes), self._song.project
            request = sound_wishes.about_clip(
                Task.PAINT, able[0], song, clip, self._media(), controls
            )
        except StudioError as error:
            self.failed.emit(error)
            return
        self._ask(replace(request, seed=seed), self._takes.new_batch())

    def _ask_again(self, request: Request, batch: int) -> None:
        if request.task is Task.PAINT:
            self._ask(replace(request, media=self._media()), batch)
        else:
            self._others(request, batch)

    def _ask(self, request: Request, batch: int) -> None:
        self._submit(request, partial(self._finish, self._openings, batch))

    def _finish(self, opening: int, batch: int, take: Take) -> None:
        media = self._media()
        if opening != self._openings:
            return
        if all(media.has(sound.source.media) for sound in take.result.sounds):
            self._takes.add(take, batch)
            return
        self._jobs.submit(  # the song was saved under another name meanwhile
            TakeAlong(take, media),
            on_done=partial(self._finish, opening, batch),
            on_failed=self.failed.emit,
        )

    # -- by weight ----------------------------------------------------------------------------
    def erase(self, clip: ClipId, strokes: Strokes) -> None:
        """Silence what the strokes hold, and leave all else as it is."""
        self._shade("Erase sound", clip, strokes, 0.0)

    def change_level(self, clip: ClipId, strokes: Strokes, gain_db: float) -> None:
        """Make what the strokes hold louder or softer."""
        self._shade("Change level", clip, strokes, 10 ** (gain_db / 20))

    def _shade(self, label: str, clip: ClipId, strokes: Strokes, factor: float) -> None:
        try:
            track, there = sound_wishes.recording_of(self._song.project, clip)
        except StudioError as error:
            self.failed.emit(error)
            return
        excerpt = sound_wishes.excerpt_of(there, self._song.project.sample_rate)
        if there.turns:  # the turns that are not shown have to stay
            excerpt = Excerpt(there.source, 0, there.source.frames, clip)
        work = Shade(label, excerpt, strokes, factor, self._media())
        self._submit_shade(work, partial(self._place, label, track, there, excerpt))

    def _submit_shade(self, work: Shade, place: Callable[[Shaded], None]) -> None:
        opening = self._openings

        def done(shaded: Shaded) -> None:
            if opening != self._openings:
                return
            if work.media.folder == self._media().folder:
                place(shaded)
            else:  # the song was saved under another name meanwhile
                self._submit_shade(replace(work, media=self._media()), place)

        job = self._jobs.submit(
            work, on_change=self._takes.watch, on_done=done, on_failed=self.failed.emit
        )
        self._takes.watch(job)
        self._keep(job)

    def _place(
        self, label: str, track: Track, clip: AudioClip, excerpt: Excerpt, shaded: Shaded
    ) -> None:
        self._song.close_step()
        if self._song.do(
            PlacePainted(track.id, clip, shaded.source, excerpt.first_frame, label=label)
        ):
            self._song.close_step()
            self.shaded.emit(label, shaded.painted)

    def _on_song_replaced(self) -> None:
        self._openings += 1
        super()._on_song_replaced()
