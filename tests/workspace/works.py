"""Works for a queue of tests: the models themselves, without the worker's process and pipe."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import ClassVar

from studio.ai import registry
from studio.ai.catalogue import Model
from studio.ai.models.listener import Listener
from studio.ai.requests import Request, Take, Task, take_id
from studio.jobs.queue import Context, Lane


@dataclass(frozen=True)
class Here:
    """Runs a model in this process; recordings are listened to by rule alone."""

    request: Request
    title: ClassVar[str] = "Here"
    lane: ClassVar[Lane] = Lane.MODEL

    def run(self, context: Context) -> Take:
        result = self._model().generate(self.request, context)
        return Take(take_id(self.request), self.request, result, 2.0)

    def _model(self) -> Model:
        if self.request.task in (Task.LISTEN, Task.TRANSCRIBE):
            return Listener()
        model = registry.load(registry.card(self.request.model))
        model.load("cpu")
        return model


@dataclass(frozen=True)
class Slowly(Here):
    """Tells when it has begun, and goes on when it may."""

    begun: threading.Event
    let_go: threading.Event

    def run(self, context: Context) -> Take:
        self.begun.set()
        assert self.let_go.wait(60)
        return super().run(context)
