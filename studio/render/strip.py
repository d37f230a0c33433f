"""A mixer strip's moving parts: gains that ramp, and delays that line paths up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.domain.track import TrackId
from studio.dsp.levels import gain, pan_gains
from studio.render.fluid import GRID_FRAMES
from studio.render.plan import TrackPlan
from studio.render.tables import Lane

Values = npt.NDArray[np.float64]
Frames = npt.NDArray[np.int64]
Gains = npt.NDArray[np.float32]  # [1 or 2 channels, 1 while nothing moves, else frames]

RAMP_STEPS = 8  # a change takes 8 steps of 64 frames: 11 ms at 48 kHz
OPEN, CLOSED = np.ones((1, 1), np.float32), np.zeros((1, 1), np.float32)
_SLOPE = np.arange(GRID_FRAMES, dtype=np.float64) / GRID_FRAMES


class Ramp:
    """A number that goes to its goal in a straight line over `RAMP_STEPS` steps."""

    def __init__(self, value: float) -> None:
        self._start = self.goal = value
        self._step = RAMP_STEPS

    @property
    def steady(self) -> bool:
        return self._step >= RAMP_STEPS

    def move(self, goal: float) -> None:
        if goal != self.goal:
            self._start, self.goal, self._step = self._at(self._step), goal, 0

    def put(self, value: float) -> None:
        """Be there at once."""
        self.goal, self._step = value, RAMP_STEPS

    def values(self, steps: int) -> Values:
        """The values at the next `steps` + 1 borders, shape [steps + 1]; the last one is where we
        are then."""
        found = np.array([self._at(self._step + index) for index in range(steps + 1)])
        self._step = min(self._step + steps, RAMP_STEPS)
        return found

    def _at(self, step: int) -> float:
        if step >= RAMP_STEPS:
            return self.goal
        return self._start + (self.goal - self._start) * (step / RAMP_STEPS)


class Control:
    """One of a strip's parameters: where the plan, its automation or a hand puts it."""

    def __init__(self, value: float) -> None:
        self.planned = value
        self.ramp = Ramp(value)
        self.by_hand = False

    def follow(self, value: float) -> None:
        """Go where another plan has it; a hand on it is let go only if the plan changed it."""
        if value != self.planned:
            self.planned, self.by_hand = value, False
            self.ramp.move(value)

    def hold(self, value: float) -> None:
        self.by_hand = True
        self.ramp.move(value)


class Strip:
    """Fader, pan, mute and sends of one track.

    Volumes and send levels ramp as amplitudes, pans as positions.
    """

    def __init__(self, track: TrackPlan) -> None:
        self.volume = Control(float(gain(track.volume_db)))
        self.pan = Control(track.pan)
        self.mute = Control(float(track.muted))
        self.solo = Control(float(track.soloed))
        self.sends = {send.bus: Control(float(gain(send.level_db))) for send in track.sends}
        self.open = Ramp(0.0 if track.muted else 1.0)
        self.direct = Ramp(1.0)  # 0 while another track is soloed: nothing straight to the master
        self.send_open = {send.bus: Ramp(1.0) for send in track.sends}
        self._opening: Values | None = None  # `open` over this run, None while it stands still
        self._settled = False  # nothing has moved since the last run, nor will by itself
        self._lanes: dict[str, Lane] = {}
        self.follow(track)

    def follow(self, track: TrackPlan) -> None:
        """Take over what another plan says of the same track."""
        self.track = track
        self._settled = False
        before, self._lanes = (
            self._lanes,
            {
                lane.parameter: lane
                for lane in track.lanes
                if lane.parameter in ("volume", "pan") or lane.parameter.startswith("send:")
            },
        )
        self.volume.follow(float(gain(track.volume_db)))
        self.pan.follow(track.pan)
        for parameter, control in (("volume", self.volume), ("pan", self.pan)):
            if self._lanes.get(parameter) is not before.get(parameter):
                control.by_hand = False  # another line was drawn: it has its way again
        self.mute.follow(float(track.muted))
        self.solo.follow(float(track.soloed))
        self.sends = {s.bus: self.sends.get(s.bus) or Control(0.0) for s in track.sends}
        self.send_open = {s.bus: self.send_open.get(s.bus) or Ramp(1.0) for s in track.sends}
        for send in track.sends:
            self.sends[send.bus].follow(float(gain(send.level_db)))
        sent = (control.ramp for control in self.sends.values())
        self._ramps = (
            self.volume.ramp,
            self.pan.ramp,
            self.direct,
            *sent,
            *self.send_open.values(),
        )

    def hold(self, which: str, value: float) -> bool:
        """Move a parameter by hand. False if the strip has none of that name."""
        self._settled = False
        simple = {"pan": self.pan, "mute": self.mute, "solo": self.solo}
        if which == "volume":
            self.volume.hold(float(gain(value)))
        elif which in simple:
            simple[which].hold(value)
        elif which.startswith("send:") and TrackId(which[5:]) in self.sends:
            self.sends[TrackId(which[5:])].hold(float(gain(value)))
        else:
            return False
        return True

    def begin(self, frames: Frames) -> bool:
        """Start a run whose steps have their borders at these song frames, shape [steps + 1].

        Returns:
            Whether nothing moves.
        """
        if self._settled:
            return True
        self._opening = None if self.open.steady else self.open.values(len(frames) - 1)
        still = self._opening is None and all(ramp.steady for ramp in self._ramps)
        self._settled = still and not self._lanes
        return self._settled

    def gate(
        self, is_open: bool, straight: bool, sends: Mapping[TrackId, bool], at_once: bool
    ) -> None:
        """Open or close what mute and solo say: all of it, the way to the master, and each send."""
        self._settled = False
        gates = [(self.open, is_open), (self.direct, straight)]
        gates += [(self.send_open[bus], through) for bus, through in sends.items()]
        for ramp, through in gates:
            (ramp.put if at_once else ramp.move)(float(through))

    def fader(self, frames: Frames) -> Gains:
        """Left and right factors of this run."""
        lanes, volume, pan = self._lanes, self.volume.ramp, self.pan.ramp
        moving = "volume" in lanes or "pan" in lanes or not (volume.steady and pan.steady)
        if not moving and self._opening is None:
            level = volume.goal * pan_gains(pan.goal) * self.open.goal
            return level.astype(np.float32)[:, None]
        levels = self._values("volume", self.volume, frames)
        pans = self._values("pan", self.pan, frames)
        return sloped(levels * pan_gains(pans) * self._openness())

    def send(self, bus: TrackId, frames: Frames, pre_fader: bool) -> Gains:
        """The one factor of this run for both channels of a send."""
        control, through = self.sends[bus], self.send_open[bus]
        opening = self._openness() if pre_fader else 1.0
        still = control.ramp.steady and through.steady and f"send:{bus}" not in self._lanes
        if still and isinstance(opening, float):
            level = control.ramp.goal * through.goal * opening
            return np.array([[level]], np.float32)
        values = self._values(f"send:{bus}", control, frames) * through.values(len(frames) - 1)
        return sloped((values * opening)[None])

    def straight(self, frames: Frames) -> Gains:
        """The one factor of this run for what goes to the master; `OPEN` itself where it is 1."""
        if not self.direct.steady:
            return sloped(self.direct.values(len(frames) - 1)[None])
        return OPEN if self.direct.goal else CLOSED

    def _openness(self) -> Values | float:
        return self.open.goal if self._opening is None else self._opening

    def _values(self, parameter: str, control: Control, frames: Frames) -> Values:
        lane = self._lanes.get(parameter)
        moved = control.ramp.values(len(frames) - 1)
        if lane is None or control.by_hand:
            return moved
        values = lane.at(frames)
        return values if parameter == "pan" else gain(values)


def sloped(borders: Values) -> Gains:
    """Straight lines between the values at borders of steps: [rows, steps + 1] to [rows,
    frames]."""
    start, rise = borders[:, :-1, None], np.diff(borders)[:, :, None]
    return (start + rise * _SLOPE).reshape(len(borders), -1).astype(np.float32)


def scale(block: npt.NDArray[np.float32], gains: Gains, out: npt.NDArray[np.float32]) -> None:
    """Write `block` (shape [2, n]) times `gains` to `out`."""
    np.multiply(block, gains, out=out)


class Delay:
    """Holds stereo sound back by a fixed number of frames."""

    def __init__(self, frames: int, longest: int) -> None:
        self.frames = frames
        self._line = np.zeros((2, frames + longest), np.float32)

    def reset(self) -> None:
        self._line[:] = 0.0

    def process(self, block: npt.NDArray[np.float32], out: npt.NDArray[np.float32]) -> None:
        """Write the delayed `block` (shape [2, n]) to `out`, which may be `block`."""
        frames = block.shape[1]
        self._line[:, self.frames : self.frames + frames] = block
        out[:] = self._line[:, :frames]
        self._line[:, : self.frames] = self._line[:, frames : frames + self.frames].copy()


def delay(frames: int, longest: int, earlier: Any = None) -> Delay | None:
    """A delay, the `earlier` one where it is as long, or None for no frames."""
    if not frames:
        return None
    return (
        earlier
        if isinstance(earlier, Delay) and earlier.frames == frames
        else Delay(frames, longest)
    )
