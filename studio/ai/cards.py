"""The cards of the models that come with the program and need no weights."""

from __future__ import annotations

from studio.ai.catalogue import ModelCard
from studio.ai.requests import Task

SKETCH_CARD = ModelCard(
    id="sketch",
    title="Sketch",
    summary="Composes by rule in twenty styles: instant, obeys words, says what it did.",
    factory="studio.ai.models.sketch:Sketch",
    digest="sketch-2",
    tasks=frozenset(
        (
            Task.COMPOSE,
            Task.EXTEND,
            Task.REWRITE,
            Task.ADD_PART,
            Task.HARMONISE,
            Task.HUMANISE,
            Task.ARRANGE,
        )
    ),
    licence="GPL-3.0-or-later",
    grid_ticks=80,
    most_bars=512,
    memory_mb=64,
)

MARKOV_CARD = ModelCard(
    id="markov",
    title="Learn from this clip",
    summary="Writes on in the manner of one clip, learnt in a moment from its own notes.",
    factory="studio.ai.models.markov:Markov",
    digest="markov-1",
    tasks=frozenset((Task.LEARN,)),
    licence="GPL-3.0-or-later",
    grid_ticks=1,
    most_bars=512,
    memory_mb=32,
)

CARDS = (SKETCH_CARD, MARKOV_CARD)  # of those that do the same, the preferred one first
