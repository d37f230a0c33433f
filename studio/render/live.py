"""What is played or sung while the song is heard: added to a track before its effects."""

from __future__ import annotations

from collections import deque
from typing import Protocol, TypeAlias

import numpy as np

from studio.domain.track import TrackId
from studio.render.fluid import BEND, BEND_SEMITONES, PRESSURE, Synth
from studio.render.sources import Block

Message: TypeAlias = tuple[int, ...]  # the bytes of one MIDI message

BEND_CENTRE = 8192
WHEEL_SEMITONES = 2  # how far the wheel of a keyboard bends, as keyboards are made


class Live(Protocol):
    """Something that sounds on a track beside what its clips play."""

    @property
    def track(self) -> TrackId: ...

    def add(self, out: Block) -> None:
        """Add the next frames to `out`, shape [2, frames]."""
        ...


class LiveInstrument:
    """A synthesiser of its own, so that what the song plays goes on undisturbed.

    Messages may be given from the thread that renders; they sound from the next frame on.
    """

    def __init__(
        self, track: TrackId, instrument: tuple[int, int], synth: Synth, frames: int
    ) -> None:
        self.track = track
        self.instrument = instrument
        self.synth = synth
        self._messages: deque[Message] = deque()
        self._scratch = np.zeros((2, frames), np.float32)
        self._sounds = False

    def play(self, message: Message) -> None:
        """Take in a message of any channel."""
        self._messages.append(message)

    def add(self, out: Block) -> None:
        while self._messages:
            self._apply(self._messages.popleft())
        if self._sounds:
            part = self._scratch[:, : out.shape[1]]
            self.synth.render(part)
            out += part
            self._sounds = self.synth.audible

    def _apply(self, message: Message) -> None:
        self._sounds = True
        match (message[0] & 0xF0, *message[1:]):
            case (0x90, pitch, velocity) if velocity:
                self.synth.note_on(pitch, velocity)
            case (0x80 | 0x90, pitch, _):
                self.synth.note_off(pitch)
            case (0xB0, number, value):
                self.synth.control(number, value)
            case (0xD0, value):
                self.synth.control(PRESSURE, value)
            case (0xE0, low, high):
                bent = (low + 128 * high - BEND_CENTRE) * WHEEL_SEMITONES / BEND_SEMITONES
                self.synth.control(BEND, BEND_CENTRE + round(bent))
