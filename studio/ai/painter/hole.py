"""What is missing of a recording, and what was put there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Samples: TypeAlias = npt.NDArray[np.float32]  # [frames, channels]


@dataclass(frozen=True, slots=True)
class Hole:
    """Frames [first, end) to be written anew.

    Raises:
        ValueError: It holds no frame, or begins before the recording.
    """

    first: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.first < self.end:
            raise ValueError("a hole begins in the recording and holds a frame or more")

    @property
    def frames(self) -> int:
        return self.end - self.first


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """What takes the place of frames [first, first + len(samples)).

    All outside them stays as it was. The hole lies inside; what a patch holds beside it is the
    cross-fade from the recording into what was written and back.
    """

    first: int
    samples: Samples
    method: str

    @property
    def end(self) -> int:
        return self.first + len(self.samples)
