"""Finds models by id and by what they can do; loads one by name, in the worker only."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path

from studio.ai import own_models
from studio.ai.cards import CARDS
from studio.ai.catalogue import Model, ModelCard
from studio.ai.requests import Task
from studio.core.errors import StudioError


def cards() -> tuple[ModelCard, ...]:
    """All models there are; of those that do the same, the preferred one first.

    Those that the program ships come before the user's own.
    """
    return CARDS + own_models.cards(frozenset(card.id for card in CARDS))


def card(id: str) -> ModelCard:
    """The card of the model `id`. Raises StudioError where there is none."""
    shipped = next((entry for entry in CARDS if entry.id == id), None)
    return shipped or find(cards(), id)  # the user's folder is looked through only for theirs


def find(among: Sequence[ModelCard], id: str) -> ModelCard:
    """The card of the model `id`.

    Raises:
        StudioError: There is none; the hint names those there are.
    """
    for entry in among:
        if entry.id == id:
            return entry
    known = ", ".join(entry.id for entry in among)
    raise StudioError(f"There is no model called “{id}”.", f"There are: {known}.")


def default_for(task: Task, role: str = "") -> ModelCard:
    """The studio's choice for `task`, where parts of one `role` ("bass") are to be written.

    A card that claims the task for the role comes first, then one that claims the task, then the
    first that does it.

    Raises:
        StudioError: No model does it.
    """
    able = [entry for entry in CARDS if task in entry.tasks]
    able = able or [entry for entry in cards() if task in entry.tasks]
    for claim in (f"{task}:{role}", str(task)):
        for entry in able:
            if claim in entry.default_for:
                return entry
    if able:
        return able[0]
    raise StudioError(f"No model here can do this ({task}).")


def load(card: ModelCard) -> Model:
    """The adapter of `card`, not yet loaded with its weights. Imports what the model needs.

    Raises:
        StudioError: The adapter is not installed.
    """
    module, _, name = card.factory.partition(":")
    try:
        factory = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise StudioError(
            f"{card.title} is not installed completely: {error}.", "Install the studio again."
        ) from error
    model: Model = factory(Path(card.path)) if card.path else factory()
    return model
