"""Tracks and their mixer strip."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from studio.domain.clip import AudioSource, Clip
from studio.domain.device import DRUM_BANK, SOUNDFONT, Device
from studio.domain.notes import Automation

TrackId = NewType("TrackId", str)

SILENT_DB = -120.0  # at or below, a fader is off
LOUDEST_DB = 12.0
MONO_1, MONO_2, STEREO = (0,), (1,), (0, 1)  # channels of an audio input


class TrackKind(StrEnum):
    INSTRUMENT = "instrument"
    AUDIO = "audio"
    BUS = "bus"
    MASTER = "master"


@dataclass(frozen=True, slots=True)
class Send:
    """A copy of the strip's sound to a bus."""

    bus: TrackId
    level_db: float = -12.0
    pre_fader: bool = False


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a track sounded like before its fader, to be played in its stead.

    Attributes:
        start: Where the recording begins, song ticks.
        of: A digest of what it was made of. Once that is no longer what the track plays, the
            recording is passed over: an edit thaws the track, and undoing it freezes it again.
    """

    source: AudioSource
    start: int
    of: str


@dataclass(frozen=True, slots=True)
class TrackInput:
    """What a track is recorded from. One that is played hears the MIDI keyboard.

    Attributes:
        channels: Of the audio input: `MONO_1`, `MONO_2` or `STEREO`.
        monitor: Whether it is heard while armed; off at first, for loudspeakers would howl.
        armed: Whether it listens, so that the next recording is made on it.
    """

    channels: tuple[int, ...] = MONO_1
    monitor: bool = False
    armed: bool = False

    def __post_init__(self) -> None:
        if self.channels not in (MONO_1, MONO_2, STEREO):
            raise ValueError("an audio track hears the first channel, the second or both")


@dataclass(frozen=True, slots=True)
class Track:
    """A strip: clips, devices in order (an instrument track's first one is its instrument), mixer.

    Attributes:
        role: What it plays: `melody`, `chords`, `bass`, `drums`, `pad`, `counter`, or empty.
        color: Index of one of the eight track colours.
        group: What it shares with the tracks beside it that are of the same group; empty for none.
        pan: -1 (left) to 1 (right).
    """

    id: TrackId
    kind: TrackKind
    name: str
    clips: tuple[Clip, ...] = ()
    devices: tuple[Device, ...] = ()
    volume_db: float = 0.0
    pan: float = 0.0
    muted: bool = False
    soloed: bool = False
    sends: tuple[Send, ...] = ()
    automation: tuple[Automation, ...] = ()
    role: str = ""
    color: int = 0
    frozen: Frozen | None = None
    group: str = ""
    input: TrackInput = TrackInput()

    def __post_init__(self) -> None:
        if not SILENT_DB <= self.volume_db <= LOUDEST_DB or not -1.0 <= self.pan <= 1.0:
            raise ValueError("a fader lies between -120 and +12 dB and a pan between -1 and 1")

    @property
    def instrument(self) -> Device | None:
        first = self.devices[0] if self.devices else None
        return first if first is not None and first.kind == SOUNDFONT else None

    @property
    def effects(self) -> tuple[Device, ...]:
        return self.devices[1:] if self.instrument is not None else self.devices

    @property
    def is_drums(self) -> bool:
        return self.instrument is not None and self.instrument.parameter("bank", 0) == DRUM_BANK
