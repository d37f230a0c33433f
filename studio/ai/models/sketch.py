"""Sketch: a band that composes by rule, at once, and can say why.

It plans (form, chords, who plays), then writes phrase by phrase, and reports bar by bar.
"""

from __future__ import annotations

from studio.ai.catalogue import ModelContext
from studio.ai.requests import Request, Result, Task
from studio.ai.sketch.arrange import arrange
from studio.ai.sketch.compose import compose
from studio.ai.sketch.humanise import humanise
from studio.ai.sketch.motif import develop
from studio.ai.sketch.outcome import Writer, fulfilled, prepared
from studio.ai.sketch.revise import revise


class Sketch:
    """Fills gaps with notes by the rules of the style that the words name."""

    def load(self, device: str) -> None:
        """Nothing to load."""

    def unload(self) -> None:
        """Nothing to free."""

    def generate(self, request: Request, context: ModelContext) -> Result:
        """Write the gap in four steps: plan, cast, compose bar by bar, conclude.

        Raises:
            StudioError: A track is gone, an instrument is unknown, or no note fits the gap's band.
            Cancelled: On request, before any bar.
        """
        context.check_cancelled()
        planned, players = prepared(request)
        return fulfilled(planned, players, _manner(request), context)


def _manner(request: Request) -> Writer:
    """How the notes of a request come about."""
    if request.task is Task.HUMANISE:
        return humanise
    if request.task is Task.ARRANGE:
        return arrange
    if request.task is Task.EXTEND and request.controls.source:
        return develop
    return revise if request.gap.notes else compose
