"""What is kept of a run of the composer's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studio.ai.training import checkpoints


@dataclass(kw_only=True)
class Checkpoint(checkpoints.Checkpoint):
    """A run and how much it has heard.

    Attributes:
        notes: Positions that bore loss so far.
    """

    notes: int


def load(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        StudioError: The file is missing or is no checkpoint of the composer's.
    """
    return checkpoints.load(path, Checkpoint)
