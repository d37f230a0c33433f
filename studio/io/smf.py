"""The bytes of a Standard MIDI File (RP-001, 1996), read forgivingly.

Files in the wild are cut short, carry chunks of other programs, wrong lengths, wrong key
signatures and unknown meta events. Whatever is sound before the damage is read, and no event
moves because of another one that is not understood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from studio.core.errors import StudioError

META, SYSEX, SYSEX_MORE = 0xFF, 0xF0, 0xF7
_DATA_BYTES = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
_WRAPPED = 64  # a RIFF file has its MIDI header within the first bytes


class Event(NamedTuple):
    """One event; a meta event's `data` starts with its type."""

    tick: int  # from the track's start, in the file's own ticks
    status: int
    data: bytes


@dataclass(frozen=True, slots=True)
class MidiFile:
    """A file's tracks.

    Attributes:
        format: 0, 1 or 2.
        division: Ticks to the quarter note, or a negative SMPTE division.
        tracks: Events in the order of the file, ticks never falling; `end` of each in `ends`.
        ends: The tick of each track's last event.
        damaged: Whether anything had to be left out.
    """

    format: int
    division: int
    tracks: tuple[tuple[Event, ...], ...]
    ends: tuple[int, ...]
    damaged: bool


def parse(data: bytes, name: str) -> MidiFile:
    """The events of a file whose bytes are `data`; `name` is what errors call it.

    Raises:
        StudioError: This is no MIDI file.
    """
    at = data.find(b"MThd", 0, _WRAPPED)
    if at < 0 or len(data) < at + 14:
        raise StudioError(f"“{name}” is not a MIDI file.")
    format = int.from_bytes(data[at + 8 : at + 10], "big")
    division = int.from_bytes(data[at + 12 : at + 14], "big", signed=True)
    if format > 2 or division == 0:
        raise StudioError(f"“{name}” has a header that is not of a MIDI file.")
    expected = int.from_bytes(data[at + 10 : at + 12], "big")
    at += 8 + int.from_bytes(data[at + 4 : at + 8], "big")
    tracks, damaged = [], False
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "big")
        if kind == b"MTrk":
            body = data[at + 8 : at + 8 + size]
            reader = _Track(body)
            damaged |= reader.damaged or len(body) < size
            tracks.append(reader)
        at += 8 + size
    return MidiFile(
        format,
        division,
        tuple(tuple(track.events) for track in tracks),
        tuple(track.tick for track in tracks),
        damaged or len(tracks) < expected,
    )


class _Track:
    """Reads one track chunk; stops where it stops making sense."""

    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0
        self._running = 0
        self.tick = 0
        self.events: list[Event] = []
        self.damaged = False
        try:
            while self._at < len(body) and self._event():
                pass
        except (IndexError, ValueError):
            self.damaged = True

    def _event(self) -> bool:
        """Read one event; false after the last one."""
        self.tick += self._number()
        status = self._body[self._at]
        if status >= 0x80:
            self._at += 1
        else:
            status = self._running
        if status >= SYSEX:
            return self._system(status)
        self._running = status
        data = self._take(_DATA_BYTES[status & 0xF0] if status else self._refuse())
        if max(data) > 127:
            self._refuse()
        self.events.append(Event(self.tick, status, data))
        return True

    def _system(self, status: int) -> bool:
        kind = self._take(1) if status == META else b""
        if status not in (META, SYSEX, SYSEX_MORE):
            self._refuse()
        data = kind + self._take(self._number())
        if kind:
            self.events.append(Event(self.tick, META, data))
        return kind != b"\x2f"

    def _number(self) -> int:
        """A quantity of seven bits a byte, four bytes at most."""
        value = 0
        for _ in range(4):
            byte = self._body[self._at]
            self._at += 1
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
        return self._refuse()

    def _take(self, count: int) -> bytes:
        data = self._body[self._at : self._at + count]
        if len(data) < count:
            self._refuse()
        self._at += count
        return data

    def _refuse(self) -> int:
        raise ValueError("not a MIDI event")


def text(data: bytes) -> str:
    """A text event's characters: UTF-8, else Shift-JIS where it gives Japanese, else Latin-1."""
    return _decoded(data).strip(" \t\r\n\0")


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        japanese = data.decode("cp932")
    except UnicodeDecodeError:
        return data.decode("latin-1")
    full_width = sum("\u3000" <= character <= "\u9fff" for character in japanese)
    return japanese if 2 * full_width >= len(japanese) else data.decode("latin-1")
