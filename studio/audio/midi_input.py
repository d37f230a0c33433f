"""MIDI keyboards: which there are, and listening to one."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from studio.render.live import Message

_THROUGH = "Midi Through"  # ALSA's own, which no keyboard is behind
_LOOK_SECONDS = 1.0
_PEDALS = (64, 66)  # sustain and sostenuto
_SHORTEST = {0x80: 3, 0x90: 3, 0xA0: 3, 0xB0: 3, 0xC0: 2, 0xD0: 2, 0xE0: 3}


def ports() -> tuple[str, ...]:
    """The names of the MIDI inputs of this machine; none where it has no MIDI at all."""
    found: list[str] = []
    for client in _clients():
        found += [name for name in _ports(client) if name not in found]
        client.delete()
    return tuple(found)


class MidiInput:
    """A keyboard that is listened to while it is plugged in; call `look` now and then.

    Every message that is played is handed on with the time at which it came.

    Args:
        name: Of the port, or part of it; empty for the first keyboard there is.
        received: Called on the library's own thread, with `time.perf_counter_ns()`.

    Attributes:
        trouble: Why it is not listened to, or nothing.
    """

    def __init__(self, name: str, received: Callable[[Message, int], None]) -> None:
        self._name, self._received = name, received
        self._clients = list(_clients())
        self._opened: Any = None
        self._port = ""
        self._held: set[Message] = set()  # what lets go of the keys and pedals that are down
        self._looked = time.monotonic()
        self.trouble = "This machine has no MIDI input. Connect a keyboard."
        if name:
            self.trouble = f"There is no MIDI input {name}. Connect it, or choose another one."
        self._find()

    def look(self) -> bool:
        """Listen to it once it is there, and let go of its keys once it is not, about every second.

        Returns:
            Whether it came or went.
        """
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return False
        self._looked, before = now, self._opened
        if before is None:
            self._find()
        elif self._port not in _ports(before):
            self._leave()
            self.trouble = f"The MIDI keyboard {_lasting(self._port)} was pulled out."
        return self._opened is not before

    def _find(self) -> None:
        for client in self._clients:
            for index, port in enumerate(_ports(client)):
                if is_called(self._name, port):
                    with _quiet(), contextlib.suppress(_error()):
                        client.open_port(index, "Keyboard")
                        client.set_callback(self._on_message)
                        self._port, self._opened, self.trouble = port, client, ""
                        return

    def _leave(self) -> None:
        opened, self._opened = self._opened, None
        with _quiet(), contextlib.suppress(_error()):
            opened.cancel_callback()
            opened.close_port()
        for message in sorted(self._held):
            self._received(message, time.perf_counter_ns())
        self._held.clear()

    def _on_message(self, event: tuple[list[int], float], _data: object = None) -> None:
        message = channel_message(event[0])
        if message is not None:
            self._hold(message)
            self._received(message, time.perf_counter_ns())

    def _hold(self, message: Message) -> None:
        """Remember what would be held for ever if nothing more came."""
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        if kind in (0x80, 0x90):
            release = (0x80 | channel, message[1], 0)
            is_down = kind == 0x90 and message[2] > 0
        elif kind == 0xB0 and message[1] in _PEDALS:
            release, is_down = (0xB0 | channel, message[1], 0), message[2] > 0
        else:
            return
        (self._held.add if is_down else self._held.discard)(release)

    def close(self) -> None:
        if self._opened is not None:
            self._leave()
        for client in self._clients:
            client.delete()
        self._clients.clear()


def channel_message(data: list[int]) -> Message | None:
    """The bytes of a message that is played on a channel; None of clocks and the like."""
    if not data or data[0] & 0xF0 not in _SHORTEST:
        return None
    length = _SHORTEST[data[0] & 0xF0]
    whole = len(data) >= length and all(byte < 128 for byte in data[1:length])
    return tuple(data[:length]) if whole else None


def is_called(name: str, port: str) -> bool:
    """Whether a port is meant by a name, or a part of one; the empty name means any keyboard."""
    if not name:
        return not port.startswith(_THROUGH)
    return _lasting(name).casefold() in _lasting(port).casefold()


def _lasting(port: str) -> str:
    """A port's name without the numbers that ALSA gives it anew whenever it is plugged in."""
    return re.sub(r" \d+:\d+$", "", port)


def _clients() -> Iterator[Any]:
    """One for each of the system's kinds of MIDI that is there."""
    for api in _apis():
        with _quiet(), contextlib.suppress(_error()):
            client = _rtmidi().MidiIn(api, "Tutti")
            yield client


def _ports(client: Any) -> list[str]:
    with _quiet(), contextlib.suppress(_error()):
        return list(client.get_ports())
    return []


def _rtmidi() -> Any:
    import rtmidi  # loads the system's MIDI libraries

    return rtmidi


def _apis() -> list[int]:
    try:
        found: list[int] = _rtmidi().get_compiled_api()
    except ImportError:  # such as: a system without ALSA
        return []
    return found


def _error() -> type[BaseException]:
    """What the library raises."""
    base: type[BaseException] = _rtmidi().RtMidiError
    return base


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """ALSA and JACK write to standard error where they are missing, which is nobody's trouble."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
