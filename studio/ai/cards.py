"""The cards of the models that come with the program."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from studio.ai.catalogue import ModelCard
from studio.ai.requests import Task
from studio.core import paths

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

_COMPOSER_VERSION = "1"  # of the code around the weights, where that changes what is written


def composer_card(folder: Path) -> ModelCard | None:
    """The card of the network whose weights lie in `folder`; None where there are none."""
    about, plans = folder / "composer.json", folder / "plans.json"
    if not all(path.exists() for path in (about, plans, folder / "weights.safetensors")):
        return None
    weights = json.loads(about.read_text("utf-8"))["digest"]
    learnt = hashlib.sha256(plans.read_bytes()).hexdigest()
    both = hashlib.sha256(f"{_COMPOSER_VERSION} {weights} {learnt}".encode()).hexdigest()
    return ModelCard(
        id="composer",
        title="Composer",
        summary="A network that fills gaps note by note, hearing what is there on all sides.",
        factory="studio.ai.models.composer:Composer",
        digest=f"composer-{both[:16]}",
        tasks=frozenset(
            (
                Task.COMPOSE,
                Task.EXTEND,
                Task.REWRITE,
                Task.ADD_PART,
                Task.HARMONISE,
                Task.HUMANISE,
            )
        ),
        licence="GPL-3.0-or-later",
        grid_ticks=40,
        most_bars=512,
        memory_mb=600,
        weights="weights come with the program",
        default_for=frozenset(),
    )


_COMPOSER = composer_card(paths.resource("models", "composer"))
# Of those that do the same, the preferred one first; `default_for` says where another one is.
CARDS: tuple[ModelCard, ...] = (SKETCH_CARD, MARKOV_CARD, *([_COMPOSER] if _COMPOSER else []))
