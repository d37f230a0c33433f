"""Effects: what each kind of device does to sound, and the chain a strip holds.

Every effect works on stereo blocks of whole 64-frame steps, and gives the same samples however
those steps are grouped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pedalboard

from studio.domain.device import Device
from studio.dsp.equaliser import Equaliser
from studio.dsp.levels import gain
from studio.dsp.limiter import Limiter
from studio.dsp.reverb import Reverb
from studio.render.fluid import GRID_FRAMES
from studio.render.knobs import PARAMETERS, knobs_of
from studio.render.sleep import WINDOW_FRAMES
from studio.render.strip import Delay, Frames, Ramp, sloped
from studio.render.tables import Lane

Block = npt.NDArray[np.float32]  # [2, frames]


class Effect(Protocol):
    """One device at work. `knobs` is what `turn` was last given, complete."""

    latency_frames: int

    def turn(self, knobs: dict[str, float]) -> None: ...

    def process(self, block: Block) -> None:
        """Change `block` (shape [2, n], n a multiple of 64) in place."""
        ...

    def reset(self) -> None:
        """Go on as if nothing had gone in."""
        ...


class _Native:
    """An effect of pedalboard beside the dry sound."""

    latency_frames = 0

    def __init__(self, plugin: Any, sample_rate: int, names: dict[str, tuple[str, float]]) -> None:
        self._plugin, self._rate, self._names = plugin, float(sample_rate), names
        self._dry, self._wet = np.float32(0.0), np.float32(1.0)
        self._longest = np.zeros((2, WINDOW_FRAMES), np.float32)

    def turn(self, knobs: dict[str, float]) -> None:
        for knob, (attribute, scale) in self._names.items():
            if getattr(self._plugin, attribute) != knobs[knob] * scale:
                setattr(self._plugin, attribute, knobs[knob] * scale)
        wet = knobs.get("wet", 1.0)
        self._dry = np.float32(1.0 - wet)
        self._wet = np.float32(wet * gain(knobs.get("makeup_db", 0.0)))

    def process(self, block: Block) -> None:
        made = self._plugin.process(block, self._rate, buffer_size=WINDOW_FRAMES, reset=False)
        made *= self._wet
        block *= self._dry
        block += made

    def reset(self) -> None:
        """It would start afresh again whenever a block is longer than all since, so the longest
        comes first."""
        self._plugin.reset()
        self._plugin.process(self._longest, self._rate, buffer_size=WINDOW_FRAMES, reset=False)


class _Equaliser:
    latency_frames = 0

    def __init__(self, sample_rate: int) -> None:
        self._equaliser = Equaliser(sample_rate)

    def turn(self, knobs: dict[str, float]) -> None:
        self._equaliser.turn(**knobs)

    def process(self, block: Block) -> None:
        self._equaliser.process(block)

    def reset(self) -> None:
        self._equaliser.reset()


class _Reverb:
    latency_frames = 0

    def __init__(self, sample_rate: int) -> None:
        self._reverb = Reverb(sample_rate)
        self._wet = np.float32(1.0)

    def turn(self, knobs: dict[str, float]) -> None:
        wet = knobs.pop("wet")
        self._wet = np.float32(wet)
        self._reverb.turn(**knobs)

    def process(self, block: Block) -> None:
        made = self._reverb.process(block)
        made *= self._wet
        block *= np.float32(1.0) - self._wet
        block += made

    def reset(self) -> None:
        self._reverb.reset()


class _Limiter:
    latency_frames = Limiter.latency_frames

    def __init__(self, sample_rate: int) -> None:
        self._limiter = Limiter(sample_rate)

    def turn(self, knobs: dict[str, float]) -> None:
        self._limiter.turn(float(gain(knobs["ceiling_db"])), knobs["release_ms"] / 1000.0)

    def process(self, block: Block) -> None:
        self._limiter.process(block)

    def reset(self) -> None:
        self._limiter.reset()


class _Unknown:
    """A device this program cannot run: sound passes, as late as it says."""

    def __init__(self, frames: int) -> None:
        self.latency_frames = frames
        self._delay = Delay(frames, WINDOW_FRAMES)

    def turn(self, knobs: dict[str, float]) -> None:
        pass

    def process(self, block: Block) -> None:
        self._delay.process(block, block)

    def reset(self) -> None:
        self._delay.reset()


_NATIVE: dict[str, tuple[Callable[[], Any], dict[str, tuple[str, float]]]] = {
    "compressor": (
        pedalboard.Compressor,
        {name: (name, 1.0) for name in ("threshold_db", "ratio", "attack_ms", "release_ms")},
    ),
    "delay": (
        lambda: pedalboard.Delay(mix=1.0),
        {"time_ms": ("delay_seconds", 0.001), "feedback": ("feedback", 1.0)},
    ),
    "chorus": (
        lambda: pedalboard.Chorus(mix=1.0),
        {"rate_hz": ("rate_hz", 1.0), "depth": ("depth", 1.0)},
    ),
    "saturation": (pedalboard.Distortion, {"drive_db": ("drive_db", 1.0)}),
}
_OWN: dict[str, Callable[[int], Effect]] = {
    "eq": _Equaliser,
    "reverb": _Reverb,
    "limiter": _Limiter,
}


def make_effect(device: Device, sample_rate: int) -> Effect:
    """The effect of `device.kind`, as its parameters say."""
    effect: Effect
    if device.kind in _NATIVE:
        make, names = _NATIVE[device.kind]
        effect = _Native(make(), sample_rate, names)
    elif device.kind in _OWN:
        effect = _OWN[device.kind](sample_rate)
    else:
        return _Unknown(device.latency_frames)
    effect.turn(knobs_of(device))
    effect.reset()
    return effect


class Slot:
    """A device at work in a chain: its effect, its knobs, and how much of it is heard."""

    def __init__(self, device: Device, sample_rate: int, fades_in: bool = False) -> None:
        self.device = device
        self.effect = make_effect(device, sample_rate)
        self._knobs = knobs_of(device)
        self._late = (
            Delay(self.effect.latency_frames, WINDOW_FRAMES) if self.effect.latency_frames else None
        )
        self.heard = Ramp(0.0 if device.bypassed or fades_in else 1.0)
        self.heard.move(0.0 if device.bypassed else 1.0)

    def follow(self, device: Device) -> None:
        """Take over another plan's parameters of the same device."""
        if device.parameters != self.device.parameters:
            self._knobs = knobs_of(device)
            self.effect.turn(dict(self._knobs))
        self.device = device
        self.heard.move(0.0 if device.bypassed else 1.0)

    def turn(self, name: str, value: float) -> None:
        """Turn one knob; unknown names do nothing."""
        found = next((p for p in PARAMETERS.get(self.device.kind, ()) if p.name == name), None)
        if found is not None and self._knobs[name] != value:
            self._knobs[name] = min(max(value, found.low), found.high)
            self.effect.turn(dict(self._knobs))

    def reset(self) -> None:
        self.effect.reset()
        if self._late is not None:
            self._late.reset()

    def process(self, block: Block) -> None:
        steps = block.shape[1] // GRID_FRAMES
        if self.heard.steady and self.heard.goal == 1.0 and self._late is None:
            self.effect.process(block)
            return
        dry = block.copy()
        if self._late is not None:
            self._late.process(dry, dry)
        if self.heard.steady and self.heard.goal == 0.0:
            block[:] = dry
            return
        self.effect.process(block)
        if not self.heard.steady:
            part = sloped(self.heard.values(steps)[None])
            block *= part
            block += dry * (np.float32(1.0) - part)


class Chain:
    """The effects of one strip, in order.

    Args:
        earlier: The strip's chain so far. Effects of the same device and kind go on; those that
            are no longer wanted fade out where they stood, and new ones fade in.
    """

    def __init__(
        self, devices: Sequence[Device], sample_rate: int, earlier: Chain | None = None
    ) -> None:
        before: list[Slot] = earlier.slots if earlier is not None else []
        known: dict[tuple[str, str], Slot | None] = {
            (slot.device.id, slot.device.kind): slot for slot in before
        }
        self._wanted = devices
        self.slots: list[Slot] = []
        for device in devices:
            slot = known.pop((device.id, device.kind), None)
            self.slots.append(slot or Slot(device, sample_rate, earlier is not None))
        self._leaving: list[Slot] = [
            slot for slot in known.values() if slot is not None and not _gone(slot)
        ]
        self.latency_frames = sum(slot.effect.latency_frames for slot in self.slots)

    def start(self) -> None:
        """Begin to sound as planned; belongs to the thread that renders."""
        for slot, device in zip(self.slots, self._wanted, strict=True):
            slot.follow(device)
        for slot in self._leaving:
            slot.heard.move(0.0)

    def turn(self, device: str, name: str, value: float) -> bool:
        """Turn a knob by hand. False where there is no such device."""
        for slot in self.slots:
            if slot.device.id == device:
                slot.turn(name, value)
                return True
        return False

    def reset(self) -> None:
        """Let nothing of what sounded be left."""
        for slot in (*self.slots, *self._leaving):
            slot.reset()

    def process(self, block: Block, frames: Frames, lanes: Sequence[Lane]) -> None:
        """Change `block` in place; `frames` are the song frames at the borders of its steps."""
        moving = {lane.parameter.partition(":")[0]: lane for lane in lanes if ":" in lane.parameter}
        for slot in self.slots:
            if slot.device.id in moving:
                self._process_moving(slot, block, frames, lanes)
            else:
                slot.process(block)
        for slot in self._leaving:
            slot.process(block)
        if self._leaving and all(map(_gone, self._leaving)):
            self._leaving = []

    @staticmethod
    def _process_moving(slot: Slot, block: Block, frames: Frames, lanes: Sequence[Lane]) -> None:
        """Knobs under automation are turned at the border of each step."""
        own = [lane for lane in lanes if lane.parameter.partition(":")[0] == slot.device.id]
        for index in range(block.shape[1] // GRID_FRAMES):
            for lane in own:
                slot.turn(
                    lane.parameter.partition(":")[2], float(lane.at(frames[index : index + 1])[0])
                )
            slot.process(block[:, index * GRID_FRAMES : (index + 1) * GRID_FRAMES])


def _gone(slot: Slot) -> bool:
    return slot.heard.steady and slot.heard.goal == 0.0
