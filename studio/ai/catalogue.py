"""What models there are, readable without loading any of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from studio.ai.requests import Request, Result, Task


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a musician and the program must know of a model before it is loaded.

    Attributes:
        factory: `package.module:Class` of the adapter, imported only in the worker process.
        digest: Digest of the weights, or the version of a model that has none.
        grid_ticks: The finest grid it writes on; 1 for one that is about recordings.
        most_bars: The longest gap it fills in one go; of any length where nothing else is said.
        licence: SPDX name of the weights' (or the code's) licence.
        memory_mb: What it needs while it works.
        weights: Where they come from, in words; empty where there are none.
        default_for: Where it is the studio's choice: tasks ("extend"), or a task for parts of one
            role ("add_part:drums"), where a motif is developed "extend:motif". See
            `registry.default_for`.
        stems: What a model for Task.SEPARATE tells apart.
        experimental: Those of them that it is weak at on real music.
        speed: Seconds of sound that it takes apart in a second on two cores; 0: not measured.
        path: Weights of the user's own, given to the adapter; empty for a model that knows its own.
    """

    id: str
    title: str
    summary: str
    factory: str
    digest: str
    tasks: frozenset[Task]
    licence: str = "GPL-3.0-or-later"
    grid_ticks: int = 1
    most_bars: int = 100_000
    memory_mb: int = 64
    weights: str = ""
    default_for: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    experimental: frozenset[str] = frozenset()
    speed: float = 0.0
    path: str = ""


class ModelContext(Protocol):
    """How a model reports while it works; every call may raise Cancelled."""

    def progress(self, fraction: float, text: str = "") -> None: ...

    def partial(self, result: Result) -> None: ...

    def check_cancelled(self) -> None: ...


class Model(Protocol):
    """One adapter. `generate` may be called only between `load` and `unload`."""

    def load(self, device: str) -> None: ...

    def unload(self) -> None: ...

    def generate(self, request: Request, context: ModelContext) -> Result:
        """Fill the request's gap.

        Raises:
            StudioError: The request cannot be filled.
            Cancelled: On request, within one step.
        """
        ...
