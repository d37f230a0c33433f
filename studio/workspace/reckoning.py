"""What is worked out from the song away from the window, as hours of music take a while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from studio.jobs.queue import Context, Lane

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reckon(Generic[T]):
    """The result of a call that changes nothing: of values that are given with it."""

    title: str
    call: Callable[[], T]
    lane: ClassVar[Lane] = Lane.CPU

    def run(self, context: Context) -> T:
        return self.call()
