"""How long sound takes out of the machine and back in, measured with a click."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LISTEN_SECONDS = 1.0
_LEAD_SECONDS = 0.1
_CLICK_SECONDS = 0.04
_LEVEL = 0.25
_LOW_HZ, _HIGH_HZ = 300.0, 8000.0
_CERTAIN = 8.0  # times the usual correlation that a click stands out by

Samples = npt.NDArray[np.float32]


class Probe:
    """Adds one click to what is played.

    Attributes:
        stream_frame: Where the click begins.
        over: The stream frame at which listening ends.
    """

    def __init__(self, sample_rate: int, stream_frame: int) -> None:
        self.click = click(sample_rate)
        self.stream_frame = stream_frame + round(_LEAD_SECONDS * sample_rate)
        self.over = self.stream_frame + round(LISTEN_SECONDS * sample_rate)

    def add(self, out: Samples, stream_frame: int) -> None:
        """Add what falls into a block, float32 [frames, 2], that begins at `stream_frame`."""
        first = max(self.stream_frame - stream_frame, 0)
        since = stream_frame + first - self.stream_frame
        part = self.click[since : since + max(len(out) - first, 0)]
        out[first : first + len(part)] += part[:, None]


def click(sample_rate: int) -> Samples:
    """A short falling sweep, whose correlation with itself has one narrow peak."""
    seconds = np.arange(round(_CLICK_SECONDS * sample_rate)) / sample_rate
    share = seconds / _CLICK_SECONDS
    ratio = _LOW_HZ / _HIGH_HZ
    phase = 2 * np.pi * _HIGH_HZ * _CLICK_SECONDS * (ratio**share - 1) / np.log(ratio)
    sweep: Samples = (_LEVEL * np.sin(phase) * np.sin(np.pi * share) ** 2).astype(np.float32)
    return sweep


def found_at(heard: Samples, played: Samples) -> int | None:
    """The frame of `heard` (shape [frames, channels]) at which `played` (shape [frames]) begins.

    None where it is not in there: the highest peak of the cross-correlation, of whichever sign and
    channel, must stand well above what is usual.
    """
    size = 1 << (len(heard) + len(played)).bit_length()
    spectrum = np.conj(np.fft.rfft(played, size))[:, None]
    both = np.fft.irfft(np.fft.rfft(heard, size, axis=0) * spectrum, size, axis=0)
    strength = np.abs(both[: len(heard)])
    best, usual = strength.max(axis=0), np.sqrt(np.mean(strength**2, axis=0))
    channel = int(best.argmax())
    if best[channel] < 1e-6 or best[channel] < _CERTAIN * usual[channel]:
        return None
    return int(strength[:, channel].argmax())
