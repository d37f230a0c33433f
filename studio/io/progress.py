"""How far an export is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from studio.media import durable

Progress: TypeAlias = Callable[[float, str], None]  # told 0-1 and what is done; may raise Cancelled


def no_progress(_fraction: float, _text: str) -> None:
    """Tell nobody."""


def share(progress: Progress, start: float, end: float, text: str) -> durable.Progress:
    """Tells `progress` of a step that leads from `start` to `end` of the whole."""
    return lambda part: progress(start + part * (end - start), text)


def within(progress: Progress, start: float, end: float) -> Progress:
    """Tells `progress` of a part that leads from `start` to `end` of the whole."""
    return lambda part, text: progress(start + part * (end - start), text)
