"""What a musician would call wrong within a second, told by counting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studio.ai.composer.measures import Counts, Music, count

Rates = dict[str, float]


@dataclass(frozen=True, slots=True)
class Alarm:
    """A bound on one of the rates of `Counts.rates`, in percent.

    Attributes:
        rate: Which; `least` or `most` is what is still well.
        fewest: Below so many events the rate says nothing.
    """

    name: str
    rate: str
    least: float = -np.inf
    most: float = np.inf
    events: Callable[[Counts], int] = lambda counts: counts.bars
    fewest: int = 1

    def listens(self, counts: Counts) -> bool:
        """Whether the song has enough of what the alarm is about."""
        return self.events(counts) >= self.fewest

    def rings(self, counts: Counts, rates: Rates) -> bool:
        return self.listens(counts) and not self.least <= rates[self.rate] <= self.most


ALARMS = (
    Alarm("empty bars", "empty bars", most=10.0),
    Alarm("a silent part", "silent parts", most=0.0),
    Alarm("a part that plays once", "parts that play once", most=0.0),
    Alarm(
        "drums cut short",
        "drums cut short",
        most=80.0,
        events=lambda counts: counts.struck_bars,
        fewest=4,
    ),
    # A tenth of the bands over charts have such a chorus.
    Alarm("a flat chorus", "flat choruses", most=0.0, events=lambda counts: counts.choruses),
    Alarm(
        "a tune of held notes",
        "melody notes a bar",
        least=1.5,
        events=lambda counts: counts.melody_bars,
        fewest=4,
    ),
    Alarm(
        "parts against the chords on strong beats",
        "chord tones of all parts on strong beats",
        least=70.0,
        events=lambda counts: counts.all_strong,
        fewest=8,
    ),
    Alarm(
        "melody against the chords on strong beats",
        "chord tones on strong beats",
        least=70.0,
        events=lambda counts: counts.strong,
        fewest=8,
    ),
    Alarm("a low crowd", "crowds below C3", most=0.0),
    Alarm(
        "bass beside the kick",
        "bass beside the kick",
        most=20.0,
        events=lambda counts: counts.kicks,
        fewest=8,
    ),
    Alarm("melody out of range", "melody in range", least=97.0),
    Alarm(
        "no final cadence",
        "ends at home",
        least=100.0,
        events=lambda counts: counts.endings,
    ),
    Alarm("notes struck while held", "doubled notes", most=5.0),
    Alarm("melody rubs against the band", "semitone clashes", most=10.0),
    Alarm("stuck", "stuck bars", most=10.0),
)
CLIPPING = "clipping"


def rung(music: Music) -> tuple[str, ...]:
    """The names of the alarms that a song sets off; `CLIPPING` is left to `clips`."""
    return rung_by(count(music))


def rung_by(counts: Counts) -> tuple[str, ...]:
    """The same, of a song that was counted already."""
    rates = counts.rates()
    return tuple(alarm.name for alarm in ALARMS if alarm.rings(counts, rates))


def clips(samples: npt.NDArray[np.float32]) -> bool:
    """Whether a rendered song touches full scale; float samples of any shape."""
    return bool(np.abs(samples).max(initial=0.0) >= 1.0)
