"""What the window asks the engine to listen to, as files in the run folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Source:
    """What an armed track is recorded from: channels of the input, or none of them for MIDI."""

    track: str
    channels: tuple[int, ...] = ()
    monitor: bool = False


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is to be listened to.

    Attributes:
        device: Part of an input's name, or empty for the usual one.
        midi: Part of a MIDI input's name, or empty for the first one.
        open: The input is wanted though no track is armed.
    """

    tracks: tuple[Source, ...] = ()
    device: str = ""
    midi: str = ""
    open: bool = False

    @property
    def wants_sound(self) -> bool:
        return self.open or any(track.channels for track in self.tracks)

    @property
    def wants_keys(self) -> bool:
        return any(not track.channels for track in self.tracks)


def inputs_file(folder: Path, version: int) -> Path:
    return folder / f"inputs-{version}.json"


def recording_file(folder: Path, number: int) -> Path:
    return folder / f"recording-{number}.json"


def read_inputs(path: Path) -> Inputs:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    tracks = tuple(
        Source(entry["track"], tuple(entry["channels"]), entry["monitor"])
        for entry in found.pop("tracks")
    )
    return Inputs(tracks, **found)
