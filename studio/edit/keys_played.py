"""MIDI messages as they were played, turned into notes and controllers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from studio.domain.notes import HOLD, Automation, Notes

SUSTAIN = 64
SIXTEENTH = 240  # ticks
_MODES_FROM = 120  # controllers from here on are commands: all notes off and the like
_BEND_CENTRE, _BEND_SEMITONES = 8192, 2

Message: TypeAlias = tuple[int, ...]
Key: TypeAlias = tuple[int, int]  # channel, pitch


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was played while the song ran on from one place to another.

    Attributes:
        end: The tick at which it went elsewhere, or stopped.
        messages: (tick, bytes), ordered.
    """

    end: int
    messages: tuple[tuple[int, Message], ...]


@dataclass
class _Hands:
    """Which keys are down, or held by the pedal; when each was struck, and how hard."""

    down: dict[Key, tuple[int, int]] = field(default_factory=dict)
    ringing: dict[Key, tuple[int, int]] = field(default_factory=dict)
    pedals: set[int] = field(default_factory=set)
    notes: list[tuple[int, int, int, int]] = field(default_factory=list)

    def strike(self, key: Key, tick: int, velocity: int) -> None:
        self.release(key, tick)
        self.let_ring_out(tick, [key])
        self.down[key] = (tick, velocity)

    def release(self, key: Key, tick: int) -> None:
        struck = self.down.pop(key, None)
        if struck is None:
            return
        if key[0] in self.pedals:
            self.ringing[key] = struck
        else:
            self._note(key, struck, tick)

    def lift_pedal(self, channel: int, tick: int) -> None:
        self.pedals.discard(channel)
        self.let_ring_out(tick, [key for key in self.ringing if key[0] == channel])

    def let_ring_out(self, tick: int, keys: Iterable[Key]) -> None:
        for key in list(keys):
            if key in self.ringing:
                self._note(key, self.ringing.pop(key), tick)

    def stop(self, tick: int) -> None:
        """Everything ends here; the pedal stays where it is."""
        self.let_ring_out(tick, self.ringing)
        for key in list(self.down):
            self._note(key, self.down.pop(key), tick)

    def _note(self, key: Key, struck: tuple[int, int], tick: int) -> None:
        self.notes.append((struck[0], max(tick - struck[0], 1), key[1], struck[1]))


def notes_played(
    stretches: Iterable[Stretch], *, sixteenths: bool = False
) -> tuple[Notes, tuple[Automation, ...]]:
    """Notes with the sustain pedal in their lengths, and the other controllers.

    A note that is held when the song goes elsewhere ends there. A key that is struck again ends
    its note.

    Args:
        sixteenths: Put each note on the nearest sixteenth.
    """
    hands, lanes = _Hands(), dict[str, dict[int, float]]()
    for stretch in stretches:
        for tick, message in stretch.messages:
            _apply(message, tick, hands, lanes)
        hands.stop(stretch.end)
    columns = list(zip(*hands.notes, strict=True)) or [(), (), (), ()]
    start, length, pitch, velocity = columns
    notes = Notes.of(start, length, pitch, velocity=velocity) if start else Notes.empty()
    if sixteenths:
        on_grid = (notes.start + SIXTEENTH // 2) // SIXTEENTH * SIXTEENTH
        notes = notes.with_columns(start=on_grid)
    return notes, tuple(_lane(name, lanes[name]) for name in sorted(lanes))


def _apply(message: Message, tick: int, hands: _Hands, lanes: dict[str, dict[int, float]]) -> None:
    kind, channel = message[0] & 0xF0, message[0] & 0x0F
    match (kind, *message[1:]):
        case (0x90, pitch, velocity) if velocity:
            hands.strike((channel, pitch), tick, velocity)
        case (0x80 | 0x90, pitch, _):
            hands.release((channel, pitch), tick)
        case (0xB0, 64, value) if value >= SUSTAIN:
            hands.pedals.add(channel)
        case (0xB0, 64, _):
            hands.lift_pedal(channel, tick)
        case (0xB0, number, value) if number < _MODES_FROM:
            lanes.setdefault(f"cc{number}", {})[tick] = value
        case (0xD0, value):
            lanes.setdefault("pressure", {})[tick] = value
        case (0xE0, low, high):
            bent = (low + 128 * high - _BEND_CENTRE) / _BEND_CENTRE * _BEND_SEMITONES
            lanes.setdefault("bend", {})[tick] = bent


def _lane(name: str, points: dict[int, float]) -> Automation:
    ticks = sorted(points)
    return Automation.of(name, ticks, [points[tick] for tick in ticks], HOLD)
