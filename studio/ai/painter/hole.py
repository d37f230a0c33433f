"""What is to be written of a recording, and what was put there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Samples: TypeAlias = npt.NDArray[np.float32]  # [frames, channels]
Floats: TypeAlias = npt.NDArray[np.float64]


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


@dataclass(frozen=True, slots=True)
class Lasso:
    """An outline in time and frequency.

    Attributes:
        points: (frame, Hz), at least three; the last is joined to the first.

    Raises:
        ValueError: It encloses nothing.
    """

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", tuple((float(x), float(y)) for x, y in self.points))
        frames, heights = zip(*self.points, strict=True) if self.points else ((), ())
        if len(self.points) < 3 or min(frames) >= max(frames) or min(heights) >= max(heights):
            raise ValueError("an outline encloses some time and some frequencies")

    @classmethod
    def box(cls, hole: Hole, low_hz: float, high_hz: float) -> Lasso:
        """All of a hole's time in a band."""
        return cls(((hole.first, low_hz), (hole.end, low_hz), (hole.end, high_hz),
                    (hole.first, high_hz)))  # fmt: skip

    @property
    def hz(self) -> tuple[float, float]:
        heights = [height for _, height in self.points]
        return max(min(heights), 0.0), max(heights)

    def hole(self, frames: int) -> Hole:
        """The time it spans, inside a recording of so many frames.

        Raises:
            ValueError: It lies outside.
        """
        times = [frame for frame, _ in self.points]
        return Hole(max(int(min(times)), 0), min(int(np.ceil(max(times))), frames))

    def holds(self, frames: Floats, hz: Floats) -> npt.NDArray[np.bool_]:
        """Which cells lie inside, shape [hz, frames] (even-odd rule)."""
        inside = np.zeros((len(hz), len(frames)), bool)
        corners = np.array(self.points, float)
        for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            if y1 == y2:
                continue
            crossed = (hz >= min(y1, y2)) & (hz < max(y1, y2))
            at = x1 + (hz - y1) * (x2 - x1) / (y2 - y1)
            inside ^= crossed[:, None] & (frames[None, :] < at[:, None])
        return inside


@dataclass(frozen=True, slots=True)
class Strokes:
    """What of a recording is to be written.

    Attributes:
        holes: All that sounds there anew, in any order.
        lassos: What sounds inside these outlines anew.
        before, after: Frames of music to be added.
        heal: Whether clicks and drop-outs are to be found, and filled as holes.
        strength: For outlines: how much of what was there gives way, 0-1.
        near: Whether outlines are filled from right beside them only.
    """

    holes: tuple[Hole, ...] = ()
    lassos: tuple[Lasso, ...] = ()
    before: int = 0
    after: int = 0
    heal: bool = False
    strength: float = 1.0
    near: bool = False

    def __bool__(self) -> bool:
        """Whether anything is to be written."""
        return bool(self.holes or self.lassos or self.before or self.after or self.heal)


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """What takes the place of frames [first, first + len(samples)).

    All outside them stays as it was. The hole lies inside; what a patch holds beside it is the
    cross-fade from the recording into what was written and back.

    Attributes:
        taken: The frames at which what was taken from elsewhere begins there, in order.
    """

    first: int
    samples: Samples
    method: str
    taken: tuple[int, ...] = ()

    @property
    def end(self) -> int:
        return self.first + len(self.samples)


@dataclass(frozen=True, slots=True)
class Seam:
    """One edge of what was written.

    Attributes:
        frame: Where it is.
        click_db: The largest surprise at the edge, against the largest around it; 0 and less: no
            larger than the music's own.
        step_db: How much louder what follows is than what comes before, over 50 ms.
    """

    frame: int
    click_db: float
    step_db: float


@dataclass(frozen=True, slots=True)
class Painted:
    """What was written at one place, and how well it joins.

    Attributes:
        first, end: The frames that are not what they were, cross-fades included.
        method: What wrote them.
        why: How, as one sentence.
        seams: Their edges; an end of the recording is none.
        leak_db: For an outline: what changed outside its band, in dB of what sounds there.
    """

    first: int
    end: int
    method: str
    why: str
    seams: tuple[Seam, ...] = ()
    leak_db: float | None = None
