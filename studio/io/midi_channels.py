"""What the channels of a MIDI file's tracks play: messages become notes, lanes and programs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from studio.io import smf

_SETUP = frozenset({0, 6, 32, 38, 98, 99, 100, 101})  # banks and registered parameters
_MODES = range(120, 128)  # channel mode messages: 120 and 123 let go of every key


@dataclass
class Part:
    """What one channel of one track plays, in the song's ticks.

    Attributes:
        name: Of its track, if no other channel plays there.
        rows: Start, length, pitch and velocity of its notes.
        lanes: Values by tick of `cc<number>`, `pressure` and `bend` (semitones).
        programs: Tick, bank and program of each change.
    """

    port: int
    channel: int
    name: str = ""
    rows: list[tuple[int, int, int, int]] = field(default_factory=list)
    lanes: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    programs: list[tuple[int, int, int]] = field(default_factory=list)


def parts_of(track: Iterable[smf.Event], end: int) -> list[Part]:
    """The channels of one track, in the order they first speak."""
    name, port = "", 0
    readers: dict[tuple[int, int], _Channel] = {}
    for event in track:
        if event.status == smf.META:
            if event.data[0] == 0x03 and not name:
                name = smf.text(event.data[1:])
            elif event.data[0] == 0x21 and len(event.data) > 1:
                port = event.data[1]
            continue
        key = port, event.status & 0x0F
        if key not in readers:
            readers[key] = _Channel(Part(*key))
        readers[key].hear(event)
    for reader in readers.values():
        reader.close(end)
    parts = [reader.part for reader in readers.values()]
    if sum(bool(part.rows) for part in parts) == 1:
        for part in parts:
            part.name = name
    return parts


class _Channel:
    """Turns the messages of a channel into notes and lanes."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self._open: dict[int, list[tuple[int, int]]] = defaultdict(list)  # pitch: start, velocity
        self._bank = 0
        self._registered = [127, 127]
        self._bend_range = [2, 0]  # semitones, cents

    def hear(self, event: smf.Event) -> None:
        kind, data = event.status & 0xF0, event.data
        if kind == 0x90 and data[1]:
            self._open[data[0]].append((event.tick, data[1]))
        elif kind in (0x80, 0x90):
            self._let_go(data[0], event.tick)
        elif kind == 0xB0:
            self._control(event.tick, data[0], data[1])
        elif kind == 0xC0:
            self.part.programs.append((event.tick, self._bank, data[0]))
        elif kind == 0xD0:
            self.part.lanes["pressure"][event.tick] = data[0]
        elif kind == 0xE0:
            semitones = self._bend_range[0] + self._bend_range[1] / 100
            wheel = (data[0] | data[1] << 7) - 8192
            self.part.lanes["bend"][event.tick] = wheel / 8192 * semitones

    def close(self, end: int) -> None:
        """Let go of every key."""
        for pitch, held in self._open.items():
            for _ in range(len(held)):
                self._let_go(pitch, end)

    def _let_go(self, pitch: int, tick: int) -> None:
        if self._open[pitch]:
            start, velocity = self._open[pitch].pop(0)
            self.part.rows.append((start, max(tick - start, 1), pitch, velocity))

    def _control(self, tick: int, number: int, value: int) -> None:
        if number in _SETUP:
            self._set_up(number, value)
        elif number in (120, 123):
            self.close(tick)
        elif number not in _MODES:
            self.part.lanes[f"cc{number}"][tick] = value

    def _set_up(self, number: int, value: int) -> None:
        if number == 0:
            self._bank = value
        elif number in (98, 99):  # an unregistered parameter: what follows is not ours
            self._registered = [127, 127]
        elif number in (100, 101):
            self._registered[101 - number] = value
        elif number in (6, 38) and self._registered == [0, 0]:
            self._bend_range[number == 38] = value
