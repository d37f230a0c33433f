"""Splitting recordings of the open song into stems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from studio.ai import registry, sound_wishes
from studio.ai.catalogue import ModelCard
from studio.ai.requests import STEMS, Controls, Quality, Request, Take, Task
from studio.core.errors import StudioError
from studio.domain.clip import AudioClip, ClipId
from studio.jobs.queue import Context, Lane
from studio.media.store import MediaStore
from studio.workspace.asking import Asking

_BEST_TAKES = 4.0  # times as long as fast


@dataclass(frozen=True, slots=True)
class Splitting:
    """How to split.

    Attributes:
        stems: All of `STEMS`, or the one that is wanted apart from the rest.
        model: A card's id; empty: the studio's choice.
    """

    stems: tuple[str, ...] = STEMS
    quality: Quality = Quality.FAST
    model: str = ""


@dataclass(frozen=True, slots=True)
class TakeAlong:
    """Copy a take's recordings to where the song lies now."""

    take: Take
    media: MediaStore
    title: ClassVar[str] = "Take the stems along"
    lane: ClassVar[Lane] = Lane.DISK

    def run(self, context: Context) -> Take:
        before = self.take.request.media
        for sound in self.take.result.sounds:
            context.check_cancelled()
            try:
                if before is not None:
                    self.media.copy_from(before, sound.source.media)
            except KeyError:
                raise StudioError(
                    "The stems were left behind when the song moved.", "Split the clip again."
                ) from None
        return self.take


class Stems(Asking):
    """Asks models for stems; each clip is a take of its own."""

    def _begin(self) -> None:
        self._wanted: set[int] = set()  # batches of the song that is open

    # -- looking ------------------------------------------------------------------------------
    def models(self) -> tuple[ModelCard, ...]:
        """Those that can split, the studio's choice first."""
        return tuple(card for card in registry.cards() if Task.SEPARATE in card.tasks)

    def recordings(self, clips: Sequence[ClipId] | frozenset[ClipId]) -> tuple[AudioClip, ...]:
        """Those of `clips` that hold a recording, in the song's order."""
        return sound_wishes.recordings(self._song.project, clips)

    def seconds(self, clips: Sequence[AudioClip], how: Splitting) -> float | None:
        """About how long splitting will take, from the last time or from the model's card; None
        where neither tells."""
        speed = self._speed(how)
        rate = self._song.project.sample_rate
        sound = sum(sound_wishes.excerpt_of(clip, rate).seconds for clip in clips)
        return sound / speed if speed else None

    def _speed(self, how: Splitting) -> float:
        """Seconds of sound in a second."""
        card = self._card(how.model)
        for entry in self._takes.entries:
            request = entry.take.request
            audio, quality = request.controls.audio, request.controls.quality
            if (request.model, quality) == (card.id, how.quality) and audio is not None:
                return audio.seconds / max(entry.take.seconds, 0.1)
        return card.speed / (_BEST_TAKES if how.quality is Quality.BEST else 1.0)

    def _card(self, model: str) -> ModelCard:
        able = self.models()
        if not able:
            raise StudioError(
                "No model is installed that can take sound apart.",
                "Weights of your own go into the folder “models” of the studio.",
            )
        return registry.find(able, model) if model else able[0]

    # -- asking -------------------------------------------------------------------------------
    def split(self, clips: Sequence[ClipId] | frozenset[ClipId], how: Splitting) -> None:
        """Split recordings, one after the other; each one's stems come as one undo step."""
        for clip in self.recordings(clips):
            try:
                request = self._request(clip.id, how)
            except StudioError as error:
                self.failed.emit(error)
                return
            batch = self._takes.new_batch()
            self._wanted.add(batch)
            self._submit(request, partial(self._finish, batch))

    def cancel(self) -> None:
        """Stop all that is being split."""
        self._wanted.clear()
        super().cancel()

    def _request(self, clip: ClipId, how: Splitting) -> Request:
        controls = Controls(stems=how.stems, quality=how.quality)
        card, song = self._card(how.model), self._song.project
        return sound_wishes.about_clip(Task.SEPARATE, card, song, clip, self._media(), controls)

    def _finish(self, batch: int, take: Take) -> None:
        media = self._media()
        if all(media.has(sound.source.media) for sound in take.result.sounds):
            self._add(batch, take)
            return
        self._jobs.submit(  # the song was saved under another name meanwhile
            TakeAlong(take, media), on_done=partial(self._add, batch), on_failed=self.failed.emit
        )

    def _add(self, batch: int, take: Take) -> None:
        if batch in self._wanted:
            self._wanted.remove(batch)
            self._takes.add(take, batch)
