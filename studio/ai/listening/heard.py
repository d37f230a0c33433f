"""What was heard in a recording; times are in seconds from its start."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.core.errors import StudioError
from studio.domain.theory import Chord, Key

SHORTEST_SECONDS = 2.0  # that have a tempo, a key or a chord

Floats = npt.NDArray[np.float32]
Seconds = npt.NDArray[np.float64]


def _none() -> Seconds:
    return np.zeros(0)


@dataclass(frozen=True, slots=True, eq=False)
class Beats:
    """Where to tap a foot.

    Attributes:
        seconds: Shape [n], rising.
        downbeats: Whether each begins a bar, shape [n].
        bpm: 0 where there are no beats.
    """

    seconds: Seconds = field(default_factory=_none)
    downbeats: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    bpm: float = 0.0

    def __len__(self) -> int:
        return len(self.seconds)

    @property
    def beats_per_bar(self) -> int:
        """How many beats most bars have; 4 where nothing tells."""
        gaps = np.diff(np.flatnonzero(self.downbeats))
        return int(np.bincount(gaps).argmax()) if len(gaps) else 4


class HeardChord(NamedTuple):  # hours hold thousands
    """A chord over [start, end) seconds."""

    start: float
    end: float
    chord: Chord


class HeardSection(NamedTuple):
    """A part of the form over [start, end) seconds; what sounds alike has one label."""

    start: float
    end: float
    label: str


@dataclass(frozen=True, slots=True)
class Heard:
    """All that listening finds.

    Attributes:
        key: None where nothing tonal sounds.
        chords, sections: In order, without overlap; gaps between chords hold none.
        tuning_cents: How far the recording lies above A4 = 440 Hz.
        why: One sentence on how it was heard.
    """

    seconds: float
    beats: Beats = field(default_factory=Beats)
    key: Key | None = None
    chords: tuple[HeardChord, ...] = ()
    sections: tuple[HeardSection, ...] = ()
    tuning_cents: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class HeardNotes:
    """Notes as columns of shape [n], ordered by start.

    Attributes:
        start, end: Seconds.
        pitch: MIDI keys; of drums those of General MIDI.
        velocity: 1-127.
        why: One sentence on how they were heard.
    """

    start: Seconds = field(default_factory=_none)
    end: Seconds = field(default_factory=_none)
    pitch: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    velocity: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    why: str = ""

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True, slots=True, eq=False)
class PitchCurve:
    """One voice's pitch over time.

    Attributes:
        step: Seconds from one value to the next; the first lies at 0.
        pitch: MIDI keys with fractions, shape [n].
        voiced: How sure it is that there is a pitch, 0-1, shape [n].
        level: RMS, shape [n].
    """

    step: float
    pitch: Seconds
    voiced: Seconds
    level: Seconds


def check_length(seconds: float) -> None:
    """Raises StudioError where a recording is too short to listen to."""
    if seconds < SHORTEST_SECONDS:
        raise StudioError(
            f"The recording lasts {seconds:.1f} seconds, too short to find a tempo or a key.",
            f"Choose {SHORTEST_SECONDS:.0f} seconds or more.",
        )


def notes_of(rows: list[tuple[float, float, int, int]], why: str = "") -> HeardNotes:
    """Rows of (start, end, pitch, velocity) as columns, ordered by start and pitch."""
    rows = sorted(rows, key=lambda row: (row[0], row[2]))
    start, end, pitch, velocity = zip(*rows, strict=True) if rows else ((),) * 4
    return HeardNotes(
        np.array(start, np.float64),
        np.array(end, np.float64),
        np.array(pitch, np.int64),
        np.clip(np.array(velocity, np.int64), 1, 127),
        why,
    )
