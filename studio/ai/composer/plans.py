"""What was learnt of forms and chords, as it is kept in `resources/models/composer/plans.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from studio.ai.composer.forms import NAMES as SECTION_NAMES
from studio.ai.composer.forms import Forms
from studio.ai.composer.palettes import Qualities
from studio.ai.composer.progressions import MASKS, NAMES, STATES, Book, Smoothed
from studio.core import paths
from studio.core.errors import StudioError

PLANS = Path("models", "composer", "plans.json")
_NAMES = {"states": STATES, "masks": MASKS, "numerals": NAMES}


@dataclass(frozen=True, slots=True)
class Plans:
    """All that was learnt.

    Attributes:
        books: Progressions by repertoire.
        palettes: For each of `palettes.COLOURS`, counts of qualities.
    """

    books: Mapping[str, Book]
    palettes: tuple[Qualities, ...]
    forms: Forms


@cache
def shipped() -> Plans:
    """The plans that the studio comes with."""
    return read(paths.resource(*PLANS.parts))


def read(path: Path) -> Plans:
    """What a file holds.

    Raises:
        StudioError: The file is missing or is not one that `as_json` made.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        forms = told["forms"]
        lengths = {
            kind: {int(bars): count for bars, count in row.items()}
            for kind, row in forms["lengths"].items()
        }
        return Plans(
            {name: _book(book) for name, book in told["books"].items()},
            tuple(told["palettes"]),
            Forms(_smoothed(SECTION_NAMES, forms["following"]), lengths, forms["over"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StudioError(
            f"{path.name} holds no forms and chords.", "Install the studio again."
        ) from error


def as_json(plans: Plans, about: Mapping[str, Any]) -> str:
    """One line for each table.

    Args:
        about: Licence, sources and figures, to stand before the rest.
    """
    forms = {
        "following": _told(plans.forms.following),
        "lengths": plans.forms.lengths,
        "over": plans.forms.over,
    }
    books = {
        name: {part: _told(getattr(book, part)) for part in _NAMES}
        for name, book in plans.books.items()
    }
    told = {**about, "forms": forms, "palettes": plans.palettes, "books": books}
    lines = (f"{json.dumps(key)}:{json.dumps(told[key], separators=(',', ':'))}" for key in told)
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _told(smoothed: Smoothed) -> dict[str, Any]:
    return {"weights": smoothed.weights, "tables": smoothed.tables}


def _smoothed(names: tuple[str, ...], told: Mapping[str, Any]) -> Smoothed:
    if not all(set(row) <= set(names) for table in told["tables"] for row in table.values()):
        raise ValueError("a name is unknown")
    return Smoothed(names, tuple(told["tables"]), tuple(told["weights"]))


def _book(told: Mapping[str, Any]) -> Book:
    states, masks, numerals = (_smoothed(names, told[part]) for part, names in _NAMES.items())
    return Book(states, masks, numerals)
