"""Separator: the studio's own network that takes a recording apart into four stems."""

from __future__ import annotations

from pathlib import Path

from studio.ai.cards import experimental
from studio.ai.catalogue import ModelContext
from studio.ai.nets import running, separating
from studio.ai.nets.separator import SAMPLE_RATE
from studio.ai.nets.separator import Separator as Network
from studio.ai.nets.separator_weights import read, told_of
from studio.ai.requests import STEMS, Quality, Request, Result
from studio.ai.stems.feeding import Fed
from studio.ai.stems.splitting import Watch, Write, split
from studio.core import paths

WEIGHTS = Path("models", "separator")
SHIFTS = 3  # passes beside the first one where quality is to be best


class Separator:
    """Takes recordings apart.

    Args:
        folder: Of the weights; by default those that ship.
    """

    stems = STEMS
    sample_rate = SAMPLE_RATE

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or paths.resource(*WEIGHTS.parts)
        self._net: Network | None = None
        self._weak: frozenset[str] = frozenset()

    def load(self, device: str) -> None:
        """Read the weights.

        Raises:
            StudioError: They are missing or do not fit.
        """
        running.use_all_cores()
        self._net = read(self._folder)
        self._weak = experimental(told_of(self._folder))

    def unload(self) -> None:
        self._net = None

    def generate(self, request: Request, context: ModelContext) -> Result:
        """Take the request's recording apart. Raises as `split` does."""
        return split(request, context, self, self._weak)

    def separate(self, fed: Fed, write: Write, quality: Quality, watch: Watch) -> dict[str, float]:
        """An `Engine` for `split`."""
        assert self._net is not None
        shifts = SHIFTS if quality is Quality.BEST else 0
        found = separating.separate(
            self._net, fed.read, fed.frames, write, shifts=shifts, progress=watch
        )
        return found.confidence
