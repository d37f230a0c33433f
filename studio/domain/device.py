"""Devices: instruments and effects as values; what they sound like is the renderer's business."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NewType, Self

DeviceId = NewType("DeviceId", str)

SOUNDFONT = "soundfont"  # the instrument: parameters `program` 0-127, `bank` 0-128 (128: drum kits)
DRUM_BANK = 128


@dataclass(frozen=True, slots=True)
class Device:
    """One slot of a track's chain.

    Attributes:
        kind: `soundfont`, or an effect: `eq`, `compressor`, `reverb`, `delay`, `chorus`,
            `saturation`, `limiter`.
        state: What parameters cannot say (a preset's name, a plug-in's own text).
        parameters: (name, value) pairs in the parameter's own unit, ordered by name.
        latency_frames: Delay it adds, at the song's rate; the graph compensates it.
        bypassed: Sound passes through unchanged (and as late as before).
    """

    id: DeviceId
    kind: str
    parameters: tuple[tuple[str, float], ...] = ()
    state: str = ""
    latency_frames: int = 0
    bypassed: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", tuple(sorted(self.parameters)))

    def parameter(self, name: str, default: float) -> float:
        return dict(self.parameters).get(name, default)

    def with_parameter(self, name: str, value: float) -> Self:
        kept = [pair for pair in self.parameters if pair[0] != name]
        return replace(self, parameters=tuple(sorted([*kept, (name, float(value))])))


def soundfont(id: DeviceId, program: int, drums: bool = False) -> Device:
    """A General MIDI instrument; for drums, `program` picks the kit."""
    bank = float(DRUM_BANK if drums else 0)
    return Device(id, SOUNDFONT, (("bank", bank), ("program", float(program))))
