"""MIDI keyboards: which there are, and listening to one."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from studio.core.errors import StudioError
from studio.render.live import Message

_SHORTEST = {0x80: 3, 0x90: 3, 0xA0: 3, 0xB0: 3, 0xC0: 2, 0xD0: 2, 0xE0: 3}


def ports() -> tuple[str, ...]:
    """The names of the MIDI inputs of this machine; none where it has no MIDI at all."""
    found: list[str] = []
    for api in _apis():
        with _quiet(), contextlib.suppress(_error()):
            opened = _rtmidi().MidiIn(api, "Tutti")
            found += [name for name in opened.get_ports() if name not in found]
            opened.delete()
    return tuple(found)


class MidiInput:
    """An open input; every message that is played is handed on with the time at which it came.

    Args:
        name: Of the port, or part of it.
        received: Called on the library's own thread, with `time.perf_counter_ns()`.

    Raises:
        StudioError: There is no such port, or it cannot be opened.
    """

    def __init__(self, name: str, received: Callable[[Message, int], None]) -> None:
        self.name = name
        self._received = received
        self._opened = self._open(name)
        self._opened.set_callback(self._on_message)

    def _open(self, name: str) -> Any:
        for api in _apis():
            with _quiet(), contextlib.suppress(_error()):
                opened = _rtmidi().MidiIn(api, "Tutti")
                for index, port in enumerate(opened.get_ports()):
                    if name.casefold() in port.casefold():
                        opened.open_port(index, "Keyboard")
                        return opened
                opened.delete()
        if not name:
            raise StudioError("This machine has no MIDI input.", "Connect a keyboard.")
        raise StudioError(f"There is no MIDI input {name}.", "Connect it, or choose another one.")

    def _on_message(self, event: tuple[list[int], float], _data: object = None) -> None:
        message = channel_message(event[0])
        if message is not None:
            self._received(message, time.perf_counter_ns())

    def close(self) -> None:
        self._opened.cancel_callback()
        self._opened.close_port()
        self._opened.delete()


def channel_message(data: list[int]) -> Message | None:
    """The bytes of a message that is played on a channel; None of clocks and the like."""
    if not data or data[0] & 0xF0 not in _SHORTEST:
        return None
    length = _SHORTEST[data[0] & 0xF0]
    whole = len(data) >= length and all(byte < 128 for byte in data[1:length])
    return tuple(data[:length]) if whole else None


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
