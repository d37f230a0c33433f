"""Having a model fill a gap, as a work for the job queue."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from studio.ai.client import WorkerClient
from studio.ai.phrases import action_words
from studio.ai.requests import Request, Take
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
