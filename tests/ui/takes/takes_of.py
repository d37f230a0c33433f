"""Takes as a model would give them, made without one."""

from __future__ import annotations

from studio.ai.requests import Controls, Request, Result, Take, Task, take_id
from studio.domain.gap import Gap, Part
from studio.domain.notes import Notes
from studio.domain.project import Project
from studio.domain.track import TrackId
from tests.ui.canvas.scene import BAR, BEAT


def take(song: Project, track: TrackId, *, seed: int = 1, prompt: str = "walking bass") -> Take:
    """A bar of four notes at bar 5, whose pitch tells the seed."""
    gap = Gap((track,), 4 * BAR, 5 * BAR)
    request = Request(
        Task.EXTEND, gap, "sketch", "1", seed, song, prompt=prompt, controls=Controls()
    )
    starts = [4 * BAR + i * BEAT for i in range(4)]
    notes = Notes.of(starts, [BEAT] * 4, [40 + seed] * 4)
    result = Result((Part(track, notes, name="Bass", role="bass"),), 5 * BAR)
    return Take(take_id(request), request, result, 0.5)
