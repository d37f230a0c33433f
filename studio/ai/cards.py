"""The models of the studio, as a table."""

from __future__ import annotations

from studio.ai.catalogue import ModelCard
from studio.ai.requests import Task

CARDS = (
    ModelCard(
        id="sketch",
        title="Sketch",
        summary="Writes chords, bass, drums and melody by the rules of a style; instant.",
        factory="studio.ai.models.sketch:Sketch",
        digest="1",
        tasks=frozenset({Task.COMPOSE, Task.EXTEND, Task.REWRITE, Task.ADD_PART}),
        licence="GPL-3.0-or-later",
        grid_ticks=240,
        most_bars=256,
        memory_mb=50,
    ),
    ModelCard(
        id="markov",
        title="Markov",
        summary="Continues a clip in its own manner, from the order of its notes.",
        factory="studio.ai.models.markov:Markov",
        digest="1",
        tasks=frozenset({Task.LEARN}),
        licence="GPL-3.0-or-later",
        grid_ticks=240,
        most_bars=256,
        memory_mb=50,
    ),
)
