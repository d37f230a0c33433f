"""Notes and automation as read-only numpy columns, so that 100,000 of them edit as arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt

IntColumn: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

NOTE_DTYPE = np.dtype(
    [
        ("id", "<i8"),
        ("start", "<i8"),  # ticks from the start of the clip's content
        ("length", "<i8"),  # ticks, at least 1
        ("pitch", "u1"),  # MIDI key 0-127
        ("velocity", "u1"),  # 1-127
        ("locked", "?"),  # a model never touches it
        ("muted", "?"),
        ("fresh", "?"),  # written by a model and not yet kept
        ("cents", "<f4"),  # detune
        ("timing", "<i4"),  # ticks played late (early if negative); the grid position is `start`
    ]
)
POINT_DTYPE = np.dtype([("tick", "<i8"), ("value", "<f4"), ("curve", "u1")])
HOLD, LINEAR = 0, 1  # how a point leads to the next one
_DEFAULTS: dict[str, Any] = {"velocity": 90}


class Notes:
    """An immutable table of notes ordered by (start, pitch, id).

    Every column of `NOTE_DTYPE` is an attribute: a read-only array of shape [n]. Ids are unique in
    a table and survive edits, so that a selection can be a set of ids.

    Args:
        table: Structured array of `NOTE_DTYPE`, shape [n]; it is copied and ordered.

    Raises:
        ValueError: An id occurs twice, or a value is out of its range.
    """

    __slots__ = ("_digest", "_table")

    def __init__(self, table: npt.NDArray[Any]) -> None:
        order = np.lexsort((table["id"], table["pitch"], table["start"]))
        self._table = np.ascontiguousarray(table[order], dtype=NOTE_DTYPE)
        self._digest: str | None = None
        _check_notes(self._table)
        self._table.flags.writeable = False

    @classmethod
    def of(
        cls, start: npt.ArrayLike, length: npt.ArrayLike, pitch: npt.ArrayLike, **columns: Any
    ) -> Self:
        """Notes from columns; ids count from 0 unless given, velocity is 90 unless given."""
        starts = np.atleast_1d(np.asarray(start, dtype=np.int64))
        table = np.zeros(len(starts), dtype=NOTE_DTYPE)
        given = {"start": starts, "length": length, "pitch": pitch, **columns}
        given.setdefault("id", np.arange(len(starts)))
        for name, value in (_DEFAULTS | given).items():
            table[name] = value
        return cls(table)

    @classmethod
    def empty(cls) -> Self:
        return cls(np.zeros(0, dtype=NOTE_DTYPE))

    @property
    def table(self) -> npt.NDArray[Any]:
        """The read-only structured array behind the columns, shape [n]."""
        return self._table

    @property
    def id(self) -> IntColumn:
        return self._column("id")

    @property
    def start(self) -> IntColumn:
        return self._column("start")

    @property
    def length(self) -> IntColumn:
        return self._column("length")

    @property
    def end(self) -> IntColumn:
        return self.start + self.length

    @property
    def pitch(self) -> npt.NDArray[np.uint8]:
        return self._column("pitch")

    @property
    def velocity(self) -> npt.NDArray[np.uint8]:
        return self._column("velocity")

    @property
    def locked(self) -> Mask:
        return self._column("locked")

    @property
    def muted(self) -> Mask:
        return self._column("muted")

    @property
    def fresh(self) -> Mask:
        return self._column("fresh")

    @property
    def cents(self) -> npt.NDArray[np.float32]:
        return self._column("cents")

    @property
    def timing(self) -> npt.NDArray[np.int32]:
        return self._column("timing")

    @property
    def next_id(self) -> int:
        return int(self.id.max()) + 1 if len(self) else 0

    @property
    def nbytes(self) -> int:
        return int(self._table.nbytes)

    @property
    def digest(self) -> str:
        """SHA-256 of the table's bytes, as hex; equal notes have equal digests."""
        if self._digest is None:
            self._digest = hashlib.sha256(self._table.tobytes()).hexdigest()
        return self._digest

    def where(self, mask_or_index: npt.ArrayLike) -> Self:
        """The notes picked by a boolean mask or by indices."""
        return type(self)(self._table[np.asarray(mask_or_index)])

    def with_columns(self, mask: npt.ArrayLike | None = None, **columns: Any) -> Self:
        """The same notes with columns replaced (only where `mask` is true, if given)."""
        table = self._table.copy()
        for name, value in columns.items():
            if mask is None:
                table[name] = value
            else:
                table[name][np.asarray(mask)] = value
        return type(self)(table)

    def joined(self, other: Notes) -> Self:
        """These notes and `other`; those of `other` get new ids, in order, from `next_id`."""
        added = other._table.copy()
        added["id"] = np.arange(self.next_id, self.next_id + len(added))
        return type(self)(np.concatenate([self._table, added]))

    def mask_of(self, ids: Iterable[int]) -> Mask:
        """True for each note whose id is in `ids`, shape [n]."""
        wanted = np.fromiter(ids, dtype=np.int64)
        return np.isin(self.id, wanted)

    def starting_in(self, start: int, end: int) -> Mask:
        """True for each note with `start <= onset < end` (ticks), shape [n]."""
        return (self.start >= start) & (self.start < end)

    def sounding_in(self, start: int, end: int) -> Mask:
        """True for each note that is heard somewhere in [start, end) ticks, shape [n]."""
        return (self.start < end) & (self.end > start)

    def _column(self, name: str) -> npt.NDArray[Any]:
        return self._table[name]

    def __len__(self) -> int:
        return len(self._table)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Notes) and self._table.tobytes() == other._table.tobytes()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"Notes({len(self)})"


def _check_notes(table: npt.NDArray[Any]) -> None:
    if not len(table):
        return
    ids = np.sort(table["id"])
    if np.any(ids[1:] == ids[:-1]):
        raise ValueError("two notes share an id")
    if table["start"].min() < 0 or table["length"].min() < 1:
        raise ValueError("a note must start at or after 0 and last at least a tick")
    if table["pitch"].max() > 127 or table["velocity"].max() > 127 or table["velocity"].min() < 1:
        raise ValueError("a note's pitch is 0-127 and its velocity 1-127")


@dataclass(frozen=True, slots=True, eq=False)
class Automation:
    """How one parameter moves over time, as points ordered by tick.

    Attributes:
        parameter: Stable id: `cc<number>`, `bend` (semitones), `pressure` in a note clip;
            `volume` (dB), `pan`, `send:<bus id>` (dB), `<device id>:<name>` on a track.
        points: Read-only structured array of `POINT_DTYPE`, shape [n], ticks strictly rising.
    """

    parameter: str
    points: npt.NDArray[Any]

    def __post_init__(self) -> None:
        points = np.array(self.points, dtype=POINT_DTYPE)
        if len(points) and (points["tick"][0] < 0 or np.any(np.diff(points["tick"]) <= 0)):
            raise ValueError("automation points need rising ticks from 0")
        points.flags.writeable = False
        object.__setattr__(self, "points", points)

    @classmethod
    def of(
        cls, parameter: str, ticks: npt.ArrayLike, values: npt.ArrayLike, curve: Any = LINEAR
    ) -> Self:
        ticks = np.atleast_1d(np.asarray(ticks, dtype=np.int64))
        points = np.zeros(len(ticks), dtype=POINT_DTYPE)
        points["tick"], points["value"], points["curve"] = ticks, values, curve
        return cls(parameter, points)

    @property
    def digest(self) -> str:
        """SHA-256 of the points' bytes, as hex."""
        return hashlib.sha256(self.points.tobytes()).hexdigest()

    def at(self, ticks: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """The parameter's value at `ticks` (shape [m]); before the first point, the first value."""
        if not len(self.points):
            raise ValueError("automation without points has no value")
        wanted = np.atleast_1d(np.asarray(ticks, dtype=np.int64))
        at, value = self.points["tick"], self.points["value"].astype(np.float64)
        last = np.clip(np.searchsorted(at, wanted, side="right") - 1, 0, None)
        moving = np.interp(wanted, at, value)
        held = self.points["curve"][last] == HOLD
        return np.where(held, value[last], moving)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Automation):
            return False
        same = self.points.tobytes() == other.points.tobytes()
        return self.parameter == other.parameter and same

    def __hash__(self) -> int:
        return hash((self.parameter, self.points.tobytes()))
