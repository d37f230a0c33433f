"""Having a model fill a gap, as a work for the job queue."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from studio.ai.client import WorkerClient
from studio.ai.requests import Request, Take
from studio.ai.wishes import action_words
from studio.edit.takes import PlaceTake
from studio.jobs.queue import Context, Lane


@dataclass(frozen=True, slots=True)
class Generate:
    """Fill the request's gap in the model worker; equal requests are equal works."""

    request: Request
    worker: WorkerClient = field(compare=False, repr=False)
    lane: ClassVar[Lane] = Lane.MODEL

    @property
    def title(self) -> str:
        return action_words(self.request)

    def run(self, context: Context) -> Take:
        return self.worker.generate(self.request, context)


def placing(take: Take, expected: str | None = None) -> PlaceTake:
    """The edit that writes `take` into its gap; see PlaceTake for `expected`."""
    result = take.result
    return PlaceTake(
        take.id,
        take.request.gap,
        result.parts,
        expected,
        title_of(take.request),
        result.tempo,
        result.key,
        result.chords,
        result.sections,
    )


def title_of(request: Request) -> str:
    """A short name for the clips a request makes: the first words of its prompt."""
    words = request.prompt.replace("\n", " ").split(",")[0].split()
    return " ".join(words[:5])
