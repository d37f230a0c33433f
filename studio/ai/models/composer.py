"""Composer: the network that fills gaps, behind a plan with forms and chords as songs have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch

from studio.ai.catalogue import ModelContext
from studio.ai.composer.planned import planned
from studio.ai.composer.revising import revised
from studio.ai.composer.writing import Manner, Writer
from studio.ai.nets.composer_decode import Decoder, Sampling
from studio.ai.nets.composer_weights import read
from studio.ai.requests import Request, Result, Task
from studio.ai.sketch.cast import Player
from studio.ai.sketch.compose import Written
from studio.ai.sketch.outcome import fulfilled, prepared
from studio.ai.sketch.plan import Plan
from studio.ai.sketch.revise import keeps_notes, revise
from studio.ai.sketch.score import Bar
from studio.core import paths

WEIGHTS = Path("models", "composer")
CANDIDATES = 4
# How much bolder tunes are chosen, by field: their rhythm above all.
_TUNES = (1.1, 1.25, 1.2, 1.0, 1.2, 1.0, 1.0)
_TUNES_TOP_P = (1.0, 0.98, 0.98, 0.92, 0.97, 1.0, 1.0)
# What goes on, or joins in, says less that is new than what begins.
_GOING_ON = 0.6
_BY_HAND = 0.35  # temperature of loudness and timing where nothing else is to be said


class Composer:
    """Fills gaps with notes: the plan by rule, the notes by a network.

    Args:
        folder: Of the weights; by default those that ship.
        candidates: For each bar, of which the best is kept.
    """

    def __init__(self, folder: Path | None = None, candidates: int = CANDIDATES) -> None:
        self._folder = folder or paths.resource(*WEIGHTS.parts)
        self._candidates = candidates
        self._decoder: Decoder | None = None

    def load(self, device: str) -> None:
        """Read the weights.

        Raises:
            StudioError: They are missing or do not fit.
        """
        # So small a network is twice as quick on one thread as on two, and leaves the other core
        # to the engine.
        torch.set_num_threads(1)
        self._decoder = Decoder(read(self._folder))

    def unload(self) -> None:
        self._decoder = None

    def generate(self, request: Request, context: ModelContext) -> Result:
        """Write the gap bar by bar.

        Raises:
            StudioError: A track is gone, an instrument is unknown, or no note fits the gap's band.
            Cancelled: On request, before any note.
        """
        context.check_cancelled()
        return fulfilled(*prepared(request, planned), self._write, context)

    def _write(
        self, planned: Plan, players: Sequence[Player], at_note: Callable[[], None]
    ) -> Iterator[tuple[Bar, Written]]:
        assert self._decoder is not None
        request = planned.request
        sampling = sampling_of(request)
        guided = sampling.guidance > Sampling().guidance
        manner = Manner(sampling, tunes_of(sampling), self._candidates, guided)
        if keeps_notes(request) and request.task is not Task.HUMANISE:
            # The network says other notes for those named, never more or fewer: that is by rule.
            yield from revise(planned, players, at_note)
        elif request.task is Task.HUMANISE or request.gap.notes:
            yield from revised(planned, players, self._decoder, manner, at_note)
        else:
            yield from Writer(planned, players, self._decoder, manner, at_note).bars()


def tunes_of(usual: Sampling) -> Sampling:
    """How to choose for a tune: a rhythm once begun would go on for ever otherwise."""
    temperature = tuple(a * b for a, b in zip(usual.temperature, _TUNES, strict=True))
    return Sampling(temperature, _TUNES_TOP_P, usual.guidance)


def sampling_of(request: Request) -> Sampling:
    """The bolder, the more the request is to vary; the closer to its words, if it has any, the more
    they weigh."""
    bold = 0.8 + 0.5 * request.controls.surprise  # 1.0 at the usual 0.4
    usual = Sampling()
    if request.task is Task.HUMANISE:
        return Sampling((_BY_HAND * bold,) * len(usual.temperature), usual.top_p)
    bold *= _GOING_ON if request.task in (Task.EXTEND, Task.ADD_PART) else 1.0
    temperature = tuple(one * bold for one in usual.temperature[:5]) + usual.temperature[5:]
    close = request.controls.closeness if request.prompt.strip() else 0.0
    guidance = 1.0 + 2.0 * max(close - 0.7, 0.0)
    return Sampling(temperature, usual.top_p, guidance)
