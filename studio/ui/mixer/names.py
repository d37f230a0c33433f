"""What the window calls effects and their knobs."""

from __future__ import annotations

from studio.domain.device import Device
from studio.ui.tr import tr

EFFECTS = {
    "eq": "Equaliser",
    "compressor": "Compressor",
    "reverb": "Reverb",
    "delay": "Delay",
    "chorus": "Chorus",
    "saturation": "Saturation",
    "limiter": "Limiter",
}
_UNITS = {"hz", "db", "ms", "seconds"}


def title_of(device: Device) -> str:
    """What the window calls a device."""
    known = EFFECTS.get(device.kind)
    return tr(known) if known is not None else device.kind.capitalize()


def knob_name(parameter: str) -> str:
    """`low_cut_hz` as `Low cut`: the unit stands beside the number."""
    words = [word for word in parameter.split("_") if word not in _UNITS]
    frequency = parameter.endswith("_hz") and words in (["low"], ["mid"], ["high"])
    said = " ".join([*words, "frequency"] if frequency else words).capitalize()
    return tr(said.replace(" q", " Q"))
