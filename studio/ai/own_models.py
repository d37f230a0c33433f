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
from studio.ai.requests import STEMS, Task
from studio.ai.stems import recipe
from studio.core import paths
from studio.core.errors import StudioError

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
    found: dict[str, ModelCard] = {}
    for place in places:
        card = _card(place, _state(place))
        if card is not None:
            id = f"my-{card.id}" if card.id in taken else card.id
            id = place.name if id in found else id
            found[id] = replace(card, id=id)
    return tuple(found.values())


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
    if card is None:
        return None
    own = "weights of your own"
    return replace(card, id=place.name, title=place.name, licence="your own", weights=own)


def _htdemucs_onnx(place: Path) -> ModelCard | None:
    if place.suffix.lower() != ".onnx" or "htdemucs" not in place.stem.lower():
        return None
    return _foreign(
        place,
        "HT-Demucs (ONNX)",
        "studio.ai.models.htdemucs_onnx:HtDemucsOnnx",
        "your own file; those published are for personal and research use",
        4500,
    )


def _hdemucs(place: Path) -> ModelCard | None:
    name = place.stem.lower()
    if place.suffix.lower() not in _WEIGHTS or "hdemucs" not in name:
        return None
    return _foreign(
        place,
        "Hybrid Demucs (torchaudio)",
        "studio.ai.models.hdemucs:HDemucs",
        "your own file; those published were taught on MUSDB, for research",
        3000,
    )


def _roformer(place: Path) -> ModelCard | None:
    if place.suffix.lower() not in _WEIGHTS or "roformer" not in place.stem.lower():
        return None
    try:
        stems = recipe.read(place).stems
    except StudioError:  # its adapter says so, when it is asked to load
        stems = ()
    return _foreign(
        place,
        "RoFormer",
        "studio.ai.models.roformer:Roformer",
        "your own file; most of those published name no licence",
        4000,
        stems or ("vocals",),
    )


def _foreign(
    place: Path, title: str, factory: str, licence: str, memory_mb: int,
    stems: tuple[str, ...] = STEMS,
) -> ModelCard:  # fmt: skip
    """The card of a separator that others made."""
    return ModelCard(
        id=place.stem,
        title=title,
        summary=f"Takes a recording apart; from your file {place.name}.",
        factory=factory,
        digest=digest(place),
        tasks=frozenset((Task.SEPARATE,)),
        licence=licence,
        memory_mb=memory_mb,
        weights="weights of your own",
        stems=stems,
        path=str(place),
    )


def _demucs(place: Path) -> ModelCard | None:
    if place.suffix.lower() not in _WEIGHTS or "demucs" not in place.stem.lower():
        return None
    return _foreign(
        place,
        "Demucs",
        "studio.ai.models.demucs:Demucs",
        "your own file; those published are for personal and research use",
        3000,
    )


_WEIGHTS = (".safetensors", ".pt", ".pth", ".th", ".ckpt")
_KINDS: tuple[Callable[[Path], ModelCard | None], ...] = (
    _separator,
    _roformer,
    _htdemucs_onnx,
    _hdemucs,
    _demucs,
)


@lru_cache(maxsize=64)
def _card(place: Path, state: tuple[int, ...]) -> ModelCard | None:
    """The card of what lies at `place`; `state` is another one once that changed. What cannot be
    opened, or is a folder where a file should be, has none."""
    try:
        return next((card for kind in _KINDS if (card := kind(place)) is not None), None)
    except OSError:
        return None


def _state(place: Path) -> tuple[int, ...]:
    about = place / "separator.json" if place.is_dir() else place
    found: list[int] = []
    for path in (about, recipe.beside(place)):
        try:
            told = path.stat() if path is not None else None
        except OSError:
            told = None
        found += (told.st_mtime_ns, told.st_size) if told is not None else (0, 0)
    return tuple(found)
