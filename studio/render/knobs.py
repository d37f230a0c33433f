"""What can be turned on each kind of effect."""

from __future__ import annotations

from dataclasses import dataclass

from studio.domain.device import Device


@dataclass(frozen=True, slots=True)
class Parameter:
    """A knob: its name, where it stands at first, how far it turns, and its unit."""

    name: str
    default: float
    low: float
    high: float
    unit: str = ""


_WET = Parameter("wet", 1.0, 0.0, 1.0)
PARAMETERS: dict[str, tuple[Parameter, ...]] = {
    "eq": (
        Parameter("low_cut_hz", 20.0, 20.0, 2000.0, "Hz"),
        Parameter("low_db", 0.0, -18.0, 18.0, "dB"),
        Parameter("low_hz", 120.0, 30.0, 600.0, "Hz"),
        Parameter("mid_db", 0.0, -18.0, 18.0, "dB"),
        Parameter("mid_hz", 1000.0, 100.0, 10000.0, "Hz"),
        Parameter("mid_q", 1.0, 0.2, 10.0),
        Parameter("high_db", 0.0, -18.0, 18.0, "dB"),
        Parameter("high_hz", 6000.0, 1000.0, 16000.0, "Hz"),
    ),
    "compressor": (
        Parameter("threshold_db", -18.0, -60.0, 0.0, "dB"),
        Parameter("ratio", 3.0, 1.0, 20.0, ":1"),
        Parameter("attack_ms", 10.0, 0.1, 200.0, "ms"),
        Parameter("release_ms", 120.0, 5.0, 2000.0, "ms"),
        Parameter("makeup_db", 0.0, 0.0, 24.0, "dB"),
    ),
    "reverb": (
        Parameter("decay_seconds", 1.8, 0.2, 10.0, "s"),
        Parameter("predelay_ms", 18.0, 0.0, 120.0, "ms"),
        Parameter("damping_hz", 6500.0, 1000.0, 18000.0, "Hz"),
        Parameter("low_cut_hz", 180.0, 20.0, 1000.0, "Hz"),
        Parameter("wet", 0.25, 0.0, 1.0),
    ),
    "delay": (
        Parameter("time_ms", 375.0, 5.0, 2000.0, "ms"),
        Parameter("feedback", 0.35, 0.0, 0.95),
        Parameter("wet", 0.25, 0.0, 1.0),
    ),
    "chorus": (
        Parameter("rate_hz", 0.8, 0.05, 8.0, "Hz"),
        Parameter("depth", 0.25, 0.0, 1.0),
        Parameter("wet", 0.5, 0.0, 1.0),
    ),
    "saturation": (
        Parameter("drive_db", 6.0, 0.0, 36.0, "dB"),
        _WET,
    ),
    "limiter": (
        Parameter("ceiling_db", -1.0, -24.0, 0.0, "dB"),
        Parameter("release_ms", 100.0, 5.0, 1000.0, "ms"),
    ),
}
LINEAR = frozenset({"eq", "reverb", "delay", "chorus"})  # a sum of sounds gives the sum of results


def knobs_of(device: Device) -> dict[str, float]:
    """All of the device's parameters, within their ranges; those it does not say, at their
    defaults."""
    said = dict(device.parameters)
    return {
        p.name: min(max(said.get(p.name, p.default), p.low), p.high)
        for p in PARAMETERS.get(device.kind, ())
    }
