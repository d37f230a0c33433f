"""Models of the user's own: weights that lie in a folder of theirs, known by what they look like.

Nothing is loaded to make a card; what a file really holds is found out by its adapter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from studio.ai.cards import separator_card
from studio.ai.catalogue import ModelCard
from studio.core import paths

_EDGE = 1 << 20  # bytes at either end of a file that tell it from others


def cards(taken: frozenset[str] = frozenset()) -> tuple[ModelCard, ...]:
    """The models in the user's folder, by name.

    Args:
        taken: Ids of other models; one of the user's that is called so gets a word in front.
    """
    try:
        places = sorted(paths.own_models().iterdir())
    except OSError:
        return ()
    found = (_card(place, _state(place)) for place in places)
    return tuple(
        replace(card, id=f"my-{card.id}") if card.id in taken else card
        for card in found
        if card is not None
    )


def digest(path: Path) -> str:
    """What tells a file of weights from any other: its length and both its ends, hashed."""
    size = path.stat().st_size
    told = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        told.update(file.read(_EDGE))
        file.seek(max(size - _EDGE, 0))
        told.update(file.read(_EDGE))
    return told.hexdigest()[:16]


def _separator(place: Path) -> ModelCard | None:
    """Our own network, taught otherwise: a folder as the one that ships."""
    try:
        card = separator_card(place, path=str(place)) if place.is_dir() else None
    except (ValueError, KeyError, TypeError):  # a damaged description
        card = None
    return (
        None if card is None else replace(card, id=place.name, title=place.name, licence="your own")
    )


_KINDS: tuple[Callable[[Path], ModelCard | None], ...] = (_separator,)


@lru_cache(maxsize=64)
def _card(place: Path, state: tuple[int, int]) -> ModelCard | None:
    """The card of what lies at `place`; `state` is another one once that changed."""
    return next((card for kind in _KINDS if (card := kind(place)) is not None), None)


def _state(place: Path) -> tuple[int, int]:
    try:
        about = place / "separator.json" if place.is_dir() else place
        found = about.stat()
    except OSError:
        return (0, 0)
    return found.st_mtime_ns, found.st_size
