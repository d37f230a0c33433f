"""How a RoFormer was made, as the YAML file beside its checkpoint tells: the format of the
Music-Source-Separation-Training project, in which nearly all that are published were trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.ai.requests import STEMS
from studio.core.errors import StudioError

_REST = ("other", "instrumental", "instrum", "no_vocals")  # what all but the vocals are called


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a network was made and taught with.

    Attributes:
        heard: What it tells apart, in its own order and words, lower case.
        frames: Of a window.
        model: The arguments of the network.
        normalized: Whether it was taught sound of mean 0 and deviation 1.
    """

    heard: tuple[str, ...]
    frames: int
    sample_rate: int
    model: Mapping[str, Any]
    normalized: bool

    @property
    def stems(self) -> tuple[str, ...]:
        """Those of `STEMS` that it tells apart: "other" is one only beside the three others, for
        elsewhere it is all that is left; where that alone is heard, vocals are what it leaves."""
        found = tuple(stem for stem in STEMS if stem in self.heard)
        if set(found) != set(STEMS):
            found = tuple(stem for stem in found if stem != "other")
        return found or (("vocals",) if self.heard[0] in _REST else ())


def beside(checkpoint: Path) -> Path | None:
    """The file that tells how a checkpoint was made; None where there is none."""
    stem, folder = checkpoint.stem, checkpoint.parent
    names = (stem, f"config_{stem}", f"{stem}_config")
    places = (folder / f"{name}{suffix}" for name in names for suffix in (".yaml", ".yml"))
    return next((place for place in places if place.is_file()), None)


def read(checkpoint: Path) -> Recipe:
    """How a checkpoint was made.

    Raises:
        StudioError: There is no file that tells, or it tells something else.
    """
    place = beside(checkpoint)
    if place is None:
        raise StudioError(
            f"Beside “{checkpoint.name}” there is no file that says how it was made.",
            f"Put the YAML file it came with there, as “{checkpoint.stem}.yaml”.",
        )
    import yaml  # takes as long to load as a screen to draw, and few have such a file

    class Plain(yaml.SafeLoader):  # type: ignore[misc]
        """Reads plain values, and tuples as lists; nothing else that YAML can name."""

    Plain.add_constructor("tag:yaml.org,2002:python/tuple", Plain.construct_sequence)
    try:
        return _recipe(yaml.load(place.read_text("utf-8"), Plain))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise StudioError(
            f"“{place.name}” does not say how a RoFormer was made.",
            "Fetch the YAML file that was published with the checkpoint.",
        ) from error


def _recipe(told: Mapping[str, Any]) -> Recipe:
    training, audio = told["training"], told["audio"]
    target = training.get("target_instrument")
    heard = [target] if target else list(training["instruments"])
    inference = told.get("inference") or {}
    rate = told["model"].get("sample_rate") or audio.get("sample_rate", 44_100)
    recipe = Recipe(
        tuple(str(one).lower() for one in heard),
        int(inference.get("chunk_size") or audio["chunk_size"]),
        int(rate),
        dict(told["model"]),
        bool(inference.get("normalize", False)),
    )
    if not recipe.heard or recipe.frames < 1:
        raise ValueError("it tells nothing apart")
    return recipe
