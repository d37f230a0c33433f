"""A recording with what was painted on it, read in blocks: hours of it cost no memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from studio.ai.painter.hole import Patch, Samples


@dataclass(slots=True)
class Canvas:
    """A recording and the patches on it, later ones over earlier ones.

    Attributes:
        source: Gives frames [first, end) of the recording, which lie inside it.
        frames: How long that is.
        patches: In its frames; those before its beginning are negative.
    """

    source: Callable[[int, int], Samples]
    frames: int
    channels: int
    sample_rate: int
    patches: list[Patch] = field(default_factory=list)

    @property
    def first(self) -> int:
        """Where it begins: 0, or earlier where it was extended."""
        return min([0, *(patch.first for patch in self.patches)])

    @property
    def end(self) -> int:
        return max([self.frames, *(patch.end for patch in self.patches)])

    def read(self, first: int, end: int) -> Samples:
        """Frames [first, end) as they are now, as far as there are any."""
        first, end = max(first, self.first), min(end, self.end)
        found = np.zeros((max(end - first, 0), self.channels), np.float32)
        begin, until = max(first, 0), min(end, self.frames)
        if begin < until:
            found[begin - first : until - first] = self.source(begin, until)
        for patch in self.patches:
            begin, until = max(first, patch.first), min(end, patch.end)
            if begin < until:
                there = patch.samples[begin - patch.first : until - patch.first]
                found[begin - first : until - first] = there
        return found
